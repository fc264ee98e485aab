package porttest

import (
	"net"
	"strconv"
	"testing"
)

func TestPortsAreFreeAndGivenOnce(t *testing.T) {
	seen := map[int]bool{}
	for range 50 {
		port := Port(t, 10000)
		for _, p := range []int{port, port + 10000} {
			if seen[p] {
				t.Errorf("%d was given twice", p)
			}
			seen[p] = true
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			if p < lowest || p >= above {
				t.Errorf("%d is out of bounds", p)
			}
		}
	}
}

func TestAPortInUseIsNotFree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	used := l.Addr().(*net.TCPAddr).Port
	if probe(used, []int{0}) == nil || probe(used-1, []int{0, 1}) == nil {
		t.Errorf("%d is in use, and free", used)
	}
}
