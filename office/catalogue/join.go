package catalogue

import (
	"reflect"
	"slices"
	"strings"

	"vez/fault/near"
	"vez/office"
)

// join makes the catalogue of what was read: rules are settled from far to
// near, services and queues are tied, and all is checked once more as a whole.
func (l *loader) join() *office.Catalogue {
	c := &office.Catalogue{Sample: l.root.sample, Categories: l.root.categories, Holidays: map[string]map[office.Day]office.Holiday{}}
	for id, cal := range l.calendars {
		c.Holidays[id] = cal.days
	}
	l.checkOffices()
	byID := map[string]*departmentFile{}
	for _, d := range l.departments {
		byID[d.department.ID] = d
		c.Departments = append(c.Departments, d.department)
	}
	queues := map[string]place{}
	for _, of := range l.offices {
		c.Offices = append(c.Offices, of.office)
		for i := range of.queues {
			e := &of.queues[i]
			if first, twice := queues[e.queue.ID]; twice {
				of.src.wrong(e.line, "give one of the two another id", "the queue %q stands in %s, too", e.queue.ID, first.office.src.name)
				continue
			}
			queues[e.queue.ID] = place{of, e}
			l.settleQueue(of, e, byID[e.queue.Department])
			c.Queues = append(c.Queues, e.queue)
		}
	}
	l.joinServices(c, queues)
	l.checkWhole(queues)
	if err := c.Index(); err != nil {
		l.source(rootName).wrong(0, "give one of the two another id", "%v", err)
	}
	return c
}

// place is where a queue stands.
type place struct {
	office *officeFile
	entry  *queueEntry
}

// settleQueue applies the layers, the nearest last; seasons change the settled rules.
func (l *loader) settleQueue(of *officeFile, e *queueEntry, d *departmentFile) {
	r := l.root.rules.onQueue(office.DefaultRules())
	var seasons []season
	if d != nil {
		r = d.rules.onQueue(r)
		seasons = slices.Clone(d.seasons)
	}
	r = of.rules.onQueue(r)
	e.queue.Rules = e.rules.onQueue(r)
	checkQueueRules(of.src, e, e.queue.Rules)
	for _, s := range append(seasons, of.seasons...) {
		if len(s.queue) == 0 {
			continue
		}
		r := s.onQueue(e.queue.Rules)
		checkQueueRules(of.src, e, r)
		e.queue.Seasons = append(e.queue.Seasons, office.QueueSeason{Season: s.Season, Rules: r})
	}
}

func (l *loader) joinServices(c *office.Catalogue, queues map[string]place) {
	seen := map[string]string{}
	for _, d := range l.departments {
		for _, e := range d.services {
			sv := e.service
			if first, twice := seen[sv.ID]; twice && first != d.src.name {
				d.src.wrong(e.line, "give one of the two another id", "the service %q stands in %s, too", sv.ID, first)
			}
			seen[sv.ID] = d.src.name
			at := l.tie(d, e, queues)
			l.settleService(d, e, at)
			c.Services = append(c.Services, sv)
		}
	}
}

// tie connects a service with its queues, in the order in which it names them.
func (l *loader) tie(d *departmentFile, e serviceEntry, queues map[string]place) (at []place) {
	offices := map[string]string{}
	for _, v := range e.queues {
		p, known := queues[v.text]
		switch {
		case !known && l.excused(v.text):
			continue
		case !known:
			d.src.wrong(v.line, near.Word(v.text, keys(queues), 3, "docs/catalogue.md"), "there is no queue %q", v.text)
			continue
		case offices[p.office.office.ID] == v.text:
			d.src.wrong(v.line, "keep it once", "the queue %q stands twice in %s", v.text, e.service.ID)
			continue
		case offices[p.office.office.ID] != "":
			d.src.wrong(v.line, "choose one of the two", "%s has two queues in %s: %s and %s", e.service.ID, p.office.office.ID, offices[p.office.office.ID], v.text)
			continue
		}
		offices[p.office.office.ID] = v.text
		e.service.Queues = append(e.service.Queues, v.text)
		p.entry.queue.Services = append(p.entry.queue.Services, e.service.ID)
		at = append(at, p)
	}
	if len(e.queues) == 0 {
		d.src.wrong(e.line, "name at least one queue", "no queue serves %s", e.service.ID)
	}
	return at
}

// excused tells whether a queue may stand in an office whose file could not be read.
func (l *loader) excused(queue string) bool {
	for id := range l.unread {
		if office, ok := strings.CutPrefix(id, "offices/"); ok && strings.HasPrefix(queue, office+"-") {
			return true
		}
	}
	return false
}

// settleService applies the layers of booking rules: those of all queues as
// the service's own, those that differ by queue or season as cases.
func (l *loader) settleService(d *departmentFile, e serviceEntry, at []place) {
	far := d.rules.onBooking(l.root.rules.onBooking(office.DefaultServiceRules()))
	sv := e.service
	sv.Rules = e.rules.onBooking(far)
	checkServiceRules(d.src, e)
	sv.Cases = seasonCases(sv.Rules, "", d.seasons)
	for _, p := range at {
		id := p.entry.queue.ID
		here := e.rules.onBooking(p.entry.rules.onBooking(p.office.rules.onBooking(far)))
		cases := seasonCases(here, id, p.office.seasons)
		if !reflect.DeepEqual(here, sv.Rules) {
			sv.Cases = append(sv.Cases, office.ServiceCase{Queue: id, Rules: here})
			cases = append(seasonCases(here, id, d.seasons), cases...)
		}
		sv.Cases = append(sv.Cases, cases...)
	}
}

func seasonCases(r office.ServiceRules, queue string, seasons []season) (out []office.ServiceCase) {
	for _, s := range seasons {
		if len(s.booking) > 0 {
			out = append(out, office.ServiceCase{Season: s.Season, Queue: queue, Rules: s.onBooking(r)})
		}
	}
	return out
}
