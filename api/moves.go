package api

import (
	"context"
	"slices"

	"vez/fault"
	"vez/hall"
	"vez/ticket"
)

// moves registers the verbs that move tickets at a counter. Each answers with
// the ticket it was about, as it is after the move.
func moves(a *API) {
	// Refusals of whatever brings somebody to the counter, and of what is done with who is there.
	taking := []fault.Code{fault.CounterBusy, fault.CounterOnBreak, fault.CounterClosing, fault.HallPaused}
	open := []fault.Code{fault.NothingOpen, fault.HallPaused}
	with := func(all []fault.Code, more ...fault.Code) []fault.Code { return append(slices.Clone(all), more...) }
	verb(a, "call", a.callThis, with(taking, fault.ReasonNeeded, fault.UnknownReason, fault.FilingOrder, fault.IllegalMove)...)
	verb(a, "recall", simple(a, (*hall.Hall).Recall), with(open, fault.IllegalMove)...)
	verb(a, "start", a.start, with(taking, fault.NothingOpen, fault.IllegalMove, fault.NotYours)...)
	verb(a, "finish", a.finish, with(open, fault.IllegalMove)...)
	verb(a, "miss", simple(a, (*hall.Hall).Miss), with(open, fault.MissTooSoon, fault.IllegalMove)...)
	verb(a, "park", a.park, with(open, fault.IllegalMove)...)
	verb(a, "resume", named(a, (*hall.Hall).Resume), with(taking, fault.IllegalMove)...)
	verb(a, "transfer", a.transfer, with(open, fault.FilingOrder, fault.ReasonNeeded, fault.UnknownReason, fault.QueueNotHere, fault.IllegalMove)...)
	verb(a, "return", a.back, with(open, fault.NotYours, fault.IllegalMove)...)
	verb(a, "continue", a.carryOn, with(open, fault.ServiceNotHere, fault.IllegalMove)...)
	verb(a, "take_over", named(a, (*hall.Hall).TakeOver), with(taking, fault.IllegalMove)...)
	verb(a, "this_one_is_here", named(a, (*hall.Hall).ThisOneIsHere), with(taking, fault.FilingOrder, fault.IllegalMove)...)
	verb(a, "serve", a.serve, with(taking, fault.ServiceNotHere, fault.QueueNotHere, fault.QueueFull)...)
	verb(a, "reopen", named(a, (*hall.Hall).Reopen), with(taking, fault.IllegalMove)...)
	verb(a, "undo", simple(a, (*hall.Hall).Undo), fault.NothingToUndo, fault.MovedOn, fault.HallPaused)
}

// moved answers with the ticket that a move was about.
func (a *API) moved(ctx context.Context, d hall.Desk, err error) (*out[Ticket], error) {
	if err != nil {
		return nil, a.busy(ctx, err)
	}
	t := d.Changed
	if t.ID == "" {
		t = d.Ticket
	}
	v, err := a.ticketNow(ctx, t)
	return &out[Ticket]{v}, err
}

// opened answers with the ticket that is open after a move.
func (a *API) opened(ctx context.Context, d hall.Desk, err error) (*out[Ticket], error) {
	if err == nil && d.Ticket.ID != "" {
		d.Changed = ticket.Ticket{}
	}
	return a.moved(ctx, d, err)
}

// simple is a verb without a body.
func simple(a *API, move func(*hall.Hall, context.Context, hall.Act, string) (hall.Desk, error)) func(context.Context, *call, *atCounter[nobody]) (*out[Ticket], error) {
	return func(ctx context.Context, c *call, r *atCounter[nobody]) (*out[Ticket], error) {
		d, err := move(a.Hall, ctx, c.act(), r.ID)
		return a.moved(ctx, d, err)
	}
}

// ticketAt is a counter with a ticket that must be named.
type ticketAt struct {
	CounterPath
	Body ticketBody
}

// named is a verb that opens the ticket it names at the counter.
func named(a *API, move func(*hall.Hall, context.Context, hall.Act, string, string) (hall.Desk, error)) func(context.Context, *call, *ticketAt) (*out[Ticket], error) {
	return func(ctx context.Context, c *call, r *ticketAt) (*out[Ticket], error) {
		if err := a.touches(ctx, c, r.ID, r.Body.Ticket); err != nil {
			return nil, err
		}
		d, err := move(a.Hall, ctx, c.act(), r.ID, r.Body.Ticket)
		return a.opened(ctx, d, err)
	}
}

type callAt struct {
	CounterPath
	Body callBody
}

func (a *API) callThis(ctx context.Context, c *call, r *callAt) (*out[Ticket], error) {
	if err := a.touches(ctx, c, r.ID, r.Body.Ticket); err != nil {
		return nil, err
	}
	d, err := a.Hall.Call(ctx, c.act(), r.ID, r.Body.Ticket, r.Body.Reason)
	return a.opened(ctx, d, err)
}

func (a *API) start(ctx context.Context, c *call, r *atCounter[startBody]) (*out[Ticket], error) {
	id := r.body().Ticket
	if id == "" {
		d, err := a.Hall.Start(ctx, c.act(), r.ID)
		return a.opened(ctx, d, err)
	}
	if err := a.touches(ctx, c, r.ID, id); err != nil {
		return nil, err
	}
	s, err := a.Hall.Read(ctx).Shift(r.ID)
	if err != nil {
		return nil, err
	}
	if s.Ticket == id {
		d, err := a.Hall.Start(ctx, c.act(), r.ID)
		return a.opened(ctx, d, err)
	}
	d, err := a.Hall.StartMissed(ctx, c.act(), r.ID, id)
	return a.opened(ctx, d, err)
}

func (a *API) finish(ctx context.Context, c *call, r *atCounter[outcomeBody]) (*out[Ticket], error) {
	d, err := a.Hall.Finish(ctx, c.act(), r.ID, ticket.Outcome(r.body().Outcome))
	return a.moved(ctx, d, err)
}

func (a *API) park(ctx context.Context, c *call, r *atCounter[parkBody]) (*out[Ticket], error) {
	d, err := a.Hall.Park(ctx, c.act(), r.ID, r.body().Minutes)
	return a.moved(ctx, d, err)
}

func (a *API) transfer(ctx context.Context, c *call, r *atCounter[transferBody]) (*out[Ticket], error) {
	b := r.body()
	d, err := a.Hall.Transfer(ctx, c.act(), r.ID, hall.TransferRequest{Queue: b.Queue, Counter: b.Counter, Place: b.Place, Reason: b.Reason})
	return a.moved(ctx, d, err)
}

func (a *API) back(ctx context.Context, c *call, r *atCounter[maybeTicketBody]) (*out[Ticket], error) {
	id := r.body().Ticket
	if id != "" {
		if err := a.touches(ctx, c, r.ID, id); err != nil {
			return nil, err
		}
	}
	d, err := a.Hall.Return(ctx, c.act(), r.ID, id)
	return a.moved(ctx, d, err)
}

type continueAt struct {
	CounterPath
	Body continueBody
}

func (a *API) carryOn(ctx context.Context, c *call, r *continueAt) (*out[Ticket], error) {
	d, err := a.Hall.Continue(ctx, c.act(), r.ID, r.Body.Service)
	return a.moved(ctx, d, err)
}

func (a *API) serve(ctx context.Context, c *call, r *atCounter[serveBody]) (*out[Ticket], error) {
	b := r.body()
	lang := b.Lang
	if lang != "" {
		lang = c.language(lang)
	}
	if b.Service == "" && b.Queue == "" {
		return nil, fault.New(fault.InvalidField, "field", "service", "why", "service or queue")
	}
	at := a.cat.Counter(r.ID).Office
	if err := a.allowMeant(c, at, b.Service, b.Queue); err != nil {
		return nil, err
	}
	d, err := a.Hall.ServeHere(ctx, c.act(), r.ID, hall.ServeRequest{Service: b.Service, Queue: b.Queue, Lang: lang, Needs: needsOf(b.Needs)})
	return a.opened(ctx, d, err)
}
