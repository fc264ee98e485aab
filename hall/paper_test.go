package hall_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"vez/fault"
	"vez/hall"
)

// asked records a ticket with its first paper, asked for by an act.
func (h *house) asked(act hall.Act) hall.PrintJob {
	h.t.Helper()
	is, err := h.Issue(context.Background(), act, hall.IssueRequest{Office: "main", Service: "renew", Print: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return is.Print
}

// marked puts a job in a state, as a spooler does.
func (h *house) marked(j hall.PrintJob, state, hub string) hall.PrintJob {
	h.t.Helper()
	next := j
	next.State, next.Hub, next.At = state, hub, h.clock.Now()
	if ok, err := h.MarkPrint(context.Background(), j, next); !ok || err != nil {
		h.t.Fatalf("mark %s as %s: %v, %v", j.ID, state, ok, err)
	}
	return next
}

func TestAPaperSaysWhereItWasAskedForAndNeverByWhom(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		act  hall.Act
		want string
	}{
		{hall.Act{Actor: "device:k1"}, "device:k1"},
		{hall.Act{Actor: "clerk:ana", Counter: "main-3"}, "main-3"},
		{hall.Act{Actor: "clerk:ana"}, ""},
		{hall.Act{Actor: "citizen:0a1b"}, ""},
	} {
		j := h.asked(c.act)
		if j.By != c.want || j.State != "queued" || j.Kind != "ticket" {
			t.Errorf("%+v: %+v", c.act, j)
		}
		again, err := h.Reprint(context.Background(), c.act, j.Ref, true)
		if err != nil || again.By != c.want || again.Copy != 1 || !again.Large {
			t.Errorf("reprint by %+v: %+v, %v", c.act, again, err)
		}
	}
}

func TestAPaperIsAskedForOnceHoweverOften(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	is := h.issue("renew")
	r := hall.PaperRequest{Kind: "ticket", Ref: is.Ticket.ID}
	var ids []string
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			j, err := h.AskPaper(ctx, h.act("device:k1"), r)
			if err != nil || j.Office != "main" || j.Copy != 0 {
				t.Errorf("%+v, %v", j, err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids = append(ids, j.ID)
		})
	}
	wg.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("several jobs for one paper: %q", ids)
	}
	// A pass of the same ticket is another paper.
	pass, err := h.AskPaper(ctx, h.act("device:k1"), hall.PaperRequest{Kind: "pass", Ref: is.Ticket.ID, By: "main-2"})
	if err != nil || pass.ID == ids[0] || pass.Copy != 0 || pass.By != "main-2" {
		t.Errorf("%+v, %v", pass, err)
	}
	r.Again = true
	more, err := h.AskPaper(ctx, h.act("device:k1"), r)
	if err != nil || more.Copy != 1 {
		t.Errorf("%+v, %v", more, err)
	}
}

func TestAPaperOfNothingIsRefused(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		r    hall.PaperRequest
		want fault.Code
	}{
		{hall.PaperRequest{Kind: "ticket", Ref: "nobody"}, fault.UnknownThing},
		{hall.PaperRequest{Kind: "slip", Ref: "nothing"}, fault.UnknownThing},
		{hall.PaperRequest{Kind: "poster", Ref: "x", Office: "main"}, fault.InvalidField},
		{hall.PaperRequest{Kind: "letters", Ref: "nowhere/2026-11-24", Office: "nowhere"}, fault.UnknownThing},
	} {
		_, err := h.AskPaper(context.Background(), h.act("clerk:a"), c.r)
		wantCode(t, err, c.want)
	}
	j, err := h.AskPaper(context.Background(), h.act("job:letters"), hall.PaperRequest{Kind: "letters", Ref: "main/2026-11-24", Office: "main"})
	if err != nil || j.Office != "main" || j.Ref != "main/2026-11-24" {
		t.Errorf("%+v, %v", j, err)
	}
}

func TestOnlyOneHandMarksAJob(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	j := h.asked(h.act("device:k1"))
	a := h.marked(j, "printing", "hub-a")
	b := a
	b.Hub = "hub-b"
	if ok, err := h.MarkPrint(ctx, j, b); ok || err != nil {
		t.Errorf("a job was taken twice: %v, %v", ok, err)
	}
	if ok, err := h.MarkPrint(ctx, b, hall.PrintJob{State: "printed"}); ok || err != nil {
		t.Errorf("a job in another's hand was marked: %v, %v", ok, err)
	}
	h.marked(a, "printed", "hub-a")
	if got, err := h.PrintJob(ctx, j.ID); err != nil || got.State != "printed" || got.By != "device:k1" {
		t.Errorf("%+v, %v", got, err)
	}
	if pending, err := h.PendingPrints(ctx); err != nil || len(pending) != 0 {
		t.Errorf("%+v, %v", pending, err)
	}
}

func TestAnUnknownPaperThatDidNotComeOutMayBePrintedAgain(t *testing.T) {
	h := newHouse(t)
	j := h.marked(h.marked(h.asked(h.act("device:k1")), "printing", "a"), "unknown", "a")
	h.marked(j, "queued", "")
	pending, err := h.PendingPrints(context.Background())
	if err != nil || len(pending) != 1 || pending[0].State != "queued" {
		t.Fatalf("%+v, %v", pending, err)
	}
	if all, err := h.PrintJobs(context.Background(), j.Ref); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestSomebodyLooksAndSaysWhatCameOut(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	for _, c := range []struct {
		out           bool
		state, reason string
	}{{true, "printed", ""}, {false, "moved", "print_failed"}} {
		j := h.marked(h.asked(h.act("device:k1")), "printing", "a")
		if got, err := h.AnswerPaper(ctx, h.act("device:k1"), j.ID, c.out); err != nil || got.State != "printing" {
			t.Errorf("while it prints nobody need answer: %+v, %v", got, err)
		}
		h.marked(j, "unknown", "a")
		for _, answer := range []bool{c.out, !c.out} { // the second is too late
			got, err := h.AnswerPaper(ctx, h.act("device:k1"), j.ID, answer)
			if err != nil || got.State != c.state || got.Reason != c.reason {
				t.Errorf("%+v, %v", got, err)
			}
		}
	}
	_, err := h.AnswerPaper(ctx, h.act("device:k1"), "nothing", true)
	wantCode(t, err, fault.UnknownThing)
}

func TestANewJobIsHeardOfAfterItsCommit(t *testing.T) {
	h := newHouse(t)
	var heard []string
	told := hall.New(hall.Config{Catalogue: h.Catalogue(), Ledger: hall.Over(h.db), House: h.clock, Machine: h.clock, Codes: h.codes,
		Asked: func(office string) {
			jobs, err := h.PendingPrints(context.Background())
			if err != nil || len(jobs) == 0 {
				t.Errorf("heard of a job that is not there: %v", err)
			}
			heard = append(heard, office)
		}})
	act := h.act("device:k1")
	is, err := told.Issue(context.Background(), act, hall.IssueRequest{Office: "main", Service: "renew", Print: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := told.Issue(context.Background(), act, hall.IssueRequest{Office: "main", Service: "renew"}); err != nil {
		t.Fatal(err)
	}
	if _, err := told.Reprint(context.Background(), act, is.Ticket.ID, false); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(heard, []string{"main", "main"}) {
		t.Errorf("heard %q", heard)
	}
	if at := is.Print.At; at.IsZero() || at.After(h.clock.Now().Add(time.Second)) {
		t.Errorf("asked at %s", at)
	}
}
