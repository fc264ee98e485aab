//go:build !linux

package bench

import "syscall"

// withParent does nothing where the system has no such signal.
func withParent(*syscall.SysProcAttr) {}
