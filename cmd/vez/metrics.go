package main

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vez/audit"
	"vez/event"
	"vez/fault"
	"vez/web"
)

// scrapeMost is how long a scrape may ask the ledger and the live queues.
const scrapeMost = 2 * time.Second

// metrics are what a hub tells of itself. Labels hold routes, offices and
// codes, never a person, a ticket or a booking.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	events   *prometheus.CounterVec
	commits  prometheus.Counter
	findings *prometheus.CounterVec
	audited  prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vez_http_request_seconds", Help: "How long requests took until their answer began.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vez_events_total", Help: "Events that this hub has committed.",
		}, []string{"kind"}),
		commits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vez_commits_total", Help: "Commits of this hub; events are shared among them.",
		}),
	}
	m.findings = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "vez_audit_findings_total", Help: "Promises found broken, by invariant: anything but 0 is an alarm.",
	}, []string{"invariant"})
	m.audited = prometheus.NewCounter(prometheus.CounterOpts{Name: "vez_audit_events_total", Help: "Events that this hub has audited."})
	for _, i := range audit.Invariants {
		m.findings.WithLabelValues(string(i))
	}
	about := prometheus.NewGauge(prometheus.GaugeOpts{Name: "vez_build_info", Help: "Always 1.",
		ConstLabels: prometheus.Labels{"version": version}})
	about.Set(1)
	m.registry.MustRegister(m.requests, m.events, m.commits, m.findings, m.audited, about,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe hears of every finished request; see web.Config.
func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, statusClass(status)).Observe(took.Seconds())
}

func statusClass(status int) string { return string(rune('0'+status/100)) + "xx" }

// committed hears of every commit of this hub.
func (m *metrics) committed(es []event.Event) {
	m.commits.Inc()
	for i := range es {
		m.events.WithLabelValues(string(es[i].Kind)).Inc()
	}
}

// watch adds what is asked anew at each scrape.
func (m *metrics) watch(h *hub) { m.registry.MustRegister(scrape{h}) }

// The figures of a scrape.
var (
	ledgerUp  = prometheus.NewDesc("vez_ledger_up", "Whether the ledger answers.", nil, nil)
	redisUp   = prometheus.NewDesc("vez_redis_up", "Whether Redis answers; the counters go on without it.", nil, nil)
	stale     = prometheus.NewDesc("vez_live_stale_seconds", "For how long boards and pages have had no news; 0 when they have.", nil, nil)
	behind    = prometheus.NewDesc("vez_projection_behind_events", "Events of the ledger that the live queues lack.", []string{"office"}, nil)
	streams   = prometheus.NewDesc("vez_streams_open", "Open live streams.", nil, nil)
	waiting   = prometheus.NewDesc("vez_tickets_waiting", "Waiting tickets.", []string{"office"}, nil)
	unstaffed = prometheus.NewDesc("vez_queues_unattended", "Queues where somebody waits and no counter is open.", []string{"office"}, nil)
	papers_   = prometheus.NewDesc("vez_print_jobs_pending", "Papers that are queued or printing.", nil, nil)
)

// scrape asks the rooms while Prometheus waits.
type scrape struct{ *hub }

// Describe names the figures.
func (scrape) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ledgerUp, redisUp, stale, behind, streams, waiting, unstaffed, papers_} {
		out <- d
	}
}

// Collect asks for the figures; what does not answer is left out, so that a
// rule can tell "0" from "not known".
func (s scrape) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeMost)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(streams, float64(s.app.Streams()))
	up, _ := s.memory.queue.Health()
	gauge(redisUp, yes(up))
	old := 0.0
	if since := s.memory.live.StaleSince(); !since.IsZero() {
		old = max(s.machine.Since(since).Seconds(), 0)
	}
	gauge(stale, old)
	ledger := s.memory.db.Ping(ctx) == nil
	gauge(ledgerUp, yes(ledger))
	if !ledger {
		return
	}
	if jobs, err := s.hall.PendingPrints(ctx); err == nil {
		gauge(papers_, float64(len(jobs)))
	}
	s.offices(ctx, up, gauge)
}

// offices tells of each office that has had a day.
func (s scrape) offices(ctx context.Context, redis bool, gauge func(*prometheus.Desc, float64, ...string)) {
	heads, err := s.memory.db.Heads(ctx)
	if err != nil {
		return
	}
	for _, head := range heads {
		if there, err := s.memory.queue.Head(ctx, head.Office); redis && err == nil {
			lag := head.Seq - there.Seq
			if there.Epoch != head.Epoch {
				lag = head.Seq
			}
			gauge(behind, float64(max(lag, 0)), head.Office)
		}
		if q, err := s.memory.live.Queues(ctx, head.Office); err == nil {
			people, alone := 0, 0
			for _, line := range q.Queues {
				people += line.Waiting
				if line.Waiting > 0 && line.Counters == 0 {
					alone++
				}
			}
			gauge(waiting, float64(people), head.Office)
			gauge(unstaffed, float64(alone), head.Office)
		}
	}
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// register opens /metrics: to whoever shows the token, and without one to
// programs on this machine that ask directly. To all others it is not there.
func (m *metrics) register(app *web.App, token string) {
	answer := adaptor.HTTPHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	app.Handle(web.Route{Method: fiber.MethodGet, Path: "/metrics", Audience: web.Public, Handler: func(c *fiber.Ctx) error {
		if !scrapes(c, token) {
			return fault.New(fault.UnknownThing, "what", "page")
		}
		c.Set(fiber.HeaderCacheControl, "no-store")
		return answer(c)
	}})
}

func scrapes(c *fiber.Ctx, token string) bool {
	if token != "" {
		shown, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		return ok && subtle.ConstantTimeCompare([]byte(shown), []byte(token)) == 1
	}
	from, err := netip.ParseAddr(c.Context().RemoteIP().String())
	direct := c.Get(fiber.HeaderXForwardedFor) == "" && c.Get("Forwarded") == "" && c.Get("Via") == ""
	return err == nil && from.Unmap().IsLoopback() && direct
}
