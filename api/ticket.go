package api

import (
	"context"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/office"
	"vez/ticket"
)

// Ticket is one person's place in a queue today. Times bear the office's offset.
type Ticket struct {
	ID      string `json:"id"`
	Number  string `json:"number" example:"A047"`
	State   string `json:"state" enum:"remote,waiting,called,serving,parked,missed,done,cancelled,expired,unserved"`
	Office  string `json:"office"`
	Queue   string `json:"queue"`
	Service string `json:"service,omitempty"`
	Counter string `json:"counter" doc:"Where it is called, served, or was missed; else empty."`
	Desk    string `json:"desk,omitempty" doc:"What stands over that counter."`
	Class   string `json:"class" enum:"walkin,booked,late,remote,pass"`
	Booking string `json:"booking,omitempty"`

	Due     *time.Time `json:"due" doc:"The instant its turn is reckoned from."`
	Ahead   int        `json:"ahead" doc:"Up to so many are before it."`
	Window  *Window    `json:"window" doc:"When its turn is expected, as reckoned now; null when nothing can be said."`
	Told    *Window    `json:"told,omitempty" doc:"What the holder was told when it was issued."`
	Notices []string   `json:"notices,omitempty" doc:"What the holder should know: hall_paused, near, passed, activate, withdrawn …"`

	Lang     string     `json:"lang,omitempty"`
	People   int        `json:"people,omitempty"`
	Needs    []string   `json:"needs,omitempty"`
	Named    bool       `json:"named,omitempty" doc:"The clerk asks whether this is the holder of the booking."`
	Arrival  *time.Time `json:"arrival,omitempty"`
	Start    *time.Time `json:"start,omitempty" doc:"The booked start."`
	NotFrom  *time.Time `json:"callable,omitempty" doc:"Before it a call is only an invitation."`
	CalledAt *time.Time `json:"called_at,omitempty"`
	Recalls  int        `json:"recalls,omitempty"`
	Serving  *time.Time `json:"serving_at,omitempty"`
	BackBy   *time.Time `json:"back_by,omitempty" doc:"Parked: expected back. Missed: may come back until."`
	Stepped  bool       `json:"stepped_out,omitempty" doc:"The one step-out is used."`
	Outcome  string     `json:"outcome,omitempty" enum:"served,incomplete,not_served,left,unrecorded"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`

	Link  string    `json:"link,omitempty" doc:"Its live page, for the holder alone."`
	Code  string    `json:"code,omitempty" doc:"The QR's text that activates a remote ticket, or of a return pass."`
	Print *PrintJob `json:"print,omitempty"`
}

// Window is a stretch of time.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// PrintJob is a paper on its way.
type PrintJob struct {
	ID     string `json:"id"`
	State  string `json:"state" enum:"queued,printing,printed,failed,moved,unknown"`
	Reason string `json:"reason,omitempty"`
}

// ticketShape renders a ticket without what must be asked for: place and link.
func (a *API) ticketShape(t ticket.Ticket) Ticket {
	a.fresh.note(t.Office, t.Seq)
	o := a.cat.Office(t.Office)
	v := Ticket{ID: t.ID, Number: t.Number, State: string(t.State), Office: t.Office, Queue: t.Queue, Service: t.Service,
		Counter: t.Counter, Class: string(t.Class), Booking: t.Booking, Due: in(o, t.Due), Lang: t.Lang, People: t.People,
		Needs: needs(t.Needs), Arrival: in(o, t.Arrival), Start: in(o, t.Start), NotFrom: in(o, t.Callable), CalledAt: in(o, t.CalledAt),
		Recalls: t.Recalls, Serving: in(o, t.ServingAt), Stepped: t.SteppedOut, Outcome: string(t.Outcome), EndedAt: in(o, t.EndedAt)}
	if n := a.cat.Counter(t.Counter); n != nil {
		v.Desk = n.Label
	}
	if !t.From.IsZero() && !t.To.IsZero() {
		v.Told = &Window{*in(o, t.From), *in(o, t.To)}
	}
	v.Window = v.Told
	if s := a.cat.Service(t.Service); s != nil {
		v.Named = t.Booking != "" && s.RulesAt(t.Queue, t.Day).Named
	}
	switch q := a.cat.Queue(t.Queue); {
	case t.State == ticket.Parked:
		v.BackBy = in(o, t.ParkedUntil)
	case t.State == ticket.Missed && q != nil:
		v.BackBy = in(o, t.MissedAt.Add(q.RulesOn(t.Day).ReturnGrace))
	}
	return v
}

// ticketNow renders a ticket with its place in the line and its return pass.
func (a *API) ticketNow(ctx context.Context, t ticket.Ticket) (Ticket, error) {
	v, line, err := a.ticketShaped(t)
	if err != nil || !line {
		return v, err
	}
	return a.placedIn(ctx, v, t)
}

// ticketShaped renders a ticket with its return pass; line tells that it has a
// place in the line, which is not filled in.
func (a *API) ticketShaped(t ticket.Ticket) (v Ticket, line bool, err error) {
	v = a.ticketShape(t)
	v.Code, err = a.Hall.TicketCode(t)
	if t.State.Final() {
		v.Window = nil
	}
	return v, t.State == ticket.Waiting || t.State == ticket.Remote, err
}

// place fills in how many are ahead and the window.
func (v *Ticket) place(p live.Position) {
	v.Ahead, v.Window, v.Notices = p.Ahead, windowOf(p.Window), p.Notices
}

// countMost bounds the line that is counted in the ledger.
const countMost = 1000

// placedIn fills in how many are ahead and the window. The live snapshot
// follows each commit within a moment; until it has this ticket as it is now,
// the line is counted in the ledger, so that nobody is told of a place that
// their own ticket does not take.
func (a *API) placedIn(ctx context.Context, v Ticket, t ticket.Ticket) (Ticket, error) {
	if a.caughtUp(ctx, t.Office) {
		p, err := a.Live.Position(ctx, t.Office, t.ID)
		if err == nil && p.State == t.State && p.Queue == t.Queue {
			v.place(p)
			return v, nil
		}
	}
	line, err := a.Hall.Read(ctx).Line(t.Queue, t.Day, countMost)
	if err != nil {
		return v, err
	}
	for _, u := range line {
		if u.ID != t.ID && u.Before(t) {
			v.Ahead++
		}
	}
	return v, nil
}

func windowOf(w *live.Window) *Window {
	if w == nil {
		return nil
	}
	return &Window{w.From, w.To}
}

// issued renders a ticket that was just given, with its link and print job.
func (a *API) issued(ctx context.Context, is hall.Issued) (Ticket, error) {
	v, err := a.ticketNow(ctx, is.Ticket)
	v.Link = a.link(is.Link)
	if is.Print.ID != "" {
		v.Print = &PrintJob{is.Print.ID, is.Print.State, is.Print.Reason}
	}
	return v, err
}

// link is the address of a ticket's live page.
func (a *API) link(token string) string {
	if token == "" {
		return ""
	}
	return a.app.URL() + "/t/" + token
}

// ticketFor gives a ticket that the caller may see: a citizen their own, anybody
// else those of an office where they hold one of the operation's roles.
func (a *API) ticketFor(ctx context.Context, c *call, id string) (ticket.Ticket, error) {
	t, err := a.Hall.Ticket(ctx, id)
	if err != nil {
		return t, err
	}
	if holder := c.holder(); holder != "" {
		mine, err := a.belongs(ctx, holder, t.ID, t.Booking)
		if err == nil && !mine {
			err = fault.New(fault.UnknownThing, "what", id)
		}
		return t, err
	}
	if !c.op.audience.mayAt(c.who, t.Office) {
		return t, fault.New(fault.NotAllowed)
	}
	return t, nil
}

// belongs tells whether one of the things is the holder's.
func (a *API) belongs(ctx context.Context, holder string, ids ...string) (bool, error) {
	for _, id := range ids {
		if id == "" {
			continue
		}
		whose, err := a.Hall.Read(ctx).HolderOf(id)
		if err != nil || whose == holder {
			return err == nil, err
		}
	}
	return false, nil
}

func needsOf(texts []string) []office.Need {
	var all []office.Need
	for _, n := range texts {
		all = append(all, office.Need(n))
	}
	return all
}
