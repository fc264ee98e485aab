package demo

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestANewcomerFindsALivingHallWithinTenSeconds(t *testing.T) {
	h := newHub(t, 1)
	begun := time.Now()
	h.populate()
	h.until("people wait, are served and have booked", func() bool {
		return h.count("waiting") >= 4 && h.count("serving") >= 2 && h.booked >= 2
	})
	if took := time.Since(begun); took > 20*time.Second { // ten of its own, and as many for what runs beside it
		t.Errorf("it took %v", took)
	}
}

func TestEverythingThatHappensInAHallHappens(t *testing.T) {
	t.Parallel()
	h := newHub(t, 1200)
	h.populate()
	seen := map[string]bool{}
	h.until("tickets end, are missed, parked and transferred, and clerks rest", func() bool {
		for at := range h.verbs {
			seen[strings.Fields(at)[1]] = true
		}
		for _, verb := range []string{"open", "next", "start", "finish", "recall", "miss", "park", "transfer", "break", "back"} {
			if !seen[verb] {
				return false
			}
		}
		return h.done > 40
	})
}

func TestTheFirstCountersAreKeptForPeople(t *testing.T) {
	t.Parallel()
	h := newHub(t, 1800)
	h.populate()
	h.until("services end", func() bool { return h.done > 20 })
	h.mu.Lock()
	defer h.mu.Unlock()
	for at := range h.verbs {
		if strings.HasPrefix(at, "hall-1 ") || strings.HasPrefix(at, "hall-2 ") {
			t.Errorf("a simulated clerk did %q", at)
		}
	}
	free := 0
	for _, d := range h.counters {
		if d.clerk == "" {
			free++
		}
	}
	if free < 4 {
		t.Errorf("only %d counters are free for people", free)
	}
}

func TestACounterThatAPersonHoldsIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHub(t, 1800)
	h.counters["hall-3"].clerk, h.counters["hall-3"].state = "a person", "open"
	h.populate()
	h.until("other counters serve", func() bool { return h.done > 20 })
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, n := range h.verbs {
		if strings.HasPrefix(at, "hall-3 ") {
			t.Errorf("a simulated clerk did %q %d times", at, n)
		}
	}
}

func TestAClerkWhoseCounterIsTakenWithdraws(t *testing.T) {
	t.Parallel()
	h := newHub(t, 1800)
	h.populate()
	h.until("the counter is open", func() bool { return h.counters["hall-3"].state == "open" })
	h.mu.Lock()
	h.counters["hall-3"].clerk, h.counters["hall-3"].ticket = "a person", nil
	clear(h.verbs)
	h.mu.Unlock()
	h.until("other counters serve", func() bool { return h.done > 30 })
	h.mu.Lock()
	defer h.mu.Unlock()
	refused := 0
	for at, n := range h.verbs {
		if strings.HasPrefix(at, "hall-3 ") {
			refused += n
		}
	}
	if refused > 1 || h.counters["hall-3"].clerk != "a person" {
		t.Errorf("after the first refusal it went on: %d times, %q", refused, h.counters["hall-3"].clerk)
	}
}

func TestThePublicOutlivesARestartOfTheHub(t *testing.T) {
	t.Parallel()
	h := newHub(t, 1800)
	h.populate()
	h.until("services end", func() bool { return h.done > 10 })
	h.mu.Lock()
	h.down = true
	h.mu.Unlock()
	h.server.CloseClientConnections()
	h.mu.Lock()
	// It has lost all tokens and, of a move under way, the ticket at a counter.
	clear(h.tokens)
	for _, d := range h.counters {
		if d.ticket != nil {
			d.ticket.State, d.ticket = "cancelled", nil
		}
	}
	before := h.done
	h.down = false
	h.mu.Unlock()
	h.until("services end again", func() bool { return h.done > before+10 })
}

func TestAClosedHallEmpties(t *testing.T) {
	t.Parallel()
	h := newHub(t, 1200)
	h.populate()
	h.until("services end", func() bool { return h.done > 10 })
	h.mu.Lock()
	h.status = "closed"
	h.mu.Unlock()
	h.until("every clerk went home", func() bool {
		if h.toldAt < 0 {
			return false
		}
		for _, d := range h.counters {
			if d.state != "closed" {
				return false
			}
		}
		return true
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	if more := len(h.tickets) - h.toldAt; more > 3 { // those who were at the kiosk just then
		t.Errorf("%d tickets were taken after closing", more)
	}
}

// atOnce is less than any wait of the public's that a stop could have to sit out.
const atOnce = 5 * time.Second

func TestItStopsAtOnce(t *testing.T) {
	h := newHub(t, 60)
	stop := h.populate()
	h.until("the hall lives", func() bool { return h.count("serving") > 1 })
	begun := time.Now()
	stop()
	if took := time.Since(begun); took > atOnce {
		t.Errorf("it took %v", took)
	}
}

func TestItStopsWhileTheHubIsAway(t *testing.T) {
	h := newHub(t, 1)
	h.down = true
	stop := h.populate()
	begun := time.Now()
	stop()
	if took := time.Since(begun); took > atOnce {
		t.Errorf("it took %v", took)
	}
}

func TestNobodyComesToNothing(t *testing.T) {
	h := newHub(t, 1)
	cfg := Config{URL: h.server.URL, Clock: h.clock, Offices: []string{"nowhere"}, Scale: 1}
	if err := Run(context.Background(), cfg); err == nil || !strings.Contains(err.Error(), "none of the offices") {
		t.Errorf("an unknown office: %v", err)
	}
	cfg.Scale = 0
	if err := Run(context.Background(), cfg); err != nil {
		t.Errorf("a public of nobody: %v", err)
	}
	if err := Run(context.Background(), Config{Scale: 1}); err == nil {
		t.Error("without a hub: no error")
	}
}
