package booking

import "time"

// Taken is what of a plan is occupied: places per cell, and those of them that
// are drawn from the guaranteed budget.
type Taken struct {
	Cells      [CellsPerDay]uint8
	Guaranteed [CellsPerDay]uint8
}

// TakenOf counts the bookings of the plan's queue and day that occupy their
// cells now; bookings of other days are ignored.
func TakenOf(p Plan, bookings []Booking, now time.Time) Taken {
	var t Taken
	for i := range bookings {
		if b := &bookings[i]; b.Day == p.Day && b.Occupies(now) {
			from, to := b.Cells(p.Midnight)
			t.Add(from, to, b.Class)
		}
	}
	return t
}

// TakenBytes reads an occupancy string: a byte a cell, the places occupied in
// it; what is missing at the end is free. It does not know the classes, so
// that what is left of the guaranteed budget is taken for untouched: starts
// reckoned from it may say fewer free places than there are while some of that
// budget is kept and used, never more.
func TakenBytes(occupancy []byte) Taken {
	var t Taken
	copy(t.Cells[:], occupancy)
	return t
}

// Add counts one more booking of a class over the cells from up to to (not included).
func (t *Taken) Add(from, to int, class Class) {
	for c := max(from, 0); c < min(to, CellsPerDay); c++ {
		if t.Cells[c] < 255 {
			t.Cells[c]++
		}
		if class == Guaranteed && t.Guaranteed[c] < 255 {
			t.Guaranteed[c]++
		}
	}
}
