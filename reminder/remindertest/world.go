package remindertest

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/locale"
	"vez/office"
	"vez/reminder"
)

// The demo office, its queue and its services.
const (
	Office   = "demo-office"
	Queue    = "demo-queue"
	Card     = "demo-card"     // reminds 7 days, 1 day and 2 hours before
	Discreet = "demo-discreet" // likewise, and is not named
	Silent   = "demo-silent"   // does not remind
)

// Macau is the zone of the demo office.
var Macau, _ = time.LoadLocation("Asia/Macau")

// At is an instant in Macao, such as "2026-11-24 09:30".
func At(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, Macau)
	if err != nil {
		panic(err)
	}
	return t
}

// Catalogue is the demo office, open from Monday to Friday.
func Catalogue() *office.Catalogue {
	week := office.Week{}
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []office.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	text := func(en, zh string) office.Text {
		return office.Text{EN: en, PT: en + " (pt)", ZhHant: zh, ZhHans: zh + "（简）"}
	}
	rules := office.DefaultServiceRules()
	rules.Remind = []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, 2 * time.Hour}
	discreet, silent := rules, rules
	discreet.Discreet, silent.Remind = true, nil
	bring := []office.Text{text("Demo paper", "示範文件")}
	c := &office.Catalogue{
		Offices: []*office.Office{{ID: Office, Name: text("Demo Office", "示範辦事處"), Address: text("1 Demo Street", "示範街1號"),
			Jurisdiction: "macao", TimeZone: "Asia/Macau", Languages: []string{"zh-Hant", "pt", "en"}, Hours: week}},
		Queues: []*office.Queue{{ID: Queue, Office: Office, Prefix: "A", Name: text("Demo queue", "示範隊"), Counters: 2, Rules: office.DefaultRules(),
			Services: []string{Card, Discreet, Silent}}},
		Services: []*office.Service{
			{ID: Card, Name: text("Renewal of demo card", "示範證續期"), Minutes: 15, Queues: []string{Queue}, Rules: rules, Documents: bring},
			{ID: Discreet, Name: text("Unnamed demo matter", "不便明言"), Minutes: 15, Queues: []string{Queue}, Rules: discreet, Documents: bring},
			{ID: Silent, Name: text("Silent demo matter", "不提醒"), Minutes: 15, Queues: []string{Queue}, Rules: silent},
		},
	}
	c.Offices[0].WithLocation(Macau)
	if err := c.Index(); err != nil {
		panic(err)
	}
	return c
}

// Words are the catalogues' texts as package reminder asks for them.
type Words struct{ Bundle *locale.Bundle }

// T gives a text.
func (w Words) T(lang, key string, args ...any) string { return w.Bundle.In(lang).T(key, args...) }

// When writes day and time as on the day now.
func (w Words) When(lang string, t, now time.Time) string {
	p := w.Bundle.In(lang)
	return p.T("reminder.near", "day", p.Near(t, now), "time", p.Time(t))
}

// DateTime writes weekday, date and time.
func (w Words) DateTime(lang string, t time.Time) string { return w.Bundle.In(lang).DateTime(t) }

// Records keep sealed addresses in the ledger.
type Records struct{ *ledger.DB }

// Put writes a record.
func (r Records) Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error {
	return r.DB.Put(ctx, event.Record{Kind: kind, ID: id, Owner: owner, Data: data, Expires: expires})
}

// Replace writes a record that is still as it was.
func (r Records) Replace(ctx context.Context, kind, id, owner string, old, data []byte, expires time.Time) error {
	return r.DB.Replace(ctx, old, event.Record{Kind: kind, ID: id, Owner: owner, Data: data, Expires: expires})
}

// Get reads one.
func (r Records) Get(ctx context.Context, kind, id string) ([]byte, bool, error) {
	rec, err := r.DB.Get(ctx, kind, id)
	if fault.CodeOf(err) == fault.UnknownThing {
		return nil, false, nil
	}
	return rec.Data, err == nil, err
}

// World is a ledger with its clocks.
type World struct {
	*ledger.DB
	T        testing.TB
	Dir      string
	House    *clockwork.FakeClock
	Machine  *clockwork.FakeClock
	Contacts *reminder.Contacts
	Mails    *reminder.Mails
	Log      *slog.Logger
	Papers   []string // refs that were asked for
	NoPaper  error    // what asking for paper fails with
}

// NewWorld opens a ledger at an instant of both clocks.
func NewWorld(t testing.TB, now time.Time) *World {
	t.Helper()
	w := &World{T: t, Dir: t.TempDir(), House: clockwork.NewFakeClockAt(now), Machine: clockwork.NewFakeClockAt(now), Log: slog.New(slog.DiscardHandler)}
	var err error
	if w.DB, err = ledger.Open(context.Background(), ledger.Config{Dir: w.Dir, House: w.House, Machine: w.Machine}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if w.Contacts, w.Mails, err = Join(w.DB, w.Machine); err != nil {
		t.Fatal(err)
	}
	return w
}

// Join opens contacts and mails on a ledger.
func Join(db *ledger.DB, machine clockwork.Clock) (*reminder.Contacts, *reminder.Mails, error) {
	ctx := context.Background()
	contacts, err := reminder.OpenContacts(ctx, db, Records{db}, machine)
	if err != nil {
		return nil, nil, err
	}
	bundle, err := locale.Load()
	if err != nil {
		return nil, nil, err
	}
	mails, err := reminder.OpenMails(ctx, db, Catalogue(), Words{bundle}, "https://vez.example.org")
	return contacts, mails, err
}

// Beside is the same ledger as a hub on another machine has it, whose clock is off.
func (w *World) Beside(off time.Duration) *World {
	w.T.Helper()
	v := *w
	v.Machine = clockwork.NewFakeClockAt(w.Machine.Now().Add(off))
	var err error
	if v.DB, err = ledger.Open(context.Background(), ledger.Config{Dir: w.Dir, House: w.House, Machine: v.Machine}); err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = v.Close() })
	if v.Contacts, v.Mails, err = Join(v.DB, v.Machine); err != nil {
		w.T.Fatal(err)
	}
	return &v
}

// Watches lets a hub watch for a minute that the one which leads gives no sign of life.
func (w *World) Watches(s *reminder.Service) {
	s.Leads(context.Background())
	w.Machine.Advance(time.Minute)
}

// Hub is a hub's service; post may be nil.
func (w *World) Hub(name string, post *reminder.Post) *reminder.Service {
	return reminder.New(reminder.Config{Store: w.DB, Catalogue: Catalogue(), Contacts: w.Contacts, House: w.House, Machine: w.Machine, Hub: name,
		Post: post, Mails: w.Mails, Log: w.Log, Letters: func(_ context.Context, _, ref string) (string, error) {
			if w.NoPaper != nil {
				return "", w.NoPaper
			}
			w.Papers = append(w.Papers, ref)
			return "job-" + ref, nil
		}})
}

// Post sends to a server.
func (w *World) Post(s *Server) *reminder.Post {
	w.T.Helper()
	p, err := reminder.NewPost("smtp://"+s.Addr(), "Vez demo <vez@example.org>")
	if err != nil {
		w.T.Fatal(err)
	}
	return p
}

// Book confirms a booking for a holder, "" for a bearer, now.
func (w *World) Book(id, holder, service string, start time.Time, edit ...func(*booking.Booking)) {
	w.T.Helper()
	b := booking.Booking{ID: id, Reference: "R" + id, Office: Office, Queue: Queue, Service: service, Day: office.DayOf(start, Macau), State: booking.Confirmed,
		Class: booking.Standard, Origin: booking.Online, Start: start.UTC(), End: start.UTC().Add(15 * time.Minute), People: 1, Lang: "en", Made: w.House.Now().UTC()}
	for _, f := range edit {
		f(&b)
	}
	w.change(b, event.KindConfirmed, holder)
}

// Change alters a booking.
func (w *World) Change(id string, edit func(*booking.Booking)) {
	w.T.Helper()
	b, err := w.Read(context.Background()).Booking(id)
	if err != nil {
		w.T.Fatal(err)
	}
	edit(&b)
	w.change(b, event.KindConfirmed, "")
}

func (w *World) change(b booking.Booking, kind event.Kind, holder string) {
	w.T.Helper()
	err := w.Do(context.Background(), event.Scope{Offices: []string{b.Office}}, func(tx *ledger.Tx) error {
		if _, err := tx.Append(event.Draft{Office: b.Office, Kind: kind, Images: event.Images{Bookings: []booking.Booking{b}}}); err != nil {
			return err
		}
		if holder == "" {
			return nil
		}
		return tx.SetHolder(b.ID, holder, "macao")
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Address leaves an address for a holder.
func (w *World) Address(holder, email, lang string) {
	w.T.Helper()
	if err := w.Contacts.Set(context.Background(), holder, reminder.Address{Email: email, Lang: lang}); err != nil {
		w.T.Fatal(err)
	}
}

// Stands lists a booking's reminders as "before channel state reason".
func (w *World) Stands(id string) (out []string) {
	w.T.Helper()
	rs, err := w.RemindersOf(context.Background(), id)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, r := range rs {
		line := fmt.Sprintf("%g %s %s", r.Before.Hours(), r.Channel, r.State)
		if r.Reason != "" {
			line += " " + r.Reason
		}
		out = append(out, line)
	}
	return out
}
