package api

import (
	"context"

	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

// TakeBody asks for a ticket.
type TakeBody struct {
	Office   string   `json:"office" required:"true" minLength:"1" maxLength:"100"`
	Service  string   `json:"service,omitempty" maxLength:"100" doc:"Service or queue; the service decides when both are given."`
	Queue    string   `json:"queue,omitempty" maxLength:"100"`
	Remote   bool     `json:"remote,omitempty" doc:"Taken from afar: it keeps its place and is activated on site by a check-in. A citizen's always is."`
	Priority bool     `json:"priority,omitempty" doc:"Declared; its ground is never asked."`
	Needs    []string `json:"needs,omitempty" maxItems:"10" doc:"low_desk, language:pt …, sign, loop, more_time"`
	Lang     string   `json:"lang,omitempty" maxLength:"20" doc:"The holder's language; default: that of the request."`
	People   int      `json:"people,omitempty" minimum:"0" maximum:"100"`
	NoticeAt int      `json:"notice_at,omitempty" minimum:"0" maximum:"1000" doc:"Tell the holder when so many are ahead."`
	Print    *bool    `json:"print,omitempty" doc:"Print it; default: only at a kiosk."`
}

type ticketIn struct{ Body TakeBody }

func (r *ticketIn) place(c *office.Catalogue) (string, error) { return officeIn(c, r.Body.Office) }

// CheckInBody presents a code or a reference.
type CheckInBody struct {
	Office    string   `json:"office" required:"true" minLength:"1" maxLength:"100"`
	Code      string   `json:"code,omitempty" maxLength:"400" doc:"The QR's text; it wins over the reference."`
	Reference string   `json:"reference,omitempty" maxLength:"64" doc:"Eight characters, in any case, with spaces or hyphens."`
	Priority  bool     `json:"priority,omitempty"`
	Needs     []string `json:"needs,omitempty" maxItems:"10"`
	Lang      string   `json:"lang,omitempty" maxLength:"20"`
	Print     *bool    `json:"print,omitempty" doc:"Print the ticket; default true."`
}

type checkInIn struct{ Body CheckInBody }

func (r *checkInIn) place(c *office.Catalogue) (string, error) { return officeIn(c, r.Body.Office) }

// CheckedIn is a booking, remote ticket or return pass that became a waiting ticket.
type CheckedIn struct {
	Ticket Ticket    `json:"ticket"`
	Print  *PrintJob `json:"print" doc:"Null when nothing is printed."`
}

func tickets(a *API) {
	holders := of(citizen, device, greeter, clerk)
	add(a, operation{id: "take-ticket", method: "POST", path: "/tickets", tag: "tickets",
		description: "A citizen takes one for themselves, always from afar; a kiosk and reception give them out to who is there. " +
			"A citizen holds one open ticket of a queue at a time.",
		audience: at(citizen, device, greeter), status: 201,
		faults: []fault.Code{fault.ServiceNotHere, fault.QueueNotHere, fault.OfficeClosed, fault.ClosedForNow, fault.QueueClosed, fault.QueueFull,
			fault.BookingOnly, fault.RemoteRefused, fault.FilingOrder, fault.HallPaused, fault.AlreadyInLine}}, a.take)
	add(a, operation{id: "get-ticket", method: "GET", path: "/tickets/{id}", tag: "tickets",
		audience: of(citizen, device, greeter, clerk, auditor), kept: a.ticketReady}, a.ticket)
	add(a, operation{id: "cancel-ticket", method: "DELETE", path: "/tickets/{id}", tag: "tickets",
		audience: holders, faults: []fault.Code{fault.IllegalMove}}, a.lone((*hall.Hall).CancelTicket))
	add(a, operation{id: "step-out", method: "POST", path: "/tickets/{id}/step-out", tag: "tickets",
		audience: holders, faults: []fault.Code{fault.SteppedOutOnce, fault.IllegalMove}}, a.lone((*hall.Hall).StepOut))
	add(a, operation{id: "come-back", method: "POST", path: "/tickets/{id}/come-back", tag: "tickets",
		audience: holders, faults: []fault.Code{fault.IllegalMove, fault.GraceOver, fault.FilingOrder}}, a.lone((*hall.Hall).ComeBack))
	add(a, operation{id: "check-in", method: "POST", path: "/check-ins", tag: "tickets",
		audience: at(device, greeter), status: 201,
		faults: []fault.Code{fault.Early, fault.Late, fault.WrongOffice, fault.WrongDay, fault.Cancelled, fault.Used, fault.Unknown,
			fault.Forged, fault.PassExpired, fault.HallPaused}}, a.checkIn)
}

func (a *API) take(ctx context.Context, c *call, r *ticketIn) (*out[Ticket], error) {
	b := r.Body
	if b.Service == "" && b.Queue == "" {
		return nil, fault.New(fault.InvalidField, "field", "service", "why", "service or queue")
	}
	if err := a.allowMeant(c, b.Office, b.Service, b.Queue); err != nil {
		return nil, err
	}
	// Nobody sees where a citizen is: who is in the hall takes a ticket at the kiosk.
	afar := b.Remote || c.holder() != ""
	is, err := a.Hall.Issue(ctx, c.act(), hall.IssueRequest{Office: b.Office, Service: b.Service, Queue: b.Queue, Remote: afar,
		Holder: c.holder(), Priority: b.Priority, Needs: needsOf(b.Needs), Lang: c.language(b.Lang), People: b.People,
		NoticeAt: b.NoticeAt, Print: c.holder() == "" && printed(b.Print, c.who.Kind != "")}) // nobody at home stands at the printer
	if err != nil {
		return nil, err
	}
	v, err := a.issued(ctx, is)
	return &out[Ticket]{v}, err
}

func printed(asked *bool, otherwise bool) bool {
	if asked == nil {
		return otherwise
	}
	return *asked
}

func (a *API) ticket(ctx context.Context, c *call, r *IDPath) (*out[Ticket], error) {
	t, err := a.ticketFor(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	a.kept.keep(t)
	return a.ticketOut(ctx, c, t)
}

// ticketOut answers with a ticket; whose it is gets its link as well. Its code
// is not for who only looks on.
func (a *API) ticketOut(ctx context.Context, c *call, t ticket.Ticket) (*out[Ticket], error) {
	v, err := a.ticketNow(ctx, t)
	if !a.serves(c, t.Queue, t.Office) {
		v.Code = ""
	}
	if err != nil || !linked(c) {
		return &out[Ticket]{v}, err
	}
	v.Link, err = a.linkOf(ctx, t.ID)
	return &out[Ticket]{v}, err
}

// linked tells whether who asks gets a ticket with its link: its holder, and a
// device, which prints it.
func linked(c *call) bool { return c.holder() != "" || c.who.Kind != "" }

// linkOf is the address of a ticket's live page, "" when it has none.
func (a *API) linkOf(ctx context.Context, id string) (string, error) {
	token, err := a.Hall.Read(ctx).LinkOf(id)
	if fault.CodeOf(err) == fault.UnknownThing {
		err = nil
	}
	return a.link(token), err
}

// lone is an operation of one move of a ticket that no counter holds.
func (a *API) lone(move func(*hall.Hall, context.Context, hall.Act, string) (ticket.Ticket, error)) func(context.Context, *call, *IDPath) (*out[Ticket], error) {
	return func(ctx context.Context, c *call, r *IDPath) (*out[Ticket], error) {
		t, err := a.ticketFor(ctx, c, r.ID)
		if err == nil {
			err = a.allow(c, t.Queue, t.Office)
		}
		if err != nil {
			return nil, err
		}
		t, err = move(a.Hall, ctx, c.act(), r.ID)
		if err != nil {
			return nil, err
		}
		return a.ticketOut(ctx, c, t)
	}
}

func (a *API) checkIn(ctx context.Context, c *call, r *checkInIn) (*out[CheckedIn], error) {
	b := r.Body
	if b.Code == "" && b.Reference == "" {
		return nil, fault.New(fault.InvalidField, "field", "code", "why", "code or reference")
	}
	lang := b.Lang
	if lang != "" {
		lang = c.language(lang)
	}
	ask := hall.CheckInRequest{Office: b.Office, Code: b.Code, Reference: b.Reference, Priority: b.Priority,
		Needs: needsOf(b.Needs), Lang: lang, Print: printed(b.Print, true)}
	if ask.Typed() {
		if err := web.Limit(c.request, identity.References, c.who.Subject); err != nil {
			return nil, err
		}
	}
	if err := a.allowClaim(ctx, c, ask); err != nil {
		return nil, err
	}
	is, err := a.Hall.CheckIn(ctx, c.act(), ask)
	if err != nil {
		return nil, err
	}
	a.fresh.touch(is.Ticket.Queue)
	v, err := a.issued(ctx, is)
	job := v.Print
	v.Print = nil
	return &out[CheckedIn]{CheckedIn{v, job}}, err
}
