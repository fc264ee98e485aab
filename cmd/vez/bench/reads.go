package bench

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"vez/hall"
	"vez/identity"
)

// readers is how many connections read at once.
const readers = 16

// waitingHere is how many people wait in the hall that is read.
const waitingHere = 40

// reads compares live reads with an empty handler of the same framework.
func (b *Bench) reads() ([]Row, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	var last hall.Issued
	for range waitingHere {
		if last, err = x.Hall.Issue(b.ctx, hall.Act{Actor: "device:bench"}, hall.IssueRequest{Office: benchAt, Queue: benchQueue, Lang: "en"}); err != nil {
			return nil, err
		}
	}
	kiosk, err := b.token(x, identity.Device, "kiosk", benchAt, "kiosk")
	if err != nil {
		return nil, err
	}
	board, err := b.token(x, identity.Device, "board", benchAt, "board")
	if err != nil {
		return nil, err
	}
	e, err := b.emptyHandler()
	if err != nil {
		return nil, err
	}
	defer e.end()
	var rows []Row
	for _, r := range []read{
		{"position of a ticket", kiosk, "/api/v1/tickets/" + last.Ticket.ID, 0.5},
		{"figures of an office's queues", kiosk, "/api/v1/offices/" + benchAt + "/queues", 0.5},
		{"a ticket's page, in HTML", "", "/t/" + last.Link, 0},
		{"a board's page, in HTML", board, "/board/" + benchAt, 0},
	} {
		row, err := b.compare(x.Addr, e, r)
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	row, err := b.snapshots(x.Addr, board, e)
	return append(rows, row), err
}

// read is a request that is made again and again.
type read struct {
	what, token, path string
	least             float64
}

// compare measures a read and the empty handler in turn.
func (b *Bench) compare(addr string, e *empty, r read) (Row, error) {
	return b.inTurn("reads/s: "+r.what, r.least, "an empty handler",
		func(lasts time.Duration) (loaded, error) {
			return b.send(job{Lasts: lasts, Connections: readers, Ask: &request{addr, r.token, "GET", r.path, ""}})
		},
		func(lasts time.Duration) (loaded, error) { return e.gets(readers, lasts) })
}

// inTurn measures two loads in turn and compares them.
func (b *Bench) inTurn(what string, least float64, against string, do, base func(time.Duration) (loaded, error)) (Row, error) {
	var d duel
	for range rounds {
		lasts := b.lasts / rounds / 2
		if err := d.turn(func() (loaded, error) { return do(lasts) }, func() (loaded, error) { return base(lasts) }); err != nil {
			return Row{}, err
		}
	}
	return d.row(what, least, against), nil
}

// snapshots measures how fast boards that open get their whole picture: each
// is a stream, hence a connection of its own, and so is what it is compared with.
func (b *Bench) snapshots(addr, token string, e *empty) (Row, error) {
	opening := func(addr, path, end string) func(time.Duration) (loaded, error) {
		return func(lasts time.Duration) (loaded, error) {
			return load(readers, lasts, func(_ int, stop *atomic.Bool, took *[]time.Duration) error {
				return until(stop, func() error {
					return timed(took, func() error { return firstWords(addr, path, token, end) })
				})
			})
		}
	}
	return b.inTurn("reads/s: a board's snapshot, as its stream opens", 0.5, "an empty handler, a connection each",
		opening(addr, "/live/board/"+benchAt, "data:"), opening(e.addr, "/", "\r\n"))
}

// firstWords opens a connection, asks, and reads to a line that begins so.
func firstWords(addr, path, token, end string) error {
	conn, err := stream(addr, path, token)
	if err != nil {
		return err
	}
	defer conn.Close()
	return lines(conn, func(line string) bool { return !strings.HasPrefix(line, end) })
}

// stream opens a live stream.
func stream(addr, path, token string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr) //nolint:noctx // a load generator's own connection
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: vez\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
	return conn, err
}

// lines hands over each line until hear has enough.
func lines(conn net.Conn, hear func(line string) bool) error {
	r := bufio.NewReaderSize(conn, 4096)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if !hear(line) {
			return nil
		}
	}
}
