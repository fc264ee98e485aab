package hall

import (
	"context"

	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/ticket"
)

// Undo takes back the last move of a counter, for 15 s of machine time: state,
// due, counter and booking are as they were. It is refused (moved_on) once
// anybody else has moved one of its tickets, and (nothing_to_undo) once their day
// is closed. It appends an event, never deletes. While the hall is paused it is
// refused as every other move of a counter is (hall_paused): to take back a miss
// or a return would call somebody into a hall that stands still.
func (h *Hall) Undo(ctx context.Context, act Act, counterID string) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.running(); err != nil {
			return err
		}
		u, ok, err := d.tx.Undo(counterID)
		if err != nil {
			return err
		}
		if !ok || !counter.CanUndo(u.At, h.machine.Now()) {
			return fault.New(fault.NothingToUndo)
		}
		if d.shift.Clerk != act.Actor {
			return fault.New(fault.CounterTaken)
		}
		images, err := d.restored(u)
		if err != nil {
			return err
		}
		return d.takeBack(u, images)
	})
}

// restored is what the rows become: as they were before, with a ticket that the
// move issued ended and its number voided. It refuses when anybody has moved on.
func (d *desk) restored(u event.Undo) (event.Images, error) {
	out := u.Before
	out.Tickets = nil
	for _, was := range u.Before.Tickets {
		now, err := d.tx.Ticket(was.ID)
		if err != nil {
			return out, err
		}
		if now.Day != d.hall.Day {
			return out, fault.New(fault.NothingToUndo) // its day is closed
		}
		switch untouched := now.Seq >= u.First && now.Seq <= u.Seq; {
		case untouched:
			out.Tickets = append(out.Tickets, was)
		case was.State != ticket.Remote: // a mark on a dormant ticket that woke up is of the past
			return out, fault.New(fault.MovedOn)
		}
	}
	for _, was := range u.Before.Shifts {
		now, err := d.tx.Shift(was.Counter)
		if err != nil {
			return out, err
		}
		if now.Seq < u.First || now.Seq > u.Seq {
			return out, fault.New(fault.MovedOn)
		}
	}
	// Only serving somebody without a ticket issues one; any other open ticket
	// was here before, and the move was about another.
	if d.open == nil || u.Kind != event.TicketKind(string(ticket.Serve)) {
		return out, nil
	}
	issued := *d.open // of today: a counter lets go of its ticket at the close of the day
	issued.State, issued.EndedAt, issued.Counter = ticket.Cancelled, d.tx.Now(), ""
	out.Tickets = append(out.Tickets, issued)
	out.Void = append(out.Void, event.Void{Day: issued.Day, Series: issued.Series, N: issued.N, Reason: "undone"})
	return out, nil
}

func (d *desk) takeBack(u event.Undo, images event.Images) error {
	ev, err := d.tx.Append(event.Draft{Office: d.office.ID, Kind: event.KindUndo, Actor: d.act.recorded(), Counter: d.counter.ID,
		Detail: map[string]any{"first": u.First, "last": u.Seq, "kind": u.Kind}, Images: images})
	if err != nil {
		return err
	}
	d.took(ev)
	d.undo = event.Undo{} // an undo is not undone
	return d.tx.DropUndo(d.counter.ID)
}
