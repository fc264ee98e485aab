package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"vez/fault"
	"vez/ledger"
	"vez/ledger/ledgertest"
)

func TestAFullDiskIsToldLosesNothingAndHealsWithoutARestart(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	d := open(t, ledgertest.Place{Config: ledger.Config{Dir: dir}})
	if err := issue(d, "dsi", "first"); err != nil {
		t.Fatal(err)
	}
	fill(t, filepath.Join(dir, "ballast"))
	acked, err := 1, error(nil)
	for err == nil && acked < 100000 {
		if err = issue(d, "dsi", fmt.Sprint("t", acked)); err == nil {
			acked++
		}
	}
	wantCode(t, err, fault.DiskFull)
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	if err := issue(d, "dsi", "after"); err != nil {
		t.Fatal(err)
	}
	sound(t, d, "dsi", acked+1)
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = f.Write(block)
	}
}
