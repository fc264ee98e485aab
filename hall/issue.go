package hall

import (
	"context"
	"slices"
	"time"

	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// IssueRequest asks for a ticket without a booking: at the kiosk, at
// reception, or from afar on the same day.
type IssueRequest struct {
	Office string
	// Service or Queue; the service decides when both are given.
	Service, Queue string
	// Remote: taken from afar; it is dormant until activated on site.
	Remote bool
	// Holder is the pseudonym of whose remote ticket it is; "" for a bearer.
	Holder string
	// Priority is declared; its ground is never asked.
	Priority bool
	Needs    []office.Need
	Lang     string
	People   int
	NoticeAt int
	// Print records a print job for the paper ticket.
	Print bool
}

// Issued is a ticket with the secret token of its live page and its print job, if any.
type Issued struct {
	Ticket ticket.Ticket
	Link   string
	Print  PrintJob
}

// Issue gives a walk-in or same-day remote ticket. Faults: not_found,
// service_not_here, office_closed, queue_closed, queue_full, booking_only,
// remote_refused, filing_order, hall_paused, limit_reached.
func (h *Hall) Issue(ctx context.Context, act Act, r IssueRequest) (Issued, error) {
	q, err := h.queueOf(r.Office, r.Service, r.Queue)
	if err != nil {
		return Issued{}, err
	}
	scope := event.Scope{Offices: []string{q.Office}}
	if r.Holder != "" {
		scope.Holders = []string{r.Holder}
	}
	return change(ctx, h, act, scope, func(tx Tx) (Issued, []string, error) {
		if err := h.mayIssue(tx, q, r); err != nil {
			return Issued{}, nil, err
		}
		is, err := h.issue(tx, act, q, r)
		return is, is.ids(), err
	}, issuedAgain)
}

// queueOf finds the queue meant by a service or a queue at an office.
func (h *Hall) queueOf(officeID, service, queue string) (*office.Queue, error) {
	o, err := h.office(officeID)
	if err != nil {
		return nil, err
	}
	if service != "" {
		if h.cat.Service(service) == nil {
			return nil, fault.New(fault.UnknownThing, "what", service)
		}
		if q := h.cat.QueueFor(service, officeID); q != nil {
			return q, nil
		}
		return nil, fault.New(fault.ServiceNotHere, "office", o.Name.Names())
	}
	q := h.cat.Queue(queue)
	if q == nil {
		return nil, fault.New(fault.UnknownThing, "what", queue)
	}
	if q.Office != officeID {
		return nil, fault.New(fault.QueueNotHere)
	}
	return q, nil
}

// mayIssue refuses before anything is written.
func (h *Hall) mayIssue(tx Tx, q *office.Queue, r IssueRequest) error {
	now := tx.Now()
	o := h.cat.Office(q.Office)
	day := o.Day(now)
	rules := q.RulesOn(day)
	s, err := tx.State(q.Office)
	if err != nil {
		return err
	}
	if s.Paused() {
		return fault.New(fault.HallPaused)
	}
	if r.Remote && rules.FilingOrder {
		return fault.New(fault.FilingOrder)
	}
	if r.Remote && !rules.Remote {
		return fault.New(fault.RemoteRefused)
	}
	if !rules.WalkIn {
		return fault.New(fault.BookingOnly)
	}
	if err := h.openForTickets(q, day, now, s); err != nil {
		return err
	}
	if rules.WalkInLimit > 0 {
		n, err := tx.Issued(q.ID, day)
		if err != nil {
			return err
		}
		if n[ticket.WalkIn]+n[ticket.Afar] >= rules.WalkInLimit {
			return fault.New(fault.QueueFull, "limit", rules.WalkInLimit)
		}
	}
	if r.Holder != "" && !h.unlimited {
		return oneOpen(tx, q, day, r.Holder)
	}
	return nil
}

// oneOpen keeps a holder to one ticket of a queue at a time: nobody stands
// twice in a line.
func oneOpen(tx Tx, q *office.Queue, day office.Day, holder string) error {
	mine, err := tx.TicketsOf(holder, day)
	if err != nil {
		return err
	}
	for _, t := range mine {
		if t.Queue == q.ID && !t.State.Final() {
			return fault.New(fault.AlreadyInLine, "number", t.Number, "ticket", t.ID)
		}
	}
	return nil
}

// openForTickets refuses outside the queue's openings and after its last ticket.
func (h *Hall) openForTickets(q *office.Queue, day office.Day, now time.Time, s office.State) error {
	openings := h.cat.Openings(q, day, s.Closures)
	if len(openings) == 0 {
		return h.closed(q, now, s)
	}
	last := openings[len(openings)-1]
	rules := q.RulesOn(day)
	margin := rules.LastTicket
	if rules.LastFiling > 0 {
		margin = rules.LastFiling
	}
	if now.Before(openings[0].From) || !now.Before(last.To) {
		return h.closed(q, now, s)
	}
	if !now.Before(last.To.Add(-margin)) {
		return h.closed(q, now, s)
	}
	return nil
}

// closed says why a queue gives no tickets, and from when it does again:
// office_closed where the office itself is shut until then, else queue_closed;
// closed_for_now where nobody knows.
func (h *Hall) closed(q *office.Queue, now time.Time, s office.State) error {
	o := h.cat.Office(q.Office)
	opens, known := h.opens(q, now, s)
	if !known {
		return fault.New(fault.ClosedForNow)
	}
	inside := func(i office.Interval) bool { return !now.Before(i.From) && now.Before(i.To) }
	if slices.ContainsFunc(h.cat.OfficeOpenings(o, o.Day(now), s.Closures), inside) {
		return fault.New(fault.QueueClosed, "opens", opens)
	}
	if hall, ok := h.cat.NextOpening(o, now, s.Closures); !ok || !hall.From.Equal(opens) {
		return fault.New(fault.QueueClosed, "opens", opens)
	}
	return fault.New(fault.OfficeClosed, "opens", opens)
}

// opensWithin is how many days ahead a queue's next opening is looked for, as
// far as the office's own.
const opensWithin = 30

// opens is when a queue begins to be served again, in the office's zone.
func (h *Hall) opens(q *office.Queue, now time.Time, s office.State) (time.Time, bool) {
	today := h.cat.Office(q.Office).Day(now)
	for n := range opensWithin + 1 {
		for _, i := range h.cat.Openings(q, today.Add(n), s.Closures) {
			if !i.From.Before(now) {
				return i.From, true
			}
		}
	}
	return time.Time{}, false
}

// issue writes the ticket of a request that was allowed.
func (h *Hall) issue(tx Tx, act Act, q *office.Queue, r IssueRequest) (Issued, error) {
	now := tx.Now()
	move, class := ticket.Issue, ticket.WalkIn
	if r.Remote {
		move, class = ticket.Take, ticket.Afar
	}
	rules := q.RulesOn(h.cat.Office(q.Office).Day(now))
	t := ticket.Ticket{Service: r.Service, Class: class, Lang: r.Lang, People: r.People, Needs: r.Needs, NoticeAt: r.NoticeAt, Arrival: now}
	if r.Priority && !rules.FilingOrder {
		t.HeadStart = rules.PriorityHeadStart
	}
	place, err := ticket.Join(ticket.Joining{Arrival: now, Class: class, HeadStart: t.HeadStart, Rules: rules})
	if err != nil {
		return Issued{}, err
	}
	t.Due, t.Callable = place.Due, place.Callable
	is, err := h.admit(tx, act, q, t, move, r.Print)
	if err != nil || r.Holder == "" {
		return is, err
	}
	return is, tx.SetHolder(is.Ticket.ID, r.Holder, h.cat.Office(q.Office).Jurisdiction)
}

// admit gives a prepared ticket its ids, number, window, link and event. The
// caller has reckoned class, due and callable.
func (h *Hall) admit(tx Tx, act Act, q *office.Queue, t ticket.Ticket, move ticket.Move, print bool) (Issued, error) {
	t, err := h.numbered(tx, q, t, move)
	if err != nil {
		return Issued{}, err
	}
	h.estimate(&t)
	ev, err := tx.Append(event.Draft{Office: q.Office, Kind: event.TicketKind(string(move)), Actor: act.recorded(),
		Images: event.Images{Tickets: []ticket.Ticket{t}}})
	if err != nil {
		return Issued{}, err
	}
	is := Issued{Ticket: ev.Images.Tickets[0]}
	return h.paper(tx, act, is, print)
}

// numbered fills in what every new ticket has: id, visit, day, number and the state after its first move.
func (h *Hall) numbered(tx Tx, q *office.Queue, t ticket.Ticket, move ticket.Move) (ticket.Ticket, error) {
	state, err := ticket.Next(ticket.None, move)
	if err != nil {
		return t, err
	}
	id, err := h.newID()
	if err != nil {
		return t, err
	}
	t.ID, t.Visit, t.Office, t.Queue, t.State = id, id, q.Office, q.ID, state
	t.Day = h.cat.Office(q.Office).Day(tx.Now())
	t.Joined = -1 // the ledger puts the event's own number here
	t.Series = q.Prefix
	if t.N, err = tx.NextNumber(q.Office, t.Day, t.Series, ticket.LastOnline); err != nil {
		return t, err
	}
	t.Number = ticket.Number(q.Prefix, t.N)
	t.Due, t.Callable, t.Arrival, t.Start = millis(t.Due), millis(t.Callable), millis(t.Arrival), millis(t.Start)
	if t.People == 0 {
		t.People = 1
	}
	return t, nil
}

func (h *Hall) estimate(t *ticket.Ticket) {
	if h.est == nil {
		return
	}
	_, from, to := h.est.Estimate(t.Office, t.Queue, t.Due)
	if from.IsZero() {
		t.From, t.To = from, to // nothing can be said
		return
	}
	if from.Before(t.Callable) {
		if !to.After(t.Callable) {
			to = t.Callable.Add(to.Sub(from))
		}
		from = t.Callable
	}
	t.From, t.To = millis(from), millis(to)
}

// paper gives the ticket its live page and, where asked for, a print job.
func (h *Hall) paper(tx Tx, act Act, is Issued, print bool) (Issued, error) {
	var err error
	if is.Link, err = h.newSecret(); err != nil {
		return is, err
	}
	if err = tx.SetLink(is.Ticket.ID, is.Link); err != nil || !print {
		return is, err
	}
	is.Print, err = h.printJob(tx, PrintJob{Office: is.Ticket.Office, Kind: "ticket", Ref: is.Ticket.ID, By: act.place()})
	return is, err
}

// ids are what issuedAgain needs.
func (is Issued) ids() []string { return []string{is.Ticket.ID, is.Print.ID} }

// issuedAgain renders an issued ticket once more, as it is now.
func issuedAgain(r Reader, ids []string) (Issued, error) {
	var is Issued
	var err error
	if is.Ticket, err = r.Ticket(ids[0]); err != nil {
		return is, err
	}
	if is.Link, err = r.LinkOf(ids[0]); err != nil {
		return is, err
	}
	if len(ids) > 1 && ids[1] != "" {
		is.Print, err = printJobOf(r, ids[1])
	}
	return is, err
}
