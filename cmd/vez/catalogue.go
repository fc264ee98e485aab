package main

import (
	"fmt"
	"io/fs"
	"os"

	"vez/config"
	"vez/office"
	"vez/office/catalogue"
)

// catalogueFiles is the folder that the settings name, or the sample of Macao.
func catalogueFiles(s config.Settings) fs.FS {
	if s.Catalogue == "" {
		return config.Macao()
	}
	return os.DirFS(s.Catalogue)
}

// openCatalogue loads the catalogue or says how many mistakes keep it from being used.
func openCatalogue(s config.Settings) (*office.Catalogue, error) {
	cat, mistakes := catalogue.Load(catalogueFiles(s))
	if !catalogue.Failed(mistakes) {
		return cat, nil
	}
	for _, m := range mistakes {
		fmt.Fprintln(os.Stderr, config.Mistake(m))
	}
	return nil, fmt.Errorf("the catalogue has mistakes; vez check lists them with their remedies")
}
