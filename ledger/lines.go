package ledger

import (
	"context"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// lines are the network connections of a hub to its database, so that all can
// be cut when nothing comes on them any more. The nil lines keep none.
type lines struct {
	mu   sync.Mutex
	open map[*line]struct{}
}

func newLines() *lines { return &lines{open: map[*line]struct{}{}} }

// line is one of them.
type line struct {
	net.Conn
	of *lines
}

// Close ends it and forgets it.
func (l *line) Close() error {
	l.of.mu.Lock()
	delete(l.of.open, l)
	l.of.mu.Unlock()
	return l.Conn.Close()
}

// dial keeps what is dialled.
func (ls *lines) dial(to pgconn.DialFunc) pgconn.DialFunc {
	if ls == nil {
		return to
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := to(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l := &line{c, ls}
		ls.mu.Lock()
		defer ls.mu.Unlock()
		ls.open[l] = struct{}{}
		return l, nil
	}
}

// cut closes all: who waits on one is told at once.
func (ls *lines) cut() {
	ls.mu.Lock()
	all := ls.open
	ls.open = map[*line]struct{}{}
	ls.mu.Unlock()
	for l := range all {
		_ = l.Conn.Close()
	}
}
