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
		w := &watch{room: r, visit: v, id: t.ID, ev: ev}
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

// watch is what one screen was told last.
type watch struct {
	room  *room
	visit *visit
	id    string
	ev    *web.Events
	told  map[string]string
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
	return w.tell("place", ticketData{Place: p, ID: w.id})
}

func (w *watch) paper(ctx context.Context) error {
	p, err := w.room.paper(ctx, w.id)
	if err != nil {
		return err
	}
	return w.tell("print", ticketData{Print: p, ID: w.id})
}

// tell sends a part of the page if it has changed.
func (w *watch) tell(part string, d ticketData) error {
	html, err := w.room.app.Fragment("kiosk/ticket", "ticket-"+part, w.visit.text.Lang(), d)
	if err != nil || w.told[part] == html {
		return err
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
