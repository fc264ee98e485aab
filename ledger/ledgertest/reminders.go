package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/ledger"
	"vez/office"
)

// key is the cause a day before the start of a booking that book has made.
func key(id string, c event.Channel) event.ReminderKey {
	return event.ReminderKey{Booking: id, Start: start.Add(30 * time.Hour), Before: 24 * time.Hour, Channel: c}
}

func reminder(id string, c event.Channel, s event.Remind) event.Reminder {
	return event.Reminder{ReminderKey: key(id, c), State: s, Due: start.Add(6 * time.Hour), Office: "dsi", Day: today, At: start}
}

// later are bookings that start 30 hours from now.
func later(b *booking.Booking) { b.Start, b.Day = start.Add(30*time.Hour), "2026-11-25" }

func (w *world) booked(ids ...string) {
	w.t.Helper()
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		for _, id := range ids {
			if err := book(tx, "dsi", id, "holder-"+id, later); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) planned(rs ...event.Reminder) {
	w.t.Helper()
	if err := w.PlanReminders(w.ctx, rs); err != nil {
		w.t.Fatal(err)
	}
}

// states gives the states of a booking's reminders with their reasons.
func (w *world) states(id string) (out []string) {
	w.t.Helper()
	rs, err := w.RemindersOf(w.ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rs {
		out = append(out, fmt.Sprintf("%s %s %s", r.Channel, r.State, r.Reason))
	}
	return out
}

func (w *world) stands(when, id string, want ...string) {
	w.t.Helper()
	if got := w.states(id); !slices.Equal(got, want) {
		w.t.Errorf("%s: %q, not %q", when, got, want)
	}
}

func remindable(t *testing.T, w *world) {
	agreed := w.house.Now()
	w.booked("b1", "b2", "b3")
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		return errors.Join(
			book(tx, "dsi", "held", "h", later, func(b *booking.Booking) { b.State, b.HeldUntil = booking.Held, start.Add(time.Minute) }),
			book(tx, "dsi", "past", "h", func(b *booking.Booking) { b.Start = start.Add(-time.Hour) }),
			book(tx, "dsi", "bearer", "", later, func(b *booking.Booking) { b.Start = b.Start.Add(time.Minute) }),
			tx.Put(event.Record{Kind: event.ContactKind, ID: "holder-b2", Owner: "holder-b2", Data: []byte("sealed"), Expires: w.machine.Now().Add(time.Hour)}))
	})
	w.house.Advance(time.Minute)
	list := func(rs []event.Remindable, err error) (ids []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rs {
			ids = append(ids, fmt.Sprint(r.Booking.ID, r.Held, r.Contact, r.Before))
			if !r.Agreed.Equal(agreed) {
				t.Errorf("%s stands since %v", r.Booking.ID, r.Agreed)
			}
		}
		return ids
	}
	for _, c := range []struct {
		what string
		got  []string
		want []string
	}{
		{"new", list(w.NewRemindable(w.ctx, start, start.Add(100*time.Hour), 9)),
			[]string{"b1true false 0s", "b2true true 0s", "b3true false 0s", "bearerfalse false 0s"}},
		{"at most two", list(w.NewRemindable(w.ctx, start, start.Add(100*time.Hour), 2)), []string{"b1true false 0s", "b2true true 0s"}},
		{"too far", list(w.NewRemindable(w.ctx, start, start.Add(29*time.Hour), 9)), nil},
		{"after b2", list(w.AllRemindable(w.ctx, start.Add(30*time.Hour), "b2", start.Add(100*time.Hour), 9)), []string{"b3true false 0s", "bearerfalse false 0s"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q", c.what, c.got)
		}
	}
	w.planned(reminder("b1", event.ChannelMemo, event.RemindPlanned))
	if got := list(w.NewRemindable(w.ctx, start, start.Add(100*time.Hour), 9)); len(got) != 3 {
		t.Errorf("planned ones are new: %q", got)
	}
	if got := list(w.DueRemindable(w.ctx, start.Add(5*time.Hour), 9)); got != nil {
		t.Errorf("due too early: %q", got)
	}
	if got := list(w.DueRemindable(w.ctx, start.Add(6*time.Hour), 9)); !slices.Equal(got, []string{"b1true false 24h0m0s"}) {
		t.Errorf("due: %q", got)
	}
	w.machine.Advance(time.Hour)
	if got := list(w.NewRemindable(w.ctx, start, start.Add(30*time.Hour), 9)); !slices.Equal(got, []string{"b2true false 0s", "b3true false 0s"}) {
		t.Errorf("an address that expired counts: %q", got)
	}
}

func plansOnce(t *testing.T, w *world) {
	w.booked("b1")
	memo, mail := event.ChannelMemo, event.ChannelMail
	w.planned(reminder("b1", memo, event.RemindPlanned))
	w.planned(reminder("b1", memo, event.RemindPlanned))
	w.stands("planned", "b1", "memo planned ")
	w.planned(reminder("b1", memo, event.RemindSent), reminder("b1", mail, event.RemindQueued))
	w.stands("due", "b1", "mail queued ", "memo sent ")
	for _, s := range []event.Remind{event.RemindPlanned, event.RemindSkipped, event.RemindSent} {
		w.planned(reminder("b1", memo, s))
	}
	if got, err := w.ClaimReminder(w.ctx, key("b1", mail), "hub", start); !got || err != nil {
		t.Fatalf("claim: %v %v", got, err)
	}
	for _, s := range []event.Remind{event.RemindQueued, event.RemindSkipped} {
		w.planned(reminder("b1", mail, s))
	}
	w.stands("planned again", "b1", "mail sending ", "memo sent ")
}

func claimsOnce(t *testing.T, w *world) {
	other := w.hub()
	w.booked("b1", "b2", "b3")
	for _, id := range []string{"b1", "b2", "b3"} {
		w.planned(reminder(id, event.ChannelMail, event.RemindQueued))
	}
	won := make([]bool, 16)
	errs := together(16, func(i int) (err error) {
		d := []*ledger.DB{w.DB, other}[i%2]
		won[i], err = d.ClaimReminder(w.ctx, key("b1", event.ChannelMail), fmt.Sprint("hub", i), start)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.DeleteFunc(won, func(b bool) bool { return !b })); n != 1 {
		t.Errorf("%d hubs send one mail", n)
	}
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		b, err := tx.Booking("b2")
		b.State = booking.Cancelled
		c, err2 := tx.Booking("b3")
		c.Start = c.Start.Add(time.Hour)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
		_, err = tx.Append(event.Draft{Office: "dsi", Kind: event.KindCancelled, Images: event.Images{Bookings: []booking.Booking{b, c}}})
		return err
	})
	for _, id := range []string{"b2", "b3"} {
		if got, err := w.ClaimReminder(w.ctx, key(id, event.ChannelMail), "hub", start); got || err != nil {
			t.Errorf("%s: %v %v", id, got, err)
		}
		w.stands("changed", id, "mail skipped changed")
	}
	if out, err := w.OutgoingReminders(w.ctx, event.ChannelMail, start, 9); err != nil || len(out) != 0 {
		t.Errorf("still queued: %v %v", out, err)
	}
}

func marksOwn(t *testing.T, w *world) {
	w.booked("b1")
	w.planned(reminder("b1", event.ChannelMail, event.RemindQueued))
	k := key("b1", event.ChannelMail)
	mark := func(m event.ReminderMark) {
		t.Helper()
		m.ReminderKey, m.At = k, start
		if err := w.MarkReminders(w.ctx, []event.ReminderMark{m}); err != nil {
			t.Fatal(err)
		}
	}
	mark(event.ReminderMark{From: event.RemindQueued, To: event.RemindQueued, Reason: "mail_away", Tries: 1, Next: w.machine.Now().Add(time.Minute)})
	if out, err := w.OutgoingReminders(w.ctx, event.ChannelMail, start, 9); err != nil || len(out) != 0 {
		t.Errorf("tried again at once: %v %v", out, err)
	}
	w.machine.Advance(time.Minute)
	out, err := w.OutgoingReminders(w.ctx, event.ChannelMail, start, 9)
	if err != nil || len(out) != 1 || out[0].Tries != 1 || out[0].Holder != "holder-b1" || out[0].Details.ID != "b1" || out[0].Contact != nil {
		t.Fatalf("outgoing: %+v %v", out, err)
	}
	mark(event.ReminderMark{From: event.RemindSending, To: event.RemindSent, Hub: "hub"})
	w.stands("sent before it was sending", "b1", "mail queued mail_away")
	if _, err := w.ClaimReminder(w.ctx, k, "hub", start); err != nil {
		t.Fatal(err)
	}
	mark(event.ReminderMark{From: event.RemindSending, To: event.RemindSent, Hub: "other"})
	mark(event.ReminderMark{From: event.RemindQueued, To: event.RemindFailed})
	w.stands("marked by others", "b1", "mail sending mail_away")
	if n, err := w.StrandedReminders(w.ctx, "hub", start); n != 0 || err != nil {
		t.Errorf("a living hub's own: %d %v", n, err)
	}
	if n, err := w.StrandedReminders(w.ctx, "other", start); n != 1 || err != nil {
		t.Errorf("a dead hub's: %d %v", n, err)
	}
	w.stands("stranded", "b1", "mail unknown hub_gone")
	mark(event.ReminderMark{From: event.RemindSending, To: event.RemindSent, Hub: "hub"})
	w.stands("not dead after all", "b1", "mail sent ")

	w.booked("b2", "b3")
	w.planned(reminder("b2", event.ChannelMail, event.RemindQueued), reminder("b3", event.ChannelMail, event.RemindQueued))
	for _, id := range []string{"b2", "b3"} {
		if got, err := w.ClaimReminder(w.ctx, key(id, event.ChannelMail), "hub", start,
			event.ReminderMark{ReminderKey: key("b2", event.ChannelMail), From: event.RemindSending, To: event.RemindSent, Hub: "hub", At: start}); !got || err != nil {
			t.Errorf("%s: %v %v", id, got, err)
		}
	}
	w.stands("settled with the next", "b2", "mail sent ")
	w.stands("the next", "b3", "mail sending ")
}

func forgetsContacts(t *testing.T, w *world) {
	put := func(kind, id string, expires time.Duration) {
		t.Helper()
		if err := w.Put(w.ctx, event.Record{Kind: kind, ID: id, Owner: id, Data: []byte("sealed"), Expires: w.machine.Now().Add(expires)}); err != nil {
			t.Fatal(err)
		}
	}
	put(event.ContactKind, "h1", time.Hour)
	put(event.ContactKind, "h2", 3*time.Hour)
	put("session", "s1", time.Hour)
	has := func(want bool) {
		t.Helper()
		if got, err := w.HasContacts(w.ctx); got != want || err != nil {
			t.Errorf("somebody has left an address: %v, %v", got, err)
		}
	}
	w.machine.Advance(2 * time.Hour)
	has(true)
	if n, err := w.SweepContacts(w.ctx); n != 1 || err != nil {
		t.Errorf("%d addresses were forgotten, %v", n, err)
	}
	db := w.place.SQL(t)
	var left int
	if err := db.QueryRow("SELECT count(*) FROM records WHERE id = 'h1'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows of a forgotten address are left, %v", left, err)
	}
	w.machine.Advance(2 * time.Hour)
	has(false)
}

func tidies(t *testing.T, w *world) {
	w.booked("b1", "b2", "b3")
	w.planned(reminder("b1", event.ChannelMail, event.RemindQueued), reminder("b2", event.ChannelMemo, event.RemindPlanned),
		reminder("gone", event.ChannelMail, event.RemindQueued), reminder("gone", event.ChannelMemo, event.RemindPlanned),
		reminder("b3", event.ChannelMail, event.RemindSent))
	if n, err := w.TidyReminders(w.ctx, start); n != 0 || err != nil {
		t.Errorf("%d were tidied, %v", n, err)
	}
	if n, err := w.TidyReminders(w.ctx, start.Add(6*time.Hour)); n != 1 || err != nil {
		t.Errorf("%d were tidied, %v", n, err)
	}
	w.stands("due", "gone", "mail queued ", "memo skipped changed")
	if n, err := w.TidyReminders(w.ctx, start.Add(30*time.Hour)); n != 3 || err != nil {
		t.Errorf("%d were tidied, %v", n, err)
	}
	w.stands("past", "b1", "mail skipped past")
	w.stands("past", "b2", "memo skipped past")
	w.stands("past", "b3", "mail sent ")
	if n, err := w.SweepReminders(w.ctx, start.Add(30*time.Hour)); n != 0 || err != nil {
		t.Errorf("%d were swept too early, %v", n, err)
	}
	if n, err := w.SweepReminders(w.ctx, start.Add(31*time.Hour)); n != 5 || err != nil {
		t.Errorf("%d were swept, %v", n, err)
	}
}

func batches(t *testing.T, w *world) {
	w.booked("b1", "b2", "b3", "b4")
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		return errors.Join(book(tx, "dsi", "bearer", "", later),
			book(tx, "dsi", "phone", "", later, func(b *booking.Booking) { b.Origin = booking.Reception }),
			tx.Put(event.Record{Kind: event.ContactKind, ID: "holder-b2", Owner: "holder-b2", Data: []byte("sealed")}))
	})
	skipped := reminder("b3", event.ChannelMemo, event.RemindSkipped)
	soon := reminder("b4", event.ChannelMemo, event.RemindPlanned)
	soon.Before = 2 * time.Hour
	w.planned(reminder("b1", event.ChannelMemo, event.RemindPlanned), reminder("b2", event.ChannelMemo, event.RemindPlanned), skipped, soon,
		reminder("bearer", event.ChannelMemo, event.RemindPlanned), reminder("phone", event.ChannelMemo, event.RemindSent))
	make := func(d *ledger.DB, day office.Day, until time.Duration) (ids []string) {
		t.Helper()
		rs, err := d.MakeBatch(w.ctx, "dsi", day, start.Add(until), 24*time.Hour, true, "hub", start)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rs {
			ids = append(ids, r.Booking)
			if r.Channel != event.ChannelPaper || r.Day != day {
				t.Errorf("letter %+v", r)
			}
		}
		return ids
	}
	if got := make(w.DB, today, time.Hour); got != nil {
		t.Errorf("letters that are not due: %q", got)
	}
	if got := make(w.DB, "2026-11-25", 24*time.Hour); got != nil {
		t.Errorf("letters on the day itself: %q", got)
	}
	for range 2 {
		if got := make(w.DB, today, 24*time.Hour); !slices.Equal(got, []string{"b1", "phone"}) {
			t.Errorf("letters %q", got)
		}
		w.planned(reminder("b3", event.ChannelMemo, event.RemindPlanned))
		w.do(event.Scope{}, func(tx *ledger.Tx) error { return tx.Delete(event.ContactKind, "holder-b2") })
	}
	if got := make(w.hub(), today, 24*time.Hour); !slices.Equal(got, []string{"b1", "phone"}) {
		t.Errorf("the batch has changed: %q", got)
	}
	if open, err := w.OpenBatches(w.ctx); err != nil || len(open) != 2 || open[0].Office != "dsi" {
		t.Errorf("open: %v %v", open, err)
	}
	if rs, err := w.BatchOf(w.ctx, "dsi", today); err != nil || len(rs) != 2 || rs[0].State != event.RemindSending {
		t.Errorf("batch: %v %v", rs, err)
	}
	if n, err := w.StrandedReminders(w.ctx, "other", start); n != 0 || err != nil {
		t.Errorf("letters were stranded: %d %v", n, err)
	}
}

func batchesWithoutMails(t *testing.T, w *world) {
	states := map[string]event.Remind{"queued": event.RemindQueued, "failed": event.RemindFailed, "skipped": event.RemindSkipped,
		"sending": event.RemindSending, "sent": event.RemindSent, "unknown": event.RemindUnknown, "none": ""}
	for id, state := range states {
		w.booked(id)
		w.planned(reminder(id, event.ChannelMemo, event.RemindSent))
		if state != "" {
			w.planned(reminder(id, event.ChannelMail, state))
		}
		w.do(event.Scope{}, func(tx *ledger.Tx) error {
			return tx.Put(event.Record{Kind: event.ContactKind, ID: "holder-" + id, Owner: "holder-" + id, Data: []byte("sealed")})
		})
	}
	for _, c := range []struct {
		mailed bool
		want   []string
	}{{true, nil}, {false, []string{"failed", "none", "queued", "skipped"}}} {
		rs, err := w.MakeBatch(w.ctx, "dsi", today, start.Add(24*time.Hour), 24*time.Hour, c.mailed, "hub", start)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rs {
			got = append(got, r.Booking)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("mailed %v: letters %q, not %q", c.mailed, got, c.want)
		}
	}
}

func board(t *testing.T, w *world) {
	w.booked("b1", "b2")
	old := reminder("b2", event.ChannelMail, event.RemindFailed)
	old.Day, old.Due = "2026-11-20", start.AddDate(0, 0, -4)
	none := reminder("b2", event.ChannelMemo, event.RemindSkipped)
	none.Before = 0
	w.planned(reminder("b1", event.ChannelMemo, event.RemindSent), reminder("b1", event.ChannelMail, event.RemindQueued), old, none)
	rs, err := w.RemindersOn(w.ctx, "dsi", "2026-11-20", today, 2)
	if err != nil || len(rs) != 2 || rs[0] != old {
		t.Errorf("on the days: %+v %v", rs, err)
	}
	counts, err := w.CountReminders(w.ctx, "dsi", "2026-11-21", today)
	if err != nil || fmt.Sprint(counts) != "map[mail:map[queued:1] memo:map[sent:1]]" {
		t.Errorf("counts: %v %v", counts, err)
	}
	many := []string{"b1"}
	for i := range 450 {
		many = append(many, fmt.Sprint("x", i))
	}
	if rs, err := w.RemindersOf(w.ctx, append(many, "b2")...); err != nil || len(rs) != 4 {
		t.Errorf("of many bookings: %v %v", rs, err)
	}
}
