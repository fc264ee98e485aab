package pages

import (
	"context"
	"time"

	"vez/booking"
	"vez/office"
)

// place is a service at an office, in the queue that serves it there.
type place struct {
	service *office.Service
	office  *office.Office
	queue   *office.Queue
	// moving is the booking that is to be rescheduled: its own cells count as free.
	moving *booking.Booking
}

// place finds what an address names.
func (r *room) place(service, officeID string) (place, error) {
	p := place{service: r.cat.Service(service), office: r.cat.Office(officeID), queue: r.cat.QueueFor(service, officeID)}
	if p.service == nil || p.office == nil || p.queue == nil {
		return p, unknown("service")
	}
	return p, nil
}

func (p place) rules(day office.Day) office.ServiceRules { return p.service.RulesAt(p.queue.ID, day) }

// bookable says whether the service takes bookings there at all.
func (p place) bookable(day office.Day) bool { return p.rules(day).Bookable }

// openDay is what a day has to offer.
type openDay struct {
	Day    office.Day
	Shut   bool // no opening
	Out    bool // outside of what the rules allow
	Starts []booking.Slot
}

// free sums up the free places of a day, as far as it says something.
func (d openDay) free() int {
	n := 0
	for _, s := range d.Starts {
		n += s.Free
	}
	return n
}

// offered reckons the days from and to, both included.
func (r *room) offered(ctx context.Context, p place, from, to office.Day) ([]openDay, error) {
	state, err := r.Live.State(ctx, p.office.ID)
	if err != nil {
		return nil, err
	}
	taken, err := r.taken(ctx, p, from, to)
	if err != nil {
		return nil, err
	}
	now, loc := r.Hall.Now(), p.office.Location()
	blocks, last := booking.BlockMinutes(r.cat, p.queue), booking.Horizon(r.cat, p.service, p.office, now)
	var out []openDay
	for day := from; day <= to; day = day.Add(1) {
		first, until := booking.Range(r.cat, p.rules(day), p.office, now)
		d := openDay{Day: day, Out: day < p.office.Day(first) || day > p.office.Day(until) || day > last || !p.bookable(day)}
		if m := p.moving; m != nil && p.rules(day).SetDate && m.State != booking.Displaced && day != m.Day {
			d.Out = true
		}
		openings := r.cat.Openings(p.queue, day, state.Closures)
		d.Shut = len(openings) == 0
		if !d.Shut && !d.Out {
			plan := booking.PlanOf(p.queue, openings, day, loc, blocks)
			class := booking.ClassFor(p.queue, loc, day, p.moving != nil && p.moving.Class == booking.Guaranteed, now)
			d.Starts = booking.Starts(plan, taken(plan), booking.NeedOf(r.cat, p.service, p.queue, class, now))
		}
		out = append(out, d)
	}
	return out, nil
}

// taken gives what is occupied of a day's plan, from the live queues where they
// answer and from the ledger else. A booking that moves is left out, which the
// ledger alone can do.
func (r *room) taken(ctx context.Context, p place, from, to office.Day) (func(booking.Plan) booking.Taken, error) {
	if r.Cells != nil && p.moving == nil {
		var days []office.Day
		for day := from; day <= to; day = day.Add(1) {
			days = append(days, day)
		}
		if cells, err := r.Cells.CellsOf(ctx, []string{p.queue.ID}, days); err == nil {
			return func(plan booking.Plan) booking.Taken { return booking.TakenBytes(cells[p.queue.ID][plan.Day]) }, nil
		}
	}
	all, err := r.Hall.Read(ctx).BookingsOn(p.queue.ID, from, to)
	if err != nil {
		return nil, err
	}
	var others []booking.Booking
	for _, b := range all {
		if p.moving == nil || b.ID != p.moving.ID {
			others = append(others, b)
		}
	}
	now := r.Hall.Now()
	return func(plan booking.Plan) booking.Taken { return booking.TakenOf(plan, others, now) }, nil
}

// lookAhead is how far the earliest free time is looked for.
const lookAhead = 21

// earliest is the first free start within some weeks; zero: none.
func (r *room) earliest(ctx context.Context, p place) (time.Time, error) {
	from := p.office.Day(r.Hall.Now())
	days, err := r.offered(ctx, p, from, from.Add(lookAhead))
	if err != nil {
		return time.Time{}, err
	}
	for _, d := range days {
		if len(d.Starts) > 0 {
			return d.Starts[0].Start, nil
		}
	}
	return time.Time{}, nil
}
