package kiosk

import (
	"testing"
	"time"

	"vez/booking"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

const (
	h   = time.Hour
	day = office.Day("2026-11-24")
	id  = "0193a6a5-7c11-7b3e-9f00-0242ac120002"
)

func catalogue(t testing.TB) *office.Catalogue {
	t.Helper()
	c := &office.Catalogue{}
	for _, name := range []string{"here", "there"} {
		loc, err := time.LoadLocation("Asia/Macau")
		if err != nil {
			t.Fatal(err)
		}
		o := &office.Office{ID: name, Name: office.Text{EN: name}, Address: office.Text{EN: name + " street"}, TimeZone: "Asia/Macau"}
		o.WithLocation(loc)
		for d := range o.Hours {
			o.Hours[d] = []office.Span{{From: 9 * h, To: 18 * h}}
		}
		c.Offices = append(c.Offices, o)
		c.Queues = append(c.Queues, &office.Queue{ID: name + "-a", Office: name, Counters: 3, Rules: office.DefaultRules(), Services: []string{"card"}})
	}
	c.Services = []*office.Service{{ID: "card", Minutes: 15, Queues: []string{"here-a", "there-a"}, Rules: office.DefaultServiceRules()}}
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	return c
}

func at(c *office.Catalogue, clock string) Here {
	o := c.Office("here")
	now, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+clock, o.Location())
	if err != nil {
		panic(err)
	}
	return Here{Now: now, Catalogue: c, Office: o}
}

// claim is a booking here for 14:00, as the ledger has it.
func claim(c *office.Catalogue, state booking.State) Claim {
	start := at(c, "14:00").Now.UTC()
	return OfBooking(booking.Booking{ID: id, Office: "here", Queue: "here-a", Service: "card", Day: day, State: state, Start: start, End: start.Add(15 * time.Minute), Ticket: "t1"}, "A047")
}

func TestEveryScanIsAnswered(t *testing.T) {
	for _, c := range []struct {
		name, clock string
		change      func(*Claim, *Here)
		want        fault.Code
		params      map[string]any
	}{
		{name: "in time", clock: "13:50"},
		{name: "hours early, for the hall is open", clock: "09:00"},
		{name: "a little late", clock: "14:10"},
		{name: "late but not refused", clock: "14:30"},
		{name: "before the hall opens", clock: "08:40", want: fault.Early, params: map[string]any{"start": "14:00", "from": "09:00", "minutes": 20}},
		{name: "before the queue's rule", clock: "13:00", want: fault.Early, params: map[string]any{"from": "13:30", "minutes": 30},
			change: func(_ *Claim, w *Here) { w.Catalogue.Queue("here-a").Rules.EarlyRefused = 30 * time.Minute }},
		{name: "from the queue's rule on", clock: "13:30",
			change: func(_ *Claim, w *Here) { w.Catalogue.Queue("here-a").Rules.EarlyRefused = 30 * time.Minute }},
		{name: "a queue that opens before the hall", clock: "08:10", change: func(_ *Claim, w *Here) {
			w.Catalogue.Queue("here-a").Hours = &office.Week{time.Tuesday: {{From: 8 * h, To: 20 * h}}}
		}},
		{name: "a morning closed by a typhoon", clock: "10:00", want: fault.Early, params: map[string]any{"from": "12:00"}, change: func(_ *Claim, w *Here) {
			w.Closures = []office.Closure{{From: w.Now.Add(-3 * h), To: w.Now.Add(2 * h)}}
		}},
		{name: "too late", clock: "14:31", want: fault.Late, params: map[string]any{"start": "14:00", "minutes": 31}},
		{name: "too late for this service", clock: "14:16", want: fault.Late,
			change: func(_ *Claim, w *Here) { w.Catalogue.Service("card").Rules.LateRefused = 15 * time.Minute }},
		{name: "late on a set date", clock: "14:11", want: fault.Late,
			change: func(_ *Claim, w *Here) { w.Catalogue.Service("card").Rules.SetDate = true }},
		{name: "late while the hall is later", clock: "14:40", change: func(_ *Claim, w *Here) { w.HallLateBy = 40 * time.Minute }},
		{name: "late while no kiosk worked", clock: "14:40", change: func(_ *Claim, w *Here) { w.KioskDownFor = 10 * time.Minute }},
		{name: "the wrong office", clock: "13:50", want: fault.WrongOffice, params: map[string]any{"office_id": "there", "office": "there", "address": "there street", "start": "14:00"},
			change: func(c *Claim, _ *Here) { c.Office, c.Queue = "there", "there-a" }},
		{name: "the wrong day", clock: "13:50", want: fault.WrongDay, params: map[string]any{"date": "14:00"},
			change: func(c *Claim, _ *Here) { c.Day, c.Start = "2026-11-26", c.Start.AddDate(0, 0, 2) }},
		{name: "a past day", clock: "13:50", want: fault.WrongDay,
			change: func(c *Claim, _ *Here) { c.Day, c.Standing = "2026-11-23", Passed }},
		{name: "an office that is no more", clock: "13:50", want: fault.Unknown, change: func(c *Claim, _ *Here) { c.Office = "gone" }},
		{name: "a pass", clock: "16:00", change: func(c *Claim, _ *Here) { c.Kind, c.Start = booking.PassCode, c.Start.AddDate(0, 0, 3) }},
		{name: "a pass that ran out", clock: "16:00", want: fault.PassExpired, params: map[string]any{"until": "14:00"},
			change: func(c *Claim, _ *Here) { c.Kind = booking.PassCode }},
		{name: "a pass for another office", clock: "13:00", want: fault.WrongOffice,
			change: func(c *Claim, _ *Here) { c.Kind, c.Office, c.Queue = booking.PassCode, "there", "there-a" }},
		{name: "a ticket from afar", clock: "17:00", change: func(c *Claim, _ *Here) { c.Kind = booking.RemoteCode }},
		{name: "yesterday's ticket from afar", clock: "17:00", want: fault.WrongDay, params: map[string]any{"date": "00:00"},
			change: func(c *Claim, _ *Here) { c.Kind, c.Day = booking.RemoteCode, "2026-11-23" }},
		{name: "a ticket from afar that expired", clock: "17:00", want: fault.Late,
			change: func(c *Claim, _ *Here) { c.Kind, c.Standing = booking.RemoteCode, Passed }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cat := catalogue(t)
			it, where := claim(cat, booking.Confirmed), at(cat, c.clock)
			if c.change != nil {
				c.change(&it, &where)
			}
			a := Judge(it, where)
			if got := fault.CodeOf(a.Err()); got != c.want || a.Go() != (c.want == "") {
				t.Fatalf("got %v, want %q", a.Err(), c.want)
			}
			for name, want := range c.params {
				if got := shown(a.Fault.Params[name]); got != want {
					t.Errorf("%s is %v, want %v", name, got, want)
				}
			}
		})
	}
}

// shown writes a param as a page would: times in their own zone, names in English.
func shown(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format("15:04")
	case map[string]string:
		return v["en"]
	}
	return v
}

func TestWhatBecameOfABookingDecidesFirst(t *testing.T) {
	cat := catalogue(t)
	for state, want := range map[booking.State]fault.Code{
		booking.Confirmed: "", booking.Cancelled: fault.Cancelled, booking.Displaced: fault.Cancelled,
		booking.CheckedIn: fault.Used, booking.Fulfilled: fault.Used, booking.Unserved: fault.Used,
		booking.Held: fault.Unknown, booking.Lapsed: fault.Unknown, booking.None: fault.Unknown, booking.Missed: fault.Late,
	} {
		a := Judge(claim(cat, state), at(cat, "14:00"))
		if got := fault.CodeOf(a.Err()); got != want {
			t.Errorf("%q: %v, want %q", state, a.Err(), want)
		}
		if want == fault.Used && (a.Fault.Params["number"] != "A047" || a.Fault.Params["ticket"] != "t1") {
			t.Errorf("%q: the same ticket can be printed again: %v", state, a.Err())
		}
	}
}

func TestLateIsBehindThePunctual(t *testing.T) {
	cat := catalogue(t)
	for clock, want := range map[string]bool{"13:00": false, "14:10": false, "14:11": true, "14:30": true} {
		a := Judge(claim(cat, booking.Confirmed), at(cat, clock))
		if !a.Go() || a.Behind != want {
			t.Errorf("%s: %+v", clock, a)
		}
	}
	if a := Judge(claim(cat, booking.Confirmed), at(cat, "14:07")); a.LateBy != 7*time.Minute {
		t.Errorf("late by %v", a.LateBy)
	}
}

// The answer about lateness must be the one that the order of the line then follows.
func TestTheKioskAndTheLineAgreeOnLateness(t *testing.T) {
	cat := catalogue(t)
	q := cat.Queue("here-a")
	for m := range 60 {
		for _, hall := range []time.Duration{0, 19 * time.Minute, 45 * time.Minute} {
			for _, down := range []time.Duration{0, 12 * time.Minute} {
				where := at(cat, "14:00")
				where.Now, where.HallLateBy, where.KioskDownFor = where.Now.Add(time.Duration(m)*time.Minute), hall, down
				it := claim(cat, booking.Confirmed)
				a := Judge(it, where)
				behind, refused := booking.Lateness(cat.Service("card"), q, day)
				p, err := ticket.Join(ticket.Joining{Arrival: where.Now, Class: ticket.Booked, Start: it.Start, Rules: q.Rules,
					LateBehind: behind, LateRefused: refused, HallLateBy: hall, KioskDownFor: down})
				if fault.CodeOf(err) != fault.CodeOf(a.Err()) || err == nil && (p.Class == ticket.Late) != a.Behind {
					t.Fatalf("%d minutes late, hall %v, down %v: %+v, but %+v, %v", m, hall, down, a, p, err)
				}
			}
		}
	}
}

func TestACodeAloneIsEnoughWhenCutOff(t *testing.T) {
	cat := catalogue(t)
	b := booking.Booking{ID: id, Office: "here", Queue: "here-a", Start: at(cat, "14:00").Now.UTC()}
	code, err := booking.CodeOf(b)
	if err != nil {
		t.Fatal(err)
	}
	it := OfCode(code, cat)
	if it.ID != id || it.Office != "here" || it.Queue != "here-a" || it.Day != day || !it.Start.Equal(b.Start) {
		t.Fatalf("%+v", it)
	}
	for clock, want := range map[string]fault.Code{"13:50": "", "08:00": fault.Early, "15:00": fault.Late} {
		if got := fault.CodeOf(Judge(it, at(cat, clock)).Err()); got != want {
			t.Errorf("%s: %q, want %q", clock, got, want)
		}
	}
	code.Office = booking.ShortHash("elsewhere")
	if a := Judge(OfCode(code, cat), at(cat, "14:00")); fault.CodeOf(a.Err()) != fault.Unknown {
		t.Errorf("an unknown office: %v", a.Err())
	}
	code.Office, code.Queue = booking.ShortHash("here"), booking.ShortHash("there-a")
	if a := Judge(OfCode(code, cat), at(cat, "14:00")); fault.CodeOf(a.Err()) != fault.Unknown {
		t.Errorf("a queue of another office: %v", a.Err())
	}
}

func TestATicketFromAfarIsActivatedOnce(t *testing.T) {
	cat := catalogue(t)
	for state, want := range map[ticket.State]fault.Code{
		ticket.Remote: "", ticket.Waiting: fault.Used, ticket.Called: fault.Used, ticket.Done: fault.Used, ticket.Missed: fault.Used,
		ticket.Cancelled: fault.Cancelled, ticket.Expired: fault.Late, ticket.None: fault.Unknown,
	} {
		it := OfTicket(ticket.Ticket{ID: "t1", Office: "here", Queue: "here-a", Day: day, Number: "A005", State: state, Arrival: at(cat, "11:00").Now})
		a := Judge(it, at(cat, "12:00"))
		if got := fault.CodeOf(a.Err()); got != want {
			t.Errorf("%q: %v, want %q", state, a.Err(), want)
		}
	}
}
