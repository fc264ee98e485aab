package web

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/fault"
)

// Names of the events that assets/js/live.js understands.
const (
	// EventFragment carries {"name","html"} for elements with data-live-fragment.
	EventFragment = "fragment"
	// EventValues carries an object for elements with data-live-text, -show, -state.
	EventValues = "values"
	// EventReload asks the page to load itself again.
	EventReload = "reload"
	// eventBeat is the heartbeat; its data is the time in Unix milliseconds.
	eventBeat = "beat"
)

// ErrStreamOver is the cause of a stream's context when it has reached its age,
// and ErrClosing when the app shuts down. A browser reconnects by itself. ErrSignedOut
// is it when the reader is signed out, or the device unpaired; the page is asked to load itself again.
var (
	ErrStreamOver = errors.New("web: the stream has reached its age")
	ErrClosing    = errors.New("web: the app is shutting down")
	ErrSignedOut  = errors.New("web: the stream's reader is signed out")
)

// judged is how often a stream's reader is asked for again.
const judged = time.Minute

// Event is one message of a stream. Data may have several lines.
type Event struct {
	ID, Name, Data string
}

// Events writes the messages of one stream; safe for concurrent use.
type Events struct {
	app    *App
	conn   net.Conn
	ctx    context.Context //nolint:containedctx // it is the stream's own, told by whoever notices its end
	cancel context.CancelCauseFunc
	ends   time.Time // machine time, at which it is old
	// lives tells whether the reader is still who they were; nil: nobody in particular.
	lives func(context.Context) bool
	asked time.Time // when it last told, machine time; the heartbeat's own

	mu   sync.Mutex // held while something is written
	over bool
	next clockwork.Timer // the heartbeat to come
}

// Stream answers with server-sent events. fn writes a snapshot, then changes,
// until ctx ends: the browser has left (noticed by a failed heartbeat at the
// latest), the stream is old, the reader for whom the route is has been signed
// out for a minute, or the app closes. Everything that fn needs of c
// must be read before; c is not to be touched in fn. When too many streams are
// open the answer is a fault, and the browser tries again later. Asked with
// HEAD, fn runs too, with a context that has ended.
//
// A stream takes its connection over from fasthttp, whose buffers and contexts
// serve the next request meanwhile: what stays open for an hour is a connection,
// one goroutine and a timer. docs/decisions/070 tells what else was measured.
func Stream(c *fiber.Ctx, fn func(ctx context.Context, ev *Events) error) error {
	a, ref, rc := stateOf(c).app, Ref(c), c.Context()
	leave, ok := a.watch(c)
	if !ok {
		return fault.New(fault.TooOften, "seconds", 30)
	}
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Set("X-Accel-Buffering", "no")
	rc.SetConnectionClose() // it ends with the connection
	ev := a.newEvents(rc.Conn())
	if s := stateOf(c); s.asked {
		ev.lives = s.who.Lives
	}
	if rc.IsHead() {
		defer leave()
		ev.cancel(context.Canceled)
		a.tell(ev, ref, fn)
		return nil
	}
	// Where fasthttp cannot write what it owes the connection from before, it
	// closes it and never hands it over.
	var handed atomic.Bool
	forgotten := a.cfg.Clock.AfterFunc(handOver, func() {
		if handed.CompareAndSwap(false, true) {
			defer leave()
			ev.cancel(context.Canceled)
			a.tell(ev, ref, fn)
		}
	})
	rc.HijackSetNoResponse(true) // the headers are complete only after the middleware
	rc.Hijack(func(net.Conn) {
		forgotten.Stop()
		if !handed.CompareAndSwap(false, true) {
			_ = ev.conn.Close()
			return
		}
		head := rc.Response.Header.AppendBytes(nil)
		go func() { // fasthttp takes back what is its own
			defer leave()
			a.runStream(ev, head, ref, fn)
		}()
	})
	return nil
}

// handOver is how long a connection takes from the handler to the stream, at most.
const handOver = 30 * time.Second

func (a *App) newEvents(conn net.Conn) *Events {
	age := a.cfg.StreamAge - time.Duration(rand.Int64N(int64(a.cfg.StreamAge)/10+1)) // so that browsers do not all come back at once
	ctx, cancel := context.WithCancelCause(context.Background())
	now := a.cfg.Clock.Now()
	return &Events{app: a, conn: conn, ctx: ctx, cancel: cancel, ends: now.Add(age), asked: now}
}

// watched counts the streams of each network, and knows all that are open.
type watched struct {
	mu     sync.Mutex
	open   map[string]int
	all    map[*Events]struct{}
	closed bool
	empty  chan struct{} // closed when the last has left, once somebody waits for it
}

// watch takes a place for a stream, if there is one; leave gives it back.
func (a *App) watch(c *fiber.Ctx) (leave func(), ok bool) {
	from, w := network(Client(c)), &a.watched
	free := a.cfg.Demo && atHome(c)
	w.mu.Lock()
	defer w.mu.Unlock()
	if a.streams.Load() >= int64(a.cfg.MaxStreams) || !free && w.open[from] >= a.cfg.MaxStreamsFrom {
		return nil, false
	}
	if w.open == nil {
		w.open = map[string]int{}
	}
	a.streams.Add(1)
	w.open[from]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		a.streams.Add(-1)
		if w.open[from]--; w.open[from] <= 0 {
			delete(w.open, from)
		}
	}, true
}

// enter notes an open stream; one that comes while the app closes ends at once.
func (w *watched) enter(e *Events) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		e.cancel(ErrClosing)
	}
	if w.all == nil {
		w.all = map[*Events]struct{}{}
	}
	w.all[e] = struct{}{}
}

func (w *watched) left(e *Events) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, e)
	if w.empty != nil && len(w.all) == 0 {
		close(w.empty)
		w.empty = nil
	}
}

// lastWords is how long a stream that is being written to may take when the app closes.
const lastWords = time.Second

// close ends every stream and waits until they have left, or ctx ends: then
// their connections are cut.
func (w *watched) close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	for e := range w.all {
		e.cancel(ErrClosing)
		_ = e.conn.SetWriteDeadline(e.app.cfg.Clock.Now().Add(lastWords))
	}
	if len(w.all) == 0 {
		w.mu.Unlock()
		return nil
	}
	if w.empty == nil {
		w.empty = make(chan struct{})
	}
	empty := w.empty
	w.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := range w.all {
		_ = e.conn.Close()
	}
	return ctx.Err()
}

// runStream writes the answer's head, then all that fn tells.
func (a *App) runStream(ev *Events, head []byte, ref string, fn func(context.Context, *Events) error) {
	confine(ev.conn, 2*a.cfg.Heartbeat)
	a.watched.enter(ev)
	defer a.watched.left(ev)
	defer ev.end()
	if ev.write(append(head, "retry: 2000\n\n"...)) == nil {
		ev.beatLater()
	}
	a.tell(ev, ref, fn) // also when it has left already: fn gives back what was taken for it
}

// tell runs fn. A panic here would end the program, so it is caught and logged.
func (a *App) tell(ev *Events, ref string, fn func(context.Context, *Events) error) {
	defer func() { a.caught(ref, recover()) }()
	if err := fn(ev.ctx, ev); err != nil && ev.ctx.Err() == nil {
		a.cfg.Log.Warn("a stream ended", "ref", ref, "why", err)
	}
}

// caught logs what a stream panicked with, if it did.
func (a *App) caught(ref string, r any) {
	if r != nil {
		a.cfg.Log.Error("panic in a stream", "ref", ref, "what", fmt.Sprint(r), "stack", string(debug.Stack()))
	}
}

// end closes the connection. Whom nothing more could be written to is not kept
// in the kernel either: what lies there is thrown away.
func (e *Events) end() {
	switch cause := context.Cause(e.ctx); {
	case cause == nil, errors.Is(cause, ErrClosing), errors.Is(cause, ErrStreamOver), errors.Is(cause, ErrSignedOut):
	default:
		forget(e.conn)
	}
	e.cancel(context.Canceled)
	_ = e.conn.Close() // frees a heartbeat that is being written
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
	if e.next != nil {
		e.next.Stop()
	}
}

// beatLater sets the next heartbeat, or the stream's end when that comes first.
// A timer costs a stream less than a goroutine that waits.
func (e *Events) beatLater() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clock := e.app.cfg.Clock
	wait := max(0, min(e.app.cfg.Heartbeat, e.ends.Sub(clock.Now())))
	switch {
	case e.over:
	case e.next == nil:
		e.next = clock.AfterFunc(wait, e.beat)
	default:
		e.next.Reset(wait)
	}
}

// beat writes a heartbeat, unless something else is being written: that notices
// as well whether anybody reads.
func (e *Events) beat() {
	now := e.app.cfg.Clock.Now()
	if !now.Before(e.ends) {
		e.cancel(ErrStreamOver)
		return
	}
	if e.mu.TryLock() {
		_ = e.send(Event{Name: eventBeat, Data: strconv.FormatInt(now.UnixMilli(), 10)}.Bytes())
		e.mu.Unlock()
	}
	if e.lives != nil && now.Sub(e.asked) >= judged {
		e.asked = now
		e.judge()
	}
	if e.ctx.Err() == nil {
		e.beatLater()
	}
}

// judge ends the stream of a reader who is signed out.
func (e *Events) judge() {
	defer func() { e.app.caught("", recover()) }()
	if e.lives(e.ctx) {
		return
	}
	_ = e.Send(Event{Name: EventReload})
	e.cancel(ErrSignedOut)
}

// Bytes is the event as it goes over the wire (WHATWG HTML, section 9.2.5).
func (event Event) Bytes() []byte {
	b := make([]byte, 0, len(event.ID)+len(event.Name)+len(event.Data)+32)
	if event.ID != "" {
		b = append(append(append(b, "id: "...), oneLine(event.ID)...), '\n')
	}
	if event.Name != "" {
		b = append(append(append(b, "event: "...), oneLine(event.Name)...), '\n')
	}
	for line := range strings.SplitSeq(event.Data, "\n") {
		b = append(append(append(b, "data: "...), strings.ReplaceAll(line, "\r", "")...), '\n')
	}
	return append(b, '\n')
}

// Send writes one event. After a failure the stream's context has ended and
// every further Send fails.
func (e *Events) Send(event Event) error { return e.write(event.Bytes()) }

// Write writes whole events as they go over the wire, which many streams may
// share; it fails like Send.
func (e *Events) Write(text []byte) error { return e.write(text) }

func (e *Events) write(text []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.send(text)
}

// send gives the network as long as two heartbeats. The caller holds mu.
func (e *Events) send(text []byte) error {
	// First the deadline, then the look: who ends the stream does it the other way round.
	_ = e.conn.SetWriteDeadline(e.app.cfg.Clock.Now().Add(2 * e.app.cfg.Heartbeat))
	if e.ctx.Err() != nil {
		return context.Cause(e.ctx)
	}
	if _, err := e.conn.Write(text); err != nil {
		e.cancel(err)
		return err
	}
	return nil
}

var lineEnds = strings.NewReplacer("\n", "", "\r", "")

func oneLine(s string) string { return lineEnds.Replace(s) }

// LastEventID is the id of the last event that a returning browser saw: from
// the header of EventSource, or from ?last= when live.js made a new one.
func LastEventID(c *fiber.Ctx) string {
	if id := c.Get("Last-Event-ID"); id != "" {
		return id
	}
	return c.Query("last")
}

// Streams is how many live streams are open, for metrics.
func (a *App) Streams() int { return int(a.streams.Load()) }
