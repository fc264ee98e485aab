package hall

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// Lease is a block of numbers that a kiosk may give while it is cut off from
// the hub: a series of its own, from ticket.FirstOffline up.
type Lease struct {
	ID     string     `json:"id"`
	Office string     `json:"office"`
	Queue  string     `json:"queue"`
	Day    office.Day `json:"day"`
	From   int        `json:"from"`
	To     int        `json:"to"` // included
}

// leaseKind is the record kind of leases, owned by their office.
const leaseKind = "lease"

// leaseSize is how many numbers a block has.
const leaseSize = 50

// series is the number series of a lease: the queue's prefix, and the block.
func (l Lease) series(prefix string) string { return prefix + "/" + l.ID }

// LeaseNumbers leases a kiosk a block of a queue's offline numbers for today or
// the next days. What is not used of it is voided at the close of that day.
func (h *Hall) LeaseNumbers(ctx context.Context, act Act, officeID, queue string, day office.Day) (Lease, error) {
	q, err := h.queueOf(officeID, "", queue)
	if err != nil {
		return Lease{}, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{officeID}}, func(tx Tx) (Lease, []string, error) {
		if day < h.cat.Office(officeID).Day(tx.Now()) {
			return Lease{}, nil, fault.New(fault.InvalidField, "field", "day", "why", string(day))
		}
		id, err := h.newID()
		if err != nil {
			return Lease{}, nil, err
		}
		block, err := tx.NextNumber(officeID, day, q.Prefix+"/blocks", math.MaxInt32)
		if err != nil {
			return Lease{}, nil, err
		}
		from := ticket.FirstOffline + (block-1)*leaseSize
		l := Lease{ID: id, Office: officeID, Queue: q.ID, Day: day, From: from, To: from + leaseSize - 1}
		data, err := json.Marshal(l)
		if err != nil {
			return l, nil, err
		}
		return l, []string{id}, tx.Put(event.Record{Kind: leaseKind, ID: id, Owner: officeID, Data: data})
	}, func(r Reader, ids []string) (Lease, error) { return leaseOf(r, ids[0]) })
}

func leaseOf(r Reader, id string) (Lease, error) {
	rec, err := r.Record(leaseKind, id)
	if err != nil {
		return Lease{}, err
	}
	var l Lease
	return l, json.Unmarshal(rec.Data, &l)
}

// AdmitRequest is a paper that a kiosk gave while it was cut off.
type AdmitRequest struct {
	Lease    string
	N        int
	Service  string
	Arrival  time.Time
	Priority bool
	Needs    []office.Need
	Lang     string
}

// Admit enters a paper that a kiosk gave while it was cut off: class, due and
// number are as on the paper. Entering the same paper again gives the same
// ticket. Faults: not_found (no such lease), invalid_field (a number outside it,
// an arrival in the future or on another day).
func (h *Hall) Admit(ctx context.Context, act Act, r AdmitRequest) (Issued, error) {
	l, err := leaseOf(h.ledger.Read(ctx), r.Lease)
	if err != nil {
		return Issued{}, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{l.Office}}, func(tx Tx) (Issued, []string, error) {
		q := h.cat.Queue(l.Queue)
		if old, err := tx.TicketByNumber(l.Office, l.Day, ticket.Number(q.Prefix, r.N)); err == nil {
			is, err := issuedAgain(tx, []string{old.ID})
			return is, is.ids(), err
		} else if fault.CodeOf(err) != fault.UnknownThing {
			return Issued{}, nil, err
		}
		if err := h.mayAdmit(tx, l, r); err != nil {
			return Issued{}, nil, err
		}
		is, err := h.admitPaper(tx, act, q, l, r)
		return is, is.ids(), err
	}, issuedAgain)
}

func (h *Hall) mayAdmit(tx Tx, l Lease, r AdmitRequest) error {
	o := h.cat.Office(l.Office)
	switch {
	case r.N < l.From || r.N > l.To:
		return fault.New(fault.InvalidField, "field", "n", "why", r.N)
	case r.Arrival.After(tx.Now()) || o.Day(r.Arrival) != l.Day || l.Day != o.Day(tx.Now()):
		return fault.New(fault.InvalidField, "field", "arrival", "why", r.Arrival)
	}
	return nil
}

func (h *Hall) admitPaper(tx Tx, act Act, q *office.Queue, l Lease, r AdmitRequest) (Issued, error) {
	id, err := h.newID()
	if err != nil {
		return Issued{}, err
	}
	state, err := ticket.Next(ticket.None, ticket.Admit)
	if err != nil {
		return Issued{}, err
	}
	rules := q.RulesOn(l.Day)
	t := ticket.Ticket{ID: id, Visit: id, Office: l.Office, Queue: q.ID, Service: r.Service, Day: l.Day, Series: l.series(q.Prefix), N: r.N,
		Number: ticket.Number(q.Prefix, r.N), State: state, Class: ticket.WalkIn, Lang: r.Lang, People: 1, Needs: r.Needs,
		Arrival: millis(r.Arrival), Joined: -1}
	if r.Priority && !rules.FilingOrder {
		t.HeadStart = rules.PriorityHeadStart
	}
	place, err := ticket.Join(ticket.Joining{Arrival: t.Arrival, Class: t.Class, HeadStart: t.HeadStart, Rules: rules})
	if err != nil {
		return Issued{}, err
	}
	t.Due = millis(place.Due)
	h.estimate(&t)
	ev, err := tx.Append(event.Draft{Office: l.Office, Kind: event.TicketKind(string(ticket.Admit)), Actor: act.recorded(),
		Images: event.Images{Tickets: []ticket.Ticket{t}}})
	if err != nil {
		return Issued{}, err
	}
	return h.paper(tx, act, Issued{Ticket: ev.Images.Tickets[0]}, false)
}

// unused voids the numbers of a day's leases that no paper carries, and ends the leases.
func (c closing) unused(until office.Day) ([]event.Void, error) {
	all, err := c.tx.Records(leaseKind, c.office.ID)
	if err != nil {
		return nil, err
	}
	var out []event.Void
	for _, rec := range all {
		var l Lease
		if err := json.Unmarshal(rec.Data, &l); err != nil {
			return nil, err
		}
		if l.Day >= until {
			continue
		}
		void, err := c.unusedOf(l)
		if err != nil {
			return nil, err
		}
		out = slices.Concat(out, void)
		if err := c.tx.Delete(leaseKind, l.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c closing) unusedOf(l Lease) ([]event.Void, error) {
	prefix := c.h.cat.Queue(l.Queue).Prefix
	var out []event.Void
	for n := l.From; n <= l.To; n++ {
		_, err := c.tx.TicketByNumber(l.Office, l.Day, ticket.Number(prefix, n))
		switch fault.CodeOf(err) {
		case "":
		case fault.UnknownThing:
			out = append(out, event.Void{Day: l.Day, Series: l.series(prefix), N: n, Reason: "unused"})
		default:
			return nil, err
		}
	}
	return out, nil
}
