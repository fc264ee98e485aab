package pages

import (
	"context"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/live"
	"vez/printer/qr"
	"vez/ticket"
	"vez/web"
)

// Seconds that a ticket stays on the screen: until the countdown sends it away,
// and what one touch adds.
const (
	stays = 60
	adds  = 60
)

// ticketData is the data of the page kiosk/ticket.
type ticketData struct {
	frame
	ID          string
	New         bool // it was just given
	Used        bool // the code had been used before
	Queue, Zone string
	Link        string
	QR          template.HTML
	Bring       []string
	Wished      string
	Stays, Adds int
	Place       placeData
	Print       printData
	OfficeID    string
	Away        bool // the holder stepped out or was missed, and may be back
}

// placeData is what the live part "place" shows.
type placeData struct {
	Number, Mark string
	State        ticket.State
	Counter      string
	Ahead        int
	From, To     time.Time // expected; zero when nothing can be said
	BackBy       time.Time
	Paused       bool
	Unattended   bool
}

// Live tells whether there is still a place to show.
func (d placeData) Live() bool { return !d.State.Final() }

// ticket shows a number and what to do with it: GET /kiosk/{office}/ticket/{id}.
func (r *room) ticket(c *fiber.Ctx, v *visit) error {
	t, err := r.own(c.UserContext(), v, c.Params("ticket"))
	if err != nil {
		return err
	}
	d := ticketData{frame: v.frame(""), ID: t.ID, New: c.Query("new") != "", Used: c.Query("used") != "",
		Stays: stays, Adds: adds, Wished: wish{Needs: t.Needs, First: t.HeadStart > 0}.words(v.text)}
	d.Wish, d.OfficeID, d.Away = wish{}, v.office.ID, away(t)
	d.turn(c, v)
	if q := r.cat.Queue(t.Queue); q != nil {
		d.Queue, d.Zone = v.name(q.Name), zone(v, q.Zone)
	}
	if s := r.cat.Service(t.Service); s != nil && t.State == ticket.Waiting {
		for _, doc := range s.Documents {
			d.Bring = append(d.Bring, v.name(doc))
		}
	}
	if d.Place, err = r.place(c.UserContext(), v, t); err != nil {
		return err
	}
	if d.Print, err = r.paper(c.UserContext(), v, t.ID); err != nil {
		return err
	}
	if d.Link, err = r.Hall.Read(c.UserContext()).LinkOf(t.ID); err != nil {
		return err
	}
	svg, err := qr.SVG(strings.ToUpper(r.base(c)+"/t/"+d.Link), qr.Q, v.text.T("kiosk.ticket.qr.label"))
	if err != nil {
		return err
	}
	d.QR = template.HTML(svg)
	return v.show(c, "ticket", d)
}

// Without scripts the page is loaded anew every few seconds, so that it stays
// right, and leaves after as many turns.
const (
	turnEvery = 10
	turns     = stays / turnEvery
)

func (d *ticketData) turn(c *fiber.Ctx, v *visit) {
	n, _ := strconv.Atoi(c.Query("turn"))
	if n < 0 || n+1 >= turns {
		d.LeaveAfter = turnEvery
		return
	}
	pairs := []string{"turn", strconv.Itoa(n + 1)}
	if d.New {
		pairs = append(pairs, "new", "1")
	}
	if d.Used {
		pairs = append(pairs, "used", "1")
	}
	d.LeaveAfter, d.LeaveTo = turnEvery, v.ticketURL(d.ID, pairs...)
}

// own finds a ticket of this office's day.
func (r *room) own(ctx context.Context, v *visit, id string) (ticket.Ticket, error) {
	t, err := r.Hall.Ticket(ctx, id)
	if err == nil && (t.Office != v.office.ID || t.Day != v.day()) {
		err = fault.New(fault.UnknownThing, "what", "ticket")
	}
	return t, err
}

// place tells where a ticket stands: from the live snapshot, or from what the
// holder was told while that is not there yet.
func (r *room) place(ctx context.Context, v *visit, t ticket.Ticket) (placeData, error) {
	d := placeData{Number: t.Number, State: t.State, Ahead: -1}
	if t.Class == ticket.Booked || t.Class == ticket.Late || t.Class == ticket.Pass {
		d.Mark = v.text.T("paper.ticket.mark")
	}
	if !t.From.IsZero() {
		d.From, d.To = t.From.In(v.office.Location()), t.To.In(v.office.Location())
	}
	p, err := r.Live.Position(ctx, v.office.ID, t.ID)
	if fault.CodeOf(err) == fault.UnknownThing {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	return d.as(p), nil
}

// as takes the live position.
func (d placeData) as(p live.Position) placeData {
	d.State, d.Counter, d.Ahead, d.BackBy = p.State, p.Label, p.Ahead, p.BackBy
	if p.Window != nil {
		d.From, d.To = p.Window.From, p.Window.To
	}
	for _, n := range p.Notices {
		d.Paused = d.Paused || n == live.NoticePaused
		d.Unattended = d.Unattended || n == live.NoticeUnattended
	}
	return d
}

// away tells whether somebody at the kiosk may say that they are back.
func away(t ticket.Ticket) bool {
	return t.State == ticket.Missed || t.State == ticket.Parked && t.SteppedOut
}

// comeBack puts a ticket back whose holder stepped out or was missed: POST /kiosk/{office}/ticket/{id}/back.
func (r *room) comeBack(c *fiber.Ctx, v *visit) error {
	t, err := r.own(c.UserContext(), v, c.Params("ticket"))
	if err != nil {
		return err
	}
	if away(t) {
		if _, err := r.Hall.ComeBack(c.UserContext(), act(c), t.ID); err != nil && fault.CodeOf(err) != fault.IllegalMove {
			return err
		}
	}
	return web.Back(c, v.ticketURL(t.ID))
}
