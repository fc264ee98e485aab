package content_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/fault"
	"vez/locale"
	"vez/office"
	"vez/office/catalogue"
	"vez/printer"
	"vez/printer/content"
	"vez/ticket"
)

func macao(t testing.TB) *office.Catalogue {
	t.Helper()
	c, mistakes := catalogue.Load(os.DirFS("../../config/macao"))
	if c == nil {
		t.Fatal(mistakes)
	}
	return c
}

// now is 24 November 2026, 09:42 in Macao.
var now = time.Date(2026, 11, 24, 1, 42, 0, 0, time.UTC)

func aTicket(cat *office.Catalogue, service, queue string) ticket.Ticket {
	return ticket.Ticket{ID: "t", Office: cat.Queue(queue).Office, Queue: queue, Service: service, Day: "2026-11-24", Number: "A047",
		Class: ticket.WalkIn, Arrival: now}
}

func aBooking(cat *office.Catalogue, service, queue string) booking.Booking {
	start := now.Add(72 * time.Hour)
	return booking.Booking{ID: "b", Reference: "K7QM2F9D", Office: cat.Queue(queue).Office, Queue: queue, Service: service, Day: "2026-11-27",
		State: booking.Confirmed, Start: start, End: start.Add(15 * time.Minute), People: 2, Lang: "en"}
}

const (
	renewal = "dsi-bir-renewal"
	record  = "dsi-criminal-record" // discreet
)

func firstQueue(t testing.TB, cat *office.Catalogue, service string) string {
	t.Helper()
	s := cat.Service(service)
	if s == nil || len(s.Queues) == 0 {
		t.Fatalf("the catalogue has no %s", service)
	}
	return s.Queues[0]
}

func TestATicketSaysWhatTheHolderNeeds(t *testing.T) {
	cat := macao(t)
	queue := firstQueue(t, cat, renewal)
	tk := aTicket(cat, renewal, queue)
	tk.Lang, tk.Class, tk.Callable = "en", ticket.Late, now.Add(time.Hour)
	got, err := content.Ticket(cat, tk, content.TicketFacts{Link: "https://vez.example/t/abc", Ahead: 7, From: now.Add(time.Hour), To: now.Add(2 * time.Hour), Copy: 1})
	if err != nil {
		t.Fatal(err)
	}
	o, q, s := cat.Office(tk.Office), cat.Queue(queue), cat.Service(renewal)
	if got.Number != "A047" || !got.Booked || got.Ahead != 7 || got.Copy != 1 || got.Link != "HTTPS://VEZ.EXAMPLE/T/ABC" || got.Holder != "en" ||
		!slices.Equal(got.Languages, printer.Languages(o.Jurisdiction, "en")) || got.ReturnWithin != q.RulesOn(tk.Day).ReturnGrace {
		t.Errorf("%+v", got)
	}
	if got.Office["pt"] != o.Name.PT || got.Queue["en"] != q.Name.EN || got.Service["zh-Hant"] != s.Name.ZhHant || len(got.Bring) != len(s.Documents) {
		t.Errorf("names: %+v", got)
	}
	if got.Issued.Format("15:04 -0700") != "09:42 +0800" || got.From.Format("15:04") != "10:42" || got.NotBefore.Format("15:04") != "10:42" {
		t.Errorf("times: %v %v %v", got.Issued, got.From, got.NotBefore)
	}
	tk.From, tk.To, tk.Callable = now.Add(20*time.Minute), now.Add(30*time.Minute), now.Add(-time.Minute)
	if got, _ = content.Ticket(cat, tk, content.TicketFacts{Ahead: -1, From: now.Add(time.Hour), To: now.Add(2 * time.Hour)}); got.From.Format("15:04") != "10:02" {
		t.Errorf("what the holder was told is not printed: %v", got.From)
	}
	if !got.NotBefore.IsZero() || got.Link != "" {
		t.Errorf("not before %v, link %q", got.NotBefore, got.Link)
	}
}

func TestTheMarkIsOnEverybodyWhoCameWithABooking(t *testing.T) {
	cat := macao(t)
	for class, want := range map[ticket.Class]bool{ticket.WalkIn: false, ticket.Afar: false, ticket.Booked: true, ticket.Late: true, ticket.Pass: true} {
		tk := aTicket(cat, renewal, firstQueue(t, cat, renewal))
		tk.Class = class
		if got, err := content.Ticket(cat, tk, content.TicketFacts{}); err != nil || got.Booked != want {
			t.Errorf("%s: %v, %v", class, got.Booked, err)
		}
	}
}

func TestADiscreetServiceIsNamedOnNoPaper(t *testing.T) {
	cat := macao(t)
	seen := 0
	for _, s := range cat.Services {
		for _, queue := range s.Queues {
			if !s.RulesAt(queue, "2026-11-27").Discreet {
				continue
			}
			seen++
			tk, err := content.Ticket(cat, aTicket(cat, s.ID, queue), content.TicketFacts{})
			if err != nil {
				t.Fatal(err)
			}
			slip, err1 := content.Slip(cat, aBooking(cat, s.ID, queue), content.SlipFacts{}, now)
			r, err2 := content.Reminder(cat, aBooking(cat, s.ID, queue), content.SlipFacts{}, now)
			pass, err3 := content.Pass(cat, aTicket(cat, s.ID, queue), now, content.SlipFacts{}, now)
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(err1, err2, err3)
			}
			for paper, says := range map[string]string{"ticket": fmt.Sprint(tk), "slip": fmt.Sprint(slip), "reminder": fmt.Sprint(r), "pass": fmt.Sprint(pass)} {
				for lang, name := range s.Name.Names() {
					if strings.Contains(strings.ToLower(says), strings.ToLower(name)) {
						t.Errorf("%s of %s at %s names it in %s", paper, s.ID, queue, lang)
					}
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d discreet services", seen)
	}
}

// A queue that bears the name would give it away.
func TestADiscreetServiceIsNotNamedByItsQueue(t *testing.T) {
	cat := macao(t)
	queue := firstQueue(t, cat, record)
	cat.Queue(queue).Name = cat.Service(record).Name
	got, err := content.Ticket(cat, aTicket(cat, record, queue), content.TicketFacts{})
	if err != nil || !reflect.DeepEqual(got.Queue, printer.Text(cat.Department("dsi").Name.Names())) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Whoever asks for a marriage record has told what they come for.
func TestWhatToBringForADiscreetServiceStandsOnNoPaper(t *testing.T) {
	cat := macao(t)
	queue := firstQueue(t, cat, record)
	cat.Service(record).Documents = append(cat.Service(record).Documents, office.Text{EN: "Marriage record"})
	tk, b := aTicket(cat, record, queue), aBooking(cat, record, queue)
	ticket, err1 := content.Ticket(cat, tk, content.TicketFacts{})
	slip, err2 := content.Slip(cat, b, content.SlipFacts{}, now)
	r, err3 := content.Reminder(cat, b, content.SlipFacts{}, now)
	pass, err4 := content.Pass(cat, tk, now, content.SlipFacts{}, now)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	for paper, bring := range map[string][]printer.Text{"ticket": ticket.Bring, "slip": slip.Bring, "reminder": r.Bring, "pass": pass.Bring} {
		if len(bring) > 0 {
			t.Errorf("the %s says to bring %v", paper, bring)
		}
	}
}

func TestASlipTellsUntilWhenItCanBeChanged(t *testing.T) {
	cat := macao(t)
	queue := firstQueue(t, cat, renewal)
	cutoff := booking.Cutoff(cat.Service(renewal), cat.Office(cat.Queue(queue).Office), cat, now.Add(72*time.Hour))
	for name, c := range map[string]struct {
		state booking.State
		at    time.Time
		link  bool
		until bool
	}{
		"in time":             {booking.Confirmed, now, true, true},
		"too late":            {booking.Confirmed, cutoff.Add(time.Second), false, false},
		"displaced":           {booking.Displaced, cutoff.Add(time.Second), true, false},
		"already in the line": {booking.CheckedIn, now, false, false},
	} {
		b := aBooking(cat, renewal, queue)
		b.State = c.state
		s, err := content.Slip(cat, b, content.SlipFacts{Code: "C", Link: "https://vez.example/my"}, c.at)
		if err != nil || (s.Link != "") != c.link || s.ChangeUntil.IsZero() == c.until {
			t.Errorf("%s: link %q, until %v, %v", name, s.Link, s.ChangeUntil, err)
		}
		if c.until && !s.ChangeUntil.Equal(cutoff) {
			t.Errorf("%s: %v, want %v", name, s.ChangeUntil, cutoff)
		}
	}
}

func TestSlipPassAndReminderShareTheirWords(t *testing.T) {
	cat := macao(t)
	queue := firstQueue(t, cat, renewal)
	b := aBooking(cat, renewal, queue)
	f := content.SlipFacts{Code: "CODE", Link: "https://vez.example/my", Copy: 2}
	s, err := content.Slip(cat, b, f, now)
	if err != nil {
		t.Fatal(err)
	}
	if s.Reference != b.Reference || s.People != 2 || s.Start.Format("15:04") != "09:42" || s.Languages[len(s.Languages)-1] != "en" ||
		s.Department["en"] != cat.Department("dsi").Name.EN || s.Address["pt"] == "" || s.Copy != 2 || s.Issued.Format("15:04") != "09:42" {
		t.Errorf("%+v", s)
	}
	r, err := content.Reminder(cat, b, f, now)
	if err != nil || r.Reference != s.Reference || !r.Start.Equal(s.Start) || !r.ChangeUntil.Equal(s.ChangeUntil) || r.Link != s.Link || len(r.Bring) != len(s.Bring) || r.Code != "CODE" {
		t.Errorf("%+v, %v", r, err)
	}
	f.Lang = "zh-Hans"
	pass, err := content.Pass(cat, aTicket(cat, renewal, queue), now.AddDate(0, 0, 30), f, now)
	if err != nil || !pass.Pass || pass.Reference != "" || pass.Link != "" || pass.End.Format("2006-01-02 15:04") != "2026-12-24 09:42" || pass.Languages[2] != "zh-Hans" {
		t.Errorf("%+v, %v", pass, err)
	}
}

func TestWhatTheCatalogueDoesNotHaveIsSaid(t *testing.T) {
	cat := macao(t)
	queue := firstQueue(t, cat, renewal)
	tk, b := aTicket(cat, renewal, queue), aBooking(cat, renewal, queue)
	tk.Service, b.Service = "gone", "gone"
	if got, err := content.Ticket(cat, tk, content.TicketFacts{}); err != nil || got.Service != nil || got.Bring != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := content.Slip(cat, b, content.SlipFacts{}, now); err != nil || got.Service != nil || got.Department["en"] == "" {
		t.Errorf("%+v, %v", got, err)
	}
	tk.Queue = "gone"
	_, noQueue := content.Ticket(cat, tk, content.TicketFacts{})
	b.Office, tk.Office = "gone", "gone"
	_, noOffice := content.Slip(cat, b, content.SlipFacts{}, now)
	_, noPass := content.Pass(cat, tk, now, content.SlipFacts{}, now)
	_, noCover := content.Cover(cat, "gone", "2026-11-24", 0, now)
	_, noProbe := content.Probe(cat, "gone", "p", "1", now)
	for i, err := range []error{noQueue, noOffice, noPass, noCover, noProbe} {
		if fault.CodeOf(err) != fault.UnknownThing {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// words gives the papers the texts that people read.
type words struct{ b *locale.Bundle }

func (w words) T(lang, key string, args ...any) string { return w.b.In(lang).T(key, args...) }

func (w words) DateLong(lang string, at time.Time) string { return w.b.In(lang).DateLong(at) }

func press(t testing.TB) *printer.Press {
	t.Helper()
	dir := filepath.Join("..", "..", "fonts")
	if _, err := os.Stat(filepath.Join(dir, "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	b, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return printer.NewPress(printer.NewFonts(dir), words{b})
}

func TestEveryOfficeHasASampleOfEveryPaper(t *testing.T) {
	cat, p := macao(t), press(t)
	kinds := []printer.Kind{printer.KindTicket, printer.KindSlip, printer.KindPass, printer.KindReminder, printer.KindLetters, printer.KindProbe}
	for i, o := range cat.Offices {
		all := content.Samples(cat, o.ID, "en", now)
		if len(cat.QueuesOf(o.ID)) == 0 {
			continue
		}
		for _, kind := range kinds {
			if !slices.ContainsFunc(all, func(s content.Sample) bool { return s.Kind == kind }) {
				t.Errorf("%s has no %s", o.ID, kind)
			}
		}
		for _, s := range all {
			for _, f := range s.Formats[:len(s.Formats)-min(i, len(s.Formats)-1)] { // all of them for the first
				doc, err := s.On(p, f)
				if err != nil {
					t.Fatalf("%s of %s on %s: %v", s.ID, o.ID, f, err)
				}
				for _, page := range doc.Pages {
					if words := page.Words() + page.String(); len(page.Missing) > 0 || strings.Contains(words, "⟦") {
						t.Errorf("%s of %s on %s: missing %q, %s", s.ID, o.ID, f, string(page.Missing), words)
					}
				}
			}
		}
	}
	if content.Samples(cat, "gone", "", now) != nil {
		t.Error("an office that is not there has samples")
	}
}

func TestSamplesAreTheSameEachTimeAndOpenNothing(t *testing.T) {
	cat, p := macao(t), press(t)
	id := cat.Offices[0].ID
	a, b := content.Samples(cat, id, "", now), content.Samples(cat, id, "", now)
	for i := range a {
		x, err := a[i].On(p, a[i].Formats[0])
		if err != nil {
			t.Fatal(err)
		}
		y, err := b[i].On(p, b[i].Formats[0])
		if err != nil || x.Pages[0].String() != y.Pages[0].String() || !x.Made.Equal(y.Made) {
			t.Errorf("%s differs, %v", a[i].ID, err)
		}
		words := strings.ReplaceAll(x.Pages[0].Words(), "\n", "")
		if a[i].Kind == printer.KindTicket && !strings.Contains(words, "A047") {
			t.Errorf("%s: no A047 in %s", a[i].ID, words)
		}
	}
	if _, err := booking.ParseReference("SAMPLE00"); err == nil {
		t.Error("the sample's reference could be a real one")
	}
}
