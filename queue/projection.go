package queue

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/event"
	"vez/office"
)

// Source is what the projection needs of the ledger.
type Source interface {
	// Heads of all offices that have events.
	Heads(ctx context.Context) ([]event.Head, error)
	// After lists an office's events after a sequence number, in order, at most limit.
	After(ctx context.Context, office string, seq int64, limit int) ([]event.Event, error)
	// Snapshot of an office; of one without events, the ledger's epoch with sequence number 0.
	Snapshot(ctx context.Context, office string) (event.Snapshot, error)
}

// Config of a projection.
type Config struct {
	// Client as Dial, Embedded or Child make it: it must not retry by itself.
	Client    redis.UniversalClient
	Source    Source
	Catalogue *office.Catalogue
	// Clock of the machine; the real one when nil.
	Clock clockwork.Clock
	Log   *slog.Logger
}

const (
	// buffered is how many commits may wait; past it the comparison mends what was dropped.
	buffered = 4096
	// compareEvery is how often all heads are compared with the ledger, machine time.
	compareEvery = time.Second
	// restFor is the least time between two rounds of commits applied, or of news read.
	restFor = 25 * time.Millisecond
	// opTimeout bounds one exchange with Redis.
	opTimeout = 2 * time.Second
	// askTimeout bounds one question to the ledger.
	askTimeout = 10 * time.Second
)

// ErrAway is answered while Redis is known to be away: nobody waits for it.
var ErrAway = errors.New("queue: Redis is away")

// ErrNotReady is answered for an office that Redis does not hold (yet).
var ErrNotReady = errors.New("queue: the office is not in Redis yet")

// Projection writes the ledger's events to Redis and keeps Redis right. It is
// safe for concurrent use.
type Projection struct {
	client  redis.UniversalClient
	source  Source
	cat     *office.Catalogue
	clock   clockwork.Clock
	log     *slog.Logger
	commits chan []event.Event
	kick    chan struct{} // compare now

	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu      sync.Mutex
	up      bool
	since   time.Time
	epoch   string          // the ledger's; "" until it is known
	dirty   map[string]bool // offices that missed something
	doubts  map[string]bool // offices whose head alone is not believed
	waiting map[string]int  // commits of an office that wait in commits
	days    map[string]office.Day
	sent    map[string][]sent // by office, the latest last
	settled chan struct{}     // closed and replaced after every comparison, for tests and for who waits
}

// New starts a projection. It returns at once, whether Redis is there or not.
func New(cfg Config) *Projection {
	if cfg.Clock == nil {
		cfg.Clock = clockwork.NewRealClock()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := &Projection{
		client: cfg.Client, source: cfg.Source, cat: cfg.Catalogue, clock: cfg.Clock, log: cfg.Log,
		commits: make(chan []event.Event, buffered), kick: make(chan struct{}, 1),
		since: cfg.Clock.Now(), dirty: map[string]bool{}, doubts: map[string]bool{}, waiting: map[string]int{}, days: map[string]office.Day{},
		sent: map[string][]sent{}, settled: make(chan struct{}),
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.wg.Add(2)
	go p.applyAlways()
	go p.compareAlways(p.clock.NewTicker(compareEvery))
	p.kickNow()
	return p
}

// Close ends the projection's work. The client stays open; it is its maker's.
func (p *Projection) Close() {
	p.stop()
	p.wg.Wait()
}

// Committed takes the events of a commit. It never blocks: what does not fit is
// dropped, and mended from the ledger.
func (p *Projection) Committed(es []event.Event) {
	if len(es) == 0 {
		return
	}
	p.note(es, 1)
	select {
	case p.commits <- es:
	default:
		p.note(es, -1)
		p.mark(es)
	}
}

// note counts commits that wait, so that the comparison does not take an office for behind whose events are on their way.
func (p *Projection) note(es []event.Event, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range es {
		if i > 0 && es[i].Office == es[i-1].Office {
			continue
		}
		p.waiting[es[i].Office] += by
	}
}

// mark says that offices missed something.
func (p *Projection) mark(es []event.Event) {
	p.mu.Lock()
	for i := range es {
		p.dirty[es[i].Office] = true
	}
	p.mu.Unlock()
}

func (p *Projection) kickNow() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

// Health tells whether Redis answers, and since when that is so, machine time.
func (p *Projection) Health() (ok bool, since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up, p.since
}

// heard notes whether an exchange with Redis came off.
func (p *Projection) heard(err error) {
	if p.ctx.Err() != nil {
		return // we have ended, not Redis
	}
	up := err == nil || refused(err) || errors.Is(err, redis.Nil)
	p.mu.Lock()
	was := p.up
	if up != was {
		p.up, p.since = up, p.clock.Now()
	}
	p.mu.Unlock()
	switch {
	case up && !was:
		p.log.Info("queue: Redis answers")
	case !up && was:
		p.log.Warn("queue: Redis is away; the ledger goes on", "err", err)
	}
}

func (p *Projection) isUp() bool {
	up, _ := p.Health()
	return up
}

// applyAlways applies commits as they come, at once after a quiet moment and
// many together when they come fast: the call of a script costs more than the
// events it takes along.
func (p *Projection) applyAlways() {
	defer p.wg.Done()
	for {
		select {
		case <-p.ctx.Done():
			return
		case es := <-p.commits:
			batch, n := p.drain(es)
			p.applyBatch(batch)
			for _, es := range n {
				p.note(es, -1)
			}
			rest(p.ctx)
		}
	}
}

// rest lets more come before Redis is asked again. It measures the real world,
// not machine time: what it spares is the processor.
func rest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, restFor)
	defer cancel()
	<-ctx.Done()
}

// drain takes what else waits, up to a chunk of events, sorted by office.
func (p *Projection) drain(first []event.Event) (map[string][]event.Event, [][]event.Event) {
	batch, all, n := map[string][]event.Event{}, [][]event.Event{first}, len(first)
	for n < chunk {
		select {
		case es := <-p.commits:
			all, n = append(all, es), n+len(es)
			continue
		default:
		}
		break
	}
	for _, es := range all {
		for _, e := range es {
			batch[e.Office] = append(batch[e.Office], e)
		}
	}
	return batch, all
}

func (p *Projection) applyBatch(batch map[string][]event.Event) {
	for o, es := range batch {
		if !p.isUp() {
			p.mark(es[:1])
			continue
		}
		if err := p.apply(p.ctx, o, es); err != nil {
			p.mark(es[:1])
			if refused(err) {
				p.kickNow()
			}
		}
	}
}

// apply sends an office's events, which may come in any order and more than
// once, in chunks of a script each.
func (p *Projection) apply(ctx context.Context, o string, es []event.Event) error {
	for _, run := range runs(es) {
		c, err := commitOf(run, p.location(o))
		if err != nil {
			return err
		}
		p.remember(c, run)
		if _, err = p.send(ctx, c); err != nil {
			return err
		}
		if p.newDay(o, c.day) {
			p.sweep(ctx, o, c.day)
		}
	}
	return nil
}

// newDay tells whether an office has come to another business day since it was last asked.
func (p *Projection) newDay(o string, day office.Day) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if day == "" || p.days[o] == day {
		return false
	}
	p.days[o] = day
	return true
}

func (p *Projection) send(ctx context.Context, c commit) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	o := c.office
	keys := []string{headKey(o), indexKey(o), eventsKey(o), placeKey(o), servingKey(o), bookedKey(o), dayKey(o)}
	seq, err := applied(run(ctx, p.client, applyScript, keys, c.args(p.knownEpoch())...))
	p.heard(err)
	return seq, err
}

func (p *Projection) knownEpoch() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.epoch
}

func (p *Projection) learnEpoch(epoch string) {
	if epoch == "" {
		return
	}
	p.mu.Lock()
	p.epoch = epoch
	p.mu.Unlock()
}

func (p *Projection) location(o string) *time.Location {
	if x := p.cat.Office(o); x != nil {
		return x.Location()
	}
	return time.UTC
}
