package queue

import "syscall"

// withParent makes a child end when the thread that started it does.
func withParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
