//go:build !linux

package queue

import "syscall"

// withParent does nothing here: a child of a process that was killed is found
// by its socket and ended by the operator.
func withParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
