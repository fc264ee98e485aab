package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"vez/fault"
	"vez/office"
)

// Names is a text in the four languages.
type Names struct {
	ZhHant string `json:"zh-Hant"`
	ZhHans string `json:"zh-Hans"`
	PT     string `json:"pt"`
	EN     string `json:"en"`
}

func namesOf(t office.Text) Names { return Names(t) }

// Department is a public body.
type Department struct {
	ID       string `json:"id" example:"dsi"`
	Acronym  string `json:"acronym" example:"DSI"`
	Name     Names  `json:"name"`
	Category string `json:"category"`
	Website  string `json:"website,omitempty"`
	Services int    `json:"services" doc:"How many services it offers here."`
	Sample   bool   `json:"sample,omitempty" doc:"The catalogue is made up in part."`
}

// Office is a place with counters and a hall.
type Office struct {
	ID           string       `json:"id" example:"dsi-main"`
	Name         Names        `json:"name"`
	Address      Names        `json:"address"`
	Jurisdiction string       `json:"jurisdiction" enum:"macao,hengqin"`
	TimeZone     string       `json:"time_zone" example:"Asia/Macau"`
	Languages    []string     `json:"languages" doc:"In the order they are shown there."`
	Departments  []string     `json:"departments"`
	Host         string       `json:"host" doc:"The department that answers for the hall."`
	Hours        []Hours      `json:"hours" doc:"By weekday; a day without an entry is shut. Holidays and closures come on top."`
	Zones        []Zone       `json:"zones,omitempty"`
	Queues       []QueueSet   `json:"queues,omitempty" doc:"Only of one office."`
	Counters     []CounterSet `json:"counters,omitempty" doc:"Only of one office."`
}

// Hours is one opening of a weekday, in office time.
type Hours struct {
	Weekday int    `json:"weekday" minimum:"0" maximum:"6" doc:"0 is Sunday."`
	From    string `json:"from" example:"09:00"`
	To      string `json:"to" example:"17:45"`
}

// Zone is a part of a hall.
type Zone struct {
	ID   string `json:"id"`
	Name Names  `json:"name"`
	Far  bool   `json:"far,omitempty" doc:"A called person needs longer to arrive."`
}

// QueueSet is a queue as it is set up.
type QueueSet struct {
	ID          string   `json:"id" example:"dsi-main-card"`
	Department  string   `json:"department"`
	Prefix      string   `json:"prefix" example:"A"`
	Name        Names    `json:"name"`
	Zone        string   `json:"zone,omitempty"`
	Services    []string `json:"services"`
	WalkIn      bool     `json:"walk_in" doc:"Tickets are given without a booking."`
	WalkInLimit int      `json:"walk_in_limit,omitempty" doc:"Tickets a day for walk-ins; 0: no limit."`
	Remote      bool     `json:"remote" doc:"Tickets are given from afar, on the same day."`
	FilingOrder bool     `json:"filing_order" doc:"Strictly in order of arrival, by law."`
}

// CounterSet is a counter as it is set up.
type CounterSet struct {
	ID     string   `json:"id" example:"dsi-main-3"`
	Label  string   `json:"label" example:"3"`
	Zone   string   `json:"zone,omitempty"`
	Queues []string `json:"queues" doc:"Its own, first the one it serves first; any queue of the office may be served at it."`
	Offers []string `json:"offers,omitempty"`
}

// Service is what a citizen comes for.
type Service struct {
	ID         string    `json:"id" example:"dsi-bir-renewal"`
	Department string    `json:"department"`
	Category   string    `json:"category"`
	Name       Names     `json:"name"`
	Minutes    int       `json:"minutes" doc:"How long it takes at the counter."`
	Modes      []string  `json:"modes" doc:"counter, kiosk, remote"`
	Offices    []string  `json:"offices" doc:"Where it is offered."`
	Queues     []string  `json:"queues" doc:"That serve it, one an office, in the order of offices."`
	Documents  []Names   `json:"documents,omitempty" doc:"What to bring."`
	Booking    *Bookable `json:"booking,omitempty" doc:"The rules of booking; absent where it takes none."`
}

// Bookable are the rules of booking a service, as they are most of the year.
type Bookable struct {
	HorizonDays        int  `json:"horizon_days,omitempty" doc:"How many days ahead."`
	HorizonWorkingDays int  `json:"horizon_working_days,omitempty"`
	LeadMinutes        int  `json:"lead_minutes,omitempty" doc:"How long before the start at least."`
	CutoffMinutes      int  `json:"cutoff_minutes,omitempty" doc:"Until how long before the start it may be changed or cancelled."`
	CutoffWorkingDays  int  `json:"cutoff_working_days,omitempty"`
	Limit              int  `json:"limit,omitempty" doc:"Open bookings of one person for it."`
	MaxPeople          int  `json:"max_people" doc:"Who may come together."`
	SetDate            bool `json:"set_date,omitempty" doc:"Done only on the named date."`
}

type (
	// IDPath is the thing that an operation is about.
	IDPath struct {
		ID string `path:"id" maxLength:"100"`
	}
	departmentsIn struct {
		Paging
	}
	servicesIn struct {
		Q          string `query:"q" maxLength:"200" doc:"Words of its name in any language."`
		Department string `query:"department" maxLength:"100"`
		Category   string `query:"category" maxLength:"100"`
		Office     string `query:"office" maxLength:"100" doc:"Offered there."`
		Lang       string `query:"lang" maxLength:"20" doc:"Names in this language are found first: zh-Hant, zh-Hans, pt, en."`
		Paging
	}
	officesIn struct {
		Department string `query:"department" maxLength:"100" doc:"Served there."`
		Service    string `query:"service" maxLength:"100" doc:"Offered there."`
		Paging
	}
	out[T any] struct{ Body T }
)

func catalogue(a *API) {
	read := operation{method: "GET", tag: "catalogue", audience: public, catalogue: true, answers: map[int]string{304: "Not Modified"}}
	with := func(id, path string) operation {
		o := read
		o.id, o.path = id, path
		return o
	}
	add(a, with("list-departments", "/departments"), a.departments)
	add(a, with("get-department", "/departments/{id}"), a.department)
	add(a, with("list-services", "/services"), a.services)
	add(a, with("get-service", "/services/{id}"), a.service)
	add(a, with("list-offices", "/offices"), a.offices)
	add(a, with("get-office", "/offices/{id}"), a.office)
}

func (a *API) departments(_ context.Context, _ *call, r *departmentsIn) (*out[List[Department]], error) {
	l, err := page(r.Paging, a.cat.Departments, a.departmentShape)
	return &out[List[Department]]{l}, err
}

func (a *API) department(_ context.Context, _ *call, r *IDPath) (*out[Department], error) {
	d := a.cat.Department(r.ID)
	if d == nil {
		return nil, fault.New(fault.UnknownThing, "what", r.ID)
	}
	return &out[Department]{a.departmentShape(d)}, nil
}

func (a *API) departmentShape(d *office.Department) Department {
	n := 0
	for _, s := range a.cat.Services {
		if s.Department == d.ID {
			n++
		}
	}
	return Department{ID: d.ID, Acronym: d.Acronym, Name: namesOf(d.Name), Category: d.Category, Website: d.Website, Services: n, Sample: a.cat.Sample}
}

func (a *API) services(_ context.Context, c *call, r *servicesIn) (*out[List[Service]], error) {
	all := a.cat.Services
	if strings.TrimSpace(r.Q) != "" {
		all = a.index.Find(r.Q, c.language(r.Lang))
	}
	found := make([]*office.Service, 0, len(all))
	for _, s := range all {
		if (r.Department == "" || s.Department == r.Department) && (r.Category == "" || s.Category == r.Category) &&
			(r.Office == "" || a.cat.QueueFor(s.ID, r.Office) != nil) {
			found = append(found, s)
		}
	}
	l, err := page(r.Paging, found, a.serviceShape)
	return &out[List[Service]]{l}, err
}

func (a *API) service(_ context.Context, _ *call, r *IDPath) (*out[Service], error) {
	s := a.cat.Service(r.ID)
	if s == nil {
		return nil, fault.New(fault.UnknownThing, "what", r.ID)
	}
	return &out[Service]{a.serviceShape(s)}, nil
}

func (a *API) serviceShape(s *office.Service) Service {
	v := Service{ID: s.ID, Department: s.Department, Category: s.Category, Name: namesOf(s.Name), Minutes: s.Minutes,
		Modes: list(s.Modes), Offices: []string{}, Queues: []string{}}
	for _, id := range s.Queues {
		if q := a.cat.Queue(id); q != nil {
			v.Offices, v.Queues = append(v.Offices, q.Office), append(v.Queues, q.ID)
		}
	}
	for _, d := range s.Documents {
		v.Documents = append(v.Documents, namesOf(d))
	}
	if r := s.Rules; r.Bookable {
		v.Booking = &Bookable{HorizonDays: r.HorizonDays, HorizonWorkingDays: r.HorizonWorkingDays, LeadMinutes: minutes(r.Lead),
			CutoffMinutes: minutes(r.Cutoff), CutoffWorkingDays: r.CutoffWorkingDays, Limit: r.LimitService,
			MaxPeople: max(1, r.MaxPeople), SetDate: r.SetDate}
	}
	return v
}

func (a *API) offices(_ context.Context, _ *call, r *officesIn) (*out[List[Office]], error) {
	var all []*office.Office
	for _, o := range a.cat.Offices {
		if (r.Department == "" || slices.Contains(o.Departments, r.Department)) &&
			(r.Service == "" || a.cat.QueueFor(r.Service, o.ID) != nil) {
			all = append(all, o)
		}
	}
	l, err := page(r.Paging, all, officeShape)
	return &out[List[Office]]{l}, err
}

func (a *API) office(_ context.Context, _ *call, r *IDPath) (*out[Office], error) {
	o := a.cat.Office(r.ID)
	if o == nil {
		return nil, fault.New(fault.UnknownThing, "what", r.ID)
	}
	v := officeShape(o)
	for _, q := range a.cat.QueuesOf(o.ID) {
		v.Queues = append(v.Queues, QueueSet{ID: q.ID, Department: q.Department, Prefix: q.Prefix, Name: namesOf(q.Name), Zone: q.Zone,
			Services: list(q.Services), WalkIn: q.Rules.WalkIn, WalkInLimit: q.Rules.WalkInLimit, Remote: q.Rules.Remote && !q.Rules.FilingOrder,
			FilingOrder: q.Rules.FilingOrder})
	}
	for _, n := range o.Counters {
		v.Counters = append(v.Counters, CounterSet{ID: n.ID, Label: n.Label, Zone: n.Zone, Queues: list(n.Queues), Offers: needs(n.Offers)})
	}
	return &out[Office]{v}, nil
}

func officeShape(o *office.Office) Office {
	v := Office{ID: o.ID, Name: namesOf(o.Name), Address: namesOf(o.Address), Jurisdiction: o.Jurisdiction, TimeZone: o.TimeZone,
		Languages: list(o.Languages), Departments: list(o.Departments), Host: o.Host, Hours: []Hours{}}
	for day, spans := range o.Hours {
		for _, s := range spans {
			v.Hours = append(v.Hours, Hours{day, clock(s.From), clock(s.To)})
		}
	}
	for _, z := range o.Zones {
		v.Zones = append(v.Zones, Zone{z.ID, namesOf(z.Name), z.Far})
	}
	return v
}

// clock writes a duration after midnight as 09:00; the next midnight is 24:00.
func clock(after time.Duration) string {
	h, m := int(after/time.Hour), int(after%time.Hour/time.Minute)
	return string([]byte{'0' + byte(h/10), '0' + byte(h%10), ':', '0' + byte(m/10), '0' + byte(m%10)})
}

// minutes of a duration, rounded up.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// list is never null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func needs(all []office.Need) []string {
	var texts []string
	for _, n := range all {
		texts = append(texts, string(n))
	}
	return texts
}
