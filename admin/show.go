package admin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/counter"
	"vez/identity"
	"vez/live"
	"vez/may"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

type names = map[string]string

// chooser is the data of the page admin/choose.
type chooser struct{ Offices []officeLine }

type officeLine struct {
	ID       string
	Name, At names
}

// choose lists the offices that somebody may look at: GET /admin.
func (r *room) choose(c *fiber.Ctx) error {
	var v chooser
	who := identity.Of(c)
	for _, o := range r.Hall.Catalogue().Offices {
		if looks(who, o.ID) {
			v.Offices = append(v.Offices, officeLine{o.ID, o.Name.Names(), o.Address.Names()})
		}
	}
	if len(v.Offices) == 1 {
		return c.Redirect(pathOf(v.Offices[0].ID), fiber.StatusFound)
	}
	return web.Render(c, "admin/choose", v, web.Wide())
}

// page is the data of the page admin/office.
type page struct {
	head
	Manages        bool
	Closes         bool // may close the office or a queue
	Now            time.Time
	Paused         time.Time
	PauseReason    string
	Figures        figures
	Queues         []queueLine
	Counters       []counterLine
	ClosedCount    int
	Closures       []closureLine
	Devices        []identity.Paired
	DevicesAway    bool
	Choices        []choiceOf // queues that may be closed
	From, To       string     // what the closure form begins with
	PauseReasons   []string
	ClosureReasons []string
	Printing       *printing // nil: nothing is known of printers
	Version        string
}

type choiceOf struct {
	Value, Prefix string
	Name          names
}

type figures struct {
	Waiting, Serving, Parked, Open int
	// Longest is how long the first of the line has waited.
	Longest time.Duration
	Lost    int
}

type queueLine struct {
	Prefix string
	Name   names
	live.Queue
}

type counterLine struct {
	ID, Label string
	State     counter.State
	Reason    string
	BackAt    time.Time
	Since     time.Time
	Prefixes  []string
	Number    string
	Ticket    ticket.State
	For       time.Duration // how long the ticket has been called or served
	Closes    bool
	// Tell: its console has been silent so long that somebody should go and look.
	Tell bool
}

type closureLine struct {
	office.Closure
	Queue names
	Now   bool
}

// show is the office's page: GET /admin/offices/{id}.
func (r *room) show(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	v, err := r.view(c.UserContext(), p)
	if err != nil {
		return err
	}
	if v.Devices, err = r.Devices.Devices(c.UserContext(), p.office.ID); err != nil {
		v.DevicesAway = true
	}
	for i, d := range v.Devices {
		if d.Beat != nil {
			beat := *d.Beat
			beat.At = beat.At.In(p.office.Location())
			v.Devices[i].Beat = &beat
		}
	}
	v.head = r.head(c, p, "hall")
	return web.Render(c, "admin/office", v, web.Wide(), web.Refresh(30*time.Second))
}

// view reads all but the devices.
func (r *room) view(ctx context.Context, p place) (*page, error) {
	now := r.Hall.Now().In(p.office.Location())
	day := p.office.Day(now)
	read := r.Hall.Read(ctx)
	state, err := read.State(p.office.ID)
	if err != nil {
		return nil, err
	}
	v := &page{head: head{ID: p.office.ID}, Manages: p.Manages, Now: now,
		PauseReasons: pauseReasons, ClosureReasons: office.ClosureReasons,
		From: now.Format("2006-01-02T15:04"), To: now.Add(3 * time.Hour).Format("2006-01-02T15:04")}
	v.closures(p, state)
	for _, q := range p.cat.QueuesOf(p.office.ID) {
		if may.CloseOffice(p.cat, p.who, p.office.ID, q.ID) {
			v.Closes = true
			v.Choices = append(v.Choices, choiceOf{q.ID, q.Prefix, q.Name.Names()})
		}
	}
	if err := r.queues(ctx, p, v); err != nil {
		return nil, err
	}
	var tickets []ticket.Ticket
	if state.Day == day { // else nobody has been there today
		if state.Paused() {
			v.Paused, v.PauseReason = state.PausedAt.In(now.Location()), state.PauseReason
		}
		if tickets, err = read.Live(p.office.ID, day); err != nil {
			return nil, err
		}
		shifts, err := read.Shifts(p.office.ID)
		if err != nil {
			return nil, err
		}
		v.counters(p, tickets, shifts, r.seen(ctx, p.office.ID), r.Machine.Now())
		v.figures(tickets, now)
	}
	if v.Printing, err = r.printing(ctx, p, tickets); err != nil {
		return nil, err
	}
	v.ClosedCount = len(p.office.Counters) - len(v.Counters)
	v.Version = fmt.Sprint(v.Paused.UnixMilli(), len(state.Closures))
	return v, nil
}

func (v *page) closures(p place, state office.State) {
	for _, c := range state.Closures {
		if !v.Now.Before(c.To) {
			continue
		}
		line := closureLine{Closure: c, Now: !v.Now.Before(c.From)}
		line.From, line.To = c.From.In(v.Now.Location()), c.To.In(v.Now.Location())
		if q := p.cat.Queue(c.Queue); q != nil {
			line.Queue = q.Name.Names()
		}
		v.Closures = append(v.Closures, line)
	}
}

// queues are the live figures, in the order of the catalogue; busy ones first.
func (r *room) queues(ctx context.Context, p place, v *page) error {
	all, err := r.Live.Queues(ctx, p.office.ID)
	if err != nil {
		return err
	}
	for _, q := range all.Queues {
		if x := p.cat.Queue(q.Queue); x != nil {
			v.Queues = append(v.Queues, queueLine{x.Prefix, x.Name.Names(), q})
		}
	}
	slices.SortStableFunc(v.Queues, func(a, b queueLine) int { return b.Waiting - a.Waiting })
	return nil
}

// seen is when each console gave its last sign; nil when that is not known.
func (r *room) seen(ctx context.Context, officeID string) map[string]time.Time {
	all, err := r.Live.Counters(ctx, officeID)
	if err != nil {
		return nil
	}
	out := map[string]time.Time{}
	for _, c := range all.Counters {
		out[c.Shift.Counter] = c.Seen
	}
	return out
}

func (v *page) counters(p place, tickets []ticket.Ticket, shifts []counter.Shift, seen map[string]time.Time, machine time.Time) {
	byID := map[string]counter.Shift{}
	for _, s := range shifts {
		byID[s.Counter] = s
	}
	for _, c := range p.office.Counters {
		s, ok := byID[c.ID]
		if !ok || s.State == counter.Closed || s.State == "" {
			continue
		}
		line := counterLine{ID: c.ID, Label: c.Label, State: s.State, Reason: s.Reason, Since: s.Since.In(v.Now.Location()), Closes: may.CloseCounter(p.cat, p.who, &c, s)}
		if !s.BackAt.IsZero() {
			line.BackAt = s.BackAt.In(v.Now.Location())
		}
		if heard := seen[c.ID]; !heard.IsZero() { // a console that never gave a sign is not called lost
			line.State, line.Tell = counter.Seen(s, heard, machine), counter.TellManager(s, heard, machine)
		}
		for _, q := range s.Queues {
			if x := p.cat.Queue(q.Queue); x != nil {
				line.Prefixes = append(line.Prefixes, x.Prefix)
			}
		}
		line.open(tickets, s.Ticket, v.Now)
		v.Counters = append(v.Counters, line)
		v.Figures.Open++
		if line.State == counter.Lost {
			v.Figures.Lost++
		}
	}
}

// open fills in the ticket that is called or served at the counter.
func (l *counterLine) open(tickets []ticket.Ticket, id string, now time.Time) {
	i := slices.IndexFunc(tickets, func(t ticket.Ticket) bool { return t.ID == id })
	if id == "" || i < 0 {
		return
	}
	t := tickets[i]
	l.Number, l.Ticket = t.Number, t.State
	since := t.CalledAt
	if t.State == ticket.Serving {
		since = t.ServingAt
	}
	l.For = max(now.Sub(since), 0)
}

// Minutes is For in whole minutes.
func (l counterLine) Minutes() int { return int(l.For / time.Minute) }

// LongestMinutes is Longest in whole minutes.
func (f figures) LongestMinutes() int { return int(f.Longest / time.Minute) }

func (v *page) figures(tickets []ticket.Ticket, now time.Time) {
	for _, t := range tickets {
		switch t.State {
		case ticket.Waiting:
			v.Figures.Waiting++
			v.Figures.Longest = max(v.Figures.Longest, now.Sub(t.Arrival))
		case ticket.Called, ticket.Serving:
			v.Figures.Serving++
		case ticket.Parked:
			v.Figures.Parked++
		}
	}
}
