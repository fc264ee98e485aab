package config

import (
	"io/fs"
	"path"
)

// Disk is what Check needs to know of the machine.
type Disk struct {
	ReadFile func(name string) ([]byte, error)
	IsFolder func(name string) bool
	Open     func(folder string) fs.FS // os.DirFS
}

// Check reads settings and catalogue as vez serve would, and gives every
// mistake in either. src.ReadFile is taken from the disk. catalogue reports on
// a catalogue folder, with files inside it; only cmd may join the two rooms.
func Check(src Sources, disk Disk, catalogue func(fs.FS) []Mistake) (Settings, []Mistake) {
	src.ReadFile = disk.ReadFile
	s, all := Load(src)
	all = append(all, s.CheckServing(disk.IsFolder)...)
	if s.Catalogue != "" && !disk.IsFolder(s.Catalogue) {
		return s, all // told already
	}
	for _, m := range catalogue(s.CatalogueFiles(disk.Open)) {
		m.File = path.Join(s.CatalogueName(), m.File)
		all = append(all, m)
	}
	return s, all
}

// CatalogueFiles is the catalogue's folder: the one that is set, or the sample of Macao.
func (s Settings) CatalogueFiles(open func(folder string) fs.FS) fs.FS {
	if s.Catalogue == "" {
		return Macao()
	}
	return open(s.Catalogue)
}

// CatalogueName names the catalogue's folder for messages.
func (s Settings) CatalogueName() string {
	if s.Catalogue == "" {
		return "config/macao"
	}
	return s.Catalogue
}
