package demo_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/api/apitest"
	"vez/config"
	"vez/demo"
	"vez/live"
	"vez/office/catalogue"
)

// refusals keeps what the API refused to the public.
type refusals struct {
	mu    sync.Mutex
	codes map[string]int
}

func (r *refusals) Enabled(context.Context, slog.Level) bool { return true }

func (r *refusals) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	what := ""
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == "what" || a.Key == "code" {
			what += a.Value.String() + " "
		}
		return true
	})
	if what != "" {
		r.codes[strings.TrimSpace(what)]++
	}
	return nil
}

func (r *refusals) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r *refusals) WithGroup(string) slog.Handler      { return r }

// The three halls of the sample catalogue, on the real hall, ledger and API.
func TestThePublicLivesInTheRealHalls(t *testing.T) {
	cat, mistakes := catalogue.Load(config.Macao())
	if catalogue.Failed(mistakes) {
		t.Fatal(mistakes)
	}
	house := apitest.New(t, apitest.With(cat), apitest.Cells())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- house.App.Serve(ln) }()
	no := &refusals{codes: map[string]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- demo.Run(ctx, demo.Config{URL: "http://" + ln.Addr().String(), Clock: house.Clock, Scale: 1, Seed: 1, Log: slog.New(no)})
	}()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = house.App.Shutdown(context.Background())
		<-served
	}()

	const every = 5 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	// pass lets house time pass, so many times as fast as the machine's at most, until something is so.
	pass := func(what string, speed int, limit time.Duration, so func() bool) {
		t.Helper()
		for until := house.Clock.Now().Add(limit); !so(); house.Clock.Advance(time.Duration(speed) * every) {
			if house.Clock.Now().After(until) {
				t.Fatalf("after %v it was not so that %s: %s; refused: %v", limit, what, figures(t, house.Hub), no.codes)
			}
			<-tick.C
		}
	}
	pass("every hall is full of people", 5, 5*time.Minute, func() bool {
		for _, id := range demo.Offices {
			if waiting, serving := hallNow(t, house.Hub, id); waiting < 12 || serving < 8 {
				return false
			}
		}
		return true
	})
	pass("services end", 30, 40*time.Minute, func() bool {
		return done(t, house.Hub) >= 20
	})
	free := map[string]bool{}
	for _, id := range demo.Offices {
		free[id+"-1"], free[id+"-2"] = true, true
	}
	for _, id := range demo.Offices {
		l, err := house.Hub.Counters(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range l.Counters {
			if free[c.Shift.Counter] && c.State != "closed" {
				t.Errorf("%s is kept for people, and is %s", c.Shift.Counter, c.State)
			}
		}
	}
	no.mu.Lock()
	defer no.mu.Unlock()
	// What happens in any hall: two want one slot, a cut-off has passed, somebody leaves at the moment of their call.
	for what := range no.codes {
		if !inAnyHall.MatchString(what) {
			t.Errorf("the public asked for what it may not have: %s, %d times", what, no.codes[what])
		}
	}
}

var inAnyHall = regexp.MustCompile(`(^| )(slot_taken|cutoff_passed|slot_not_offered)$|^(leave|come back|start|recall|miss) (illegal_move|nothing_open|not_yours)$`)

func hallNow(t *testing.T, hub *live.Hub, id string) (waiting, serving int) {
	t.Helper()
	l, err := hub.Queues(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range l.Queues {
		waiting, serving = waiting+q.Waiting, serving+len(q.Serving)
	}
	return waiting, serving
}

// done is how many walk-ins of all halls neither wait nor are at a counter any more.
func done(t *testing.T, hub *live.Hub) int {
	t.Helper()
	n := 0
	for _, id := range demo.Offices {
		l, err := hub.Queues(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range l.Queues {
			n += max(q.Issued-q.Waiting-len(q.Serving), 0)
		}
	}
	return n
}

func figures(t *testing.T, hub *live.Hub) string {
	t.Helper()
	out := ""
	for _, id := range demo.Offices {
		waiting, serving := hallNow(t, hub, id)
		out += fmt.Sprintf(" %s: %d wait, %d at counters;", id, waiting, serving)
	}
	return out
}
