package simtest

import (
	"math/rand/v2"
	"testing"

	"github.com/jonboulle/clockwork"
	"pgregory.net/rapid"

	"vez/hall"
	"vez/hall/halltest"
	_ "vez/hall/rapidtest" // the same programs in every run
)

// drawn lets rapid choose, and so shrink.
type drawn struct{ *rapid.T }

func (d drawn) n(below int) int {
	if below < 2 {
		return 0
	}
	return rapid.IntRange(0, below-1).Draw(d.T, "n")
}

func TestRandomProgramsAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := clockwork.NewFakeClockAt(began)
		db, end := openLedger(t, clock, clock)
		defer end()
		h := hallOn(catalogue(), halltest.Strict(t, hall.Over(db)), clock, clock, newCodes(), rand.NewChaCha8([32]byte{1}))
		g := newGame(t, []*hall.Hall{h}, clock, clock)
		actions := map[string]func(*rapid.T){"": func(*rapid.T) {}}
		for _, a := range acts {
			actions[a.name] = func(t *rapid.T) { a.do(g, drawn{t}) }
		}
		if rapid.Bool().Draw(t, "opened") {
			for range benches {
				g.openCounter(drawn{t})
			}
		}
		t.Repeat(actions)
		g.whole()
	})
}
