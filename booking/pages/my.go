package pages

import (
	"html/template"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/office"
	"vez/printer/qr"
	"vez/ticket"
	"vez/web"
)

// pastDays is how far back one's own list reaches.
const pastDays = 90

type minePage struct {
	Tickets  []ticketLine
	Upcoming []bookingLine
	Past     []bookingLine
	Memo     bool // there is a memo list
	New      int  // bookings in it with a reminder not yet looked at
}

type ticketLine struct {
	Number, Office, Service, URL string
	State                        ticket.State
}

type bookingLine struct {
	URL, Service, Office, Reference string
	Start                           time.Time
	State                           booking.State
	Changeable                      bool
	Holding                         bool
}

// mine lists what is coming and what was.
func (r *room) mine(c *fiber.Ctx) error {
	read, holder, now := r.Hall.Read(c.UserContext()), citizen(c), r.Hall.Now()
	list, err := read.BookingsOf(holder, now.AddDate(0, 0, -pastDays))
	if err != nil {
		return err
	}
	page := minePage{}
	for _, b := range list {
		if b, err = r.standing(c, b); err != nil {
			return err
		}
		if b.State == booking.Lapsed || b.State == booking.Held && !r.held(b) {
			continue
		}
		line, coming := r.bookingLine(c, b, now)
		if coming {
			page.Upcoming = append(page.Upcoming, line)
		} else {
			page.Past = append(page.Past, line)
		}
	}
	slices.SortStableFunc(page.Upcoming, func(a, b bookingLine) int { return a.Start.Compare(b.Start) })
	if page.Tickets, err = r.ticketsOf(c, holder); err != nil {
		return err
	}
	page.Memo, page.New = r.Reminders != nil, r.unseen(c, list)
	return web.Render(c, "booking/mine", page)
}

func (r *room) bookingLine(c *fiber.Ctx, b booking.Booking, now time.Time) (line bookingLine, coming bool) {
	line = bookingLine{URL: "/my/" + b.ID, Reference: booking.ReferenceWords(b.Reference), Start: b.Start, State: b.State}
	if s := r.cat.Service(b.Service); s != nil {
		line.Service = s.Name.In(web.Lang(c))
	}
	o := r.cat.Office(b.Office)
	if o == nil {
		return line, false
	}
	line.Office, line.Start = o.Name.In(web.Lang(c)), b.Start.In(o.Location())
	line.Changeable = b.State == booking.Displaced || b.State == booking.Confirmed && booking.CanChange(b, r.cat, now) == nil
	coming = b.State == booking.Displaced || b.State.Open() && b.Day >= o.Day(now)
	return line, coming
}

// ticketsOf lists the tickets that a person took from afar today.
func (r *room) ticketsOf(c *fiber.Ctx, holder string) ([]ticketLine, error) {
	read := r.Hall.Read(c.UserContext())
	var out []ticketLine
	asked := map[office.Day]bool{}
	for _, o := range r.cat.Offices {
		day := o.Day(r.Hall.Now())
		if asked[day] {
			continue
		}
		asked[day] = true
		list, err := read.TicketsOf(holder, day)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			token, err := read.LinkOf(t.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, r.ticketLine(c, t, token))
		}
	}
	return out, nil
}

func (r *room) ticketLine(c *fiber.Ctx, t ticket.Ticket, token string) ticketLine {
	line := ticketLine{Number: t.Number, State: t.State, URL: "/t/" + token}
	if o := r.cat.Office(t.Office); o != nil {
		line.Office = o.Name.In(web.Lang(c))
	}
	if s := r.cat.Service(t.Service); s != nil {
		line.Service = s.Name.In(web.Lang(c))
	}
	return line
}

type bookingPage struct {
	ID, Service, Office, Address string
	Reference                    string
	State                        booking.State
	Made                         bool // just now
	Moved                        bool // just now
	Start, End, Now              time.Time
	Today                        bool
	Opens                        time.Time // of the hall on the day; zero: not known
	People                       int
	Minutes                      int
	Documents                    []string
	QR                           template.HTML
	Code                         string // to copy in a demonstration
	Kiosk                        string // where to scan it there
	Changeable                   bool
	Cutoff                       time.Time
	Ticket                       *ticketLine
	PassUntil                    time.Time
	Slip                         bool
	Again                        string
	Sample                       bool
	Memo                         bool  // there is a memo list
	Mail                         *mail // nil: no reminders by e-mail
	MailDone                     string
}

// show is a booking's own page, with the code to scan.
func (r *room) show(c *fiber.Ctx) error {
	b, o, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return err
	}
	if b.State == booking.Held {
		return web.Back(c, "/book/hold/"+b.ID)
	}
	page, err := r.bookingPage(c, b, o)
	if err != nil {
		return err
	}
	return web.Render(c, "booking/booking", page)
}

func (r *room) bookingPage(c *fiber.Ctx, b booking.Booking, o *office.Office) (bookingPage, error) {
	loc, lang, now := o.Location(), web.Lang(c), r.Hall.Now()
	page := bookingPage{
		ID: b.ID, Office: o.Name.In(lang), Address: o.Address.In(lang), Reference: booking.ReferenceWords(b.Reference), State: b.State,
		Made: c.Query("made") != "", Moved: c.Query("moved") != "", Start: b.Start.In(loc), End: b.End.In(loc), Now: now.In(loc),
		Today: b.Day == o.Day(now), People: b.People, Slip: r.Slip != nil, Again: "/book/" + b.Service, Sample: r.cat.Sample,
	}
	if open := r.cat.OfficeOpenings(o, b.Day, nil); len(open) > 0 {
		page.Opens = open[0].From
	}
	if s := r.cat.Service(b.Service); s != nil {
		page.Service, page.Minutes, page.Cutoff = s.Name.In(lang), s.Minutes, booking.Cutoff(s, o, r.cat, b.Start).In(loc)
		for _, d := range s.Documents {
			page.Documents = append(page.Documents, d.In(lang))
		}
	}
	page.Memo = r.Reminders != nil
	// Where an address cannot be read just now, the code to scan is shown all the same.
	if m, err := r.mailOf(c, b.ID); err == nil {
		page.Mail, page.MailDone = m, mailDone(c, m)
	}
	page.Changeable = (b.State == booking.Confirmed || b.State == booking.Displaced) && booking.CanChange(b, r.cat, now) == nil
	return page, r.bookingCode(c, &page, b)
}

// bookingCode draws what is to be shown at the kiosk: the booking's code, or
// the return pass of a visit that could not be finished; and leads to its ticket.
func (r *room) bookingCode(c *fiber.Ctx, page *bookingPage, b booking.Booking) error {
	var code string
	var err error
	if b.State == booking.Confirmed {
		if code, err = r.Hall.BookingCode(b); err != nil {
			return err
		}
	}
	if b.Ticket != "" {
		t, err := r.Hall.Read(c.UserContext()).Ticket(b.Ticket)
		if err != nil {
			return err
		}
		token, err := r.Hall.Read(c.UserContext()).LinkOf(t.ID)
		if err != nil {
			return err
		}
		line := r.ticketLine(c, t, token)
		page.Ticket = &line
		if code, err = r.passCode(t); err != nil {
			return err
		}
		if code != "" {
			page.PassUntil = passUntil(t).In(page.Start.Location())
		}
	}
	if code == "" {
		return nil
	}
	page.QR, err = draw(code, web.Text(c).T("booking.show.alt"))
	if r.Demo {
		page.Code, page.Kiosk = code, "/kiosk/"+b.Office
	}
	return err
}

// draw draws a code as a picture in the page, black on white in any theme.
func draw(code, label string) (template.HTML, error) {
	svg, err := qr.SVG(code, qr.M, label)
	if err != nil {
		return "", fault.New(fault.Unexpected).Because(err)
	}
	return template.HTML(svg), nil // made of our own modules; the label is escaped
}
