package reminder_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/reminder"
	"vez/reminder/remindertest"
)

var at = remindertest.At

func plan(t testing.TB, s *reminder.Service) {
	t.Helper()
	if err := s.Plan(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func stands(t *testing.T, w *remindertest.World, when, id string, want ...string) {
	t.Helper()
	if got := w.Stands(id); !slices.Equal(got, want) {
		t.Errorf("%s, %s stands as %q, not %q", when, id, got, want)
	}
}

// post is never dialled: its mails stay queued.
func post(t *testing.T) *reminder.Post {
	p, err := reminder.NewPost("smtp://127.0.0.1:1", "vez@example.org")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestABookingIsRemindedOfSevenDaysADayAndTwoHoursBefore(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-10 09:00"))
	s := w.Hub("hub1", post(t))
	w.Address("holder", remindertest.Email(1), "en")
	w.Book("b1", "holder", remindertest.Card, at("2026-11-25 10:00"))
	plan(t, s)
	stands(t, w, "booked", "b1", "168 memo planned", "24 memo planned", "2 memo planned")
	w.House.Advance(at("2026-11-18 10:00").Sub(w.House.Now()))
	plan(t, s)
	stands(t, w, "a week before", "b1", "168 mail queued", "168 memo sent", "24 memo planned", "2 memo planned")
	w.House.Advance(6 * 24 * time.Hour)
	plan(t, s)
	stands(t, w, "a day before", "b1", "168 mail skipped overtaken", "168 memo sent", "24 mail queued", "24 memo sent", "2 memo planned")
	w.House.Advance(22 * time.Hour)
	plan(t, s)
	stands(t, w, "two hours before", "b1",
		"168 mail skipped overtaken", "168 memo sent", "24 mail skipped overtaken", "24 memo sent", "2 mail queued", "2 memo sent")
	w.House.Advance(3 * time.Hour)
	plan(t, s)
	stands(t, w, "afterwards", "b1",
		"168 mail skipped overtaken", "168 memo sent", "24 mail skipped overtaken", "24 memo sent", "2 mail skipped past", "2 memo sent")
}

func TestWithoutAnAddressOrAMailServerTheMemoListReminds(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	w.Address("reachable", remindertest.Email(1), "en")
	w.Book("b1", "holder", remindertest.Card, at("2026-11-25 10:00"))
	w.Book("b2", "reachable", remindertest.Card, at("2026-11-25 10:00"))
	w.Book("bearer", "", remindertest.Card, at("2026-11-25 10:00"))
	w.House.Advance(time.Hour)
	plan(t, w.Hub("hub1", nil))
	for _, id := range []string{"b1", "b2"} {
		stands(t, w, "no mail", id, "168 memo skipped just_booked", "24 memo sent", "2 memo planned")
	}
	stands(t, w, "nobody's", "bearer", "168 memo skipped just_booked", "24 memo skipped bearer", "2 memo planned")
}

func TestWhoeverHasJustBookedOrChangedIsNotReminded(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-20 09:00"))
	s := w.Hub("hub1", post(t))
	w.Address("holder", remindertest.Email(1), "en")
	w.Book("b1", "holder", remindertest.Card, at("2026-11-27 12:00"))
	w.House.Advance(3 * time.Hour)
	plan(t, s)
	stands(t, w, "a week before", "b1", "168 mail queued", "168 memo sent", "24 memo planned", "2 memo planned")
	w.Change("b1", func(b *booking.Booking) { b.Start, b.Day = at("2026-11-21 11:00").UTC(), "2026-11-21" })
	plan(t, s)
	stands(t, w, "moved to tomorrow", "b1",
		"168 memo skipped just_booked", "24 memo skipped just_booked", "2 memo planned", // of the new start, which is nearer
		"168 mail queued", "168 memo sent", "24 memo planned", "2 memo planned")
	w.Change("b1", func(b *booking.Booking) { b.Start, b.Day = at("2026-11-27 12:00").UTC(), "2026-11-27" })
	plan(t, s)
	if got := w.Stands("b1")[3:]; !slices.Equal(got, []string{"168 mail queued", "168 memo sent", "24 memo planned", "2 memo planned"}) {
		t.Errorf("moved back: %q", got)
	}
}

func TestACancelledBookingIsNotRemindedOf(t *testing.T) {
	for _, state := range []booking.State{booking.Cancelled, booking.Displaced, booking.CheckedIn} {
		w := remindertest.NewWorld(t, at("2026-11-10 09:00"))
		s := w.Hub("hub1", post(t))
		w.Address("holder", remindertest.Email(1), "en")
		w.Book("b1", "holder", remindertest.Card, at("2026-11-25 10:00"))
		w.Book("b2", "holder", remindertest.Card, at("2026-11-25 11:00"), func(b *booking.Booking) { b.State = booking.Held })
		w.House.Advance(at("2026-11-18 10:00").Sub(w.House.Now()))
		plan(t, s)
		w.Change("b1", func(b *booking.Booking) { b.State = state })
		plan(t, s)
		w.House.Advance(6 * 24 * time.Hour)
		plan(t, s)
		stands(t, w, string(state), "b1", "168 mail queued", "168 memo sent", "24 memo skipped changed", "2 memo planned")
		stands(t, w, "held", "b2")
	}
}

func TestAServiceWithoutRulesRemindsOfNothingAndIsAskedOnce(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	s := w.Hub("hub1", nil)
	w.Book("b1", "holder", remindertest.Silent, at("2026-11-25 10:00"))
	plan(t, s)
	if found, err := w.NewRemindable(context.Background(), w.House.Now(), at("2026-12-25 10:00"), 9); err != nil || len(found) != 0 {
		t.Errorf("found again: %v %v", found, err)
	}
	if of, err := s.OfBookings(context.Background(), "b1"); err != nil || len(of) != 0 {
		t.Errorf("shown: %v %v", of, err)
	}
}

func TestANewLeaderKnowsTheRulesOfItsOwnCatalogue(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-10 09:00"))
	w.Book("b1", "holder", remindertest.Card, at("2026-11-25 10:00"))
	plan(t, w.Hub("hub1", nil))
	cat := remindertest.Catalogue()
	cat.Service(remindertest.Card).Rules.Remind = []time.Duration{48 * time.Hour, 2 * time.Hour}
	s := reminder.New(reminder.Config{Store: w.DB, Catalogue: cat, Contacts: w.Contacts, House: w.House, Machine: w.Machine, Hub: "hub2"})
	w.Watches(s)
	plan(t, s)
	stands(t, w, "the rules changed", "b1", "168 memo planned", "48 memo planned", "24 memo planned", "2 memo planned")
	for _, now := range []string{"2026-11-18 10:00", "2026-11-23 10:00", "2026-11-24 10:00"} {
		w.House.Advance(at(now).Sub(w.House.Now()))
		w.Machine.Advance(10 * time.Second)
		plan(t, s)
	}
	stands(t, w, "due", "b1", "168 memo skipped no_rule", "48 memo sent", "24 memo skipped no_rule", "2 memo planned")
}

func TestOneHubLeadsAndAnotherTakesOver(t *testing.T) {
	ctx := context.Background()
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	a, b := w.Hub("a", nil), w.Hub("b", nil)
	if !a.Leads(ctx) || b.Leads(ctx) {
		t.Fatal("not one leads")
	}
	for range 10 {
		w.Machine.Advance(4 * time.Second)
		if !a.Leads(ctx) || b.Leads(ctx) {
			t.Fatal("the lead was lost while it was asked for")
		}
	}
	w.Machine.Advance(16 * time.Second)
	if !b.Leads(ctx) || a.Leads(ctx) {
		t.Error("the lead of a silent hub was not taken over")
	}
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
	w.Machine.Advance(5 * time.Second)
	if !a.Leads(ctx) || b.Leads(ctx) {
		t.Error("the lead was not given up at the end")
	}
	w.Machine.Advance(-10 * time.Minute) // the clock is set right
	if !a.Leads(ctx) {
		t.Error("the leader lost the lead as the clock went back")
	}
}

// A hub that cannot mail would decide causes for good without their mails.
func TestAHubWithoutAMailServerLeavesTheLeadToOneThatHasIt(t *testing.T) {
	ctx := context.Background()
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	a, b, c := w.Hub("a", post(t)), w.Hub("b", nil), w.Hub("c", post(t))
	if !b.Leads(ctx) {
		t.Fatal("a hub without a mail server does not lead where none has one")
	}
	pass := func(d time.Duration) {
		w.Machine.Advance(d)
		for _, s := range []*reminder.Service{a, b, c} {
			s.Leads(ctx)
		}
	}
	for range 12 {
		pass(2 * time.Second)
	}
	if b.Leads(ctx) || a.Leads(ctx) == c.Leads(ctx) {
		t.Fatal("it kept the lead though others can mail")
	}
	if !a.Leads(ctx) {
		a, c = c, a
	}
	if err := a.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		pass(2 * time.Second)
	}
	if !c.Leads(ctx) || b.Leads(ctx) {
		t.Fatal("of two that can mail one is left, and it does not lead")
	}
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for range 60 { // long enough to start a hub anew
		pass(2 * time.Second)
		if b.Leads(ctx) {
			t.Fatal("it leads though the others may only be starting")
		}
	}
	for range 240 {
		pass(2 * time.Second)
	}
	if !b.Leads(ctx) {
		t.Error("nobody leads once those that can mail are gone for good")
	}
}

func TestTheLeadIsKeptAlsoWithoutAMailServer(t *testing.T) {
	ctx := context.Background()
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	a, b := w.Hub("a", nil), w.Hub("b", nil)
	for range 30 {
		if _, err := a.Send(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Send(ctx); err != nil || !a.Leads(ctx) || b.Leads(ctx) {
			t.Fatalf("the lead wanders: %v", err)
		}
		w.Machine.Advance(2 * time.Second)
	}
}

func TestTheBoardShowsCountsAndWhatFailedFirst(t *testing.T) {
	ctx := context.Background()
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	s := w.Hub("hub1", post(t))
	for i := range 3 {
		w.Address(fmt.Sprint("h", i), remindertest.Email(i), "en")
		w.Book(fmt.Sprint("b", i), fmt.Sprint("h", i), remindertest.Card, at("2026-11-25 10:00"))
	}
	w.House.Advance(time.Hour)
	plan(t, s)
	failed := event.ReminderKey{Booking: "b1", Start: at("2026-11-25 10:00"), Before: 24 * time.Hour, Channel: event.ChannelMail}
	if err := w.MarkReminders(ctx, []event.ReminderMark{{ReminderKey: failed, From: event.RemindQueued, To: event.RemindFailed, Reason: "mail_refused"}}); err != nil {
		t.Fatal(err)
	}
	sum, err := s.Board(ctx, remindertest.Office, "2026-11-24", "2026-11-24")
	if err != nil || fmt.Sprint(sum.Counts) != "map[mail:map[failed:1 queued:2] memo:map[sent:3]]" || len(sum.Rows) != 6 || sum.Rows[0].Booking != "b1" {
		t.Errorf("the board: %+v %v", sum, err)
	}
	if sum, err := s.Board(ctx, remindertest.Office, "2026-11-26", "2026-11-30"); err != nil || len(sum.Counts) != 0 || len(sum.Rows) != 0 {
		t.Errorf("other days: %+v %v", sum, err)
	}
}

// TestWhateverHappensNoCauseGoesTwice plans at two hubs while clocks jump,
// bookings move and leaders change, and looks that what was sent stays sent,
// and that no cause is sent of a start that the booking has not.
func TestWhateverHappensNoCauseGoesTwice(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-10 09:00"))
	hubs := []*reminder.Service{w.Hub("a", post(t)), w.Hub("b", post(t))}
	w.Address("holder", remindertest.Email(1), "en")
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		w.House.Advance(at("2026-11-10 09:00").Sub(w.House.Now()))
		id, start := fmt.Sprint("b", n), at("2026-11-25 10:00")
		w.Book(id, "holder", remindertest.Card, start)
		sent := map[event.ReminderKey]bool{}
		for range rapid.IntRange(1, 15).Draw(r, "steps") {
			switch rapid.IntRange(0, 4).Draw(r, "step") {
			case 0: // time goes on, or back
				w.House.Advance(time.Duration(rapid.IntRange(-2880, 6000).Draw(r, "minutes")) * time.Minute)
			case 1:
				w.Machine.Advance(time.Duration(rapid.IntRange(-30, 60).Draw(r, "seconds")) * time.Second)
			case 2:
				start = at("2026-11-25 10:00").Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "to")) * 26 * time.Hour)
				w.Change(id, func(b *booking.Booking) { b.Start, b.Day = start.UTC(), office.DayOf(start, remindertest.Macau) })
			default:
				hub := rapid.IntRange(0, 1).Draw(r, "hub")
				plan(t, hubs[hub])
			}
			rs, err := w.RemindersOf(context.Background(), id)
			if err != nil {
				r.Fatal(err)
			}
			now := map[event.ReminderKey]bool{}
			for _, x := range rs {
				went := x.State == event.RemindSent || x.State == event.RemindQueued || x.Channel == event.ChannelMail
				if now[x.ReminderKey] = went; went && !sent[x.ReminderKey] {
					if !x.Start.Equal(start) || !w.House.Now().Before(start) || w.House.Now().Before(x.Due) {
						r.Fatalf("%+v went at %v, the booking starts %v", x, w.House.Now(), start)
					}
					sent[x.ReminderKey] = true
				}
			}
			for k := range sent {
				if !now[k] {
					r.Fatalf("%+v went and is forgotten", k)
				}
			}
		}
	})
}
