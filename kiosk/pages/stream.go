package pages

import (
	"context"
	"encoding/json"
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
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		defer sub.Close()
		w := &watch{room: r, visit: v, page: "kiosk/ticket", id: t.ID, ev: ev}
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
}

// homeStream tells the first page at once when paper is out, or back, and when
// nothing can be saved: GET /live/kiosk/{office}.
func (r *room) homeStream(c *fiber.Ctx) error {
	o, err := r.officeOf(c)
	if err != nil {
		return err
	}
	w := &watch{room: r, visit: r.visit(c, o), page: "kiosk/home"}
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		w.ev = ev
		var rung <-chan struct{}
		if r.Printers != nil {
			var cancel func()
			rung, cancel = r.Printers.Subscribe(o.ID)
			defer cancel()
		}
		bell, hush := r.Ledger.Subscribe()
		defer hush()
		for {
			if err := w.works(); err != nil {
				return err
			}
			if err := w.tell("home-paper", "paper", homeData{Paper: r.hallPaper(w.visit)}); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-rung:
			case <-bell:
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
	w := &watch{room: r, visit: r.visit(c, o), id: c.Params("job"), page: "kiosk/paper"}
	if _, err := r.job(c.UserContext(), w.visit, w.id); err != nil {
		return err
	}
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		w.ev = ev
		tick := r.Machine.NewTicker(paperEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.Chan():
			}
			j, err := r.job(ctx, w.visit, w.id)
			if err != nil {
				return err
			}
			p := r.printed(w.visit, j)
			if err := w.asks(p); err != nil {
				return err
			}
			if err := w.tell("paper-print", "print", paperData{Print: p}); err != nil {
				return err
			}
		}
	})
}

// watch is what one screen was told last.
type watch struct {
	room  *room
	visit *visit
	page  string
	id    string // of the ticket or paper
	ev    *web.Events
	told  map[string]string
	asked string
}

// asks shows or hides the question whether the paper came out.
func (w *watch) asks(p printData) error {
	data, err := json.Marshal(map[string]bool{"asked": p.Asked()})
	if err != nil || w.asked == string(data) {
		return err
	}
	w.asked = string(data)
	return w.ev.Send(web.Event{Name: web.EventValues, Data: w.asked})
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
	return w.tell("ticket-place", "place", ticketData{Place: p, ID: w.id})
}

func (w *watch) paper(ctx context.Context) error {
	p, err := w.room.paper(ctx, w.visit, w.id)
	if err != nil {
		return err
	}
	if err := w.asks(p); err != nil {
		return err
	}
	return w.tell("ticket-print", "print", ticketData{Print: p, ID: w.id})
}

// tell sends a part of the page, made by a template of it, if it has changed.
func (w *watch) tell(tmpl, part string, d any) error {
	html, err := w.room.app.Fragment(w.page, tmpl, w.visit.text.Lang(), d)
	if err != nil {
		return err
	}
	if old, told := w.told[part]; told && old == html {
		return nil
	}
	if w.told == nil {
		w.told = map[string]string{}
	}
	w.told[part] = html
	data, err := json.Marshal(map[string]string{"name": part, "html": html})
	if err != nil {
		return err
	}
	return w.ev.Send(web.Event{Name: web.EventFragment, Data: string(data)})
}
