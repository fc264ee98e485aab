package ledger

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"vez/fault"
)

// remoteDisks are the file systems on which SQLite's locks and its write-ahead
// log, which is shared memory, do not hold (sqlite.org/wal.html, "Disadvantages").
var remoteDisks = map[uint32]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "CIFS",
}

// diskKind is the magic number of the file system that a folder lies on.
var diskKind = func(dir string) (uint32, error) {
	var s unix.Statfs_t
	err := unix.Statfs(dir, &s)
	return uint32(s.Type), err //nolint:gosec // magic numbers have 32 bits
}

// ownDisk refuses a folder on a network disk.
func ownDisk(dir string) error {
	kind, err := diskKind(dir)
	if remote := remoteDisks[kind]; err == nil && remote != "" { // what cannot be asked, opening will tell
		return fault.New(fault.Configuration, "remedy", "name a folder on a disk of this machine with --data, or keep the ledger in PostgreSQL (VEZ_DATABASE)").
			Because(fmt.Errorf("%s is on a network disk (%s), where SQLite loses changes", dir, remote))
	}
	return nil
}

// SameDisk tells whether a file lies on the device that the ledger lies on,
// where that is known.
func (d *DB) SameDisk(path string) bool {
	if d.cfg.URL != "" {
		return false
	}
	var here, there unix.Stat_t
	return unix.Stat(filepath.Join(d.cfg.Dir, liteFile), &here) == nil && unix.Stat(path, &there) == nil && here.Dev == there.Dev
}

// uncache lets the next reading of a synced file come from its disk.
func uncache(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
