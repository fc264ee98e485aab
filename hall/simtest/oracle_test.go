package simtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/hall"
	"vez/office"
)

// caught ends a program where the two do not agree.
type caught struct{ what string }

// catcher takes what a game reports.
type catcher struct{ *testing.T }

func (c catcher) Fatalf(format string, args ...any) { panic(caught{fmt.Sprintf(format, args...)}) }

// disagree plays one program by a seed and gives what the two did not agree on, "" for nothing.
func disagree(t *testing.T, c *office.Catalogue, seed uint64, steps int) (what string) {
	t.Helper()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case caught:
			what = r.what
		default:
			panic(r)
		}
	}()
	clock := clockwork.NewFakeClockAt(began)
	db, end := openLedger(t, clock, clock)
	defer end()
	h := hallOn(c, hall.Over(db), clock, clock, newCodes(), rand.NewChaCha8([32]byte{1}))
	g := newGame(catcher{t}, []*hall.Hall{h}, clock, clock)
	d := seeded{rand.New(rand.NewPCG(seed, 3))}
	for range steps {
		g.step(d)
	}
	g.whole()
	return ""
}

// TestTheOracleSeesEachRuleChanged gives the hall one rule that differs from the
// design's: an oracle that never notices proves nothing.
func TestTheOracleSeesEachRuleChanged(t *testing.T) {
	if testing.Short() {
		t.Skip("it plays many programs")
	}
	rules := func(edit func(*office.Rules)) func(*office.Catalogue) {
		return func(c *office.Catalogue) {
			for _, q := range c.Queues {
				edit(&q.Rules)
			}
		}
	}
	services := func(edit func(*office.ServiceRules)) func(*office.Catalogue) {
		return func(c *office.Catalogue) {
			for _, s := range c.Services {
				edit(&s.Rules)
			}
		}
	}
	for name, change := range map[string]func(*office.Catalogue){
		"priority head start": rules(func(r *office.Rules) { r.PriorityHeadStart = 20 * time.Minute }),
		"booked head start":   rules(func(r *office.Rules) { r.BookedHeadStart = 50 * time.Minute }),
		"early call":          rules(func(r *office.Rules) { r.EarlyCall = 0 }),
		"late: behind":        rules(func(r *office.Rules) { r.LateBehind = 0 }),
		"late: refused":       rules(func(r *office.Rules) { r.LateRefused = 3 * time.Hour }),
		"miss after":          rules(func(r *office.Rules) { r.MissAfter = 10 * time.Second }),
		"return grace":        rules(func(r *office.Rules) { r.ReturnGrace = 10 * time.Minute }),
		"remote grace":        rules(func(r *office.Rules) { r.RemoteGrace = 10 * time.Hour }),
		"booked share":        rules(func(r *office.Rules) { r.BookedShare = 1 }),
		"walk-in limit":       rules(func(r *office.Rules) { r.WalkInLimit = 10 }),
		"last ticket":         rules(func(r *office.Rules) { r.LastTicket = 2 * time.Hour }),
		"filing order":        rules(func(r *office.Rules) { r.FilingOrder = false }),
		"walk-ins":            rules(func(r *office.Rules) { r.WalkIn = false }),
		"from afar":           rules(func(r *office.Rules) { r.Remote = false }),
		"horizon":             services(func(r *office.ServiceRules) { r.HorizonDays = 60 }),
		"cut-off":             services(func(r *office.ServiceRules) { r.Cutoff = 0 }),
		"limit of a service":  services(func(r *office.ServiceRules) { r.LimitService = 2 }),
		"limit of a day":      services(func(r *office.ServiceRules) { r.LimitDay = 9 }),
		"what a counter has":  func(c *office.Catalogue) { c.Offices[0].Counters[0].Offers = []office.Need{office.NeedLowDesk} },
		"opening":             func(c *office.Catalogue) { c.Offices[0].Hours[time.Wednesday][0].From += time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(300) {
				c := catalogue()
				change(c)
				if err := c.Index(); err != nil {
					t.Fatal(err)
				}
				if disagree(t, c, seed, 200) != "" {
					return
				}
			}
			t.Error("not noticed by 300 programs")
		})
	}
}
