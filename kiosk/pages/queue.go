package pages

import (
	"html/template"
	"slices"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/office"
	"vez/printer/qr"
	"vez/web"
)

// queueData is the data of the page kiosk/queue.
type queueData struct {
	frame
	Queue, Service string // names; Service is "" when none was chosen
	Key, ServiceID string
	Zone           string
	Ahead          int
	Live           live.Queue
	Status         office.Status
	// Refused is why a ticket asked for a moment ago was not given; "" when none was.
	Refused     string
	Includes    []string // some services of the queue
	More        int      // how many others there are
	Bring       []string
	Wished      string // what was asked for at the counter, in words
	Needs       string // address of the question about needs
	Take, Phone string
	QR          template.HTML
	FilingIn    bool // strictly in order of arrival
}

// Issues says whether the page offers a ticket.
func (d queueData) Issues() bool { return d.Status == office.StatusOpen }

// Anyway says whether a ticket may be taken although nobody serves the queue now.
func (d queueData) Anyway() bool { return d.Status == office.StatusUnattended }

// queueOf finds the queue of a request and the service, if one of it was named.
func (r *room) queueOf(c *fiber.Ctx, v *visit) (*office.Queue, *office.Service, error) {
	q := r.cat.Queue(c.Params("queue"))
	if q == nil || q.Office != v.office.ID {
		return nil, nil, fault.New(fault.UnknownThing, "what", "queue")
	}
	id := c.Query("service")
	if c.Method() == fiber.MethodPost {
		id = c.FormValue("service")
	}
	s := r.cat.Service(id)
	if s != nil && r.cat.QueueFor(s.ID, v.office.ID) != q {
		s = nil
	}
	return q, s, nil
}

// queue says what to expect and gives the ticket, or says why not and what else
// is possible: GET /kiosk/{office}/queue/{queue}?service=.
func (r *room) queue(c *fiber.Ctx, v *visit) error {
	q, s, err := r.queueOf(c, v)
	if err != nil {
		return err
	}
	now, err := r.now(c, v)
	if err != nil {
		return err
	}
	d := queueData{frame: v.frame(v.to("/take")), Queue: v.name(q.Name), Key: q.ID, Zone: zone(v, q.Zone), Live: now[q.ID],
		Status: standing(q, v.day(), now[q.ID]), Take: v.to("/take"), Wished: v.wish.words(v.text)}
	d.Ahead = d.Live.Waiting + d.Live.Expected
	d.FilingIn = q.RulesOn(v.day()).FilingOrder
	if here := r.cat.QueuesOf(v.office.ID); centre(here) && len(queuesOf(here, q.Department)) > 1 {
		d.Back = v.to("/take", "department", q.Department)
	}
	service := ""
	if s != nil {
		service = s.ID
		d.Service, d.ServiceID, d.Back = v.name(s.Name), s.ID, v.to("/services", "subject", s.Category)
		for _, doc := range s.Documents {
			d.Bring = append(d.Bring, v.name(doc))
		}
	} else {
		d.includes(r, v, q)
	}
	d.Needs = v.to("/needs", "queue", q.ID, "service", service)
	d.refused(c.Query("refused"))
	if !d.Issues() {
		d.Phone = r.base(c) + "/book"
		if s != nil {
			d.Phone += "/" + s.ID + "/" + v.office.ID
		}
		svg, err := qr.SVG(d.Phone, qr.M, v.text.T("kiosk.phone.label"))
		if err != nil {
			return err
		}
		d.QR = template.HTML(svg)
	}
	return v.show(c, "queue", d)
}

// includes names a few services of the queue, so that one knows it is the right one.
func (d *queueData) includes(r *room, v *visit, q *office.Queue) {
	all := r.index.sorted(v.office.ID, v.text.Lang(), func(o offered) bool { return o.queue == q })
	for _, s := range all[:min(len(all), 4)] {
		d.Includes = append(d.Includes, v.name(s.service.Name))
	}
	d.More = len(all) - len(d.Includes)
}

// refused takes why the hall gave no ticket: its word is newer than the figures.
func (d *queueData) refused(code string) {
	as := map[fault.Code]office.Status{
		fault.QueueFull: office.StatusFull, fault.QueueClosed: office.StatusClosed, fault.OfficeClosed: office.StatusClosed,
		fault.HallPaused: office.StatusPaused, fault.BookingOnly: byBooking, fault.QueueUnattended: office.StatusUnattended,
	}
	if st, ok := as[fault.Code(code)]; ok {
		d.Refused = code
		if fault.Code(code) != fault.QueueClosed || d.Status != office.StatusLastTickets {
			d.Status = st // the figures know better why a queue is closed to new tickets
		}
	}
}

// issue takes the ticket: POST /kiosk/{office}/queue/{queue} {service, anyway,
// need, first}. Nobody gets one for an unattended queue without having read
// that it is unattended.
func (r *room) issue(c *fiber.Ctx, v *visit) error {
	q, s, err := r.queueOf(c, v)
	if err != nil {
		return err
	}
	req := hall.IssueRequest{Office: v.office.ID, Queue: q.ID, Needs: v.wish.Needs, Priority: v.wish.First, Lang: v.text.Lang(), Print: true}
	if s != nil {
		req.Service = s.ID
	}
	refuse := func(code fault.Code) error {
		return web.Back(c, v.to("/queue/"+q.ID, "service", req.Service, "refused", string(code)))
	}
	if c.FormValue("anyway") == "" {
		now, err := r.now(c, v)
		if err != nil {
			return err
		}
		if now[q.ID].Status == office.StatusUnattended {
			return refuse(fault.QueueUnattended)
		}
	}
	is, err := r.Hall.Issue(c.UserContext(), act(c), req)
	switch code := fault.CodeOf(err); code {
	case "":
		return web.Back(c, v.ticketURL(is.Ticket.ID, "new", "1"))
	case fault.QueueFull, fault.QueueClosed, fault.OfficeClosed, fault.HallPaused, fault.BookingOnly:
		return refuse(code)
	}
	return err
}

// zone names a part of the hall as it is signed there; "" when it has no name.
func zone(v *visit, id string) string {
	for _, z := range v.office.Zones {
		if z.ID == id {
			return v.text.T("kiosk.zone", "zone", z.ID, "name", v.name(z.Name))
		}
	}
	return ""
}

// needsData is the data of the page kiosk/needs.
type needsData struct {
	frame
	Action         string // where the answer goes
	Queue, Service string
	Items          []needItem
	First          bool // whether priority may be asked for
}

type needItem struct {
	Need    office.Need
	Text    string
	Note    string
	Icon    string
	Checked bool
}

// needIcons are the pictograms of needs.
var needIcons = map[office.Need]string{
	office.NeedLowDesk: "accessibility", office.NeedSign: "people", office.NeedLoop: "sound", office.NeedMoreTime: "clock",
}

// needs asks once what a counter must offer, never why: GET
// /kiosk/{office}/needs?queue=&service=. Only what some counter here can offer
// is asked, so that nobody waits for what does not exist.
func (r *room) needs(c *fiber.Ctx, v *visit) error {
	d := needsData{frame: v.frame(v.to("/booking")), Action: v.home + "/booking", First: true}
	if q := r.cat.Queue(c.Query("queue")); q != nil && q.Office == v.office.ID {
		d.Queue, d.Action = q.ID, v.home+"/queue/"+q.ID
		if s := r.cat.Service(c.Query("service")); s != nil {
			d.Service = s.ID
		}
		d.Back = v.to("/queue/"+q.ID, "service", d.Service)
		d.First = !q.RulesOn(v.day()).FilingOrder
	}
	for _, n := range r.offered(v.office, d.Queue) {
		item := needItem{Need: n, Text: needText(v.text, n), Icon: needIcons[n], Checked: slices.Contains(v.wish.Needs, n)}
		if item.Icon == "" {
			item.Icon = "language"
		}
		if key := "kiosk.need.note." + string(n); v.text.Has(key) {
			item.Note = v.text.T(key)
		}
		d.Items = append(d.Items, item)
	}
	return v.show(c, "needs", d)
}

// offered lists the needs that counters of a queue can meet ("": of any queue
// here). More time is everybody's to give.
func (r *room) offered(o *office.Office, queue string) []office.Need {
	have := map[office.Need]bool{office.NeedMoreTime: true}
	for _, k := range o.Counters {
		if queue == "" || slices.Contains(k.Queues, queue) {
			for _, n := range k.Offers {
				have[n] = true
			}
		}
	}
	var out []office.Need
	order := []office.Need{office.NeedLowDesk, office.NeedMoreTime, office.NeedSign, office.NeedLoop}
	for _, lang := range languages(o) {
		order = append(order, office.NeedLanguage+":"+office.Need(lang))
	}
	for _, n := range order {
		if have[n] {
			out = append(out, n)
		}
	}
	return out
}
