package pages

import (
	"cmp"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/locale"
	"vez/office"
	"vez/web"
)

// startLine is a time to choose.
type startLine struct {
	Value string // RFC 3339
	Start time.Time
	Few   bool // the last place
}

// half is the times of a morning or an afternoon.
type half struct {
	Afternoon bool
	Starts    []startLine
}

type timesPage struct {
	choice
	Day      time.Time
	Action   string // where the form goes
	Halves   []half
	Nearest  []startLine // to the time that was taken, first
	All      string      // where all times stand, when only some are shown
	Notice   *notice
	People   []int // choices; none when only one may come
	Chosen   int
	Langs    []langChoice
	Language string
}

type langChoice struct {
	Lang, Name string
	Chosen     bool
}

// times shows the free times of a day.
func (r *room) times(c *fiber.Ctx) error {
	p, err := r.place(c.Params("service"), c.Params("office"))
	if err != nil {
		return err
	}
	day, err := office.ParseDay(c.Params("day"))
	if err != nil {
		return unknown("day")
	}
	return r.showTimes(c, p, day, time.Time{}, nil)
}

// mostTimes is how many times of a day are shown at once.
const mostTimes = 40

// showTimes renders a day's times, after a refused choice with why and with the nearest ones first.
func (r *room) showTimes(c *fiber.Ctx, p place, day office.Day, wanted time.Time, refused error) error {
	days, err := r.offered(c.UserContext(), p, day, day)
	if err != nil {
		return err
	}
	all := days[0].Starts
	page := timesPage{choice: r.choice(c, p), Day: day.Time(12*time.Hour, p.office.Location())}
	page.Action = page.DaysURL
	starts := all
	if len(starts) > mostTimes && c.Query("all") == "" {
		starts, page.All = quarterly(starts), page.DaysURL+"/"+string(day)+"?all=1"
	}
	page.Halves = halves(starts, day.Time(office.Noon, p.office.Location()))
	page.Nearest = nearest(all, wanted)
	if refused != nil {
		page.Notice = problem(c, refused)
		r.wayOut(c, page.Notice, refused)
	}
	page.form(c, p)
	var options []web.Option
	if refused != nil {
		options = append(options, web.Status(web.StatusOf(fault.Of(refused).Kind)))
	}
	return web.Render(c, "booking/times", page, options...)
}

// wayOut leads from a refusal to where something can be done about it.
func (r *room) wayOut(c *fiber.Ctx, n *notice, refused error) {
	switch fault.CodeOf(refused) {
	case fault.LimitReached, fault.BookingPaused:
		n.URL, n.Link = "/my", web.Text(c).T("frame.nav.mine")
	}
}

// form fills in who comes: people and language, as they were sent or usual.
func (p *timesPage) form(c *fiber.Ctx, at place) {
	p.Chosen, p.Language = 1, web.Lang(c)
	if n := number(c.FormValue("people")); n > 0 {
		p.Chosen = n
	}
	if l := c.FormValue("lang"); locale.Valid(l) && c.Method() == fiber.MethodPost {
		p.Language = l
	}
	most := max(1, at.rules(at.office.Day(p.Day)).MaxPeople)
	for n := 1; n <= most && most > 1; n++ {
		p.People = append(p.People, n)
	}
	p.Chosen = min(p.Chosen, most)
	for _, l := range locale.Languages {
		p.Langs = append(p.Langs, langChoice{l, locale.Endonym(l), l == p.Language})
	}
}

// quarterly keeps the first start of every quarter of an hour.
func quarterly(starts []booking.Slot) []booking.Slot {
	var out []booking.Slot
	for _, s := range starts {
		if n := len(out); n == 0 || !s.Start.Truncate(15*time.Minute).Equal(out[n-1].Start.Truncate(15*time.Minute)) {
			out = append(out, s)
		}
	}
	return out
}

func startOf(s booking.Slot) startLine {
	return startLine{Value: s.Start.Format(time.RFC3339), Start: s.Start, Few: s.Free == 1}
}

// halves parts the times at noon of the office's day.
func halves(starts []booking.Slot, noon time.Time) []half {
	var out []half
	for _, s := range starts {
		afternoon := !s.Start.Before(noon)
		if n := len(out); n == 0 || out[n-1].Afternoon != afternoon {
			out = append(out, half{Afternoon: afternoon})
		}
		h := &out[len(out)-1]
		h.Starts = append(h.Starts, startOf(s))
	}
	return out
}

// nearest are the four free times next to the one that could not be had, in order of the clock.
func nearest(starts []booking.Slot, wanted time.Time) []startLine {
	if wanted.IsZero() || len(starts) == 0 {
		return nil
	}
	list := slices.Clone(starts)
	slices.SortStableFunc(list, func(a, b booking.Slot) int {
		return cmp.Compare(a.Start.Sub(wanted).Abs(), b.Start.Sub(wanted).Abs())
	})
	list = list[:min(4, len(list))]
	slices.SortFunc(list, func(a, b booking.Slot) int { return a.Start.Compare(b.Start) })
	out := make([]startLine, len(list))
	for i, s := range list {
		out[i] = startOf(s)
	}
	return out
}
