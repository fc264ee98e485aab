package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vez/counter"
	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/ticket"
)

// Counter is a desk with its shift and what is open at it.
type Counter struct {
	ID     string   `json:"id" example:"dsi-main-3"`
	Office string   `json:"office"`
	Label  string   `json:"label"`
	Zone   string   `json:"zone,omitempty"`
	State  string   `json:"state" enum:"closed,open,break,closing,lost"`
	Shift  Shift    `json:"shift"`
	Ticket *Ticket  `json:"ticket" doc:"Called or served here; null when there is none."`
	Last   LastMove `json:"last" doc:"The last change."`
}

// Shift is a clerk at a counter.
type Shift struct {
	Clerk     string     `json:"clerk,omitempty" doc:"A pseudonym."`
	Mine      bool       `json:"mine" doc:"The caller is at it."`
	State     string     `json:"state"`
	Queues    []string   `json:"queues" doc:"The policy, in order."`
	Since     *time.Time `json:"since,omitempty"`
	Reason    string     `json:"reason,omitempty" doc:"Of the break."`
	BackAt    *time.Time `json:"back_at,omitempty"`
	WritingUp bool       `json:"writing_up,omitempty"`
}

// LastMove is the last change of a counter.
type LastMove struct {
	Seq int64 `json:"seq" doc:"The office's sequence number of its event; 0: never."`
}

// Next is who was called, and why.
type Next struct {
	Ticket Ticket `json:"ticket"`
	Reason Reason `json:"reason"`
}

// Reason says why a ticket was called.
type Reason struct {
	Rule      string     `json:"rule" doc:"first_due, only_one, policy_order, at_latest, early_call, named"`
	Text      string     `json:"text" doc:"In the language asked for."`
	Due       *time.Time `json:"due,omitempty"`
	Arrival   *time.Time `json:"arrival,omitempty"`
	HeadStart int        `json:"head_start_minutes,omitempty"`
	Passed    []Passed   `json:"passed,omitempty" doc:"Whom the call passed over."`
	More      int        `json:"more,omitempty" doc:"And so many more."`
}

// Passed is one ticket passed over.
type Passed struct {
	Ticket string `json:"ticket"`
	Number string `json:"number"`
	Why    string `json:"why"`
	Text   string `json:"text"`
}

// CounterPath is the counter that an operation is about.
type CounterPath struct {
	ID string `path:"id" maxLength:"100" example:"dsi-main-3"`
}

func (r *CounterPath) place(c *office.Catalogue) (string, error) {
	n := c.Counter(r.ID)
	if n == nil {
		return "", fault.New(fault.UnknownThing, "what", r.ID)
	}
	return n.Office, nil
}

// atCounter is a counter with a body that may be left out.
type atCounter[B any] struct {
	CounterPath
	Body *B
}

// body gives what was sent, or nothing.
func (r *atCounter[B]) body() B {
	if r.Body == nil {
		var none B
		return none
	}
	return *r.Body
}

type (
	openBody struct {
		Queues []string `json:"queues,omitempty" maxItems:"100" doc:"Served in this order; default: the counter's own. Each must be of a department that the caller works for."`
	}
	closeBody struct {
		After bool `json:"after,omitempty" doc:"After the open ticket is finished."`
		Force bool `json:"force,omitempty" doc:"A manager of the office's host department, or of every queue served there, closes the counter of another; its ticket goes back."`
	}
	breakBody struct {
		Reason  string    `json:"reason,omitempty" maxLength:"50" doc:"A code: lunch, pause, training …"`
		BackAt  time.Time `json:"back_at,omitzero"`
		Minutes int       `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"Instead of back_at."`
	}
	nextBody struct {
		Finish *outcomeBody `json:"finish,omitempty" doc:"Ends the served ticket first."`
		Miss   bool         `json:"miss,omitempty" doc:"Declares the called ticket missed first."`
	}
	outcomeBody struct {
		Outcome string `json:"outcome,omitempty" enum:"served,incomplete,not_served,left" doc:"Default: served."`
	}
	callBody struct {
		Ticket string `json:"ticket" required:"true" maxLength:"100"`
		Reason string `json:"reason,omitempty" maxLength:"50" doc:"A code; named to those passed over."`
	}
	startBody struct {
		Ticket string `json:"ticket,omitempty" maxLength:"100" doc:"One that this counter missed and that came after all; default: the called one."`
	}
	maybeTicketBody struct {
		Ticket string `json:"ticket,omitempty" maxLength:"100" doc:"Default: the open one."`
	}
	ticketBody struct {
		Ticket string `json:"ticket" required:"true" maxLength:"100"`
	}
	parkBody struct {
		Minutes int `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"Expected back after; default: open-ended."`
	}
	transferBody struct {
		Queue   string `json:"queue,omitempty" maxLength:"100" doc:"Queue or counter."`
		Counter string `json:"counter,omitempty" maxLength:"100"`
		Place   string `json:"place,omitempty" enum:"due,front,end" doc:"due keeps the place in time; front needs a reason."`
		Reason  string `json:"reason,omitempty" maxLength:"50"`
	}
	continueBody struct {
		Service string `json:"service" required:"true" maxLength:"100" doc:"The visit's next one."`
	}
	serveBody struct {
		Service string   `json:"service,omitempty" maxLength:"100" doc:"Service or queue."`
		Queue   string   `json:"queue,omitempty" maxLength:"100"`
		Lang    string   `json:"lang,omitempty" maxLength:"20"`
		Needs   []string `json:"needs,omitempty" maxItems:"10"`
	}
	nobody struct{}
)

// nextOut is 200 with who was called, or 204.
type nextOut struct {
	Status int
	Body   *Next
}

func counters(a *API) {
	add(a, operation{id: "get-counter", method: "GET", path: "/counters/{id}", tag: "counters",
		description: "Its shift, the ticket open at it, and the sequence number of its last change.",
		audience:    at(clerk, greeter, auditor)}, a.counter)
	verb(a, "open", a.openCounter, fault.QueueNotHere)
	verb(a, "close", a.closeCounter, fault.CounterBusy, fault.CounterClosing, fault.CounterOnBreak)
	verb(a, "break", a.breakCounter, fault.CounterBusy, fault.CounterOnBreak, fault.CounterClosing)
	verb(a, "back", func(ctx context.Context, c *call, r *atCounter[nobody]) (*out[Counter], error) {
		return a.desk(c)(a.Hall.Back(ctx, c.act(), r.ID))
	}, fault.CounterOpen)
	add(a, operation{id: "counter-next", method: "POST", path: "/counters/{id}/next", tag: "counters",
		audience: at(clerk), answers: map[int]string{204: "Nobody waits."},
		faults: []fault.Code{fault.CounterClosed, fault.CounterTaken, fault.CounterBusy, fault.CounterOnBreak, fault.CounterClosing,
			fault.HallPaused, fault.MissTooSoon}}, a.next)
	moves(a)
}

// verb registers what a clerk does at a counter. Nobody else may.
func verb[I, O any](a *API, name string, handle func(context.Context, *call, *I) (*O, error), faults ...fault.Code) {
	add(a, operation{id: "counter-" + name, method: "POST", path: "/counters/{id}/" + name, tag: "counters",
		audience: at(clerk), faults: append(faults, fault.CounterClosed, fault.CounterTaken)}, handle)
}

func (a *API) openCounter(ctx context.Context, c *call, r *atCounter[openBody]) (*out[Counter], error) {
	queues := r.body().Queues
	if err := a.allowQueues(c, a.cat.Counter(r.ID), queues); err != nil {
		return nil, err
	}
	return a.desk(c)(a.Hall.OpenCounter(ctx, c.act(), r.ID, queues))
}

func (a *API) closeCounter(ctx context.Context, c *call, r *atCounter[closeBody]) (*out[Counter], error) {
	b := r.body()
	if b.Force {
		if err := a.allowClosing(ctx, c, a.cat.Counter(r.ID)); err != nil {
			return nil, err
		}
	}
	d, err := a.Hall.CloseCounter(ctx, c.act(), r.ID, hall.CloseRequest{After: b.After, Manager: b.Force})
	return a.desk(c)(d, a.busy(ctx, err))
}

func (a *API) breakCounter(ctx context.Context, c *call, r *atCounter[breakBody]) (*out[Counter], error) {
	b := r.body()
	if b.Minutes > 0 && b.BackAt.IsZero() {
		b.BackAt = a.Hall.Now().Add(time.Duration(b.Minutes) * time.Minute)
	}
	d, err := a.Hall.Break(ctx, c.act(), r.ID, b.Reason, b.BackAt)
	return a.desk(c)(d, a.busy(ctx, err))
}

// desk answers with the counter after a move of it.
func (a *API) desk(c *call) func(hall.Desk, error) (*out[Counter], error) {
	return func(d hall.Desk, err error) (*out[Counter], error) {
		if err != nil {
			return nil, err
		}
		return &out[Counter]{a.counterShape(c, d.Shift, d.Ticket)}, nil
	}
}

func (a *API) counterShape(c *call, s counter.Shift, t ticket.Ticket) Counter {
	n := a.cat.Counter(s.Counter)
	o := a.cat.Office(n.Office)
	a.fresh.note(n.Office, s.Seq)
	if s.State == "" {
		s.State = counter.Closed
	}
	v := Counter{ID: n.ID, Office: n.Office, Label: n.Label, Zone: n.Zone, State: string(s.State), Last: LastMove{max(s.Seq, t.Seq)}}
	v.Shift = Shift{Clerk: s.Clerk, Mine: s.Clerk == c.who.Subject, State: string(s.State), Queues: []string{}, Since: in(o, s.Since),
		Reason: s.Reason, BackAt: in(o, s.BackAt), WritingUp: s.WritingUp}
	for _, q := range s.Queues {
		v.Shift.Queues = append(v.Shift.Queues, q.Queue)
	}
	if t.ID != "" {
		shape := a.ticketShape(t)
		v.Ticket = &shape
	}
	return v
}

func (a *API) counter(ctx context.Context, c *call, r *CounterPath) (*out[Counter], error) {
	rd := a.Hall.Read(ctx)
	s, err := rd.Shift(r.ID)
	if err != nil {
		return nil, err
	}
	var t ticket.Ticket
	if s.Ticket != "" {
		if t, err = rd.Ticket(s.Ticket); err != nil {
			return nil, err
		}
	}
	return &out[Counter]{a.counterShape(c, s, t)}, nil
}

func (a *API) next(ctx context.Context, c *call, r *atCounter[nextBody]) (*nextOut, error) {
	b := r.body()
	ask := hall.NextRequest{Miss: b.Miss}
	if b.Finish != nil {
		if ask.Finish = ticket.Outcome(b.Finish.Outcome); ask.Finish == "" {
			ask.Finish = ticket.Served
		}
	}
	d, err := a.Hall.Next(ctx, c.act(), r.ID, ask)
	if err != nil {
		return nil, a.busy(ctx, err)
	}
	if d.Ticket.ID == "" {
		return &nextOut{Status: 204}, nil
	}
	return &nextOut{Status: 200, Body: &Next{a.ticketShape(d.Ticket), a.reason(c, d)}}, nil
}

// reason says why in the caller's language. A repeated request gets no more
// than what the ticket itself knows.
func (a *API) reason(c *call, d hall.Desk) Reason {
	o, why := a.cat.Office(d.Ticket.Office), d.Why
	if why.Rule == "" {
		return Reason{Due: in(o, d.Ticket.Due), Arrival: in(o, d.Ticket.Arrival)}
	}
	v := Reason{Rule: why.Rule, Text: c.text.T("reason.rule." + why.Rule), Due: in(o, why.Due), Arrival: in(o, why.Arrival),
		HeadStart: minutes(why.HeadStart), More: why.More}
	for _, p := range why.Passed {
		key := "reason.passed." + p.Why
		if !c.text.Has(key) {
			key = "reason.named." + p.Why
		}
		v.Passed = append(v.Passed, Passed{p.Ticket, p.Number, p.Why, c.text.T(key)})
	}
	return v
}

// busyError is counter_busy with the ticket that is open.
type busyError struct {
	error
	ticket Ticket
}

// Unwrap gives the fault.
func (e *busyError) Unwrap() error { return e.error }

// busy adds the open ticket to a refusal because of it.
func (a *API) busy(ctx context.Context, err error) error {
	if fault.CodeOf(err) != fault.CounterBusy {
		return err
	}
	id, _ := fault.Of(err).Params["ticket"].(string)
	t, gone := a.Hall.Ticket(ctx, id)
	if gone != nil {
		return err
	}
	return &busyError{err, a.ticketShape(t)}
}

var _ huma.StatusError = (*Problem)(nil)
