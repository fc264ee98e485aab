package hall

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/kiosk"
	"vez/office"
	"vez/ticket"
)

// CheckInRequest presents a QR code or a typed reference at an office.
type CheckInRequest struct {
	Office string
	// Code is the QR's text, Reference the typed eight characters; the code wins.
	Code, Reference string
	Priority        bool
	Needs           []office.Need
	Lang            string
	Print           bool
}

// Typed tells whether a reference is presented, in whichever place: unlike a code,
// it can be guessed.
func (r CheckInRequest) Typed() bool {
	if r.Code == "" {
		return true
	}
	_, err := booking.ParseReference(r.Code)
	return err == nil
}

// CheckIn turns a booking, a remote ticket or a return pass into a waiting
// ticket. The ledger's words win over the code's. Faults: early, late,
// wrong_office, wrong_day, cancelled, used, unknown, forged, pass_expired,
// hall_paused.
func (h *Hall) CheckIn(ctx context.Context, act Act, r CheckInRequest) (Issued, error) {
	o, err := h.office(r.Office)
	if err != nil {
		return Issued{}, err
	}
	find, err := h.finder(r)
	if err != nil {
		return Issued{}, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{o.ID}}, func(tx Tx) (Issued, []string, error) {
		c, err := find(tx)
		if err != nil {
			return Issued{}, nil, err
		}
		s, err := tx.State(o.ID)
		if err != nil {
			return Issued{}, nil, err
		}
		here, err := h.here(tx, o, s, c)
		if err != nil {
			return Issued{}, nil, err
		}
		a := kiosk.Judge(c, here)
		if !a.Go() {
			return Issued{}, nil, a.Err()
		}
		if s.Paused() {
			return Issued{}, nil, fault.New(fault.HallPaused)
		}
		is, err := h.arrive(tx, act, c, r, here)
		return is, is.ids(), err
	}, issuedAgain)
}

// Claim is what somebody presents, as the ledger has it. Nothing is judged or
// changed. Faults: unknown, forged.
func (h *Hall) Claim(ctx context.Context, r CheckInRequest) (kiosk.Claim, error) {
	find, err := h.finder(r)
	if err != nil {
		return kiosk.Claim{}, err
	}
	return find(h.Read(ctx))
}

// finder reads the code or reference and gives what finds the claim in a ledger.
func (h *Hall) finder(r CheckInRequest) (func(Reader) (kiosk.Claim, error), error) {
	if r.Code != "" {
		code, err := h.codes.Read(r.Code)
		if err != nil {
			// A short text in the code's place is a typed reference.
			if ref, bad := booking.ParseReference(r.Code); bad == nil {
				return h.byReference(ref), nil
			}
			return nil, err
		}
		return h.byCode(code), nil
	}
	ref, err := booking.ParseReference(r.Reference)
	if err != nil {
		return nil, err
	}
	return h.byReference(ref), nil
}

func (h *Hall) byReference(ref string) func(Reader) (kiosk.Claim, error) {
	return func(rd Reader) (kiosk.Claim, error) {
		b, err := rd.BookingByReference(ref)
		if err != nil {
			return kiosk.Claim{}, unknown(err)
		}
		return bookingClaim(rd, b)
	}
}

func (h *Hall) byCode(c booking.Code) func(Reader) (kiosk.Claim, error) {
	id := booking.IDText(c.ID)
	return func(rd Reader) (kiosk.Claim, error) {
		switch c.Kind {
		case booking.BookingCode:
			b, err := rd.Booking(id)
			if err != nil {
				return kiosk.Claim{}, unknown(err)
			}
			return bookingClaim(rd, b)
		case booking.RemoteCode:
			t, err := rd.Ticket(id)
			if err != nil {
				return kiosk.Claim{}, unknown(err)
			}
			return kiosk.OfTicket(t), nil
		}
		return h.passClaim(rd, c)
	}
}

func bookingClaim(rd Reader, b booking.Booking) (kiosk.Claim, error) {
	number := ""
	if b.Ticket != "" {
		t, err := rd.Ticket(b.Ticket)
		if err != nil {
			return kiosk.Claim{}, err
		}
		number = t.Number
	}
	return kiosk.OfBooking(b, number), nil
}

// passKind is the record kind of return passes that were used.
const passKind = "pass"

func (h *Hall) passClaim(rd Reader, c booking.Code) (kiosk.Claim, error) {
	claim := kiosk.OfCode(c, h.cat)
	for _, id := range []string{passID(claim), claim.ID} { // an earlier version noted the ticket alone
		rec, err := rd.Record(passKind, id)
		if fault.CodeOf(err) == fault.UnknownThing {
			continue
		}
		if err != nil {
			return claim, err
		}
		var used ticket.Ticket
		if err := json.Unmarshal(rec.Data, &used); err != nil {
			return claim, err
		}
		claim.Standing, claim.Ticket, claim.Number = kiosk.Spent, used.ID, used.Number
		return claim, nil
	}
	t, err := rd.Ticket(claim.ID)
	switch {
	case fault.CodeOf(err) == fault.UnknownThing: // the ledger has lost it, but we have signed it
		return claim, nil
	case err == nil && claim.Standing == kiosk.Stands && !grants(t, c):
		claim.Standing = kiosk.Withdrawn // the end that granted it was taken back
	}
	return claim, err
}

// passID names a pass: a ticket that is reopened and ends again grants another.
func passID(c kiosk.Claim) string { return c.ID + "@" + strconv.FormatInt(c.Start.Unix(), 10) }

// grants tells whether a ticket's end is the one that a pass was given for.
func grants(t ticket.Ticket, c booking.Code) bool {
	return hasPass(t) && t.EndedAt.Add(PassFor).Unix() == c.Start.Unix()
}

// hasPass tells whether whoever had the ticket may come back without waiting anew.
func hasPass(t ticket.Ticket) bool {
	return t.State == ticket.Unserved || t.State == ticket.Done && t.Outcome == ticket.Incomplete
}

// unknown turns "no such row" into the check-in's own answer.
func unknown(err error) error {
	if fault.CodeOf(err) == fault.UnknownThing {
		return fault.New(fault.Unknown)
	}
	return err
}

// here gathers where and when a claim is presented.
func (h *Hall) here(tx Tx, o *office.Office, s office.State, c kiosk.Claim) (kiosk.Here, error) {
	at := kiosk.Here{Now: tx.Now(), Catalogue: h.cat, Office: o, Closures: s.Closures}
	if c.Office != o.ID || c.Queue == "" {
		return at, nil
	}
	// Nobody could come in, and nobody is late for it.
	at.KioskDownFor = h.outage(o.ID, c.Start, at.Now) + s.PausedBetween(c.Start, at.Now)
	line, err := tx.Line(c.Queue, o.Day(at.Now), lookahead)
	filing := h.cat.Queue(c.Queue).RulesOn(c.Day).FilingOrder
	for _, t := range line {
		if tellsLateness(t, filing) && at.Now.After(t.Start) {
			at.HallLateBy = max(at.HallLateBy, at.Now.Sub(t.Start))
		}
	}
	return at, err
}

// tellsLateness tells whether somebody who waits in a line has waited in it
// since their booked start. Who was transferred into it has no time of theirs to
// be called from there; who stepped out waits by their own wish.
func tellsLateness(t ticket.Ticket, filing bool) bool {
	return t.Class == ticket.Booked && !t.SteppedOut && (filing || !t.Callable.IsZero())
}

// arrive makes the ticket of a claim that may check in.
func (h *Hall) arrive(tx Tx, act Act, c kiosk.Claim, r CheckInRequest, here kiosk.Here) (Issued, error) {
	if c.Kind == booking.RemoteCode {
		return h.activate(tx, act, c, r)
	}
	q := h.cat.Queue(c.Queue)
	now := tx.Now()
	rules := q.RulesOn(here.Office.Day(now))
	t := ticket.Ticket{Service: c.Service, Class: ticket.Pass, Lang: r.Lang, Needs: r.Needs, Arrival: now}
	j := ticket.Joining{Arrival: now, Class: ticket.Pass, Rules: rules, HallLateBy: here.HallLateBy, KioskDownFor: here.KioskDownFor}
	if r.Priority && !rules.FilingOrder {
		t.HeadStart = rules.PriorityHeadStart
		j.HeadStart = t.HeadStart
	}
	var b booking.Booking
	if c.Kind == booking.BookingCode {
		var err error
		if b, err = tx.Booking(c.ID); err != nil {
			return Issued{}, err
		}
		t.Class, t.Booking, t.Start, t.People = ticket.Booked, b.ID, b.Start, b.People
		if t.Lang == "" {
			t.Lang = b.Lang
		}
		j.Class, j.Start = ticket.Booked, b.Start
		j.LateBehind, j.LateRefused = booking.Lateness(h.cat.Service(c.Service), q, c.Day)
	}
	place, err := ticket.Join(j)
	if err != nil {
		return Issued{}, err
	}
	t.Class, t.Due, t.Callable = place.Class, place.Due, place.Callable
	return h.admitClaim(tx, act, q, t, b, c, r.Print)
}

// admitClaim numbers the ticket and records it with its booking or spent pass.
func (h *Hall) admitClaim(tx Tx, act Act, q *office.Queue, t ticket.Ticket, b booking.Booking, c kiosk.Claim, print bool) (Issued, error) {
	t, err := h.numbered(tx, q, t, ticket.CheckIn)
	if err != nil {
		return Issued{}, err
	}
	h.estimate(&t)
	images := event.Images{Tickets: []ticket.Ticket{t}}
	if b.ID != "" {
		if b.State, err = booking.Next(b.State, booking.CheckIn); err != nil {
			return Issued{}, err
		}
		b.Ticket = t.ID
		images.Bookings = []booking.Booking{b}
	}
	ev, err := tx.Append(event.Draft{Office: q.Office, Kind: event.TicketKind(string(ticket.CheckIn)), Actor: act.recorded(), Images: images})
	if err != nil {
		return Issued{}, err
	}
	is := Issued{Ticket: ev.Images.Tickets[0]}
	if c.Kind == booking.PassCode {
		data, err := json.Marshal(is.Ticket)
		if err != nil {
			return is, err
		}
		if err := tx.Put(event.Record{Kind: passKind, ID: passID(c), Data: data}); err != nil {
			return is, err
		}
	}
	return h.paper(tx, act, is, print)
}

// activate wakes a remote ticket whose holder is here; its number stays.
func (h *Hall) activate(tx Tx, act Act, c kiosk.Claim, r CheckInRequest) (Issued, error) {
	t, err := tx.Ticket(c.ID)
	if err != nil {
		return Issued{}, err
	}
	state, err := ticket.Next(t.State, ticket.Activate)
	if err != nil {
		return Issued{}, err
	}
	rules := h.cat.Queue(t.Queue).RulesOn(t.Day)
	head := time.Duration(0)
	if r.Priority && t.HeadStart == 0 && !rules.FilingOrder {
		head = rules.PriorityHeadStart
		t.HeadStart = head
	}
	due := millis(ticket.Activated(t, head, tx.Now(), rules))
	if !due.Equal(t.Due) {
		t.Joined = -1
	}
	t.State, t.Due = state, due
	if len(r.Needs) > 0 {
		t.Needs = r.Needs
	}
	if r.Lang != "" {
		t.Lang = r.Lang
	}
	h.estimate(&t)
	ev, err := tx.Append(event.Draft{Office: t.Office, Kind: event.TicketKind(string(ticket.Activate)), Actor: act.recorded(),
		Images: event.Images{Tickets: []ticket.Ticket{t}}})
	if err != nil {
		return Issued{}, err
	}
	is := Issued{Ticket: ev.Images.Tickets[0]}
	if is.Link, err = tx.LinkOf(t.ID); err != nil || !r.Print {
		return is, err
	}
	is.Print, err = h.printJob(tx, PrintJob{Office: t.Office, Kind: "ticket", Ref: t.ID, By: act.place()})
	return is, err
}

// PassFor is how long a return pass is valid.
const PassFor = 30 * 24 * time.Hour

// BookingCode is the text of a booking's QR.
func (h *Hall) BookingCode(b booking.Booking) (string, error) {
	c, err := booking.CodeOf(b)
	if err != nil {
		return "", err
	}
	return h.codes.Sign(c), nil
}

// TicketCode is the text of the QR that activates a remote ticket, or of the
// return pass of one that was unserved or ended incomplete; "" for any other.
func (h *Hall) TicketCode(t ticket.Ticket) (string, error) {
	kind, at := booking.RemoteCode, t.Arrival
	switch {
	case t.State == ticket.Remote:
	case hasPass(t):
		kind, at = booking.PassCode, t.EndedAt.Add(PassFor)
	default:
		return "", nil
	}
	id, err := booking.IDOf(t.ID)
	if err != nil {
		return "", err
	}
	return h.codes.Sign(booking.Code{Kind: kind, ID: id, Office: booking.ShortHash(t.Office), Queue: booking.ShortHash(t.Queue), Start: at}), nil
}
