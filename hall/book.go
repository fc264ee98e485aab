package hall

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/office"
)

// BookRequest asks for a slot.
type BookRequest struct {
	Service, Office string
	Start           time.Time
	People          int
	Lang            string
	// Holder is the pseudonym it belongs to; "" for a bearer slip or a hold made before signing in.
	Holder string
	Class  booking.Class
	Origin booking.Origin
	// Hold keeps the slot for five minutes instead of confirming it.
	Hold bool
}

// slotAt is what a decision about a slot needs.
type slotAt struct {
	service *office.Service
	queue   *office.Queue
	office  *office.Office
	start   time.Time
	people  int
	class   booking.Class
}

func (s slotAt) day() office.Day { return s.office.Day(s.start) }

func (s slotAt) end() time.Time {
	return s.start.Add(time.Duration(s.service.Minutes) * time.Minute)
}

func (h *Hall) slotAt(service, officeID string, start time.Time, people int, class booking.Class) (slotAt, error) {
	q, err := h.queueOf(officeID, service, "")
	if err != nil {
		return slotAt{}, err
	}
	if people < 1 {
		people = 1
	}
	o := h.cat.Office(officeID)
	if class == "" {
		class = booking.ClassFor(q, o.Location(), o.Day(start), false, h.Now())
	}
	return slotAt{service: h.cat.Service(service), queue: q, office: o, start: millis(start), people: people, class: class}, nil
}

// Book makes a booking, or a hold. Faults: not_bookable, slot_taken,
// slot_not_offered, too_far_ahead, too_soon, limit_reached, too_many_people,
// booking_paused, service_not_here.
func (h *Hall) Book(ctx context.Context, act Act, r BookRequest) (booking.Booking, error) {
	s, err := h.slotAt(r.Service, r.Office, r.Start, r.People, r.Class)
	if err != nil {
		return booking.Booking{}, err
	}
	return change(ctx, h, act, bookingScope(r.Office, r.Holder), func(tx Tx) (booking.Booking, []string, error) {
		if err := h.mayBook(tx, s, r.Holder, r.Origin, nil); err != nil {
			return booking.Booking{}, nil, err
		}
		if err := h.kioskQuota(tx, s, r.Origin); err != nil {
			return booking.Booking{}, nil, err
		}
		if err := h.fits(tx, s, ""); err != nil {
			return booking.Booking{}, nil, err
		}
		b, err := h.newBooking(tx, s, r)
		if err != nil {
			return b, nil, err
		}
		kind := event.KindConfirmed
		if r.Hold {
			kind = event.KindHeld
		}
		if b, err = h.keep(tx, act, b, kind); err != nil {
			return b, nil, err
		}
		if r.Holder != "" {
			err = tx.SetHolder(b.ID, r.Holder, s.holdersAt())
		}
		return b, []string{b.ID}, err
	}, bookingAgain)
}

// holdersAt is the jurisdiction whose table names the holder: residents of
// Macao book through Macao, whichever side of the border the office is on.
func (s slotAt) holdersAt() string { return "macao" }

func bookingScope(officeID, holder string) event.Scope {
	sc := event.Scope{Offices: []string{officeID}}
	if holder != "" {
		sc.Holders = []string{holder}
	}
	return sc
}

func bookingAgain(r Reader, ids []string) (booking.Booking, error) { return r.Booking(ids[0]) }

// mayBook checks the service's rules for a person; moving is the booking that
// is confirmed or rescheduled and so does not count, nil for a new one.
func (h *Hall) mayBook(tx Tx, s slotAt, holder string, origin booking.Origin, moving *booking.Booking) error {
	in := booking.RuleInput{Catalogue: h.cat, Office: s.office, Queue: s.queue, Service: s.service, Now: tx.Now(),
		Start: s.start, People: s.people, Class: s.class, Origin: origin, Moving: moving}
	if holder != "" {
		var err error
		back := booking.LookBack(s.service.RulesAt(s.queue.ID, s.day()))
		if in.Mine, err = tx.BookingsOf(holder, tx.Now().AddDate(0, 0, -back)); err != nil {
			return err
		}
		for i, b := range in.Mine {
			if in.Mine[i], err = stands(tx, b); err != nil {
				return err
			}
		}
	}
	return booking.CheckRules(in)
}

// kioskQuota keeps a kiosk's bearer slips within the queue's quota of the day.
func (h *Hall) kioskQuota(tx Tx, s slotAt, origin booking.Origin) error {
	if origin != booking.Kiosk {
		return nil
	}
	today := s.office.Day(tx.Now())
	made, err := tx.BookingsMade(s.queue.ID, booking.Kiosk, today, today.Time(0, s.office.Location()))
	if err != nil {
		return err
	}
	return booking.CheckKiosk(s.queue, s.office, made, tx.Now())
}

// fits checks the queue's capacity at the start; except is a booking whose own cells count as free.
func (h *Hall) fits(tx Tx, s slotAt, except string) error {
	state, err := tx.State(s.office.ID)
	if err != nil {
		return err
	}
	all, err := tx.BookingsOn(s.queue.ID, s.day(), s.day())
	if err != nil {
		return err
	}
	others := all[:0:0]
	for _, b := range all {
		if b.ID != except {
			others = append(others, Standing(b, state, tx.Now()))
		}
	}
	openings := h.cat.Openings(s.queue, s.day(), state.Closures)
	plan := booking.PlanOf(s.queue, openings, s.day(), s.office.Location(), booking.BlockMinutes(h.cat, s.queue))
	taken := booking.TakenOf(plan, others, tx.Now())
	return booking.Fits(plan, taken, s.start, booking.NeedOf(h.cat, s.service, s.queue, s.class, tx.Now()))
}

func (h *Hall) newBooking(tx Tx, s slotAt, r BookRequest) (booking.Booking, error) {
	id, err := h.newID()
	if err != nil {
		return booking.Booking{}, err
	}
	ref, err := h.freshReference(tx)
	if err != nil {
		return booking.Booking{}, err
	}
	b := booking.Booking{ID: id, Reference: ref, Office: s.office.ID, Queue: s.queue.ID, Service: s.service.ID, Day: s.day(),
		State: booking.Confirmed, Class: s.class, Origin: r.Origin, Start: s.start, End: s.end(), People: s.people, Lang: r.Lang, Made: tx.Now()}
	if b.Origin == "" {
		b.Origin = booking.Online
	}
	if r.Hold {
		b.State, b.HeldUntil = booking.Held, tx.Now().Add(booking.HoldFor)
	}
	return b, nil
}

func (h *Hall) freshReference(tx Tx) (string, error) {
	for range 5 {
		ref, err := booking.NewReference(h.random)
		if err != nil {
			return "", err
		}
		_, err = tx.BookingByReference(ref)
		if fault.CodeOf(err) == fault.UnknownThing {
			return ref, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fault.New(fault.Unexpected)
}

// keep records a booking after a change.
func (h *Hall) keep(tx Tx, act Act, b booking.Booking, kind event.Kind, more ...booking.Booking) (booking.Booking, error) {
	ev, err := tx.Append(event.Draft{Office: b.Office, Kind: kind, Actor: act.recorded(),
		Images: event.Images{Bookings: append([]booking.Booking{b}, more...)}})
	if err != nil {
		return b, err
	}
	return ev.Images.Bookings[0], nil
}

// withBooking decides a change of one booking by its holder. holder "" is staff
// or the bearer; a stranger's booking is as if it were not there.
func (h *Hall) withBooking(ctx context.Context, act Act, id, holder string, decide func(tx Tx, b booking.Booking) (booking.Booking, error)) (booking.Booking, error) {
	seen, err := h.ledger.Read(ctx).Booking(id)
	if err != nil {
		return seen, err
	}
	return change(ctx, h, act, bookingScope(seen.Office, holder), func(tx Tx) (booking.Booking, []string, error) {
		b, err := tx.Booking(id)
		if err != nil {
			return b, nil, err
		}
		if err := owned(tx, id, holder); err != nil {
			return booking.Booking{}, nil, err
		}
		if b, err = stands(tx, b); err != nil {
			return b, nil, err
		}
		b, err = decide(tx, b)
		return b, []string{id}, err
	}, bookingAgain)
}

// stands is a booking as it counts now; see Standing.
func stands(tx Tx, b booking.Booking) (booking.Booking, error) {
	if b.State != booking.Held {
		return b, nil
	}
	s, err := tx.State(b.Office)
	return Standing(b, s, tx.Now()), err
}

func owned(r Reader, id, holder string) error {
	if holder == "" {
		return nil
	}
	whose, err := r.HolderOf(id)
	if err != nil {
		return err
	}
	if whose != "" && whose != holder {
		return fault.New(fault.UnknownThing, "what", id)
	}
	return nil
}

// ExtendHold adds five minutes to a hold, up to ten times. Faults: hold_expired,
// hold_spent, booking_state, office_closed.
func (h *Hall) ExtendHold(ctx context.Context, act Act, id, holder string) (booking.Booking, error) {
	return h.withBooking(ctx, act, id, holder, func(tx Tx, b booking.Booking) (booking.Booking, error) {
		b, err := booking.Extended(b, tx.Now())
		if err != nil {
			return b, err
		}
		if err := h.notClosed(tx, b); err != nil {
			return b, err
		}
		return h.keep(tx, act, b, event.KindExtended)
	})
}

func stillHeld(b booking.Booking, now time.Time) error {
	if b.State == booking.Lapsed || b.State == booking.Held && !now.Before(b.HeldUntil) {
		return fault.New(fault.HoldExpired)
	}
	if b.State != booking.Held {
		return fault.New(fault.BookingState, "state", string(b.State))
	}
	return nil
}

// Confirm makes a hold a booking of its holder's. Confirming a booking that is
// already confirmed gives it back unchanged. Faults: hold_expired, booking_state,
// office_closed where a closure covers it since, and those of Book.
func (h *Hall) Confirm(ctx context.Context, act Act, id, holder string) (booking.Booking, error) {
	return h.withBooking(ctx, act, id, holder, func(tx Tx, b booking.Booking) (booking.Booking, error) {
		if b.State == booking.Confirmed {
			return b, nil
		}
		if err := stillHeld(b, tx.Now()); err != nil {
			return b, err
		}
		if err := h.notClosed(tx, b); err != nil {
			return b, err
		}
		s, err := h.slotAt(b.Service, b.Office, b.Start, b.People, b.Class)
		if err != nil {
			return b, err
		}
		if err := h.mayBook(tx, s, holder, b.Origin, confirming(b)); err != nil {
			return b, err
		}
		b.State, b.HeldUntil = booking.Confirmed, time.Time{}
		if b, err = h.keep(tx, act, b, event.KindConfirmed); err != nil || holder == "" {
			return b, err
		}
		return b, tx.SetHolder(b.ID, holder, s.holdersAt())
	})
}

// confirming is the hold itself as the rules see it: it does not count, and a
// person whose online booking is paused cannot confirm it either.
func confirming(b booking.Booking) *booking.Booking { return &b }

// CancelBooking gives a booking up. Its holder may until the cut-off, staff
// always (set staff). Cancelling twice does nothing. The cells come back after
// a random 10 to 30 minutes, so that a place cannot be handed over.
func (h *Hall) CancelBooking(ctx context.Context, act Act, id, holder string, staff bool) (booking.Booking, error) {
	return h.withBooking(ctx, act, id, holder, func(tx Tx, b booking.Booking) (booking.Booking, error) {
		if b.State == booking.Cancelled || b.State == booking.Lapsed {
			return b, nil
		}
		if b.State == booking.Held {
			b.State, b.Freed = booking.Lapsed, true
			return h.keep(tx, act, b, event.KindLapsed)
		}
		if err := h.mayChange(tx, b, staff); err != nil {
			return b, err
		}
		state, err := booking.Next(b.State, booking.Cancel)
		if err != nil {
			return b, err
		}
		b.State = state
		if b.FreeAt, err = h.freeAt(tx.Now(), b.Start); err != nil {
			return b, err
		}
		return h.keep(tx, act, b, event.KindCancelled)
	})
}

func (h *Hall) mayChange(tx Tx, b booking.Booking, staff bool) error {
	if staff {
		return nil
	}
	return booking.CanChange(b, h.cat, tx.Now())
}

// freeAt is when cells come back; zero when they go to the walk-ins instead.
func (h *Hall) freeAt(now, start time.Time) (time.Time, error) {
	var b [8]byte
	if _, err := io.ReadFull(h.random, b[:]); err != nil {
		return time.Time{}, fmt.Errorf("draw when cells come back: %w", err)
	}
	at, walkIns := booking.ReofferAt(now, start, float64(binary.BigEndian.Uint64(b[:])>>11)/(1<<53))
	if walkIns {
		return time.Time{}, nil
	}
	return millis(at), nil
}

// RescheduleRequest says where a booking goes.
type RescheduleRequest struct {
	Start time.Time
	// Staff may change after the cut-off.
	Staff bool
}

// Reschedule takes the new slot and frees the old one in one transaction; id,
// reference and code stay. The old cells are kept by a nameless cancelled
// booking until they are offered again.
func (h *Hall) Reschedule(ctx context.Context, act Act, id, holder string, r RescheduleRequest) (booking.Booking, error) {
	return h.withBooking(ctx, act, id, holder, func(tx Tx, b booking.Booking) (booking.Booking, error) {
		class := b.Class
		if class != booking.Guaranteed {
			class = "" // whether it is the same day's is reckoned anew
		}
		s, err := h.slotAt(b.Service, b.Office, r.Start, b.People, class)
		if err != nil {
			return b, err
		}
		if b.State == booking.Confirmed && b.Start.Equal(s.start) {
			return b, nil
		}
		if b.State == booking.Held {
			// What ran out may be another's by now: it has no old cells to keep.
			if err := stillHeld(b, tx.Now()); err != nil {
				return b, err
			}
		}
		if err := h.mayMove(tx, b, s, holder, r.Staff); err != nil {
			return b, err
		}
		state, err := booking.Next(b.State, booking.Reschedule)
		if err != nil {
			return b, err
		}
		old, err := h.ghost(tx, b, s)
		if err != nil {
			return b, err
		}
		b.State, b.Queue, b.Start, b.End, b.Day, b.Class, b.FreeAt = state, s.queue.ID, s.start, s.end(), s.day(), s.class, time.Time{}
		return h.keep(tx, act, b, event.KindRescheduled, old...)
	})
}

func (h *Hall) mayMove(tx Tx, b booking.Booking, s slotAt, holder string, staff bool) error {
	if err := h.mayChange(tx, b, staff); err != nil {
		return err
	}
	if err := h.mayBook(tx, s, holder, b.Origin, &b); err != nil {
		return err
	}
	return h.fits(tx, s, b.ID)
}

// ghost keeps the old cells that the new slot does not cover until they are offered again.
func (h *Hall) ghost(tx Tx, b booking.Booking, to slotAt) ([]booking.Booking, error) {
	if b.State == booking.Displaced || b.State == booking.Held { // a hold that is given up is free at once
		return nil, nil
	}
	from, until := b.Start, b.End
	if to.queue.ID == b.Queue && to.start.Before(until) && from.Before(to.end()) {
		if to.start.After(from) {
			until = to.start
		} else {
			from = to.end()
		}
	}
	if !from.Before(until) {
		return nil, nil
	}
	freeAt, err := h.freeAt(tx.Now(), b.Start)
	if err != nil {
		return nil, err
	}
	id, err := h.newID()
	if err != nil {
		return nil, err
	}
	return []booking.Booking{{ID: id, Office: b.Office, Queue: b.Queue, Service: b.Service, Day: b.Day, State: booking.Cancelled, Class: b.Class,
		Origin: booking.Vacated, Start: from, End: until, FreeAt: freeAt, Made: tx.Now()}}, nil
}
