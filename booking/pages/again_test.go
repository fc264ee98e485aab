package pages

import (
	"maps"
	"strings"
	"testing"
)

// TestEveryFormWhoseAnswerWasLostDoesItsWorkOnce sends each form of a resident a
// second time from a browser that never heard the answer: the work is done once,
// and the second answer leads where the first did.
func TestEveryFormWhoseAnswerWasLostDoesItsWorkOnce(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	v := h.visitor("one")
	done := func() (n int64) {
		heads, err := h.DB.Heads(t.Context())
		must(t, err)
		for _, head := range heads {
			n += head.Seq
		}
		return n
	}
	twice := func(what string, p page, action string, more ...string) page {
		t.Helper()
		before, knew := done(), maps.Clone(v.cookies)
		first := v.submitOnce(p, action, more...)
		after := done()
		if after == before {
			t.Errorf("%s: nothing was done: %d", what, first.status)
		}
		v.cookies = knew // and with the answer its cookies
		again := v.submitOnce(p, action, more...)
		if n := done(); n != after {
			t.Errorf("%s: it was done %d times", what, 1+n-after)
		}
		if again.status != first.status || again.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("%s: first %d %s, then %d %s", what, first.status, first.header.Get("Location"), again.status, again.header.Get("Location"))
		}
		return v.follow(again)
	}

	times := v.get(timesPath).want(200)
	hold := twice("hold", times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`), "people", "1", "lang", "en").want(200, "Kept for you")
	hold = twice("extend", hold, "/extend").want(200, "Kept for you")
	show := twice("confirm", hold, "/confirm").want(200, "Your booking is confirmed")
	path, _, _ := strings.Cut(show.path, "?")
	twice("move", v.get(path+"/change/2026-11-26").want(200), "/change", "start", "2026-11-26T15:00:00+08:00").want(200, "Your booking has moved")
	twice("cancel", v.get(path+"/cancel").want(200), "/cancel").want(200, "This booking is cancelled")

	afar := twice("take a ticket", v.get("/book/"+renewal+"/"+main+"/ticket").want(200), "/ticket").want(200, "On your way")
	twice("give it up", v.get(afar.path+"/cancel").want(200), "/cancel").want(200)

	is, other := h.issue(t), h.issue(t)
	twice("step out", v.get("/t/"+other.Link).want(200), "/out").want(200, "You have stepped out")
	twice("come back", v.get("/t/"+other.Link).want(200), "/back").want(200, "Please wait")
	twice("give a place up", v.get("/t/"+is.Link+"/cancel").want(200), "/cancel").want(200, ">Given up<")
}
