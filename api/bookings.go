package api

import (
	"context"
	"slices"
	"time"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/office"
	"vez/web"
)

// Booking is a promise of service at an office on a date and time.
type Booking struct {
	ID        string     `json:"id"`
	Reference string     `json:"reference" doc:"To type where a code cannot be scanned."`
	Code      string     `json:"code" doc:"The QR's text; empty while the booking is only held, and once it has ended."`
	State     string     `json:"state" enum:"held,confirmed,checked_in,fulfilled,unserved,lapsed,cancelled,missed,displaced"`
	Service   string     `json:"service"`
	Office    string     `json:"office"`
	Queue     string     `json:"queue"`
	Start     time.Time  `json:"start"`
	End       time.Time  `json:"end"`
	People    int        `json:"people"`
	Lang      string     `json:"lang,omitempty"`
	Class     string     `json:"class" enum:"booked,same_day,guaranteed"`
	HeldUntil *time.Time `json:"held_until,omitempty" doc:"A hold lapses then."`
	Extended  int        `json:"extended,omitempty" doc:"How often the hold was extended, of ten."`
	ChangeBy  *time.Time `json:"change_until,omitempty" doc:"The last instant to change or cancel it."`
	Ticket    string     `json:"ticket,omitempty" doc:"What it became at the check-in."`
	Made      time.Time  `json:"made"`
}

// BookBody asks for a slot.
type BookBody struct {
	Service    string    `json:"service" required:"true" minLength:"1" maxLength:"100"`
	Office     string    `json:"office" required:"true" minLength:"1" maxLength:"100"`
	Start      time.Time `json:"start" required:"true" doc:"One of the free starts."`
	People     int       `json:"people,omitempty" minimum:"0" maximum:"100" doc:"Who come together; default 1."`
	Lang       string    `json:"lang,omitempty" maxLength:"20" doc:"The holder's language; default: that of the request."`
	Hold       bool      `json:"hold,omitempty" doc:"Keep the slot five minutes instead of confirming it."`
	Guaranteed bool      `json:"guaranteed,omitempty" doc:"From the places kept for people who cannot use electronic channels; reception only."`
}

type bookIn struct{ Body BookBody }

func (r *bookIn) place(c *office.Catalogue) (string, error) { return officeIn(c, r.Body.Office) }

type rescheduleIn struct {
	IDPath
	Body struct {
		Start time.Time `json:"start" required:"true"`
	}
}

type mineIn struct {
	State string `query:"state" enum:"held,confirmed,checked_in,fulfilled,unserved,lapsed,cancelled,missed,displaced" doc:"Only those in this state."`
	Open  bool   `query:"open" doc:"Only those still to come."`
	Paging
}

func bookings(a *API) {
	refusals := []fault.Code{fault.SlotTaken, fault.SlotNotOffered, fault.NotBookable, fault.ServiceNotHere, fault.TooFarAhead, fault.TooSoon,
		fault.LimitReached, fault.TooManyPeople, fault.BookingPaused}
	add(a, operation{id: "list-slots", method: "GET", path: "/services/{id}/slots", tag: "bookings",
		description: "Between two dates of the office, both included. Only starts with something free are listed; free is how many bookings would succeed.",
		audience:    public, shape: List[Slot]{}}, a.slots)
	add(a, operation{id: "book", method: "POST", path: "/bookings", tag: "bookings",
		description: "A citizen books for themselves, reception for somebody on the phone or at the desk, a kiosk gives out a few bearer slips a day.",
		audience:    at(citizen, greeter, device), status: 201, faults: slices.Concat(refusals, []fault.Code{fault.KioskQuota})}, a.book)
	add(a, operation{id: "list-bookings", method: "GET", path: "/bookings", tag: "bookings",
		audience: Audience{Roles: []role{citizen}, Where: anywhere}}, a.mine)
	owners := of(citizen, greeter)
	add(a, operation{id: "get-booking", method: "GET", path: "/bookings/{id}", tag: "bookings", audience: owners}, a.booking)
	add(a, operation{id: "confirm-booking", method: "POST", path: "/bookings/{id}/confirm", tag: "bookings",
		audience: owners, faults: slices.Concat(refusals, []fault.Code{fault.HoldExpired, fault.BookingState, fault.TimeClosed})}, a.confirm)
	add(a, operation{id: "extend-hold", method: "POST", path: "/bookings/{id}/extend", tag: "bookings",
		audience: owners, faults: []fault.Code{fault.HoldExpired, fault.HoldSpent, fault.BookingState, fault.TimeClosed}}, a.extend)
	add(a, operation{id: "reschedule", method: "PATCH", path: "/bookings/{id}", tag: "bookings",
		description: "The new slot is taken and the old one freed in one step; reference and code stay.",
		audience:    owners, faults: slices.Concat(refusals, []fault.Code{fault.CutoffPassed, fault.SetDateOnly, fault.BookingState, fault.HoldExpired})}, a.reschedule)
	add(a, operation{id: "cancel-booking", method: "DELETE", path: "/bookings/{id}", tag: "bookings",
		audience: owners, faults: []fault.Code{fault.CutoffPassed, fault.BookingState}}, a.cancel)
	papers(a)
}

// bookingShape renders a booking.
func (a *API) bookingShape(b booking.Booking) Booking {
	o := a.cat.Office(b.Office)
	a.fresh.note(b.Office, b.Seq)
	v := Booking{ID: b.ID, Reference: b.Reference, State: string(b.State), Service: b.Service, Office: b.Office, Queue: b.Queue,
		Start: b.Start.In(o.Location()), End: b.End.In(o.Location()), People: b.People, Lang: b.Lang, Class: string(b.Class),
		HeldUntil: in(o, b.HeldUntil), Extended: b.Extended, Ticket: b.Ticket, Made: b.Made.In(o.Location())}
	if s := a.cat.Service(b.Service); s != nil && b.State == booking.Confirmed {
		v.ChangeBy = in(o, booking.Cutoff(s, o, a.cat, b.Start))
	}
	return v
}

// bookingOut answers with a booking. Nobody is given the code of what is not
// promised, or not any more.
func (a *API) bookingOut(ctx context.Context, b booking.Booking, err error) (*out[Booking], error) {
	if err == nil && b.State == booking.Held {
		b, err = a.standing(ctx, b)
	}
	if err != nil {
		return nil, err
	}
	v := a.bookingShape(b)
	if coded(b) {
		v.Code, err = a.Hall.BookingCode(b)
	}
	return &out[Booking]{v}, err
}

// standing is a hold as it counts now: in a paused hall it does not run out.
func (a *API) standing(ctx context.Context, b booking.Booking) (booking.Booking, error) {
	state, err := a.Hall.Read(ctx).State(b.Office)
	return hall.Standing(b, state, a.Hall.Now()), err
}

func coded(b booking.Booking) bool {
	return b.State == booking.Confirmed || b.State == booking.CheckedIn || b.State == booking.Displaced
}

func (a *API) book(ctx context.Context, c *call, r *bookIn) (*out[Booking], error) {
	b := r.Body
	ask := hall.BookRequest{Service: b.Service, Office: b.Office, Start: b.Start, People: b.People, Lang: c.language(b.Lang),
		Holder: c.holder(), Origin: booking.Online, Hold: b.Hold}
	switch {
	case c.who.Kind != "":
		ask.Origin = booking.Kiosk
	case ask.Holder == "":
		ask.Origin = booking.Reception
	}
	if b.Guaranteed {
		if ask.Origin != booking.Reception {
			return nil, fault.New(fault.NotAllowed)
		}
		ask.Class = booking.Guaranteed
	}
	if a.cat.Service(b.Service) == nil {
		return nil, fault.New(fault.UnknownThing, "what", b.Service)
	}
	if err := a.allowMeant(c, b.Office, b.Service, ""); err != nil {
		return nil, err
	}
	made, err := a.Hall.Book(ctx, c.act(), ask)
	a.fresh.touch(made.Queue)
	return a.bookingOut(ctx, made, err)
}

// remembered is how far back a citizen's ended bookings are listed.
const remembered = 365

func (a *API) mine(ctx context.Context, c *call, r *mineIn) (*out[List[Booking]], error) {
	all, err := a.Hall.Read(ctx).BookingsOf(c.holder(), a.Hall.Now().AddDate(0, 0, -remembered))
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for _, b := range all {
		if (r.State == "" || string(b.State) == r.State) && (!r.Open || b.State.Open()) {
			kept = append(kept, b)
		}
	}
	var failed error
	l, err := page(r.Paging, kept, func(b booking.Booking) Booking {
		one, err := a.bookingOut(ctx, b, nil)
		if err != nil {
			failed = err
			return Booking{}
		}
		return one.Body
	})
	if err == nil {
		err = failed
	}
	return &out[List[Booking]]{l}, err
}

// bookingFor gives a booking that the caller may see and change: a citizen their
// own, or a hold that is nobody's yet; reception those of its department at its
// office. A stranger's booking is as if it were not there.
func (a *API) bookingFor(ctx context.Context, c *call, id string) (booking.Booking, error) {
	rd := a.Hall.Read(ctx)
	b, err := rd.Booking(id)
	if err != nil {
		return b, err
	}
	if b.Origin == booking.Vacated {
		return b, fault.New(fault.UnknownThing, "what", id)
	}
	holder := c.holder()
	if holder == "" {
		return b, a.allow(c, b.Queue, b.Office)
	}
	whose, err := rd.HolderOf(id)
	if err == nil && whose != holder && (whose != "" || b.State != booking.Held) {
		err = fault.New(fault.UnknownThing, "what", id)
	}
	return b, err
}

func (a *API) booking(ctx context.Context, c *call, r *IDPath) (*out[Booking], error) {
	b, err := a.bookingFor(ctx, c, r.ID)
	return a.bookingOut(ctx, b, err)
}

// change makes a change of a booking that the caller may make.
func (a *API) change(ctx context.Context, c *call, id string, do func(holder string, staff bool) (booking.Booking, error)) (*out[Booking], error) {
	if _, err := a.bookingFor(ctx, c, id); err != nil {
		return nil, err
	}
	b, err := do(c.holder(), c.holder() == "")
	a.fresh.touch(b.Queue)
	return a.bookingOut(ctx, b, err)
}

func (a *API) confirm(ctx context.Context, c *call, r *IDPath) (*out[Booking], error) {
	return a.change(ctx, c, r.ID, func(holder string, _ bool) (booking.Booking, error) {
		return a.Hall.Confirm(ctx, c.act(), r.ID, holder)
	})
}

func (a *API) extend(ctx context.Context, c *call, r *IDPath) (*out[Booking], error) {
	return a.change(ctx, c, r.ID, func(holder string, _ bool) (booking.Booking, error) {
		return a.Hall.ExtendHold(ctx, c.act(), r.ID, holder)
	})
}

func (a *API) reschedule(ctx context.Context, c *call, r *rescheduleIn) (*out[Booking], error) {
	return a.change(ctx, c, r.ID, func(holder string, staff bool) (booking.Booking, error) {
		if holder != "" {
			if err := web.Limit(c.request, identity.Moves, holder); err != nil {
				return booking.Booking{}, err
			}
		}
		return a.Hall.Reschedule(ctx, c.act(), r.ID, holder, hall.RescheduleRequest{Start: r.Body.Start, Staff: staff})
	})
}

func (a *API) cancel(ctx context.Context, c *call, r *IDPath) (*out[Booking], error) {
	return a.change(ctx, c, r.ID, func(holder string, staff bool) (booking.Booking, error) {
		return a.Hall.CancelBooking(ctx, c.act(), r.ID, holder, staff)
	})
}
