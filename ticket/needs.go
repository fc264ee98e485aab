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
	if len(t.Needs) == 0 {
		return true
	}
	hopeless, patient := c.prospect(t.Needs)
	return !hopeless && (!patient || c.Now.Sub(t.Since()) >= c.SoftAfter)
}

// prospect tells whether the counter cannot serve somebody with these needs, and
// whether another could do better, for which some minutes are waited.
func (c Choice) prospect(needs []office.Need) (hopeless, patient bool) {
	for _, n := range Unmet(needs, c.Offers) {
		if Hard(n) {
			return true, false
		}
		patient = patient || c.NeedsElsewhere != nil && c.NeedsElsewhere(n)
	}
	return false, patient
}
