package audit_test

import (
	"testing"
	"time"

	"vez/audit"
	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

func TestATrueHistoryRaisesNoAlarm(t *testing.T) { clean(t, found(aDay())) }

func TestI1CatchesALostTicket(t *testing.T) {
	s := aDay()
	i := s.at("ticket.unserve", 0)
	lost := s.events[i].Images.Tickets[0].ID
	s.drop(i)
	caught(t, found(s), audit.I1, lost)
}

func TestI1CatchesAMoveThatTheTableDoesNotHave(t *testing.T) {
	s := aDay()
	i := s.at("ticket.start", 0)
	s.events[i].Kind = event.TicketKind("finish")
	caught(t, found(s), audit.I1, s.events[i].Images.Tickets[0].ID)
}

func TestI1CatchesATicketThatNobodyMade(t *testing.T) {
	s := aDay()
	i := s.at("ticket.issue", 2)
	never := s.events[i].Images.Tickets[0].ID
	s.drop(i)
	for _, f := range found(s) {
		if f.Invariant == audit.I1 && f.Subject == never {
			return
		}
	}
	t.Error("a ticket is called that was never issued, and nothing is found")
}

func TestI1CatchesAnUndoThatRestoresSomethingElse(t *testing.T) {
	s := aDay()
	i := s.at("undo", 0)
	s.events[i].Images.Tickets[0].Due = s.events[i].Images.Tickets[0].Due.Add(-time.Hour)
	caught(t, found(s), audit.I1, s.events[i].Images.Tickets[0].ID)
}

func TestI1CatchesAnUndoOfWhatSomebodyElseHasMoved(t *testing.T) {
	s := aDay()
	i := s.at("undo", 0)
	s.events[i].Detail = []byte(`{"first":3,"last":4}`)
	caught(t, found(s), audit.I1, s.events[i].Images.Tickets[0].ID)
}

func TestI1CatchesADayThatGoesOnWithoutItsClose(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.pass(24 * time.Hour)
	s.counter("main", "main-1", "main-card")
	caught(t, found(s), audit.I1, "")
}

func TestI1CatchesABookingWhoseTicketHasEnded(t *testing.T) {
	s := aDay()
	for i := range s.events {
		e := &s.events[i]
		if e.Kind == "ticket.finish" && len(e.Images.Bookings) > 0 {
			e.Images.Bookings = nil
			caught(t, found(s), audit.I1, e.Images.Tickets[0].Booking)
			return
		}
	}
	t.Fatal("nobody booked was finished")
}

func TestI2CatchesADoubleCall(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card")
	s.counter("main", "main-2", "main-card")
	id := s.issue("main-card")
	waiting := s.tickets[id]
	s.next("main-1")
	s.move(waiting, ticket.Call, "main-2", "", nil, nil) // decided on what was read before the first call
	for _, f := range found(s) {
		if f.Invariant == audit.I2 && f.Subject == id {
			return
		}
	}
	t.Error("not found")
}

func TestI2CatchesAStartAtAnotherCounterThanTheCall(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card")
	s.counter("main", "main-2", "main-card")
	id := s.issue("main-card")
	s.next("main-1")
	s.do(id, ticket.Start, "main-2")
	caught(t, found(s), audit.I2, id)
}

func TestI2CatchesTwoTicketsAtOneCounter(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card")
	s.issue("main-card")
	s.pass(time.Second)
	s.issue("main-card")
	s.next("main-1")
	s.next("main-1")
	caught(t, found(s), audit.I2, "main-1")
}

func TestI2CatchesACounterThatDoesNotKnowItsTicket(t *testing.T) {
	s := aDay()
	i := s.at("ticket.start", 0)
	s.events[i].Images.Shifts[0].Ticket = ""
	caught(t, found(s), audit.I2, "main-1")
}

func TestI2CatchesACallToAClosedCounter(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.issue("main-card")
	s.shifts["main-1"] = counter.Shift{Counter: "main-1", Office: "main", Queues: []counter.Served{{Queue: "main-card"}}}
	s.next("main-1")
	caught(t, found(s), audit.I2, "main-1")
}

func TestI3CatchesAGap(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.issue("main-card")
	s.numbers["2026-11-24mainA"]++
	s.issue("main-card")
	caught(t, found(s), audit.I3, "2026-11-24/A/3")
}

func TestI3CatchesANumberGivenTwice(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.issue("main-card")
	s.numbers["2026-11-24mainA"]--
	s.issue("main-card")
	caught(t, found(s), audit.I3, "2026-11-24/A/1")
}

func TestI3CatchesANumberThatChanges(t *testing.T) {
	s := aDay()
	i := s.at("ticket.start", 0)
	s.events[i].Images.Tickets[0].Number = "A077"
	caught(t, found(s), audit.I3, s.events[i].Images.Tickets[0].ID)
}

func TestI3CatchesALeasedNumberThatIsNeitherGivenNorVoided(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.leased("main-card", 9001, 9005)
	i := len(s.events) - 1
	s.events[i].Images.Void = append(s.events[i].Images.Void[:2:2], s.events[i].Images.Void[3:]...)
	s.pass(24 * time.Hour)
	s.turn("main")
	caught(t, found(s), audit.I3, "2026-11-24/A/lease/9004")
}

func TestI3CatchesTwoKiosksWithOneNumber(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.leased("main-card", 9001, 9003)
	s.leased("main-card", 9001, 9003)
	i := s.at("ticket.admit", 1)
	s.events[i].Images.Tickets[0].Series = "A/other"
	s.events = s.events[:i+1]
	caught(t, found(s), audit.I3, "2026-11-24/A/other/9002")
}

func TestI3CatchesAVoidOfANumberThatSomebodyHolds(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.issue("main-card")
	s.tell("main", event.KindClosure, "", "", nil, event.Images{Void: []event.Void{{Day: "2026-11-24", Series: "A", N: 1}}})
	caught(t, found(s), audit.I3, "2026-11-24/A/1")
}

func TestI4CatchesAnOversoldCell(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.book("main-small", morning.Add(time.Hour), 30)
	clean(t, found(s))
	late := s.book("main-small", morning.Add(85*time.Minute), 30) // the last cell of the first
	caught(t, found(s), audit.I4, late)
}

func TestI4CatchesABookingOnShutCells(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.closures = []office.Closure{{ID: "c", From: morning.Add(time.Hour), To: morning.Add(2 * time.Hour)}}
	s.begin("main")
	s.book("main-small", morning.Add(30*time.Minute), 30)
	clean(t, found(s))
	b := s.book("main-small", morning.Add(time.Hour), 30)
	caught(t, found(s), audit.I4, b)
}

func TestI4LetsARunOutHoldGoAndCatchesItsReturn(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	start := morning.Add(time.Hour)
	held := booking.Booking{ID: "held", Office: "main", Queue: "main-small", Day: "2026-11-24", State: booking.Held, Start: start,
		End: start.Add(30 * time.Minute), HeldUntil: morning.Add(booking.HoldFor), Made: morning}
	s.tell("main", event.KindHeld, "", "", nil, event.Images{Bookings: []booking.Booking{held}})
	s.pass(booking.HoldFor)
	s.book("main-small", start, 30)
	clean(t, found(s))
	held.State, held.HeldUntil = booking.Confirmed, time.Time{}
	s.tell("main", event.KindConfirmed, "", "", nil, event.Images{Bookings: []booking.Booking{held}})
	caught(t, found(s), audit.I4, "held")
}

func TestI5CatchesACallOutOfOrder(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card")
	s.issue("main-card")
	s.pass(time.Minute)
	second := s.issue("main-card")
	s.do(second, ticket.Call, "main-1")
	caught(t, found(s), audit.I5, second)
}

func TestI5CatchesACallAgainstTheCountersList(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card", "main-small")
	early := s.issue("main-small")
	s.pass(time.Minute)
	s.issue("main-card")
	s.do(early, ticket.Call, "main-1")
	caught(t, found(s), audit.I5, early)
}

func TestI5CatchesACallOutOfTurnWithoutAReason(t *testing.T) {
	for reason, fine := range map[string]bool{"manager": true, "": false, "because": false} {
		s := newStory("Asia/Macau", morning, "main")
		s.begin("main")
		s.counter("main", "main-1", "main-card")
		s.issue("main-card")
		s.pass(time.Minute)
		second := s.issue("main-card")
		s.move(s.tickets[second], ticket.CallThis, "main-1", reason, nil, nil)
		if fine {
			clean(t, found(s))
		} else {
			caught(t, found(s), audit.I5, second)
		}
	}
}

func TestI5CatchesADueThatMovesByItself(t *testing.T) {
	s := aDay()
	i := s.at("ticket.start", 1)
	s.events[i].Images.Tickets[0].Due = s.events[i].Images.Tickets[0].Due.Add(-time.Minute)
	caught(t, found(s), audit.I5, s.events[i].Images.Tickets[0].ID)
}

func TestI5CatchesADueThatIsNotReckonedSo(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	id := s.issue("main-card", func(t *ticket.Ticket) { t.Due = t.Due.Add(-time.Minute) })
	caught(t, found(s), audit.I5, id)
}

// Promise 4, on its own: the due is forged so that the choice is right.
func TestI5CatchesAnOvertakingBeyondTheBound(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card")
	s.issue("main-card")
	s.pass(71 * time.Minute)
	late := s.issue("main-card", func(t *ticket.Ticket) { t.Due = t.Due.Add(-2 * time.Hour) })
	s.do(late, ticket.Call, "main-1")
	findings := found(s)
	if len(findings) != 2 || findings[1].Invariant != audit.I5 || findings[1].Subject != late {
		t.Errorf("want the forged due and the overtaking: %v", findings)
	}
}

func TestI5CatchesACallInAPausedHall(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.counter("main", "main-1", "main-card")
	id := s.issue("main-card")
	s.tell("main", event.KindPaused, "", "", nil, event.Images{Office: &office.State{Office: "main", Day: "2026-11-24", PausedAt: s.now}})
	s.next("main-1")
	caught(t, found(s), audit.I5, id)
}

func TestI6CatchesALostAcknowledgement(t *testing.T) {
	s := aDay()
	called := s.events[s.at("ticket.call", 0)].Images.Tickets[0]
	booked := s.events[s.at("booking.confirmed", 0)].Images.Bookings[0]
	clean(t, found(s, audit.AckTicket(called), audit.AckBooking(booked), audit.Ack{Office: "main", ID: called.ID}))
	elsewhere := audit.AckTicket(called)
	elsewhere.Counter = "main-3"
	caught(t, found(s, elsewhere), audit.I6, called.ID)
	later := audit.AckTicket(called)
	later.Seq = 1 << 40
	caught(t, found(s, later), audit.I6, called.ID)
	caught(t, found(s, audit.Ack{Office: "main", ID: "gone"}), audit.I1, "gone")
}

func TestI6KnowsWhatIsAcknowledgedAfterItWasFed(t *testing.T) {
	s := aDay()
	a := auditor(s)
	for _, e := range s.events[:s.at("ticket.start", 0)+1] {
		a.Feed(e)
	}
	called := audit.AckTicket(s.events[s.at("ticket.call", 0)].Images.Tickets[0])
	a.Acked(called)
	called.Counter = "main-9"
	a.Acked(called)
	a.Check(s.now)
	if f := a.Findings(); len(f) != 1 || f[0].Invariant != audit.I6 {
		t.Errorf("%v", f)
	}
	a.Acked(audit.Ack{Office: "main", ID: "to come"})
	a.Check(s.now)
	if len(a.Findings()) != 1 {
		t.Error("what may still come is told as lost")
	}
}

func TestI7CatchesATicketMadeTwice(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	id := s.issue("main-card")
	s.issue("main-card", func(t *ticket.Ticket) { t.ID, t.Visit = id, id })
	caught(t, found(s), audit.I7, id)
}

func TestI7CatchesABookingCheckedInTwice(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	b := s.book("main-card", morning.Add(time.Hour), 15)
	s.arrive(b)
	clean(t, found(s))
	s.arrive(b)
	caught(t, found(s), audit.I7, "")
}

func TestI7FoldingTwiceGivesTheSameHash(t *testing.T) {
	s := aDay()
	var hashes [][32]byte
	for _, remember := range []bool{false, true} {
		a := audit.New(audit.Config{Catalogue: s.cat, Remember: remember})
		for _, e := range s.events {
			a.Feed(e)
		}
		hashes = append(hashes, a.StateHash("main"))
	}
	if hashes[0] != hashes[1] {
		t.Error("two folds of the same events differ")
	}
	// The last image of a row is the row: of a ticket long ended, one that is live, a booking, a counter.
	for name, edit := range map[string]func(s *story){
		"ended":   func(s *story) { s.events[s.at("ticket.finish", 0)].Images.Tickets[0].Lang = "pt" },
		"live":    func(s *story) { s.events[s.at("ticket.call", 6)].Images.Tickets[0].Lang = "pt" },
		"booking": func(s *story) { s.events[s.at("booking.missed", 0)].Images.Bookings[0].Lang = "pt" },
		"counter": func(s *story) { s.events[s.at("ticket.call", 6)].Images.Shifts[0].Clerk = "clerk:x" },
		"void":    func(s *story) { s.events[s.at("office.closure", 0)].Images.Void[0].N = 9004 },
		"hall":    func(s *story) { s.events[s.at("office.closed_day", 0)].Images.Office.PauseReason = "x" },
	} {
		s := aDay()
		if name == "void" { // numbers are kept until their day is over
			s.events = s.events[:s.at("office.closure", 0)+1]
		}
		a := auditor(s)
		for _, e := range s.events {
			a.Feed(e)
		}
		edit(s)
		b := auditor(s)
		for _, e := range s.events {
			b.Feed(e)
		}
		if a.StateHash("main") == b.StateHash("main") {
			t.Errorf("%s: another row, and the same hash", name)
		}
	}
}

func TestI9CatchesADriftedProjection(t *testing.T) {
	s := aDay()
	s.events = s.events[:s.at("undo", 0)+1]
	// The other office's last events lie behind; only this one is compared.
	a := auditor(s)
	for _, e := range s.events {
		a.Feed(e)
	}
	s.now = morning.Add(2 * time.Hour)
	if d := a.Dump("main"); !a.Compare(d) || len(a.Findings()) != 0 {
		t.Fatalf("the events differ from themselves: %v", a.Findings())
	}
	drifts := map[string]func(*audit.Dump){
		"main-card":  func(d *audit.Dump) { l := d.Lines["main-card"]; l[0], l[1] = l[1], l[0] },
		"main-deeds": func(d *audit.Dump) { delete(d.Lines, "main-deeds") },
		"main-2":     func(d *audit.Dump) { d.Counters["main-2"] = "t1" },
	}
	for subject, drift := range drifts {
		a := auditor(s)
		for _, e := range s.events {
			a.Feed(e)
		}
		d := a.Dump("main")
		drift(&d)
		a.Compare(d)
		caught(t, a.Findings(), audit.I9, subject)
	}
	d := a.Dump("main")
	d.Cells["main-card"]["2026-11-24"][120]++
	a.Compare(d)
	caught(t, a.Findings(), audit.I9, "main-card")
	d.Seq++
	if a.Compare(d) {
		t.Error("a projection at another event was judged")
	}
}

func TestI10CatchesABrokenChain(t *testing.T) {
	for name, c := range map[string]struct {
		seq   int64
		spoil func([]audit.Row) []audit.Row
	}{
		"a byte of a payload":   {3, func(r []audit.Row) []audit.Row { r[2].Payload[20] ^= 1; return r }},
		"a salt":                {3, func(r []audit.Row) []audit.Row { r[2].Salt[0] ^= 1; return r }},
		"a hash":                {4, func(r []audit.Row) []audit.Row { r[3].Hash[0] ^= 1; return r }},
		"a time":                {5, func(r []audit.Row) []audit.Row { r[4].At = r[4].At.Add(time.Millisecond); return r }},
		"a row taken out":       {4, func(r []audit.Row) []audit.Row { return append(r[:2:2], r[3:]...) }},
		"the end cut off":       {9, func(r []audit.Row) []audit.Row { return r[:6] }},
		"a payload without its": {2, func(r []audit.Row) []audit.Row { r[1].Salt = nil; return r }},
	} {
		s := aDay()
		rows := chained(t, s.events)
		a := auditor(s)
		a.Anchor("main", 9, rows[8].Hash)
		for _, r := range c.spoil(rows) {
			a.FeedRow(r)
		}
		a.Close(s.now)
		ok := false
		for _, f := range a.Findings() {
			ok = ok || f.Invariant == audit.I10 && f.Seq == c.seq
		}
		if !ok {
			t.Errorf("%s: %v", name, a.Findings())
		}
	}
}

// chained makes rows of an office's events.
func chained(t *testing.T, events []event.Event) []audit.Row {
	t.Helper()
	var out []audit.Row
	var prev []byte
	for _, e := range events {
		if e.Office != "main" {
			continue
		}
		payload, err := event.Payload(e)
		if err != nil {
			t.Fatal(err)
		}
		salt := make([]byte, event.SaltSize)
		digest := event.Digest(salt, payload)
		prev = event.Link(prev, e.Office, e.Seq, e.At, digest)
		out = append(out, audit.Row{Office: e.Office, Seq: e.Seq, At: e.At, Digest: digest, Hash: prev, Salt: salt, Payload: payload})
	}
	return out
}

func TestI10CatchesEachErasedPayloadAndTheChainGoesOnOverIt(t *testing.T) {
	s := aDay()
	rows := chained(t, s.events)
	for upTo := range rows {
		a := auditor(s)
		for i, r := range rows {
			if i < upTo {
				r.Salt, r.Payload = nil, nil
			}
			a.FeedRow(r)
		}
		a.Close(s.now)
		var seqs []int64
		for _, f := range a.Findings() {
			if f.Invariant != audit.I10 || f.What != "its salt and payload are gone" {
				t.Errorf("%d events erased: %s", upTo, f)
			}
			seqs = append(seqs, f.Seq)
		}
		if len(seqs) != upTo || upTo > 0 && (seqs[0] != 1 || seqs[upTo-1] != int64(upTo)) {
			t.Errorf("%d events erased, found %v", upTo, seqs)
		}
	}
}

func TestAnAuditMayBeginAtASnapshot(t *testing.T) {
	s := aDay()
	for i := s.at("ticket.issue", 0); i < s.at("ticket.call", 3); i++ {
		a := auditor(s)
		a.Begin(snapshot(s, i))
		for _, e := range s.events[i:] {
			if e.Office == "main" {
				a.Feed(e)
			}
		}
		a.Close(s.now)
		clean(t, a.Findings())
	}
}

// snapshot is the main office before an event.
func snapshot(s *story, n int) event.Snapshot {
	var f event.Fold
	for _, e := range s.events[:n] {
		if e.Office == "main" {
			if err := f.Apply(e); err != nil {
				panic(err)
			}
		}
	}
	end := f.Ends["main"]
	out := event.Snapshot{Head: event.Head{Office: "main", Seq: end.Seq}, At: end.At, State: f.Offices["main"]}
	for _, t := range f.Tickets {
		out.Tickets = append(out.Tickets, t)
	}
	for _, b := range f.Bookings {
		out.Bookings = append(out.Bookings, b)
	}
	for _, sh := range f.Shifts {
		out.Shifts = append(out.Shifts, sh)
	}
	return out
}

func TestI10CatchesEventsThatAreMissingOrComeAgain(t *testing.T) {
	s := aDay()
	s.events = append(s.events[:4:4], s.events[5:]...)
	caught(t, found(s), audit.I10, "")
	s = aDay()
	s.events = append(s.events, s.events[len(s.events)-1])
	caught(t, found(s), audit.I10, "")
}

func TestI11CatchesTimeGoingBack(t *testing.T) {
	s := aDay()
	i := s.at("ticket.call", 1)
	s.events[i].At = s.events[i].At.Add(-3 * time.Hour)
	caught(t, found(s), audit.I11, "")
}

func TestI11CatchesATicketOnTwoDays(t *testing.T) {
	s := aDay()
	i := s.at("ticket.start", 0)
	s.events[i].Images.Tickets[0].Day = "2026-11-25"
	caught(t, found(s), audit.I11, s.events[i].Images.Tickets[0].ID)
}

func TestI11CatchesATicketOfAnotherDayThanItsArrival(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	id := s.issue("main-card", func(t *ticket.Ticket) { t.Day = "2026-11-25" })
	caught(t, found(s), audit.I11, id)
}

func TestI11CatchesABookingOnTheWrongDayOfItsZone(t *testing.T) {
	s := newStory("Asia/Macau", morning, "main")
	s.begin("main")
	s.book("main-card", morning.Add(20*time.Hour), 15) // 05:30 of the next day in Macao, and still the same day in UTC
	clean(t, found(s))
	s.events[1].Images.Bookings[0].Day = "2026-11-24"
	if s.events[1].Images.Bookings[0].Start.UTC().Format(time.DateOnly) != "2026-11-24" {
		t.Fatal("the days in UTC and in Macao should differ")
	}
	caught(t, found(s), audit.I11, "")
}

func TestI11CatchesANegativeWait(t *testing.T) {
	s := aDay()
	i := s.at("ticket.call", 0)
	s.events[i].Images.Tickets[0].CalledAt = s.events[i].Images.Tickets[0].Arrival.Add(-time.Second)
	caught(t, found(s), audit.I11, s.events[i].Images.Tickets[0].ID)
}

func TestI11CatchesAnEventOfTheFuture(t *testing.T) {
	s := aDay()
	s.now = s.now.Add(-time.Hour)
	caught(t, found(s), audit.I11, "")
}

func TestDaysOf23And25HoursRaiseNoAlarm(t *testing.T) {
	for name, eve := range map[string]time.Time{
		"back":    time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC),
		"forward": time.Date(2027, 3, 27, 20, 0, 0, 0, time.UTC),
	} {
		s := newStory("Europe/Lisbon", eve, "main")
		s.begin("main")
		for range 30 {
			if s.today("main") != s.day["main"] {
				s.turn("main")
			}
			s.issue("main-card")
			s.book("main-small", s.now.Add(24*time.Hour), 30)
			s.pass(time.Hour)
		}
		for _, f := range found(s) {
			t.Errorf("%s: %s", name, f)
		}
	}
}
