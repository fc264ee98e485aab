package apitest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/api"
	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
	"vez/ledger"
	"vez/live"
	"vez/locale"
	"vez/office"
	"vez/printer"
	"vez/printer/content"
	"vez/queue"
	"vez/web"
	"vez/web/webtest"
)

// Start is Tuesday 2026-11-24, 10:00 in Macao.
var Start = halltest.At("10:00")

// House is everything, running.
type House struct {
	T         testing.TB
	Catalogue *office.Catalogue
	// Clock is house time and starts at Start; it stands still.
	Clock *clockwork.FakeClock
	DB    *ledger.DB
	Hall  *hall.Hall
	Hub   *live.Hub
	Queue *queue.Projection
	Who   *identity.Service
	App   *web.App
	API   *api.API
	Text  *locale.Bundle

	tokens *sync.Map // of strings, by who
}

// Option changes a house before it is built.
type Option func(*settings)

type settings struct {
	catalogue *office.Catalogue
	demo      bool
	cells     bool
	afar      bool
}

// With takes another catalogue than Catalogue.
func With(c *office.Catalogue) Option { return func(s *settings) { s.catalogue = c } }

// Earnest builds a house outside the demonstration: there are no tokens.
func Earnest() Option { return func(s *settings) { s.demo = false } }

// Afar counts every request as one from a network of its own choice, named in
// X-Forwarded-For: the limits hold, which else do not for the machine itself.
// Their clock stands still, so that nothing is forgiven while a test is slow.
func Afar() Option { return func(s *settings) { s.afar = true } }

// Cells reads free starts from the live queues instead of from the ledger.
func Cells() Option { return func(s *settings) { s.cells = true } }

// New builds a house and takes it down at the end of the test.
func New(t testing.TB, options ...Option) *House {
	t.Helper()
	s := settings{demo: true}
	for _, o := range options {
		o(&s)
	}
	if s.catalogue == nil {
		s.catalogue = Catalogue()
	}
	h := &House{T: t, Catalogue: s.catalogue, Text: halltest.Texts(), tokens: &sync.Map{}}
	h.hall()
	h.people(s)
	cfg := api.Config{Hall: h.Hall, Live: h.Hub, Identity: granted{h.Who, h.Catalogue}, Demo: s.demo, Version: "test",
		Slip: h.slip(printer.NewPress(printer.NewFonts("../fonts", "../../fonts"), labels{h.Text}))}
	if s.cells {
		cfg.Cells = h.Queue
	}
	a, err := api.Register(h.App, cfg)
	h.must(err)
	h.API = a
	return h
}

// slip prints booking slips on A4.
func (h *House) slip(press *printer.Press) func(booking.Booking, string) ([]byte, error) {
	return func(b booking.Booking, lang string) ([]byte, error) {
		code, err := h.Hall.BookingCode(b)
		if err != nil {
			return nil, err
		}
		slip, err := content.Slip(h.Catalogue, b, content.SlipFacts{Code: code, Link: h.App.URL() + "/my", Lang: lang}, h.Hall.Now())
		if err != nil {
			return nil, err
		}
		doc, err := press.SlipOn(printer.A4, slip)
		if err != nil {
			return nil, err
		}
		return doc.PDF()
	}
}

// hall opens the ledger, the live queues in an embedded Redis, the hub and the hall.
func (h *House) hall() {
	base := halltest.New(h.T, halltest.Config{Catalogue: h.Catalogue, Start: Start, Lines: true})
	h.Clock, h.DB, h.Hall, h.Hub, h.Queue = base.Clock, base.DB, base.Hall, base.Live, base.Queue
}

// people opens identity and the web app.
func (h *House) people(s settings) {
	var err error
	cfg := web.Config{Text: h.Text, URL: "http://127.0.0.1", Demo: s.demo && !s.afar}
	if s.afar {
		cfg.TrustedProxies, cfg.Clock = []string{"0.0.0.0"}, clockwork.NewFakeClockAt(clockwork.NewRealClock().Now())
	}
	h.Who, err = identity.New(identity.Config{Store: store{h.DB}, Secret: make([]byte, 32), URL: "http://127.0.0.1", Demo: s.demo})
	h.must(err)
	cfg.Auth = h.Who.Auth
	h.App, err = web.New(cfg)
	h.must(err)
	h.must(h.Who.Register(h.App))
}

func (h *House) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Serve listens on loopback and gives the address; for many requests at once.
func (h *House) Serve() string {
	h.T.Helper()
	return webtest.Serve(h.T, h.App)
}

// store lends the ledger's records to identity.
type store struct{ db *ledger.DB }

func (s store) Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error {
	return s.db.Put(ctx, event.Record{Kind: kind, ID: id, Owner: owner, Data: data, Expires: expires})
}

func (s store) Get(ctx context.Context, kind, id string) ([]byte, bool, error) {
	r, err := s.db.Get(ctx, kind, id)
	if fault.CodeOf(err) == fault.UnknownThing {
		return nil, false, nil
	}
	return r.Data, err == nil, err
}

func (s store) Delete(ctx context.Context, kind, id string) error { return s.db.Delete(ctx, kind, id) }

func (s store) List(ctx context.Context, kind, owner string) (map[string][]byte, error) {
	all, err := s.db.Records(ctx, kind, owner)
	out := make(map[string][]byte, len(all))
	for _, r := range all {
		out[r.ID] = r.Data
	}
	return out, err
}

// labels gives papers their words from the catalogues.
type labels struct{ text *locale.Bundle }

func (l labels) T(lang, key string, args ...any) string   { return l.text.In(lang).T(key, args...) }
func (l labels) DateLong(lang string, t time.Time) string { return l.text.In(lang).DateLong(t) }
