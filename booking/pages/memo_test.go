package pages

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/hall/halltest"
	"vez/identity/identitytest"
	"vez/locale"
	"vez/reminder"
)

// memory is what stands behind the memo list in a test: reminders that the test
// puts there, and real contacts in a store of its own.
type memory struct {
	rows  []event.Reminder
	asked int
	*reminder.Contacts
	store *identitytest.Store
}

func (m *memory) RemindersOf(_ context.Context, bookings ...string) ([]event.Reminder, error) {
	m.asked++
	var out []event.Reminder
	for _, row := range m.rows {
		for _, id := range bookings {
			if row.Booking == id {
				out = append(out, row)
			}
		}
	}
	return out, nil
}

type key struct{}

func (key) Secret(_ context.Context, _ string, fresh func() ([]byte, error)) ([]byte, error) {
	return fresh()
}

func newMemory(t testing.TB) *memory {
	t.Helper()
	m := &memory{store: identitytest.NewStore()}
	var err error
	if m.Contacts, err = reminder.OpenContacts(t.Context(), key{}, m.store, clockwork.NewFakeClock()); err != nil {
		t.Fatal(err)
	}
	return m
}

// deps puts the memory behind the pages; who is signed in has the address that
// the test's browser says.
func (m *memory) deps(d *Deps) {
	d.Reminders, d.Contacts = m, m.Contacts
	d.Email = func(c *fiber.Ctx) (string, bool) {
		address := c.Get("X-Test-Email")
		return address, address != ""
	}
}

// newMemo opens a house with a memo list.
func newMemo(t testing.TB) (*house, *memory) {
	t.Helper()
	m := newMemory(t)
	return newHouse(t, m.deps), m
}

// remind puts a reminder of a booking's path into the memory.
func (h *house) remind(m *memory, path string, before time.Duration, c event.Channel, s event.Remind, change ...func(*event.Reminder)) {
	h.t.Helper()
	b, err := h.Hall.Read(h.t.Context()).Booking(strings.TrimPrefix(path, "/my/"))
	if err != nil {
		h.t.Fatal(err)
	}
	row := event.Reminder{ReminderKey: event.ReminderKey{Booking: b.ID, Start: b.Start, Before: before, Channel: c},
		State: s, Due: b.Start.Add(-before), Office: b.Office, At: h.Hall.Now()}
	for _, f := range change {
		f(&row)
	}
	m.rows = append(m.rows, row)
}

const (
	addressOne  = "demo.1@one-account.example"
	maskedOne   = "d•••@one-account.example"
	switchOn    = "Send reminders by e-mail"
	switchOff   = "Stop reminders by e-mail"
	dayBefore   = 24 * time.Hour
	hoursBefore = 2 * time.Hour
)

func TestTheMemoListTellsWhatIsToComeAndWhatWasGiven(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	path := v.bookedLater()
	// Before anything is planned it says what the rules of the service will do.
	v.get("/my/memo").want(200, "Friday 27 November", "Still to come", "Thursday 26 November", "Renewal of resident identity card", `href="`+path+`"`, "In this list").
		lacks("So far", ">New<", "By e-mail")
	h.Clock.Advance(time.Minute)
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSent)
	h.remind(m, path, dayBefore, event.ChannelMail, event.RemindFailed)
	h.remind(m, path, hoursBefore, event.ChannelMemo, event.RemindPlanned)
	p := v.get("/my/memo").want(200, "So far", ">New<", "you have had it", "could not be delivered", "Still to come")
	if strings.Index(p.body, "Still to come") > strings.Index(p.body, "So far") || strings.Count(p.body, `class="cause-when"`) != 2 {
		t.Error(p.shown())
	}
	h.visitor("two").get("/my/memo").want(200, "nothing to remind you of").lacks("Renewal", path)
}

func TestWhatWasGivenIsTheNewestFirstAndEachWayHasItsState(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	path := v.booked()
	at := func(hours int) func(*event.Reminder) {
		return func(r *event.Reminder) { r.At = h.Hall.Now().Add(-time.Duration(hours) * time.Hour) }
	}
	h.remind(m, path, 3*dayBefore, event.ChannelMemo, event.RemindSent, at(6))
	h.remind(m, path, 3*dayBefore, event.ChannelMail, event.RemindUnknown, at(6))
	h.remind(m, path, 3*dayBefore, event.ChannelPaper, event.RemindSent, at(6))
	h.remind(m, path, dayBefore, event.ChannelMail, event.RemindQueued, at(1))
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSent, at(1))
	h.remind(m, path, 0, event.ChannelMemo, event.RemindSkipped)
	body := v.get("/my/memo").want(200, "No more reminders are to come").body
	last := -1
	for _, text := range []string{"8:30 am", "you have had it", "on its way", "3:30 am", "you have had it", "may not have arrived", "printed as a letter"} {
		i := strings.Index(body[last+1:], text)
		if i < 0 {
			t.Fatalf("no %q in its place", text)
		}
		last += 1 + i
	}
	if n := strings.Count(body, `class="cause-when"`); n != 2 {
		t.Errorf("%d causes", n)
	}
}

func TestAReminderOfAnEarlierTimeSaysSoAndOneThatCameToNothingIsNotShown(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	path := v.booked()
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSent)
	h.remind(m, path, hoursBefore, event.ChannelMemo, event.RemindPlanned)
	h.remind(m, path, time.Hour, event.ChannelMemo, event.RemindSkipped, func(r *event.Reminder) { r.Reason = reminder.Changed })
	times := v.get(path + "/change/2026-11-26")
	v.submit(times, "/change", "start", "2026-11-26T15:00:00+08:00").want(200, "Your booking has moved")
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSkipped, func(r *event.Reminder) { r.Reason = reminder.JustBooked })
	h.remind(m, path, hoursBefore, event.ChannelMemo, event.RemindPlanned)
	p := v.get("/my/memo").want(200, "about the earlier time, Wednesday 25 November", "not needed, you booked after it", "Thursday 26 November, 1:00 pm")
	if n := strings.Count(p.body, `class="cause-when"`); n != 3 {
		t.Errorf("%d causes:\n%s", n, p.shown())
	}
	if n := strings.Count(p.body, "about the earlier time"); n != 1 {
		t.Errorf("%d of the earlier time", n)
	}
}

func TestPastBookingsKeepWhatTheyWereRemindedOf(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	path := v.booked()
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSent)
	v.submit(v.get(path+"/cancel"), "/cancel").want(200)
	p := v.get("/my/memo").want(200, "Bookings that are over", "you have had it", "nothing to remind you of").lacks(">New<", "Still to come")
	if !strings.Contains(p.body, `<a href="`+path+`">`) {
		t.Error(p.shown())
	}
	v.get("/my").want(200).lacks("1 new")
}

func TestADisplacedBookingAsksForATimeInsteadOfReminding(t *testing.T) {
	h, _ := newMemo(t)
	v := h.visitor("one")
	v.booked()
	closeOffice(t, h, time.Date(2026, 11, 25, 0, 0, 0, 0, halltest.Macau))
	v.get("/my/memo").want(200, "This booking needs another time").lacks("Still to come")
}

func TestNewRemindersAreMarkedUntilTheListIsOpened(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	path := v.booked()
	v.get("/my").want(200, `href="/my/memo"`).lacks("1 new")
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSent)
	before := m.asked
	v.get("/my").want(200, "1 new")
	if m.asked != before+1 {
		t.Errorf("the list was asked for %d times", m.asked-before)
	}
	v.get("/my/memo").want(200, ">New<")
	v.get("/my/memo").want(200, "you have had it").lacks(">New<")
	v.get("/my").want(200).lacks("1 new")
	h.Clock.Advance(22 * time.Hour)
	h.remind(m, path, hoursBefore, event.ChannelMemo, event.RemindSent)
	v.get("/my").want(200, "1 new")
	if p := v.get("/my/memo"); strings.Count(p.body, ">New<") != 1 {
		t.Error(p.shown())
	}
	// Somebody else at the same browser has read nothing yet.
	other := &visitor{house: h, as: "two", lang: locale.En, cookies: v.cookies}
	h.remind(m, other.bookedLater(), dayBefore, event.ChannelMemo, event.RemindSent)
	other.get("/my/memo").want(200, ">New<")
}

// bookedLater books a day for which the reminder of the day before is still to come.
func (v *visitor) bookedLater() string {
	v.t.Helper()
	return v.bookedAt(renewal, main, "2026-11-27")
}

// bookedAt makes a confirmed booking through the pages and gives its path.
func (v *visitor) bookedAt(service, office, day string) string {
	v.t.Helper()
	times := v.get("/book/" + service + "/" + office + "/" + day).want(200)
	hold := v.submit(times, "/"+office, "start", times.find(`name="start" value="([^"]*)"`), "people", "1").want(200)
	path, _, _ := strings.Cut(v.submit(hold, "/confirm").want(200).path, "?")
	return path
}

func TestADiscreetServiceIsNotNamedInTheList(t *testing.T) {
	cat := halltest.ReadMacao()
	s := cat.Service(renewal)
	s.Rules.Discreet = true
	for i := range s.Cases {
		s.Cases[i].Rules.Discreet = true
	}
	m := newMemory(t)
	v := newHouseOf(t, cat, m.deps).visitor("one")
	path := v.booked()
	v.get("/my/memo").want(200, "Your booking", `href="`+path+`"`).lacks("Renewal of resident identity card")
	v.get(path).want(200, "Renewal of resident identity card")
}

func TestRemindersByEMailAreTurnedOnAndOff(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	v.email = addressOne
	v.bookedLater()
	v.lang = locale.Pt
	v.get("/my/memo").want(200, maskedOne, "Receber por correio electrónico").lacks(addressOne, "Deixar de receber")
	on := v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "on").want(200, "Passa a receber lembretes", maskedOne, "Deixar de receber", "Por correio electrónico", "Por vir").lacks(addressOne)
	if a, ok, err := m.Get(t.Context(), "citizen:one"); err != nil || !ok || a.Email != addressOne || a.Lang != locale.Pt {
		t.Fatalf("%+v %v %v", a, ok, err)
	}
	if _, ok, _ := m.Get(t.Context(), "citizen:two"); ok {
		t.Error("somebody else has an address now")
	}
	v.submit(on, "/my/memo/mail", "mail", "off").want(200, "Deixa de receber lembretes", "foi apagado", maskedOne)
	if docs, err := m.store.List(t.Context(), reminder.KindContact, ""); err != nil || len(docs) != 0 {
		t.Errorf("%d addresses are left (%v)", len(docs), err)
	}
	// The address of the page says it only as long as it is so.
	v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "on")
	v.get("/my/memo?mail=off").want(200).lacks("foi apagado")
}

func TestTheSwitchStandsOnTheConfirmationToo(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	v.email = addressOne
	path := v.booked()
	p := v.get(path+"?made=1").want(200, switchOn, maskedOne, `href="/my/memo"`).lacks(addressOne)
	p = v.submit(p, "/my/memo/mail", "mail", "on").want(200, "Reminders by e-mail are on", "Reminders also go by e-mail to "+maskedOne, "QR code").lacks(addressOne)
	if !strings.HasPrefix(p.path, path+"?") {
		t.Errorf("came back to %s", p.path)
	}
	if _, ok, _ := m.Get(t.Context(), "citizen:one"); !ok {
		t.Error("it was not kept")
	}
	// The booking of somebody else is nowhere to come back to.
	other := h.visitor("two")
	other.email = "second@one-account.example"
	other.bookedLater()
	if p := other.submit(other.get("/my/memo"), "/my/memo/mail", "mail", "on", "from", strings.TrimPrefix(path, "/my/")).want(200); !strings.HasPrefix(p.path, "/my/memo?") {
		t.Errorf("came back to %s", p.path)
	}
	v.submit(v.get(path+"/cancel"), "/cancel").want(200).lacks("e-mail")
}

func TestAnAddressComesFromTheSessionAloneAndFromTheOneThatWasShown(t *testing.T) {
	h, m := newMemo(t)
	one, two := h.visitor("one"), h.visitor("two")
	one.email, two.email = addressOne, "demo.2@one-account.example"
	form := one.get("/my/memo").want(200, switchOn)
	two.get("/my/memo").want(200, switchOn)
	nobody := func(why string) {
		t.Helper()
		for _, who := range []string{"citizen:one", "citizen:two"} {
			if _, ok, err := m.Get(t.Context(), who); ok || err != nil {
				t.Fatalf("%s: %s has an address (%v)", why, who, err)
			}
		}
	}
	// A page that was shown to one, sent after two has signed in here: the masks
	// are alike, the people are not.
	shared := &visitor{house: h, as: "two", email: two.email, lang: locale.En, cookies: one.cookies}
	shared.submit(form, "/my/memo/mail", "mail", "on").want(403)
	nobody("shown to somebody else")
	// Or after the same person has signed in with another address.
	one.email = "other@mail.example"
	one.submit(form, "/my/memo/mail", "mail", "on").want(403)
	nobody("another address than shown")
	one.email = ""
	one.submit(form, "/my/memo/mail", "mail", "on", "email", "chosen@mail.example").want(403)
	nobody("no verified address")
	one.email = addressOne
	one.submit(form, "/my/memo/mail", "mail", "perhaps").want(422)
	delete(one.cookies, "vez_form")
	one.submit(form, "/my/memo/mail", "mail", "on").want(403)
	nobody("a form of another site")
}

func TestSignedOutThereIsOnlyTheSignIn(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	v.email = addressOne
	form := v.get("/my/memo").want(200)
	out := &visitor{house: h, lang: locale.En, cookies: v.cookies}
	if p := out.get("/my/memo"); p.status != 303 || !strings.HasPrefix(p.header.Get("Location"), "/signin") || strings.Contains(p.body, "@") {
		t.Errorf("%d %s", p.status, p.header.Get("Location"))
	}
	out.submit(form, "/my/memo/mail", "mail", "on").want(401, "/signin").lacks("@")
	if _, ok, _ := m.Get(t.Context(), "citizen:one"); ok {
		t.Error("it was turned on")
	}
	out.get("/").want(200).lacks("/my/memo")
	v.get("/").want(200, `href="/my/memo"`)
}

func TestAnotherAddressOrLanguageIsOffered(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	v.email = addressOne
	v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "on").want(200).lacks("Write to me in English", "instead")
	v.email = "other@mail.example"
	p := v.get("/my/memo").want(200, "Reminders also go by e-mail to "+maskedOne, "Send them to o•••@mail.example instead", switchOff).lacks("other@", addressOne)
	v.submit(p, "/my/memo/mail", "mail", "on").want(200, "Reminders also go by e-mail to o•••@mail.example").lacks("instead")
	v.lang = locale.ZhHant
	v.submit(v.get("/my/memo").want(200, "改用繁體中文發送", `lang="en">English<`), "/my/memo/mail", "mail", "on").want(200).lacks("改用繁體中文發送")
	if a, _, _ := m.Get(t.Context(), "citizen:one"); a.Email != "other@mail.example" || a.Lang != locale.ZhHant {
		t.Errorf("%+v", a)
	}
	// The provider says none this time: what was agreed on goes on, and can be ended.
	v.email, v.lang = "", locale.En
	p = v.get("/my/memo").want(200, "o•••@mail.example", switchOff).lacks(switchOn, "Write to me in English", "no confirmed")
	v.submit(p, "/my/memo/mail", "mail", "off").want(200, "no confirmed e-mail address").lacks("@")
}

func TestWhereThereAreNoRemindersNothingIsSaidOfThem(t *testing.T) {
	h := newHouse(t)
	v := h.visitor("one")
	v.email = addressOne
	path := v.booked()
	for _, p := range []string{"/", "/my", path, path + "?mail=on"} {
		v.get(p).want(200).lacks("/my/memo", "reminder", "e-mail")
	}
	v.get("/my/memo").want(404)
	v.submit(page{t: t, body: strings.ReplaceAll(v.get(path+"/cancel").body, path+"/cancel", "/my/memo/mail")}, "/my/memo/mail", "mail", "off").want(404)
	// A list without e-mail.
	m := newMemory(t)
	h = newHouse(t, func(d *Deps) { d.Reminders = m })
	v = h.visitor("one")
	v.get(v.bookedLater()).want(200, "/my/memo").lacks("by e-mail")
	v.get("/my/memo").want(200, "Still to come").lacks("by e-mail")
}

func TestABookingShowsItsCodeWhileAddressesCannotBeRead(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	v.email = addressOne
	path := v.booked()
	m.store.Fail(errors.New("disk on fire"))
	v.get(path).want(200, "QR code", `href="/my/memo"`).lacks(switchOn, switchOff, "@")
}

func TestAddressesAreMaskedButTellable(t *testing.T) {
	for address, want := range map[string]string{
		addressOne: maskedOne, "ab@x.example": "a•••@x.example", "a@x.example": "•••@x.example", "@x.example": "•••@x.example",
		"": "•••", "鄭某@x.example": "鄭•••@x.example",
	} {
		if got := masked(address); got != want {
			t.Errorf("%s is shown as %s", address, got)
		}
	}
}

func TestEveryStateOfAReminderHasItsWordsInEveryLanguage(t *testing.T) {
	for _, lang := range locale.Languages {
		text := halltest.Texts().In(lang)
		for _, c := range []event.Channel{event.ChannelMemo, event.ChannelMail, event.ChannelPaper} {
			if !text.Has("booking.memo.way." + string(c)) {
				t.Errorf("%s: %s", lang, c)
			}
			for _, s := range []event.Remind{event.RemindPlanned, event.RemindQueued, event.RemindSending, event.RemindSent, event.RemindFailed,
				event.RemindUnknown, event.RemindSkipped} {
				for _, why := range []string{"", reminder.JustBooked, reminder.Overtaken, reminder.Past, reminder.Changed, reminder.NoRule} {
					if w := (memoWay{c, s, why}); !text.Has(w.Text()) {
						t.Errorf("%s: %s", lang, w.Text())
					}
				}
			}
		}
	}
}

func TestTheMemoListHasAllItsTextsInEveryLanguage(t *testing.T) {
	h, m := newMemo(t)
	v := h.visitor("one")
	v.email = addressOne
	path := v.booked()
	h.remind(m, path, dayBefore, event.ChannelMemo, event.RemindSent)
	h.remind(m, path, hoursBefore, event.ChannelMemo, event.RemindPlanned)
	for _, lang := range locale.Languages {
		v.lang = lang
		for _, path := range []string{"/my/memo", "/my", path, "/", "/privacy"} {
			checkPage(t, v.get(path).want(200), lang)
		}
		on := v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "on")
		checkPage(t, on.want(200), lang)
		checkPage(t, v.submit(on, "/my/memo/mail", "mail", "off").want(200), lang)
	}
}
