package pages

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/live"
	"vez/office"
	"vez/web"
)

// eventAway says since when nobody can be called, {"since":"…"} in the office's
// zone, or {} that all is well.
const eventAway = "away"

// stream is what a board hears: GET /live/board/{office}?zone=&last=. First
// comes a snapshot, or exactly what was missed after the last id, then changes,
// each with the id "epoch.seq".
func (r *room) stream(c *fiber.Ctx) error {
	o, zone, err := r.place(c)
	if err != nil {
		return err
	}
	sub, err := r.Live.Subscribe(c.UserContext(), o.ID, live.Filter{Kind: live.KindBoard, Zone: zone}, web.LastEventID(c))
	if err != nil {
		return err
	}
	err = web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		defer sub.Close()
		bell, hush := r.Ledger.Subscribe()
		defer hush()
		if !r.Ledger.Away().IsZero() && r.sendAway(ev, o) != nil {
			return nil // it has left
		}
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-sub.Done():
				return nil // the browser comes again by itself
			case <-bell:
				if r.sendAway(ev, o) != nil {
					return nil
				}
			case f := <-sub.C:
				if ev.Write(f.Bytes()) != nil { // all boards of a place share these bytes
					return nil
				}
			}
		}
	})
	if err != nil {
		sub.Close()
	}
	return err
}

func (r *room) sendAway(ev *web.Events, o *office.Office) error {
	data := "{}"
	if since := r.Ledger.Away(); !since.IsZero() {
		data = `{"since":"` + since.In(o.Location()).Format(time.RFC3339) + `"}`
	}
	return ev.Send(web.Event{Name: eventAway, Data: data})
}
