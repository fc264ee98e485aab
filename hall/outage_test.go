package hall_test

import (
	"testing"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/ticket"
)

// TestNobodyIsLateForTheTimeInWhichNoKioskWorked has somebody booked at ten come
// in at 10:45, after an outage that the hall asks for between just these instants.
func TestNobodyIsLateForTheTimeInWhichNoKioskWorked(t *testing.T) {
	for _, c := range []struct {
		outage time.Duration
		class  ticket.Class
		code   fault.Code
	}{
		{0, "", fault.Late},
		{20 * time.Minute, ticket.Late, ""},
		{40 * time.Minute, ticket.Booked, ""},
	} {
		h := newHouse(t)
		var asked []time.Time
		h.Hall = hall.New(hall.Config{Catalogue: h.Catalogue(), Ledger: hall.Over(h.db), House: h.clock, Machine: h.clock, Codes: h.codes,
			Outage: func(_ string, from, to time.Time) time.Duration {
				asked = []time.Time{from, to}
				return c.outage
			}})
		b := h.booked("citizen:a", "renew", at(10, 0))
		h.clock.Advance(at(10, 45).Sub(start))
		is, err := h.scan("main", h.code(b))
		if fault.CodeOf(err) != c.code || is.Ticket.Class != c.class {
			t.Errorf("after %s: %s %v", c.outage, is.Ticket.Class, err)
		}
		if len(asked) != 2 || !asked[0].Equal(at(10, 0)) || !asked[1].Equal(at(10, 45)) {
			t.Errorf("the hall asks about %v", asked)
		}
	}
}
