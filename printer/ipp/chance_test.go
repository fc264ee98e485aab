package ipp_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"vez/printer"
	"vez/printer/ipp"
	"vez/printer/ipp/ipptest"
)

// chance breaks a printer at random, a little at each request.
type chance struct {
	mu   sync.Mutex
	rng  *rand.Rand
	p    *ipptest.Printer
	calm bool
	// back: a job is being taken back. Paper may come now, but not run out again: no page is as quick as that.
	back bool
	// over ends the time of whoever prints.
	over context.CancelFunc
}

func (c *chance) request(op uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.back = op != ipp.OpPrintJob && (c.back || op == ipp.OpCancelJob)
	if c.calm || c.rng.IntN(2) > 0 {
		return
	}
	on := c.rng.IntN(3) == 0
	switch c.rng.IntN(12) {
	case 0, 1:
		c.p.PaperOut(on && !c.back)
	case 2:
		c.p.CoverOpen(on && !c.back)
	case 3:
		c.p.Away(on)
	case 4:
		c.p.LoseReply(c.rng.IntN(2))
	case 5:
		c.p.LoseRequest(c.rng.IntN(2))
	case 6:
		c.p.Abort(c.rng.IntN(2))
	case 7:
		c.p.Busy(c.rng.IntN(3))
	case 8:
		c.p.Slow(c.rng.IntN(6))
	case 9:
		c.p.Occupied(on)
	case 10:
		if on {
			c.over()
		}
	default:
		if c.rng.IntN(4) == 0 {
			c.p.Restart()
			return
		}
		c.p.LateCancel(on)
	}
}

// heal mends the printer for good, so that whatever it still has comes out.
func (c *chance) heal() {
	c.mu.Lock()
	c.calm = true
	c.mu.Unlock()
	c.p.Away(false)
	c.p.Slow(0)
	c.p.Occupied(false)
	c.p.CoverOpen(false)
	c.p.PaperOut(false)
}

// Whatever a printer does: "printed" means one paper, a plain fault means none
// then and later, so that the job may be sent again; and only in doubt is the
// outcome left open.
func TestNoPaperIsLostOrDoubledWhateverThePrinterDoes(t *testing.T) {
	const schedules = 400
	tally := map[string]int{}
	clock := waiting(t)
	for seed := range uint64(schedules) {
		c := &chance{rng: rand.New(rand.NewPCG(seed, 7))}
		c.p = ipptest.New(ipptest.Options{OnRequest: c.request, Countless: seed%2 == 1})
		d, err := ipp.New(c.p.URI(), ipp.Options{Clock: clock, Patience: 3 * time.Second, Busy: 3 * time.Second, Limit: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			tally[attempts(t.Context(), t, c, d, fmt.Sprintf("s%d-%d", seed, i))]++
		}
		_ = d.Close()
		c.p.Close()
	}
	t.Logf("outcomes of %d jobs: %v", 3*schedules, tally)
	for _, outcome := range []string{"printed", "unknown", "fault"} {
		if tally[outcome] < 50 {
			t.Errorf("only %d jobs ended as %s: the schedules try too little", tally[outcome], outcome)
		}
	}
}

// attempts sends a job up to three times, as long as the driver says that
// nothing came out, and holds it to its words.
func attempts(ctx context.Context, t *testing.T, c *chance, d *ipp.Driver, id string) string {
	t.Helper()
	outcome := "fault"
	for range 3 {
		before := c.p.Count(id)
		c.mu.Lock()
		var within context.Context
		within, c.over = context.WithCancel(ctx)
		c.mu.Unlock()
		err := d.Print(within, job(id), letter(printer.A5, 1))
		c.over()
		switch {
		case err == nil:
			outcome = "printed"
		case errors.Is(err, printer.ErrOutcomeUnknown):
			outcome = "unknown"
		}
		if outcome != "fault" {
			break
		}
		if n := c.p.Count(id); n != before {
			t.Errorf("%s: %v, and yet %d papers", id, err, n)
		}
	}
	c.heal()
	proved := d.Proves(ctx, job(id))
	n := c.p.Count(id)
	if outcome == "printed" && n != 1 || outcome == "fault" && n != 0 || n > 1 || proved && n != 1 {
		t.Errorf("%s: %s, proved %v, %d papers", id, outcome, proved, n)
	}
	c.mu.Lock()
	c.calm = false
	c.mu.Unlock()
	return outcome
}
