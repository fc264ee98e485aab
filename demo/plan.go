package demo

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	// kept counters, the first ones of an office, are for people alone.
	kept = 2
	// staffed is the part of a queue's counters that is staffed at most; the rest
	// is free for people too.
	staffed = 0.7
	// load is the part of their time that clerks serve, were nobody to turn away.
	load = 0.93
	// limitUsed is the part of a queue's daily walk-in tickets that the public
	// takes, so that some are left at any hour.
	limitUsed = 0.6
	// bookedPart of the people at a queue that takes bookings have one.
	bookedPart = 0.5
	// between two visits a clerk writes up, and the called one walks.
	betweenVisits = 80 * time.Second
)

// servicePlan is a service with how often it is asked for.
type servicePlan struct {
	id       string
	mean     time.Duration
	weight   float64
	bookable bool
}

// queuePlan is a queue with its part of the public.
type queuePlan struct {
	queueShape
	services []servicePlan
	mean     time.Duration // of a service time
	desks    []deskPlan
	perHour  float64  // people, at a usual hour
	booked   float64  // part of them who have a booking
	line     float64  // how many wait at a usual hour
	needs    []string // that its staffed counters can meet
}

// walkIns is how many come without a booking in a usual hour.
func (q *queuePlan) walkIns() float64 {
	if !q.WalkIn {
		return 0
	}
	return q.perHour * (1 - q.booked)
}

// deskPlan is a counter with a simulated clerk.
type deskPlan struct {
	counterShape
	far bool
	n   int // among the staffed counters of its office
}

// officePlan is an office with its public.
type officePlan struct {
	officeShape
	location *time.Location
	queues   []*queuePlan
	services map[string]time.Duration // the mean service time of each
}

// planOffice decides how many clerks and people an office gets. What is known
// of demand are the daily walk-in tickets of each queue: as many people come as
// use up the planned part of them, and as many clerks as can serve those.
func planOffice(o officeShape, services []serviceShape, scale float64) officePlan {
	p := officePlan{officeShape: o, location: locationOf(o.TimeZone), services: map[string]time.Duration{}}
	known := map[string]serviceShape{}
	for _, s := range services {
		known[s.ID] = s
		p.services[s.ID] = time.Duration(max(s.Minutes, 1)) * time.Minute
	}
	far := map[string]bool{}
	for _, z := range o.Zones {
		far[z.ID] = z.Far
	}
	clerks := 0
	for _, shape := range o.Queues {
		q := &queuePlan{queueShape: shape}
		q.offer(known)
		q.staff(o, far, scale, &clerks)
		p.queues = append(p.queues, q)
	}
	p.lines(clerks, scale)
	return p
}

func locationOf(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// offer weighs the services: the catalogue lists the usual ones first, and few
// are asked for often (a Zipf law with a flat top).
func (q *queuePlan) offer(known map[string]serviceShape) {
	var minutes, weights float64
	bookable := false
	for i, id := range q.Services {
		s, ok := known[id]
		if !ok {
			continue
		}
		one := servicePlan{id: id, mean: time.Duration(max(s.Minutes, 1)) * time.Minute, weight: 1 / float64(i+2), bookable: s.Booking != nil}
		q.services = append(q.services, one)
		minutes, weights = minutes+one.weight*one.mean.Minutes(), weights+one.weight
		bookable = bookable || one.bookable
	}
	if weights > 0 {
		q.mean = time.Duration(minutes / weights * float64(time.Minute))
	}
	switch {
	case bookable && !q.WalkIn:
		q.booked = 1
	case bookable:
		q.booked = bookedPart
	}
}

// staff gives the queue its clerks and people.
func (q *queuePlan) staff(o officeShape, far map[string]bool, scale float64, clerks *int) {
	var own []counterShape
	for i, n := range o.Counters {
		if i >= kept && len(n.Queues) > 0 && n.Queues[0] == q.ID {
			own = append(own, n)
		}
	}
	if len(own) == 0 || len(q.services) == 0 || !q.WalkIn && q.booked == 0 {
		return
	}
	each := float64(time.Hour) / float64(q.mean+betweenVisits) * load // people a clerk serves in an hour
	most := max(int(math.Round(staffed*float64(len(own)))), 1)
	people := each * float64(most) * min(scale, 1)
	if q.WalkIn && q.WalkInLimit > 0 {
		people = scale * limitUsed * float64(q.WalkInLimit) / o.openHours() / (1 - q.booked)
	}
	n := min(max(int(math.Ceil(people/each)), 1), most)
	q.perHour = min(people, each*float64(n)*max(scale, 1))
	for _, c := range own[:n] {
		q.desks = append(q.desks, deskPlan{c, far[c.Zone], *clerks})
		*clerks++
		for _, need := range c.Offers {
			if !slices.Contains(q.needs, need) {
				q.needs = append(q.needs, need)
			}
		}
	}
}

// lines shares about two dozen waiting people among the queues, and gives the
// queue of the counters kept for people a short line, so that whoever opens
// one has somebody to call.
func (p *officePlan) lines(clerks int, scale float64) {
	total := min(max(0.8*float64(clerks), 6), 22) * scale
	for _, q := range p.queues {
		if len(q.desks) > 0 {
			q.line = max(total*float64(len(q.desks))/float64(clerks), 0.4)
		}
	}
	if len(p.queues) > 0 && len(p.queues[0].desks) > 0 {
		p.queues[0].line = max(p.queues[0].line, 3)
	}
}

// openHours is how long the office is open on its longest day.
func (o officeShape) openHours() float64 {
	var day [7]time.Duration
	for _, h := range o.Hours {
		if h.Weekday >= 0 && h.Weekday < 7 {
			day[h.Weekday] += clockOf(h.To) - clockOf(h.From)
		}
	}
	return cmp.Or(max(slices.Max(day[:]), 0), 9*time.Hour).Hours()
}

// opens gives the openings of the date of an instant, as the week has them.
func (p *officePlan) opens(at time.Time) []span {
	at = at.In(p.location)
	y, m, d := at.Date()
	var out []span
	for _, h := range p.Hours {
		if h.Weekday == int(at.Weekday()) {
			f, t := clockOf(h.From), clockOf(h.To)
			out = append(out, span{
				time.Date(y, m, d, int(f.Hours()), int(f.Minutes())%60, 0, 0, p.location),
				time.Date(y, m, d, int(t.Hours()), int(t.Minutes())%60, 0, 0, p.location),
			})
		}
	}
	return out
}

// span is a stretch of time.
type span struct{ from, to time.Time }

// clockOf reads "09:00" as time since midnight; 0 for what is no time.
func clockOf(text string) time.Duration {
	if len(text) != 5 {
		return 0
	}
	n := func(s string) time.Duration { return time.Duration(s[0]-'0')*10 + time.Duration(s[1]-'0') }
	return n(text[:2])*time.Hour + n(text[3:])*time.Minute
}

// crowd is how many come at an hour against a usual one: a dome over the
// morning, a dip at lunch, a lower dome in the afternoon (a sample).
func crowd(at time.Time) float64 {
	const first = 8
	dome := []float64{0.7, 1.0, 1.25, 1.25, 1.0, 0.6, 0.9, 1.2, 1.1, 0.75, 0.5}
	x := float64(at.Hour()) + float64(at.Minute())/60 - first
	i := int(math.Floor(x))
	switch {
	case i < 0:
		return dome[0]
	case i >= len(dome)-1:
		return dome[len(dome)-1]
	}
	part := x - float64(i)
	return dome[i]*(1-part) + dome[i+1]*part
}

// calm is the same for people who book: places are offered evenly.
func calm(at time.Time) float64 { return 0.9 * (1 + crowd(at)) / 2 }
