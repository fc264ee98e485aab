package pages

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/event"
	"vez/ticket"
	"vez/web"
)

type whyPage struct {
	Number, URL string
	State       ticket.State
	Due         time.Time
	Because     string // how due was reckoned: the class of the ticket
	Arrival     time.Time
	Start       time.Time
	HeadStart   time.Duration
	Filing      bool
	Called      *whyCall
	Before      []whyCall // who was called before this one although behind it
	More        bool
}

// whyCall is one call with its reason in words.
type whyCall struct {
	At      time.Time
	Number  string
	Counter string
	Rule    string
	Named   string // the reason that staff gave
	Passed  string // why this ticket was passed over
	Over    []whyPassed
	More    int
}

type whyPassed struct{ Number, Why string }

// why answers "why this order?" to a holder, from what was recorded at each call.
func (r *room) why(c *fiber.Ctx) error {
	p, err := r.pass(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	if r.Events == nil {
		return unknown("reason")
	}
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("X-Robots-Tag", "noindex, nofollow")
	t, loc := p.ticket, p.office.Location()
	page := whyPage{
		Number: t.Number, URL: p.url(), State: t.State, Due: t.Due.In(loc), Because: string(t.Class), Arrival: t.Arrival.In(loc),
		HeadStart: t.HeadStart, Filing: p.queue.RulesOn(t.Day).FilingOrder,
	}
	if !t.Start.IsZero() {
		page.Start = t.Start.In(loc)
	}
	if err := r.calls(c.UserContext(), web.Text(c), p, &page); err != nil {
		return err
	}
	return web.Render(c, "booking/why", page)
}

// Bounds of the search through an office's events, which a day seldom reaches.
const (
	whyPageSize = 500
	whyPages    = 20
	whyMost     = 20
)

// calls looks through the events since the ticket joined: for its own call, and
// for those that passed it over.
func (r *room) calls(ctx context.Context, text textOf, p pass, page *whyPage) error {
	seq := max(0, p.ticket.Joined-1)
	for range whyPages {
		list, err := r.Events.After(ctx, p.office.ID, seq, whyPageSize)
		if err != nil {
			return err
		}
		for _, e := range list {
			r.hear(text, p, page, e)
			seq = e.Seq
		}
		if len(list) < whyPageSize {
			return nil
		}
	}
	page.More = true
	return nil
}

// hear takes one event into account if it is a call that concerns the ticket.
func (r *room) hear(text textOf, p pass, page *whyPage, e event.Event) {
	if len(e.Images.Tickets) == 0 || len(e.Detail) == 0 || !isCall(e.Kind) {
		return
	}
	var reason ticket.Reason
	if json.Unmarshal(e.Detail, &reason) != nil || reason.Rule == "" {
		return
	}
	called := e.Images.Tickets[0]
	w := whyCall{At: e.At.In(p.office.Location()), Number: called.Number, Rule: text.T("reason.rule." + reason.Rule)}
	for _, desk := range p.office.Counters {
		if desk.ID == e.Counter {
			w.Counter = desk.Label
		}
	}
	if reason.Rule == ticket.RuleNamed && ticket.KnownReason(e.Reason) {
		w.Named = text.T("reason.named." + e.Reason)
	}
	if called.ID == p.ticket.ID {
		for _, o := range reason.Passed {
			w.Over = append(w.Over, whyPassed{o.Number, whyText(text, o.Why)})
		}
		w.More = reason.More
		page.Called = &w
		return
	}
	at := slices.IndexFunc(reason.Passed, func(o ticket.Passed) bool { return o.Ticket == p.ticket.ID })
	if at >= 0 && len(page.Before) < whyMost {
		w.Passed = whyText(text, reason.Passed[at].Why)
		page.Before = append(page.Before, w)
	} else if at >= 0 {
		page.More = true
	}
}

func isCall(k event.Kind) bool {
	return k == event.TicketKind(string(ticket.Call)) || k == event.TicketKind(string(ticket.CallThis))
}

// whyText says why somebody was passed over: by a rule, or for what staff named.
func whyText(text textOf, why string) string {
	if ticket.KnownReason(why) {
		return text.T("reason.named." + why)
	}
	return text.T("reason.passed." + why)
}
