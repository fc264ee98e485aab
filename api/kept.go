package api

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"vez/live"
	"vez/ticket"
)

// Live reads are asked over and over by those who wait, and mostly nothing has
// changed. Such an answer is kept as the bytes that it was written as, with
// what it was made of, and is sent again while the live snapshot still says
// exactly that. Who may read is looked at each time. Whatever is not plain goes
// the long way, which gives the same bytes.

// keptMost bounds how many tickets' answers one hub keeps; past it all are
// forgotten, which costs one reading each.
const keptMost = 8192

// kept are the answers that lie ready.
type kept struct {
	mu      sync.RWMutex
	queues  map[string]*keptQueues // by office
	tickets map[string]*keptTicket // by ticket
}

func newKept() *kept {
	return &kept{queues: map[string]*keptQueues{}, tickets: map[string]*keptTicket{}}
}

// ready answers with a kept body if there is one for this call.
func (a *API) ready(ctx huma.Context, f *fiber.Ctx, c *call) bool {
	if c.op.kept == nil {
		return false
	}
	if as, err := a.huma.Negotiate(f.Get(fiber.HeaderAccept)); err != nil || as != fiber.MIMEApplicationJSON {
		return false
	}
	if !c.op.kept(ctx.Context(), f, c) {
		return false
	}
	f.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	return true
}

// keptQueues is the answer about an office's queues around the house time.
type keptQueues struct {
	of           live.Queues
	before, rest []byte
}

// is tells whether it is of the same figures: they are reckoned anew, in
// another place, whenever they may have changed.
func (k *keptQueues) is(l live.Queues) bool {
	return k.of.At == l.At && k.of.Hall == l.Hall && len(k.of.Queues) == len(l.Queues) &&
		(len(l.Queues) == 0 || &k.of.Queues[0] == &l.Queues[0])
}

// queuesReady writes the kept answer about the queues of an office.
func (a *API) queuesReady(ctx context.Context, f *fiber.Ctx, _ *call) bool {
	id := f.Params("id")
	if a.cat.Office(id) == nil {
		return false
	}
	a.caughtUp(ctx, id)
	l, err := a.Live.Queues(ctx, id)
	if err != nil {
		return false
	}
	a.kept.mu.RLock()
	k := a.kept.queues[id]
	a.kept.mu.RUnlock()
	if k == nil || !k.is(l) {
		if k = a.keepQueues(l); k == nil {
			return false
		}
	}
	body := make([]byte, 0, len(k.before)+len(k.rest)+len(time.RFC3339Nano)+2)
	body = append(body, k.before...)
	body = append(l.Now.AppendFormat(append(body, '"'), time.RFC3339Nano), '"')
	f.Response().SetBodyRaw(append(body, k.rest...))
	return true
}

// keepQueues writes the answer down, apart from what the house's clock says;
// nil when it cannot be taken apart.
func (a *API) keepQueues(l live.Queues) *keptQueues {
	var b bytes.Buffer
	if a.huma.Marshal(&b, fiber.MIMEApplicationJSON, a.queuesShape(l)) != nil {
		return nil
	}
	now := append(l.Now.AppendFormat([]byte(`"now":"`), time.RFC3339Nano), '"')
	before, rest, ok := bytes.Cut(b.Bytes(), now) // no text holds such a quote unescaped
	if !ok {
		return nil
	}
	k := &keptQueues{of: l, before: append(slices.Clip(before), `"now":`...), rest: rest}
	a.kept.mu.Lock()
	a.kept.queues[l.Office] = k
	a.kept.mu.Unlock()
	return k
}

// keptTicket is a ticket that somebody reads. Where it is never changes.
type keptTicket struct {
	office string
	mu     sync.Mutex
	plain  *keptBody // for staff
	linked *keptBody // with its link, for its holder and for devices
}

// keptBody is a ticket's answer and what it was made of.
type keptBody struct {
	of      *ticket.Ticket
	ahead   int
	window  *live.Window
	notices []string
	body    []byte
}

// is tells whether it says what the hub says now.
func (k *keptBody) is(p live.Placed) bool {
	return k != nil && k.of == p.Ticket && k.ahead == p.Ahead && sameWindow(k.window, p.Window) && slices.Equal(k.notices, p.Notices)
}

func sameWindow(a, b *live.Window) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// keep remembers where a ticket is that somebody reads.
func (k *kept) keep(t ticket.Ticket) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tickets[t.ID] != nil {
		return
	}
	if len(k.tickets) >= keptMost {
		clear(k.tickets)
	}
	k.tickets[t.ID] = &keptTicket{office: t.Office}
}

func (k *kept) ticket(id string) *keptTicket {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.tickets[id]
}

// ticketReady writes a ticket's kept answer, which holds its code: who is not to
// see that goes the long way. What the hub holds must be all that the ledger has:
// nobody reads an older state than they were told, at whichever hub, and nobody
// is told anything while the ledger is away.
func (a *API) ticketReady(ctx context.Context, f *fiber.Ctx, c *call) bool {
	id := f.Params("id")
	k := a.kept.ticket(id)
	if k == nil || c.holder() == "" && !c.op.audience.mayAt(c.who, k.office) || !a.Live.Newest(ctx, k.office) {
		return false
	}
	p, ok := a.Live.Placed(ctx, k.office, id)
	if !ok || !a.serves(c, p.Ticket.Queue, k.office) {
		return false
	}
	if holder := c.holder(); holder != "" {
		if mine, err := a.belongs(ctx, holder, id, p.Ticket.Booking); err != nil || !mine {
			return false
		}
	}
	body := a.bodyOf(ctx, k, p, linked(c))
	if body == nil {
		return false
	}
	f.Response().SetBodyRaw(body)
	return true
}

// bodyOf gives what is answered about a ticket, written anew if it has changed;
// nil when it cannot be.
func (a *API) bodyOf(ctx context.Context, k *keptTicket, p live.Placed, linked bool) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	which := &k.plain
	if linked {
		which = &k.linked
	}
	if !(*which).is(p) {
		*which = a.bodyNow(ctx, p, linked)
	}
	if *which == nil {
		return nil
	}
	return (*which).body
}

func (a *API) bodyNow(ctx context.Context, p live.Placed, linked bool) *keptBody {
	v, line, err := a.ticketShaped(*p.Ticket)
	if err == nil && linked {
		v.Link, err = a.linkOf(ctx, p.Ticket.ID)
	}
	if line {
		v.place(p.Position)
	}
	var b bytes.Buffer
	if err != nil || a.huma.Marshal(&b, fiber.MIMEApplicationJSON, v) != nil {
		return nil
	}
	return &keptBody{of: p.Ticket, ahead: p.Ahead, window: p.Window, notices: p.Notices, body: b.Bytes()}
}
