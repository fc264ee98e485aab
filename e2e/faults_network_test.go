package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"vez/ledger/pgtest"
)

// A wire is the network between the hubs and a server, to be spoilt at will.
type wire struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

func newWire(t *testing.T, name, server string) *wire {
	t.Helper()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), name, "127.0.0.1:0", server)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return &wire{t, p}
}

// spoils adds a fault to every connection that is or comes; towards is
// upstream for what is asked, downstream for what is answered.
func (w *wire) spoils(kind, towards, attributes string) {
	w.t.Helper()
	text := fmt.Sprintf(`{"type":%q,"stream":%q,"attributes":{%s}}`, kind, towards, attributes)
	if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		w.t.Fatal(err)
	}
}

// heals takes all faults away; what was swallowed stays lost, its connections end.
func (w *wire) heals() { w.proxy.Toxics.ResetToxics(context.Background()) }

// through gives a server's URL by way of the wire.
func (w *wire) through(server string) string {
	w.t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		w.t.Fatal(err)
	}
	u.Host = w.proxy.Listen
	return u.String()
}

// aCut is one way to spoil a wire.
type aCut struct {
	what          string
	kind, towards string
	attributes    string
}

// cuts are faults that a few seconds suffice for.
var cuts = []aCut{
	{"is slow", "latency", "downstream", `"latency":150,"jitter":100`},
	{"is slow to ask", "latency", "upstream", `"latency":120`},
	{"resets connections", "reset_peer", "downstream", `"timeout":100`},
	{"resets what is asked", "reset_peer", "upstream", `"timeout":0`},
	{"breaks off in the middle of answers", "limit_data", "downstream", `"bytes":3000`},
	{"swallows answers", "timeout", "downstream", `"timeout":0`},
}

// TestABadNetworkIsAnsweredInBoundedTimeAndForgotten spoils the network between
// two hubs and their servers in every way and in an order of chance.
func TestABadNetworkIsAnsweredInBoundedTimeAndForgotten(t *testing.T) {
	seed, rng := seedOf(t)
	live, database := newRedis(t), pgtest.URL(t)
	toRedis, toLedger := newWire(t, "redis", live.address()), newWire(t, "ledger", pgtest.Address(t))
	h := newHouse(t, houseIs{hubs: 2, database: database, through: toLedger.through(database), redis: live.client(), address: toRedis.through(live.url())})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	for range rounds(1) {
		for _, i := range rng.Perm(2 * len(cuts)) {
			cut, to, name := cuts[i/2], toRedis, "the way to Redis "
			if i%2 == 1 {
				to, name = toLedger, "the way to the ledger "
			}
			to.spoils(cut.kind, cut.towards, cut.attributes)
			if to == toRedis {
				w.goesOn(20, 20*time.Second)
			}
			time.Sleep(between(rng, 500*time.Millisecond, 1500*time.Millisecond))
			to.heals()
			h.catchesUp(soon(4*time.Second), name+cut.what) // a question that hangs ends after 2 s, then the next second mends
			w.goesOn(20, 30*time.Second)
		}
	}
	w.closes(60 * time.Second)
	w.proves()
}

const (
	// readBlackHole is how long the first who look may wait when the ledger
	// swallows everything: one reading has 5 s.
	readBlackHole = 7 * time.Second
	// blackHole is how long the first who change something may: a statement has
	// 5 s, and what a new connection may bring 3 s more.
	blackHole = 10 * time.Second
	// refusedFast is how long everybody else may on a machine that is busy with
	// tests: far less than a wait for the database. Elsewhere it is at once.
	refusedFast = 2 * time.Second
	// backAfter is how soon hubs go on when the network does.
	backAfter = 2 * time.Second
)

// swallowings are the ways to lose all that is said: what is asked, or its answers.
var swallowings = []string{"upstream", "downstream"}

// TestALedgerThatSwallowsEverythingIsToldToEverybody swallows all that is said
// to PostgreSQL, or all that it says, for as long as it takes until those who
// look and those who change something have been told; from then on everybody is
// told at once, until the network is back.
func TestALedgerThatSwallowsEverythingIsToldToEverybody(t *testing.T) {
	for _, towards := range swallowings {
		t.Run(towards, func(t *testing.T) {
			t.Parallel() // it mostly waits
			swallows(t, towards)
		})
	}
}

func swallows(t *testing.T, towards string) {
	seed, _ := seedOf(t)
	live, database := newRedis(t), pgtest.URL(t)
	toLedger := newWire(t, "ledger", pgtest.Address(t))
	h := newHouse(t, houseIs{hubs: 2, database: database, through: toLedger.through(database), redis: live.client(), address: live.url()})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	var first ticketView
	var readers []*client
	for _, p := range h.hubs {
		c := p.as("greeter", "reader", "nor-hall")
		c.must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "nor-hall", "service": "nor-matter"}, &first)
		w.issued(first)
		readers = append(readers, c)
	}
	seen := "/api/v1/tickets/" + first.ID
	toLedger.spoils("timeout", towards, `"timeout":0`)
	began := time.Now()
	toldOf(t, readers, seen, soon(readBlackHole))
	t.Logf("readers were told after %s", time.Since(began).Round(time.Millisecond))
	within(t, soon(blackHole), "who changes something is told", func() bool { return w.waited() > 0 })
	t.Logf("writers were told after %s", time.Since(began).Round(time.Millisecond))
	for time.Since(began) < 2*blackHole { // who asks later is not made to wait
		toldOf(t, readers, seen, min(soon(refusedFast), 4*time.Second)) // less than the wait of one who asks a database
		time.Sleep(blackHole / 20)
	}
	toLedger.heals()
	began = time.Now()
	for _, c := range readers {
		within(t, soon(backAfter), "a hub sees again", func() bool {
			status, _, err := c.try("GET", seen, "", nil, nil)
			return err == nil && status == http.StatusOK
		})
	}
	w.goesOn(20, soon(3*backAfter)) // people wait before they ask again
	t.Logf("it went on %s after the network did", time.Since(began).Round(time.Millisecond))
	w.closes(60 * time.Second)
	w.quick(blackHole)
	w.proves()
}

// toldOf fails unless each hub shows a ticket, or says that the ledger is away, in time.
func toldOf(t *testing.T, readers []*client, seen string, within time.Duration) {
	t.Helper()
	began := time.Now()
	looked := make(chan error, len(readers))
	for i, reader := range readers {
		go func() {
			status, raw, err := reader.try("GET", seen, "", nil, nil)
			away := status == http.StatusServiceUnavailable && strings.Contains(string(raw), `"ledger_away"`)
			if err == nil && status != http.StatusOK && !away {
				err = fmt.Errorf("%d %s", status, raw)
			}
			if took := time.Since(began); err == nil && took > within {
				err = fmt.Errorf("told after %s", took)
			}
			if err != nil {
				err = fmt.Errorf("reader at hub %d after %s: %w", i, time.Since(began), err)
			}
			looked <- err
		}()
	}
	for range readers {
		if err := <-looked; err != nil {
			t.Error(err)
		}
	}
}

// waited is how many changes were refused for the moment.
func (w *town) waited() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.put
}
