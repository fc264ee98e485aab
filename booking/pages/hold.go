package pages

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/locale"
	"vez/office"
	"vez/web"
)

// holdCookie names the hold that this browser has made: until it is confirmed,
// a hold belongs to nobody else.
const holdCookie = "vez_hold"

// holdCookieFor is longer than a hold can be extended.
const holdCookieFor = 2 * time.Hour

func (r *room) cookieName(c *fiber.Ctx) string {
	if r.secure(c) {
		return "__Host-" + holdCookie
	}
	return holdCookie
}

func (r *room) secure(c *fiber.Ctx) bool {
	return strings.HasPrefix(r.app.URL(), "https://") || c.Secure()
}

func (r *room) keepHold(c *fiber.Ctx, id string) {
	c.Cookie(&fiber.Cookie{
		Name: r.cookieName(c), Value: id, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: r.secure(c), MaxAge: int(holdCookieFor / time.Second),
	})
}

// dropHold repeats every attribute, or browsers keep a __Host- cookie.
func (r *room) dropHold(c *fiber.Ctx) {
	c.Cookie(&fiber.Cookie{
		Name: r.cookieName(c), Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: r.secure(c), Expires: time.Unix(1, 0),
	})
}

// hold keeps the chosen time for five minutes: POST /book/{service}/{office}
// with start, people and lang. A time that this browser held before is let go.
func (r *room) hold(c *fiber.Ctx) error {
	p, err := r.place(c.Params("service"), c.Params("office"))
	if err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339, c.FormValue("start"))
	if err != nil {
		return fault.New(fault.InvalidField, "field", "start", "why", "no time").Because(err)
	}
	if err := r.slow(c, "hold", 60, 10*time.Minute); err != nil {
		return err
	}
	lang := web.Lang(c)
	if l := c.FormValue("lang"); locale.Valid(l) {
		lang = l
	}
	b, err := r.newHold(c, hall.BookRequest{
		Service: p.service.ID, Office: p.office.ID, Start: start, People: max(1, number(c.FormValue("people"))), Lang: lang, Hold: true,
	})
	if err != nil {
		if tellable(err) {
			return r.showTimes(c, p, p.office.Day(start), start, err)
		}
		return err
	}
	r.letGo(c, b.ID)
	r.keepHold(c, b.ID)
	return web.Back(c, "/book/hold/"+b.ID)
}

// newHold makes a hold that is nobody's yet. A form that was sent before and
// whose hold has ended since asks anew.
func (r *room) newHold(c *fiber.Ctx, req hall.BookRequest) (booking.Booking, error) {
	if err := r.mayHave(c, req); err != nil {
		return booking.Booking{}, err
	}
	a := act(c, req.Start.UTC().Format(time.RFC3339), strconv.Itoa(req.People), req.Lang)
	b, err := r.Hall.Book(c.UserContext(), a, req)
	if err == nil {
		b, err = r.standing(c, b)
	}
	if err == nil && b.State != booking.Confirmed && !r.held(b) {
		return r.Hall.Book(c.UserContext(), hall.Act{Actor: a.Actor}, req)
	}
	return b, err
}

// mayHave tells a signed-in person before the hold what the confirmation would
// refuse. What they hold now does not count: it is let go.
func (r *room) mayHave(c *fiber.Ctx, req hall.BookRequest) error {
	holder, s := citizen(c), r.cat.Service(req.Service)
	if holder == "" {
		return nil
	}
	o, q := r.cat.Office(req.Office), r.cat.QueueFor(req.Service, req.Office)
	now := r.Hall.Now()
	back := booking.LookBack(s.RulesAt(q.ID, o.Day(req.Start)))
	mine, err := r.Hall.Read(c.UserContext()).BookingsOf(holder, now.AddDate(0, 0, -back))
	if err != nil {
		return err
	}
	return booking.CheckRules(booking.RuleInput{
		Catalogue: r.cat, Office: o, Queue: q, Service: s, Now: now, Start: req.Start, People: req.People, Mine: mine,
		Class: booking.ClassFor(q, o.Location(), o.Day(req.Start), false, now),
	})
}

// letGo gives up the hold that this browser had, unless it is still the one.
func (r *room) letGo(c *fiber.Ctx, now string) {
	old := c.Cookies(r.cookieName(c))
	if old == "" || old == now {
		return
	}
	if b, err := r.mineHeld(c, old); err == nil && b.State == booking.Held {
		// Should it fail, the hold ends by itself.
		_, _ = r.Hall.CancelBooking(c.UserContext(), hall.Act{Actor: "citizen:guest"}, old, citizen(c), false)
	}
}

// held says whether a hold still keeps its time.
func (r *room) held(b booking.Booking) bool {
	return b.State == booking.Held && r.Hall.Now().Before(b.HeldUntil)
}

// mineHeld reads the booking of a hold's page: this browser's, or the signed-in
// person's. To anybody else it is not there.
func (r *room) mineHeld(c *fiber.Ctx, id string) (booking.Booking, error) {
	read := r.Hall.Read(c.UserContext())
	b, err := read.Booking(id)
	if err != nil {
		return b, err
	}
	whose, err := read.HolderOf(id)
	if err != nil {
		return b, err
	}
	browser := c.Cookies(r.cookieName(c)) == id
	if whose == "" && !browser || whose != "" && whose != citizen(c) {
		return booking.Booking{}, unknown("booking")
	}
	return r.standing(c, b)
}

// standing is a booking as it counts now: in a paused hall a hold does not run out.
func (r *room) standing(c *fiber.Ctx, b booking.Booking) (booking.Booking, error) {
	if b.State != booking.Held {
		return b, nil
	}
	state, err := r.Hall.Read(c.UserContext()).State(b.Office)
	return hall.Standing(b, state, r.Hall.Now()), err
}

type holdPage struct {
	choice
	ID       string
	Start    time.Time
	End      time.Time
	People   int
	Lang     string // of the visit, and its name in itself
	Language string
	TimesURL string
	Ended    bool
	Until    time.Time
	Left     string // minutes and seconds, for those without scripts
	Now      time.Time
	Speed    float64
	Extend   bool
	SignedIn bool
	Cutoff   time.Time // last instant to change or cancel
	Fixed    bool      // which has passed already
	Notice   *notice
}

// showHold shows what is about to be booked.
func (r *room) showHold(c *fiber.Ctx) error {
	b, err := r.mineHeld(c, c.Params("id"))
	if err != nil {
		return err
	}
	switch b.State {
	case booking.Held, booking.Lapsed:
		return r.renderHold(c, b, nil)
	}
	return web.Back(c, "/my/"+b.ID)
}

func (r *room) renderHold(c *fiber.Ctx, b booking.Booking, refused error) error {
	p, err := r.place(b.Service, b.Office)
	if err != nil {
		return err
	}
	loc, now := p.office.Location(), r.Hall.Now()
	page := holdPage{
		choice: r.choice(c, p), ID: b.ID, Start: b.Start.In(loc), End: b.End.In(loc), People: b.People, Lang: b.Lang, Language: locale.Endonym(b.Lang),
		Ended: !r.held(b), Until: b.HeldUntil.In(loc), Now: now.In(loc), Speed: r.Speed,
		Extend: b.Extended < booking.MaxExtensions, SignedIn: citizen(c) != "",
	}
	page.TimesURL = page.DaysURL + "/" + string(p.office.Day(b.Start))
	page.Left = clockLeft(b.HeldUntil.Sub(now))
	page.Cutoff = booking.Cutoff(p.service, p.office, r.cat, b.Start).In(loc)
	page.Fixed = now.After(page.Cutoff)
	var options []web.Option
	if refused != nil {
		page.Notice = problem(c, refused)
		r.wayOut(c, page.Notice, refused)
		options = append(options, web.Status(web.StatusOf(fault.Of(refused).Kind)))
	}
	return web.Render(c, "booking/hold", page, options...)
}

// clockLeft writes what is left as minutes and seconds.
func clockLeft(d time.Duration) string {
	s := int(max(0, d).Round(time.Second) / time.Second)
	return strconv.Itoa(s/60) + ":" + string(rune('0'+s%60/10)) + string(rune('0'+s%10))
}

// extend keeps a hold five minutes more.
func (r *room) extend(c *fiber.Ctx) error {
	b, err := r.mineHeld(c, c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := r.Hall.ExtendHold(c.UserContext(), act(c), b.ID, ""); err != nil && tellable(err) {
		return r.renderHold(c, b, err)
	} else if err != nil {
		return err
	}
	r.keepHold(c, b.ID)
	return web.Back(c, "/book/hold/"+b.ID)
}

// release gives a hold up and leads back to the times of its day.
func (r *room) release(c *fiber.Ctx) error {
	b, err := r.mineHeld(c, c.Params("id"))
	if err != nil {
		return err
	}
	if b.State == booking.Held {
		if _, err := r.Hall.CancelBooking(c.UserContext(), act(c), b.ID, citizen(c), false); err != nil {
			return err
		}
	}
	r.dropHold(c)
	return web.Back(c, "/book/"+b.Service+"/"+b.Office+"/"+string(b.Day))
}

// confirm makes a hold a booking of the signed-in person's.
func (r *room) confirm(c *fiber.Ctx) error {
	b, err := r.mineHeld(c, c.Params("id"))
	if err != nil {
		return err
	}
	confirmed, err := r.Hall.Confirm(c.UserContext(), act(c), b.ID, citizen(c))
	if err != nil && tellable(err) {
		return r.renderHold(c, b, err)
	} else if err != nil {
		return err
	}
	r.dropHold(c)
	return web.Back(c, "/my/"+confirmed.ID+"?made=1")
}

// owned reads a booking of the signed-in person's; anybody else's is not there.
func (r *room) owned(ctx context.Context, holder, id string) (booking.Booking, *office.Office, error) {
	read := r.Hall.Read(ctx)
	b, err := read.Booking(id)
	if err != nil {
		return b, nil, err
	}
	whose, err := read.HolderOf(id)
	if err != nil {
		return b, nil, err
	}
	o := r.cat.Office(b.Office)
	if whose == "" || whose != holder || o == nil {
		return booking.Booking{}, nil, unknown("booking")
	}
	return b, o, nil
}

// number reads a small number; 0 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1000 {
		return 0
	}
	return n
}
