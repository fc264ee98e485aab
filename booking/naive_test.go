package booking

// naive is the slot rule of the design written down without any thought of
// speed, over a plain list of bookings: what starts.go must agree with.
type naive struct {
	plan   *Plan
	booked []laid
}

type laid struct {
	from, to int
	class    Class
}

func (n *naive) add(cell int, need Need) {
	n.booked = append(n.booked, laid{cell, cell + need.Cells, need.Class})
}

func (n *naive) starts(need Need) (out []Slot) {
	for c := range n.plan.Places {
		free := 0
		before := len(n.booked)
		for n.accepts(c, need) {
			n.add(c, need)
			free++
		}
		n.booked = n.booked[:before]
		if free > 0 {
			out = append(out, Slot{n.plan.Start(c), free})
		}
	}
	return out
}

func (n *naive) accepts(c int, need Need) bool {
	if c+need.Cells > CellsPerDay || n.plan.Start(c).Before(need.Now) {
		return false
	}
	for i := c; i < c+need.Cells; i++ {
		if n.at(i) >= int(n.plan.Places[i]) {
			return false
		}
	}
	for _, h := range n.plan.Halves {
		if !n.affords(h, c, need) {
			return false
		}
	}
	return n.underHalf() || n.tidy(c, need)
}

// at is how many bookings cover a cell.
func (n *naive) at(c int) (count int) {
	for _, b := range n.booked {
		if b.from <= c && c < b.to {
			count++
		}
	}
	return count
}

// in is how many cells of a half the bookings of the given classes cover.
func (n *naive) in(h Half, classes ...Class) (cells int) {
	for _, b := range n.booked {
		for _, class := range classes {
			if b.class == class {
				cells += max(0, min(b.to, h.To)-max(b.from, h.From))
			}
		}
	}
	return cells
}

func (n *naive) affords(h Half, c int, need Need) bool {
	wants := max(0, min(c+need.Cells, h.To)-max(c, h.From))
	if wants == 0 {
		return true
	}
	limit := h.Capacity - n.in(h, Standard, SameDay, Guaranteed)
	released, kept := !need.Now.Before(h.SameDayAt), need.Now.Before(h.KeptUntil)
	if !released {
		limit -= h.SameDay
	}
	rest := max(0, h.Guaranteed-n.in(h, Guaranteed))
	switch {
	case need.Class == SameDay && !released:
		return false
	case need.Class == Guaranteed && kept:
		return rest > 0 && wants <= limit
	case kept:
		limit -= rest
	}
	return wants <= limit
}

func (n *naive) underHalf() bool {
	taken, capacity := 0, 0
	for c, places := range n.plan.Places {
		taken += n.at(c)
		capacity += int(places)
	}
	return taken*2 < capacity
}

// tidy: laid on top of what is taken, it touches something, or leaves no gap
// on its own level that the shortest service could not use.
func (n *naive) tidy(c int, need Need) bool {
	left, right := 0, 0
	for i := c - 1; n.freeAt(i, n.at(c)); i-- {
		left++
	}
	end := c + need.Cells
	for i := end; n.freeAt(i, n.at(end-1)); i++ {
		right++
	}
	return left == 0 || right == 0 || left >= need.Shortest && right >= need.Shortest
}

func (n *naive) freeAt(c, level int) bool {
	return c >= 0 && c < CellsPerDay && n.at(c) <= level && int(n.plan.Places[c]) > level
}
