package spooltest

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
)

// Office is where a Backend's tickets are.
const Office = "dsi-main"

// Backend is a store with all that a spooler needs of it.
type Backend struct {
	Jobs   spool.Jobs
	Store  spool.Store
	Leases spool.Leases
	// Ticket gives a ticket at Office with its first paper, asked for somewhere.
	Ticket func(by string) (printer.Job, error)
}

// Contract tells whether a backend keeps what a spooler counts on.
func Contract(t *testing.T, open func(t *testing.T) Backend) {
	t.Run("a job says what was asked, and where", func(t *testing.T) { asked(t, open(t)) })
	t.Run("a job is marked by one hand", func(t *testing.T) { oneHand(t, open(t)) })
	t.Run("a job that is queued again is as new and knows its tries", func(t *testing.T) { queuedAgain(t, open(t)) })
	t.Run("every page of a printer is a job of its own", func(t *testing.T) { pages(t, open(t)) })
	t.Run("documents are kept by kind and owner", func(t *testing.T) { documents(t, open(t)) })
	t.Run("one hub has a lease", func(t *testing.T) { oneLease(t, open(t)) })
}

var ctx = context.Background()

func (b Backend) ticket(t testing.TB, by string) printer.Job {
	t.Helper()
	j, err := b.Ticket(by)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (b Backend) pending(t testing.TB) []spool.Task {
	t.Helper()
	all, err := b.Jobs.Pending(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func asked(t *testing.T, b Backend) {
	first, second := b.ticket(t, "device:k1"), b.ticket(t, "")
	all := b.pending(t)
	if len(all) != 2 || all[0].ID != first.ID || all[1].ID != second.ID {
		t.Fatalf("not the oldest first: %+v", all)
	}
	j := all[0]
	if j.State != printer.Queued || j.By != "device:k1" || j.Office != Office || j.Kind != printer.KindTicket || j.Ref == "" || len(j.Tries) != 0 {
		t.Errorf("%+v", j)
	}
	if _, err := b.Jobs.Job(ctx, "nothing"); fault.CodeOf(err) != fault.UnknownThing {
		t.Errorf("got %v", err)
	}
}

// mark as a spooler does.
func (b Backend) mark(t *testing.T, was spool.Task, edit func(*spool.Task)) (spool.Task, bool) {
	t.Helper()
	next := was
	edit(&next)
	ok, err := b.Jobs.Mark(ctx, was, next)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		next = was
	}
	return next, ok
}

func oneHand(t *testing.T, b Backend) {
	b.ticket(t, "")
	was := b.pending(t)[0]
	var won atomic.Int32
	var wg sync.WaitGroup
	for _, hub := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			next := was
			next.State, next.Hub, next.Printer = printer.Printing, hub, "p"
			ok, err := b.Jobs.Mark(ctx, was, next)
			if err != nil {
				t.Error(err)
			}
			if ok {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	now, err := b.Jobs.Job(ctx, was.ID)
	if err != nil || won.Load() != 1 || now.State != printer.Printing || now.Printer != "p" {
		t.Fatalf("%d hands: %+v, %v", won.Load(), now, err)
	}
	other := now
	other.Hub = "z"
	if _, ok := b.mark(t, other, func(n *spool.Task) { n.State = printer.Printed }); ok {
		t.Error("marked by a hub that does not have it")
	}
	done, ok := b.mark(t, now, func(n *spool.Task) { n.State = printer.Printed })
	if got, err := b.Jobs.Job(ctx, was.ID); err != nil || !ok || got.State != printer.Printed || len(b.pending(t)) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, ok := b.mark(t, now, func(n *spool.Task) { n.State = printer.Unknown }); ok {
		t.Errorf("what was printed became %+v", done)
	}
}

func queuedAgain(t *testing.T, b Backend) {
	b.ticket(t, "")
	was := b.pending(t)[0]
	at := time.Date(2026, 11, 24, 1, 30, 0, 123_000_000, time.UTC)
	j, _ := b.mark(t, was, func(n *spool.Task) { n.State, n.Hub, n.Printer = printer.Printing, "a", "p" })
	j, _ = b.mark(t, j, func(n *spool.Task) { n.State = printer.Unknown })
	j, ok := b.mark(t, j, func(n *spool.Task) {
		n.State, n.Hub, n.Reason, n.Tries = printer.Queued, "", "paper_out", []spool.Try{{Printer: "p", At: at}}
	})
	all := b.pending(t)
	if !ok || len(all) != 1 || all[0].State != printer.Queued || all[0].Reason != "paper_out" {
		t.Fatalf("%v: %+v", ok, all)
	}
	if tries := all[0].Tries; len(tries) != 1 || tries[0].Printer != "p" || !tries[0].At.Equal(at) {
		t.Errorf("%+v", tries)
	}
	if _, ok := b.mark(t, was, func(n *spool.Task) { n.State, n.Hub = printer.Printing, "b" }); ok {
		t.Error("a hand that did not know of the try took the job")
	}
	if _, ok := b.mark(t, j, func(n *spool.Task) { n.State, n.Reason = printer.Moved, "paper_out" }); !ok || len(b.pending(t)) != 0 {
		t.Error("it could not be given up")
	}
}

func pages(t *testing.T, b Backend) {
	for n := range 2 {
		j, err := b.Jobs.Ask(ctx, Office, printer.KindProbe, "p1")
		if err != nil || j.Copy != n || j.Kind != printer.KindProbe || j.Ref != "p1" || j.Office != Office {
			t.Errorf("%+v, %v", j, err)
		}
	}
	if all := b.pending(t); len(all) != 2 {
		t.Errorf("%+v", all)
	}
}

func documents(t *testing.T, b Backend) {
	for id, owner := range map[string]string{"1": "a", "2": "b"} {
		if err := b.Store.Put(ctx, "printer", id, owner, []byte(`"`+id+`"`), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := b.Store.List(ctx, "printer", "b"); err != nil || len(got) != 1 || !bytes.Equal(got["2"], []byte(`"2"`)) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := b.Store.List(ctx, "printer-state", ""); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
	for range 2 {
		if err := b.Store.Delete(ctx, "printer", "1"); err != nil {
			t.Error(err)
		}
	}
	if _, ok, err := b.Store.Get(ctx, "printer", "1"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func oneLease(t *testing.T, b Backend) {
	lease := func(holder string, d time.Duration) bool {
		ok, err := b.Leases.Lease(ctx, "printer:1", holder, time.Now().Add(d))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !lease("a", time.Hour) || lease("b", time.Hour) || !lease("a", time.Hour) {
		t.Error("a lease was not one hub's")
	}
	if lease("b", -time.Second) {
		t.Error("a hub that lives was taken for dead")
	}
	if !lease("a", -time.Second) || !lease("b", -time.Second) || !lease("c", time.Hour) {
		t.Error("a lease that was given up was not free")
	}
}
