package live

import (
	"reflect"
	"slices"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
)

const (
	// flushEvery spaces what is not urgent: at most four messages a second and stream.
	flushEvery = 250 * time.Millisecond
	// refreshEvery is how often views are reckoned anew because time goes by.
	refreshEvery = 5 * time.Second
	// snapshotFor is how long one encoded snapshot serves all who come.
	snapshotFor = time.Second
)

// publish tells every topic of an office of some changes. The caller holds pub.
func (h *Hub) publish(x *hall, deltas []*delta) {
	for _, d := range deltas {
		for t := range x.rest {
			t.hear(d)
		}
		if !d.state {
			for id := range d.tickets {
				for _, t := range x.byTicket[id] {
					t.refresh()
				}
			}
			continue
		}
		for _, all := range x.byTicket {
			for _, t := range all {
				t.refresh()
			}
		}
	}
}

// publishAnew tells everybody the whole picture. The caller holds pub.
func (h *Hub) publishAnew(x *hall) {
	for _, t := range x.topics {
		if f, err := t.snapshot(); err == nil {
			t.send(f)
			t.sent()
		}
	}
}

// hear takes a change: at once where somebody waits for it, with the next flush otherwise.
func (t *topic) hear(d *delta) {
	t.dirty = t.dirty || t.concerned(d)
	switch {
	case t.filter.Kind == KindBoard:
		if d.visible() {
			t.send(t.changed(d))
		}
	case t.urgent(d):
		t.refresh()
	}
}

func (t *topic) urgent(d *delta) bool {
	return t.filter.Kind == KindCounter && (d.state || d.counters[t.filter.Counter])
}

func (t *topic) concerned(d *delta) bool {
	switch t.filter.Kind {
	case KindLine:
		return d.state || len(t.filter.Queues) == 0 || slices.ContainsFunc(t.filter.Queues, func(q string) bool { return d.queues[q] })
	case KindCounters, KindCounter:
		return d.state || len(d.counters) > 0
	}
	return d.state || len(d.queues) > 0
}

// changed is a delta's frame for this topic, encoded once; nil if it is of no concern.
func (t *topic) changed(d *delta) *Frame {
	if f, ok := d.frames[t.key]; ok {
		return f
	}
	t.hall.mu.Lock()
	c, concerns := t.hall.change(d, t.filter.Zone, t.hub.cfg.House.Now())
	t.hall.mu.Unlock()
	var f *Frame
	if concerns {
		f = t.encode(c.At, EventChange, c)
	}
	if d.frames == nil {
		d.frames = map[string]*Frame{}
	}
	d.frames[t.key] = f
	return f
}

func (t *topic) encode(id, event string, view any) *Frame {
	data, err := t.filter.Encode(event, view)
	if err != nil {
		t.hub.log.Error("live: a view cannot be written", "kind", string(t.filter.Kind), "form", t.filter.Form, "err", err)
		return nil
	}
	return newFrame(id, event, data)
}

// first are the frames that a new subscriber gets.
func (t *topic) first(lastID string) ([]*Frame, error) {
	if t.filter.Kind == KindBoard {
		if frames, ok := t.resume(lastID); ok {
			return frames, nil
		}
	}
	f, err := t.snapshot()
	if err != nil {
		return nil, err
	}
	return []*Frame{f}, nil
}

// resume gives exactly the changes after an id, between the queues' figures of
// now, and says that the news are old, if they are. The figures come first as
// well, for they bring the clock by which a board reckons how old a change is;
// those have no id, so that a board cut off behind them misses nothing.
func (t *topic) resume(lastID string) ([]*Frame, bool) {
	epoch, seq, ok := ParseID(lastID)
	if !ok {
		return nil, false
	}
	t.hall.mu.Lock()
	missed, ok := t.hall.since(epoch, seq)
	t.hall.mu.Unlock()
	if !ok {
		return nil, false
	}
	q := t.queues()
	out := []*Frame{t.encode("", EventQueues, q)}
	for _, d := range missed {
		if d.visible() {
			out = append(out, t.changed(d))
		}
	}
	out = append(out, t.encode(q.At, EventQueues, q))
	if since := t.hub.staleHouse(); !since.IsZero() {
		out = append(out, t.encode("", EventStale, t.hall.staleness(since)))
	}
	return slices.DeleteFunc(out, func(f *Frame) bool { return f == nil }), true
}

// snapshot is the whole view, encoded once for all who come within a second.
func (t *topic) snapshot() (*Frame, error) {
	now := t.hub.cfg.Machine.Now()
	t.hall.mu.Lock()
	version := t.hall.version
	t.hall.mu.Unlock()
	if t.snap != nil && t.snapAs == version && now.Sub(t.snapAt) < snapshotFor && t.hub.StaleSince().IsZero() {
		return t.snap, nil
	}
	id, view, ok := t.view()
	if !ok {
		return nil, fault.New(fault.UnknownThing, "what", string(t.filter.Kind))
	}
	f := t.encode(id, EventSnapshot, view)
	if f == nil {
		return nil, fault.New(fault.Unexpected)
	}
	t.snap, t.snapAt, t.snapAs = f, now, version
	return f, nil
}

// sent notes that everybody has the picture of now.
func (t *topic) sent() {
	t.dirty, t.at = false, t.hub.cfg.Machine.Now()
	if t.filter.Kind == KindBoard {
		t.last = timeless(t.queues())
		return
	}
	_, view, _ := t.view()
	t.last = timeless(view)
}

// view reckons what the topic shows now.
func (t *topic) view() (id string, view any, ok bool) {
	h, x, f := t.hub, t.hall, t.filter
	now, machine, stale := h.cfg.House.Now(), h.cfg.Machine.Now(), h.StaleSince()
	seen := h.seen.last(x.office.ID)
	x.mu.Lock()
	defer x.mu.Unlock()
	id = ID(x.head)
	switch f.Kind {
	case KindBoard:
		v := x.board(f.Zone, now, machine)
		v.Stale = x.local(h.staleHouse())
		return id, v, true
	case KindQueues:
		return id, Queues{Office: x.office.ID, At: id, Now: x.local(now), Hall: x.whole(now), Queues: x.queues(now), Stale: stale}, true
	case KindPosition:
		v, ok := x.position(f.Ticket, now, machine)
		v.Stale = stale
		t.as, t.queue, t.ahead = x.version, v.Queue, v.Ahead
		return id, v, ok
	case KindLine:
		if f.Form == FormRing {
			return id, rings{x.shown(f.Queues), !stale.IsZero()}, true
		}
		v := x.list(f.Queues, now)
		v.Stale = stale
		return id, v, true
	case KindCounters:
		v := x.counters(seen, now, machine)
		v.Stale = stale
		return id, v, true
	case KindCounter:
		c := x.cat.Counter(f.Counter)
		if c == nil || c.Office != x.office.ID {
			return id, nil, false
		}
		return id, x.counter(*c, seen, machine), true
	}
	return id, nil, false
}

func (t *topic) queues() Queues {
	x, now := t.hall, t.hub.cfg.House.Now()
	x.mu.Lock()
	defer x.mu.Unlock()
	return Queues{Office: x.office.ID, At: ID(x.head), Now: x.local(now), Hall: x.whole(now), Queues: x.queues(now)}
}

// refresh sends the view if it says something else than the last one.
func (t *topic) refresh() {
	t.dirty, t.at = false, t.hub.cfg.Machine.Now()
	name := EventSnapshot
	id, view, ok := "", any(nil), true
	if t.filter.Kind == KindBoard {
		q := t.queues()
		name, id, view = EventQueues, q.At, q
	} else {
		id, view, ok = t.view()
	}
	bare := timeless(view)
	if !ok || reflect.DeepEqual(bare, t.last) {
		return
	}
	t.last = bare
	t.send(t.encode(id, name, view))
}

// timeless is a view without the instant and the head it was reckoned at, to compare by.
func timeless(view any) any {
	switch v := view.(type) {
	case Queues:
		v.At, v.Now = "", time.Time{}
		return v
	case Position:
		v.At, v.Now = "", time.Time{}
		return v
	case Line:
		v.At, v.Now = "", time.Time{}
		return v
	case Counters:
		v.At, v.Now = "", time.Time{}
		v.Counters = slices.Clone(v.Counters)
		for i := range v.Counters {
			v.Counters[i].Seen = time.Time{}
		}
		return v
	case Counter:
		v.Seen = time.Time{}
		return v
	}
	return view
}

// flushAlways sends what was put off, refreshes what time has changed, and ends old subscriptions.
func (h *Hub) flushAlways(tick clockwork.Ticker) {
	defer h.wg.Done()
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.Chan():
			h.flush()
		}
	}
}

func (h *Hub) flush() {
	now, stale := h.cfg.Machine.Now(), h.StaleSince()
	for id, x := range h.halls {
		x.pub.Lock()
		watched := false
		for t := range x.rest {
			watched = watched || t.filter.Kind == KindCounters || t.filter.Kind == KindCounter
			t.flush(now, stale)
		}
		x.pub.Unlock()
		x.flushPositions(now, stale)
		if watched {
			h.askPresence(id, now)
		}
	}
}

func (t *topic) flush(now, stale time.Time) {
	if stale.IsZero() != t.stale.IsZero() {
		t.stale, t.dirty = stale, true
		if t.filter.Kind == KindBoard {
			t.send(t.encode("", EventStale, t.hall.staleness(t.hub.staleHouse())))
		}
	}
	if t.dirty || now.Sub(t.at) >= refreshEvery {
		t.refresh()
	}
	t.sweep(now)
}

// sweep ends the subscriptions that have lived long enough.
func (t *topic) sweep(now time.Time) {
	for s := range t.subs {
		if !now.Before(s.expires) {
			t.drop(s, ErrAged)
		}
	}
}

// staleness of an instant in house time.
func (h *hall) staleness(since time.Time) Stale {
	if since.IsZero() {
		return Stale{}
	}
	return Stale{Since: h.local(since)}
}
