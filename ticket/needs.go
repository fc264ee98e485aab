package ticket

import (
	"slices"

	"vez/office"
)

// Hard tells whether a need waits for a counter that meets it, however long. A
// soft one (a language, more time) waits some minutes and is then met as well
// as can be.
func Hard(n office.Need) bool {
	switch n {
	case office.NeedLowDesk, office.NeedSign, office.NeedLoop:
		return true
	}
	return false
}

// Unmet lists the needs of a ticket that a counter with these offers cannot meet.
func Unmet(needs, offers []office.Need) []office.Need {
	var out []office.Need
	for _, n := range needs {
		if !slices.Contains(offers, n) {
			out = append(out, n)
		}
	}
	return out
}

func (t Ticket) has(n office.Need) bool { return slices.Contains(t.Needs, n) }

// serves tells whether the counter that chooses may serve a ticket now.
func (c Choice) serves(t *Ticket) bool {
	for _, n := range Unmet(t.Needs, c.Offers) {
		if Hard(n) {
			return false
		}
		elsewhere := c.NeedsElsewhere != nil && c.NeedsElsewhere(n)
		if elsewhere && c.Now.Sub(t.Since()) < c.SoftAfter {
			return false
		}
	}
	return true
}
