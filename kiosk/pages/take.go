package pages

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/live"
	"vez/office"
)

// tilesPerPage fills the lower half of a kiosk, standing or lying.
const tilesPerPage = 8

// tile is one big thing to touch.
type tile struct {
	URL, Icon, Title, Note string
	Tag, Tone              string
}

// listData is the data of the page kiosk/list.
type listData struct {
	frame
	Title, Lead string
	Letters     []tile
	Tiles       []tile
	Page, Pages int
	Prev, Next  string
	Search      string // to the services by name; "" on those pages
	By          string // what the tiles are: department, queue, service, subject
}

// take begins the choice of a queue: GET /kiosk/{office}/take?department=&page=.
// A small office shows its queues at once, a centre its departments.
func (r *room) take(c *fiber.Ctx, v *visit) error {
	queues := r.cat.QueuesOf(v.office.ID)
	departments := departmentsOf(queues)
	department := c.Query("department")
	if department == "" && centre(queues) {
		d := listData{frame: v.frame(v.home), Title: v.text.T("kiosk.take.department"), By: "department", Search: v.to("/services")}
		for _, id := range departments {
			if dep := r.cat.Department(id); dep != nil {
				d.Tiles = append(d.Tiles, tile{URL: v.choose(queuesOf(queues, id)), Icon: dep.Category, Title: v.name(dep.Name), Note: dep.Acronym})
			}
		}
		return r.list(c, v, d, "/take")
	}
	now, err := r.now(c, v)
	if err != nil {
		return err
	}
	d := listData{frame: v.frame(v.home), Title: v.text.T("kiosk.take.queue"), By: "queue", Search: v.to("/services")}
	if department != "" {
		dep := r.cat.Department(department)
		if dep == nil || !slices.Contains(departments, department) {
			return fault.New(fault.UnknownThing, "what", "department")
		}
		d.Back, d.Lead = v.to("/take"), v.name(dep.Name)
	}
	for _, q := range queues {
		if department == "" || q.Department == department {
			d.Tiles = append(d.Tiles, r.queueTile(v, q, nil, now[q.ID]))
		}
	}
	return r.list(c, v, d, "/take", "department", department)
}

// choose is where a choice among a department's queues begins: with one alone there is none.
func (v *visit) choose(queues []*office.Queue) string {
	if len(queues) == 1 {
		return v.to("/queue/" + queues[0].ID)
	}
	return v.to("/take", "department", queues[0].Department)
}

// services is the list by name or subject: GET
// /kiosk/{office}/services?letter=&subject=&page=.
func (r *room) services(c *fiber.Ctx, v *visit) error {
	lang := v.text.Lang()
	from, subject := letter(c.Query("letter")), c.Query("subject")
	d := listData{frame: v.frame(v.to("/take")), Title: v.text.T("kiosk.services.title"), By: "subject"}
	if from == "" && subject == "" {
		if alphabetic(lang) {
			for _, l := range r.index.letters(v.office.ID, lang) {
				d.Letters = append(d.Letters, tile{URL: v.to("/services", "letter", l), Title: l})
			}
		}
		for _, s := range r.index.subjects(v.office.ID) {
			d.Tiles = append(d.Tiles, tile{URL: v.to("/services", "subject", s.ID), Icon: s.ID, Title: v.name(s.Name)})
		}
		return r.list(c, v, d, "/services")
	}
	now, err := r.now(c, v)
	if err != nil {
		return err
	}
	d.Back, d.By, d.Lead = v.to("/services"), "service", from
	for _, s := range r.cat.Categories {
		if s.ID == subject {
			d.Lead = v.name(s.Name)
		}
	}
	for _, s := range r.index.sorted(v.office.ID, lang, func(o offered) bool {
		return o.service.Category == subject || from != "" && letter(o.service.Name.In(lang)) == from
	}) {
		d.Tiles = append(d.Tiles, r.queueTile(v, s.queue, s.service, now[s.queue.ID]))
	}
	return r.list(c, v, d, "/services", "letter", from, "subject", subject)
}

// list shows one page of tiles.
func (r *room) list(c *fiber.Ctx, v *visit, d listData, path string, pairs ...string) error {
	d.Pages = max(1, (len(d.Tiles)+tilesPerPage-1)/tilesPerPage)
	d.Page, _ = strconv.Atoi(c.Query("page"))
	d.Page = min(max(d.Page, 1), d.Pages)
	turn := func(n int) string {
		if n < 1 || n > d.Pages {
			return ""
		}
		return v.to(path, append([]string{"page", strconv.Itoa(n)}, pairs...)...)
	}
	d.Prev, d.Next = turn(d.Page-1), turn(d.Page+1)
	d.Tiles = d.Tiles[(d.Page-1)*tilesPerPage : min(d.Page*tilesPerPage, len(d.Tiles))]
	if d.Page > 1 {
		d.Letters = nil
	}
	return v.show(c, "list", d)
}

// now gives the figures of the office's queues by id.
func (r *room) now(c *fiber.Ctx, v *visit) (map[string]live.Queue, error) {
	all, err := r.Live.Queues(c.UserContext(), v.office.ID)
	if err != nil {
		return nil, err
	}
	out := make(map[string]live.Queue, len(all.Queues))
	for _, q := range all.Queues {
		out[q.Queue] = q
	}
	return out, nil
}

// queueTile is a queue, or a service of it, with how it stands now.
func (r *room) queueTile(v *visit, q *office.Queue, s *office.Service, now live.Queue) tile {
	t := tile{URL: v.to("/queue/" + q.ID), Title: v.name(q.Name), Icon: r.icon(q.Department)}
	if s != nil {
		t.URL, t.Title, t.Icon = v.to("/queue/"+q.ID, "service", s.ID), v.name(s.Name), s.Category
	}
	t.Note = v.text.T("kiosk.nobody")
	if n := now.Waiting + now.Expected; n > 0 {
		t.Note = v.text.T("kiosk.waiting", "count", n)
	}
	if now.Window != nil && now.Waiting+now.Expected > 0 {
		t.Note += " · " + v.text.Clock(now.Window.From) + "–" + v.text.Clock(now.Window.To)
	}
	if st := standing(q, v.day(), now); st != office.StatusOpen {
		t.Tag, t.Tone = v.text.T("kiosk.status."+string(st)+".tag"), "warn"
		if st != office.StatusUnattended {
			t.Note = ""
		}
	}
	return t
}

// byBooking is how a queue stands that takes no walk-ins.
const byBooking office.Status = "booking_only"

// standing is how a queue stands for who wants a ticket here.
func standing(q *office.Queue, day office.Day, now live.Queue) office.Status {
	if !q.RulesOn(day).WalkIn {
		return byBooking
	}
	return now.Status
}

func (r *room) icon(department string) string {
	if d := r.cat.Department(department); d != nil {
		return d.Category
	}
	return "ticket"
}

// centre says whether an office is so large that departments are chosen first.
func centre(queues []*office.Queue) bool {
	return len(queues) > tilesPerPage && len(departmentsOf(queues)) > 1
}

// queuesOf are those of a department.
func queuesOf(queues []*office.Queue, department string) []*office.Queue {
	var out []*office.Queue
	for _, q := range queues {
		if q.Department == department {
			out = append(out, q)
		}
	}
	return out
}

// departmentsOf lists whose the queues are, each once, in their order.
func departmentsOf(queues []*office.Queue) []string {
	var out []string
	for _, q := range queues {
		if !slices.Contains(out, q.Department) {
			out = append(out, q.Department)
		}
	}
	return out
}
