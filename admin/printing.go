package admin

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/printer"
	"vez/printer/spool"
	"vez/ticket"
)

// printing is what the hall's page says of printers and papers.
type printing struct {
	Trouble []printerLine
	// Ready of All the printers that are used; BuiltIn: there is none, and papers go to a folder.
	Ready, All int
	BuiltIn    bool
	// Waiting counts the papers that have not come out for a while.
	Waiting int
	// Lost are the papers that tickets of today did not get, or perhaps not.
	Lost []lostPaper
	// More that are not listed.
	More int
}

// lostPaper is a ticket's last paper that failed, was moved to the phone, or of
// which nobody knows.
type lostPaper struct {
	Number string
	State  printer.State
	// Reason is the last part of a text admin.printers.how.*; "" when there is none.
	Reason string
	At     time.Time
}

const (
	waitingAfter = 15 * time.Second // a paper that has not come out by then is told of
	lostShown    = 8
	// The last papers are read of so many tickets, at most so often for all who look.
	lostTickets = 150
	lostEvery   = 5 * time.Second
)

// printing looks at the printers and at the papers of the tickets of today.
func (r *room) printing(ctx context.Context, p place, tickets []ticket.Ticket) (*printing, error) {
	if r.Printers == nil {
		return nil, nil
	}
	v := &printing{}
	for _, s := range firstTroubled(r.Printers.State(p.office.ID)) {
		switch {
		case inTrouble(s):
			v.Trouble = append(v.Trouble, p.line(s, nil, r.Machine.Now()))
		case s.Confirmed:
			v.Ready++
		}
		if s.Confirmed {
			v.All++
		}
		v.BuiltIn = v.BuiltIn || s.ID == spool.BuiltIn
	}
	pending, err := r.Hall.PendingPrints(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range pending {
		if j.Office == p.office.ID && j.Kind != string(printer.KindProbe) && r.Machine.Since(j.At) > waitingAfter {
			v.Waiting++
		}
	}
	v.Lost, err = r.lost.of(ctx, r, p, tickets)
	if len(v.Lost) > lostShown {
		v.Lost, v.More = v.Lost[:lostShown], len(v.Lost)-lostShown
	}
	return v, err
}

// lostPapers remembers what was read of each office, for all who look.
type lostPapers struct {
	mu      sync.Mutex
	offices map[string]*lostOffice
}

// lostOffice is what was read of one office.
type lostOffice struct {
	reads chan struct{} // who has put something in reads
	mu    sync.Mutex
	day   office.Day
	at    time.Time
	// papers of day; they are not changed any more.
	papers []lostPaper
}

func (l *lostPapers) office(id string) *lostOffice {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.offices[id]
	if o == nil {
		if l.offices == nil {
			l.offices = map[string]*lostOffice{}
		}
		o = &lostOffice{reads: make(chan struct{}, 1)}
		l.offices[id] = o
	}
	return o
}

// kept gives what was read of a day, and whether it is new enough to be told.
func (o *lostOffice) kept(day office.Day, now time.Time) (papers []lostPaper, there, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at.IsZero() || o.day != day {
		return nil, false, false
	}
	return o.papers, true, now.Sub(o.at) < lostEvery
}

func (o *lostOffice) keep(day office.Day, now time.Time, papers []lostPaper) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.day, o.at, o.papers = day, now, papers
}

// of gives an office's lost papers of today. While somebody reads them, others
// get the list of before: a slow ledger keeps one waiting, not everybody.
func (l *lostPapers) of(ctx context.Context, r *room, p place, tickets []ticket.Ticket) ([]lostPaper, error) {
	o, day, now := l.office(p.office.ID), p.office.Day(r.Hall.Now()), r.Machine.Now()
	papers, there, fresh := o.kept(day, now)
	if fresh {
		return papers, nil
	}
	select {
	case o.reads <- struct{}{}:
	default:
		if there {
			return papers, nil
		}
		select {
		case o.reads <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { <-o.reads }()
	if papers, _, fresh = o.kept(day, now); fresh { // somebody has read them meanwhile
		return papers, nil
	}
	papers, err := r.readLost(ctx, p, tickets)
	if err == nil {
		o.keep(day, now, papers)
	}
	return papers, err
}

// readLost reads the last paper of the tickets that came last.
func (r *room) readLost(ctx context.Context, p place, tickets []ticket.Ticket) ([]lostPaper, error) {
	newest := slices.Clone(tickets)
	slices.SortFunc(newest, func(a, b ticket.Ticket) int { return b.Arrival.Compare(a.Arrival) })
	var out []lostPaper
	for _, t := range newest[:min(len(newest), lostTickets)] {
		jobs, err := r.Hall.PrintJobs(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		if j, ok := lastPaper(jobs, printer.KindTicket); ok && lostState(printer.State(j.State)) {
			x := lostPaper{Number: t.Number, State: printer.State(j.State), At: j.At.In(p.office.Location())}
			if j.Reason != "" {
				x.Reason = troubleKey(fault.Code(j.Reason))
			}
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b lostPaper) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Number, b.Number)) })
	return out, nil
}

func lostState(s printer.State) bool {
	return s == printer.Unknown || s == printer.Failed || s == printer.Moved
}

// lastPaper is the highest copy of a kind.
func lastPaper(jobs []hall.PrintJob, kind printer.Kind) (last hall.PrintJob, ok bool) {
	for _, j := range jobs {
		if j.Kind == string(kind) && (!ok || j.Copy > last.Copy) {
			last, ok = j, true
		}
	}
	return last, ok
}
