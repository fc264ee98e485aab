package admin

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/hall"
	"vez/hall/halltest"
	"vez/locale"
	"vez/printer"
	"vez/reminder"
)

const remindersPath = "/admin/offices/" + hallID + "/reminders"

const day = 24 * time.Hour

// booked makes a booking of a service for tomorrow at a time.
func (h *house) booked(holder, service string, at string) booking.Booking {
	h.t.Helper()
	b, err := h.Book(context.Background(), hall.Act{Actor: "citizen:" + holder}, hall.BookRequest{Holder: "citizen:" + holder, Office: hallID,
		Service: service, Start: halltest.At(at).AddDate(0, 0, 1)})
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

func TestRemindersAreCountedByDayWayAndState(t *testing.T) {
	h := newHouse(t, withPaper)
	x, y := h.booked("x", renewal, "10:00"), h.booked("y", renewal, "10:15")
	h.remind(x.ID, x.Start, day, event.ChannelMemo, event.RemindSent, "2026-11-24", "")
	h.remind(x.ID, x.Start, day, event.ChannelMail, event.RemindUnknown, "2026-11-24", reminder.NoAnswer)
	h.remind(y.ID, y.Start, day, event.ChannelMail, event.RemindFailed, "2026-11-24", "mail_refused")
	h.remind(y.ID, y.Start, 2*time.Hour, event.ChannelMemo, event.RemindPlanned, "2026-11-25", "")
	a := h.browser(boss).get(remindersPath).says("1 sent", "1 unknown", "1 failed", "What “unknown” means", "3 reminders",
		x.Reference, y.Reference, "1 day before", "the mail server did not answer", "the mail server refused it", "today").
		unsaid("citizen:x", "citizen:y")
	if text := a.text(); strings.Index(text, y.Reference) > strings.LastIndex(text, x.Reference) {
		t.Error("what failed does not come first")
	}
	b := h.browser(boss)
	b.get(remindersPath+query("day", "2026-11-25")).says("1 reminder", "2 hours before", "to come").unsaid(x.Reference)
	b.get(remindersPath+query("day", "2026-11-24", "state", "failed")).says("1 reminder", y.Reference)
	b.get(remindersPath + query("day", "2026-11-23")).says("No reminders here")
	b.get(remindersPath + query("day", "yesterday", "state", "x", "page", "-3")).says("3 reminders")
}

func TestADiscreetServiceIsNamedToNobody(t *testing.T) {
	h := newHouse(t, withPaper)
	var service, queue string
	for _, s := range h.Catalogue().Services {
		for _, q := range s.Queues {
			if h.Catalogue().Queue(q).Office == hallID && s.RulesAt(q, "2026-11-25").Discreet {
				service, queue = s.ID, q
			}
		}
	}
	if service == "" {
		t.Fatal("no discreet service here")
	}
	start := halltest.At("11:00").AddDate(0, 0, 1)
	p := place{office: h.Catalogue().Office(hallID), cat: h.Catalogue()}
	r := event.Reminder{ReminderKey: event.ReminderKey{Start: start, Before: day}}
	if row := p.row(r, booking.Booking{Service: service, Queue: queue, Day: "2026-11-25"}); !row.Discreet || row.Service != nil {
		t.Errorf("%+v", row)
	}
	if row := p.row(r, booking.Booking{Service: renewal, Queue: "dsi-main-card", Day: "2026-11-25"}); row.Discreet || row.Service["en"] == "" {
		t.Errorf("%+v", row)
	}
}

func TestManyRemindersArePaged(t *testing.T) {
	h := newHouse(t, withPaper)
	start := halltest.At("10:00").AddDate(0, 0, 3)
	for n := range rowsShown + 7 {
		h.remind(fmt.Sprint("b", n), start, day, event.ChannelMemo, event.RemindPlanned, "2026-11-26", "")
	}
	b := h.browser(boss)
	at := remindersPath + query("day", "2026-11-26")
	b.get(at).says("57 reminders", "Page 1 of 2")
	if got := strings.Count(b.get(at+"&page=2").says("Page 2 of 2").text(), "1 day before"); got != 7 {
		t.Errorf("%d on the second page", got)
	}
}

func TestTheLettersOfADayArePrintedAgain(t *testing.T) {
	h := newHouse(t, withPaper)
	letters := h.printer("Letters", sheet)
	x := h.booked("x", renewal, "10:00")
	h.remind(x.ID, x.Start, day, event.ChannelPaper, event.RemindSent, "2026-11-24", "")
	ref := reminder.Ref(hallID, "2026-11-24")
	if _, err := h.AskPaper(context.Background(), hall.Act{Actor: "job:reminders"}, hall.PaperRequest{Office: hallID, Kind: "letters", Ref: ref}); err != nil {
		t.Fatal(err)
	}
	h.settled(ref, printer.KindLetters, printer.Printed)
	b := h.browser(boss)
	b.get(remindersPath).says("1 letter", "printed")
	b.submit(remindersPath, remindersPath+"/letters").says("1 letter is printed again")
	h.settled(ref, printer.KindLetters, printer.Printed)
	b.get(remindersPath).says("copy 1")
	if out := h.works.Machine(letters.Address).Out(); len(out) != 3 { // its page, and the letters twice
		t.Errorf("%d papers", len(out))
	}
	auditor := h.browser("auditor|otto")
	if _, ok := auditor.get(remindersPath).says("1 letter").form(remindersPath + "/letters"); ok {
		t.Error("an auditor is offered to print letters")
	}
}

func TestEveryPageOfAnOfficeSpeaksFourLanguages(t *testing.T) {
	h := newHouse(t, withPaper)
	x := h.printer("Roll", roll, "dsi-main-1")
	y := h.booked("y", renewal, "10:00")
	for i, s := range states {
		h.remind(y.ID, y.Start, time.Duration(i+1)*time.Hour, event.ChannelMail, s, "2026-11-24", "")
	}
	h.remind(y.ID, y.Start, day, event.ChannelPaper, event.RemindSent, "2026-11-24", "")
	if err := h.app.CheckPages(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/printers", "/printers/" + x.ID, "/printers/" + x.ID + "/remove", "/papers", "/reminders"} {
		seen := map[string]string{}
		b := h.browser(boss)
		for _, lang := range locale.Languages {
			b.lang = lang
			a := b.get(pathOf(hallID) + path).says().unsaid("⟦")
			if was, twice := seen[a.text()]; twice {
				t.Errorf("%s is the same in %s and %s", path, lang, was)
			}
			seen[a.text()] = lang
		}
	}
}
