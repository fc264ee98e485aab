package bench

import "syscall"

// withParent ends a server with the thread that started it, for a run that is killed.
func withParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGINT }
