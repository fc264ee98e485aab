package config

import (
	"embed"
	"io/fs"
)

//go:embed all:macao
var macao embed.FS

// Macao is the folder of the sample catalogue of Macao and Hengqin, as
// docs/catalogue.md describes it. It is used when no VEZ_CATALOGUE is set.
func Macao() fs.FS {
	sub, err := fs.Sub(macao, "macao")
	if err != nil { // the name is a constant: it cannot fail
		panic(err)
	}
	return sub
}

//go:embed vez.sample.yaml
var sample string

// Sample is the fully commented settings file, equal to the defaults.
func Sample() string { return sample }
