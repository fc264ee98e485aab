package pages

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/live"
	"vez/office"
	"vez/web"
)

type servicePage struct {
	ID, Name, Department, Website string
	Icon                          string
	Minutes                       int
	Documents                     []string
	Offices                       []officeCard
	Mine                          *mineCard // an open booking of theirs for this service
	Sample                        bool
}

// officeCard is an office that gives the service.
type officeCard struct {
	Name, Address string
	BookURL       string // "" where no bookings are taken
	Earliest      time.Time
	Unasked       bool      // nobody could be asked for the earliest
	Now           time.Time // house time there
	Live          *comeNow  // nil when nothing is known
	TicketURL     string    // take a ticket from afar
}

// comeNow is how a queue stands for somebody who thinks of coming.
type comeNow struct {
	Status office.Status
	Open   bool
	Upto   int // people waiting or expected before a newcomer
	Window *live.Window
	Until  time.Time
	OnlyBy bool // by booking only
}

// Tone colours the tag of a status.
func (n comeNow) Tone() string {
	switch {
	case n.OnlyBy:
		return ""
	case n.Status == office.StatusOpen:
		return "good"
	case n.Status == office.StatusClosed:
		return ""
	}
	return "warn"
}

// service shows what to bring and where it is done.
func (r *room) service(c *fiber.Ctx) error {
	s := r.cat.Service(c.Params("service"))
	if s == nil {
		return unknown("service")
	}
	lang := web.Lang(c)
	p := servicePage{ID: s.ID, Name: s.Name.In(lang), Icon: pictogram(s.Category), Minutes: s.Minutes, Sample: r.cat.Sample}
	if d := r.cat.Department(s.Department); d != nil {
		p.Department, p.Website = d.Name.In(lang), d.Website
	}
	for _, d := range s.Documents {
		p.Documents = append(p.Documents, d.In(lang))
	}
	for _, o := range r.cat.OfficesOf(s.ID) {
		card, err := r.officeCard(c, s, o)
		if err != nil {
			return err
		}
		p.Offices = append(p.Offices, card)
	}
	slices.SortStableFunc(p.Offices, func(a, b officeCard) int {
		return cmp.Compare(b2i(a.BookURL == ""), b2i(b.BookURL == ""))
	})
	var err error
	if p.Mine, err = r.already(c, s.ID); err != nil {
		return err
	}
	return web.Render(c, "booking/service", p)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *room) officeCard(c *fiber.Ctx, s *office.Service, o *office.Office) (officeCard, error) {
	ctx, lang := c.UserContext(), web.Lang(c)
	now := r.Hall.Now().In(o.Location())
	card := officeCard{Name: o.Name.In(lang), Address: o.Address.In(lang), Now: now}
	p, err := r.place(s.ID, o.ID)
	if err != nil {
		return card, err
	}
	if p.bookable(o.Day(now)) {
		card.BookURL = "/book/" + s.ID + "/" + o.ID
		card.Earliest, err = r.earliest(ctx, p)
		if card.Unasked = fault.CodeOf(err) == fault.LedgerAway; err != nil && !card.Unasked {
			return card, err
		}
	}
	card.Live = r.comeNow(ctx, p, now)
	rules := p.queue.RulesOn(o.Day(now))
	if card.Live != nil && card.Live.Status == office.StatusOpen && rules.WalkIn && rules.Remote && !rules.FilingOrder {
		card.TicketURL = "/book/" + s.ID + "/" + o.ID + "/ticket"
	}
	return card, nil
}

// comeNow reads the live figures of a queue; nil when they are not to be had or stale.
func (r *room) comeNow(ctx context.Context, p place, now time.Time) *comeNow {
	all, err := r.Live.Queues(ctx, p.office.ID)
	if err != nil || !all.Stale.IsZero() {
		return nil
	}
	for _, q := range all.Queues {
		if q.Queue != p.queue.ID {
			continue
		}
		n := &comeNow{Status: q.Status, Open: q.Status == office.StatusOpen, Upto: q.Waiting + q.Expected, Window: q.Window, Until: q.Until}
		n.OnlyBy = !p.queue.RulesOn(p.office.Day(now)).WalkIn
		if n.Status == office.StatusClosed && n.Until.IsZero() {
			if next, ok := r.cat.NextOpening(p.office, now, nil); ok {
				n.Until = next.From
			}
		}
		return n
	}
	return nil
}

// mineCard is an open booking shown where a second one cannot be made.
type mineCard struct {
	URL    string
	Start  time.Time
	Office string
}

// already finds an open booking of the signed-in person for a service that
// allows no more of them.
func (r *room) already(c *fiber.Ctx, service string) (*mineCard, error) {
	holder := citizen(c)
	if holder == "" {
		return nil, nil
	}
	s, now := r.cat.Service(service), r.Hall.Now()
	if s.Rules.LimitService != 1 {
		return nil, nil
	}
	list, err := r.Hall.Read(c.UserContext()).BookingsOf(holder, now.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		o := r.cat.Office(b.Office)
		if b.Service != service || o == nil || b.State != booking.Confirmed && b.State != booking.Displaced || b.Day < o.Day(now) {
			continue
		}
		return &mineCard{"/my/" + b.ID, b.Start.In(o.Location()), o.Name.In(web.Lang(c))}, nil
	}
	return nil, nil
}
