package admin

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/hall"
	"vez/hall/halltest"
	"vez/printer"
	"vez/ticket"
)

// slowHall reads papers when it is let.
type slowHall struct {
	Hall
	asked chan string
	let   chan struct{}
	slow  string // the ticket whose papers take their time
}

func (s *slowHall) PrintJobs(ctx context.Context, ref string) ([]hall.PrintJob, error) {
	if ref != s.slow {
		return nil, nil
	}
	s.asked <- ref
	select {
	case <-s.let:
		return []hall.PrintJob{{Kind: string(printer.KindTicket), State: string(printer.Failed), Reason: string(fault.PaperOut)}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestALedgerThatIsSlowForOneKeepsNobodyElseWaiting(t *testing.T) {
	cat, clock := halltest.Macao(), clockwork.NewFakeClockAt(halltest.At("09:30"))
	s := &slowHall{Hall: halltest.New(t, halltest.Config{Start: halltest.At("09:30")}).Hall, asked: make(chan string), let: make(chan struct{}), slow: "t1"}
	r := &room{Deps: Deps{Hall: s, Machine: clock}}
	one, other := place{office: cat.Office(hallID)}, place{office: cat.Office("iam-main")}
	type read struct {
		papers []lostPaper
		err    error
	}
	look := func(ctx context.Context, p place, ref string) <-chan read {
		out := make(chan read, 1)
		go func() {
			papers, err := r.lost.of(ctx, r, p, []ticket.Ticket{{ID: ref, Number: "A1"}})
			out <- read{papers, err}
		}()
		return out
	}
	wait := func(what string, from <-chan read) read {
		t.Helper()
		select {
		case x := <-from:
			return x
		case <-time.After(10 * time.Second):
			t.Fatalf("%s waits", what)
			return read{}
		}
	}

	first := look(t.Context(), one, "t1")
	<-s.asked
	if x := wait("another office", look(t.Context(), other, "t2")); x.err != nil || len(x.papers) != 0 {
		t.Errorf("%+v", x)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if x := wait("who has left", look(gone, one, "t1")); !errors.Is(x.err, context.Canceled) {
		t.Errorf("%+v", x)
	}
	s.let <- struct{}{}
	was := wait("the first", first)
	if was.err != nil || len(was.papers) != 1 || was.papers[0].Reason == "" {
		t.Fatalf("%+v", was)
	}

	clock.Advance(2 * lostEvery)
	again := look(t.Context(), one, "t1")
	<-s.asked
	if x := wait("a later comer", look(t.Context(), one, "t1")); x.err != nil || !slices.Equal(x.papers, was.papers) {
		t.Errorf("%+v", x)
	}
	s.let <- struct{}{}
	if x := wait("who reads", again); x.err != nil || len(x.papers) != 1 {
		t.Errorf("%+v", x)
	}
	if x := wait("what was just read", look(t.Context(), one, "t1")); x.err != nil || len(x.papers) != 1 {
		t.Errorf("%+v", x)
	}
}
