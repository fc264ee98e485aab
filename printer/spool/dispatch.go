package spool

import (
	"context"
	"time"

	"vez/fault"
	"vez/printer"
)

// lettersWait is how long letters wait for a printer that is in trouble. The
// next day's are made by then, and most of these come too late.
const lettersWait = 24 * time.Hour

// memo is what the dispatcher remembers of a job that is pending.
type memo struct {
	state printer.State
	hub   string
	since time.Time // when it was first seen so
	stuck time.Time // since when nothing can print it; zero: something can
}

// dispatch looks at every pending job once: what is queued goes to the keeper
// of its printer, what nothing can print is given up in time, and what a dead
// hub left is settled.
func (s *Spooler) dispatch(ctx context.Context) {
	if !s.hub.held(s.c.Clock.Now()) || !s.c.Fleet.read() {
		return // others may take this hub for dead, or it does not know its printers yet
	}
	tasks, err := s.c.Jobs.Pending(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.c.Log.Warn("pending print jobs", "err", err)
		}
		return
	}
	now := s.c.Clock.Now()
	offices := map[string][]Seen{}
	dead := map[string]bool{}
	memory := make(map[string]*memo, len(tasks))
	for _, t := range tasks {
		m := s.remember(t, now)
		memory[t.ID] = m
		if _, ok := offices[t.Office]; !ok {
			offices[t.Office] = s.c.Fleet.State(t.Office)
		}
		if t.State == printer.Queued {
			err = s.place(ctx, t, m, s.c.Fleet.offered(t.Job, offices[t.Office]), now)
		} else {
			err = s.abandoned(ctx, t, m, dead, now)
		}
		if err != nil && ctx.Err() == nil {
			s.c.Log.Warn("print job", "job", t.ID, "office", t.Office, "err", err)
		}
	}
	s.memory = memory
}

func (s *Spooler) remember(t Task, now time.Time) *memo {
	m := s.memory[t.ID]
	if m == nil {
		m = &memo{since: now}
	}
	if m.state != t.State || m.hub != t.Hub {
		m.state, m.hub, m.since = t.State, t.Hub, now
	}
	return m
}

// place gives a queued job to a keeper of this hub: the first choice at once;
// one that is as good when the first leaves it waiting.
func (s *Spooler) place(ctx context.Context, t Task, m *memo, printers []Seen, now time.Time) error {
	to, why := Route(t, printers)
	if len(to) == 0 {
		return s.stuck(ctx, t, m, printers, why, now)
	}
	m.stuck = time.Time{}
	for i, p := range to {
		if i > 0 && (now.Sub(m.since) < s.c.Pace.Patience || !alike(t.Job, p, to[0])) {
			break
		}
		if k := s.keeper(p.ID); k != nil && k.held() && k.offer(t, p) {
			break
		}
	}
	return nil
}

// stuck gives a job up that nothing has been able to print for a while.
func (s *Spooler) stuck(ctx context.Context, t Task, m *memo, printers []Seen, why fault.Code, now time.Time) error {
	if m.stuck.IsZero() {
		m.stuck = now
	}
	if now.Sub(m.stuck) < s.c.Pace.Patience || !s.hold(t.ID) {
		return nil
	}
	defer s.letGo(t.ID)
	if t.Kind == printer.KindLetters && !hopeless(t, printers) && now.Sub(t.begun()) < lettersWait {
		return s.waits(ctx, t, why)
	}
	next := t
	next.State, next.Reason = printer.Failed, string(why)
	if onPhone(t.Job) {
		next.State = printer.Moved
	}
	changed, err := s.mark(ctx, &t, next)
	if changed {
		s.c.Log.Warn("print job given up", "job", t.ID, "kind", t.Kind, "office", t.Office, "state", t.State, "reason", t.Reason)
	}
	return err
}

// waits writes down what a job waits for. Its time stays: that since when it waits.
func (s *Spooler) waits(ctx context.Context, t Task, why fault.Code) error {
	if t.Reason == string(why) {
		return nil
	}
	next := t
	next.Reason = string(why)
	_, err := s.c.Jobs.Mark(ctx, t, next)
	return err
}

// abandoned settles a job in state printing on which nobody works any more.
func (s *Spooler) abandoned(ctx context.Context, t Task, m *memo, dead map[string]bool, now time.Time) error {
	if t.Hub == s.c.Hub {
		return s.unsent(ctx, t)
	}
	if now.Sub(m.since) < s.c.Pace.Lease {
		return nil
	}
	gone, asked := dead[t.Hub]
	if !asked {
		// Whose lease another can have has given no sign of life for its time.
		var err error
		gone, err = s.c.Leases.Lease(ctx, "spool:"+t.Hub, s.c.Hub, now.Add(-time.Second))
		if err != nil {
			return err
		}
		dead[t.Hub] = gone
	}
	if !gone {
		return nil
	}
	id := t.Printer
	if id == "" {
		id = BuiltIn
	}
	if k := s.keeper(id); k != nil && k.held() {
		k.offer(t, Printer{})
		return nil
	}
	if s.keptElsewhere(id, t.Office) {
		return nil
	}
	next := t
	next.State = printer.Unknown
	_, err := s.mark(ctx, &t, next)
	return err
}

// keptElsewhere says whether another hub keeps a printer, and so will ask it.
func (s *Spooler) keptElsewhere(id, office string) bool {
	for _, p := range s.c.Fleet.State(office) {
		if p.ID == id && id != BuiltIn {
			return s.c.Clock.Since(p.State.KeeperSeen) < s.c.Pace.Stale
		}
	}
	return false
}

// unsent queues a job again that this hub meant to print and did not: the mark was
// made although the store seemed to fail. Jobs that were sent stay in hand until their end is
// written down.
func (s *Spooler) unsent(ctx context.Context, t Task) error {
	if !s.hold(t.ID) {
		return nil
	}
	defer s.letGo(t.ID)
	// Seen before it was in hand, it may have ended since.
	now, err := s.c.Jobs.Job(ctx, t.ID)
	if err != nil || now.State != printer.Printing || now.Hub != s.c.Hub {
		return err
	}
	next := now
	next.State, next.Hub = printer.Queued, ""
	_, err = s.mark(ctx, &now, next)
	return err
}
