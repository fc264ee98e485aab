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
	Zone    string // "A"; empty where the hall has none
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
