package pages

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/ticket"
	"vez/web/webtest"
)

// message is one event of a stream.
type message struct{ name, data string }

// listen opens a console's stream.
func (b *browser) listen(base, path string) <-chan message {
	b.h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	b.h.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", base+path, nil)
	if err != nil {
		b.h.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.lang)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	b.h.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		b.h.t.Fatalf("the stream answers %d", res.StatusCode)
	}
	out := make(chan message, 100)
	go func() {
		defer close(out)
		var m message
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			switch text := lines.Text(); {
			case strings.HasPrefix(text, "event: "):
				m.name = strings.TrimPrefix(text, "event: ")
			case strings.HasPrefix(text, "data: "):
				m.data += strings.TrimPrefix(text, "data: ")
			case text == "" && m.name != "":
				out <- m
				m = message{}
			}
		}
	}()
	return out
}

// await gives the first message that fits.
func await(t *testing.T, from <-chan message, what string, fits func(message) bool) message {
	t.Helper()
	for m := range from {
		if fits(m) {
			return m
		}
	}
	t.Fatalf("the stream ended before %s", what)
	return message{}
}

func version(p page) string {
	for _, x := range p.all("div") {
		if v := webtest.Attr(x, "data-live"); v != "" {
			return v
		}
	}
	p.t.Fatal("the console has no stream")
	return ""
}

func TestTheLineIsLiveAndTheConsoleGivesSigns(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	base := webtest.Serve(t, h.app)
	for len(h.touched) > 0 {
		<-h.touched
	}
	news := anna.listen(base, version(anna.get("/counter/"+desk1)))
	if got := <-h.touched; got != hallID+" "+desk1 {
		t.Errorf("touched %s", got)
	}
	await(t, news, "that all is well", func(m message) bool { return m.name == "values" && m.data == `{"away":false}` })
	await(t, news, "the first picture", func(m message) bool { return m.name == "fragment" && strings.Contains(m.data, "Nobody is waiting") })
	a := h.issue(renewal)
	await(t, news, "the new ticket", func(m message) bool {
		return strings.Contains(m.data, `"waiting"`) && strings.Contains(m.data, a.Number)
	})
}

func TestThePageIsToldWhenSomebodyElseMovesItsTicket(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	base := webtest.Serve(t, h.app)
	anna.press(desk1, "next")
	news := anna.listen(base, version(anna.get("/counter/"+desk1)))
	await(t, news, "the first picture", func(m message) bool { return m.name == "fragment" })
	bea.press(desk2, "take-over", "ticket", a.ID)
	await(t, news, "the move", func(m message) bool { return m.name == movedEvent })
	b := h.issue(renewal) // a page that cannot load itself again yet goes on with its lists
	await(t, news, "the new ticket", func(m message) bool {
		if m.name == movedEvent {
			t.Error("the page is told twice")
		}
		return strings.Contains(m.data, `"waiting"`) && strings.Contains(m.data, b.Number)
	})
}

// TestACounterIsNotLostWhileTheLedgerIsAway keeps a console open through an
// outage: its clerk is there, and nobody is invited to take the person off them.
func TestACounterIsNotLostWhileTheLedgerIsAway(t *testing.T) {
	machine := clockwork.NewFakeClock()
	h := newHouse(t, func(d *Deps) { d.Machine = machine })
	anna := h.opened("anna", desk1)
	base := webtest.Serve(t, h.app)
	news := anna.listen(base, version(anna.get("/counter/"+desk1)))
	await(t, news, "the first picture", func(m message) bool { return m.name == "fragment" })
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	sign := func() {
		t.Helper()
		if err := machine.BlockUntilContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		machine.Advance(signEvery)
	}
	sign()
	await(t, news, "that nothing can be saved", func(m message) bool { return m.name == "values" && strings.Contains(m.data, `"away":true`) })
	for len(h.touched) > 0 {
		<-h.touched
	}
	sign()
	select {
	case got := <-h.touched:
		if got != hallID+" "+desk1 {
			t.Errorf("touched %s", got)
		}
	case <-time.After(30 * time.Second):
		t.Error("the console gave no sign while the ledger was away")
	}
}

// deaf is a live hub that has nothing to say.
type deaf struct{}

func (deaf) Counters(context.Context, string) (live.Counters, error) {
	return live.Counters{}, errors.New("away")
}

func (deaf) Subscribe(context.Context, string, live.Filter, string) (*live.Sub, error) {
	return nil, errors.New("away")
}

func TestTheConsoleWorksOnTheLedgerAlone(t *testing.T) {
	h := newHouse(t, func(d *Deps) {
		d.Live = deaf{}
		d.Touch = func(context.Context, string, string) error { return errors.New("away") }
	})
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.get("/counter/"+desk1).says("Waiting 1", a.Number)
	anna.press(desk1, "next").says(a.Number, "Called")
	anna.press(desk1, "start")
	anna.press(desk1, "finish", "outcome", "served").says("is finished")
	h.want(a.ID, ticket.Done)
}

func TestTheReasonIsFoundInTheLedgerAfterARestart(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	if _, err := h.OpenCounter(context.Background(), hall.Act{Actor: "clerk:anna"}, desk1, nil); err != nil {
		t.Fatal(err)
	}
	// Called through another door, as by another hub, and recalled since.
	if _, err := h.Call(context.Background(), hall.Act{Actor: "clerk:anna"}, desk1, b.ID, "deadline"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := h.Recall(context.Background(), hall.Act{Actor: "clerk:anna"}, desk1); err != nil {
			t.Fatal(err)
		}
	}
	h.clerk("anna").get("/counter/"+desk1).says("Called out of turn by staff", "a legal term ends today", a.Number, "called again 3 times")
}

func TestEventsThatCannotBeReadAreNoReasonToShowNothing(t *testing.T) {
	h := newHouse(t, func(d *Deps) { d.Events = away{} })
	a := h.issue(renewal)
	ctx := context.Background()
	if _, err := h.OpenCounter(ctx, hall.Act{Actor: "clerk:anna"}, desk1, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Next(ctx, hall.Act{Actor: "clerk:anna"}, desk1, hall.NextRequest{}); err != nil {
		t.Fatal(err)
	}
	h.clerk("anna").get("/counter/"+desk1).says(a.Number, "Called").silent("Why this ticket?")
}

type away struct{}

func (away) After(context.Context, string, int64, int) ([]event.Event, error) {
	return nil, fault.New(fault.LedgerAway)
}

// unsure is a hall whose answer to Next gets lost once: after the move, or before it.
type unsure struct {
	*hall.Hall
	before, after *bool
}

func (u unsure) Next(ctx context.Context, act hall.Act, counter string, r hall.NextRequest) (hall.Desk, error) {
	if *u.before {
		*u.before = false
		return hall.Desk{}, fault.New(fault.UnknownOutcome)
	}
	d, err := u.Hall.Next(ctx, act, counter, r)
	if *u.after {
		*u.after = false
		return hall.Desk{}, fault.New(fault.UnknownOutcome)
	}
	return d, err
}

func TestAMoveOfUnknownOutcomeIsRepeatedWithTheSameKey(t *testing.T) {
	var before, after bool
	h := newHouse(t, func(d *Deps) { d.Hall = unsure{d.Hall.(*hall.Hall), &before, &after} })
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	next := "/counter/" + desk1 + "/next"

	before = true
	first, _ := anna.get("/counter/"+desk1).form(next, nil)
	p := anna.post(next, first).says("We do not yet know whether this was saved", "Call next")
	again, _ := p.form(next, nil)
	if again.Get("_key") != first.Get("_key") {
		t.Errorf("key %q, want %q", again.Get("_key"), first.Get("_key"))
	}
	anna.post(next, again).says(a.Number, "Called")
	anna.post(next, first).says(a.Number, "Called") // a late double of the first
	anna.press(desk1, "start")

	after = true
	anna.press(desk1, "next", "finish", "served").says("We do not yet know whether this was saved", b.Number, "Called")
	h.want(a.ID, ticket.Done)
	h.want(b.ID, ticket.Called)
}
