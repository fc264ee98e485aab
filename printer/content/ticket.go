package content

import (
	"strings"
	"time"

	"vez/fault"
	"vez/office"
	"vez/printer"
	"vez/ticket"
)

// TicketFacts are what a ticket's paper says that stands neither in the ticket
// nor in the catalogue.
type TicketFacts struct {
	// Link is the address of the live page; it is printed in capitals, so that
	// its code stays small. Empty: no code.
	Link string
	// Ahead is the most people who may be called before; negative: unknown.
	Ahead int
	// From and To are the window as it is reckoned now: used where the ticket
	// was told none. Zero: none is known.
	From, To time.Time
	// Copy counts reprints; 0 is the first paper.
	Copy  int
	Large bool
}

// Ticket is what the paper of a ticket says. Times are in the office's zone.
// The mark of the booked is on the number of whoever came with a booking,
// punctual or late, or with a return pass, which counts as one. Fault
// unknown_thing: the catalogue has no such office or queue.
func Ticket(cat *office.Catalogue, t ticket.Ticket, f TicketFacts) (printer.Ticket, error) {
	p, err := placeOf(cat, t.Office, t.Queue)
	if err != nil {
		return printer.Ticket{}, err
	}
	if p.queue == nil {
		return printer.Ticket{}, fault.New(fault.UnknownThing, "what", t.Queue)
	}
	named := p.naming(cat.Service(t.Service), t.Day)
	loc := p.office.Location()
	out := printer.Ticket{
		Languages: printer.Languages(p.office.Jurisdiction, t.Lang), Holder: t.Lang,
		Number: t.Number, Booked: t.Class == ticket.Booked || t.Class == ticket.Late || t.Class == ticket.Pass,
		Office: texts(p.office.Name), Zone: p.zone(), Queue: texts(p.queue.Name), Service: named.name(),
		Ahead: f.Ahead, From: in(t.From, loc), To: in(t.To, loc),
		ReturnWithin: p.queue.RulesOn(t.Day).ReturnGrace,
		Issued:       t.Arrival.In(loc), Link: strings.ToUpper(f.Link), Bring: named.bring(), Copy: f.Copy, Large: f.Large,
	}
	if named.hides(p.queue.Name) {
		out.Queue = p.department(named.service)
	}
	if t.From.IsZero() {
		out.From, out.To = in(f.From, loc), in(f.To, loc)
	}
	if t.Callable.After(t.Arrival) { // else nobody is told to come later
		out.NotBefore = t.Callable.In(loc)
	}
	return out, nil
}

// in is an instant in a zone; zero stays zero.
func in(t time.Time, loc *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(loc)
}
