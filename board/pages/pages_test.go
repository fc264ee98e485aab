package pages_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"vez/board"
	"vez/board/pages"
	"vez/hall"
	"vez/hall/halltest"
	"vez/live"
	"vez/locale"
	"vez/web"
	"vez/web/webtest"
)

func TestEveryPageIsAcceptedByHTMLTemplate(t *testing.T) {
	if err := newHouse(t).app.CheckPages(); err != nil {
		t.Fatal(err)
	}
}

func TestTheNewestCallStandsAloneAndServedOnesAreThere(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 4)
	h.call("dsi-main", 1, true)
	h.Clock.Advance(time.Minute)
	h.call("dsi-main", 2, false)
	h.Clock.Advance(time.Minute)
	h.call("dsi-main", 3, false)
	g := h.get("/board/dsi-main")
	if g.status != 200 || !slices.Equal(g.numbers(), []string{"*A003", "A002", "A001"}) {
		t.Fatalf("%d: it shows %v", g.status, g.numbers())
	}
	if !strings.Contains(g.body, `class="call newest called flash"`) || strings.Count(g.body, " flash") != 2 {
		t.Error("new calls do not flash, or others do")
	}
	if n := len(webtest.All(g.doc, func(n *html.Node) bool {
		return n.Data == "tr" && webtest.Has(n, "data-queue") && !webtest.Has(n, "hidden")
	})); n != 7 {
		t.Errorf("%d queues are shown", n)
	}
	if !strings.Contains(g.body, `<meta http-equiv="refresh" content="10">`) {
		t.Error("without scripts it is not loaded again every ten seconds")
	}
}

func TestAZoneHasItsOwnCallsAndQueues(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 1)
	h.issue("dsi-main-travel", 1)
	h.call("dsi-main", 1, false)
	h.call("dsi-main", 11, false)
	for zone, want := range map[string][]string{"": {"*B001", "A001"}, "W": {"*A001"}, "X": {"*B001"}} {
		g := h.get("/board/dsi-main?zone=" + zone)
		if got := g.numbers(); len(got) != len(want) || zone != "" && !slices.Equal(got, want) {
			t.Errorf("zone %q shows %v, want %v", zone, got, want)
		}
		for _, row := range webtest.All(g.doc, func(n *html.Node) bool { return n.Data == "tr" && webtest.Has(n, "data-queue") }) {
			if q := h.Catalogue().Queue(webtest.Attr(row, "data-queue")); zone != "" && q.Zone != zone {
				t.Errorf("zone %s lists %s of zone %s", zone, q.ID, q.Zone)
			}
		}
	}
	if g := h.get("/board/dsi-main?zone=nowhere"); g.status != 404 {
		t.Errorf("an unknown zone: %d", g.status)
	}
}

func TestLabelsStandInAllLanguagesOfTheOfficeAndNumbersInNone(t *testing.T) {
	h := newHouse(t)
	h.issue("hengqin-business", 1)
	h.call("hengqin", 1, false)
	g := h.get("/board/hengqin")
	if strings.Contains(g.body, "⟦") {
		t.Error("a text is missing")
	}
	for _, w := range webtest.All(g.doc, func(n *html.Node) bool { return webtest.Attr(n, "class") == "words" }) {
		var langs []string
		for _, s := range webtest.All(w, func(n *html.Node) bool { return webtest.Has(n, "lang") }) {
			langs = append(langs, webtest.Attr(s, "lang"))
		}
		if !slices.Equal(langs, []string{"zh-Hans", "zh-Hant", "pt", "en"}) {
			t.Fatalf("a label stands in %v", langs)
		}
		if inside := webtest.All(w, func(n *html.Node) bool { return webtest.Has(n, "data-number") || webtest.Has(n, "data-clock") }); len(inside) > 0 {
			t.Error("a number changes its language")
		}
	}
	if n := len(webtest.All(g.doc, func(n *html.Node) bool { return webtest.Attr(n, "class") == "now" })); n != len(webtest.All(g.doc, func(n *html.Node) bool { return webtest.Attr(n, "class") == "words" })) {
		t.Errorf("%d labels are shown first", n)
	}
}

func TestTheLoudspeakerHasEveryWordInEveryLanguage(t *testing.T) {
	g := newHouse(t).get("/board/dsi-main")
	script := webtest.All(g.doc, func(n *html.Node) bool { return webtest.Has(n, "data-voice") })
	var say map[string]map[string]string
	if err := json.Unmarshal([]byte(script[0].FirstChild.Data), &say); err != nil {
		t.Fatal(err)
	}
	for _, lang := range locale.Languages {
		for _, key := range board.TextKeys() {
			if text := say[lang][key]; text == "" || strings.Contains(text, "⟦") {
				t.Errorf("%s in %s is %q", key, lang, text)
			}
		}
	}
}

func TestBookedNumbersCarryTheirMark(t *testing.T) {
	h := newHouse(t)
	b, err := h.Book(context.Background(), hall.Act{Actor: "citizen:x"}, hall.BookRequest{Service: "dsi-bir-renewal", Office: "dsi-main", Start: halltest.At("10:30"), Holder: "citizen:x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckIn(context.Background(), hall.Act{Actor: "device:k"}, hall.CheckInRequest{Office: "dsi-main", Reference: b.Reference}); err != nil {
		t.Fatal(err)
	}
	h.call("dsi-main", 1, false)
	if g := h.get("/board/dsi-main"); !strings.Contains(g.body, `<sup data-part="mark">約 M</sup>`) {
		t.Error("the mark is missing")
	}
}

func TestAPausedHallSaysSo(t *testing.T) {
	h := newHouse(t)
	shown := func() bool {
		p := webtest.All(h.get("/board/dsi-main").doc, func(n *html.Node) bool { return webtest.Attr(n, "data-alert") == "paused" })
		return !webtest.Has(p[0], "hidden")
	}
	if shown() {
		t.Error("it is shown while nothing is paused")
	}
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:m"}, "dsi-main", "fire"); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	if !shown() {
		t.Error("it is not shown")
	}
}

var personal = regexp.MustCompile(`citizen:|clerk:|device:|[0-9a-f]{8}-[0-9a-f]{4}-`)

func TestABoardShowsNothingOfAPerson(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 2)
	h.call("dsi-main", 1, false)
	if found := personal.FindString(h.get("/board/dsi-main").body); found != "" {
		t.Errorf("it shows %q", found)
	}
	for _, f := range h.hear(t, "/live/board/dsi-main", 1) {
		if found := personal.FindString(f.data); found != "" {
			t.Errorf("the stream says %q", found)
		}
	}
}

func TestOnlyABoardOfTheOfficeIsLetIn(t *testing.T) {
	other := newHouse(t, func(c *web.Config, _ *pages.Deps) { c.Auth = boardOf("mong-son") })
	for path, want := range map[string]int{"/board/mong-son": 200, "/board/dsi-main": 403, "/board/nowhere": 404, "/live/board/dsi-main": 403} {
		if g := other.get(path); g.status != want {
			t.Errorf("%s: %d, want %d", path, g.status, want)
		}
	}
	for _, route := range other.app.Routes() {
		if strings.Contains(route.Path, "board") && route.Audience.String() != "device:board" {
			t.Errorf("%s %s is for %s", route.Method, route.Path, route.Audience)
		}
	}
	nobody := newHouse(t, func(c *web.Config, _ *pages.Deps) { c.Auth = nil })
	if g := nobody.get("/board/dsi-main"); !strings.HasPrefix(g.header.Get("Location"), "/pair?") {
		t.Errorf("an unpaired device is led to %q", g.header.Get("Location"))
	}
}

func TestABoardTellsWhatItHasShown(t *testing.T) {
	var seen []int64
	h := newHouse(t, func(_ *web.Config, d *pages.Deps) {
		d.Painted = func(_ *fiber.Ctx, seq int64) error {
			seen = append(seen, seq)
			return nil
		}
	})
	for body, want := range map[string]int{`{"at":"ab.17"}`: 204, `{"at":"17"}`: 422, `{`: 400} {
		r := httptest.NewRequest("POST", "/board/dsi-main/painted", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		res, err := h.app.Fiber().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", body, res.StatusCode, want)
		}
	}
	if !slices.Equal(seen, []int64{17}) {
		t.Errorf("told of %v", seen)
	}
}

// frame is one event of a stream.
type frame struct{ id, event, data string }

// hear gives the first n events of a stream.
func (h *house) hear(t *testing.T, path string, n int) []frame {
	t.Helper()
	return hear(t, webtest.Serve(t, h.app)+path, n, nil)
}

// hear reads n events from an address; after the first it calls then.
func hear(t *testing.T, address string, n int, then func()) []frame {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out []frame
	var f frame
	for lines := bufio.NewScanner(res.Body); len(out) < n && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			f.id = value
		case "event":
			f.event = value
		case "data":
			f.data += value
		case "":
			if f.event != "" {
				out = append(out, f)
				if len(out) == 1 && then != nil {
					then()
				}
			}
			f = frame{}
		}
	}
	if len(out) < n {
		t.Fatalf("heard only %d of %d events from %s", len(out), n, address)
	}
	return out
}

func TestABoardHearsASnapshotThenChangesAndResumesAfterThem(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 3)
	h.call("dsi-main", 1, false)
	base := webtest.Serve(t, h.app)
	got := hear(t, base+"/live/board/dsi-main", 2, func() { h.call("dsi-main", 2, false) })
	var snap live.Board
	if err := json.Unmarshal([]byte(got[0].data), &snap); err != nil || got[0].event != "snapshot" || got[0].id != snap.At || len(snap.Calls) != 1 {
		t.Fatalf("first came %+v, %v", got[0], err)
	}
	change := got[1]
	if change.event == "queues" { // figures may come between
		change = hear(t, base+"/live/board/dsi-main?last="+got[0].id, 2, nil)[1] // figures bring the clock before it
	}
	if change.event != "change" || !strings.Contains(change.data, `"A002"`) || !strings.Contains(change.data, `"new":true`) {
		t.Fatalf("then came %+v", change)
	}
	h.call("dsi-main", 3, false)
	missed := hear(t, base+"/live/board/dsi-main?last="+change.id, 2, nil)[1]
	if missed.event != "change" || !strings.Contains(missed.data, `"A003"`) || strings.Contains(missed.data, `"A002"`) {
		t.Errorf("after the cut came %+v", missed)
	}
	if again := hear(t, base+"/live/board/dsi-main?last=strange.5", 1, nil)[0]; again.event != "snapshot" {
		t.Errorf("an unknown id is answered with %s", again.event)
	}
}
