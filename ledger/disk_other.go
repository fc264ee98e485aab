//go:build !linux

package ledger

import "os"

// SameDisk is not known here.
func (*DB) SameDisk(string) bool { return false }

func uncache(*os.File) {}

// ownDisk cannot tell here.
func ownDisk(string) error { return nil }
