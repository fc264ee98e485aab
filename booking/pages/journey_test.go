package pages

import (
	"context"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
)

func TestAResidentBooksWithScriptsOffAndTheHoldSurvivesSignIn(t *testing.T) {
	v := newHouse(t).visitor("")
	v.get("/").want(200, "Renewal of resident identity card", `action="/book"`)
	v.get("/book?q=bir").want(200, `href="/book/`+renewal+`"`)
	v.get("/book/"+renewal).want(200, "What to bring", `href="/book/`+renewal+`/`+main+`"`)
	v.get("/book/"+renewal+"/"+main).want(200, timesPath, "November 2026")
	times := v.get(timesPath).want(200, "Morning", "Afternoon")
	hold := v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`), "people", "2", "lang", "pt")
	hold.want(200, "Kept for you", "2 people", "Português", "Sign in and confirm", `data-countdown="`).lacks("Confirm the booking</span></button>")

	v.as = "one"
	again := v.get(hold.path).want(200, "Confirm the booking")
	show := v.submit(again, "/confirm").want(200, "Your booking is confirmed", "<svg", `class="reference"`, "Add to calendar")
	show.lacks("citizen:one")
	v.get("/my").want(200, "Show the code", "Booked")
	if _, kept := v.cookies["vez_hold"]; kept {
		t.Error("the browser still has the hold")
	}
	path, _, _ := strings.Cut(show.path, "?")
	v.get(path+"/visit.ics").want(200, "BEGIN:VEVENT", "DTSTART:20261125T").lacks("citizen:one")
	v.get(path+"/slip.pdf").want(200, "%PDF")
	if png := v.get(path + "/code.png").want(200); png.header.Get("Content-Type") != "image/png" {
		t.Error(png.header)
	}
}

func TestBeforeConfirmingItIsSaidUntilWhenItCanBeChanged(t *testing.T) {
	v := newHouse(t).visitor("")
	for day, said := range map[string]string{
		"2026-11-24": "cannot be changed or cancelled once it is confirmed", "2026-11-25": "You can change or cancel until Wednesday 25 November, 7:00 am",
	} {
		times := v.get("/book/" + renewal + "/" + main + "/" + day)
		v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`)).want(200, said)
	}
}

func TestAHoldIsOnlyThatBrowsers(t *testing.T) {
	h := newHouse(t)
	v := h.visitor("")
	times := v.get(timesPath)
	hold := v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`)).want(200)
	h.visitor("").get(hold.path).want(404)
	h.visitor("other").get(hold.path).want(404)
	v.get(hold.path).want(200)
}

func TestAHoldIsExtendedReleasedAndRunsOut(t *testing.T) {
	v := newHouse(t).visitor("one")
	times := v.get(timesPath)
	start := times.find(`name="start" value="([^"]*)"`)
	hold := v.submit(times, "/"+main, "start", start).want(200, ">5:00<")
	v.Clock.Advance(4 * time.Minute)
	v.get(hold.path).want(200, ">1:00<")
	v.submit(v.get(hold.path), "/extend").want(200, ">5:00<")
	v.Clock.Advance(6 * time.Minute)
	v.get(hold.path).want(200, "The time we kept for you has been released").lacks("/confirm")

	hold = v.submit(v.get(timesPath), "/"+main, "start", start).want(200)
	v.submit(hold, "/release").want(200, "At what time?")
	v.get(hold.path).want(404)
	// The same form once more, as after "back": the old hold is gone and a new one is made.
	v.submit(times, "/"+main, "start", start).want(200, "Kept for you")
}

func TestChoosingAnotherTimeLetsTheFirstGo(t *testing.T) {
	v := newHouse(t).visitor("")
	times := v.get(timesPath + "?all=1")
	first := times.find(`name="start" value="([^"]*)"`)
	hold := v.submit(times, "/"+main, "start", first).want(200)
	other := v.submit(times, "/"+main, "start", "2026-11-25T15:00:00+08:00").want(200, "3:00 pm")
	if other.path == hold.path {
		t.Fatal("the same hold")
	}
	list, err := v.Hall.Read(t.Context()).BookingsOn("dsi-main-card", "2026-11-25", "2026-11-25")
	if err != nil || len(list) != 1 {
		t.Fatalf("%d times are held: %v", len(list), err)
	}
}

func TestATakenTimeLandsOnTheTimesWithTheNearestFirst(t *testing.T) {
	h := newHouse(t)
	v := h.visitor("")
	times := v.get(timesPath)
	start := times.find(`name="start" value="([^"]*)"`)
	for range 40 { // until the time is full
		rival := h.visitor("")
		if p := rival.submit(rival.get(timesPath), "/"+main, "start", start); p.status != 200 {
			break
		}
	}
	v.submit(times, "/"+main, "start", start).want(409, "Somebody else was quicker", "The nearest free times", "At what time?")
	v.submit(times, "/"+main, "start", "2026-11-25T03:00:00+08:00").want(422, "This time is not offered", "At what time?")
}

func TestAFormFromElsewhereBooksNothing(t *testing.T) {
	v := newHouse(t).visitor("one")
	times := v.get(timesPath)
	delete(v.cookies, "vez_form")
	v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`)).want(403)
	path := v.booked()
	ask := v.get(path + "/cancel")
	delete(v.cookies, "vez_form")
	v.submit(ask, "/cancel").want(403)
	v.get(path).want(200, ">Booked<")
}

func TestABookingIsMovedAndCancelledByItsHolder(t *testing.T) {
	v := newHouse(t).visitor("one")
	path := v.booked()
	v.get(path+"/change").want(200, "Now booked", path+"/change/2026-11-26")
	times := v.get(path+"/change/2026-11-26").want(200, "You keep your present time")
	v.submit(times, "/change", "start", "2026-11-26T15:00:00+08:00").want(200, "Your booking has moved", "Thursday 26 November, 3:00 pm")
	v.submit(v.get(path+"/cancel").want(200, "Cancel this booking?"), "/cancel").want(200, "This booking is cancelled")
	v.get("/my").want(200, "Cancelled", "You have no bookings at present.")
}

// TestNobodyMovesABookingAllDay moves one to and fro: what it leaves each time is
// kept back, and a calendar must not look full by that.
func TestNobodyMovesABookingAllDay(t *testing.T) {
	v := newHouse(t, func(d *Deps) { d.Demo = false }).visitor("one")
	path := v.booked()
	for n := range identity.Moves.N + 1 {
		times := v.get(path + "/change/2026-11-26")
		start := times.find(`name="start" value="([^"]*)"`)
		moved := v.submit(times, "/change", "start", start)
		if want := 200; n == identity.Moves.N {
			moved.want(429, "Just a moment")
		} else {
			moved.want(want, "Your booking has moved")
		}
	}
}

func TestAfterTheCutOffTheReasonIsTold(t *testing.T) {
	v := newHouse(t).visitor("one")
	path := v.booked()
	v.Clock.Advance(23 * time.Hour)
	v.get(path).want(200, "Changes were possible until").lacks(path + "/change")
	v.get(path+"/change").want(409, "It is too late to change this booking")
	v.get(path+"/cancel").want(200, "It is too late to change this booking").lacks("Yes, cancel it")
}

func TestAnothersBookingIsNotThere(t *testing.T) {
	h := newHouse(t)
	path := h.visitor("one").booked()
	other := h.visitor("two")
	for _, p := range []string{"", "/cancel", "/change", "/change/2026-11-26", "/slip.pdf", "/code.png", "/visit.ics"} {
		other.get(path + p).want(404)
	}
	form := other.get(timesPath)
	other.submit(page{t: t, body: strings.ReplaceAll(form.body, "/book/"+renewal+"/"+main, path+"/cancel")}, "/cancel").want(404)
	if p := h.visitor("").get(path); p.status != 303 || !strings.HasPrefix(p.header.Get("Location"), "/signin") {
		t.Errorf("%d %s", p.status, p.header.Get("Location"))
	}
	h.visitor("one").get(path).want(200, ">Booked<")
}

func TestASecondBookingIsLedToTheFirst(t *testing.T) {
	v := newHouse(t).visitor("one")
	path := v.booked()
	v.get("/book/"+renewal).want(200, "You have a booking for this service", `href="`+path+`"`)
	times := v.get("/book/" + renewal + "/" + main + "/2026-11-26")
	v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`)).want(409, "as many bookings as one person may have", `href="/my"`)
}

func TestADisplacedBookingAsksForAnotherTime(t *testing.T) {
	v := newHouse(t).visitor("one")
	path := v.booked()
	from := time.Date(2026, 11, 25, 0, 0, 0, 0, halltest.Macau)
	closeOffice(t, v.house, from)
	v.get(path).want(200, "The office will be closed then", path+"/change").lacks("<svg xmlns")
	v.get(path+"/change/2026-11-25").want(200, "This day has no free time left")
	v.submit(v.get(path+"/change/2026-11-26"), "/change", "start", "2026-11-26T10:00:00+08:00").want(200, "Your booking has moved")
}

func TestAHoldStandsStillWhileItsHallIsPaused(t *testing.T) {
	h := newHouse(t)
	v := h.visitor("ann")
	times := v.get(timesPath)
	hold := v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`)).want(200, "Confirm the booking")
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:m"}, main, "fire"); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(2 * booking.HoldFor)
	v.get(hold.path).want(200, "Confirm the booking")
	if _, err := h.ResumeHall(context.Background(), hall.Act{Actor: "clerk:m"}, main); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(2 * booking.HoldFor)
	v.get(hold.path).lacks("Confirm the booking</span></button>")
}
