package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// moment is an instant of house time at which the program is started anew, over
// the same data.
type moment int

const (
	dawn     moment = iota // Tuesday, before the halls open and before places of the day are released
	morning                // half an hour after opening
	arrival                // shortly before ten
	missing                // five minutes later
	late                   // a quarter past ten
	evening                // 40 minutes before closing
	nextDay                // Wednesday
	thirdDay               // Thursday
)

var clocks = map[moment]string{
	dawn: "2026-11-24T07:10:00+08:00", morning: "2026-11-24T09:30:00+08:00", arrival: "2026-11-24T09:50:00+08:00",
	missing: "2026-11-24T09:55:00+08:00", late: "2026-11-24T10:15:00+08:00", evening: "2026-11-24T17:20:00+08:00",
	nextDay: "2026-11-25T10:30:00+08:00", thirdDay: "2026-11-26T10:40:00+08:00",
}

// trial changes one thing of the catalogue. Each place where it may be said is
// a world of its own; all of them must answer as changed, and a world without
// the change as plain.
type trial struct {
	key, value     string
	base           []string       // rules of the department in both
	where          []string       // the places; none: it is no rule
	change         func(*setting) // what is changed where it is no rule
	plain, changed string
	acts           map[moment]func(*world) string
}

var (
	ofQueues   = []string{ofQueue, ofOffice, ofDepartment, ofSeason, ofDepartmentSeason}
	ofBookings = append([]string{ofService}, ofQueues...)
)

type acts = map[moment]func(*world) string

// several joins what was said.
func several(said ...string) string { return strings.Join(said, " ") }

func TestEachRuleOfTheCatalogueChangesAnAnswer(t *testing.T) {
	var settings []setting
	var worlds []*world
	trials := slices.Concat(bookingTrials(), lineTrials(), placeTrials(), thingTrials(), nearnessTrials())
	everyKey(t, trials)
	byWorld := map[*world]trial{}
	for i, tr := range trials {
		for _, s := range tr.settings(fmt.Sprintf("r%02d", i)) {
			w := &world{setting: s, booked: map[string]bookedView{}, tickets: map[string]placeView{}}
			settings, worlds = append(settings, s), append(worlds, w)
			byWorld[w] = tr
		}
	}
	// A person is who they are at one address: it stays while the port changes.
	env := []string{"VEZ_CATALOGUE=" + catalogueOf(t, settings), "VEZ_URL=http://vez.test"}
	data := t.TempDir()
	for m := dawn; m <= thirdDay; m++ {
		t.Run(clocks[m], func(t *testing.T) {
			p := serve(t, env, "--data", data, "--clock", clocks[m])
			kiosk, desk := p.as("device", "kiosk", ""), p.as("greeter", "reception", "")
			for _, w := range worlds {
				if act := byWorld[w].acts[m]; act != nil {
					w.t, w.p, w.kiosk, w.desk = t, p, kiosk, desk
					w.said = append(w.said, act(w))
				}
			}
		})
	}
	for _, w := range worlds {
		byWorld[w].judge(t, w)
	}
}

var keyRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|")

// everyKey fails for a rule that the handbook lists and no trial changes.
func everyKey(t *testing.T, trials []trial) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "catalogue.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rules, _ := strings.Cut(string(page), "## Rules")
	rows := keyRow.FindAllStringSubmatch(rules, -1)
	if len(rows) < 37 {
		t.Fatalf("%d rules in the handbook", len(rows))
	}
	for _, row := range rows {
		if !slices.ContainsFunc(trials, func(tr trial) bool { return tr.key == row[1] && len(tr.where) >= 5 }) {
			t.Errorf("no trial changes %s at every place", row[1])
		}
	}
}

// settings gives the plain world first.
func (tr trial) settings(id string) []setting {
	plain := usual(id + "-plain")
	plain.rules[ofDepartment] = tr.base
	out := []setting{plain}
	for _, at := range tr.where {
		s := usual(id + "-" + at)
		s.rules[ofDepartment] = tr.base
		if at == ofDepartment {
			s.rules[at] = nil
			for _, line := range tr.base {
				if !strings.HasPrefix(line, tr.key+":") {
					s.rules[at] = append(s.rules[at], line)
				}
			}
		}
		s.rules[at] = append(s.rules[at][:len(s.rules[at]):len(s.rules[at])], tr.key+": "+tr.value)
		out = append(out, s)
	}
	if tr.change != nil {
		s := usual(id + "-changed")
		s.rules[ofDepartment] = tr.base
		tr.change(&s)
		out = append(out, s)
	}
	return out
}

func (tr trial) judge(t *testing.T, w *world) {
	t.Helper()
	want := tr.changed
	if strings.HasSuffix(w.id, "-plain") {
		want = tr.plain
	}
	t.Run(tr.key+"/"+w.id, func(t *testing.T) {
		if got := strings.Join(w.said, "; "); got != want {
			t.Errorf("%s: %s: the answers are %q, want %q", tr.key, tr.value, got, want)
		}
		if tr.plain == tr.changed {
			t.Error("nothing differs")
		}
	})
}

// many lets one person book several things.
var many = []string{"limit-per-service: 9", "limit-open: 9", "limit-per-day: 9"}

func bookingTrials() []trial {
	return []trial{
		{key: "bookable", value: "no", where: ofBookings, plain: "free ok", changed: "none not_bookable", acts: acts{
			morning: func(w *world) string { return several(w.someFree("11-25"), w.books("one", "11-25 11:00")) }}},
		{key: "horizon", value: "10 days", where: ofBookings, plain: "free ok", changed: "none too_far_ahead", acts: acts{
			morning: func(w *world) string { return several(w.someFree("12-14"), w.books("one", "12-14 11:00")) }}},
		{key: "horizon", value: "5 working days", where: ofBookings, plain: "free free ok", changed: "free none too_far_ahead", acts: acts{
			morning: func(w *world) string {
				return several(w.someFree("12-01"), w.someFree("12-02"), w.books("one", "12-02 11:00"))
			}}},
		{key: "lead", value: "3 h", where: ofBookings, plain: "09:35 ok", changed: "12:35 too_soon", acts: acts{
			morning: func(w *world) string { return several(w.first("11-24"), w.books("one", "11-24 11:00")) }}},
		{key: "lead", value: "1 working day", where: ofBookings, plain: "free ok free", changed: "none too_soon free", acts: acts{
			morning: func(w *world) string {
				return several(w.someFree("11-24"), w.books("one", "11-24 16:00"), w.someFree("11-25"))
			}}},
		{key: "cutoff", value: "30 min", where: ofBookings, plain: "ok cutoff_passed", changed: "ok ok", acts: acts{
			morning: func(w *world) string { return several(w.books("one", "11-24 11:00"), w.cancels("one")) }}},
		{key: "cutoff", value: "2 working days", where: ofBookings, plain: "ok ok", changed: "ok cutoff_passed", acts: acts{
			morning: func(w *world) string { return several(w.books("one", "11-26 09:00"), w.cancels("one")) }}},
		{key: "limit-per-service", value: "2", where: ofBookings, plain: "ok limit_reached", changed: "ok ok", acts: acts{
			morning: func(w *world) string { return several(w.books("one", "11-25 11:00"), w.books("one", "11-26 11:00")) }}},
		{key: "limit-open", value: "1", where: ofBookings, base: []string{"limit-per-service: 9"}, plain: "ok ok ok limit_reached",
			changed: "ok limit_reached limit_reached limit_reached", acts: acts{morning: func(w *world) string {
				return several(w.books("one", "11-25 11:00"), w.books("one", "11-26 11:00"), w.books("one", "11-27 11:00"), w.books("one", "11-30 11:00"))
			}}},
		{key: "limit-per-day", value: "1", where: ofBookings, base: []string{"limit-per-service: 9", "limit-open: 9"},
			plain: "ok ok limit_reached", changed: "ok limit_reached limit_reached", acts: acts{morning: func(w *world) string {
				return several(w.books("one", "11-25 11:00"), w.books("one", "11-25 12:00"), w.books("one", "11-25 15:00"))
			}}},
		{key: "max-people", value: "6", where: ofBookings, plain: "too_many_people", changed: "ok", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-25 11:00", "people", 4) }}},
		{key: "set-date", value: "yes", where: ofBookings, plain: "ok ok ok", changed: "ok ok set_date_only", acts: acts{
			morning: func(w *world) string {
				return several(w.books("one", "11-26 11:00"), w.moves("one", "11-26 15:00"), w.moves("one", "11-27 11:00"))
			}}},
		{key: "set-date", value: "yes", where: ofBookings, plain: "ok; ok", changed: "ok; late", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 10:00") },
			late:    func(w *world) string { return w.checksIn("one") }}},
		{key: "no-show-limit", value: "1", where: ofBookings, plain: "ok; ok", changed: "ok; booking_paused", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 11:00") },
			nextDay: func(w *world) string { return w.books("one", "11-27 11:00") }}},
		{key: "no-show-days", value: "1", base: append([]string{"no-show-limit: 2"}, many...), where: ofBookings,
			plain: "ok ok; booking_paused", changed: "ok ok; ok", acts: acts{
				morning:  func(w *world) string { return several(w.books("one", "11-24 11:00"), w.books("one", "11-25 11:30")) },
				thirdDay: func(w *world) string { return w.books("one", "11-27 11:00") }}},
		{key: "pause-days", value: "1", base: []string{"no-show-limit: 1", "no-show-days: 1"}, where: ofBookings,
			plain: "ok; booking_paused", changed: "ok; ok", acts: acts{
				morning:  func(w *world) string { return w.books("one", "11-24 10:00") },
				thirdDay: func(w *world) string { return w.books("one", "11-27 11:00") }}},
		{key: "named", value: "yes", where: ofBookings, plain: "ok; false", changed: "ok; true", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 10:00") },
			arrival: func(w *world) string { w.checksIn("one"); return fmt.Sprint(w.tickets["one"].Named) }}},
		{key: "discreet", value: "yes", where: ofBookings, plain: "ok true", changed: "ok false", acts: acts{
			morning: func(w *world) string {
				return several(w.books("one", "11-25 11:00"), fmt.Sprint(strings.Contains(w.event("one"), w.id+" matter")))
			}}},
		{key: "remind", value: "3 h", where: ofBookings, plain: "ok -PT1440M -PT120M", changed: "ok -PT180M", acts: acts{
			morning: func(w *world) string { return several(w.books("one", "11-26 11:00"), w.alarms("one")) }}},
	}
}

// lineTrials are about the order of the line and who may stand in it.
func lineTrials() []trial {
	three := acts{morning: func(w *world) string { return several(w.takes("a"), w.takes("b"), w.takes("c"), w.takes("d")) }}
	return []trial{
		{key: "daily-walk-in-limit", value: "2", where: ofQueues, plain: "ok ok ok ok", changed: "ok ok queue_full queue_full", acts: three},
		{key: "daily-walk-in-limit", value: "0", where: ofQueues, plain: "ok ok ok ok",
			changed: "booking_only booking_only booking_only booking_only", acts: three},
		{key: "daily-walk-in-limit", value: "150%", base: []string{"daily-walk-in-limit: 2"}, where: []string{ofSeason, ofDepartmentSeason},
			plain: "ok ok queue_full queue_full", changed: "ok ok ok queue_full", acts: three},
		{key: "daily-walk-in-limit", value: "2", where: ofQueues, plain: "ok ok unattended 0", changed: "ok ok full 2", acts: acts{
			morning: func(w *world) string {
				return several(w.takes("a"), w.takes("b"), w.now().Status, fmt.Sprint(w.now().Limit))
			}}},
		{key: "filing-order", value: "yes", where: ofQueues, plain: "ok 30 min ok", changed: "filing_order 0 min filing_order", acts: acts{
			morning: func(w *world) string {
				return several(w.takesAs(w.resident("afar"), "afar", "remote", true), w.priority(), w.outOfTurn())
			}}},
		{key: "remote", value: "no", where: ofQueues, plain: "ok", changed: "remote_refused", acts: acts{
			morning: func(w *world) string { return w.takesAs(w.resident("afar"), "afar", "remote", true) }}},
		{key: "last-ticket", value: "60 min", where: ofQueues, plain: "ok", changed: "queue_closed", acts: acts{
			evening: func(w *world) string { return w.takes("a") }}},
		{key: "last-filing", value: "60 min", where: ofQueues, plain: "ok", changed: "queue_closed", acts: acts{
			evening: func(w *world) string { return w.takes("a") }}},
		{key: "priority-head-start", value: "10 min", where: ofQueues, plain: "30 min", changed: "10 min", acts: acts{
			morning: func(w *world) string { return w.priority() }}},
		{key: "booked-head-start", value: "20 min", where: ofQueues, plain: "ok 1; ok 60 min", changed: "ok 0; ok 20 min", acts: acts{
			morning: func(w *world) string { return several(w.books("one", "11-24 10:00"), fmt.Sprint(w.now().Expected)) },
			arrival: func(w *world) string {
				return several(w.checksIn("one"), minutes(w.tickets["one"].Start.Sub(w.tickets["one"].Due)))
			}}},
		{key: "early-call", value: "15 min", where: ofQueues, plain: "ok; ok 5 min", changed: "ok; ok 15 min", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 11:00") },
			arrival: func(w *world) string {
				return several(w.checksIn("one"), minutes(w.tickets["one"].Start.Sub(w.tickets["one"].Callable)))
			}}},
		{key: "early-refused", value: "2 h", where: ofQueues, plain: "ok; ok", changed: "ok; early", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 15:00") },
			arrival: func(w *world) string { return w.checksIn("one") }}},
		{key: "late-behind", value: "20 min", where: ofBookings, plain: "ok; 0 ok late", changed: "ok; 1 ok booked", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 10:00") },
			late: func(w *world) string {
				return several(fmt.Sprint(w.now().Expected), w.checksIn("one"), w.tickets["one"].Class)
			}}},
		{key: "late-refused", value: "12 min", where: ofBookings, plain: "ok; ok", changed: "ok; late", acts: acts{
			morning: func(w *world) string { return w.books("one", "11-24 10:00") },
			late:    func(w *world) string { return w.checksIn("one") }}},
		{key: "hall-late", value: "60 min", where: ofQueues, plain: "ok ok; ok; ok booked", changed: "ok ok; ok; ok late", acts: acts{
			morning: func(w *world) string { return several(w.books("one", "11-24 09:50"), w.books("two", "11-24 10:00")) },
			arrival: func(w *world) string { return w.checksIn("one") },
			late:    func(w *world) string { return several(w.checksIn("two"), w.tickets["two"].Class) }}},
		{key: "remote-grace", value: "60 min", where: ofQueues, plain: "ok ok ok; ok lost", changed: "ok ok ok; ok kept", acts: acts{
			morning: func(w *world) string {
				return several(w.takesAs(w.resident("afar"), "afar", "remote", true), w.takes("a"), w.calls())
			},
			late: func(w *world) string {
				was := w.tickets["afar"]
				return several(w.checksIn("afar"), w.kept("afar", was))
			}}},
		{key: "miss-after", value: "9 min", base: []string{"miss-after-more: 10 min"}, where: ofQueues, plain: "ok ok; missed", changed: "ok ok; miss_too_soon", acts: acts{
			arrival: func(w *world) string { return several(w.takes("a"), w.calls()) },
			missing: func(w *world) string { _, said := w.verb("miss", nil); return said }}},
		{key: "miss-after-more", value: "2 min", base: []string{"miss-after-more: 10 min"}, where: ofQueues, plain: "ok ok; miss_too_soon", changed: "ok ok; missed", acts: acts{
			arrival: func(w *world) string { return several(w.takes("a", "needs", []string{"more_time"}), w.calls()) },
			missing: func(w *world) string { _, said := w.verb("miss", nil); return said }}},
		{key: "return-grace", value: "5 min", where: ofQueues, plain: "ok ok; missed; waiting kept", changed: "ok ok; missed; waiting lost", acts: acts{
			arrival: func(w *world) string { return several(w.takes("a"), w.calls()) },
			missing: func(w *world) string { _, said := w.verb("miss", nil); return said },
			late: func(w *world) string {
				was := w.tickets["a"]
				now, said := w.verb("return", map[string]any{"ticket": was.ID})
				w.tickets["a"] = now
				return several(said, w.kept("a", was))
			}}},
	}
}

// placeTrials are about the places for bookings.
func placeTrials() []trial {
	return []trial{
		{key: "booked-share", value: "20%", where: ofQueues, plain: "3", changed: "1", acts: acts{
			morning: func(w *world) string { return w.places("11-25") }}},
		{key: "same-day-share", value: "90%", where: ofQueues, plain: "free; free", changed: "none; free", acts: acts{
			morning:  func(w *world) string { return w.someFree("11-26") },
			thirdDay: func(w *world) string { return w.someFree("11-26") }}},
		{key: "same-day-at", value: "'07:00'", where: ofQueues, plain: "ok booked", changed: "ok same_day", acts: acts{
			dawn: func(w *world) string { return several(w.books("one", "11-24 11:00"), w.booked["one"].Class) }}},
		{key: "guaranteed-share", value: "80%", where: ofQueues, plain: "free ok", changed: "none ok", acts: acts{
			morning: func(w *world) string {
				return several(w.someFree("11-26"), w.booksAs(w.desk, "one", "11-26 11:00", "guaranteed", true))
			}}},
		{key: "guaranteed-until", value: "48 h", base: []string{"guaranteed-share: 80%"}, where: ofQueues, plain: "none", changed: "free", acts: acts{
			morning: func(w *world) string { return w.someFree("11-26") }}},
		{key: "kiosk-quota", value: "1", where: ofQueues, plain: "ok ok ok kiosk_quota", changed: "ok kiosk_quota kiosk_quota kiosk_quota", acts: acts{
			morning: func(w *world) string {
				return several(w.booksAs(w.kiosk, "a", "11-25 11:00"), w.booksAs(w.kiosk, "b", "11-25 12:00"),
					w.booksAs(w.kiosk, "c", "11-25 15:00"), w.booksAs(w.kiosk, "d", "11-25 16:00"))
			}}},
	}
}

// thingTrials are about what is no rule: times, letters, counters.
func thingTrials() []trial {
	return []trial{
		{key: "minutes", value: "30", change: func(s *setting) { s.minutes = "30" }, plain: "ok 15 min 17:45", changed: "ok 30 min 17:30", acts: acts{
			morning: func(w *world) string {
				return several(w.books("one", "11-25 11:00"), minutes(w.booked["one"].End.Sub(w.booked["one"].Start)), w.last("11-26"))
			}}},
		{key: "hours", value: "later", change: func(s *setting) { s.hours = "later" }, plain: "09:00", changed: "10:00", acts: acts{
			morning: func(w *world) string { return w.first("11-25") }}},
		{key: "hours", value: "of the queue", change: func(s *setting) { s.queue = []string{"hours: later"} }, plain: "09:00", changed: "10:00", acts: acts{
			morning: func(w *world) string { return w.first("11-25") }}},
		{key: "holidays", value: "a jurisdiction's", change: func(s *setting) { s.jurisdiction = "hengqin" }, plain: "free 17:45", changed: "none 12:45", acts: acts{
			morning: func(w *world) string { return several(w.someFree("11-26"), w.last("11-27")) }}},
		{key: "prefix", value: "W", change: func(s *setting) { s.prefix = "W" }, plain: "ok A001", changed: "ok W001", acts: acts{
			morning: func(w *world) string { return several(w.takes("a"), w.tickets["a"].Number) }}},
		{key: "counters", value: "2", change: func(s *setting) { s.counters = "2" }, plain: "3", changed: "2", acts: acts{
			morning: func(w *world) string { return w.places("11-25") }}},
		{key: "queues", value: "of another office", change: func(s *setting) { s.serves = strings.Replace(s.serves, "-changed", "-plain", 1) },
			plain: "ok", changed: "service_not_here", acts: acts{morning: func(w *world) string { return w.takes("a") }}},
		{key: "far", value: "yes", base: []string{"miss-after-more: 10 min"}, change: func(s *setting) {
			s.office = []string{"zones:", "  - id: Z", "    name: " + named("zone"), "    counters: 1-5", "    far: yes"}
		}, plain: "ok ok; missed", changed: "ok ok; miss_too_soon", acts: acts{
			arrival: func(w *world) string { return several(w.takes("a"), w.calls()) },
			missing: func(w *world) string { _, said := w.verb("miss", nil); return said }}},
		{key: "offers", value: "sign: 1", change: func(s *setting) { s.office = []string{"offers:", "  sign: 1"} },
			plain: "ok nobody", changed: "ok ok", acts: acts{
				morning: func(w *world) string { return several(w.takes("a", "needs", []string{"sign"}), w.calls()) }}},
	}
}

// nearnessTrials say one rule at several places: the nearest wins.
func nearnessTrials() []trial {
	at := func(rules ...string) func(*setting) {
		return func(s *setting) {
			for i := 0; i < len(rules); i += 2 {
				s.rules[rules[i]] = []string{rules[i+1]}
			}
		}
	}
	called := acts{
		morning: func(w *world) string { return w.books("one", "11-24 11:00") },
		arrival: func(w *world) string {
			return several(w.checksIn("one"), minutes(w.tickets["one"].Start.Sub(w.tickets["one"].Callable)))
		}}
	far := []string{ofDepartment, "early-call: 10 min", ofOffice, "early-call: 15 min", ofQueue, "early-call: 20 min"}
	return []trial{
		{key: "early-call", value: "the queue wins", change: at(far...), plain: "ok; ok 5 min", changed: "ok; ok 20 min", acts: called},
		{key: "early-call", value: "a season wins", change: at(append(far, ofDepartmentSeason, "early-call: 25 min")...),
			plain: "ok; ok 5 min", changed: "ok; ok 25 min", acts: called},
		{key: "early-call", value: "the office's season wins", change: at(append(far, ofDepartmentSeason, "early-call: 25 min", ofSeason, "early-call: 35 min")...),
			plain: "ok; ok 5 min", changed: "ok; ok 35 min", acts: called},
		{key: "max-people", value: "the service wins", change: at(ofDepartment, "max-people: 1", ofOffice, "max-people: 1", ofQueue, "max-people: 2", ofService, "max-people: 4"),
			plain: "too_many_people", changed: "ok", acts: acts{morning: func(w *world) string { return w.books("one", "11-25 11:00", "people", 4) }}},
		{key: "late-behind", value: "a season wins over a service", change: at(ofService, "late-behind: 5 min", ofSeason, "late-behind: 20 min"),
			plain: "ok; ok late", changed: "ok; ok booked", acts: acts{
				morning: func(w *world) string { return w.books("one", "11-24 10:00") },
				late:    func(w *world) string { return several(w.checksIn("one"), w.tickets["one"].Class) }}},
	}
}

func (w *world) cancels(who string) string {
	return w.ask(w.resident(who), "DELETE", "/api/v1/bookings/"+w.booked[who].ID, nil, nil)
}

func (w *world) moves(who, start string) string {
	return w.ask(w.resident(who), "PATCH", "/api/v1/bookings/"+w.booked[who].ID, map[string]any{"start": w.at(start)}, nil)
}

func (w *world) event(who string) string {
	return w.text(w.resident(who), "/api/v1/bookings/"+w.booked[who].ID+"/event.ics")
}

// alarms are when a calendar rings before a booking.
func (w *world) alarms(who string) string {
	var out []string
	for _, line := range strings.Split(w.event(who), "\r\n") {
		if at, ok := strings.CutPrefix(line, "TRIGGER:"); ok {
			out = append(out, at)
		}
	}
	return several(out...)
}

// priority takes a ticket with declared priority, and tells its head start.
func (w *world) priority() string {
	if said := w.takes("priority", "priority", true); said != "ok" {
		return said
	}
	return minutes(w.tickets["priority"].Arrival.Sub(w.tickets["priority"].Due))
}

// outOfTurn calls the last who came.
func (w *world) outOfTurn() string {
	w.takes("last")
	c := w.clerk()
	w.ask(c, "POST", w.counter()+"open", nil, nil)
	return w.ask(c, "POST", w.counter()+"call", map[string]any{"ticket": w.tickets["last"].ID, "reason": "deadline"}, nil)
}

// kept tells whether a ticket has the due that it had.
func (w *world) kept(name string, was placeView) string {
	if w.tickets[name].Due.Equal(was.Due) {
		return "kept"
	}
	return "lost"
}

// places is how many bookings the first start of a day takes.
func (w *world) places(day string) string {
	all := w.starts(day)
	if len(all) == 0 {
		return "none"
	}
	return fmt.Sprint(all[0].Free)
}
