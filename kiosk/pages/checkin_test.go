package pages_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/hall"
	"vez/hall/halltest"
	"vez/office"
)

// presented is one scan at dsi-main and what it must be answered with.
type presented struct {
	name  string
	code  func(h *house) string
	want  string // answer; "" for a ticket
	says  []string
	leads []string
}

func bookedFor(service, officeID string, day office.Day, clock string) func(*house) string {
	return func(h *house) string {
		_, code := h.book(service, officeID, atDay(day, clock))
		return code
	}
}

func TestEveryScanHasItsOwnHelpfulScreen(t *testing.T) {
	const card = "dsi-bir-renewal"
	for _, c := range []presented{
		{name: "in time", code: bookedFor(card, "dsi-main", "2026-11-24", "10:30"), says: []string{"You are in the line", "prints below"}},
		{name: "early", want: "early", code: func(h *house) string {
			h.Catalogue().Queue("dsi-main-card").Rules.EarlyRefused = 30 * time.Minute
			_, code := h.book(card, "dsi-main", halltest.At("12:00"))
			return code
		}, says: []string{"11:30", "1 hour 30 minutes", "12:00 pm", "Come back then"}},
		{name: "late", want: "late", code: func(h *house) string {
			_, code := h.book(card, "dsi-main", halltest.At("10:30"))
			h.Clock.Advance(90 * time.Minute)
			return code
		}, says: []string{"10:30 am"}, leads: []string{"/kiosk/dsi-main/take"}},
		{name: "wrong office", want: "wrong_office", code: bookedFor(card, "islands", "2026-11-24", "10:30"),
			says: []string{"Macao Government Services Centre in Islands", "Rua de Coimbra", "Today"}},
		{name: "wrong day", want: "wrong_day", code: bookedFor(card, "dsi-main", "2026-11-26", "10:30"), says: []string{"Thursday 26 November", "10:30"}},
		{name: "cancelled", want: "cancelled", code: func(h *house) string {
			b, code := h.book(card, "dsi-main", halltest.At("15:00"))
			if _, err := h.CancelBooking(context.Background(), hall.Act{Actor: "citizen:x"}, b.ID, "citizen:x", false); err != nil {
				h.t.Fatal(err)
			}
			return code
		}, leads: []string{"/kiosk/dsi-main/take"}},
		{name: "unknown", want: "unknown", code: func(*house) string { return "HELLO WORLD" },
			leads: []string{"/kiosk/dsi-main/booking/type", "/kiosk/dsi-main/help"}},
		{name: "forged", want: "forged", code: func(h *house) string {
			_, code := h.book(card, "dsi-main", halltest.At("10:30"))
			return code[:len(code)-1] + map[bool]string{true: "1", false: "0"}[code[len(code)-1] == '0']
		}, leads: []string{"/kiosk/dsi-main/help"}},
		{name: "a pass that ran out", want: "pass_expired", code: func(h *house) string {
			return h.Codes.Sign(booking.Code{Kind: booking.PassCode, ID: [16]byte{1}, Office: booking.ShortHash("dsi-main"),
				Queue: booking.ShortHash("dsi-main-card"), Start: halltest.At("09:00")})
		}, says: []string{"Tuesday 24 November"}, leads: []string{"/kiosk/dsi-main/take"}},
		{name: "a pass that holds", code: func(h *house) string {
			return h.Codes.Sign(booking.Code{Kind: booking.PassCode, ID: [16]byte{2}, Office: booking.ShortHash("dsi-main"),
				Queue: booking.ShortHash("dsi-main-card"), Start: halltest.At("18:00")})
		}, says: []string{"You are in the line"}},
		{name: "a hall that is paused", want: "hall_paused", code: func(h *house) string {
			_, code := h.book(card, "dsi-main", halltest.At("10:30"))
			if _, err := h.PauseHall(context.Background(), h.act(), "dsi-main", "fire"); err != nil {
				h.t.Fatal(err)
			}
			return code
		}, says: []string{"no lateness is counted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.open("dsi-main-1")
			code := c.code(h)
			h.Settle()
			p := h.person("en")
			g := p.scan(p.get("/kiosk/dsi-main/help"), code) // the reader works on every page
			if g.status != 200 || g.answer() != c.want || (c.want == "") != (g.number() == "A001") {
				t.Fatalf("%d, answer %q, number %q at %s", g.status, g.answer(), g.number(), g.path)
			}
			for _, text := range c.says {
				if !strings.Contains(g.body, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			for _, to := range c.leads {
				if !g.leads(to) {
					t.Errorf("it does not lead to %s but to %v", to, g.links())
				}
			}
			if pt := p.get(inLanguage(g.path, "pt")); pt.answer() != c.want {
				t.Errorf("in another language it is %q", pt.answer())
			}
		})
	}
}

func inLanguage(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

func TestACodeScannedTwiceGivesOneTicketAndOffersItsPaperAgain(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	b, code := h.book("dsi-bir-renewal", "dsi-main", halltest.At("10:30"))
	p := h.person("en")
	home := p.get("/kiosk/dsi-main")
	first := p.scan(home, code)
	twin := p.scan(home, code) // the same page sent it once more
	h.Settle()
	later := p.scan(first, strings.ToLower(code))
	byHand := p.submit(p.get("/kiosk/dsi-main/booking/type"), "/check-in", "reference", b.Reference)
	for _, g := range []page{first, twin, later, byHand} {
		if g.number() != "A001" {
			t.Errorf("%s shows %q", g.path, g.number())
		}
	}
	if !strings.Contains(later.body, "You have already checked in") || !strings.Contains(later.body, "/print\"") {
		t.Error("it does not say so or does not offer the paper again")
	}
	jobs, err := h.PrintJobs(context.Background(), h.only(t, "dsi-main").ID)
	if err != nil || len(jobs) != 1 {
		t.Errorf("%d papers, %v", len(jobs), err)
	}
}

func TestTheOtherReadingOfAScanIsTried(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	_, code := h.book("dsi-bir-renewal", "dsi-main", halltest.At("10:30"))
	p := h.person("en")
	g := p.submit(p.get("/kiosk/dsi-main"), "/check-in", "code", "ÖÖ"+code[2:], "alt", code)
	if g.number() != "A001" {
		t.Errorf("it led to %s", g.path)
	}
	swap := strings.NewReplacer("Y", "Z", "Z", "Y")
	_, other := h.book("dsi-bir-renewal", "dsi-main", halltest.At("10:45"))
	if g := p.submit(p.get("/kiosk/dsi-main"), "/check-in", "code", swap.Replace(other)); g.number() != "A002" {
		t.Errorf("with Y and Z exchanged it led to %s", g.path)
	}
}

func TestAnAnswerSaysNothingThatItWasNotTold(t *testing.T) {
	h := newHouse(t)
	p := h.person("en")
	for path, want := range map[string]int{
		"/answer/used?number=%3Cscript%3E": 200, "/answer/early": 200, "/answer/early?start=x&minutes=-5": 200, "/answer/nothing": 404, "/answer/wrong_office": 404,
		"/answer/used?number=A0471234567890": 200,
	} {
		g := p.get("/kiosk/dsi-main" + path)
		if g.status != want || strings.Contains(g.body, "<script>") || len(g.number()) > 8 && !strings.Contains(path, "early") {
			t.Errorf("%s: %d", path, g.status)
		}
	}
}
