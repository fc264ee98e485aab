package spooltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
)

// Schedules runs n random schedules of trouble, from a seed on, and counts the
// paper: each ticket is on paper at most once, and none is forgotten.
func Schedules(t *testing.T, seed uint64, n int, open func(t *testing.T, clock *clockwork.FakeClock) Backend) {
	for i := range uint64(n) {
		t.Run(fmt.Sprintf("seed %d", seed+i), func(t *testing.T) {
			t.Parallel()
			clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC))
			s := &schedule{World: NewWorld(t, clock, open(t, clock)), random: rand.New(rand.NewPCG(seed+i, 1))}
			s.run()
		})
	}
}

// schedule is one random run.
type schedule struct {
	*World
	random *rand.Rand
	jobs   []string
	live   []*Hub
}

// printers of the hall: the kiosk's, a spare one, sometimes one for sheets.
var printers = []spool.Draft{
	{Address: "tcp://10.0.0.1:9100", Serves: []string{"device:k1"}},
	{Address: "tcp://10.0.0.2:9100", Rank: 1},
	{Address: "ipp://10.0.0.3:631/ipp/print", Rank: 2},
}

const acts = 40

func (s *schedule) run() {
	s.start()
	for _, d := range printers[:1+s.random.IntN(len(printers))] {
		s.Printer(s.live[0], d)
	}
	s.Random = rand.New(rand.NewPCG(s.random.Uint64(), 2))
	if s.random.IntN(2) == 0 {
		s.start()
	}
	for range acts {
		s.act()
		s.Pass(time.Duration(s.random.IntN(30)) * Step)
	}
	s.calm()
	s.count()
}

func (s *schedule) start() { s.live = append(s.live, s.Hub("here")) }

// act does something, mostly asking for tickets.
func (s *schedule) act() {
	switch n := s.random.IntN(20); {
	case n < 9:
		s.ask()
	case n < 11:
		s.any().Trouble([]fault.Code{fault.PaperOut, fault.CoverOpen, fault.PrinterStuck}[s.random.IntN(3)])
	case n < 14:
		s.any().Trouble("")
	case n < 15:
		s.any().Cut(true)
	case n < 17:
		s.any().Cut(false)
	case n < 18:
		s.any().Restart()
	default:
		s.kill()
	}
}

func (s *schedule) ask() {
	by := []string{"device:k1", "device:k2", ""}[s.random.IntN(3)]
	j := s.ticket(s.T, by)
	s.jobs = append(s.jobs, j.ID)
	for _, h := range s.live {
		if s.random.IntN(2) == 0 {
			h.Nudge(Office)
		}
	}
}

func (s *schedule) any() *Machine {
	d := printers[s.random.IntN(len(printers))]
	return s.Machine(d.Address)
}

// kill ends a hub at whatever it does; others may be left, or a new one starts.
func (s *schedule) kill() {
	if len(s.live) == 0 {
		s.start()
		return
	}
	i := s.random.IntN(len(s.live))
	s.live[i].Kill()
	s.live = slices.Delete(s.live, i, i+1)
	if s.random.IntN(3) > 0 {
		s.start()
	}
}

// calm ends the trouble, but for some machines, and waits until nothing is on
// its way.
func (s *schedule) calm() {
	for _, d := range printers {
		if s.random.IntN(4) > 0 {
			s.Machine(d.Address).Cut(false)
			s.Machine(d.Address).Trouble("")
		}
	}
	s.mu.Lock()
	s.Random = nil
	s.mu.Unlock()
	if len(s.live) == 0 {
		s.start()
	}
	s.Until("nothing is queued or printing", func() bool { return len(s.pending(s.T)) == 0 })
	// What a machine still holds comes out when its trouble ends.
	for _, d := range printers {
		s.Machine(d.Address).Cut(false)
		s.Machine(d.Address).Trouble("")
	}
	s.Pass(5 * time.Second)
}

// count compares the paper with what is said of it.
func (s *schedule) count() {
	papers := map[string]int{}
	for _, m := range s.Machines {
		for _, id := range m.Out() {
			papers[id]++
		}
	}
	ends := map[printer.State]int{}
	for _, id := range s.jobs {
		j, err := s.Jobs.Job(context.Background(), id)
		if err != nil {
			s.T.Fatal(err)
		}
		ends[j.State]++
		least, most := 0, 0
		switch j.State {
		case printer.Printed:
			least, most = 1, 1
		case printer.Unknown:
			most = 1
		case printer.Moved, printer.Failed:
			if j.Reason == "" {
				s.T.Errorf("%s is %s without a reason", id, j.State)
			}
		default:
			s.T.Errorf("%s is forgotten: %+v", id, j)
		}
		if n := papers[id]; n < least || n > most {
			s.T.Errorf("%s is %s and on %d papers: %+v", id, j.State, n, j)
		}
	}
	s.T.Logf("%d tickets: %v", len(s.jobs), ends)
}
