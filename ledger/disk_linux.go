package ledger

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

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
