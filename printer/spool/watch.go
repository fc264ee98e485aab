package spool

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vez/fault"
	"vez/printer"
)

// State gives an office's printers and how they are, from the hub's snapshot, the
// first choice first. An office without a confirmed printer has the built-in
// folder as well, the last, with the id BuiltIn.
func (f *Fleet) State(office string) []Seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state(office)
}

func (f *Fleet) state(office string) []Seen {
	var out []Seen
	confirmed := false
	for _, s := range f.seen {
		if s.Office == office {
			out = append(out, f.aged(s))
			confirmed = confirmed || s.Confirmed
		}
	}
	slices.SortFunc(out, func(a, b Seen) int { return before(printer.Job{}, a.Printer, b.Printer) })
	if !confirmed {
		out = append(out, f.folder(office))
	}
	return out
}

func (f *Fleet) folder(office string) Seen {
	return Seen{Printer{ID: BuiltIn, Office: office, Format: printer.Roll80, Confirmed: true}, f.builtIn}
}

// offered are an office's printers for a job, with the built-in folder where none takes its paper: letters
// of an office that has strips only would else never come out.
func (f *Fleet) offered(j printer.Job, office []Seen) []Seen {
	if j.Kind == printer.KindProbe || slices.ContainsFunc(office, func(s Seen) bool { return takes(s.Printer, j) }) {
		return office
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return append(office[:len(office):len(office)], f.folder(j.Office))
}

// aged says that a printer is away whose keeper is gone.
func (f *Fleet) aged(s Seen) Seen {
	last := s.State.KeeperSeen
	if met := f.signs[s.ID].met; met.After(last) {
		last = met
	}
	if gone := last.Add(f.c.Pace.Stale); f.c.Clock.Now().After(gone) {
		if s.State.Problem == "" {
			s.State.Since = gone
		}
		s.State.Problem = fault.PrinterAway
	}
	return s
}

// Trouble says why a paper of a kind, asked for at a kiosk or counter, could
// not be printed now; "" when it could.
func (f *Fleet) Trouble(office string, kind printer.Kind, by string) fault.Code {
	j := printer.Job{Office: office, Kind: kind, By: by}
	_, why := Route(Task{Job: j}, f.offered(j, f.State(office)))
	return why
}

// Subscribe rings when a printer of the office ("": of any) was added, changed,
// removed, or is otherwise than before. cancel ends it.
func (f *Fleet) Subscribe(office string) (rung <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rings[c] = ring{office: office, last: f.shown(office)}
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.rings, c)
	}
}

// shown is what somebody sees of an office, without the keeper's signs of life.
func (f *Fleet) shown(office string) string {
	var b strings.Builder
	offices := []string{office}
	if office == "" {
		offices = offices[:0]
		for _, s := range f.seen {
			offices = append(offices, s.Office)
		}
		slices.Sort(offices)
	}
	for _, o := range slices.Compact(offices) {
		for _, s := range f.state(o) {
			s.State.KeeperSeen = time.Time{}
			fmt.Fprintf(&b, "%+v\n", s)
		}
	}
	return b.String()
}

// tell rings everybody for whom something is otherwise.
func (f *Fleet) tell() {
	f.mu.Lock()
	defer f.mu.Unlock()
	shown := map[string]string{}
	for c, r := range f.rings {
		now, ok := shown[r.office]
		if !ok {
			now = f.shown(r.office)
			shown[r.office] = now
		}
		if now == r.last {
			continue
		}
		f.rings[c] = ring{office: r.office, last: now}
		select {
		case c <- struct{}{}:
		default: // is rung already
		}
	}
}

// report takes down how a printer is, as its keeper saw it, and says whether
// its trouble changed. What is new is stored.
func (f *Fleet) report(ctx context.Context, id, hub string, st printer.Status) (changed bool) {
	f.mu.Lock()
	f.own = hub
	now := f.c.Clock.Now()
	s, known := f.seen[id]
	if id == BuiltIn {
		s.State = f.builtIn
	}
	was := s.State
	s.State = State{Problem: st.Problem, Low: st.PaperLow, Silent: st.Silent, Since: was.Since, Hub: hub, KeeperSeen: now}
	if changed = was.Problem != st.Problem; changed || was.Since.IsZero() {
		s.State.Since = now
	}
	if id == BuiltIn {
		f.builtIn = s.State
	} else if known {
		f.seen[id] = s
	}
	f.mu.Unlock()
	f.tell()
	if known {
		f.store(ctx, s)
	}
	return changed
}

// beat shows that the keeper of a printer is there.
func (f *Fleet) beat(ctx context.Context, id, hub string) {
	f.mu.Lock()
	s, known := f.seen[id]
	mine := known && s.State.Hub == hub
	if mine {
		s.State.KeeperSeen = f.c.Clock.Now()
		f.seen[id] = s
	}
	f.mu.Unlock()
	if mine {
		f.store(ctx, s)
	}
}

// store writes how a printer is, if what was written last says otherwise or is
// old.
func (f *Fleet) store(ctx context.Context, s Seen) {
	f.mu.Lock()
	last := f.beaten[s.ID]
	f.mu.Unlock()
	quiet := s.State
	quiet.KeeperSeen = last.KeeperSeen
	if quiet == last && s.State.KeeperSeen.Sub(last.KeeperSeen) < f.c.Pace.Beat {
		return
	}
	data, err := json.Marshal(s.State)
	if err == nil {
		err = f.c.Store.Put(ctx, kindState, s.ID, s.Office, data, time.Time{})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, still := f.seen[s.ID]; still && err == nil {
		f.beaten[s.ID] = s.State
	}
	if err != nil {
		f.c.Log.Warn("state of a printer", "printer", s.ID, "err", err)
	}
}
