package main

import (
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
	"vez/reminder"
	"vez/web"
)

// metrics are what a hub tells of itself. Labels hold routes, offices and
// codes, never a person, a ticket or a booking.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	events   *prometheus.CounterVec
	commits  prometheus.Counter
	batch    prometheus.Histogram
	changes  *prometheus.HistogramVec
	reminded *prometheus.CounterVec
	jobs     *prometheus.CounterVec
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
	m.batch = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "vez_commit_events", Help: "Events that share one commit.", Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256},
	})
	m.changes = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "vez_change_seconds", Help: "How long changes took from asking the ledger until it had committed or refused them, by result.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30},
	}, []string{"result"})
	m.changes.WithLabelValues("ok")
	m.reminded = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "vez_reminders_total", Help: "Mails of this hub, by what became of each try.",
	}, []string{"state"})
	m.mailed(reminder.Tally{})
	m.jobs = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "vez_job_runs_total", Help: "Runs of the hub's own jobs, by how they ended.",
	}, []string{"job", "result"})
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
	m.registry.MustRegister(m.requests, m.events, m.commits, m.batch, m.changes, m.reminded, m.jobs, m.findings, m.audited, about,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe hears of every finished request; see web.Config.
func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, statusClass(status)).Observe(took.Seconds())
}

func statusClass(status int) string { return string(rune('0'+status/100)) + "xx" }

// changed hears of every change that somebody asked for, done or refused.
func (m *metrics) changed(result string, took time.Duration) {
	m.changes.WithLabelValues(result).Observe(took.Seconds())
}

// mailed hears of every round of mails.
func (m *metrics) mailed(t reminder.Tally) {
	for state, n := range map[string]int{"sent": t.Sent, "put_off": t.PutOff, "failed": t.Failed, "unknown": t.Unknown, "skipped": t.Skipped} {
		m.reminded.WithLabelValues(state).Add(float64(n))
	}
}

// ran hears of every run of a job.
func (m *metrics) ran(job string, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	m.jobs.WithLabelValues(job, result).Inc()
}

// committed hears of every commit of this hub.
func (m *metrics) committed(es []event.Event) {
	m.commits.Inc()
	m.batch.Observe(float64(len(es)))
	for i := range es {
		m.events.WithLabelValues(string(es[i].Kind)).Inc()
	}
}

// lost hears that the ledger lost events of an office.
func (m *metrics) lost(string, int64) { m.findings.WithLabelValues(string(audit.I10)).Inc() }

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
