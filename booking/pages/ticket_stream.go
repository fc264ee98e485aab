package pages

import (
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/live"
	"vez/ticket"
	"vez/web"
)

// ticketStream keeps a ticket's page up to date: GET /live/t/{token}?shape=…
// sends the part "place" and what may be done, and asks the page to load itself
// again when the ticket has left the shape that it was shown in.
func (r *room) ticketStream(c *fiber.Ctx) error {
	p, err := r.pass(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	s := &ticketNews{room: r, pass: p, shape: c.Query("shape"), lang: web.Lang(c)}
	sub, err := r.Live.Subscribe(c.UserContext(), p.office.ID, live.Filter{Kind: live.KindPosition, Ticket: p.ticket.ID}, "")
	if fault.CodeOf(err) == fault.UnknownThing && p.ticket.Day < p.office.Day(r.Hall.Now().In(p.office.Location())) {
		return web.Stream(c, s.past)
	}
	if err != nil {
		return err
	}
	err = web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		defer sub.Close()
		return s.follow(ctx, sub, ev)
	})
	if err != nil {
		sub.Close()
	}
	return err
}

// ticketNews writes one page's stream.
type ticketNews struct {
	room  *room
	pass  pass
	shape string
	lang  string
}

func (s *ticketNews) follow(ctx context.Context, sub *live.Sub, ev *web.Events) error {
	bell, hush := s.room.Ledger.Subscribe()
	defer hush()
	parts := ev.Parts("booking/ticket", s.lang)
	for {
		if err := s.tellAway(parts); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-sub.Done():
			return nil // the browser comes again
		case <-bell:
		case f := <-sub.C:
			if err := s.tell(f, ev); err != nil {
				return err
			}
		}
	}
}

// past follows a ticket of an earlier day, of which the hall knows nothing any
// more: a page of another shape is told once to load itself again, and one that
// says all there is stays connected.
func (s *ticketNews) past(ctx context.Context, ev *web.Events) error {
	if s.shape != "" && shape(s.pass.ticket.State) != s.shape {
		return ev.Send(web.Event{Name: web.EventReload, Data: "{}"})
	}
	bell, hush := s.room.Ledger.Subscribe()
	defer hush()
	parts := ev.Parts("booking/ticket", s.lang)
	for {
		if err := s.tellAway(parts); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		}
	}
}

// tellAway tells the page that nothing can be saved, or that all is well: also
// at first, for what it shows may be of before its connection was lost.
func (s *ticketNews) tellAway(parts *web.Parts) error {
	title := ""
	if since := s.room.Ledger.Away(); !since.IsZero() {
		title = s.room.app.Text(s.lang).T("ticket.away.title", "time", since.In(s.pass.office.Location()))
	}
	return parts.Values("away", map[string]any{"away": title != "", "away_title": title})
}

func (s *ticketNews) tell(f *live.Frame, ev *web.Events) error {
	var pos live.Position
	if err := json.Unmarshal(f.Data, &pos); err != nil {
		return err
	}
	if pos.State == ticket.None {
		return nil // of an earlier day: the page says all there is
	}
	if s.shape != "" && shape(pos.State) != s.shape {
		return ev.Send(web.Event{Name: web.EventReload, Data: "{}"})
	}
	text := s.room.app.Text(s.lang)
	p := s.room.placeOf(pos, s.pass.office, s.lang)
	p.Mark = mark(text, pos.Booked)
	html, err := s.room.app.Fragment("booking/ticket", "place", s.lang, p)
	if err != nil {
		return err
	}
	if err := send(ev, f.ID, web.EventFragment, map[string]any{"name": "place", "html": html}); err != nil {
		return err
	}
	stepped := false
	for _, n := range pos.Notices {
		stepped = stepped || n == live.NoticeSteppedOut
	}
	return send(ev, "", web.EventValues, map[string]any{
		"said": said(text, p), "called": p.Called(), "recalls": pos.Recalls,
		"can_out": p.CanOut(stepped), "can_back": p.CanBack(), "can_cancel": p.CanCancel(),
	})
}

// said is how it stands in one sentence, for screen readers and the name of the tab.
func said(text textOf, p ticketPlace) string {
	if p.Called() {
		return text.T("ticket.state.called.said", "counter", p.Counter)
	}
	return text.T("ticket.state." + p.Key() + ".title")
}

func send(ev *web.Events, id, name string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return ev.Send(web.Event{ID: id, Name: name, Data: string(body)})
}
