package pages

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/live"
	"vez/office"
	"vez/web"
)

// signEvery is how often a console gives a sign of itself, and shows anew what
// changes with time alone.
const signEvery = 20 * time.Second

// movedEvent tells the page that its own part is out of date; see assets/console.js.
const movedEvent = "moved"

// live streams the console's lists: GET /counter/{id}/live?v=…, where v is the
// version of the page. When another one moves this desk's ticket, or the hall
// is paused, the page is told to load itself again.
func (r *room) live(c *fiber.Ctx) error {
	d, err := r.desk(c)
	if err != nil {
		return err
	}
	s := &stream{room: r, desk: d, lang: web.Lang(c), version: c.Query("v")}
	return web.Stream(c, s.run)
}

// stream is one open console.
type stream struct {
	*room
	desk
	lang, version string
}

// ring is what a stream of the hub carries: that something is different is all we need to know.
func ring(string, any) ([]byte, error) { return []byte("{}"), nil }

func (s *stream) run(ctx context.Context, ev *web.Events) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	bells := make(chan struct{}, 1)
	for _, kind := range []live.Kind{live.KindLine, live.KindCounters} {
		sub, err := s.Live.Subscribe(ctx, s.office.ID, live.Filter{Kind: kind, Form: "ring", Encode: ring}, "")
		if err == nil { // else the ticker below goes on by itself
			go forward(ctx, end, sub, bells)
		}
	}
	bell, hush := s.Ledger.Subscribe()
	defer hush()
	signs := s.Machine.NewTicker(signEvery)
	defer signs.Stop()
	parts := ev.Parts("counter/console", s.lang)
	for {
		if err := s.show(ctx, ev, parts); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bells:
		case <-bell:
		case <-signs.Chan():
		}
	}
}

// forward rings the bell for every frame. When the hub ends the subscription,
// the stream ends with it and the browser comes again.
func forward(ctx context.Context, end func(), sub *live.Sub, bells chan<- struct{}) {
	defer sub.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sub.Done():
			end()
			return
		case <-sub.C:
			select {
			case bells <- struct{}{}:
			default: // it is ringing already
			}
		}
	}
}

// show sends what is different from what was sent. That the page has to load
// itself again is told once: a page that cannot yet goes on with its lists.
func (s *stream) show(ctx context.Context, ev *web.Events, parts *web.Parts) error {
	f, err := s.floors.fresh(ctx, s.office.ID)
	if err != nil {
		if known, ok := s.floors.known(s.office.ID, s.today()); ok && held(s.mode(known)) {
			s.touch(ctx, s.desk) // the clerk is there, whatever else is not
		}
		return s.tellAway(parts, true) // what is shown stays, and its age with it
	}
	if err := s.tellAway(parts, false); err != nil {
		return err
	}
	if now := s.desk.version(f); s.version != "" && now != s.version {
		s.version = ""
		if err := ev.Send(web.Event{Name: movedEvent, Data: `"` + now + `"`}); err != nil {
			return err
		}
	}
	if held(s.mode(f)) {
		s.touch(ctx, s.desk)
	}
	v := &console{ID: s.counter.ID, Mode: s.mode(f), Lists: s.lists(f, s.Speed), Others: s.neighbours(f), Now: f.now, Speed: s.Speed}
	for _, name := range []string{"next", "waiting", "aside", "others"} {
		if err := parts.Part("counter-"+name, name, v); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) today() office.Day { return s.office.Day(s.Hall.Now().In(s.office.Location())) }

// tellAway tells the page that nothing can be saved, and as of when its state
// is; or that all is well: also at first, for what it shows may be of before its
// connection was lost.
func (s *stream) tellAway(parts *web.Parts, away bool) error {
	values := map[string]any{"away": away}
	if f, ok := s.floors.known(s.office.ID, s.today()); ok && away {
		values["away_text"] = s.app.Text(s.lang).T("counter.away.text", "at", f.now)
	}
	return parts.Values("away", values)
}
