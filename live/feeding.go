package live

import (
	"context"
	"slices"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
)

// compareEvery is how often the halls are compared with the ledger, machine time.
const compareEvery = time.Second

// page is how many missed events are read at once; more than pagesMax pages are not worth it: a snapshot is.
const (
	page     = 1000
	pagesMax = 5
)

// askTimeout bounds every question to the ledger.
const askTimeout = 5 * time.Second

func (h *Hub) start() {
	h.wg.Add(3)
	go h.takeCommits()
	go h.compareAlways(h.cfg.Machine.NewTicker(compareEvery))
	go h.flushAlways(h.cfg.Machine.NewTicker(flushEvery))
	if h.cfg.Feed != nil {
		h.wg.Add(1)
		go h.follow()
	}
}

func (h *Hub) takeCommits() {
	defer h.wg.Done()
	for {
		select {
		case <-h.ctx.Done():
			return
		case es := <-h.events:
			for _, run := range byOffice(es) {
				h.take(run[0].Office, "", run)
			}
			h.commits.did()
		}
	}
}

// byOffice splits the events of a commit, keeping the order within each office.
func byOffice(es []event.Event) [][]event.Event {
	if len(es) == 0 {
		return nil
	}
	at := map[string]int{}
	var out [][]event.Event
	for _, e := range es {
		i, ok := at[e.Office]
		if !ok {
			i = len(out)
			at[e.Office], out = i, append(out, nil)
		}
		out[i] = append(out[i], e)
	}
	return out
}

// follow hears of what other hubs commit. A lost thread is mended from the ledger.
func (h *Hub) follow() {
	defer h.wg.Done()
	var from []event.Head
	for _, id := range h.offices() {
		from = append(from, event.Head{Office: id})
	}
	h.cfg.Feed.Follow(h.ctx, from, func(office, epoch string, es []event.Event) {
		if len(es) == 0 {
			h.compareSoon()
			return
		}
		h.take(office, epoch, es)
	})
}

// take applies events to a hall that somebody looks at. Epoch "" is the
// ledger's own, as this process knows it. What does not follow is caught up in the background.
func (h *Hub) take(office, epoch string, es []event.Event) {
	x := h.halls[office]
	if x == nil || !x.isLoaded() {
		return
	}
	if epoch == "" {
		epoch = x.epoch()
	}
	if !h.apply(x, epoch, es) && (epoch != x.epoch() || es[len(es)-1].Seq > x.seq()) {
		h.background(func(ctx context.Context) { h.catchUp(ctx, x) })
	}
}

// apply takes events in order and tells subscribers of each change; false when
// an event does not follow. Applying and telling are one, so that nobody hears
// of two changes in the wrong order.
func (h *Hub) apply(x *hall, epoch string, es []event.Event) bool {
	x.pub.Lock()
	defer x.pub.Unlock()
	var deltas []*delta
	now, follows := h.cfg.Machine.Now(), true
	for _, e := range es {
		d, ok := x.take(epoch, e, now)
		if !ok {
			follows = false
			break
		}
		if d != nil {
			deltas = append(deltas, d)
		}
	}
	h.publish(x, deltas)
	return follows
}

func (h *Hub) background(f func(ctx context.Context)) {
	if h.ctx.Err() != nil {
		return
	}
	h.wg.Add(1)
	go func() {
		defer h.wg.Done()
		ctx, cancel := context.WithTimeout(h.ctx, askTimeout)
		defer cancel()
		f(ctx)
	}()
}

// compareAlways compares every hall with the ledger, each second and when told to.
func (h *Hub) compareAlways(tick clockwork.Ticker) {
	defer h.wg.Done()
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.Chan():
		case <-h.missed:
		}
		ctx, cancel := context.WithTimeout(h.ctx, askTimeout)
		h.compare(ctx)
		cancel()
	}
}

// compare mends every loaded hall that is not at the ledger's head, or was
// read on an earlier day.
func (h *Hub) compare(ctx context.Context) {
	doubts, before, asked, house := h.doubt.raised.Load(), h.seqs(), h.cfg.Machine.Now(), h.cfg.House.Now()
	heads, err := h.cfg.Source.Heads(ctx)
	if err != nil {
		h.doubt.raise()
		h.log.Warn("live: the ledger does not answer", "err", err)
		return
	}
	h.news.came(asked, house)
	known := make(map[string]event.Head, len(heads))
	for _, x := range heads {
		known[x.Office] = x
	}
	now, settled, sure := h.cfg.House.Now(), h.doubt.settled(), true
	for _, id := range h.offices() {
		x, want := h.halls[id], known[id]
		switch {
		case !settled && x.isLoaded(): // its numbers may stand for other events now
			sure = h.reload(ctx, x) && sure
			continue
		case before[id] > want.Seq:
			x.forget() // the ledger has gone back: what we hold never was
		case x.current(want, now):
			continue
		}
		h.catchUp(ctx, x)
	}
	if sure {
		h.doubt.cleared.Store(doubts)
	}
	h.prepare(ctx, heads)
}

// prepare loads one of the offices that something happened at and that nobody
// looked at here: when the ledger is away, whoever comes first finds it as well.
func (h *Hub) prepare(ctx context.Context, heads []event.Head) {
	for _, head := range heads {
		x := h.halls[head.Office]
		if x == nil || x.isLoaded() {
			continue
		}
		if err := h.ensure(ctx, x); err != nil {
			h.log.Warn("live: an office cannot be read", "office", head.Office, "err", err)
		}
		return
	}
}

// reload takes a hall as the ledger has it, whatever was held.
func (h *Hub) reload(ctx context.Context, x *hall) bool {
	if !h.loading.lock(ctx, x.office.ID) {
		return false
	}
	defer h.loading.unlock(x.office.ID)
	s, err := h.cfg.Source.Snapshot(ctx, x.office.ID)
	if err != nil {
		h.log.Warn("live: an office cannot be read", "office", x.office.ID, "err", err)
		return false
	}
	x.pub.Lock()
	defer x.pub.Unlock()
	x.forget()
	if x.load(s, h.cfg.House.Now()) {
		h.publishAnew(x)
	}
	return true
}

// seqs tells how far every hall is; read before the ledger's heads, so that a
// hall can only seem behind.
func (h *Hub) seqs() map[string]int64 {
	out := make(map[string]int64, len(h.halls))
	for id, x := range h.halls {
		out[id] = x.seq()
	}
	return out
}

// current tells whether a hall needs no mending; want is the ledger's head, zero if the office has none.
func (h *hall) current(want event.Head, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.loaded:
		return !h.asked
	case h.day != h.office.Day(now):
		return false
	case want.Epoch == "":
		return h.head.Seq == 0
	}
	return h.head.Epoch == want.Epoch && h.head.Seq >= want.Seq
}

// catchUp brings a hall to the ledger's head: by the events it missed if they
// are few and follow, else by a snapshot.
func (h *Hub) catchUp(ctx context.Context, x *hall) {
	if !h.loading.lock(ctx, x.office.ID) {
		return
	}
	defer h.loading.unlock(x.office.ID)
	if x.isLoaded() && x.sameDay(h.cfg.House.Now()) && h.missing(ctx, x) {
		return
	}
	if err := h.load(ctx, x); err != nil {
		h.log.Warn("live: an office cannot be read", "office", x.office.ID, "err", err)
	}
}

// missing applies the events after a hall's head; false when a snapshot is
// needed. If the ledger does not answer, the next comparison sees to it.
func (h *Hub) missing(ctx context.Context, x *hall) bool {
	heads, err := h.cfg.Source.Heads(ctx)
	if err != nil {
		return true
	}
	epoch := x.epoch()
	for _, want := range heads {
		if want.Office == x.office.ID && want.Epoch != epoch {
			return false
		}
	}
	for range pagesMax {
		es, err := h.cfg.Source.After(ctx, x.office.ID, x.seq(), page)
		if err != nil || len(es) == 0 {
			return true
		}
		if slices.ContainsFunc(es, erased) || !h.apply(x, epoch, es) {
			return false
		}
		if len(es) < page {
			return true
		}
	}
	return false
}

// erased tells that an event's payload was thrown away: it says nothing any more.
func erased(e event.Event) bool { return e.Kind == "" }

// ensure loads an office that is not held yet.
func (h *Hub) ensure(ctx context.Context, x *hall) error {
	if x.isLoaded() {
		return nil
	}
	if !h.loading.lock(ctx, x.office.ID) {
		return fault.New(fault.LedgerAway).Because(ctx.Err())
	}
	defer h.loading.unlock(x.office.ID)
	if x.isLoaded() {
		return nil
	}
	defer h.compareSoon() // what was committed while we read is not in it
	return h.load(ctx, x)
}

// load reads a snapshot and tells everybody who looks at the office.
func (h *Hub) load(ctx context.Context, x *hall) error {
	asked, house := h.cfg.Machine.Now(), h.cfg.House.Now()
	s, err := h.cfg.Source.Snapshot(ctx, x.office.ID)
	if err != nil {
		return err
	}
	h.news.came(asked, house)
	x.pub.Lock()
	defer x.pub.Unlock()
	if x.load(s, h.cfg.House.Now()) {
		h.publishAnew(x)
	}
	return nil
}

// forget makes the next snapshot count, whatever its head.
func (h *hall) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loaded = false
}

func (h *hall) isLoaded() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.loaded
}

func (h *hall) epoch() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head.Epoch
}

func (h *hall) seq() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head.Seq
}

func (h *hall) sameDay(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.day == h.office.Day(now)
}
