package printer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
)

// memory is a store of jobs for tests; cut makes it fail.
type memory struct {
	mu   sync.Mutex
	jobs []printer.Job
	cut  error
}

func (m *memory) Record(_ context.Context, job printer.Job) (printer.Job, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cut != nil {
		return printer.Job{}, false, m.cut
	}
	for _, j := range m.jobs {
		if j.Kind == job.Kind && j.Ref == job.Ref && j.Copy == job.Copy {
			return j, false, nil
		}
	}
	m.jobs = append(m.jobs, job)
	return job, true, nil
}

func (m *memory) Mark(_ context.Context, job printer.Job, from ...printer.State) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cut != nil {
		return false, m.cut
	}
	for i, j := range m.jobs {
		if j.ID == job.ID && slices.Contains(from, j.State) {
			m.jobs[i] = job
			return true, nil
		}
	}
	return false, nil
}

func (m *memory) Pending(context.Context) ([]printer.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []printer.Job
	for _, j := range m.jobs {
		if j.State == printer.Queued || j.State == printer.Printing {
			out = append(out, j)
		}
	}
	return out, m.cut
}

func (m *memory) Latest(_ context.Context, kind printer.Kind, ref string) (last printer.Job, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.jobs {
		if j.Kind == kind && j.Ref == ref && (!ok || j.Copy > last.Copy) {
			last, ok = j, true
		}
	}
	return last, ok, m.cut
}

func (m *memory) get(id string) printer.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.jobs {
		if j.ID == id {
			return j
		}
	}
	return printer.Job{}
}

// machine is a printer that counts what comes out of it.
type machine struct {
	mu  sync.Mutex
	out []string // ref and copy
	err error
	hit func() // called while printing
}

func (m *machine) Print(_ context.Context, job printer.Job, doc printer.Document) error {
	if m.hit != nil {
		m.hit()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.out = append(m.out, fmt.Sprintf("%s/%d %s", job.Ref, job.Copy, doc.Pages[0].Title))
	return nil
}

var ctx = context.Background()

type bench struct {
	store   *memory
	machine *machine
	clock   *clockwork.FakeClock
	*printer.Spooler
}

func (*machine) Status(context.Context) printer.Status { return printer.Status{} }

func (*machine) Close() error { return nil }

func newBench(hub string, store *memory) bench {
	b := bench{store: store, machine: &machine{}, clock: clockwork.NewFakeClockAt(at(9, 0))}
	var n atomic.Int64
	b.Spooler = printer.NewSpooler(printer.SpoolerConfig{Store: store, Driver: b.machine, Clock: b.clock, Hub: hub,
		NewID: func() string { return fmt.Sprintf("%s-%d", hub, n.Add(1)) },
		Documents: printer.DocumentsFunc(func(_ context.Context, job printer.Job, f printer.Format) (printer.Document, error) {
			return doc("paper"), nil
		})})
	return b
}

func (b bench) printed(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.machine.out, want) {
		t.Errorf("came out: %q, want %q", b.machine.out, want)
	}
}

func TestAPaperIsPrintedOnceHoweverOftenItIsAskedFor(t *testing.T) {
	b := newBench("a", &memory{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	job, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1")
	if err != nil || job.State != printer.Printed || !job.At.Equal(at(9, 0)) {
		t.Errorf("%+v, %v", job, err)
	}
	b.printed(t, "t1/0 paper")
}

func TestAReprintIsAnotherCopy(t *testing.T) {
	b := newBench("a", &memory{})
	for range 2 {
		if _, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1"); err != nil {
			t.Fatal(err)
		}
	}
	job, err := b.Reprint(ctx, "dsi-main", printer.KindTicket, "t1")
	if err != nil || job.Copy != 1 || job.State != printer.Printed {
		t.Errorf("%+v, %v", job, err)
	}
	b.printed(t, "t1/0 paper", "t1/1 paper")
}

func TestTheJobIsRecordedBeforeItIsSent(t *testing.T) {
	b := newBench("a", &memory{})
	b.machine.hit = func() {
		if j := b.store.get("a-1"); j.State != printer.Printing || j.Hub != "a" {
			t.Errorf("while printing the store says %+v", j)
		}
	}
	if _, err := b.Print(ctx, "dsi-main", printer.KindSlip, "b1"); err != nil {
		t.Fatal(err)
	}
	b.store.cut = errors.New("the ledger is away")
	if _, err := b.Print(ctx, "dsi-main", printer.KindSlip, "b2"); !errors.Is(err, b.store.cut) {
		t.Errorf("got %v", err)
	}
	b.printed(t, "b1/0 paper")
}

func TestAFailureSaysWhyAndNothingIsDoubled(t *testing.T) {
	for _, c := range []struct {
		err    error
		state  printer.State
		reason string
	}{
		{fault.New(fault.PrinterAway, "printer", "p1"), printer.Failed, "printer_away"},
		{errors.New("paper jam"), printer.Failed, "print_failed"},
		{fmt.Errorf("no answer: %w", printer.ErrOutcomeUnknown), printer.Unknown, ""},
	} {
		b := newBench("a", &memory{})
		b.machine.err = c.err
		job, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1")
		if err != nil || job.State != c.state || job.Reason != c.reason {
			t.Errorf("%v: %+v, %v", c.err, job, err)
		}
		b.machine.err = nil
		if job, err = b.Print(ctx, "dsi-main", printer.KindTicket, "t1"); err != nil || job.State != c.state {
			t.Errorf("asked again: %+v, %v", job, err)
		}
		b.printed(t)
	}
}

func TestWithoutADocumentTheJobFailsAndAPanicIsCaught(t *testing.T) {
	b := newBench("a", &memory{})
	var docErr error = fault.New(fault.FontsMissing)
	docs := printer.DocumentsFunc(func(context.Context, printer.Job, printer.Format) (printer.Document, error) {
		if docErr == nil {
			panic("artwork")
		}
		return printer.Document{}, docErr
	})
	n := 0
	s := printer.NewSpooler(printer.SpoolerConfig{Store: b.store, Driver: b.machine, Clock: b.clock, Documents: docs,
		NewID: func() string { n++; return fmt.Sprint("j", n) }})
	job, err := s.Print(ctx, "dsi-main", printer.KindTicket, "t1")
	if err != nil || job.State != printer.Failed || job.Reason != "fonts_missing" {
		t.Errorf("%+v, %v", job, err)
	}
	docErr = nil
	if job, err = s.Print(ctx, "dsi-main", printer.KindTicket, "t2"); err != nil || job.State != printer.Failed || job.Reason != "print_failed" {
		t.Errorf("%+v, %v", job, err)
	}
	b.machine.hit = func() { panic("driver") }
	b2 := newBench("b", b.store)
	b2.machine.hit = b.machine.hit
	if job, err = b2.Print(ctx, "dsi-main", printer.KindTicket, "t3"); err != nil || job.State != printer.Unknown {
		t.Errorf("a driver that panics may have printed: %+v, %v", job, err)
	}
}

func TestARestartPrintsWhatIsQueuedAndAsksAboutWhatWasPrinting(t *testing.T) {
	store := &memory{jobs: []printer.Job{
		{ID: "q1", Kind: printer.KindTicket, Ref: "t1", State: printer.Queued, At: at(8, 50)},
		{ID: "p1", Kind: printer.KindTicket, Ref: "t2", State: printer.Printing, Hub: "a", At: at(8, 51)},
		{ID: "p2", Kind: printer.KindTicket, Ref: "t3", State: printer.Printing, Hub: "b", At: at(8, 59).Add(30 * time.Second)},
		{ID: "p3", Kind: printer.KindTicket, Ref: "t4", State: printer.Printing, Hub: "b", At: at(8, 50)},
		{ID: "d1", Kind: printer.KindTicket, Ref: "t5", State: printer.Printed, At: at(8, 50)},
	}}
	b := newBench("a", store)
	done, err := b.Sweep(ctx)
	if err != nil || done != (printer.Swept{Printed: 1, Unknown: 2}) {
		t.Errorf("%+v, %v", done, err)
	}
	for id, want := range map[string]printer.State{"q1": printer.Printed, "p1": printer.Unknown, "p2": printer.Printing, "p3": printer.Unknown, "d1": printer.Printed} {
		if got := store.get(id).State; got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if again, err := b.Sweep(ctx); err != nil || again != (printer.Swept{}) {
		t.Errorf("a second sweep did %+v, %v", again, err)
	}
	b.printed(t, "t1/0 paper")
}

func TestASweepLeavesAJobAloneThatIsBeingPrinted(t *testing.T) {
	b := newBench("a", &memory{})
	b.machine.hit = func() {
		b.machine.hit = nil
		b.clock.Advance(time.Hour)
		if done, err := b.Sweep(ctx); err != nil || done != (printer.Swept{}) {
			t.Errorf("%+v, %v", done, err)
		}
	}
	if job, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1"); err != nil || job.State != printer.Printed {
		t.Errorf("%+v, %v", job, err)
	}
}

func TestTwoHubsOnOneStorePrintOnce(t *testing.T) {
	store := &memory{}
	for i := range 50 {
		store.jobs = append(store.jobs, printer.Job{ID: fmt.Sprint("j", i), Kind: printer.KindTicket, Ref: fmt.Sprint("t", i), State: printer.Queued})
	}
	hubs := []bench{newBench("a", store), newBench("b", store)}
	var wg sync.WaitGroup
	for _, b := range hubs {
		wg.Go(func() {
			if _, err := b.Sweep(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	all := slices.Concat(hubs[0].machine.out, hubs[1].machine.out)
	slices.Sort(all)
	if len(all) != 50 || len(slices.Compact(all)) != 50 {
		t.Errorf("%d papers: %q", len(all), all)
	}
}

func TestAJobInAnotherHubsHandIsNotPrintedAgain(t *testing.T) {
	store := &memory{}
	a, b := newBench("a", store), newBench("b", store)
	a.machine.hit = func() {
		if job, err := b.Send(ctx, store.get("a-1")); err != nil || job.State != printer.Printing || job.Hub != "a" {
			t.Errorf("sent by the other hub: %+v, %v", job, err)
		}
		if job, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1"); err != nil || job.State != printer.Printing {
			t.Errorf("asked of the other hub: %+v, %v", job, err)
		}
	}
	if _, err := a.Print(ctx, "dsi-main", printer.KindTicket, "t1"); err != nil {
		t.Fatal(err)
	}
	a.printed(t, "t1/0 paper")
	b.printed(t)
}

func TestTheResultIsWrittenEvenIfTheOneWhoAskedHasGone(t *testing.T) {
	b := newBench("a", &memory{})
	gone, leave := context.WithCancel(ctx)
	b.machine.hit = leave
	if job, err := b.Print(gone, "dsi-main", printer.KindTicket, "t1"); err != nil || job.State != printer.Printed {
		t.Errorf("%+v, %v", job, err)
	}
}

func TestAJobWhoseTurnNeverCameStaysQueued(t *testing.T) {
	b := newBench("a", &memory{})
	inside, release := make(chan struct{}), make(chan struct{})
	b.machine.hit = func() { close(inside); <-release }
	done := make(chan error)
	go func() {
		_, err := b.Print(ctx, "dsi-main", printer.KindTicket, "t1")
		done <- err
	}()
	<-inside
	gone, leave := context.WithCancel(ctx)
	leave()
	job, err := b.Print(gone, "dsi-main", printer.KindTicket, "t2")
	if !errors.Is(err, context.Canceled) || b.store.get(job.ID).State != printer.Queued {
		t.Errorf("%+v, %v", b.store.get(job.ID), err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.machine.hit = nil
	if _, err := b.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	b.printed(t, "t1/0 paper", "t2/0 paper")
}

func TestSomebodyLooksAndSaysWhatCameOut(t *testing.T) {
	b := newBench("a", &memory{})
	b.machine.err = printer.ErrOutcomeUnknown
	first, _ := b.Print(ctx, "dsi-main", printer.KindTicket, "t1")
	second, _ := b.Print(ctx, "dsi-main", printer.KindTicket, "t2")
	third, _ := b.Print(ctx, "dsi-main", printer.KindTicket, "t3")
	for _, c := range []struct {
		do   func() (bool, error)
		id   string
		want printer.State
	}{
		{func() (bool, error) { return b.Confirm(ctx, first, true) }, first.ID, printer.Printed},
		{func() (bool, error) { return b.Confirm(ctx, second, false) }, second.ID, printer.Failed},
		{func() (bool, error) { return b.Move(ctx, third) }, third.ID, printer.Moved},
	} {
		if ok, err := c.do(); err != nil || !ok || b.store.get(c.id).State != c.want {
			t.Errorf("%v, %v: %s, want %s", ok, err, b.store.get(c.id).State, c.want)
		}
	}
	if ok, _ := b.Confirm(ctx, first, false); ok || b.store.get(first.ID).State != printer.Printed {
		t.Error("a settled job was changed")
	}
	if ok, _ := b.Move(ctx, b.store.get(first.ID)); ok {
		t.Error("a printed paper was moved")
	}
}
