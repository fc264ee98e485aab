package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The clock of the machine cannot be stepped under a test; that of the halls
// can, at a restart over the same folder: an event's time is the later of the
// clock and of the event before.

// TestAClockThatIsSteppedBackAndForthRepeatsNoNumberAndNoDay restarts a hub
// with a clock that goes back within the day, to the day before, and on.
func TestAClockThatIsSteppedBackAndForthRepeatsNoNumberAndNoDay(t *testing.T) {
	data, env := t.TempDir(), []string{"VEZ_CATALOGUE=" + smallTown(t)}
	var last ticketView
	for _, step := range []struct {
		clock, number, day string
	}{
		{"2026-11-24T10:00:00+08:00", "A001", "2026-11-24"},
		{"2026-11-24T12:00:00+08:00", "A002", "2026-11-24"},
		{"2026-11-24T09:10:00+08:00", "A003", "2026-11-24"},
		{"2026-11-23T15:00:00+08:00", "A004", "2026-11-24"}, // yesterday has been
		{"2026-11-20T15:00:00+08:00", "A005", "2026-11-24"},
		{"2026-11-25T09:30:00+08:00", "A001", "2026-11-25"},
		{"2026-11-24T17:00:00+08:00", "A002", "2026-11-25"},
		{"2026-11-27T09:30:00+08:00", "A001", "2026-11-27"}, // a day nobody came is skipped
	} {
		p := serve(t, env, "--data", data, "--clock", step.clock)
		before := last
		p.as("device", "k", "nor-hall").must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "nor-hall", "service": "nor-matter", "print": false}, &last)
		var now struct{ Hall struct{ Day string } }
		p.as("manager", "m", "nor-hall").must(http.StatusOK, "GET", "/api/v1/offices/nor-hall/queues", nil, &now)
		if last.Number != step.number {
			t.Errorf("at %s the next number is %s, not %s", step.clock, last.Number, step.number)
		}
		if before.ID != "" {
			var still ticketView
			p.as("greeter", "g", "nor-hall").must(http.StatusOK, "GET", "/api/v1/tickets/"+before.ID, nil, &still)
			if over := step.number == "A001"; still.Number != before.Number || (still.State == "waiting") == over {
				t.Errorf("at %s the ticket before is %+v", step.clock, still)
			}
		}
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
	}
	mustVez(t, env, "ledger", "verify", "--data", data)
}

// bookable is how many of five counters are for booked people at once.
const bookable = 3

// aZone is an office's zone on a day with a change of its clocks.
type aZone struct {
	zone, day, after string
	open             time.Duration // between midnight and five, as time goes
}

// TestDaysOfTwentyThreeOfTwentyFiveAndOfNoHours books an office that is open
// from midnight to five until it is full, on days when clocks change; the
// people come, and the next day begins with the first number.
func TestDaysOfTwentyThreeOfTwentyFiveAndOfNoHours(t *testing.T) {
	for _, z := range []aZone{
		{"Europe/Berlin", "2027-03-28", "2027-03-29", 4 * time.Hour},
		{"Europe/Berlin", "2026-10-25", "2026-10-26", 6 * time.Hour},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-05", 4 * time.Hour}, // midnight does not exist
		{"Australia/Lord_Howe", "2026-10-04", "2026-10-05", 270 * time.Minute},
		{"Australia/Lord_Howe", "2027-04-04", "2027-04-05", 330 * time.Minute},
		{"Pacific/Apia", "2011-12-29", "2011-12-31", 5 * time.Hour}, // the day between was left out
	} {
		t.Run(z.zone+" "+z.day, z.lives)
	}
}

func (z aZone) lives(t *testing.T) {
	loc, err := time.LoadLocation(z.zone)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.ParseInLocation("2006-01-02 15:04", z.day+" 12:00", loc)
	if err != nil {
		t.Fatal(err)
	}
	data, env := t.TempDir(), []string{"VEZ_CATALOGUE=" + z.catalogue(t)}
	at := func(clock time.Time) *program {
		return serve(t, env, "--data", data, "--clock", clock.Format(time.RFC3339))
	}
	noon := func(p *program, date string) []slotView {
		return p.as("citizen", "looks", "").slots("nor-matter", "nor-hall", date, date)
	}

	p := at(day.AddDate(0, 0, -1))
	free := noon(p, z.day)
	z.rightly(t, loc, free)
	date, _ := time.Parse(time.DateOnly, z.day)
	if left := date.AddDate(0, 0, 1).Format(time.DateOnly); left != z.after {
		if none := noon(p, left); len(none) > 0 {
			t.Errorf("%s never was there, and has %d starts", left, len(none))
		}
	}
	booked := z.fills(t, p, free)
	closed := time.Date(day.Year(), day.Month(), day.Day(), 5, 0, 0, 0, loc)
	var codes []string
	for _, b := range booked {
		codes = append(codes, b.Code)
		if b.Start.Add(15 * time.Minute).After(closed) {
			t.Errorf("booked until after the close: %s", b.Start)
		}
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = at(booked[0].Start)
	kiosk := p.as("device", "k", "nor-hall")
	for i, want := range []string{"A001", "A002"} {
		var v ticketView
		if i == 0 {
			var in struct{ Ticket ticketView }
			kiosk.must(http.StatusCreated, "POST", "/api/v1/check-ins", map[string]any{"office": "nor-hall", "code": codes[0], "print": false}, &in)
			v = in.Ticket
		} else {
			kiosk.must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "nor-hall", "service": "nor-matter", "print": false}, &v)
		}
		if v.Number != want {
			t.Errorf("the ticket is %s, not %s", v.Number, want)
		}
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	next, err := time.ParseInLocation("2006-01-02 15:04", z.after+" 03:30", loc)
	if err != nil {
		t.Fatal(err)
	}
	p = at(next)
	var v ticketView
	p.as("device", "k", "nor-hall").must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "nor-hall", "service": "nor-matter", "print": false}, &v)
	if v.Number != "A001" {
		t.Errorf("the day after begins with %s", v.Number)
	}
	var was bookingView
	p.as("greeter", "g", "nor-hall").must(http.StatusOK, "GET", "/api/v1/bookings/"+booked[len(booked)-1].ID, nil, &was)
	if was.State != "missed" {
		t.Errorf("who did not come has a booking that is %s", was.State)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	mustVez(t, env, "ledger", "verify", "--data", data)
}

// catalogue is a town of one zone, open from midnight to five on every day.
func (z aZone) catalogue(t *testing.T) string {
	t.Helper()
	dir := smallTown(t)
	edit := func(path, from, to string) {
		text, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil || !strings.Contains(string(text), from) {
			t.Fatalf("%s has no %q (%v)", path, from, err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(strings.ReplaceAll(string(text), from, to)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("offices/nor-hall.yaml", "Asia/Macau", z.zone)
	edit("catalogue.yaml", "mon-fri: 09:00-18:00", "mon-sun: 00:00-05:00")
	edit("holidays/macao.yaml", "from: 2026-11-01", "from: 2010-01-01")
	return dir
}

// rightly fails unless the starts are what a day of this length has.
func (z aZone) rightly(t *testing.T, loc *time.Location, free []slotView) {
	t.Helper()
	seen := map[int64]bool{}
	for _, s := range free {
		local := s.Start.In(loc)
		if local.Format("2006-01-02") != z.day || local.Hour() >= 5 || seen[s.Start.Unix()] {
			t.Errorf("a start at %s on %s (again: %t)", local, z.day, seen[s.Start.Unix()])
		}
		if local.Format("15:04 -0700") != s.Start.Format("15:04 -0700") {
			t.Errorf("%s is %s there", s.Start, local)
		}
		seen[s.Start.Unix()] = true
	}
	if len(free) == 0 {
		t.Fatal("nothing is free")
	}
	first, last := free[0].Start, free[len(free)-1].Start
	if span := last.Add(15 * time.Minute).Sub(first); span != z.open {
		t.Errorf("from %s to %s are %s, not %s", first.In(loc), last.In(loc), span, z.open)
	}
}

// fills books until nothing is free, and fails when more or fewer came in than
// the places of the open time take.
func (z aZone) fills(t *testing.T, p *program, free []slotView) (booked []bookingView) {
	t.Helper()
	for n := 0; len(free) > 0; n++ {
		var b bookingView
		status, raw, err := p.as("citizen", fmt.Sprint("c", n), "").try("POST", "/api/v1/bookings", "", map[string]any{"office": "nor-hall", "service": "nor-matter", "start": free[0].Start}, &b)
		if err != nil || status != http.StatusCreated {
			t.Fatalf("%s: %d %v %s", free[0].Start, status, err, raw)
		}
		booked = append(booked, b)
		free = p.as("citizen", "looks", "").slots("nor-matter", "nor-hall", z.day, z.day)
	}
	if most := int(bookable * z.open / (15 * time.Minute)); len(booked) > most || len(booked) < most/2 {
		t.Errorf("%d bookings of 15 minutes found a place in %s, where %d are", len(booked), z.open, most)
	}
	t.Logf("%d bookings in %s", len(booked), z.open)
	return booked
}
