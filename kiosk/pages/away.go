package pages

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web"
)

// ever is a ledger that is never away.
type ever struct{}

func (ever) Away() time.Time                             { return time.Time{} }
func (ever) Subscribe() (bell <-chan struct{}, _ func()) { return nil, func() {} }

// awayData is what stands on a kiosk that can save nothing: on its first page
// in place of the doors, or as an answer to what somebody asked.
type awayData struct {
	frame
	Since    time.Time // in the office's zone; zero when not known
	Ref      string
	OfficeID string
	// Scanned: a code was shown, and has not been used. Unsure: something was
	// asked for, and nobody knows yet whether it was done.
	Scanned, Unsure bool
}

// away says since when nothing can be saved; the zero time while all is well.
func (r *room) away(v *visit) time.Time {
	since := r.Ledger.Away()
	if since.IsZero() {
		return since
	}
	return since.In(v.office.Location())
}

// awayPage is what every screen says while nothing can be saved.
func (r *room) awayPage(v *visit) awayData {
	d := awayData{frame: v.frame(""), Since: r.away(v), OfficeID: v.office.ID}
	d.Wish = wish{}
	return d
}

// awayRefresh is how often such a page is looked at again where scripts are off.
const awayRefresh = 10 * time.Second

// showAway answers what cannot be done now: what was asked can be sent once more
// by one touch, with the same key, as soon as the screen works again.
func (r *room) showAway(c *fiber.Ctx, v *visit, code fault.Code) error {
	d := r.awayPage(v)
	d.Ref = web.Ref(c)
	d.Scanned = c.Method() == fiber.MethodPost && strings.HasSuffix(c.Path(), "/check-in") && code != fault.UnknownOutcome
	d.Unsure = code == fault.UnknownOutcome
	options := []web.Option{web.Status(web.StatusOf(fault.New(code).Kind))}
	if c.Method() == fiber.MethodGet {
		options = append(options, web.Refresh(awayRefresh))
	}
	return v.show(c, "away", d, options...)
}

// works tells a page whether the kiosk works, when that has changed.
func (w *watch) works() error {
	since := w.room.away(w.visit)
	values := map[string]any{"works": since.IsZero(), "away": !since.IsZero(), "away_since": ""}
	if !since.IsZero() {
		values["away_since"] = w.visit.text.T("kiosk.away.since", "time", w.visit.text.Time(since))
	}
	return w.parts.Values("works", values)
}
