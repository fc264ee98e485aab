package pgtest

import "syscall"

// dieWithUs ends the server with the thread that started it, for test
// processes that are killed before they can clean up.
func dieWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
