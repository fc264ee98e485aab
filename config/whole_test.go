package config

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestCheckTellsMistakesOfSettingsAndCatalogueTogether(t *testing.T) {
	disk := Disk{
		ReadFile: func(string) ([]byte, error) { return nil, errors.New("no such file") },
		IsFolder: func(name string) bool { return name == "/cat" },
		Open:     func(string) fs.FS { return fstest.MapFS{"catalogue.yaml": &fstest.MapFile{}} },
	}
	var read fs.FS
	report := func(files fs.FS) []Mistake {
		read = files
		return []Mistake{{Error, "offices/hall.yaml", 3, "wrong", "right it"}}
	}
	_, all := Check(Sources{Environ: []string{"VEZ_CATALOGUE=/cat", "VEZ_DEMO=1", "VEZ_LISTEN=nowhere"}}, disk, report)
	if len(all) != 2 || all[0].File != "environment" || all[1].File != "/cat/offices/hall.yaml" || all[1].Line != 3 {
		t.Errorf("got %v", all)
	}
	if _, err := fs.Stat(read, "departments/dsi.yaml"); err == nil {
		t.Error("the sample was read instead of the folder that is set")
	}
	_, all = Check(Sources{Environ: []string{"VEZ_DEMO=1"}}, disk, report)
	if len(all) != 1 || all[0].File != "config/macao/offices/hall.yaml" {
		t.Errorf("got %v", all)
	}
	if _, err := fs.Stat(read, "departments/dsi.yaml"); err != nil {
		t.Error("without a folder the sample is read:", err)
	}
	_, all = Check(Sources{Environ: []string{"VEZ_DEMO=1", "VEZ_CATALOGUE=/gone"}}, disk, report)
	if len(all) != 1 || all[0].File != "environment" {
		t.Errorf("a missing folder is told once: %v", all)
	}
}
