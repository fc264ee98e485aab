package hall_test

import (
	mrand "math/rand/v2"
	"time"

	"vez/booking"
	"vez/hall"
	"vez/office"
	"vez/ticket"
)

// program draws acts of everybody in a hall.
type program struct {
	*audited
	random *mrand.Rand
}

func (p program) pick(list ...string) string { return list[p.random.IntN(len(list))] }

// n draws a number up to most, included.
func (p program) n(most int) int { return p.random.IntN(most + 1) }

func (p program) flip() bool { return p.random.IntN(2) == 0 }

func (p program) office() *office.Office {
	return p.cat.Office(p.pick("main", "main", "main", "lisbon"))
}

// live draws a ticket of the day, in one of the states where there is one; "" where there is none.
func (p program) live(o *office.Office, states ...ticket.State) string {
	all, err := p.Read(p.ctx).Live(o.ID, p.today(o))
	p.may(err)
	var in []string
	for _, t := range all {
		for _, s := range states {
			if t.State == s {
				in = append(in, t.ID)
			}
		}
	}
	if len(in) == 0 || p.n(9) == 0 {
		for _, t := range all {
			in = append(in, t.ID)
		}
	}
	if len(in) == 0 {
		return "nobody"
	}
	return p.pick(in...)
}

// today is the day the office is in, which may not be closed yet.
func (p program) today(o *office.Office) office.Day {
	s, err := p.Read(p.ctx).State(o.ID)
	p.may(err)
	return s.Day
}

func (p program) bookingIn(o *office.Office, states ...booking.State) string {
	day := o.Day(p.house.Now()).Add(p.n(2))
	all, err := p.Read(p.ctx).OfficeBookings(o.ID, day, states...)
	p.may(err)
	var ids []string
	for _, b := range all {
		if b.Origin != booking.Vacated {
			ids = append(ids, b.ID)
		}
	}
	if len(ids) == 0 {
		return "none"
	}
	return p.pick(ids...)
}

// slotTime draws a start soon, later today, or tomorrow.
func (p program) slotTime() time.Time {
	now := p.house.Now().Truncate(5 * time.Minute)
	steps := []int{1, 1, 2, 3, 6, 12, 24, 60, 288, 290}[p.n(9)]
	return now.Add(time.Duration(steps) * 5 * time.Minute)
}

func (p program) needs() []office.Need {
	if p.n(3) > 0 {
		return nil
	}
	return []office.Need{office.Need(p.pick(string(office.NeedLowDesk), string(office.NeedSign), "language:pt", string(office.NeedMoreTime)))}
}

func (p program) service(o *office.Office) string {
	return o.ID + "-" + p.pick("renew", "renew", "collect", "quick", "deed")
}

// actor is the clerk of a counter, rarely another.
func (p program) actor(counter string) hall.Act {
	if p.n(30) == 0 {
		return hall.Act{Actor: "clerk:stranger"}
	}
	return hall.Act{Actor: "clerk:" + counter}
}

func (p program) step() {
	o := p.office()
	switch p.n(19) {
	case 0, 1, 2, 3:
		p.visitor(o)
	case 4, 5:
		p.booker(o)
	case 6, 7, 8, 9, 10, 11, 12, 13, 14:
		p.clerk(o, o.Counters[p.n(3)].ID)
	case 15:
		p.greeter(o)
	case 16:
		p.manager(o)
	default:
		p.time()
	}
}

var kioskAct = hall.Act{Actor: "device:k1"}

func (p program) visitor(o *office.Office) {
	r := hall.IssueRequest{Office: o.ID, Service: p.service(o), Needs: p.needs(), Priority: p.n(4) == 0}
	switch p.n(6) {
	case 0, 1:
		p.issued(p.Issue(p.ctx, kioskAct, r))
	case 2:
		r.Remote = true
		p.issued(p.Issue(p.ctx, kioskAct, r))
	case 3:
		p.activate(o)
	case 4:
		p.checkIn(o)
	case 5:
		p.ticket(p.StepOut(p.ctx, kioskAct, p.live(o, ticket.Waiting)))
	case 6:
		p.ticket(p.ComeBack(p.ctx, kioskAct, p.live(o, ticket.Parked, ticket.Missed)))
	}
}

func (p program) activate(o *office.Office) {
	t, err := p.Ticket(p.ctx, p.live(o, ticket.Remote))
	if !p.may(err) {
		return
	}
	code, err := p.TicketCode(t)
	if p.may(err) && code != "" {
		p.issued(p.CheckIn(p.ctx, kioskAct, hall.CheckInRequest{Office: o.ID, Code: code, Needs: p.needs()}))
	}
}

func (p program) checkIn(o *office.Office) {
	b, err := p.Read(p.ctx).Booking(p.bookingIn(o, booking.Confirmed, booking.CheckedIn))
	if !p.may(err) {
		return
	}
	p.issued(p.CheckIn(p.ctx, kioskAct, hall.CheckInRequest{Office: o.ID, Reference: b.Reference, Needs: p.needs(), Priority: p.n(4) == 0}))
}

func (p program) booker(o *office.Office) {
	holder := p.pick("citizen:a", "citizen:b", "citizen:c", "citizen:d", "")
	act := hall.Act{Actor: "citizen:x"}
	switch p.n(7) {
	case 0, 1, 2:
		p.booking(p.Book(p.ctx, act, hall.BookRequest{Service: p.service(o), Office: o.ID, Start: p.slotTime(), Holder: holder, Hold: p.flip()}))
	case 3:
		p.booking(p.Confirm(p.ctx, act, p.bookingIn(o, booking.Held), ""))
	case 4:
		p.booking(p.ExtendHold(p.ctx, act, p.bookingIn(o, booking.Held), ""))
	case 5:
		p.booking(p.CancelBooking(p.ctx, act, p.bookingIn(o, booking.Held, booking.Confirmed, booking.Displaced), "", p.flip()))
	default:
		p.booking(p.Reschedule(p.ctx, act, p.bookingIn(o, booking.Held, booking.Confirmed, booking.Displaced), "",
			hall.RescheduleRequest{Start: p.slotTime(), Staff: p.flip()}))
	}
}

func (p program) reason() string { return p.pick(ticket.CallReasons...) }

func (p program) clerk(o *office.Office, c string) {
	act := p.actor(c)
	s, err := p.Read(p.ctx).Shift(c)
	p.may(err)
	if s.State == "closed" || s.State == "" {
		if p.n(9) == 0 {
			p.desk(p.Undo(p.ctx, act, c))
			return
		}
		var queues []string
		if p.flip() {
			queues = []string{o.ID + "-card", o.ID + "-small", o.ID + "-deeds"}
			p.random.Shuffle(3, func(i, k int) { queues[i], queues[k] = queues[k], queues[i] })
			queues = queues[:1+p.n(2)]
		}
		p.desk(p.OpenCounter(p.ctx, act, c, queues))
		return
	}
	if s.Ticket != "" && p.n(4) > 0 {
		p.busyClerk(o, c, act)
		return
	}
	if s.State == "break" && p.flip() {
		p.desk(p.Back(p.ctx, act, c))
		return
	}
	p.freeClerk(o, c, act)
}

func (p program) busyClerk(o *office.Office, c string, act hall.Act) {
	if d, err := p.Ticket(p.ctx, p.openAt(c)); err == nil && d.State == ticket.Called && p.n(3) > 0 {
		if p.n(9) == 0 {
			p.desk(p.Recall(p.ctx, act, c))
		}
		p.desk(p.Start(p.ctx, act, c))
		return
	}
	switch p.n(13) {
	case 0, 1:
		p.desk(p.Undo(p.ctx, act, c))
	case 12:
		p.desk(p.CloseCounter(p.ctx, act, c, hall.CloseRequest{After: true}))
	case 2:
		p.desk(p.Finish(p.ctx, act, c, ticket.Outcome(p.pick("served", "incomplete", "left", "not_served"))))
	case 3:
		p.desk(p.Next(p.ctx, act, c, hall.NextRequest{Finish: ticket.Served}))
	case 4:
		p.desk(p.Next(p.ctx, act, c, hall.NextRequest{Miss: true}))
	case 5:
		p.desk(p.Recall(p.ctx, act, c))
	case 6:
		p.desk(p.Miss(p.ctx, act, c))
	case 7:
		p.desk(p.Park(p.ctx, act, c, p.n(20)))
	case 8:
		p.desk(p.Return(p.ctx, act, c, ""))
	case 9:
		p.desk(p.Transfer(p.ctx, act, c, hall.TransferRequest{Queue: o.ID + "-" + p.pick("card", "small", "deeds"),
			Place: p.pick("", ticket.PlaceDue, ticket.PlaceEnd, ticket.PlaceFront), Reason: p.reason()}))
	case 10:
		p.desk(p.Continue(p.ctx, act, c, p.service(o)))
	case 11:
		p.desk(p.ThisOneIsHere(p.ctx, act, c, p.live(o, ticket.Waiting, ticket.Missed)))
	case 13:
		p.pass(time.Minute)
		p.desk(p.Miss(p.ctx, act, c))
		if p.flip() { // and comes when the grace is over
			p.pass(31 * time.Minute)
			p.desk(p.Return(p.ctx, act, c, p.live(o, ticket.Missed)))
		}
	}
}

func (p program) openAt(c string) string {
	s, err := p.Read(p.ctx).Shift(c)
	p.may(err)
	return s.Ticket
}

func (p program) freeClerk(o *office.Office, c string, act hall.Act) {
	switch p.n(19) {
	case 0, 1, 2, 3, 4, 5:
		p.desk(p.Next(p.ctx, act, c, hall.NextRequest{}))
	case 6:
		p.desk(p.Call(p.ctx, act, c, p.live(o, ticket.Waiting), p.reason()))
	case 7:
		p.desk(p.Resume(p.ctx, act, c, p.live(o, ticket.Parked)))
	case 8:
		p.desk(p.StartMissed(p.ctx, act, c, p.live(o, ticket.Missed)))
	case 9, 19:
		p.desk(p.Return(p.ctx, act, c, p.live(o, ticket.Parked, ticket.Missed)))
	case 10:
		p.desk(p.Reopen(p.ctx, act, c, p.ended(o)))
	case 11:
		p.desk(p.ServeHere(p.ctx, act, c, hall.ServeRequest{Service: p.service(o)}))
	case 12:
		p.desk(p.TakeOver(p.ctx, act, c, p.live(o, ticket.Called, ticket.Serving)))
	case 13, 14:
		p.desk(p.Undo(p.ctx, act, c))
	case 15:
		p.desk(p.CloseCounter(p.ctx, act, c, hall.CloseRequest{After: p.flip(), Manager: p.n(3) == 0}))
	case 16:
		p.desk(p.Break(p.ctx, act, c, "lunch", time.Time{}))
	case 17:
		p.desk(p.Back(p.ctx, act, c))
	case 18:
		p.desk(p.OpenCounter(p.ctx, act, c, []string{o.ID + "-" + p.pick("card", "small", "deeds")}))
	}
}

// ended draws a ticket of the day that is done.
func (p program) ended(o *office.Office) string {
	snap, err := p.db.Snapshot(p.ctx, o.ID)
	p.may(err)
	ids := []string{"nobody"}
	for _, t := range snap.Tickets {
		if t.State == ticket.Done {
			ids = append(ids, t.ID)
		}
	}
	return ids[len(ids)-1]
}

func (p program) greeter(o *office.Office) {
	act := hall.Act{Actor: "clerk:greeter"}
	switch p.n(4) {
	case 0:
		p.ticket(p.CancelTicket(p.ctx, act, p.live(o, ticket.Waiting, ticket.Called, ticket.Parked, ticket.Missed, ticket.Remote)))
	case 1:
		p.ticket(p.Unserve(p.ctx, act, p.live(o, ticket.Waiting, ticket.Parked)))
	case 2:
		yes, needs := p.flip(), p.needs()
		r := hall.ChangeRequest{Priority: &yes, Needs: &needs}
		if p.flip() {
			s := p.service(o)
			r.Service = &s
		}
		p.ticket(p.ChangeTicket(p.ctx, act, p.live(o, ticket.Waiting), r))
	case 3:
		l, err := p.LeaseNumbers(p.ctx, kioskAct, o.ID, o.ID+"-"+p.pick("card", "deeds"), o.Day(p.house.Now()).Add(p.n(1)))
		if p.may(err) {
			p.audited.leases = append(p.audited.leases, l)
		}
	case 4:
		if len(p.leases) == 0 {
			return
		}
		l := p.leases[p.n(len(p.leases)-1)]
		p.issued(p.Admit(p.ctx, kioskAct, hall.AdmitRequest{Lease: l.ID, N: l.From + p.n(5),
			Arrival: p.house.Now().Add(-time.Duration(p.n(30)) * time.Minute), Priority: p.flip(), Needs: p.needs()}))
	}
}

// manager is what managers and jobs do.
func (p program) manager(o *office.Office) {
	act := hall.Act{Actor: "clerk:manager"}
	s, err := p.Read(p.ctx).State(o.ID)
	p.may(err)
	what := p.n(9)
	if s.Paused() && what < 8 {
		what = 1
	}
	switch what {
	case 0:
		_, err := p.PauseHall(p.ctx, act, o.ID, "fire_alarm")
		p.may(err)
	case 1, 2:
		_, err = p.ResumeHall(p.ctx, act, o.ID)
		p.may(err)
	case 3:
		from := p.slotTime()
		r := hall.CloseRequestOffice{Office: o.ID, From: from, To: from.Add(time.Duration(1+p.n(20)) * 5 * time.Minute), Reason: "typhoon"}
		if p.flip() {
			r.Queue = o.ID + "-card"
		}
		_, err := p.CloseOffice(p.ctx, act, r)
		p.may(err)
	case 6, 7, 8:
		_, err := p.Tick(p.ctx)
		p.may(err)
	case 9:
		p.may(p.TurnDay(p.ctx, o.ID))
	}
}

func (p program) time() {
	switch n := p.n(99); {
	case n < 50:
		p.pass(time.Duration(1+p.n(30)) * time.Second)
	case n < 85:
		p.pass(time.Duration(60+p.n(120)) * time.Second)
	case n < 94:
		p.pass(time.Duration(5+p.n(30)) * time.Minute)
	case n < 97: // the house may run faster than the machine
		p.house.Advance(time.Duration(p.n(20)) * time.Minute)
	case n < 98: // to the next midnight, nearly
		o := p.office()
		if to := o.Day(p.house.Now()).Add(1).Time(0, o.Location()).Add(-5 * time.Second); to.After(p.house.Now()) {
			p.pass(to.Sub(p.house.Now()))
		}
	case n < 99 && p.flip():
		p.pass(time.Duration(p.n(30)) * time.Hour)
	}
}
