package booking

import (
	"math"
	"time"

	"vez/office"
)

// CellsPerDay is the length of a day of cells.
const CellsPerDay = 24 * 60 / CellMinutes

// Plan is a queue's capacity for booked people on one day. Cell i begins i × 5
// minutes of elapsed time after the day's first instant, so that no two
// instants share a cell where clocks are put back; the 25th hour of such a day takes no bookings.
type Plan struct {
	Day      office.Day
	Midnight time.Time // the day's first instant, in the office's zone
	// Places for booked people in each cell: 0 where the queue is shut.
	Places [CellsPerDay]uint8
	// Halves of the day, before and after office.Noon.
	Halves [2]Half
}

// Half is the budgets of half a day, all in cells × places.
type Half struct {
	From, To   int // cells, To not included
	Capacity   int
	SameDay    int       // of the capacity, kept until SameDayAt for people who come or call on the day
	SameDayAt  time.Time //
	Guaranteed int       // of the capacity, kept until KeptUntil for people who cannot use electronic channels
	KeptUntil  time.Time //
}

// PlanOf reckons the capacity of a queue on a day from its openings (see
// office.Catalogue.Openings): in every cell wholly within an opening the booked
// share of the usual counters, rounded up. A share below one place becomes
// alternating blocks with one place and none, each blockMinutes long (see
// BlockMinutes), the first of the day with one; opened cells are never fewer
// than the share of them.
func PlanOf(q *office.Queue, openings []office.Interval, day office.Day, loc *time.Location, blockMinutes int) Plan {
	clock, rules := day.Clock(loc), q.RulesOn(day)
	p := Plan{Day: day, Midnight: clock.At(0)}
	if p.Midnight.IsZero() {
		return p
	}
	places := float64(q.Counters) * rules.BookedShare
	if places > 0 && places < 1 {
		p.alternate(openings, places, CellsFor(blockMinutes))
	} else {
		p.fill(openings, uint8(min(255, max(0, roundUp(places)))))
	}
	p.budget(rules, clock)
	return p
}

// roundUp forgives the last digits of a product of fractions.
func roundUp(x float64) int { return int(math.Ceil(x - 1e-9)) }

func (p *Plan) fill(openings []office.Interval, places uint8) {
	for _, o := range openings {
		from, to := p.within(o)
		for c := from; c < to; c++ {
			p.Places[c] = places
		}
	}
}

// alternate gives block k one place when the share of the first k+1 blocks,
// rounded up, is one more than that of the first k.
func (p *Plan) alternate(openings []office.Interval, share float64, block int) {
	k := 0
	for _, o := range openings {
		from, to := p.within(o)
		for c := from; c < to; c, k = c+block, k+1 {
			if roundUp(float64(k+1)*share) == roundUp(float64(k)*share) {
				continue
			}
			for i := c; i < min(c+block, to); i++ {
				p.Places[i] = 1
			}
		}
	}
}

// within gives the cells that lie wholly in an interval, to not included.
func (p *Plan) within(i office.Interval) (from, to int) {
	from = int(math.Ceil(float64(i.From.Sub(p.Midnight)) / float64(Cell)))
	to = int(math.Floor(float64(i.To.Sub(p.Midnight)) / float64(Cell)))
	return max(from, 0), min(to, CellsPerDay)
}

func (p *Plan) budget(r office.Rules, clock office.Clock) {
	noon, _ := p.Cell(clock.At(office.Noon))
	p.Halves = [2]Half{{From: 0, To: noon}, {From: noon, To: CellsPerDay}}
	sameDayAt := clock.At(r.SameDayAt)
	for i := range p.Halves {
		h := &p.Halves[i]
		first := -1
		for c := h.From; c < h.To; c++ {
			if p.Places[c] > 0 && first < 0 {
				first = c
			}
			h.Capacity += int(p.Places[c])
		}
		h.SameDay = int(math.Round(float64(h.Capacity) * r.SameDayShare))
		h.Guaranteed = int(math.Round(float64(h.Capacity) * r.GuaranteedShare))
		h.SameDayAt, h.KeptUntil = sameDayAt, p.Start(max(first, h.From)).Add(-r.GuaranteedUntil)
	}
}

// Capacity is the day's cells × places.
func (p *Plan) Capacity() int { return p.Halves[0].Capacity + p.Halves[1].Capacity }

// Start is the instant a cell begins, in the office's zone.
func (p *Plan) Start(cell int) time.Time { return p.Midnight.Add(time.Duration(cell) * Cell) }

// Cell is the cell an instant lies in, kept within 0 and CellsPerDay, and
// whether the instant is the first of a cell of this day.
func (p *Plan) Cell(t time.Time) (cell int, exact bool) {
	return CellAt(p.Midnight, t)
}

// CellAt is the cell of a day, begun at its first instant, that an instant
// lies in, kept within 0 and CellsPerDay; exact tells whether the instant is the
// first of a cell of that day.
func CellAt(midnight, t time.Time) (cell int, exact bool) {
	d := t.Sub(midnight)
	switch {
	case d < 0:
		return 0, false
	case d >= CellsPerDay*Cell:
		return CellsPerDay, false
	}
	return int(d / Cell), d%Cell == 0
}

// CellsFor is how many cells a duration in minutes covers, at least one.
func CellsFor(minutes int) int { return max(1, (minutes+CellMinutes-1)/CellMinutes) }

// Cells are the cells of its day that a booking covers, given the first
// instant of the day in its office's zone; to is not included.
func (b Booking) Cells(midnight time.Time) (from, to int) {
	from, _ = CellAt(midnight, b.Start)
	to, exact := CellAt(midnight, b.End)
	if !exact && to < CellsPerDay && b.End.After(midnight) {
		to++
	}
	return from, to
}

// BlockMinutes is how long the blocks of a share below one place last: as long
// as the longest bookable service of the queue, so that each of them fits; 15 without any.
func BlockMinutes(c *office.Catalogue, q *office.Queue) int {
	longest := 0
	for _, s := range c.ServicesOf(q.ID) {
		if s.Minutes > longest && s.BookableAt(q.ID, "") {
			longest = s.Minutes
		}
	}
	if longest == 0 {
		return 15
	}
	return longest
}

// ShortestCells is the shortest bookable service of the queue in cells; 3 without any.
func ShortestCells(c *office.Catalogue, q *office.Queue) int {
	shortest := 0
	for _, s := range c.ServicesOf(q.ID) {
		if n := CellsFor(s.Minutes); (shortest == 0 || n < shortest) && s.BookableAt(q.ID, "") {
			shortest = n
		}
	}
	if shortest == 0 {
		return 3
	}
	return shortest
}
