package spooltest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
)

// Plan says which schedules are run.
type Plan struct {
	// Seed of the first, and how many there are.
	Seed uint64
	N    int
	// Acts of each; 0: 60.
	Acts int
	// Open makes the store.
	Open func(t *testing.T, clock *clockwork.FakeClock) Backend
	// Alone: the store and the devices live in memory; see World.
	Alone bool
	// Prepare, if not nil, puts other devices at the addresses that it is given.
	Prepare func(w *World, random *rand.Rand, addresses []string)
}

// Schedules runs random schedules of trouble and counts the paper: each ticket
// is on paper at most once, and none is forgotten.
func Schedules(t *testing.T, p Plan) {
	for i := range uint64(p.N) {
		t.Run(fmt.Sprintf("seed %d", p.Seed+i), func(t *testing.T) {
			t.Parallel()
			if p.Alone {
				synctest.Test(t, func(t *testing.T) { p.schedule(t, p.Seed+i) })
				return
			}
			p.schedule(t, p.Seed+i)
		})
	}
}

func (p Plan) schedule(t *testing.T, seed uint64) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC))
	s := &schedule{World: NewWorld(t, clock, p.Open(t, clock)), random: rand.New(rand.NewPCG(seed, 1))}
	s.Alone = p.Alone
	if p.Prepare != nil {
		p.Prepare(s.World, s.random, addresses())
	}
	s.run(cmp.Or(p.Acts, acts))
}

func addresses() (all []string) {
	for _, d := range printers {
		all = append(all, d.Address)
	}
	return all
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

const acts = 60

func (s *schedule) run(acts int) {
	s.start()
	for _, d := range s.devices() {
		if m, ok := d.(*Machine); ok {
			m.Takes, m.Proves = time.Duration(2+s.random.IntN(20))*Step, s.random.IntN(3) == 0
		}
	}
	for _, d := range printers[:s.random.IntN(1+len(printers))] {
		s.Printer(s.live[0], d)
	}
	s.Shake(rand.New(rand.NewPCG(s.random.Uint64(), 2)))
	if s.random.IntN(2) == 0 {
		s.start()
	}
	for range acts {
		s.act()
		s.Pass(time.Duration(s.random.IntN(25)) * Step)
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

// devices are those of the printers, and the built-in folder's.
func (s *schedule) devices() []Device {
	all := []Device{s.Machine("")}
	for _, address := range addresses() {
		all = append(all, s.Device(address))
	}
	return all
}

func (s *schedule) any() Device {
	all := s.devices()
	return all[s.random.IntN(len(all))]
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
	for _, m := range s.devices() {
		if s.random.IntN(4) > 0 {
			m.Cut(false)
			m.Trouble("")
		}
	}
	s.Shake(nil)
	if len(s.live) == 0 {
		s.start()
	}
	s.Until("nothing is queued or printing", func() bool { return len(s.pending(s.T)) == 0 })
	// What a machine still holds comes out when its trouble ends.
	for _, m := range s.devices() {
		m.Cut(false)
		m.Trouble("")
	}
	s.Pass(10 * time.Second)
}

// count compares the paper with what is said of it.
func (s *schedule) count() {
	papers := map[string]int{}
	for _, d := range s.devices() {
		for _, id := range d.Out() {
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
