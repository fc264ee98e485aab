package content

import (
	"strings"
	"time"

	"vez/booking"
	"vez/office"
	"vez/printer"
	"vez/ticket"
)

// Texts of the codes on samples: as long as real ones, and nothing that a
// kiosk or phone opens.
const (
	sampleLink = "SAMPLE - NOT A TICKET - SAMPLE - NOT A TICKET - SAM"
	samplePage = "https://vez.example/my"
)

var sampleCode = strings.Repeat("SAMPLE0", booking.CodeLength/7+1)[:booking.CodeLength]

// Sample is a paper as an office would print it, made of its own catalogue
// entries and of nobody's ticket or booking.
type Sample struct {
	// ID names it in addresses and texts: ticket, ticket-booked, ticket-large,
	// slip, pass, reminder, letters, probe.
	ID    string
	Kind  printer.Kind
	Large bool
	// Formats are the papers that it makes sense on.
	Formats []printer.Format

	on func(*printer.Press, printer.Format) (printer.Document, error)
}

// On composes the sample; faults as of the press.
func (s Sample) On(p *printer.Press, f printer.Format) (printer.Document, error) { return s.on(p, f) }

// Samples gives a sample of each paper of an office, for previews: number A047,
// at now, for a holder of the language lang ("" for none of their own), the
// same for the same arguments. There are none for an office that the catalogue
// does not have or that has no queue.
func Samples(cat *office.Catalogue, officeID, lang string, now time.Time) []Sample {
	o := cat.Office(officeID)
	if o == nil || len(cat.QueuesOf(officeID)) == 0 {
		return nil
	}
	m := maker{cat: cat, office: o, lang: lang, now: now.Truncate(time.Minute)}
	m.queue, m.service = typical(cat, officeID)
	rolls := []printer.Format{printer.Roll80, printer.Roll58}
	sheets := []printer.Format{printer.A4, printer.A5}
	return []Sample{
		{ID: "ticket", Kind: printer.KindTicket, Formats: rolls, on: m.ticket(ticket.WalkIn, false)},
		{ID: "ticket-booked", Kind: printer.KindTicket, Formats: rolls, on: m.ticket(ticket.Booked, false)},
		{ID: "ticket-large", Kind: printer.KindTicket, Large: true, Formats: rolls, on: m.ticket(ticket.WalkIn, true)},
		{ID: "slip", Kind: printer.KindSlip, Formats: printer.Formats, on: m.slip},
		{ID: "pass", Kind: printer.KindPass, Formats: printer.Formats, on: m.pass},
		{ID: "reminder", Kind: printer.KindReminder, Formats: printer.Formats, on: m.reminder},
		{ID: "letters", Kind: printer.KindLetters, Formats: sheets, on: m.letters},
		{ID: "probe", Kind: printer.KindProbe, Formats: printer.Formats, on: m.probe},
	}
}

// typical is an office's first queue with a service that may be named and asks
// for documents; failing that its first queue and whatever that serves.
func typical(cat *office.Catalogue, officeID string) (queue *office.Queue, service *office.Service) {
	queues := cat.QueuesOf(officeID)
	for _, q := range queues {
		for _, id := range q.Services {
			if s := cat.Service(id); s != nil && !s.Rules.Discreet && len(s.Documents) > 0 {
				return q, s
			}
		}
	}
	if ids := queues[0].Services; len(ids) > 0 {
		return queues[0], cat.Service(ids[0])
	}
	return queues[0], nil
}

type maker struct {
	cat     *office.Catalogue
	office  *office.Office
	queue   *office.Queue
	service *office.Service
	lang    string
	now     time.Time
}

func (m maker) serviceID() string {
	if m.service == nil {
		return ""
	}
	return m.service.ID
}

func (m maker) someTicket(class ticket.Class) ticket.Ticket {
	t := ticket.Ticket{ID: "sample", Office: m.office.ID, Queue: m.queue.ID, Service: m.serviceID(), Day: m.office.Day(m.now), Number: "A047",
		Class: class, Lang: m.lang, Arrival: m.now}
	soon := m.now.Truncate(5 * time.Minute).Add(45 * time.Minute)
	t.From, t.To = soon, soon.Add(25*time.Minute)
	if class == ticket.Booked {
		t.Callable = soon.Add(-5 * time.Minute)
	}
	return t
}

func (m maker) ticket(class ticket.Class, large bool) func(*printer.Press, printer.Format) (printer.Document, error) {
	return func(p *printer.Press, f printer.Format) (printer.Document, error) {
		t, err := Ticket(m.cat, m.someTicket(class), TicketFacts{Link: sampleLink, Ahead: 12, Large: large})
		if err != nil {
			return printer.Document{}, err
		}
		return p.TicketOn(f, t)
	}
}

// someBooking is for three days on, at half past ten.
func (m maker) someBooking() booking.Booking {
	loc := m.office.Location()
	day := office.DayOf(m.now.In(loc).AddDate(0, 0, 3), loc)
	start := day.Time(10*time.Hour+30*time.Minute, loc)
	return booking.Booking{ID: "sample", Reference: "SAMPLE00", Office: m.office.ID, Queue: m.queue.ID, Service: m.serviceID(), Day: day,
		State: booking.Confirmed, Start: start, End: start.Add(15 * time.Minute), People: 1, Lang: m.lang}
}

func (m maker) facts() SlipFacts { return SlipFacts{Code: sampleCode, Link: samplePage} }

func (m maker) slip(p *printer.Press, f printer.Format) (printer.Document, error) {
	s, err := Slip(m.cat, m.someBooking(), m.facts(), m.now)
	if err != nil {
		return printer.Document{}, err
	}
	return p.SlipOn(f, s)
}

func (m maker) pass(p *printer.Press, f printer.Format) (printer.Document, error) {
	s, err := Pass(m.cat, m.someTicket(ticket.WalkIn), m.now.AddDate(0, 0, 30), m.facts(), m.now)
	if err != nil {
		return printer.Document{}, err
	}
	return p.PassOn(f, s)
}

func (m maker) reminder(p *printer.Press, f printer.Format) (printer.Document, error) {
	r, err := Reminder(m.cat, m.someBooking(), m.facts(), m.now)
	if err != nil {
		return printer.Document{}, err
	}
	return p.ReminderOn(f, r)
}

func (m maker) letters(p *printer.Press, f printer.Format) (printer.Document, error) {
	b := m.someBooking()
	var all []printer.Reminder
	for range 3 {
		r, err := Reminder(m.cat, b, m.facts(), m.now)
		if err != nil {
			return printer.Document{}, err
		}
		all = append(all, r)
		b.Start, b.End = b.Start.Add(15*time.Minute), b.End.Add(15*time.Minute)
	}
	c, err := Cover(m.cat, m.office.ID, b.Day, 0, m.now)
	if err != nil {
		return printer.Document{}, err
	}
	return p.LettersOn(f, c, all)
}

func (m maker) probe(p *printer.Press, f printer.Format) (printer.Document, error) {
	v, err := Probe(m.cat, m.office.ID, "printer-1", "000000", m.now)
	if err != nil {
		return printer.Document{}, err
	}
	return p.ProbeOn(f, v)
}
