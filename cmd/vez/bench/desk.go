package bench

import (
	"fmt"
	"strings"
	"time"

	"vez/identity"
	"vez/office"
)

// connections is how many the promise speaks of.
const connections = 64

// benchAt is an office, and benchQueue one of its queues for walk-ins.
const (
	benchAt    = "dsi-main"
	benchQueue = "dsi-main-collect"
)

// busyOffices have counters enough for all connections.
var busyOffices = []string{benchAt, "dsf-main", "iam-main"}

// desk is a clerk at a counter of their own, and a kiosk beside it.
type desk struct {
	Addr         string
	Clerk, Kiosk string // tokens
	At           string // path of the counter
	Office       string
	Queue        string

	clerk, kiosk *caller
	ticket       string // id of the last one shown
}

// sit makes the desk ready to move in this process.
func (d *desk) sit() { d.clerk, d.kiosk = newCaller(d.Addr, d.Clerk), newCaller(d.Addr, d.Kiosk) }

// desks opens counters for n connections.
func (b *Bench) desks(x *Hub, n int) ([]*desk, error) {
	out := make([]*desk, 0, n)
	for _, id := range busyOffices {
		queues := walkIns(x.Catalogue, id)
		for i, c := range x.Catalogue.Office(id).Counters {
			if len(out) == n {
				return out, nil
			}
			d, err := b.desk(x, c.ID, id, queues[i%len(queues)])
			if err != nil {
				return nil, err
			}
			out = append(out, d)
		}
	}
	if len(out) < n {
		return nil, fmt.Errorf("the offices have %d counters, not %d", len(out), n)
	}
	return out, nil
}

// walkIns are the queues of an office where people may come without a booking.
func walkIns(cat *office.Catalogue, id string) []string {
	var out []string
	day := cat.Office(id).Day(morning)
	for _, q := range cat.QueuesOf(id) {
		if r := q.RulesOn(day); r.WalkIn && !r.FilingOrder {
			out = append(out, q.ID)
		}
	}
	return out
}

func (b *Bench) desk(x *Hub, counter, office, queue string) (*desk, error) {
	clerk, err := b.token(x, identity.Clerk, "clerk "+counter, office, "")
	if err != nil {
		return nil, err
	}
	kiosk, err := b.token(x, identity.Device, "kiosk "+counter, office, "kiosk")
	if err != nil {
		return nil, err
	}
	d := &desk{Addr: x.Addr, Clerk: clerk, Kiosk: kiosk, At: "/api/v1/counters/" + counter, Office: office, Queue: queue}
	d.sit()
	return d, d.verb("/open", `{"queues":["`+queue+`"]}`)
}

// verb makes a move at the counter and remembers the ticket of the answer.
func (d *desk) verb(path, body string) error {
	return d.move(d.clerk, d.At+path, body)
}

func (d *desk) move(c *caller, path, body string) error {
	status, err := c.ask("POST", path, body)
	if err != nil {
		return err
	}
	if status >= 300 || status == 204 {
		return fmt.Errorf("%s: %d %s", path, status, c.res.Body())
	}
	if id := between(string(c.res.Body()), `"id":"`, `"`); id != "" {
		d.ticket = id
	}
	return nil
}

// step is one move of a visit.
type step func(d *desk) error

// visit is a kind of visit.
type visit string

const (
	// atTheDesk makes eight moves that touch one ticket and no line.
	atTheDesk visit = "at the desk"
	// throughTheLine is as most are: a ticket at the kiosk, its line, the call of the next, start, finish.
	throughTheLine visit = "through the line"
)

func (v visit) steps() []step {
	if v == throughTheLine {
		return []step{
			func(d *desk) error {
				return d.move(d.kiosk, "/api/v1/tickets", `{"office":"`+d.Office+`","queue":"`+d.Queue+`","print":false}`)
			},
			func(d *desk) error { return d.verb("/next", `{}`) },
			func(d *desk) error { return d.verb("/start", `{}`) },
			finish,
		}
	}
	park := func(d *desk) error { return d.verb("/park", `{}`) }
	resume := func(d *desk) error { return d.verb("/resume", `{"ticket":"`+d.ticket+`"}`) }
	return []step{
		func(d *desk) error { return d.verb("/serve", `{"queue":"`+d.Queue+`"}`) },
		park, resume, park, resume, park, resume, finish,
	}
}

func finish(d *desk) error { return d.verb("/finish", `{"outcome":"served"}`) }

// visits makes moves on all desks for a while.
func (b *Bench) visits(ds []*desk, v visit, lasts time.Duration) (loaded, error) {
	return b.send(job{Lasts: lasts, Visit: v, Desks: ds})
}

// between is what stands between two texts, "" if it is not there.
func between(s, from, to string) string {
	_, s, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	s, _, ok = strings.Cut(s, to)
	if !ok {
		return ""
	}
	return s
}
