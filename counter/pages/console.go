package pages

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/counter"
	"vez/fault"
	"vez/locale"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

// What a console is about, as its template tells apart.
const (
	modeClosed  = "closed"  // to be opened
	modeTaken   = "taken"   // a colleague is at it
	modeBreak   = "break"   //
	modeIdle    = "idle"    // free: call the next one
	modeCalled  = "called"  //
	modeServing = "serving" //
)

// console is the data of the page counter/console.
type console struct {
	ID, Label string
	Office    names
	OfficeID  string
	Zone      names
	Mode      string
	// Paused is since when the hall stands still; zero when it does not.
	Paused      time.Time
	PauseReason string
	Closing     bool
	WritingUp   bool
	Since       time.Time
	Break       struct {
		Reason string
		BackAt time.Time
		Over   bool
	}
	Queues  []choiceOf // that this shift serves, in order
	Open    *openTicket
	Done    *done
	Refused *refused
	Lists   lists
	Others  []neighbour
	Picked  *picked
	// Seen is when the page's state was read, where it cannot be read now; else zero.
	Seen  time.Time
	Asked string // the number that was looked for and not found
	Forms forms

	Now, Machine time.Time
	Speed        float64
	Version      string // of what the page shows of this desk; see live.go
	KeptVerb     string
	KeptKey      string
}

// openTicket is what is called or served here.
type openTicket struct {
	row
	Why *reason
	// CalledAt is the first call; MissAt is when it may be declared missed.
	CalledAt, ServingAt, MissAt time.Time
	Recalls                     int
	Invited                     bool
	Until                       time.Time // that the wait is counted to
}

// picked is a ticket that the clerk has chosen from a list or by its number.
type picked struct {
	row
	// What may be done with it from here.
	Call, Here, StartMissed, Resume, Return, Reopen, TakeOver, Cancel, Unserve, Change bool
	Services                                                                           []group
	Outcome                                                                            ticket.Outcome
	EndedAt                                                                            time.Time
}

// forms are the choices that the open forms offer.
type forms struct {
	Queues       []choiceOf // to open with
	OtherQueues  []choiceOf
	ServeHere    []group
	ServeQueues  []choiceOf
	Continue     []group
	ToQueues     []choiceOf
	ToCounters   []choiceOf
	CallReasons  []string
	BreakReasons []string
	Languages    []tongue
	Needs        []office.Need
	Minutes      []int
	ParkMinutes  []int
}

type tongue struct{ Lang, Name string }

// console shows the counter: GET /counter/{id}, with ?ticket= or ?number= a
// ticket that the clerk looks at more closely.
func (r *room) console(c *fiber.Ctx) error {
	d, err := r.desk(c)
	if err != nil {
		return err
	}
	f, seen, err := r.floorNow(c.UserContext(), d.office)
	if err != nil {
		return err
	}
	v := r.view(c.UserContext(), d, f)
	v.Seen = seen
	v.Done, v.Refused = r.lastDone(c), takeRefused(c, d)
	if err := r.pick(c, d, f, v); err != nil {
		return err
	}
	if v.Refused != nil {
		v.KeptVerb, v.KeptKey = v.Refused.Verb, v.Refused.Key
	}
	if held(v.Mode) {
		r.touch(c.UserContext(), d)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.Render(c, "counter/console", v, web.Wide(), web.Refresh(30*time.Second))
}

// floorNow reads an office, or gives it as it was seen last while the ledger is
// away, and when that was: the clerk has somebody before them and must not lose
// sight of whom.
func (r *room) floorNow(ctx context.Context, o *office.Office) (f floor, seen time.Time, err error) {
	if r.Ledger.Away().IsZero() {
		if f, err = r.readFloor(ctx, o.ID); err == nil {
			r.floors.keep(o.ID, f)
			return f, time.Time{}, nil
		}
		if fault.Of(err).Kind != fault.Unavailable {
			return f, time.Time{}, err
		}
	} else {
		err = fault.New(fault.LedgerAway)
	}
	now := r.Hall.Now().In(o.Location())
	f, ok := r.floors.known(o.ID, o.Day(now))
	if !ok {
		return f, time.Time{}, err
	}
	seen, f.now = f.now, now
	return f, seen, nil
}

// held says whether the console is this clerk's own and open.
func held(mode string) bool { return mode != modeClosed && mode != modeTaken }

// touch lets others see that somebody is at the console.
func (r *room) touch(ctx context.Context, d desk) {
	if r.Touch != nil {
		_ = r.Touch(ctx, d.office.ID, d.counter.ID) // silence is judged after a minute; the next sign is not far
	}
}

// view is the console without what belongs to one request.
func (r *room) view(ctx context.Context, d desk, f floor) *console {
	s := f.shift(d.counter.ID)
	v := &console{
		ID: d.counter.ID, Label: d.counter.Label, Office: d.office.Name.Names(), OfficeID: d.office.ID, Mode: d.mode(f),
		Closing: s.State == counter.Closing, WritingUp: s.WritingUp, Lists: d.lists(f, r.Speed), Others: d.neighbours(f),
		Now: f.now, Machine: r.Machine.Now(), Speed: r.Speed, Version: d.version(f),
	}
	for _, z := range d.office.Zones {
		if z.ID == d.counter.Zone {
			v.Zone = z.Name.Names()
		}
	}
	if f.state.Paused() {
		v.Paused, v.PauseReason = f.state.PausedAt.In(d.office.Location()), f.state.PauseReason
	}
	if v.Mode == modeBreak {
		v.Break.Reason = s.Reason
		if !s.BackAt.IsZero() {
			v.Break.BackAt = s.BackAt.In(d.office.Location())
			v.Break.Over = f.now.After(s.BackAt)
		}
	}
	for _, served := range s.Queues {
		if q := d.cat.Queue(served.Queue); q != nil {
			v.Queues = append(v.Queues, choiceOf{Value: q.ID, Prefix: q.Prefix, Name: q.Name.Names()})
		}
	}
	if t, ok := f.ticket(s.Ticket); ok && held(v.Mode) {
		v.Open = r.openTicket(ctx, d, f, t)
	}
	v.Forms = d.forms(f, s, v.Mode)
	return v
}

func (d desk) mode(f floor) string {
	s := f.shift(d.counter.ID)
	t, open := f.ticket(s.Ticket)
	switch {
	case s.State == counter.Closed:
		return modeClosed
	case s.Clerk != d.who.Subject:
		return modeTaken
	case s.State == counter.Break:
		return modeBreak
	case open && t.State == ticket.Serving:
		return modeServing
	case open:
		return modeCalled
	}
	return modeIdle
}

// version changes whenever the page's own part, above the lists, is out of date.
func (d desk) version(f floor) string {
	s := f.shift(d.counter.ID)
	t, _ := f.ticket(s.Ticket)
	return fmt.Sprintf("%d.%d.%d", s.Seq, t.Seq, f.state.PausedAt.UnixMilli())
}

func (r *room) openTicket(ctx context.Context, d desk, f floor, t ticket.Ticket) *openTicket {
	local := func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		return at.In(d.office.Location())
	}
	o := &openTicket{row: d.row(f, t), CalledAt: local(t.CalledAt), ServingAt: local(t.ServingAt), Recalls: t.Recalls, Invited: t.Invited}
	o.Until = f.now
	if !t.CalledAt.IsZero() {
		o.Until = local(t.CalledAt)
	} else if !t.ServingAt.IsZero() {
		o.Until = local(t.ServingAt)
	}
	o.Waited = max(o.Until.Sub(t.Arrival), 0)
	if t.State == ticket.Called {
		rules := d.cat.Queue(t.Queue).RulesOn(f.day)
		o.MissAt = f.now.Add(ticket.CanMiss(t, f.now, d.far(), rules))
	}
	if w, ok := r.whyOf(ctx, d.counter.ID, t); ok {
		x := d.reason(w)
		o.Why = &x
	}
	return o
}

// far tells whether the counter's zone takes longer to reach.
func (d desk) far() bool {
	for _, z := range d.office.Zones {
		if z.ID == d.counter.Zone {
			return z.Far
		}
	}
	return false
}

// pick finds the ticket that the clerk asks about.
func (r *room) pick(c *fiber.Ctx, d desk, f floor, v *console) error {
	id, number := c.Query("ticket"), strings.ToUpper(strings.Join(strings.Fields(c.Query("number")), ""))
	if id == "" && number == "" {
		return nil
	}
	read := r.Hall.Read(c.UserContext())
	var t ticket.Ticket
	var err error
	if !v.Seen.IsZero() {
		r.pickKnown(c, d, f, v, id, number)
		return nil
	}
	if id != "" {
		t, err = read.Ticket(id)
	} else {
		t, err = read.TicketByNumber(d.office.ID, f.day, number)
	}
	switch {
	case fault.CodeOf(err) == fault.UnknownThing || err == nil && (t.Office != d.office.ID || t.Day != f.day):
		v.Asked = number
		return nil
	case err != nil:
		return err
	}
	v.Picked = d.picked(f, t, v.Mode)
	return nil
}

// pickKnown finds the ticket among those that were known when the ledger went.
func (r *room) pickKnown(c *fiber.Ctx, d desk, f floor, v *console, id, number string) {
	for _, t := range f.tickets {
		if t.ID == id || t.Number == number {
			v.Picked = d.picked(f, t, v.Mode)
			return
		}
	}
	var n refused
	n.Title, n.Detail = web.FaultText(web.Text(c), fault.New(fault.LedgerAway))
	v.Refused = &n
}

// picked tells what may be done with a ticket from here. The hall decides; this
// only keeps what cannot be from being offered.
func (d desk) picked(f floor, t ticket.Ticket, mode string) *picked {
	p := &picked{row: d.row(f, t), Outcome: t.Outcome}
	if !t.EndedAt.IsZero() {
		p.EndedAt = t.EndedAt.In(d.office.Location())
	}
	if !held(mode) || !p.MayTouch {
		return p
	}
	can := func(m ticket.Move) bool { return ticket.May(t.State, m, ticket.Clerk) }
	free, here := mode == modeIdle, mode == modeIdle || mode == modeCalled
	s := f.shift(d.counter.ID)
	p.Call = free && can(ticket.CallThis) && !p.FilingOrder
	p.Here = here && t.ID != s.Ticket && (t.State == ticket.Missed || can(ticket.CallThis) && !p.FilingOrder)
	p.StartMissed = free && t.State == ticket.Missed && p.Mine
	p.Resume = free && can(ticket.Resume)
	p.Return = (t.State == ticket.Missed || t.State == ticket.Parked) && can(ticket.Return)
	p.Reopen = free && can(ticket.Reopen)
	p.TakeOver = free && can(ticket.TakeOver) && !p.Mine
	p.Cancel = can(ticket.Cancel)
	p.Unserve = ticket.May(t.State, ticket.Unserve, ticket.Manager) && d.manages(t.Queue)
	if p.Change = can(ticket.Change); p.Change {
		p.Services = d.servicesBy(d.near(t.Queue))
	}
	return p
}

// near lists the queues of the same department as one, itself first: where a
// wrong choice most likely meant to go.
func (d desk) near(queue string) []*office.Queue {
	own := d.cat.Queue(queue)
	out := []*office.Queue{own}
	for _, q := range d.cat.QueuesOf(d.office.ID) {
		if q != own && q.Department == own.Department {
			out = append(out, q)
		}
	}
	return out
}

func option(q *office.Queue) choiceOf {
	return choiceOf{Value: q.ID, Prefix: q.Prefix, Name: q.Name.Names()}
}

// forms collects what the forms of a mode offer.
func (d desk) forms(f floor, s counter.Shift, mode string) forms {
	o := forms{CallReasons: ticket.CallReasons, BreakReasons: breakReasons, Minutes: []int{5, 10, 15, 30, 45, 60, 90},
		ParkMinutes: []int{5, 10, 15, 20, 30, 45, 60},
		Needs:       []office.Need{office.NeedLowDesk, office.NeedSign, office.NeedLoop, office.NeedMoreTime}}
	for _, l := range d.office.Languages {
		o.Languages = append(o.Languages, tongue{l, locale.Endonym(l)})
	}
	served := func(id string) bool { return s.Serves(id) || s.State == counter.Closed && d.own(id) }
	for _, q := range d.queues() {
		x := option(q)
		x.Checked = served(q.ID)
		if x.Checked || d.own(q.ID) {
			o.Queues = append(o.Queues, x)
		} else {
			o.OtherQueues = append(o.OtherQueues, x)
		}
	}
	switch mode {
	case modeIdle:
		d.serveForms(&o, s)
	case modeServing:
		d.leaveForms(&o, f, s)
	}
	return o
}

// serveForms offers what a person without a ticket may have come for: the
// services of this shift by name, the other queues as they are.
func (d desk) serveForms(o *forms, s counter.Shift) {
	var mine []*office.Queue
	for _, q := range d.queues() {
		if s.Serves(q.ID) {
			mine = append(mine, q)
			continue
		}
		x := option(q)
		x.Value = "queue:" + x.Value
		o.ServeQueues = append(o.ServeQueues, x)
	}
	o.ServeHere = d.servicesBy(mine)
}

// leaveForms offers where a served ticket may go on to.
func (d desk) leaveForms(o *forms, f floor, s counter.Shift) {
	t, _ := f.ticket(s.Ticket)
	all := d.cat.QueuesOf(d.office.ID)
	o.Continue = d.servicesBy(all)
	for _, q := range all {
		if q.ID != t.Queue {
			x := option(q)
			x.Value = "queue:" + q.ID
			o.ToQueues = append(o.ToQueues, x)
		}
	}
	for _, c := range d.office.Counters {
		if c.ID == d.counter.ID || len(c.Queues) == 0 || f.stateOf(c.ID) != counter.Open {
			continue
		}
		if q := d.cat.Queue(c.Queues[0]); q != nil {
			o.ToCounters = append(o.ToCounters, choiceOf{Value: "counter:" + c.ID, Prefix: c.Label, Name: q.Name.Names()})
		}
	}
}
