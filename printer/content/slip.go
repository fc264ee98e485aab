package content

import (
	"time"

	"vez/booking"
	"vez/office"
	"vez/printer"
	"vez/ticket"
)

// SlipFacts are what a slip, pass or reminder says that stands neither in the
// booking nor in the catalogue.
type SlipFacts struct {
	// Code is the signed text of the QR code.
	Code string
	// Link is where the booking can be seen and changed, as people type it.
	Link string
	// Lang is the language of whoever asks for the paper; empty: the holder's.
	Lang string
	// Copy counts reprints; 0 is the first paper.
	Copy int
}

// Slip is what the slip of a booking says. It tells how to change the booking
// while that can be done, and until when if there is an end to it (a booking
// that the office displaced may be changed at any time). Times are in the
// office's zone. Fault unknown_thing: the catalogue has no such office; a
// service or queue that it has not is left out.
func Slip(cat *office.Catalogue, b booking.Booking, f SlipFacts, now time.Time) (printer.Slip, error) {
	p, err := placeOf(cat, b.Office, b.Queue)
	if err != nil {
		return printer.Slip{}, err
	}
	named := p.naming(cat.Service(b.Service), b.Day)
	s := p.slip(named, f, b.Lang, now)
	s.Reference, s.People = b.Reference, b.People
	loc := p.office.Location()
	s.Start, s.End = b.Start.In(loc), b.End.In(loc)
	if booking.CanChange(b, cat, now) == nil {
		s.Link = f.Link
		if b.State != booking.Displaced && named.service != nil {
			s.ChangeUntil = booking.Cutoff(named.service, p.office, cat, b.Start).In(loc)
		}
	}
	return s, nil
}

// Reminder is what reminds of a booking, as a slip or as a letter; it says the
// same as the slip.
func Reminder(cat *office.Catalogue, b booking.Booking, f SlipFacts, now time.Time) (printer.Reminder, error) {
	s, err := Slip(cat, b, f, now)
	if err != nil {
		return printer.Reminder{}, err
	}
	return printer.Reminder{Languages: s.Languages, Reference: s.Reference, Code: s.Code, Department: s.Department,
		Office: s.Office, Address: s.Address, Service: s.Service, Start: s.Start, People: s.People, Bring: s.Bring,
		ChangeUntil: s.ChangeUntil, Link: s.Link, Issued: s.Issued, Copy: s.Copy}, nil
}

// Pass is the return pass of a ticket that could not be served to its end,
// valid until an instant. It has no reference: who cannot scan it is looked up
// by the ticket's number. The fault is as of Slip.
func Pass(cat *office.Catalogue, t ticket.Ticket, until time.Time, f SlipFacts, now time.Time) (printer.Slip, error) {
	p, err := placeOf(cat, t.Office, t.Queue)
	if err != nil {
		return printer.Slip{}, err
	}
	s := p.slip(p.naming(cat.Service(t.Service), t.Day), f, t.Lang, now)
	s.Pass, s.End = true, until.In(p.office.Location())
	return s, nil
}

// slip is what all slips share.
func (p place) slip(named naming, f SlipFacts, holder string, now time.Time) printer.Slip {
	if f.Lang != "" {
		holder = f.Lang
	}
	return printer.Slip{Languages: printer.Languages(p.office.Jurisdiction, holder), Code: f.Code,
		Department: p.department(named.service), Office: texts(p.office.Name), Address: texts(p.office.Address),
		Service: named.name(), Bring: named.bring(), Issued: now.In(p.office.Location()), Copy: f.Copy}
}

// Cover is what stands before the reminder letters of an office's batch of a day.
func Cover(cat *office.Catalogue, officeID string, day office.Day, copies int, now time.Time) (printer.Cover, error) {
	p, err := placeOf(cat, officeID, "")
	if err != nil {
		return printer.Cover{}, err
	}
	loc := p.office.Location()
	return printer.Cover{Languages: printer.Languages(p.office.Jurisdiction, ""), Office: texts(p.office.Name),
		Day: day.Time(0, loc), Issued: now.In(loc), Copy: copies}, nil
}

// Probe is the page that proves an office's printer.
func Probe(cat *office.Catalogue, officeID, name, code string, now time.Time) (printer.Probe, error) {
	p, err := placeOf(cat, officeID, "")
	if err != nil {
		return printer.Probe{}, err
	}
	return printer.Probe{Languages: p.office.Languages, Office: texts(p.office.Name), Name: name, Code: code,
		Issued: now.In(p.office.Location())}, nil
}
