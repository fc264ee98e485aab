package admin

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/live"
	"vez/web"
)

const (
	// showEvery is how often what changes with time alone is shown anew.
	showEvery = 20 * time.Second
	// showAtMost spaces the readings of a busy hall.
	showAtMost = time.Second
	// movedEvent tells the page to load itself again; see assets/admin.js.
	movedEvent = "moved"
)

// live streams the figures, queues and counters: GET /admin/offices/{id}/live?v=….
func (r *room) live(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	s := &stream{room: r, place: p, lang: web.Lang(c), version: c.Query("v")}
	return web.Stream(c, s.run)
}

type stream struct {
	*room
	place
	lang, version string
	shown         time.Time // house time of the picture that was told last
}

// rings gives what rings when a printer of the office is otherwise than before;
// it never does where nothing is known of printers.
func (r *room) rings(officeID string) (<-chan struct{}, func()) {
	if r.Printers == nil {
		return nil, func() {}
	}
	return r.Printers.Subscribe(officeID)
}

// ring: that something is different is all we need to know.
func ring(string, any) ([]byte, error) { return []byte("{}"), nil }

func (s *stream) run(ctx context.Context, ev *web.Events) error {
	sub, err := s.Live.Subscribe(ctx, s.office.ID, live.Filter{Kind: live.KindCounters, Form: "ring", Encode: ring}, "")
	if err != nil {
		return err
	}
	defer sub.Close()
	queues, err := s.Live.Subscribe(ctx, s.office.ID, live.Filter{Kind: live.KindQueues, Form: "ring", Encode: ring}, "")
	if err != nil {
		return err
	}
	defer queues.Close()
	printers, cancel := s.rings(s.office.ID)
	defer cancel()
	bell, hush := s.Ledger.Subscribe()
	defer hush()
	tick := s.Machine.NewTicker(showEvery)
	defer tick.Stop()
	parts := ev.Parts("admin/office", s.lang)
	for {
		if err := s.show(ctx, ev, parts); err != nil {
			return err
		}
		select { // let a burst pass
		case <-ctx.Done():
			return nil
		case <-s.Machine.After(showAtMost):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-sub.Done():
			return nil
		case <-queues.Done():
			return nil
		case <-sub.C:
		case <-queues.C:
		case <-printers:
		case <-bell:
		case <-tick.Chan():
		}
		drain(sub, queues)
	}
}

// drain forgets the rings that the next picture answers together.
func drain(subs ...*live.Sub) {
	for _, s := range subs {
		for len(s.C) > 0 {
			<-s.C
		}
	}
}

// show sends what is different from what was sent. That the page has to load
// itself again is told once: a page that cannot yet goes on with its figures.
func (s *stream) show(ctx context.Context, ev *web.Events, parts *web.Parts) error {
	if err := s.tellAway(parts); err != nil {
		return err
	}
	v, err := s.view(ctx, s.place)
	if err != nil {
		return nil // what is shown stays; the bell rings when the ledger is away
	}
	s.shown = v.Now
	if s.version != "" && v.Version != s.version {
		s.version = ""
		if err := ev.Send(web.Event{Name: movedEvent, Data: "{}"}); err != nil {
			return err
		}
	}
	for _, name := range []string{"printing", "figures", "queues", "counters"} {
		if err := parts.Part("admin-"+name, name, v); err != nil {
			return err
		}
	}
	return nil
}

// tellAway tells the page that nothing can be saved, and as of when its figures
// are; or that all is well: also at first, for what it shows may be of before its
// connection was lost.
func (s *stream) tellAway(parts *web.Parts) error {
	since := s.Ledger.Away()
	values := map[string]any{"away": !since.IsZero()}
	if !since.IsZero() {
		if !s.shown.IsZero() {
			since = s.shown
		}
		values["away_text"] = s.app.Text(s.lang).T("admin.away.text", "at", since.In(s.office.Location()))
	}
	return parts.Values("away", values)
}
