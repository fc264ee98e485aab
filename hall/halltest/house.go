package halltest

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/config"
	"vez/hall"
	"vez/ledger"
	"vez/live"
	"vez/locale"
	"vez/office"
	"vez/office/catalogue"
	"vez/queue"
	"vez/web"
)

// Macau is the zone of the sample's offices.
var Macau, _ = time.LoadLocation("Asia/Macau")

// At is a time, such as "09:30", on the day of the tests: Tuesday 2026-11-24
// in Macao.
func At(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-24 "+clock, Macau)
	if err != nil {
		panic(err)
	}
	return t
}

// Macao is the sample catalogue, read once; nobody may write to it.
var Macao = sync.OnceValue(ReadMacao)

// ReadMacao reads the sample catalogue, for a test that changes it.
func ReadMacao() *office.Catalogue {
	c, mistakes := catalogue.Load(config.Macao())
	if catalogue.Failed(mistakes) {
		panic(mistakes)
	}
	return c
}

// Texts are the words of the pages.
var Texts = sync.OnceValue(func() *locale.Bundle {
	b, err := locale.Load()
	if err != nil {
		panic(err)
	}
	return b
})

// Config says what is built.
type Config struct {
	// Catalogue is Macao's when nil.
	Catalogue *office.Catalogue
	// Start is when the house clock stands still.
	Start time.Time
	// Lines adds the live queues in an embedded Redis, which then feed the hub.
	Lines bool
}

// House is a hall, running.
type House struct {
	*hall.Hall
	T testing.TB
	// Clock is house time; the program's clock is the real one.
	Clock *clockwork.FakeClock
	DB    *ledger.DB
	Live  *live.Hub
	// Queue is nil unless Config.Lines was set.
	Queue *queue.Projection
	Codes Codes
}

// New builds a house and takes it down at the end of the test.
func New(t testing.TB, c Config) *House {
	t.Helper()
	if c.Catalogue == nil {
		c.Catalogue = Macao()
	}
	machine := clockwork.NewRealClock()
	h := &House{T: t, Clock: clockwork.NewFakeClockAt(c.Start), Codes: NewCodes(t)}
	var err error
	h.DB, err = ledger.Open(context.Background(), ledger.Config{Dir: t.TempDir(), House: h.Clock, Machine: machine,
		Zone: func(id string) *time.Location { return c.Catalogue.Office(id).Location() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.DB.Close() })
	hub := live.Config{Catalogue: c.Catalogue, Source: h.DB, House: h.Clock, Machine: machine}
	if c.Lines {
		h.lines(c.Catalogue, machine)
		hub.Feed = h.Queue
	}
	h.Live = live.NewHub(hub)
	t.Cleanup(h.Live.Close)
	h.DB.OnCommit(h.Live.Committed)
	h.Hall = hall.New(hall.Config{Catalogue: c.Catalogue, Ledger: Strict(t, hall.Over(h.DB)), House: h.Clock, Machine: machine,
		Codes: h.Codes, Estimate: h.Live})
	return h
}

// lines opens the live queues.
func (h *House) lines(c *office.Catalogue, machine clockwork.Clock) {
	redis, stop := queue.Embedded(machine)
	h.T.Cleanup(stop)
	h.Queue = queue.New(queue.Config{Client: redis, Source: h.DB, Catalogue: c, Clock: machine})
	h.T.Cleanup(h.Queue.Close)
	h.DB.OnCommit(h.Queue.Committed)
}

// App opens a web app; its texts are set here.
func (h *House) App(c web.Config) *web.App {
	h.T.Helper()
	c.Text = Texts()
	app, err := web.New(c)
	if err != nil {
		h.T.Fatal(err)
	}
	return app
}

// Settle waits until the hub knows all that the ledger has.
func (h *House) Settle() {
	h.T.Helper()
	heads, err := h.DB.Heads(context.Background())
	if err != nil {
		h.T.Fatal(err)
	}
	for _, want := range heads {
		for {
			got, err := h.Live.Head(context.Background(), want.Office)
			if err != nil {
				h.T.Fatal(err)
			}
			if got.Seq >= want.Seq {
				break
			}
			runtime.Gosched()
		}
	}
}
