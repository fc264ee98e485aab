package pages_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"vez/booking"
	"vez/hall"
	"vez/hall/halltest"
	"vez/kiosk/pages"
	"vez/office"
	"vez/web"
)

// scanned are bookings and what a scanner types for them.
type scanned struct {
	refs  map[string]bool
	codes []string
	// became is which ticket a booking has become, by its id.
	became map[string]string
}

// seedScans books in the four languages, here, elsewhere, on another day, and
// gives what was booked away again.
func seedScans(f *testing.F, h *house) *scanned {
	f.Helper()
	s := &scanned{refs: map[string]bool{}, became: map[string]string{}}
	for i, at := range []struct{ office, day, clock string }{
		{"dsi-main", "2026-11-24", "10:30"}, {"dsi-main", "2026-11-24", "10:00"}, {"dsi-main", "2026-11-24", "15:00"},
		{"dsi-main", "2026-11-26", "10:30"}, {"islands", "2026-11-24", "10:30"},
	} {
		b, code := h.book("dsi-bir-renewal", at.office, atDay(office.Day(at.day), at.clock))
		s.refs[b.Reference], s.codes = true, append(s.codes, code)
		if i == 2 {
			if _, err := h.CancelBooking(context.Background(), hall.Act{Actor: "clerk:1"}, b.ID, "", true); err != nil {
				f.Fatal(err)
			}
		}
		for _, typed := range []string{code, strings.ToLower(code), code[:150], code + "\r\n", strings.NewReplacer("Y", "Z", "Z", "Y").Replace(code)} {
			f.Add(byte(i), typed, "", "")
		}
		f.Add(byte(i), "", "", booking.ReferenceWords(b.Reference))
		f.Add(byte(i), "", "", strings.ToLower(b.Reference))
		f.Add(byte(i), b.Reference, code, "")
	}
	return s
}

// FuzzCheckIn stands at a kiosk and scans or types anything: the answer is a
// page that helps, never our own mistake; a ticket comes only of a code that was
// signed here or a reference that was given, and of each booking only one.
func FuzzCheckIn(f *testing.F) {
	h := newHouse(f, func(c *web.Config, _ *pages.Deps) { c.Demo = true })
	h.open("dsi-main-1")
	s := seedScans(f, h)
	pass := h.Codes.Sign(booking.Code{Kind: booking.PassCode, ID: [16]byte{2}, Office: booking.ShortHash("dsi-main"), Queue: booking.ShortHash("dsi-main-card"), Start: halltest.At("18:00")})
	for i, text := range []string{"HELLO WORLD", "", "HTTPS://FILA.EXAMPLE.MO/T/7Q2M4XKD9RTB6WZC3HVN8JFP5A", pass, "/t/", "O0I1-L1oo", "預約 二維碼", "código", "\x00\xff", strings.Repeat("Z", 152), strings.Repeat("7", 400), "<script>", "../../admin", "%2F%0d%0a"} {
		f.Add(byte(i), text, "", "")
		f.Add(byte(i), "", text, text)
	}
	for _, query := range []string{"start=2026-11-24T10:30:00%2B08:00&minutes=90", "start=x&from=0000&until=9999-12-31T23:59:59Z&minutes=-1", "booking=1&office_id=islands&number=A001&typed=%ff", "date=&lang=xx", "queue=dsi-main-card&service=dsi-bir-renewal&need=low_desk&need=x&first=1"} {
		for page := range addresses {
			f.Add(byte(128+page), query, "early", "")
		}
	}
	f.Fuzz(func(t *testing.T, how byte, code, alt, reference string) {
		here := *h
		here.t = t
		p := here.person([]string{"zh-Hant", "pt", "en", "zh-Hans"}[how%4])
		if how >= 128 {
			on := addresses[int(how-128)%len(addresses)]
			look(t, p.get("/kiosk/dsi-main"+strings.ReplaceAll(on, "*", url.PathEscape(alt))+"?"+cut(code)))
			return
		}
		g := p.submit(p.get("/kiosk/dsi-main/help"), "/check-in", "code", code, "alt", alt, "reference", reference)
		look(t, g)
		if _, id, ok := strings.Cut(g.path, "/ticket/"); ok {
			here.came(t, s, strings.SplitN(id, "?", 2)[0], code, alt, reference)
		}
	})
}

var addresses = []string{"", "/booking", "/booking/type", "/answer/*", "/take", "/services", "/queue/*", "/queue/dsi-main-card", "/needs", "/ticket/*", "/paper/*", "/return"}

// cut makes a text fit to stand in an address behind its question mark.
func cut(query string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || r == '#' {
			return '+'
		}
		return r
	}, query)
}

func look(t *testing.T, g page) {
	t.Helper()
	if g.status >= 500 || g.status < 200 || g.status >= 300 && g.status < 400 {
		t.Fatalf("%s is answered %d\n%.2000s", g.path, g.status, g.body)
	}
	if strings.Contains(g.body, "⟦") || strings.Contains(g.body, "%!") {
		t.Fatalf("%s has words that are missing", g.path)
	}
}

// came proves that a ticket came rightly.
func (h *house) came(t *testing.T, s *scanned, id string, texts ...string) {
	t.Helper()
	rightly := false
	for _, text := range texts {
		_, err := h.Codes.Read(strings.TrimSpace(text))
		ref, bad := booking.ParseReference(text)
		rightly = rightly || err == nil || bad == nil && s.refs[ref]
	}
	if !rightly {
		t.Fatalf("%q gave the ticket %s", texts, id)
	}
	tk, err := h.Hall.Ticket(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if first, known := s.became[tk.Booking]; tk.Booking != "" && known && first != tk.ID {
		t.Fatalf("the booking %s has become %s and %s", tk.Booking, first, tk.ID)
	}
	s.became[tk.Booking] = tk.ID
}
