package ledger_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"vez/fault"
	"vez/ledger"
)

// disk mounts a small disk.
func disk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestABackupOntoAFullDiskLeavesNoFile(t *testing.T) {
	d, _ := small(t)
	dir := disk(t, "64k")
	fill(t, filepath.Join(dir, "ballast"))
	_, err := d.Backup(t.Context(), filepath.Join(dir, "backup.tar"), ledger.BackupOptions{})
	wantCode(t, err, fault.DiskFull)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left on the disk: %v %v", left, err)
	}
}

func TestARestoreOntoAFullDiskLeavesNothing(t *testing.T) {
	_, path := small(t)
	a, err := ledger.OpenArchive(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	dir := disk(t, "64k")
	_, err = ledger.Restore(t.Context(), a, clocks(ledger.Config{Dir: dir}), ledger.RestoreOptions{})
	wantCode(t, err, fault.DiskFull)
	empty(t, dir)
}

func TestABackupOnTheLedgersOwnDiskIsKnown(t *testing.T) {
	d, path := small(t)
	if !d.SameDisk(path) {
		t.Error("a file beside the ledger is said to be on another disk")
	}
	if d.SameDisk(disk(t, "64k")) {
		t.Error("another disk is said to be the ledger's")
	}
}
