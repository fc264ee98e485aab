package simtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vez/booking"
	"vez/event"
	"vez/hall"
	"vez/office"
	"vez/ticket"
)

// act is one thing that somebody does; of weight ones are drawn as often.
type act struct {
	name   string
	weight int
	do     func(g *game, d draw)
}

var acts = []act{
	{"issue", 6, (*game).issue},
	{"book", 4, (*game).book},
	{"manage a booking", 4, (*game).manage},
	{"check in", 4, (*game).checkIn},
	{"activate", 2, (*game).activate},
	{"use a pass", 1, (*game).usePass},
	{"holder", 2, (*game).holder},
	{"reception", 2, (*game).reception},
	{"open a counter", 2, (*game).openCounter},
	{"close a counter", 1, (*game).closeCounter},
	{"next", 8, (*game).next},
	{"call this one", 2, (*game).callThis},
	{"verb", 9, (*game).verb},
	{"give back", 2, (*game).giveBack},
	{"take", 4, (*game).take},
	{"elsewhere", 3, (*game).elsewhere},
	{"undo", 3, (*game).undo},
	{"manager", 2, (*game).manager},
	{"time", 8, (*game).time},
}

// step draws an act and does it.
func (g *game) step(d draw) {
	if g.unattended() && d.n(2) == 0 {
		g.openCounter(d)
		return
	}
	sum := 0
	for _, a := range acts {
		sum += a.weight
	}
	n := d.n(sum)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			a.do(g, d)
			return
		}
	}
}

// as is an act of somebody, with a key of its own.
func (g *game) as(actor string) hall.Act {
	g.keys++
	return hall.Act{Actor: actor, Key: event.Key{Principal: actor, Route: "sim", Key: fmt.Sprint(g.keys), BodyHash: fmt.Sprint(g.keys)}}
}

// unattended tells that no counter is open.
func (g *game) unattended() bool {
	return !slices.ContainsFunc(g.o.desks, func(d *desk) bool { return d.state == "open" })
}

// person draws a ticket, mostly one in the states; -1 where there is none at all.
func (g *game) person(d draw, states ...string) int {
	var in []int
	for i, p := range g.o.people {
		if slices.Contains(states, p.state) && p.day == g.o.day {
			in = append(in, i)
		}
	}
	if len(in) > 0 && d.n(8) > 0 {
		return one(d, in...)
	}
	return d.n(len(g.o.people)+1) - 1
}

// promise draws a booking, mostly one in the states; -1 where there is none.
func (g *game) promise(d draw, states ...string) int {
	var in, all []int
	for i, b := range g.o.promises {
		if b.rest {
			continue
		}
		all = append(all, i)
		if slices.Contains(states, b.state) {
			in = append(in, i)
		}
	}
	if len(in) > 0 && d.n(8) > 0 {
		return one(d, in...)
	}
	if len(all) == 0 {
		return -1
	}
	return one(d, all...)
}

func (g *game) needs(d draw) []string {
	return one(d, nil, nil, nil, []string{"low_desk"}, []string{"language:pt"}, []string{"more_time"}, []string{"sign"}, []string{"low_desk", "language:pt"})
}

func needsOf(list []string) []office.Need {
	var out []office.Need
	for _, n := range list {
		out = append(out, office.Need(n))
	}
	return out
}

func (g *game) holderName(d draw) string {
	return one(d, "citizen:a", "citizen:b", "citizen:c", "", "")
}

func (g *game) issue(d draw) {
	who := g.as("device:k1")
	service, remote, priority, needs, holder := one(d, services...), d.n(4) == 0, d.n(4) == 0, g.needs(d), ""
	if remote {
		holder = g.holderName(d)
	}
	is, err := try(g, func(h *hall.Hall) (hall.Issued, error) {
		return h.Issue(g.ctx, who, hall.IssueRequest{Office: officeID, Service: service, Remote: remote, Priority: priority,
			Needs: needsOf(needs), Holder: holder})
	})
	p, no := g.o.issue(service, remote, priority, needs, holder)
	g.came(fmt.Sprintf("issue %s remote %v priority %v needs %v %s", service, remote, priority, needs, holder), is, err, p, no)
	if remote && no == "" {
		code, err := g.hall().TicketCode(is.Ticket)
		g.code(err)
		g.codes[p] = code
	}
}

// slot draws a start: soon, later today, tomorrow, or no start at all.
func (g *game) slot(d draw) time.Time {
	at := g.o.now.Truncate(cell).Add(time.Duration(d.n(8)) * 3 * cell)
	switch d.n(6) {
	case 0:
		at = midnight(dayOf(g.o.now)).Add(opensAt + time.Duration(d.n(110))*cell)
	case 1:
		at = midnight(dayOf(g.o.now)).Add(24*time.Hour + opensAt + time.Duration(d.n(110))*cell)
	case 2:
		at = at.Add(time.Duration(d.n(2)) * time.Minute)
	}
	return at
}

func (g *game) book(d draw) {
	who := g.as("citizen:x")
	service, start, holder, hold := one(d, services...), g.slot(d), g.holderName(d), d.n(2) == 0
	if d.n(30) == 0 {
		start = start.Add(40 * 24 * time.Hour)
	}
	b, err := try(g, func(h *hall.Hall) (booking.Booking, error) {
		return h.Book(g.ctx, who, hall.BookRequest{Service: service, Office: officeID, Start: start, Holder: holder, Hold: hold})
	})
	p, no := g.o.book(service, start, holder, hold)
	g.booked(fmt.Sprintf("book %s at %s for %q hold %v", service, clock(start), holder, hold), b, err, p, no)
	if err == nil {
		g.bookings = append(g.bookings, b.ID)
	}
}

func (g *game) manage(d draw) {
	i := g.promise(d, "held", "confirmed", "displaced")
	if i < 0 {
		return
	}
	p, id, holder, staff := g.o.promises[i], g.bookings[i], g.holderName(d), d.n(2) == 0
	if d.n(2) == 0 {
		holder = p.holder
	}
	who := g.as("citizen:x")
	name := fmt.Sprintf("of b%d by %q staff %v", i, holder, staff)
	switch d.n(6) {
	case 0:
		b, err := try(g, func(h *hall.Hall) (booking.Booking, error) { return h.ExtendHold(g.ctx, who, id, holder) })
		g.booked("extend "+name, b, err, p, g.o.extend(p, holder))
	case 1, 2:
		b, err := try(g, func(h *hall.Hall) (booking.Booking, error) { return h.Confirm(g.ctx, who, id, holder) })
		g.booked("confirm "+name, b, err, p, g.o.confirm(p, holder))
	case 3:
		was := p.state
		b, err := try(g, func(h *hall.Hall) (booking.Booking, error) { return h.CancelBooking(g.ctx, who, id, holder, staff) })
		g.booked("cancel "+name, b, err, p, g.o.drop(p, holder, staff))
		if err == nil && was != "cancelled" && p.state == "cancelled" {
			g.freed(p, p.start, b.FreeAt)
		}
	default:
		g.reschedule(d, i, holder, staff)
	}
}

func (g *game) reschedule(d draw, i int, holder string, staff bool) {
	p, start, who := g.o.promises[i], g.slot(d), g.as("citizen:x")
	was := p.start
	b, err := try(g, func(h *hall.Hall) (booking.Booking, error) {
		return h.Reschedule(g.ctx, who, g.bookings[i], holder, hall.RescheduleRequest{Start: start, Staff: staff})
	})
	rest, no := g.o.reschedule(p, holder, start, staff)
	g.booked(fmt.Sprintf("reschedule b%d to %s by %q staff %v", i, clock(start), holder, staff), b, err, p, no)
	if rest == nil {
		return
	}
	g.bookings = append(g.bookings, "")
	day := office.Day(rest.day())
	all, err := g.hall().Read(g.ctx).BookingsOn(lineFor(rest.service).id, day, day)
	g.code(err)
	for _, b := range all {
		if b.Origin == booking.Vacated && b.Start.Equal(rest.start) && b.End.Equal(rest.end) && b.Made.Equal(rest.made) {
			g.freed(rest, was, b.FreeAt)
			return
		}
	}
	g.t.Fatalf("%s\nnothing keeps the cells that were left", strings.Join(g.log, "\n"))
}

func (g *game) checkIn(d draw) {
	who := g.as("device:k1")
	i := g.promise(d, "confirmed")
	if i < 0 {
		return
	}
	p, priority, needs := g.o.promises[i], d.n(4) == 0, g.needs(d)
	b, err := g.hall().Read(g.ctx).Booking(g.bookings[i])
	g.code(err)
	is, err := try(g, func(h *hall.Hall) (hall.Issued, error) {
		return h.CheckIn(g.ctx, who, hall.CheckInRequest{Office: officeID, Reference: b.Reference, Priority: priority, Needs: needsOf(needs)})
	})
	t, no := g.o.checkIn(p, priority, needs)
	g.came(fmt.Sprintf("check in b%d priority %v needs %v", i, priority, needs), is, err, t, no)
}

func (g *game) activate(d draw) {
	who := g.as("device:k1")
	i := g.person(d, "remote")
	if i < 0 || g.codes[g.o.people[i]] == "" {
		return
	}
	p, priority, needs := g.o.people[i], d.n(4) == 0, g.needs(d)
	is, err := try(g, func(h *hall.Hall) (hall.Issued, error) {
		return h.CheckIn(g.ctx, who, hall.CheckInRequest{Office: officeID, Code: g.codes[p], Priority: priority, Needs: needsOf(needs)})
	})
	t, no := g.o.activate(p, priority, needs)
	g.came(fmt.Sprintf("activate t%d priority %v needs %v", i, priority, needs), is, err, t, no)
}

func (g *game) usePass(d draw) {
	who := g.as("device:k1")
	if i := g.person(d, "unserved"); i >= 0 && d.n(2) == 0 {
		t, err := g.hall().Ticket(g.ctx, g.tickets[i])
		g.code(err)
		p := g.o.people[i]
		given := p.mayReturn()
		code := ""
		if t.State != ticket.Remote {
			code, err = g.hall().TicketCode(t)
			g.code(err)
		}
		g.same(fmt.Sprintf("pass of t%d", i), fmt.Sprint(code != ""), fmt.Sprint(given))
		if given {
			g.passes = append(g.passes, pass{p, p.ended, code, p.queue, p.ended.Add(30 * 24 * time.Hour).Truncate(time.Minute)})
		}
	}
	if len(g.passes) == 0 {
		return
	}
	n := d.n(len(g.passes))
	ps, priority, needs := g.passes[n], d.n(4) == 0, g.needs(d)
	is, err := try(g, func(h *hall.Hall) (hall.Issued, error) {
		return h.CheckIn(g.ctx, who, hall.CheckInRequest{Office: officeID, Code: ps.code, Priority: priority, Needs: needsOf(needs)})
	})
	t, no := g.o.usePass(ps.of, ps.ended, ps.queue, ps.until, priority, needs)
	g.came(fmt.Sprintf("use pass %d priority %v needs %v", n, priority, needs), is, err, t, no)
}

func (g *game) holder(d draw) {
	who := g.as("device:k1")
	if d.n(2) == 0 {
		if i := g.person(d, "waiting"); i >= 0 {
			t, err := try(g, func(h *hall.Hall) (ticket.Ticket, error) { return h.StepOut(g.ctx, who, g.tickets[i]) })
			g.moved(fmt.Sprintf("step out t%d", i), t, err, g.o.people[i], g.o.stepOut(g.o.people[i]))
		}
		return
	}
	if i := g.person(d, "parked", "missed"); i >= 0 {
		t, err := try(g, func(h *hall.Hall) (ticket.Ticket, error) { return h.ComeBack(g.ctx, who, g.tickets[i]) })
		g.moved(fmt.Sprintf("come back t%d", i), t, err, g.o.people[i], g.o.comeBack(g.o.people[i]))
	}
}

func (g *game) reception(d draw) {
	i := g.person(d, "waiting", "called", "parked")
	if i < 0 {
		return
	}
	p, id, who := g.o.people[i], g.tickets[i], g.as("clerk:reception")
	switch d.n(4) {
	case 0:
		t, err := try(g, func(h *hall.Hall) (ticket.Ticket, error) { return h.CancelTicket(g.ctx, who, id) })
		g.moved(fmt.Sprintf("cancel t%d", i), t, err, p, g.o.cancel(p))
	case 1:
		t, err := try(g, func(h *hall.Hall) (ticket.Ticket, error) { return h.Unserve(g.ctx, who, id) })
		g.moved(fmt.Sprintf("unserve t%d", i), t, err, p, g.o.unserve(p))
	default:
		g.change(d, i)
	}
}

func (g *game) change(d draw, i int) {
	who := g.as("clerk:reception")
	p := g.o.people[i]
	var r hall.ChangeRequest
	var service *string
	var priority *bool
	var needs *[]string
	if d.n(2) == 0 {
		service = new(string)
		*service = one(d, services...)
		r.Service = service
	}
	if d.n(2) == 0 {
		priority = new(bool)
		*priority = d.n(2) == 0
		r.Priority = priority
	}
	if d.n(2) == 0 {
		list := g.needs(d)
		needs = &list
		real := needsOf(list)
		r.Needs = &real
	}
	t, err := try(g, func(h *hall.Hall) (ticket.Ticket, error) { return h.ChangeTicket(g.ctx, who, g.tickets[i], r) })
	no := g.o.change(p, service, priority, needs)
	g.moved(fmt.Sprintf("change t%d service %s priority %s needs %s", i, text(service), text(priority), text(needs)), t, err, p, no)
}

func text[T any](p *T) string {
	if p == nil {
		return "same"
	}
	return fmt.Sprint(*p)
}

// bench draws a counter, its clerk, rarely another, and what the hall is told.
func (g *game) bench(d draw) (n int, id, clerk string, who hall.Act) {
	n = d.n(len(benches))
	id = benches[n].id
	clerk = "clerk:" + id
	if d.n(25) == 0 {
		clerk = "clerk:stranger"
	}
	return n, id, clerk, g.as(clerk)
}

// busy draws a counter, mostly one that has somebody, or none, as asked for.
func (g *game) busy(d draw, want bool) (n int, id, clerk string, who hall.Act) {
	var in []int
	for i, x := range g.o.desks {
		if x.state != "closed" && (x.ticket != nil) == want {
			in = append(in, i)
		}
	}
	if n, id, clerk, _ = g.bench(d); len(in) > 0 && d.n(8) > 0 {
		n = one(d, in...)
		if id = benches[n].id; clerk != "clerk:stranger" {
			clerk = "clerk:" + id
		}
	}
	return n, id, clerk, g.as(clerk)
}

func (g *game) openCounter(d draw) {
	n, id, clerk, who := g.bench(d)
	queues := one(d, nil, nil, []string{"card"}, []string{"small", "deeds"}, []string{"deeds", "card", "small"})
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.OpenCounter(g.ctx, who, id, queues) })
	a, no := g.o.open(n, clerk, queues)
	g.desk(fmt.Sprintf("open %s by %s for %v", id, clerk, queues), x, err, a, no)
}

func (g *game) closeCounter(d draw) {
	n, id, clerk, who := g.bench(d)
	switch d.n(4) {
	case 0:
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Break(g.ctx, who, id, "lunch", time.Time{}) })
		a, no := g.o.rest(n, clerk, true)
		g.desk("break "+id+" by "+clerk, x, err, a, no)
	case 1:
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Back(g.ctx, who, id) })
		a, no := g.o.rest(n, clerk, false)
		g.desk("back "+id+" by "+clerk, x, err, a, no)
	default:
		after, manager := d.n(2) == 0, d.n(3) == 0
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) {
			return h.CloseCounter(g.ctx, who, id, hall.CloseRequest{After: after, Manager: manager})
		})
		a, no := g.o.shut(n, clerk, after, manager)
		g.desk(fmt.Sprintf("close %s by %s after %v manager %v", id, clerk, after, manager), x, err, a, no)
	}
}

func (g *game) next(d draw) {
	n, id, clerk, who := g.busy(d, d.n(3) == 0)
	finish, miss := one(d, "", "", "served", "incomplete"), d.n(3) == 0
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) {
		return h.Next(g.ctx, who, id, hall.NextRequest{Finish: ticket.Outcome(finish), Miss: miss})
	})
	a, no := g.o.next(n, clerk, finish, miss)
	g.desk(fmt.Sprintf("next %s by %s finish %q miss %v", id, clerk, finish, miss), x, err, a, no)
}

func (g *game) callThis(d draw) {
	i := g.person(d, "waiting")
	if i < 0 {
		return
	}
	n, id, clerk, who := g.busy(d, false)
	if d.n(2) == 0 {
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.ThisOneIsHere(g.ctx, who, id, g.tickets[i]) })
		a, no := g.o.isHere(n, clerk, g.o.people[i])
		g.desk(fmt.Sprintf("this one is here t%d %s by %s", i, id, clerk), x, err, a, no)
		return
	}
	reason := one(d, "manager", "our_mistake", "deadline", "", "because")
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Call(g.ctx, who, id, g.tickets[i], reason) })
	a, no := g.o.callThis(n, clerk, g.o.people[i], reason)
	g.desk(fmt.Sprintf("call t%d %s by %s reason %q", i, id, clerk, reason), x, err, a, no)
}

func (g *game) verb(d draw) {
	n, id, clerk, who := g.busy(d, true)
	verb := one(d, "start", "start", "start", "served", "served", "incomplete", "left", "recall", "miss", "park", "park")
	parked := d.n(20)
	if verb == "miss" && d.n(3) > 0 {
		g.advance(time.Minute, time.Minute)
	}
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) {
		switch verb {
		case "start":
			return h.Start(g.ctx, who, id)
		case "recall":
			return h.Recall(g.ctx, who, id)
		case "miss":
			return h.Miss(g.ctx, who, id)
		case "park":
			return h.Park(g.ctx, who, id, parked)
		}
		return h.Finish(g.ctx, who, id, ticket.Outcome(verb))
	})
	a, no := g.o.verb(n, clerk, verb)
	g.desk(verb+" "+id+" by "+clerk, x, err, a, no)
}

func (g *game) giveBack(d draw) {
	if d.n(2) == 0 {
		n, id, clerk, who := g.busy(d, true)
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Return(g.ctx, who, id, "") })
		a, no := g.o.giveBack(n, clerk, nil)
		g.desk("return the open one "+id+" by "+clerk, x, err, a, no)
		return
	}
	i := g.person(d, "parked", "missed")
	if i < 0 {
		return
	}
	n, id, clerk, who := g.bench(d)
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Return(g.ctx, who, id, g.tickets[i]) })
	a, no := g.o.giveBack(n, clerk, g.o.people[i])
	g.desk(fmt.Sprintf("return t%d %s by %s", i, id, clerk), x, err, a, no)
}

func (g *game) take(d draw) {
	verb := one(d, "resume", "resume", "start", "take over", "reopen", "serve here")
	n, id, clerk, who := g.busy(d, false)
	if verb == "serve here" {
		service := one(d, services...)
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) {
			return h.ServeHere(g.ctx, who, id, hall.ServeRequest{Service: service})
		})
		a, no := g.o.serveHere(n, clerk, service)
		g.desk("serve "+service+" here "+id+" by "+clerk, x, err, a, no)
		return
	}
	i := g.person(d, map[string][]string{"resume": {"parked"}, "start": {"missed"}, "take over": {"called", "serving"}, "reopen": {"done"}}[verb]...)
	if i < 0 {
		return
	}
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) {
		move := map[string]func(context.Context, hall.Act, string, string) (hall.Desk, error){
			"resume": h.Resume, "start": h.StartMissed, "take over": h.TakeOver, "reopen": h.Reopen}
		return move[verb](g.ctx, who, id, g.tickets[i])
	})
	a, no := g.o.take(n, clerk, g.o.people[i], verb)
	g.desk(fmt.Sprintf("%s t%d %s by %s", verb, i, id, clerk), x, err, a, no)
}

func (g *game) elsewhere(d draw) {
	n, id, clerk, who := g.busy(d, true)
	if d.n(3) == 0 {
		service := one(d, services...)
		x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Continue(g.ctx, who, id, service) })
		a, no := g.o.carryOn(n, clerk, service)
		g.desk("continue "+service+" "+id+" by "+clerk, x, err, a, no)
		return
	}
	queue, place, reason := one(d, "card", "small", "deeds"), one(d, "due", "", "end", "front"), one(d, "our_mistake", "our_mistake", "", "because")
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) {
		return h.Transfer(g.ctx, who, id, hall.TransferRequest{Queue: queue, Place: place, Reason: reason})
	})
	a, no := g.o.transfer(n, clerk, queue, place, reason)
	g.desk(fmt.Sprintf("transfer to %s %q reason %q %s by %s", queue, place, reason, id, clerk), x, err, a, no)
}

func (g *game) undo(d draw) {
	n, id, clerk, who := g.bench(d)
	x, err := try(g, func(h *hall.Hall) (hall.Desk, error) { return h.Undo(g.ctx, who, id) })
	a, no := g.o.takeBack(n, clerk)
	g.desk("undo "+id+" by "+clerk, x, err, a, no)
}

func (g *game) manager(d draw) {
	who := g.as("clerk:manager")
	kind := d.n(8)
	switch {
	case !g.o.pausedAt.IsZero() && kind < 6:
		_, err := try(g, func(h *hall.Hall) (office.State, error) { return h.ResumeHall(g.ctx, who, officeID) })
		g.same("resume the hall", g.code(err), g.o.resumeHall())
	case kind == 0:
		_, err := try(g, func(h *hall.Hall) (office.State, error) { return h.PauseHall(g.ctx, who, officeID, "fire_alarm") })
		g.same("pause the hall", g.code(err), g.o.pause())
	case kind == 1:
		from := g.slot(d)
		c := closure{from, from.Add(time.Duration(1+d.n(20)) * cell), one(d, "", "card", "small")}
		x, err := try(g, func(h *hall.Hall) (hall.Closed, error) {
			return h.CloseOffice(g.ctx, who, hall.CloseRequestOffice{Office: officeID, Queue: c.queue, From: c.from, To: c.to, Reason: "typhoon"})
		})
		n, no := g.o.close(c)
		g.same(fmt.Sprintf("close %q from %s to %s", c.queue, clock(c.from), clock(c.to)), fmt.Sprint(g.code(err), x.Displaced), fmt.Sprint(no, n))
	case kind == 2:
		_, err := try(g, func(h *hall.Hall) (struct{}, error) { return struct{}{}, h.TurnDay(g.ctx, officeID) })
		g.o.today()
		g.same("turn the day", g.code(err), "")
	default:
		_, err := try(g, func(h *hall.Hall) (int, error) { return h.Tick(g.ctx) })
		g.o.release()
		g.same("tick", g.code(err), "")
	}
}

func (g *game) time(d draw) {
	step := time.Duration(1+d.n(20)) * time.Second
	switch n := d.n(40); {
	case n < 16:
	case n < 30:
		step = time.Duration(1+d.n(4)) * time.Minute
	case n < 37:
		step = time.Duration(5+d.n(40)) * time.Minute
	case n < 39:
		step = time.Duration(1+d.n(5)) * time.Hour
	default:
		step = midnight(dayOf(g.o.now)).Add(24*time.Hour + time.Duration(d.n(10))*time.Hour).Sub(g.o.now)
	}
	g.advance(step, step)
	g.log = append(g.log, clock(g.o.now)+"  "+step.String()+" pass")
}
