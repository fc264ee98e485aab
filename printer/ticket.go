package printer

import "time"

// Ticket is what a paper ticket shows. It holds no personal data, and the
// caller leaves Service empty for one that must not be seen by others.
type Ticket struct {
	// Languages in the order they are printed, as Languages gives them. Empty
	// stands for Languages("", "").
	Languages []string
	// Holder is the holder's own language if it is known: where room is short,
	// it is the last to give way.
	Holder string
	// Number is the hero: "A047".
	Number string
	// Booked adds the mark of a booked person's number (約 / M).
	Booked bool

	Office  Text
	Zone    Text // "A區", "Zona A"; empty where the hall has none
	Queue   Text
	Service Text

	// Ahead is the most people who may be called before; negative: unknown.
	Ahead int
	// NotBefore is the instant before which the holder need not be there;
	// zero: none. From and To are the window in which the call is expected;
	// zero: none can be given. They are printed in the zone of Issued.
	NotBefore, From, To time.Time
	// ReturnWithin is how long a missed number may come back.
	ReturnWithin time.Duration

	// Issued carries the office's time zone.
	Issued time.Time
	// Link is the live page, in capitals so that the code stays small; empty: no code.
	Link string
	// Bring is what to have ready.
	Bring []Text
	// Copy counts reprints; 0 is the first paper.
	Copy int
	// Large asks for large print.
	Large bool
}

// Slip is what a booking slip or a return pass shows. It holds no personal data.
type Slip struct {
	// Languages as in Ticket; where room is short on a roll, the first and the
	// last stay.
	Languages []string
	// Roll asks for the 80 mm paper of a kiosk instead of A4.
	Roll bool
	// Pass makes it a return pass: Start is then the day of issue and End the
	// instant until which it is valid.
	Pass bool
	// Reference is for typing where the code cannot be scanned: "K7QM2F9D".
	Reference string
	// Code is the text of the QR code.
	Code string

	Department, Office, Address, Service Text

	Start, End time.Time // in the office's time zone
	// People who come together; 0 and 1 are not printed.
	People int
	// Bring lists the documents to bring.
	Bring []Text
	// ChangeUntil is the last instant to change or cancel; zero: not printed.
	ChangeUntil time.Time
	// Link is where the booking can be seen and changed.
	Link string
	// Issued carries the office's time zone.
	Issued time.Time
	// Copy counts reprints; 0 is the first paper.
	Copy int
}
