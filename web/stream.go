package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
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
// and ErrClosing when the app shuts down. A browser reconnects by itself.
var (
	ErrStreamOver = errors.New("web: the stream has reached its age")
	ErrClosing    = errors.New("web: the app is shutting down")
)

// Event is one message of a stream. Data may have several lines.
type Event struct {
	ID, Name, Data string
}

// Events writes the messages of one stream; safe for concurrent use.
type Events struct {
	mu       sync.Mutex
	w        *bufio.Writer
	conn     net.Conn
	clock    clockwork.Clock
	patience time.Duration
	cancel   context.CancelCauseFunc
}

// Stream answers with server-sent events. fn writes a snapshot, then changes,
// until ctx ends: the browser has left (noticed by a failed heartbeat at the
// latest), the stream is old, or the app closes. Everything that fn needs of c
// must be read before; c is not to be touched in fn. When too many streams are
// open the answer is a fault, and the browser tries again later.
func Stream(c *fiber.Ctx, fn func(ctx context.Context, ev *Events) error) error {
	a, ref := stateOf(c).app, Ref(c)
	leave, ok := a.watch(c)
	if !ok {
		return fault.New(fault.TooOften, "seconds", 30)
	}
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Set("X-Accel-Buffering", "no")
	c.Context().SetConnectionClose() // a deadline set for the stream must not outlive it
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer leave()
		a.runStream(w, conn, ref, fn)
	})
	return nil
}

// watched counts the streams of each network.
type watched struct {
	mu   sync.Mutex
	open map[string]int
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

// runStream runs fn beside a heartbeat. A panic here would end the program, so
// it is caught and logged.
func (a *App) runStream(w *bufio.Writer, conn net.Conn, ref string, fn func(context.Context, *Events) error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	ev := &Events{w: w, conn: conn, clock: a.cfg.Clock, patience: 2 * a.cfg.Heartbeat, cancel: cancel}
	var beats sync.WaitGroup
	beats.Add(1)
	go func() {
		defer beats.Done()
		a.beat(ctx, ev)
	}()
	defer beats.Wait()
	defer cancel(context.Canceled)
	defer func() {
		if r := recover(); r != nil {
			a.cfg.Log.Error("panic in a stream", "ref", ref, "what", fmt.Sprint(r), "stack", string(debug.Stack()))
		}
	}()
	if ev.write("retry: 2000\n\n") != nil {
		return
	}
	if err := fn(ctx, ev); err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("a stream ended", "ref", ref, "why", err)
	}
}

// beat writes heartbeats and ends the stream when its time has come. The age
// varies by a tenth, so that browsers do not all come back at once.
func (a *App) beat(ctx context.Context, ev *Events) {
	ticker := a.cfg.Clock.NewTicker(a.cfg.Heartbeat)
	defer ticker.Stop()
	age := a.cfg.Clock.NewTimer(a.cfg.StreamAge - time.Duration(rand.Int64N(int64(a.cfg.StreamAge)/10+1)))
	defer age.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.done:
			ev.cancel(ErrClosing)
			return
		case <-age.Chan():
			ev.cancel(ErrStreamOver)
			return
		case now := <-ticker.Chan():
			_ = ev.Send(Event{Name: eventBeat, Data: strconv.FormatInt(now.UnixMilli(), 10)})
		}
	}
}

// Send writes one event and flushes it. After a failure the stream's context
// has ended and every further Send fails.
func (e *Events) Send(event Event) error {
	var b strings.Builder
	if event.ID != "" {
		b.WriteString("id: " + oneLine(event.ID) + "\n")
	}
	if event.Name != "" {
		b.WriteString("event: " + oneLine(event.Name) + "\n")
	}
	for _, line := range strings.Split(strings.ReplaceAll(event.Data, "\r", ""), "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteString("\n")
	return e.write(b.String())
}

// write gives the network as long as two heartbeats. The deadline is set on the
// connection itself: what we write goes through a pipe that has none.
func (e *Events) write(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn != nil {
		_ = e.conn.SetWriteDeadline(e.clock.Now().Add(e.patience))
	}
	if _, err := e.w.WriteString(text); err != nil {
		e.cancel(err)
		return err
	}
	if err := e.w.Flush(); err != nil {
		e.cancel(err)
		return err
	}
	return nil
}

func oneLine(s string) string { return strings.NewReplacer("\n", "", "\r", "").Replace(s) }

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
