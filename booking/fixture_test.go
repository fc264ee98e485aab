package booking

import (
	"testing"
	"time"

	"vez/office"
)

const h = time.Hour

// hall is a catalogue with one office, one queue and services of 15, 30 and 45 minutes.
type hall struct {
	cat    *office.Catalogue
	office *office.Office
	queue  *office.Queue
}

func newHall(t testing.TB, zone string) hall {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	o := &office.Office{ID: "here", Name: office.Text{EN: "Here"}, Jurisdiction: "macao", TimeZone: zone}
	o.WithLocation(loc)
	for d := range o.Hours {
		if d != int(time.Saturday) && d != int(time.Sunday) {
			o.Hours[d] = []office.Span{{From: 9 * h, To: 18 * h}}
		}
	}
	q := &office.Queue{ID: "here-a", Office: "here", Prefix: "A", Counters: 5, Rules: office.DefaultRules()}
	c := &office.Catalogue{Offices: []*office.Office{o}, Queues: []*office.Queue{q}, Holidays: map[string]map[office.Day]office.Holiday{
		"macao": {"2026-12-08": {Day: "2026-12-08", Kind: office.PublicHoliday}},
	}}
	for id, minutes := range map[string]int{"short": 15, "middle": 30, "long": 45} {
		c.Services = append(c.Services, &office.Service{ID: id, Minutes: minutes, Queues: []string{q.ID}, Rules: office.DefaultServiceRules()})
		q.Services = append(q.Services, id)
	}
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	return hall{c, o, q}
}

func (x hall) plan(day office.Day) Plan {
	return PlanOf(x.queue, x.cat.Openings(x.queue, day, nil), day, x.office.Location(), BlockMinutes(x.cat, x.queue))
}

// at is a time of day on a date of this office.
func (x hall) at(day office.Day, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+clock, x.office.Location())
	if err != nil {
		panic(err)
	}
	return t
}

// booked is a confirmed booking of so many minutes.
func (x hall) booked(day office.Day, clock string, minutes int, class Class) Booking {
	start := x.at(day, clock)
	return Booking{ID: clock, Office: "here", Queue: "here-a", Service: "short", Day: day, State: Confirmed, Class: class,
		Start: start.UTC(), End: start.UTC().Add(time.Duration(minutes) * time.Minute)}
}

// open gives a rules set whose whole capacity is there for everybody.
func open(counters float64) office.Rules {
	r := office.DefaultRules()
	r.BookedShare, r.SameDayShare, r.GuaranteedShare = counters, 0, 0
	return r
}
