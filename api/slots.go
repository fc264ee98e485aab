package api

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vez/booking"
	"vez/fault"
	"vez/office"
)

// Cells gives how many places of each cell are occupied, a byte a cell, by
// queue and day, in one round trip; *queue.Projection is one. A day without
// bookings may be missing. An error means: look in the ledger.
type Cells interface {
	CellsOf(ctx context.Context, queues []string, days []office.Day) (map[string]map[office.Day][]byte, error)
}

// Slot is a free start.
type Slot struct {
	Start  time.Time `json:"start"`
	Free   int       `json:"free" doc:"How many bookings of this service would succeed there."`
	Office string    `json:"office"`
}

// mostDays bounds how many days are asked for at once.
const mostDays = 120

// slotsIn asks for the free starts of a service.
type slotsIn struct {
	IDPath
	Office string `query:"office" maxLength:"2000" doc:"Office, or several separated by commas; default: all that offer it."`
	From   string `query:"from" maxLength:"10" example:"2026-11-24" doc:"First date, office time; default: today."`
	To     string `query:"to" maxLength:"10" example:"2026-11-30" doc:"Last date, included; default: six days later. At most 120 days."`
}

// slotsOut is a List of Slot, written by hand: months of many offices are
// hundreds of thousands of starts.
type slotsOut struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

func (a *API) slots(ctx context.Context, _ *call, r *slotsIn) (*slotsOut, error) {
	s := a.cat.Service(r.ID)
	if s == nil {
		return nil, fault.New(fault.UnknownThing, "what", r.ID)
	}
	queues, err := a.slotQueues(s, r.Office)
	if err != nil {
		return nil, err
	}
	asks := make([]*ask, 0, len(queues))
	for _, q := range queues {
		k := &ask{service: s, queue: q, office: a.cat.Office(q.Office), now: a.Hall.Now()}
		if err := k.days(r.From, r.To); err != nil {
			return nil, err
		}
		asks = append(asks, k)
	}
	if !s.Rules.Bookable && len(s.Cases) == 0 {
		asks = nil
	}
	parts, err := a.freeStarts(ctx, asks)
	if err != nil {
		return nil, err
	}
	return &slotsOut{"application/json", joinSlots(parts)}, nil
}

// slotQueues are the queues that serve a service at the offices asked for.
func (a *API) slotQueues(s *office.Service, asked string) ([]*office.Queue, error) {
	var queues []*office.Queue
	if asked == "" {
		for _, id := range s.Queues {
			queues = append(queues, a.cat.Queue(id))
		}
		return queues, nil
	}
	for _, id := range strings.Split(asked, ",") {
		o := a.cat.Office(id)
		if o == nil {
			return nil, fault.New(fault.UnknownThing, "what", id)
		}
		q := a.cat.QueueFor(s.ID, id)
		if q == nil {
			return nil, fault.New(fault.ServiceNotHere, "office", o.Name.Names())
		}
		if !slices.Contains(queues, q) {
			queues = append(queues, q)
		}
	}
	return queues, nil
}

// ask is the days of one queue that are asked for.
type ask struct {
	service  *office.Service
	queue    *office.Queue
	office   *office.Office
	now      time.Time
	from, to office.Day
}

// days reads the range. What lies before today has nothing free; it is not looked at.
func (k *ask) days(from, to string) error {
	today := k.office.Day(k.now)
	k.from, k.to = today, ""
	var err error
	if from != "" {
		if k.from, err = office.ParseDay(from); err != nil {
			return fault.New(fault.InvalidField, "field", "from", "why", from)
		}
	}
	k.to = k.from.Add(6)
	if to != "" {
		if k.to, err = office.ParseDay(to); err != nil {
			return fault.New(fault.InvalidField, "field", "to", "why", to)
		}
	}
	if k.to < k.from {
		return fault.New(fault.InvalidField, "field", "to", "why", "before from")
	}
	if k.to >= k.from.Add(mostDays) {
		return fault.New(fault.InvalidField, "field", "to", "why", "more than 120 days")
	}
	k.from = max(k.from, today)
	return nil
}

// list gives the days, none when all are past.
func (k *ask) list() []office.Day {
	var days []office.Day
	for d := k.from; d <= k.to; d = d.Add(1) {
		days = append(days, d)
	}
	return days
}

// freeStarts reads what is occupied, from the cells where they can be had, and
// writes the free starts of each ask, several at a time.
func (a *API) freeStarts(ctx context.Context, asks []*ask) ([][]byte, error) {
	cells := a.cells(ctx, asks)
	parts, errs := make([][]byte, len(asks)), make([]error, len(asks))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(len(asks), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(asks); i = int(next.Add(1)) - 1 {
				parts[i], errs[i] = safely(func() ([]byte, error) { return a.startsOf(ctx, asks[i], cells) })
			}
		})
	}
	wg.Wait()
	return parts, errors.Join(errs...)
}

// safely makes an error of a panic, which outside the request's own goroutine
// nobody else would catch.
func safely[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

// startsOf writes the free starts of one queue; cells nil: the ledger is read.
func (a *API) startsOf(ctx context.Context, k *ask, cells map[string]map[office.Day][]byte) ([]byte, error) {
	state, err := a.Live.State(ctx, k.office.ID)
	if err != nil {
		return nil, err
	}
	taken := func(p *booking.Plan) booking.Taken { return booking.TakenBytes(cells[k.queue.ID][p.Day]) }
	if cells == nil || a.fresh.touched(k.queue.ID) {
		all, err := a.Hall.Read(ctx).BookingsOn(k.queue.ID, k.from, k.to)
		switch {
		case err == nil:
			byDay := map[office.Day][]booking.Booking{}
			for _, b := range all {
				byDay[b.Day] = append(byDay[b.Day], b)
			}
			taken = func(p *booking.Plan) booking.Taken { return booking.TakenOf(*p, byDay[p.Day], k.now) }
		case cells == nil || fault.CodeOf(err) != fault.LedgerAway:
			return nil, err
		}
	}
	days := k.list()
	w := &slotWriter{days: len(days)}
	a.starts(k, days, state.Closures, taken, w)
	return w.b, nil
}

// starts writes the free starts of one queue in order.
func (a *API) starts(k *ask, days []office.Day, closures []office.Closure, taken func(*booking.Plan) booking.Taken, w *slotWriter) {
	loc, block := k.office.Location(), booking.BlockMinutes(a.cat, k.queue)
	need := booking.NeedOf(a.cat, k.service, k.queue, booking.Standard, k.now)
	for _, day := range days {
		openings := a.cat.Openings(k.queue, day, closures)
		if len(openings) == 0 {
			w.day(k.office.ID, nil)
			continue
		}
		plan := booking.PlanOf(k.queue, openings, day, loc, block)
		need.Class = booking.ClassFor(k.queue, loc, day, false, k.now)
		w.day(k.office.ID, booking.Starts(plan, taken(&plan), need))
	}
}

// cells asks for the occupied cells of all queues and days at once; nil when
// they cannot be had.
func (a *API) cells(ctx context.Context, asks []*ask) map[string]map[office.Day][]byte {
	if a.Cells == nil {
		return nil
	}
	var queues []string
	var days []office.Day
	for _, k := range asks {
		queues = append(queues, k.queue.ID)
		for _, d := range k.list() {
			if !slices.Contains(days, d) {
				days = append(days, d)
			}
		}
	}
	if len(days) == 0 {
		return map[string]map[office.Day][]byte{}
	}
	cells, err := a.Cells.CellsOf(ctx, queues, days)
	if err != nil {
		return nil
	}
	return cells
}
