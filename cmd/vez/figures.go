package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vez/counter"
	"vez/event"
	"vez/live"
	"vez/office"
	"vez/printer/spool"
)

// scrapeMost is how long a scrape may ask the ledger and the live queues.
const scrapeMost = 2 * time.Second

// watch adds what is asked anew at each scrape.
func (m *metrics) watch(h *hub) { m.registry.MustRegister(scrape{h}) }

// The figures of a scrape.
var (
	ledgerUp   = figure("vez_ledger_up", "Whether the ledger answers.")
	ledgerAway = figure("vez_ledger_away_seconds", "For how long the ledger has not answered; 0 while it does.")
	ledgerRoom = figure("vez_ledger_room", "Whether the last change found room to be written; 0: the disk is full.")
	redisUp    = figure("vez_redis_up", "Whether Redis answers; the counters go on without it.")
	stale      = figure("vez_live_stale_seconds", "For how long boards and pages have had no news; 0 when they have.")
	clockNow   = figure("vez_clock_seconds", "This machine's clock, in Unix seconds.")
	streams    = figure("vez_streams_open", "Open live streams.")
	papersWait = figure("vez_print_jobs_pending", "Papers that are queued or printing.")
	printJobs  = figure("vez_print_jobs", "Papers that are queued or printing, by office.", "office", "state")
	printersIn = figure("vez_printers", "Printers by what keeps them from printing: ok, or the code of a fault.", "office", "state")
	behind     = figure("vez_projection_behind_events", "Events of the ledger that the live queues lack.", "office")
	hallOpen   = figure("vez_hall_open", "Whether an office serves now: by its hours, with no closure and no pause.", "office")
	counters   = figure("vez_counters", "Counters that are not closed, by state.", "office", "state")
	waiting    = figure("vez_tickets_waiting", "Waiting tickets.", "office")
	longest    = figure("vez_longest_wait_seconds", "How long the one who has waited longest has waited, in house time.", "office")
	unstaffed  = figure("vez_queues_unattended", "Queues where somebody waits and no counter is open.", "office")

	figures []*prometheus.Desc
)

func init() {
	figures = []*prometheus.Desc{ledgerUp, ledgerAway, ledgerRoom, redisUp, stale, clockNow, streams, papersWait, printJobs, printersIn, behind,
		hallOpen, counters, waiting, longest, unstaffed}
}

func figure(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// scrape asks the rooms while Prometheus waits.
type scrape struct{ *hub }

// Describe names the figures.
func (scrape) Describe(out chan<- *prometheus.Desc) {
	for _, d := range figures {
		out <- d
	}
}

// gauge writes one figure.
type gauge func(d *prometheus.Desc, v float64, labels ...string)

// Collect asks for the figures; what does not answer is left out, so that a
// rule can tell "0" from "not known".
func (s scrape) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeMost)
	defer cancel()
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	tell(streams, float64(s.app.Streams()))
	tell(clockNow, float64(s.machine.Now().UnixMilli())/1000)
	up, _ := s.memory.queue.Health()
	tell(redisUp, yes(up))
	tell(stale, s.ago(s.memory.live.StaleSince()))
	tell(ledgerAway, s.ago(s.health.awaySince()))
	tell(ledgerRoom, yes(s.health.room(ctx) == nil))
	s.printers(tell)
	ledger := s.health.Away().IsZero() && s.memory.db.Ping(ctx) == nil
	tell(ledgerUp, yes(ledger))
	if ledger {
		s.papers(ctx, tell)
		s.projection(ctx, up, tell)
	}
	s.halls(ctx, tell) // last: it may have to read offices that nobody has looked at yet
}

// ago is how long an instant of machine time is past; 0 for none.
func (s scrape) ago(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(s.machine.Since(at).Seconds(), 0)
}

func (s scrape) printers(tell gauge) {
	for _, o := range s.cat.Offices {
		n := map[string]int{"ok": 0}
		for _, p := range s.fleet.State(o.ID) {
			if p.Confirmed || p.ID == spool.BuiltIn {
				n[or(string(p.State.Problem), "ok")]++
			}
		}
		for state, many := range n {
			tell(printersIn, float64(many), o.ID, state)
		}
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (s scrape) papers(ctx context.Context, tell gauge) {
	jobs, err := s.hall.PendingPrints(ctx)
	if err != nil {
		return
	}
	tell(papersWait, float64(len(jobs)))
	type at struct{ office, state string }
	n := map[at]int{}
	for _, o := range s.cat.Offices {
		n[at{o.ID, "queued"}], n[at{o.ID, "printing"}] = 0, 0
	}
	for _, j := range jobs {
		n[at{j.Office, string(j.State)}]++
	}
	for k, many := range n {
		tell(printJobs, float64(many), k.office, k.state)
	}
}

// projection tells how far the live queues are behind each office that has had a day.
func (s scrape) projection(ctx context.Context, redis bool, tell gauge) {
	heads, err := s.memory.db.Heads(ctx)
	if err != nil || !redis {
		return
	}
	for _, head := range heads {
		there, err := s.memory.queue.Head(ctx, head.Office)
		if err != nil {
			continue
		}
		tell(behind, float64(lag(head, there)), head.Office)
	}
}

// lag is how many events of an office the live queues lack.
func lag(ledger, there event.Head) int64 {
	if there.Epoch != ledger.Epoch {
		return ledger.Seq
	}
	return max(ledger.Seq-there.Seq, 0)
}

// halls tells how each office stands, as this hub knows it: with the ledger away
// that is how it stood when it went.
func (s scrape) halls(ctx context.Context, tell gauge) {
	for _, o := range s.cat.Offices {
		q, err := s.memory.live.Queues(ctx, o.ID)
		if err != nil {
			continue
		}
		tell(hallOpen, yes(s.serves(o, q)), o.ID)
		people, alone := 0, 0
		for _, line := range q.Queues {
			people += line.Waiting
			if line.Waiting > 0 && line.Counters == 0 {
				alone++
			}
		}
		tell(waiting, float64(people), o.ID)
		tell(unstaffed, float64(alone), o.ID)
		s.wait(ctx, o.ID, tell)
		s.desks(ctx, o.ID, tell)
	}
}

// serves says whether an office is open now.
func (s scrape) serves(o *office.Office, q live.Queues) bool {
	if q.Hall.Closed != "" || q.Hall.Paused {
		return false
	}
	for _, open := range s.cat.OfficeOpenings(o, o.Day(q.Now), nil) {
		if open.Has(q.Now) {
			return true
		}
	}
	return false
}

func (s scrape) wait(ctx context.Context, id string, tell gauge) {
	l, err := s.memory.live.Line(ctx, id)
	if err != nil {
		return
	}
	most := time.Duration(0)
	for _, e := range l.Waiting {
		most = max(most, l.Now.Sub(e.Arrival))
	}
	tell(longest, most.Seconds(), id)
}

func (s scrape) desks(ctx context.Context, id string, tell gauge) {
	all, err := s.memory.live.Counters(ctx, id)
	if err != nil {
		return
	}
	n := map[counter.State]int{counter.Open: 0}
	for _, c := range all.Counters {
		if c.State != counter.Closed && c.State != "" {
			n[c.State]++
		}
	}
	for state, many := range n {
		tell(counters, float64(many), id, string(state))
	}
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
