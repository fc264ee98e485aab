package printer

import "time"

// Slip is what a booking slip or a return pass shows. It holds no personal data.
type Slip struct {
	// Languages as in Ticket; where room is short, the first and the last stay.
	Languages []string
	// Pass makes it a return pass: End is then the instant until which it is
	// valid, and Start is not printed. PassOn sets it.
	Pass bool
	// Reference is for typing where the code cannot be scanned: "K7QM2F9D".
	// Empty: it has none, as a pass.
	Reference string
	// Code is the text of the QR code.
	Code string

	Department, Office, Address, Service Text

	Start, End time.Time // printed in the zone of Issued
	// People who come together; 0 and 1 are not printed.
	People int
	// Bring lists the documents to bring.
	Bring []Text
	// ChangeUntil is the last instant to change or cancel; zero: not printed.
	ChangeUntil time.Time
	// Link is where the booking can be seen and changed; empty: nothing is said
	// of changes.
	Link string
	// Issued carries the office's time zone.
	Issued time.Time
	// Copy counts reprints; 0 is the first paper.
	Copy int
}

// Reminder is what a slip or letter that reminds of a booking shows. It holds
// no personal data: who it is for is known to whoever hands it over.
type Reminder struct {
	// Languages, Reference, Code and the rest as in Slip.
	Languages []string
	Reference string
	Code      string

	Department, Office, Address, Service Text

	Start       time.Time
	People      int
	Bring       []Text
	ChangeUntil time.Time
	Link        string
	// Issued carries the office's time zone.
	Issued time.Time
	Copy   int
}

func (r Reminder) slip() Slip {
	return Slip{Languages: r.Languages, Reference: r.Reference, Code: r.Code,
		Department: r.Department, Office: r.Office, Address: r.Address, Service: r.Service,
		Start: r.Start, People: r.People, Bring: r.Bring, ChangeUntil: r.ChangeUntil, Link: r.Link,
		Issued: r.Issued, Copy: r.Copy}
}

// Cover is what stands before an office's batch of reminder letters.
type Cover struct {
	Languages []string
	Office    Text
	// Day is the day of the batch; its date in its zone counts. Where a letter
	// reminds of a booking on another day, the list has the days too.
	Day time.Time
	// Issued carries the office's time zone.
	Issued time.Time
	Copy   int
}

// Probe is a page that proves that a printer is where somebody thinks it is.
type Probe struct {
	Languages []string
	Office    Text
	// Name is what the printer was called when it was added.
	Name string
	// Code is typed back by whoever added it: six digits.
	Code string
	// Issued carries the office's time zone.
	Issued time.Time
}
