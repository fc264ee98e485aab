package porttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// Ports are drawn from here. The system gives the ports of outgoing connections,
// and those asked for as 0, from 32768 up: none of these is taken by chance
// while a server is down.
const lowest, above = 10000, 32000

// tries bounds the drawing; few ports of a machine are in use.
const tries = 1000

// given are the ports that this process has had, so that it gets none twice.
var given struct {
	sync.Mutex
	ports map[int]bool
}

// Port gives a free TCP port of 127.0.0.1 such that port+n is free as well for
// each n in also; none of them is given again to this process.
func Port(t testing.TB, also ...int) int {
	t.Helper()
	port, err := Find(also...)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Find is Port for who has no test at hand.
func Find(also ...int) (int, error) {
	given.Lock()
	defer given.Unlock()
	if given.ports == nil {
		given.ports = map[int]bool{}
	}
	offsets := append([]int{0}, also...)
	var err error
	for range tries {
		port := lowest + rand.IntN(above-lowest-slices.Max(offsets))
		if err = probe(port, offsets); err == nil {
			for _, n := range offsets {
				given.ports[port+n] = true
			}
			return port, nil
		}
	}
	return 0, fmt.Errorf("porttest: no port is free: %w", err)
}

// probe tells why a port, or one at an offset from it, is not free.
func probe(port int, offsets []int) error {
	for _, n := range offsets {
		if given.ports[port+n] {
			return fmt.Errorf("port %d was given before", port+n)
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+n)))
		if err != nil {
			return err
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}
