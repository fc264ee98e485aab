package pages

import (
	"context"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"vez/hall"
	"vez/hall/halltest"
	"vez/locale"
	"vez/office"
	"vez/queue"
	"vez/ticket"
)

func TestEveryPageInEveryLanguageHasAllItsTexts(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	waiting, called, from := h.issue(t), h.issue(t), h.visitor("afar")
	_, err := h.Hall.Call(t.Context(), clerk, "dsi-main-1", called.Ticket.ID, "manager")
	must(t, err)
	v := h.visitor("one")
	mine := v.booked()
	remote := from.submit(from.get("/book/"+renewal+"/"+main+"/ticket"), "/ticket").path
	guest := h.visitor("")
	hold := guest.submit(guest.get(timesPath), "/"+main, "start", guest.get(timesPath).find(`name="start" value="([^"]*)"`)).path
	for _, lang := range locale.Languages {
		v.lang, guest.lang = lang, lang
		for _, path := range []string{
			"/", "/privacy", "/accessibility", "/book", "/book?category=identity", "/book?category=identity&page=2", "/book?department=dsf",
			"/book?q=bir", "/book?q=xyzzy", "/book/" + renewal, "/book/" + renewal + "/" + main, "/book/" + renewal + "/" + main + "?month=2027-02",
			timesPath, timesPath + "?all=1", "/book/" + renewal + "/" + main + "/2026-11-28", "/book/" + renewal + "/" + main + "/ticket", "/my", mine, mine + "?made=1", mine + "?moved=1",
			mine + "/cancel", mine + "/change", mine + "/change/2026-11-26", remote, remote + "/why", remote + "/cancel",
			"/t/" + waiting.Link, "/t/" + waiting.Link + "/why", "/t/" + called.Link, "/t/" + called.Link + "/why",
		} {
			checkPage(t, v.get(path).want(200), lang)
		}
		checkPage(t, guest.get(hold).want(200), lang)
	}
}

var strayZero = regexp.MustCompile(`>0001|1 January 1\b|%!`)

func checkPage(t *testing.T, p page, lang string) {
	t.Helper()
	p.lacks("⟦", "citizen:one", "citizen:afar", "<no value>", "ZgotmplZ", "style=\"", "<nil>")
	if !strings.Contains(p.body, `<html lang="`+lang+`"`) {
		t.Errorf("%s is not in %s", p.path, lang)
	}
	if m := strayZero.FindString(p.body); m != "" {
		t.Errorf("%s has %q", p.path, m)
	}
	if n := strings.Count(p.body, "<h1"); n != 1 {
		t.Errorf("%s has %d main headings", p.path, n)
	}
}

func TestEveryStateOfATicketHasItsWordsInEveryLanguage(t *testing.T) {
	for _, lang := range locale.Languages {
		text := halltest.Texts().In(lang)
		for _, s := range []ticket.State{ticket.Remote, ticket.Waiting, ticket.Called, ticket.Serving, ticket.Parked, ticket.Missed,
			ticket.Done, ticket.Cancelled, ticket.Expired, ticket.Unserved} {
			for _, p := range []ticketPlace{{State: s}, {State: s, ByHolder: true}, {State: s, Passed: true}, {State: s, Outcome: ticket.Incomplete}} {
				if !text.Has("ticket.state."+p.Key()+".title") || !text.Has("ticket.state."+p.Key()+".do") {
					t.Errorf("%s: %s", lang, p.Key())
				}
			}
			if !text.Has("ticket.tag." + string(s)) {
				t.Errorf("%s: tag of %s", lang, s)
			}
		}
	}
}

func TestEveryRouteDeclaresItsAudienceAndEveryTemplateIsAccepted(t *testing.T) {
	h := newHouse(t)
	if missing := h.app.Undeclared(); len(missing) > 0 {
		t.Error(missing)
	}
	if err := h.app.CheckPages(); err != nil {
		t.Error(err)
	}
}

func TestOutsideTheDemonstrationNothingIsToBeTried(t *testing.T) {
	h := newHouse(t, func(d *Deps) { d.Demo = false })
	h.visitor("").get("/").want(200).lacks("/kiosk/", "/board/", "/counter")
	v := h.visitor("one")
	v.get(v.booked()).want(200).lacks("No scanner?")
}

func TestASearchIsShownAsItWasTypedAndRunsNothing(t *testing.T) {
	newHouse(t).visitor("").get("/book?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").want(200).lacks("<script>alert")
}

func TestUnknownPlacesAreNotThere(t *testing.T) {
	v := newHouse(t).visitor("one")
	for _, path := range []string{"/book/nothing", "/book/" + renewal + "/hengqin", "/book/" + renewal + "/" + main + "/2026-13-99",
		"/book?category=none", "/book?department=none", "/book/hold/none", "/my/none", "/my/none/cancel"} {
		v.get(path).want(404)
	}
}

func TestACalendarIsTheSameFromTheLiveQueuesAndTheLedger(t *testing.T) {
	h := newHouse(t)
	h.visitor("one").booked()
	client, end := queue.Embedded(h.Clock)
	t.Cleanup(end)
	cells := queue.New(queue.Config{Client: client, Source: h.DB, Catalogue: halltest.Macao(), Clock: h.Clock})
	t.Cleanup(cells.Close)
	must(t, cells.Rebuild(t.Context(), main))
	r := &room{Deps: Deps{Hall: h.Hall, Live: h.Live}, cat: halltest.Macao()}
	p, err := r.place(renewal, main)
	must(t, err)
	days, err := r.offered(t.Context(), p, "2026-11-24", "2026-12-24")
	must(t, err)
	if len(days) != 31 || !days[4].Shut || days[1].free() == 0 {
		t.Fatalf("%d days, %+v", len(days), days[4])
	}
	if first := days[0].Starts; len(first) > 0 && first[0].Start.Before(h.Clock.Now()) {
		t.Errorf("a start in the past: %v", first[0].Start)
	}
	asked := &counting{Cells: cells}
	r.Cells = asked
	same, err := r.offered(t.Context(), p, "2026-11-24", "2026-12-24")
	must(t, err)
	if !reflect.DeepEqual(days, same) || asked.answers != 1 {
		t.Errorf("the live queues answered %d times and say otherwise", asked.answers)
	}
	// What is offered in the calendar is what the door accepts.
	s := days[1].Starts[len(days[1].Starts)-1]
	_, err = h.Hall.Book(t.Context(), hall.Act{Actor: "citizen:x"}, hall.BookRequest{Service: renewal, Office: main, Start: s.Start, Holder: "citizen:x"})
	must(t, err)
}

// counting counts the answers of the live queues.
type counting struct {
	Cells
	answers int
}

func (c *counting) CellsOf(ctx context.Context, queues []string, days []office.Day) (map[string]map[office.Day][]byte, error) {
	out, err := c.Cells.CellsOf(ctx, queues, days)
	if err == nil {
		c.answers++
	}
	return out, err
}

func TestANetworkThatHoldsTooMuchIsSlowed(t *testing.T) {
	h := newHouse(t, func(d *Deps) {
		d.Allow = func(_ context.Context, _ string, _ int, _ time.Duration) (bool, time.Duration) {
			return false, 30 * time.Second
		}
	})
	v := h.visitor("")
	times := v.get(timesPath)
	v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`)).want(429, "Just a moment")
}
