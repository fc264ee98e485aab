package hall_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/hall"
	"vez/hall/halltest"
	"vez/ledger"
	"vez/office"
)

// house is a hall on a real ledger with two offices, at 09:30 on a Tuesday.
type house struct {
	*hall.Hall
	t     testing.TB
	clock *clockwork.FakeClock
	db    *ledger.DB
	codes *codes
}

var macau, _ = time.LoadLocation("Asia/Macau")

// start is Tuesday 2026-11-24, 09:30 in Macao.
var start = time.Date(2026, 11, 24, 9, 30, 0, 0, macau)

func newHouse(t testing.TB) *house {
	t.Helper()
	return openHouse(t, ledger.Config{Dir: t.TempDir()}, clockwork.NewFakeClockAt(start))
}

func openHouse(t testing.TB, cfg ledger.Config, clock *clockwork.FakeClock) *house {
	t.Helper()
	cat := testCatalogue(t)
	cfg.House, cfg.Machine = clock, clock
	cfg.Zone = func(id string) *time.Location { return cat.Office(id).Location() }
	db, err := ledger.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &codes{pub: pub, key: key}
	h := hall.New(hall.Config{Catalogue: cat, Ledger: halltest.Strict(t, hall.Over(db)), House: clock, Machine: clock, Codes: c})
	return &house{Hall: h, t: t, clock: clock, db: db, codes: c}
}

type codes struct {
	pub ed25519.PublicKey
	key ed25519.PrivateKey
}

func (c *codes) Sign(code booking.Code) string { return booking.Encode(code, c.key, 1) }

func (c *codes) Read(text string) (booking.Code, error) {
	return booking.Decode(text, func(kid byte) ed25519.PublicKey {
		if kid != 1 {
			return nil
		}
		return c.pub
	})
}

// testCatalogue has an identity office with a plain queue, a filing-order queue
// and one with a single counter, and a second office across the border.
func testCatalogue(t testing.TB) *office.Catalogue {
	t.Helper()
	week := office.Week{}
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []office.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	c := &office.Catalogue{
		Departments: []*office.Department{{ID: "dsi", Acronym: "DSI"}, {ID: "hq", Acronym: "HQ"}},
		Holidays:    map[string]map[office.Day]office.Holiday{},
	}
	add := func(id, jurisdiction, zone, dept string, counters int) {
		o := &office.Office{ID: id, Jurisdiction: jurisdiction, TimeZone: zone, Departments: []string{dept}, Host: dept, Hours: week,
			Languages: []string{"zh-Hant", "pt", "en", "zh-Hans"}, Name: office.Text{EN: id, ZhHant: id, ZhHans: id, PT: id}}
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		o.WithLocation(loc)
		for i := 1; i <= counters; i++ {
			o.Counters = append(o.Counters, office.Counter{ID: fmt.Sprintf("%s-%d", id, i), Label: fmt.Sprint(i), Office: id, Queues: []string{id + "-card"}})
		}
		c.Offices = append(c.Offices, o)
	}
	add("main", "macao", "Asia/Macau", "dsi", 80)
	add("across", "hengqin", "Asia/Shanghai", "hq", 2)
	queue := func(id, officeID, prefix string, counters int, edit func(*office.Rules), services ...string) {
		r := office.DefaultRules()
		r.LastTicket = 0
		if edit != nil {
			edit(&r)
		}
		c.Queues = append(c.Queues, &office.Queue{ID: id, Office: officeID, Department: "dsi", Prefix: prefix, Counters: counters, Rules: r, Services: services})
	}
	queue("main-card", "main", "A", 4, nil, "renew", "collect")
	queue("main-deeds", "main", "B", 2, func(r *office.Rules) { r.FilingOrder = true }, "deed")
	queue("main-small", "main", "C", 2, func(r *office.Rules) { r.SameDayShare, r.GuaranteedShare, r.BookedShare = 0, 0, 0.5 }, "quick")
	queue("across-card", "across", "A", 2, nil, "permit")
	service := func(id string, minutes int, queues ...string) {
		c.Services = append(c.Services, &office.Service{ID: id, Department: "dsi", Minutes: minutes, Queues: queues, Modes: []string{"counter"},
			Rules: office.DefaultServiceRules(), Name: office.Text{EN: id, ZhHant: id, ZhHans: id, PT: id}})
	}
	service("renew", 15, "main-card")
	service("collect", 5, "main-card")
	service("deed", 30, "main-deeds")
	service("quick", 30, "main-small")
	service("permit", 20, "across-card")
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *house) act(actor string) hall.Act { return hall.Act{Actor: actor} }

func (h *house) issue(service string) hall.Issued {
	h.t.Helper()
	is, err := h.Issue(context.Background(), h.act("device:k1"), hall.IssueRequest{Office: "main", Service: service})
	if err != nil {
		h.t.Fatal(err)
	}
	return is
}

func (h *house) open(n int, queues ...string) string {
	h.t.Helper()
	id := fmt.Sprintf("main-%d", n)
	if _, err := h.OpenCounter(context.Background(), h.clerk(n), id, queues); err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) clerk(n int) hall.Act { return h.act(fmt.Sprintf("clerk:%d", n)) }

func (h *house) next(n int) hall.Desk {
	h.t.Helper()
	d, err := h.Next(context.Background(), h.clerk(n), fmt.Sprintf("main-%d", n), hall.NextRequest{})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func contains(p []byte, s string) bool { return bytes.Contains(p, []byte(s)) }
