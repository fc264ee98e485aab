package hall

import (
	"context"
	"encoding/json"
	"slices"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// Desk is what a counter's console shows after a move.
type Desk struct {
	Shift counter.Shift
	// Ticket called or served here; its ID is "" when there is none.
	Ticket ticket.Ticket
	// Why the ticket was called, after a call.
	Why ticket.Reason
	// Changed is the ticket the command was about, when it is no longer open here.
	Changed ticket.Ticket
}

// desk is one command at one counter being decided: it reads the shift and its
// open ticket, collects what they were before, and records each move as an
// event. A composite of several moves is one transaction and one undo.
type desk struct {
	h       *Hall
	tx      Tx
	act     Act
	counter *office.Counter
	office  *office.Office
	shift   counter.Shift
	hall    office.State
	open    *ticket.Ticket // the ticket called or served here
	why     ticket.Reason
	changed ticket.Ticket
	undo    event.Undo

	elsewhere func(office.Need) bool // what other counters offer, once it was asked; see meetsElsewhere
	failed    error
}

// atCounter decides a command at a counter. The actor must hold the shift,
// except for opening it.
func (h *Hall) atCounter(ctx context.Context, act Act, counterID string, decide func(d *desk) error) (Desk, error) {
	c, o, err := h.desk(counterID)
	if err != nil {
		return Desk{}, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{o.ID}}, func(tx Tx) (Desk, []string, error) {
		d := &desk{h: h, tx: tx, act: act, counter: c, office: o}
		if err := d.load(); err != nil {
			return Desk{}, nil, err
		}
		if err := decide(d); err != nil {
			return Desk{}, nil, err
		}
		if err := d.keepUndo(); err != nil {
			return Desk{}, nil, err
		}
		out := d.view()
		why, err := json.Marshal(out.Why)
		return out, []string{counterID, out.Ticket.ID, out.Changed.ID, string(why)}, err
	}, deskAgain)
}

func (d *desk) load() error {
	var err error
	if d.hall, err = d.tx.State(d.office.ID); err != nil {
		return err
	}
	if d.shift, err = d.tx.Shift(d.counter.ID); err != nil {
		return err
	}
	d.undo = event.Undo{Counter: d.counter.ID}
	if d.shift.Ticket == "" {
		return nil
	}
	t, err := d.tx.Ticket(d.shift.Ticket)
	if err != nil {
		return err
	}
	d.open = &t
	return nil
}

// mine refuses unless the actor holds the open shift.
func (d *desk) mine() error {
	if d.shift.State == counter.Closed || d.shift.State == "" {
		return fault.New(fault.CounterClosed)
	}
	if d.shift.Clerk != d.act.Actor {
		return fault.New(fault.CounterTaken)
	}
	return nil
}

// running refuses while the hall is paused.
func (d *desk) running() error {
	if d.hall.Paused() {
		return fault.New(fault.HallPaused)
	}
	return nil
}

// opened gives the ticket open here, or fault.NothingOpen.
func (d *desk) opened() (ticket.Ticket, error) {
	if d.open == nil {
		return ticket.Ticket{}, fault.New(fault.NothingOpen)
	}
	return *d.open, nil
}

// free refuses while a ticket is open here.
func (d *desk) free() error {
	if d.open != nil {
		return fault.New(fault.CounterBusy, "number", d.open.Number, "ticket", d.open.ID)
	}
	return nil
}

// taking refuses unless somebody may come to this counter by a move, and
// nobody is here.
func (d *desk) taking(m ticket.Move) error {
	if err := d.free(); err != nil {
		return err
	}
	return counter.CanTake(d.shift, m)
}

// ticket finds a ticket of this office and day that the clerk named.
func (d *desk) ticket(id string) (ticket.Ticket, error) {
	t, err := d.tx.Ticket(id)
	if err != nil {
		return t, err
	}
	if t.Office != d.office.ID {
		return t, fault.New(fault.UnknownThing, "what", id)
	}
	return t, nil
}

// before remembers rows as they were, once each, for the undo.
func (d *desk) before(t ticket.Ticket) {
	if t.ID != "" && !slices.ContainsFunc(d.undo.Before.Tickets, func(u ticket.Ticket) bool { return u.ID == t.ID }) {
		d.undo.Before.Tickets = append(d.undo.Before.Tickets, t)
	}
	if len(d.undo.Before.Shifts) == 0 {
		d.undo.Before.Shifts = []counter.Shift{d.shift}
	}
}

// record makes one move of a ticket an event. was is the ticket before, t after
// (with its new state); open says whether it is now open at this counter;
// marked are other tickets the move left a mark on.
func (d *desk) record(was, t ticket.Ticket, m ticket.Move, open bool, reason string, detail any, marked ...ticket.Ticket) (ticket.Ticket, error) {
	d.before(was)
	images := event.Images{Tickets: append([]ticket.Ticket{t}, marked...)}
	if b, changed, err := d.bookingAfter(was, t); err != nil {
		return t, err
	} else if changed {
		images.Bookings = []booking.Booking{b}
	}
	shift := d.shift
	shift.WritingUp = m == ticket.Finish || m == ticket.Park
	switch {
	case open:
		shift.Ticket = t.ID
	case shift.Ticket == t.ID:
		shift.Ticket = ""
		if shift.State == counter.Closing {
			shift.State, shift.Queues = counter.Closed, nil
		}
	}
	images.Shifts = []counter.Shift{shift}
	ev, err := d.tx.Append(event.Draft{Office: d.office.ID, Kind: event.TicketKind(string(m)), Actor: d.act.recorded(),
		Counter: d.counter.ID, Reason: reason, Detail: detail, Images: images})
	if err != nil {
		return t, err
	}
	d.took(ev)
	return ev.Images.Tickets[0], nil
}

// bookingAfter moves the booking along with its ticket: fulfilled, unserved, or back to checked in.
func (d *desk) bookingAfter(was, t ticket.Ticket) (booking.Booking, bool, error) {
	if t.Booking == "" || was.State.Final() == t.State.Final() {
		return booking.Booking{}, false, nil
	}
	b, err := d.tx.Booking(t.Booking)
	if err != nil {
		return b, false, err
	}
	if !slices.ContainsFunc(d.undo.Before.Bookings, func(u booking.Booking) bool { return u.ID == b.ID }) {
		d.undo.Before.Bookings = append(d.undo.Before.Bookings, b)
	}
	b.State = bookingAfter(t.State)
	return b, true, nil
}

// bookingAfter is the state of a booking whose ticket came to a state.
func bookingAfter(s ticket.State) booking.State {
	switch s {
	case ticket.Unserved:
		return booking.Unserved
	case ticket.Done, ticket.Expired, ticket.Cancelled:
		// Leaving later is not a miss: the holder came.
		return booking.Fulfilled
	}
	return booking.CheckedIn
}

// took notes an event: the shift as it is now, the open ticket, and the span of the undo.
func (d *desk) took(ev event.Event) {
	if d.undo.First == 0 {
		d.undo.First = ev.Seq
	}
	d.undo.Seq, d.undo.Kind = ev.Seq, ev.Kind
	for _, s := range ev.Images.Shifts {
		if s.Counter == d.counter.ID {
			d.shift = s
		}
	}
	if d.open != nil && d.open.ID != d.shift.Ticket {
		d.open = nil
	}
	for _, t := range ev.Images.Tickets {
		if t.ID == d.shift.Ticket {
			u := t
			d.open = &u
		}
	}
	if len(ev.Images.Tickets) > 0 {
		d.changed = ev.Images.Tickets[0]
	}
}

// setShift records a change of the shift alone.
func (d *desk) setShift(s counter.Shift, m counter.Move, reason string) error {
	open := d.open
	ev, err := d.tx.Append(event.Draft{Office: d.office.ID, Kind: event.CounterKind(string(m)), Actor: d.act.recorded(),
		Counter: d.counter.ID, Reason: reason, Images: event.Images{Shifts: []counter.Shift{s}}})
	if err != nil {
		return err
	}
	d.shift, d.open = ev.Images.Shifts[0], open
	return nil
}

// keepUndo remembers the moves of this command as the counter's last.
func (d *desk) keepUndo() error {
	if d.undo.First == 0 {
		return nil
	}
	d.undo.At = millis(d.h.machine.Now())
	return d.tx.SetUndo(d.undo)
}

func (d *desk) view() Desk {
	v := Desk{Shift: d.shift, Why: d.why, Changed: d.changed}
	if d.open != nil {
		v.Ticket = *d.open
	}
	return v
}

// deskAgain renders a counter's answer once more, from what is there now.
func deskAgain(r Reader, ids []string) (Desk, error) {
	var d Desk
	var err error
	if d.Shift, err = r.Shift(ids[0]); err != nil {
		return d, err
	}
	if ids[1] != "" {
		if d.Ticket, err = r.Ticket(ids[1]); err != nil {
			return d, err
		}
	}
	if ids[2] != "" {
		if d.Changed, err = r.Ticket(ids[2]); err != nil {
			return d, err
		}
	}
	return d, json.Unmarshal([]byte(ids[3]), &d.Why)
}
