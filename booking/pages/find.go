package pages

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"vez/office"
	"vez/office/search"
	"vez/web"
)

// line is a link in a list; see the component choice.
type line struct{ Text, Note, URL, Icon string }

// group is services under a heading.
type group struct {
	Title string
	Lines []line
}

type frontPage struct {
	Popular    []line
	Categories []line
	Try        []tryOffice
	First      string // where to book in the demonstration
	Sample     bool
	Memo       bool // of who is signed in
}

// tryOffice is where a newcomer may do the whole journey.
type tryOffice struct{ ID, Name string }

// front is the first page: what Vez is, and the ways in.
func (r *room) front(c *fiber.Ctx) error {
	p := frontPage{Categories: r.categories(c), Sample: r.cat.Sample, Memo: r.Reminders != nil && citizen(c) != ""}
	for _, s := range r.popular {
		p.Popular = append(p.Popular, r.serviceLine(c, s))
	}
	if r.Demo {
		p.Try, p.First = r.tryOffices(c)
	}
	return web.Render(c, "booking/front", p)
}

// tryOffices are the demonstration's offices and a service of the first.
func (r *room) tryOffices(c *fiber.Ctx) ([]tryOffice, string) {
	var out []tryOffice
	for _, id := range r.DemoOffices {
		if o := r.cat.Office(id); o != nil {
			out = append(out, tryOffice{id, o.Name.In(web.Lang(c))})
		}
	}
	if len(r.popular) == 0 {
		return out, "/book"
	}
	first := r.popular[0]
	offices := r.cat.OfficesOf(first.ID)
	if len(out) == 0 && len(offices) > 0 {
		out = append(out, tryOffice{offices[0].ID, offices[0].Name.In(web.Lang(c))})
	}
	if len(out) > 0 && r.cat.QueueFor(first.ID, out[0].ID) != nil {
		return out, "/book/" + first.ID + "/" + out[0].ID
	}
	return out, "/book/" + first.ID
}

// categories are the groups of services that have any.
func (r *room) categories(c *fiber.Ctx) []line {
	count := map[string]int{}
	for _, s := range r.cat.Services {
		count[s.Category]++
	}
	var out []line
	for _, g := range r.cat.Categories {
		if n := count[g.ID]; n > 0 {
			out = append(out, line{g.Name.In(web.Lang(c)), web.Text(c).T("booking.find.count", "count", n), "/book?category=" + g.ID, pictogram(g.ID)})
		}
	}
	return out
}

// drawn are the pictograms of categories that the frame has.
var drawn = []string{
	"identity", "justice", "tax", "social", "employment", "immigration", "municipal", "transport", "works", "housing",
	"education", "health", "business", "culture", "administration", "hengqin",
}

func pictogram(category string) string {
	if slices.Contains(drawn, category) {
		return category
	}
	return "document"
}

func (r *room) serviceLine(c *fiber.Ctx, s *office.Service) line {
	note := ""
	if d := r.cat.Department(s.Department); d != nil {
		note = d.Acronym
	}
	if n := len(r.cat.OfficesOf(s.ID)); n > 0 {
		note += " · " + web.Text(c).T("booking.find.offices", "count", n)
	}
	return line{s.Name.In(web.Lang(c)), note, "/book/" + s.ID, pictogram(s.Category)}
}

type findPage struct {
	Query       string
	Title       string // of a category or department; "" for the whole
	Searched    bool
	Found       int
	Groups      []group
	Categories  []line
	Departments []line
	Now, Of     int
	Prev, Next  string
}

// perPage is how many services stand on one page.
const perPage = 30

// find looks for a service: by words, by category or by department.
func (r *room) find(c *fiber.Ctx) error {
	p := findPage{Query: search.Typed(c.Query("q"))}
	var list []*office.Service
	switch {
	case p.Query != "":
		p.Searched = true
		list = r.index.Find(p.Query, web.Lang(c))
	case c.Query("category") != "":
		g := r.category(c.Query("category"))
		if g == nil {
			return unknown("category")
		}
		p.Title, list = g.Name.In(web.Lang(c)), r.servicesWhere(func(s *office.Service) bool { return s.Category == g.ID })
	case c.Query("department") != "":
		d := r.cat.Department(c.Query("department"))
		if d == nil {
			return unknown("department")
		}
		p.Title, list = d.Name.In(web.Lang(c)), r.servicesWhere(func(s *office.Service) bool { return s.Department == d.ID })
	default:
		p.Categories, p.Departments = r.categories(c), r.departments(c)
		return web.Render(c, "booking/find", p)
	}
	p.Found = len(list)
	r.fill(c, &p, list)
	return web.Render(c, "booking/find", p)
}

// fill puts one page of a list into groups by department, or into one group
// for a search, whose order says how well each fits.
func (r *room) fill(c *fiber.Ctx, p *findPage, list []*office.Service) {
	p.Of = (len(list) + perPage - 1) / perPage
	p.Now, _ = strconv.Atoi(c.Query("page"))
	p.Now = min(max(p.Now, 1), max(p.Of, 1))
	p.Prev, p.Next = pageURL(c, p.Now-1, p.Of), pageURL(c, p.Now+1, p.Of)
	list = list[min(len(list), (p.Now-1)*perPage):min(len(list), p.Now*perPage)]
	for _, s := range list {
		title := ""
		if d := r.cat.Department(s.Department); d != nil && !p.Searched && c.Query("department") == "" {
			title = d.Name.In(web.Lang(c))
		}
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Title != title {
			p.Groups = append(p.Groups, group{Title: title})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Lines = append(g.Lines, r.serviceLine(c, s))
	}
}

func pageURL(c *fiber.Ctx, n, of int) string {
	if n < 1 || n > of {
		return ""
	}
	q := url.Values{}
	for _, name := range []string{"q", "category", "department"} {
		if v := c.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	q.Set("page", strconv.Itoa(n))
	return "/book?" + q.Encode()
}

func (r *room) category(id string) *office.Category {
	for i := range r.cat.Categories {
		if r.cat.Categories[i].ID == id {
			return &r.cat.Categories[i]
		}
	}
	return nil
}

func (r *room) servicesWhere(fits func(*office.Service) bool) []*office.Service {
	var out []*office.Service
	for _, s := range r.cat.Services {
		if fits(s) {
			out = append(out, s)
		}
	}
	return out
}

func (r *room) departments(c *fiber.Ctx) []line {
	var out []line
	for _, d := range r.cat.Departments {
		out = append(out, line{Text: d.Name.In(web.Lang(c)), Note: d.Acronym, URL: "/book?department=" + d.ID})
	}
	return out
}
