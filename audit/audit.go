package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"vez/event"
	"vez/office"
)

// Invariant names what must always hold; see the package comment.
type Invariant string

// The invariants.
const (
	I1  Invariant = "I1"
	I2  Invariant = "I2"
	I3  Invariant = "I3"
	I4  Invariant = "I4"
	I5  Invariant = "I5"
	I6  Invariant = "I6"
	I7  Invariant = "I7"
	I9  Invariant = "I9"
	I10 Invariant = "I10"
	I11 Invariant = "I11"
)

// Invariants lists all that are checked.
var Invariants = []Invariant{I1, I2, I3, I4, I5, I6, I7, I9, I10, I11}

// Finding is one place where a promise is broken.
type Finding struct {
	Invariant Invariant `json:"invariant"`
	Office    string    `json:"office"`
	Seq       int64     `json:"seq"` // of the event that shows it; 0 when none does
	// Subject is the id of a ticket, booking or counter, or a number such as "2026-11-24/A/7".
	Subject string `json:"subject,omitempty"`
	What    string `json:"what"`
}

// String is one line for an operator.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s/%d %s: %s", f.Invariant, f.Office, f.Seq, f.Subject, f.What)
}

// SoftAfter is how long a soft need waits for a counter that offers it, as the hall has it.
const SoftAfter = 5 * time.Minute

// findingsMost is how many findings are kept; more are counted.
const findingsMost = 10_000

// Config is what an auditor knows of the world.
type Config struct {
	// Catalogue gives rules, hours and zones. Events are judged by it even where
	// they are older: give the one of the time.
	Catalogue *office.Catalogue
	// SoftAfter; 0: the hall's.
	SoftAfter time.Duration
	// Remember keeps ended tickets and bookings of past days. Without it memory
	// is bounded by what is live, and an id that comes again on a later day is
	// only known by what else is wrong with it.
	Remember bool
}

// Auditor checks events as they are fed. It is not safe for concurrent use.
type Auditor struct {
	cfg      Config
	sites    map[string]*site
	chains   map[string]*chain
	acks     map[string][]Ack
	findings []Finding
	told     map[Finding]bool
	more     int
	events   int
}

// New makes an auditor that has seen nothing.
func New(c Config) *Auditor {
	if c.SoftAfter == 0 {
		c.SoftAfter = SoftAfter
	}
	return &Auditor{cfg: c, sites: map[string]*site{}, chains: map[string]*chain{}, acks: map[string][]Ack{}, told: map[Finding]bool{}}
}

// Findings are those so far, in the order they were found.
func (a *Auditor) Findings() []Finding { return slices.Clone(a.findings) }

// More counts findings beyond the first ten thousand.
func (a *Auditor) More() int { return a.more }

// Events counts what was fed.
func (a *Auditor) Events() int { return a.events }

// Seq is the sequence number of the last event fed of an office: feed the next one.
func (a *Auditor) Seq(officeID string) int64 {
	if s := a.sites[officeID]; s != nil {
		return s.seq
	}
	return 0
}

// Offices lists those that events were fed of, sorted.
func (a *Auditor) Offices() []string {
	out := make([]string, 0, len(a.sites))
	for id := range a.sites {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// find keeps a finding, once: what stays wrong is not told with every event.
func (a *Auditor) find(f Finding) {
	same := f
	if f.Invariant == I2 || f.Invariant == I9 {
		same.Seq = 0
	}
	if a.told[same] {
		return
	}
	if len(a.findings) == findingsMost {
		a.more++
		return
	}
	a.told[same] = true
	a.findings = append(a.findings, f)
}

func (a *Auditor) site(id string) *site {
	s := a.sites[id]
	if s == nil {
		s = newSite(a, id)
		a.sites[id] = s
	}
	return s
}

// Feed takes the next event of its office; offices may be interleaved. An
// event whose payload was erased (no kind) makes the auditor forget what it
// knew of the office: it goes on with what later events show.
func (a *Auditor) Feed(e event.Event) {
	a.events++
	s := a.site(e.Office)
	switch {
	case e.Seq <= s.seq:
		a.find(Finding{I10, e.Office, e.Seq, "", fmt.Sprintf("the event comes again, or after %d", s.seq)})
		return
	case e.Seq != s.seq+1:
		a.find(Finding{I10, e.Office, e.Seq, "", fmt.Sprintf("the event follows %d: events are missing", s.seq)})
		s.forget()
	}
	s.feed(e)
}

// Begin lets an auditor start at a snapshot instead of an office's first
// event. What came before is not judged.
func (a *Auditor) Begin(snap event.Snapshot) {
	s := newSite(a, snap.Head.Office)
	a.sites[s.id] = s
	s.blindBookings = true // those that occupy nothing are not in a snapshot
	s.seq, s.at, s.state = snap.Head.Seq, snap.At, snap.State
	for _, t := range snap.Tickets {
		s.seat(t)
		s.series(t.Day, t.Series).given.add(t.N)
	}
	for _, b := range snap.Bookings {
		s.putBooking(b)
	}
	for _, sh := range snap.Shifts {
		s.shifts[sh.Counter] = sh
	}
}

// Check looks at the whole of what was fed so far, at an instant of house
// time: everything acknowledged up to there is there, counters and tickets
// agree, and no event is of the future. It may be called again and again.
func (a *Auditor) Check(now time.Time) {
	for _, id := range a.Offices() {
		s := a.sites[id]
		s.sweep()
		if s.at.After(now) {
			s.find(I11, "", "the event is of %s, and it is only %s", s.clock(s.at), s.clock(now))
		}
	}
	a.settle(false)
}

// Close checks as at the end of all events: what was acknowledged and has not
// come is lost.
func (a *Auditor) Close(now time.Time) {
	a.Check(now)
	a.settle(true)
	for _, id := range sortedKeys(a.chains) {
		a.chains[id].end(a)
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
