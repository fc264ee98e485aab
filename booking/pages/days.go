package pages

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/office"
	"vez/web"
)

// choice is what has been chosen so far; it stands in the sticky summary.
type choice struct {
	Service, Office string
	Minutes         int
	ServiceURL      string // to choose again
	DaysURL         string
	Moving          *mineCard // the booking that is being moved
}

func (r *room) choice(c *fiber.Ctx, p place) choice {
	out := choice{
		Service: p.service.Name.In(web.Lang(c)), Office: p.office.Name.In(web.Lang(c)), Minutes: p.service.Minutes,
		ServiceURL: "/book/" + p.service.ID, DaysURL: "/book/" + p.service.ID + "/" + p.office.ID,
	}
	if m := p.moving; m != nil {
		out.ServiceURL, out.DaysURL = "/my/"+m.ID, "/my/"+m.ID+"/change"
		out.Moving = &mineCard{"/my/" + m.ID, m.Start.In(p.office.Location()), out.Office}
	}
	return out
}

type daysPage struct {
	choice
	Title    time.Time // of the month shown
	Previous string
	Next     string
	Heads    []string // of the columns, from Monday
	Weeks    [][]dayCell
	Earliest time.Time // zero: none within the weeks looked at
	Now      time.Time
	Nothing  bool // no free day in this month
	NotHere  bool // no bookings are taken here
}

// dayCell is a day of the calendar as the component month takes it: day, url,
// state (few, full, closed, out), note, label; nothing in it outside the month.
type dayCell = map[string]any

// days shows a month with its free days.
func (r *room) days(c *fiber.Ctx) error {
	p, err := r.place(c.Params("service"), c.Params("office"))
	if err != nil {
		return err
	}
	return r.showDays(c, p)
}

func (r *room) showDays(c *fiber.Ctx, p place) error {
	ctx, now := c.UserContext(), r.Hall.Now().In(p.office.Location())
	page := daysPage{choice: r.choice(c, p), Now: now, NotHere: !p.bookable(p.office.Day(now))}
	earliest, err := r.earliest(ctx, p)
	if err != nil {
		return err
	}
	page.Earliest = earliest
	month := monthOf(c.Query("month"), now, earliest)
	page.Title = month
	for d := range 7 {
		page.Heads = append(page.Heads, web.Text(c).WeekdayShort(time.Date(2026, 11, 23+d, 0, 0, 0, 0, time.UTC)))
	}
	last := booking.Horizon(r.cat, p.service, p.office, now)
	if before := month.AddDate(0, -1, 0); !before.Before(firstOfMonth(now)) {
		page.Previous = page.DaysURL + "?month=" + before.Format("2006-01")
	}
	if after := month.AddDate(0, 1, 0); office.Day(after.Format(time.DateOnly)) <= last {
		page.Next = page.DaysURL + "?month=" + after.Format("2006-01")
	}
	days, err := r.monthDays(ctx, p, month)
	if err != nil {
		return err
	}
	page.Weeks, page.Nothing = r.weeks(c, page.DaysURL, month, days)
	page.Weeks = page.Weeks[gone(month, now):]
	return web.Render(c, "booking/days", page)
}

// gone is how many whole weeks of a month have passed: they are not shown.
func gone(month, now time.Time) int {
	if !month.Equal(firstOfMonth(now)) {
		return 0
	}
	return ((int(month.Weekday())+6)%7 + now.Day() - 1) / 7
}

func (r *room) monthDays(ctx context.Context, p place, month time.Time) ([]openDay, error) {
	from := office.Day(month.Format(time.DateOnly))
	return r.offered(ctx, p, from, office.Day(month.AddDate(0, 1, -1).Format(time.DateOnly)))
}

func firstOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
}

// monthOf is the month asked for, or that of the first free day, or the present one.
func monthOf(asked string, now, earliest time.Time) time.Time {
	if t, err := time.ParseInLocation("2006-01", asked, now.Location()); err == nil &&
		!t.Before(firstOfMonth(now)) && t.Before(now.AddDate(3, 0, 0)) {
		return t
	}
	if !earliest.IsZero() {
		return firstOfMonth(earliest.In(now.Location()))
	}
	return firstOfMonth(now)
}

// fewFree is how many free places a day may have to be called nearly full.
const fewFree = 5

// weeks lays a month out from Monday to Sunday; nothing says that no day is free.
func (r *room) weeks(c *fiber.Ctx, base string, month time.Time, days []openDay) (weeks [][]dayCell, nothing bool) {
	nothing = true
	week := make([]dayCell, (int(month.Weekday())+6)%7, 7)
	for i, d := range days {
		cell := r.dayCell(c, base, month.AddDate(0, 0, i), d)
		nothing = nothing && cell["url"] == nil
		if week = append(week, cell); len(week) == 7 {
			weeks, week = append(weeks, week), make([]dayCell, 0, 7)
		}
	}
	if len(week) > 0 {
		weeks = append(weeks, append(week, make([]dayCell, 7-len(week))...))
	}
	return weeks, nothing
}

func (r *room) dayCell(c *fiber.Ctx, base string, date time.Time, d openDay) dayCell {
	text := web.Text(c)
	cell := dayCell{"day": date.Day()}
	free := d.free()
	said := ""
	switch {
	case d.Shut:
		cell["state"], said = "closed", text.T("booking.days.closed")
	case d.Out:
		cell["state"], said = "out", text.T("booking.days.out")
	case free == 0:
		cell["state"], said = "full", text.T("booking.days.full")
	default:
		cell["url"], said = base+"/"+string(d.Day), text.T("booking.days.free", "count", free)
		if free <= fewFree {
			cell["state"], cell["note"] = "few", text.Value(free)
		}
	}
	cell["label"] = text.T("booking.days.label", "day", text.Day(date), "state", said)
	return cell
}
