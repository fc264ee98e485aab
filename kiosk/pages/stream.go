package pages

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/live"
	"vez/web"
)

// paperEvery is how often the state of the printer is asked while somebody looks.
const paperEvery = 500 * time.Millisecond

// ticketStream keeps place and paper of a ticket on the screen right: GET
// /live/kiosk/{office}/{ticket}.
func (r *room) ticketStream(c *fiber.Ctx) error {
	o, err := r.officeOf(c)
	if err != nil {
		return err
	}
	v := r.visit(c, o)
	t, err := r.own(c.UserContext(), v, c.Params("ticket"))
	if err != nil {
		return err
	}
	sub, err := r.Live.Subscribe(c.UserContext(), o.ID, live.Filter{Kind: live.KindPosition, Ticket: t.ID}, "")
	if err != nil {
		return err
	}
	err = web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		defer sub.Close()
		w := r.watch(v, ev, "kiosk/ticket", t.ID)
		tick := r.Machine.NewTicker(paperEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-sub.Done():
				return nil
			case <-sub.C:
				if err := w.place(ctx); err != nil {
					return err
				}
			case <-tick.Chan():
				if err := w.paper(ctx); err != nil {
					return err
				}
			}
		}
	})
	if err != nil {
		sub.Close()
	}
	return err
}

// hallEvery is how often the first page is looked at by the clock: a hall opens
// and closes without anybody doing anything.
const hallEvery = 20 * time.Second

// homeStream tells the first page at once when paper is out, or back, when
// nothing can be saved, and how the hall stands: GET /live/kiosk/{office}.
func (r *room) homeStream(c *fiber.Ctx) error {
	o, err := r.officeOf(c)
	if err != nil {
		return err
	}
	v := r.visit(c, o)
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		w := r.watch(v, ev, "kiosk/home", "")
		var changes <-chan *live.Frame
		var over <-chan struct{}
		// A hall that cannot be read keeps no screen from hearing that nothing can be saved.
		if sub, err := r.Live.Subscribe(ctx, o.ID, live.Filter{Kind: live.KindQueues}, ""); err == nil {
			defer sub.Close()
			changes, over = sub.C, sub.Done()
		}
		var rung <-chan struct{}
		if r.Printers != nil {
			var cancel func()
			rung, cancel = r.Printers.Subscribe(o.ID)
			defer cancel()
		}
		bell, hush := r.Ledger.Subscribe()
		defer hush()
		tick := r.Machine.NewTicker(hallEvery)
		defer tick.Stop()
		for {
			if err := w.works(); err != nil {
				return err
			}
			if err := w.hall(ctx); err != nil {
				return err
			}
			if err := w.parts.Part("home-paper", "paper", homeData{Paper: r.hallPaper(v)}); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-rung:
			case <-bell:
			case <-changes:
			case <-over:
				return nil
			case <-tick.Chan():
			}
		}
	})
}

// paperStream tells how one paper comes out: GET /live/kiosk/{office}/paper/{job}.
func (r *room) paperStream(c *fiber.Ctx) error {
	o, err := r.officeOf(c)
	if err != nil {
		return err
	}
	v, id := r.visit(c, o), c.Params("job")
	if _, err := r.job(c.UserContext(), v, id); err != nil {
		return err
	}
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		w := r.watch(v, ev, "kiosk/paper", id)
		tick := r.Machine.NewTicker(paperEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.Chan():
			}
			j, err := r.job(ctx, v, id)
			if err != nil {
				return err
			}
			p := r.printed(v, j)
			if err := w.asks(p); err != nil {
				return err
			}
			if err := w.parts.Part("paper-print", "print", paperData{Print: p}); err != nil {
				return err
			}
		}
	})
}

// watch is one open screen.
type watch struct {
	room  *room
	visit *visit
	id    string // of the ticket or paper
	parts *web.Parts
}

// watch of a page over its stream.
func (r *room) watch(v *visit, ev *web.Events, page, id string) *watch {
	return &watch{room: r, visit: v, id: id, parts: ev.Parts(page, v.text.Lang())}
}

// asks shows or hides the question whether the paper came out.
func (w *watch) asks(p printData) error {
	return w.parts.Values("asked", map[string]any{"asked": p.Asked()})
}

// hall tells the first page how the hall stands now, if that has changed. While
// nothing can be saved it matters to nobody, and what cannot be read stays as it is.
func (w *watch) hall(ctx context.Context) error {
	r, v := w.room, w.visit
	if !r.away(v).IsZero() {
		return nil
	}
	v.now = r.Hall.Now().In(v.office.Location())
	d := homeData{frame: v.frame("")}
	if err := r.stands(ctx, v, &d); err != nil {
		r.Log.Warn("kiosk", "why", err)
		return nil
	}
	if err := w.parts.Part("home-hall", "hall", d); err != nil {
		return err
	}
	return w.parts.Part("home-until", "until", d)
}

func (w *watch) place(ctx context.Context) error {
	t, err := w.room.Hall.Ticket(ctx, w.id)
	if err != nil {
		return err
	}
	p, err := w.room.place(ctx, w.visit, t)
	if err != nil {
		return err
	}
	return w.parts.Part("ticket-place", "place", ticketData{Place: p, ID: w.id})
}

func (w *watch) paper(ctx context.Context) error {
	p, err := w.room.paper(ctx, w.visit, w.id)
	if err != nil {
		return err
	}
	if err := w.asks(p); err != nil {
		return err
	}
	return w.parts.Part("ticket-print", "print", ticketData{Print: p, ID: w.id})
}
