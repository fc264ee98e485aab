package live

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"vez/fault"
)

// Kind of a stream.
type Kind string

// The kinds, with the view they carry.
const (
	KindBoard    Kind = "board"    // Board, then Change, Queues and Stale
	KindQueues   Kind = "queues"   // Queues
	KindPosition Kind = "position" // Position
	KindLine     Kind = "line"     // Line; for staff
	KindCounters Kind = "counters" // Counters; for staff
	KindCounter  Kind = "counter"  // Counter; for staff
)

// Filter says what a subscriber wants to hear of an office.
type Filter struct {
	Kind    Kind
	Zone    string   // of a board; "" for the whole hall
	Ticket  string   // of a position
	Queues  []string // of a line; none for all
	Counter string   // of a counter
	// Form names an encoding other than JSON, such as "html:pt", or FormRing; with it goes Encode.
	Form   string
	Encode Encode
}

// FormRing is of those who want to hear only that something is different. A line
// is not written out for them, however long: Encode gets nothing to look at.
const FormRing = "ring"

func (f Filter) key() string {
	return strings.Join(append([]string{string(f.Kind), f.Zone, f.Ticket, f.Counter, f.Form}, f.Queues...), "\x00")
}

// Why a subscription ended.
var (
	ErrSlow   = errors.New("live: the reader is too slow and must come again")
	ErrAged   = errors.New("live: the stream has lived long enough, come again")
	ErrClosed = errors.New("live: the hub closes")
)

// window of frames that a reader may lag behind before it is cut.
const lag = 64

// Sub is one open stream. Read C until Done, and Close it in any case.
type Sub struct {
	// C gives the frames in order: a snapshot or exactly what was missed, then what changes.
	C       <-chan *Frame
	frames  chan *Frame
	done    chan struct{}
	once    sync.Once
	err     error
	expires time.Time // machine time
	topic   *topic
}

// Done is closed when the stream has ended for a reason of the hub's.
func (s *Sub) Done() <-chan struct{} { return s.done }

// Err tells why, after Done.
func (s *Sub) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Close ends the subscription from the reader's side.
func (s *Sub) Close() {
	s.topic.hall.pub.Lock()
	defer s.topic.hall.pub.Unlock()
	s.topic.drop(s, nil)
}

// topic is what several subscribers hear alike. The hall's pub guards it.
type topic struct {
	hub    *Hub
	hall   *hall
	filter Filter
	key    string
	subs   map[*Sub]struct{}
	dirty  bool
	last   any       // the view that was sent last, without its time
	at     time.Time // when the view was last reckoned, machine time
	as     uint64    // of a position: the hall's version that it was reckoned of
	queue  string    // of a position: where it stands
	ahead  int       // of a position: how many stood before it
	stale  time.Time
	snap   *Frame // good for snapAt and snapAs
	snapAt time.Time
	snapAs uint64
}

// Subscribe opens a stream of an office. lastID is what the browser saw last;
// known, exactly the changes it missed come first, else a snapshot. The error
// is fault.UnknownThing, fault.ShuttingDown, or why the office cannot be read.
func (h *Hub) Subscribe(ctx context.Context, office string, f Filter, lastID string) (*Sub, error) {
	x := h.halls[office]
	if x == nil {
		return nil, fault.New(fault.UnknownThing, "what", "office")
	}
	if f.Encode == nil {
		f.Encode = asJSON
	}
	if err := h.ensure(ctx, x); err != nil {
		return nil, err
	}
	h.commits.wait(ctx, h.ctx)
	x.pub.Lock()
	defer x.pub.Unlock()
	if h.closed.Load() {
		return nil, fault.New(fault.ShuttingDown)
	}
	t := x.topics[f.key()]
	if t == nil {
		t = &topic{hub: h, hall: x, filter: f, key: f.key(), subs: map[*Sub]struct{}{}, stale: h.StaleSince()}
	}
	as, queue, ahead := t.as, t.queue, t.ahead
	first, err := t.first(lastID)
	if err != nil {
		return nil, err
	}
	if len(t.subs) == 0 {
		t.sent()
	} else { // the others have what they were sent, whatever the newcomer got
		t.as, t.queue, t.ahead = as, queue, ahead
	}
	return t.join(first), nil
}

func (t *topic) join(first []*Frame) *Sub {
	age := t.hub.cfg.MaxAge
	s := &Sub{
		frames: make(chan *Frame, len(first)+lag), done: make(chan struct{}), topic: t,
		// Spread, so that a hall's boards do not all come again at once.
		expires: t.hub.cfg.Machine.Now().Add(age - time.Duration(rand.Int64N(int64(age)/4+1))),
	}
	s.C = s.frames
	for _, f := range first {
		s.frames <- f
	}
	t.subs[s] = struct{}{}
	t.hall.keep(t)
	return s
}

// drop ends one subscription.
func (t *topic) drop(s *Sub, why error) {
	s.once.Do(func() {
		s.err = why
		close(s.done)
	})
	delete(t.subs, s)
	if len(t.subs) == 0 && t.hall.topics[t.key] == t {
		t.hall.lose(t)
	}
}

// keep and lose note who is to be told. The caller holds pub.
func (h *hall) keep(t *topic) {
	if h.topics[t.key] == t {
		return
	}
	h.topics[t.key] = t
	if id := t.filter.Ticket; t.filter.Kind == KindPosition {
		h.byTicket[id] = append(h.byTicket[id], t)
	} else {
		h.rest[t] = struct{}{}
	}
}

func (h *hall) lose(t *topic) {
	delete(h.topics, t.key)
	delete(h.rest, t)
	if id := t.filter.Ticket; t.filter.Kind == KindPosition {
		// A new list: somebody may be going through the old one.
		h.byTicket[id] = slices.DeleteFunc(slices.Clone(h.byTicket[id]), func(other *topic) bool { return other == t })
		if len(h.byTicket[id]) == 0 {
			delete(h.byTicket, id)
		}
	}
}

// send gives a frame to everybody; who has not read the last ones is cut and comes again.
func (t *topic) send(f *Frame) {
	if f == nil {
		return
	}
	for s := range t.subs {
		select {
		case s.frames <- f:
		default:
			t.drop(s, ErrSlow)
		}
	}
}

func (h *Hub) closeSubs() {
	h.closed.Store(true)
	for _, x := range h.halls {
		x.pub.Lock()
		for _, t := range x.topics {
			for s := range t.subs {
				t.drop(s, ErrClosed)
			}
		}
		x.pub.Unlock()
	}
}
