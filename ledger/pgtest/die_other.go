//go:build !linux

package pgtest

import "syscall"

// dieWithUs does nothing where the system has no such signal: a killed test
// process leaves its server behind.
func dieWithUs(*syscall.SysProcAttr) {}
