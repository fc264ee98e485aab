package bench

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/identity"
	"vez/office"
)

// What a citizen looks for: a service of one office, and one that many offers.
const (
	slotService = "dsi-bir-renewal"
	slotOffices = 20
	// slotTimes is how often each is reckoned: enough for a hundredth of them to be several.
	slotTimes = 500
)

// slots measures the calendar that a citizen sees, in the hub and as it comes over HTTP.
func (b *Bench) slots() ([]Row, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	cat := x.Catalogue
	s := cat.Service(slotService)
	q := cat.QueueFor(s.ID, benchAt)
	from := cat.Office(benchAt).Day(morning)
	offices := func() {
		for range slotOffices {
			reckoned(cat, s, q, from, 90)
		}
	}
	timings(slotTimes/10, offices) // the hub still tidies up after its start
	one := timings(slotTimes, func() { reckoned(cat, s, q, from, 31) })
	many := timings(slotTimes, offices)
	asked, err := b.askMonth(x, from)
	return []Row{
		bound("a month of slots for one service, 99th percentile", quantile(one, 0.99), 2*time.Millisecond).noting("plans reckoned anew"),
		bound(fmt.Sprintf("%d offices × 90 days, 99th percentile", slotOffices), quantile(many, 0.99), 10*time.Millisecond).
			noting(fmt.Sprintf("plans reckoned anew; median %.1f ms", ms(quantile(many, 0.5)))),
		figure("a month over HTTP, one after the other, 99th percentile", ms(quantile(asked, 0.99)), "ms"),
	}, err
}

// reckoned lists the free starts of so many days.
func reckoned(cat *office.Catalogue, s *office.Service, q *office.Queue, from office.Day, days int) (starts int) {
	o := cat.Office(q.Office)
	need := booking.NeedOf(cat, s, q, booking.Standard, morning)
	for i := range days {
		day := from.Add(i)
		plan := booking.PlanOf(q, cat.Openings(q, day, nil), day, o.Location(), booking.BlockMinutes(cat, q))
		starts += len(booking.Starts(plan, booking.Taken{}, need))
	}
	return starts
}

// askMonth asks the API for a month again and again.
func (b *Bench) askMonth(x *Hub, from office.Day) ([]time.Duration, error) {
	token, err := b.token(x, identity.Citizen, "somebody", "", "")
	if err != nil {
		return nil, err
	}
	c := newCaller(x.Addr, token)
	path := fmt.Sprintf("/api/v1/services/%s/slots?office=%s&from=%s&to=%s", slotService, benchAt, from, from.Add(30))
	var failed error
	took := timings(100, func() {
		if err := c.want(fiber.StatusOK, "GET", path, ""); err != nil {
			failed = err
		}
	})
	if failed == nil && !strings.Contains(string(c.res.Body()), `"start"`) {
		failed = fmt.Errorf("%s: no start is free", path)
	}
	return took, failed
}
