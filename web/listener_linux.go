package web

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// giveUpAfter makes writes fail once something sent was not taken for so long,
// whether the other end is gone or only does not read (tcp(7), TCP_USER_TIMEOUT;
// since Linux 5.11 answers to window probes do not count as taking).
func giveUpAfter(conn *net.TCPConn, patience time.Duration) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(patience.Milliseconds()))
	})
}
