package ticket

import "slices"

// pileMost is how many tickets a chunk of a pile holds at most.
const pileMost = 512

// pile keeps tickets in a strict order, in chunks: to add, to take away or to
// find one moves some kilobytes at the most, however many there are.
type pile struct {
	order  func(a, b *Ticket) int
	chunks [][]*Ticket // none is empty
	size   int
}

// place finds the chunk and the place in it where a ticket stands or would stand.
func (p *pile) place(t *Ticket) (chunk, at int, found bool) {
	if len(p.chunks) == 0 {
		return 0, 0, false
	}
	chunk, _ = slices.BinarySearchFunc(p.chunks, t, func(c []*Ticket, t *Ticket) int { return p.order(c[len(c)-1], t) })
	chunk = min(chunk, len(p.chunks)-1)
	at, found = slices.BinarySearchFunc(p.chunks[chunk], t, p.order)
	return chunk, at, found
}

// add puts a ticket in; one that stands there already is replaced.
func (p *pile) add(t *Ticket) {
	c, at, found := p.place(t)
	switch {
	case found:
		p.chunks[c][at] = t
		return
	case len(p.chunks) == 0:
		p.chunks = append(p.chunks, []*Ticket{t})
	case len(p.chunks[c]) < pileMost:
		p.chunks[c] = slices.Insert(p.chunks[c], at, t)
	case c == len(p.chunks)-1 && at == pileMost: // who joins at the end opens a new chunk
		p.chunks = append(p.chunks, []*Ticket{t})
	default:
		half := slices.Clone(p.chunks[c][pileMost/2:])
		clear(p.chunks[c][pileMost/2:])
		p.chunks[c] = p.chunks[c][:pileMost/2]
		p.chunks = slices.Insert(p.chunks, c+1, half)
		if at > pileMost/2 {
			c, at = c+1, at-pileMost/2
		}
		p.chunks[c] = slices.Insert(p.chunks[c], at, t)
	}
	p.size++
}

// remove takes a ticket out; one that is not there is no fault.
func (p *pile) remove(t *Ticket) {
	c, at, found := p.place(t)
	if !found {
		return
	}
	p.chunks[c] = slices.Delete(p.chunks[c], at, at+1)
	if len(p.chunks[c]) == 0 {
		p.chunks = slices.Delete(p.chunks, c, c+1)
	}
	p.size--
}

// rank is how many stand before a ticket, which itself need not be there.
func (p *pile) rank(t *Ticket) int {
	c, n, _ := p.place(t)
	for _, chunk := range p.chunks[:c] {
		n += len(chunk)
	}
	return n
}

// all goes through the pile in order.
func (p *pile) all(yield func(*Ticket) bool) {
	for _, chunk := range p.chunks {
		for _, t := range chunk {
			if !yield(t) {
				return
			}
		}
	}
}

// first is the first one, nil when there is none.
func (p *pile) first() *Ticket {
	if len(p.chunks) == 0 {
		return nil
	}
	return p.chunks[0][0]
}
