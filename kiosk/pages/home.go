package pages

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/live"
	"vez/office"
	"vez/web"
)

// homeData is the data of the page kiosk/home.
type homeData struct {
	frame
	Open bool
	// Until the hall closes, or Opens again; zero when not known.
	Until, Opens time.Time
	Hall         live.Hall
	Paper        hallPaper
	OfficeID     string
	Greetings    []greeting
	Away         awayData
}

// greeting is a line of the resting picture, which speaks all languages at once.
type greeting struct{ Lang, Text string }

// home shows the four doors: GET /kiosk/{office}.
func (r *room) home(c *fiber.Ctx, v *visit) error {
	if first := languages(v.office)[0]; c.Query("lang") == "" && c.Cookies(web.LangCookie) == "" && !v.demo {
		return c.Redirect(v.home+"?lang="+first, fiber.StatusSeeOther)
	}
	d := homeData{frame: v.frame(""), Paper: r.hallPaper(v), OfficeID: v.office.ID}
	d.Wish = wish{}
	for _, l := range d.Order {
		d.Greetings = append(d.Greetings, greeting{l, r.app.Text(l).T("kiosk.rest")})
	}
	d.Away = r.awayPage(v)
	if !d.Away.Since.IsZero() {
		return v.show(c, "home", d, web.Refresh(awayRefresh)) // how the hall stands matters to nobody now
	}
	if err := r.stands(c.UserContext(), v, &d); err != nil {
		return err
	}
	return v.show(c, "home", d)
}

// stands fills in how the hall stands at the time of the visit.
func (r *room) stands(ctx context.Context, v *visit, d *homeData) error {
	q, err := r.Live.Queues(ctx, v.office.ID)
	if err != nil {
		return err
	}
	d.Hall = q.Hall
	state, err := r.Live.State(ctx, v.office.ID)
	if err != nil {
		return err
	}
	for _, i := range r.cat.OfficeOpenings(v.office, v.day(), state.Closures) {
		if i.Has(v.now) {
			d.Open, d.Until = true, i.To
		}
	}
	if !d.Open {
		d.Opens = r.opens(v, state)
	}
	return nil
}

// opens is when the hall opens next; zero when nobody can say.
func (r *room) opens(v *visit, s office.State) time.Time {
	next, ok := r.cat.NextOpening(v.office, v.now, s.Closures)
	if !ok {
		return time.Time{}
	}
	return next.From
}

// helpData is the data of the page kiosk/help.
type helpData struct {
	frame
	Address string
}

// help says who helps and what else can be done: GET /kiosk/{office}/help.
func (r *room) help(c *fiber.Ctx, v *visit) error {
	return v.show(c, "help", helpData{v.frame(v.home), v.name(v.office.Address)})
}
