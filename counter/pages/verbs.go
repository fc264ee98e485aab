package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

// press is one button pressed at a console.
type press struct {
	*room
	desk
	c   *fiber.Ctx
	ctx context.Context
	act hall.Act
}

// verb makes one move. It gives the desk after it, of which the ticket that the
// move was about is named to the clerk.
type verb func(p press) (hall.Desk, error)

// verbs by the last part of their address.
var verbs = map[string]verb{
	"open": press.open, "close": press.close, "break": press.rest, "back": press.back,

	"next": press.next, "call": press.call, "recall": press.recall, "start": press.start,
	"start-missed": press.startMissed, "here": press.here, "serve": press.serve, "take-over": press.takeOver,

	"finish": press.finish, "continue": press.goOn, "miss": press.miss, "park": press.park, "resume": press.resume,
	"return": press.putBack, "transfer": press.transfer, "reopen": press.reopen, "undo": press.undo,

	"change": press.change, "cancel": press.cancel, "unserve": press.unserve, "print": press.print,
	"print-pass": press.printPass,
}

// act answers a verb's form: it makes the move and goes back to the console,
// where a refusal is shown with what to do.
func (r *room) act(name string, v verb) fiber.Handler {
	return func(c *fiber.Ctx) error {
		d, err := r.desk(c)
		if err != nil {
			return err
		}
		p := press{room: r, desk: d, c: c, ctx: c.UserContext(), act: hall.Act{Actor: d.who.Subject, Key: actKey(c, d, name)}}
		out, err := v(p)
		if err != nil {
			return r.refuse(c, d, name, err)
		}
		r.remember(c, d, name, out)
		return web.Back(c, pathOf(d.counter.ID))
	}
}

// notUndone are the verbs that leave nothing to undo at the counter.
var notUndone = []string{"open", "close", "break", "back", "undo", "change", "cancel", "unserve", "print", "print_pass", "nobody"}

// remember notes what was done, and why a ticket was called.
func (r *room) remember(c *fiber.Ctx, d desk, name string, out hall.Desk) {
	if out.Why.Rule != "" && out.Ticket.ID != "" {
		r.whys.put(d.counter.ID, out.Ticket, why{Reason: out.Why, named: c.FormValue("reason")})
	}
	about := out.Changed
	if about.ID == "" {
		about = out.Ticket
	}
	n := done{Verb: doneVerb(name, out, about), Number: about.Number, Ticket: about.ID}
	if name != "next" && slices.Contains(notUndone, name) && (about.ID == "" || name == "undo") {
		dropNote(c, d, doneCookie)
		return
	}
	r.noteDone(c, d, n)
}

// doneVerb names what was done as the texts counter.done.* do.
func doneVerb(name string, out hall.Desk, about ticket.Ticket) string {
	ended := name == "next" && out.Ticket.ID == "" // the open one was ended, and nobody came after
	switch {
	case ended && about.ID == "":
		return "nobody"
	case (ended || name == "finish") && about.State == ticket.Done:
		return "finish_" + string(about.Outcome)
	case (ended || name == "miss") && about.State == ticket.Waiting:
		return "invitation"
	case ended:
		return "miss"
	}
	return strings.ReplaceAll(name, "-", "_")
}

// bodyHash is SHA-256 of a form's fields but for those that every rendering
// makes anew, so that the same form sent twice is the same.
func bodyHash(c *fiber.Ctx) string {
	h := sha256.New()
	for name, value := range c.Request().PostArgs().All() {
		if n := string(name); n != web.TokenField && n != web.KeyField {
			h.Write([]byte(n + "\x00" + string(value) + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// field is a form's value without the space around it.
func (p press) field(name string) string { return strings.TrimSpace(p.c.FormValue(name)) }

// number reads a whole number from 0; empty is 0.
func (p press) number(name string) (int, error) {
	text := p.field(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.New(fault.InvalidField, "field", name, "why", text)
	}
	return n, nil
}

// ticket gives the id of the ticket that a form names, after making sure that
// the clerk may touch it.
func (p press) ticket() (ticket.Ticket, error) {
	t, err := p.Hall.Read(p.ctx).Ticket(p.field("ticket"))
	if err != nil {
		return t, err
	}
	return t, p.touches(t)
}

// withTicket makes a move of a named ticket.
func (p press) withTicket(move func(id string) (hall.Desk, error)) (hall.Desk, error) {
	t, err := p.ticket()
	if err != nil {
		return hall.Desk{}, err
	}
	return move(t.ID)
}

// queueList gives the queues that a form asks for, each one that the clerk may serve.
func (p press) queueList() ([]string, error) {
	var out []string
	for _, v := range p.c.Request().PostArgs().PeekMulti("queue") {
		out = append(out, string(v))
	}
	if len(out) == 0 {
		return nil, fault.New(fault.InvalidField, "field", web.Text(p.c).T("counter.queues"), "why", "none")
	}
	for _, id := range out {
		if !p.serves(id) {
			return nil, fault.New(fault.NotAllowed)
		}
	}
	return out, nil
}

func (p press) open() (hall.Desk, error) {
	queues, err := p.queueList()
	if err != nil {
		return hall.Desk{}, err
	}
	return p.Hall.OpenCounter(p.ctx, p.act, p.counter.ID, queues)
}

func (p press) close() (hall.Desk, error) {
	return p.Hall.CloseCounter(p.ctx, p.act, p.counter.ID, hall.CloseRequest{After: p.field("after") != ""})
}

// rest begins a break.
func (p press) rest() (hall.Desk, error) {
	minutes, err := p.number("minutes")
	if err != nil {
		return hall.Desk{}, err
	}
	if !slices.Contains(breakReasons, p.field("reason")) {
		return hall.Desk{}, fault.New(fault.ReasonNeeded)
	}
	var back time.Time
	if minutes > 0 {
		back = p.Hall.Now().Add(time.Duration(min(minutes, 24*60)) * time.Minute)
	}
	return p.Hall.Break(p.ctx, p.act, p.counter.ID, p.field("reason"), back)
}

// breakReasons are the codes of a break; their texts are counter.break.reason.*.
var breakReasons = []string{"meal", "rest", "meeting", "papers", "equipment", "other"}

func (p press) back() (hall.Desk, error) { return p.Hall.Back(p.ctx, p.act, p.counter.ID) }

// next calls the next one; the open ticket is finished or missed first where the form says so.
func (p press) next() (hall.Desk, error) {
	return p.Hall.Next(p.ctx, p.act, p.counter.ID, hall.NextRequest{
		Finish: ticket.Outcome(p.field("finish")), Miss: p.field("miss") != "",
	})
}

func (p press) call() (hall.Desk, error) {
	return p.withTicket(func(id string) (hall.Desk, error) {
		return p.Hall.Call(p.ctx, p.act, p.counter.ID, id, p.field("reason"))
	})
}

func (p press) recall() (hall.Desk, error) { return p.Hall.Recall(p.ctx, p.act, p.counter.ID) }

func (p press) start() (hall.Desk, error) { return p.Hall.Start(p.ctx, p.act, p.counter.ID) }

func (p press) startMissed() (hall.Desk, error) {
	return p.withTicket(func(id string) (hall.Desk, error) { return p.Hall.StartMissed(p.ctx, p.act, p.counter.ID, id) })
}

// here serves the one who stands at the counter instead of the one called.
func (p press) here() (hall.Desk, error) {
	return p.withTicket(func(id string) (hall.Desk, error) { return p.Hall.ThisOneIsHere(p.ctx, p.act, p.counter.ID, id) })
}

// serve begins with somebody who has no ticket; "for" names a service or, with
// "queue:" before it, only a queue.
func (p press) serve() (hall.Desk, error) {
	r := hall.ServeRequest{Service: p.field("for"), Lang: p.field("lang")}
	if queue, ok := strings.CutPrefix(r.Service, "queue:"); ok {
		r.Service, r.Queue = "", queue
	}
	queue := r.Queue
	if q := p.cat.QueueFor(r.Service, p.office.ID); q != nil {
		queue = q.ID
	}
	if queue == "" {
		return hall.Desk{}, fault.New(fault.InvalidField, "field", web.Text(p.c).T("counter.service"), "why", "")
	}
	if !p.serves(queue) {
		return hall.Desk{}, fault.New(fault.NotAllowed)
	}
	return p.Hall.ServeHere(p.ctx, p.act, p.counter.ID, r)
}

func (p press) takeOver() (hall.Desk, error) {
	return p.withTicket(func(id string) (hall.Desk, error) { return p.Hall.TakeOver(p.ctx, p.act, p.counter.ID, id) })
}

func (p press) finish() (hall.Desk, error) {
	return p.Hall.Finish(p.ctx, p.act, p.counter.ID, ticket.Outcome(p.field("outcome")))
}

// goOn continues the visit with another service.
func (p press) goOn() (hall.Desk, error) {
	return p.Hall.Continue(p.ctx, p.act, p.counter.ID, p.field("service"))
}

func (p press) miss() (hall.Desk, error) { return p.Hall.Miss(p.ctx, p.act, p.counter.ID) }

func (p press) park() (hall.Desk, error) {
	minutes, err := p.number("minutes")
	if err != nil {
		return hall.Desk{}, err
	}
	return p.Hall.Park(p.ctx, p.act, p.counter.ID, minutes)
}

func (p press) resume() (hall.Desk, error) {
	return p.withTicket(func(id string) (hall.Desk, error) { return p.Hall.Resume(p.ctx, p.act, p.counter.ID, id) })
}

// putBack returns a ticket to its line: a named one, or the one open here.
func (p press) putBack() (hall.Desk, error) {
	if p.field("ticket") == "" {
		return p.Hall.Return(p.ctx, p.act, p.counter.ID, "")
	}
	return p.withTicket(func(id string) (hall.Desk, error) { return p.Hall.Return(p.ctx, p.act, p.counter.ID, id) })
}

// transfer sends the open ticket to "queue:…" or "counter:…".
func (p press) transfer() (hall.Desk, error) {
	r := hall.TransferRequest{Place: p.field("place"), Reason: p.field("reason")}
	kind, id, _ := strings.Cut(p.field("to"), ":")
	if kind == "counter" {
		r.Counter = id
	} else {
		r.Queue = id
	}
	if id == "" {
		return hall.Desk{}, fault.New(fault.InvalidField, "field", web.Text(p.c).T("counter.transfer.to"), "why", "")
	}
	return p.Hall.Transfer(p.ctx, p.act, p.counter.ID, r)
}

func (p press) reopen() (hall.Desk, error) {
	return p.withTicket(func(id string) (hall.Desk, error) { return p.Hall.Reopen(p.ctx, p.act, p.counter.ID, id) })
}

func (p press) undo() (hall.Desk, error) { return p.Hall.Undo(p.ctx, p.act, p.counter.ID) }

// changed is a desk after a move that the counter had no part in.
func changed(t ticket.Ticket, err error) (hall.Desk, error) { return hall.Desk{Changed: t}, err }

// change corrects a waiting ticket: service, language, declared priority, needs.
func (p press) change() (hall.Desk, error) {
	t, err := p.ticket()
	if err != nil {
		return hall.Desk{}, err
	}
	var r hall.ChangeRequest
	if s := p.field("service"); s != "" && s != t.Service {
		r.Service = &s
	}
	if l := p.field("lang"); l != "" {
		r.Lang = &l
	}
	if priority := p.field("priority") != ""; priority != (t.HeadStart > 0) {
		r.Priority = &priority
	}
	needs := []office.Need{}
	for _, v := range p.c.Request().PostArgs().PeekMulti("need") {
		needs = append(needs, office.Need(v))
	}
	r.Needs = &needs
	return changed(p.Hall.ChangeTicket(p.ctx, p.act, t.ID, r))
}

func (p press) cancel() (hall.Desk, error) {
	t, err := p.ticket()
	if err != nil {
		return hall.Desk{}, err
	}
	return changed(p.Hall.CancelTicket(p.ctx, p.act, t.ID))
}

// unserve is the manager's: the office could not serve this one.
func (p press) unserve() (hall.Desk, error) {
	t, err := p.ticket()
	if err != nil {
		return hall.Desk{}, err
	}
	if !ticket.May(t.State, ticket.Unserve, ticket.Manager) {
		return hall.Desk{}, fault.New(fault.IllegalMove, "move", string(ticket.Unserve), "state", string(t.State))
	}
	if !p.manages(t.Queue) {
		return hall.Desk{}, fault.New(fault.NotAllowed)
	}
	return changed(p.Hall.Unserve(p.ctx, p.act, t.ID))
}

// print asks for one more paper of a ticket.
func (p press) print() (hall.Desk, error) {
	return p.paper(hall.PaperRequest{Kind: "ticket", Large: p.field("large") != ""})
}

// printPass asks for the return pass of a ticket that ended with one.
func (p press) printPass() (hall.Desk, error) {
	t, err := p.ticket()
	if err == nil && !hasPass(t) {
		err = fault.New(fault.IllegalMove, "move", "pass", "state", string(t.State))
	}
	if err != nil {
		return hall.Desk{}, err
	}
	return p.paper(hall.PaperRequest{Kind: "pass"})
}

// hasPass says whether a ticket ended with a return pass.
func hasPass(t ticket.Ticket) bool {
	return t.State == ticket.Unserved || t.State == ticket.Done && t.Outcome == ticket.Incomplete
}

// paper prints something of the ticket by this counter, as often as it is asked.
func (p press) paper(r hall.PaperRequest) (hall.Desk, error) {
	t, err := p.ticket()
	if err != nil {
		return hall.Desk{}, err
	}
	r.Ref, r.By, r.Again = t.ID, p.counter.ID, true
	_, err = p.Hall.AskPaper(p.ctx, p.act, r)
	return changed(t, err)
}
