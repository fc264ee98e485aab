package simtest

import (
	"slices"
	"time"

	"vez/office"
)

// The world of the programs: one office in Macao, open 09:00 to 18:00 every day.
const (
	officeID  = "main"
	opensAt   = 9 * time.Hour
	closesAt  = 18 * time.Hour
	lastIssue = 30 * time.Minute
)

// line is what the oracle knows of a queue.
type line struct {
	id, prefix string
	places     int // for booked people in each cell
	filing     bool
	limit      int // of walk-ins a day; 0: none
	services   []string
}

var lines = []line{
	{"card", "A", 2, false, 0, []string{"renew", "collect"}},
	{"small", "C", 1, false, 25, []string{"quick", "long"}},
	{"deeds", "B", 1, true, 0, []string{"deed"}},
}

// minutes of each service.
var minutes = map[string]int{"renew": 15, "collect": 5, "quick": 30, "long": 45, "deed": 30}

var services = []string{"renew", "renew", "collect", "quick", "long", "deed"}

// bench is a counter.
type bench struct {
	id     string
	queues []string
	offers []string
}

var benches = []bench{
	{"main-1", []string{"card"}, nil},
	{"main-2", []string{"small", "card"}, []string{string(office.NeedLowDesk)}},
	{"main-3", []string{"deeds", "small", "card"}, []string{"language:pt", string(office.NeedMoreTime)}},
}

// macau is the office's zone: UTC+8 all year.
var macau = time.FixedZone("Asia/Macau", 8*3600)

func lineOf(id string) *line {
	for i := range lines {
		if lines[i].id == id {
			return &lines[i]
		}
	}
	return nil
}

func lineFor(service string) *line {
	for i := range lines {
		if slices.Contains(lines[i].services, service) {
			return &lines[i]
		}
	}
	return nil
}

// catalogue says the same to the hall.
func catalogue() *office.Catalogue {
	week := office.Week{}
	for d := range week {
		week[d] = []office.Span{{From: opensAt, To: closesAt}}
	}
	o := &office.Office{ID: officeID, Jurisdiction: "macao", TimeZone: "Asia/Macau", Departments: []string{"dsi"}, Host: "dsi", Hours: week}
	o.WithLocation(macau)
	for i, b := range benches {
		c := office.Counter{ID: b.id, Label: string(rune('1' + i)), Office: officeID, Queues: b.queues}
		for _, n := range b.offers {
			c.Offers = append(c.Offers, office.Need(n))
		}
		o.Counters = append(o.Counters, c)
	}
	c := &office.Catalogue{Departments: []*office.Department{{ID: "dsi"}}, Offices: []*office.Office{o}, Holidays: map[string]map[office.Day]office.Holiday{}}
	for _, l := range lines {
		r := office.DefaultRules()
		r.SameDayShare, r.GuaranteedShare, r.BookedShare = 0, 0, 0.5
		r.FilingOrder, r.WalkInLimit, r.LastTicket = l.filing, l.limit, lastIssue
		c.Queues = append(c.Queues, &office.Queue{ID: l.id, Office: officeID, Department: "dsi", Prefix: l.prefix, Counters: 2 * l.places,
			Rules: r, Services: l.services})
		for _, s := range l.services {
			rules := office.DefaultServiceRules()
			rules.NoShowLimit, rules.NoShowDays, rules.PauseDays = 0, 0, 0
			c.Services = append(c.Services, &office.Service{ID: s, Department: "dsi", Minutes: minutes[s], Queues: []string{l.id},
				Modes: []string{"counter"}, Rules: rules})
		}
	}
	if err := c.Index(); err != nil {
		panic(err)
	}
	return c
}
