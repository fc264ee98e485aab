package event

import "time"

// Scope names what a change locks before it reads: holder rows, then office
// rows, each sorted by the ledger. A change touches nothing outside its scope.
type Scope struct {
	Offices []string
	Holders []string
}

// Key is an idempotency key: it belongs to a principal and a route. The zero
// Key means that the caller sent none.
type Key struct {
	Principal string
	Route     string
	Key       string
	// BodyHash is SHA-256 of the request body: the same key with another body is refused.
	BodyHash string
}

// Zero tells whether no key was sent.
func (k Key) Zero() bool { return k.Key == "" }

// KeyFor is how long a key is remembered, machine time.
const KeyFor = 48 * time.Hour

// Undo is what the last move of a counter looked like before it was made. It
// is kept beside the events, one row a counter, for counter.UndoFor.
type Undo struct {
	Counter string
	Kind    Kind
	First   int64     // of the first event to undo: a composite move has several
	Seq     int64     // of the last event to undo
	At      time.Time // machine time
	Before  Images    // the rows as they were
}

// Record is a small keyed document kept with the ledger for rooms that need
// durable state outside the events: sessions, device tokens, print jobs, keys.
type Record struct {
	Kind    string // "session", "print", "key" …
	ID      string
	Owner   string    // what it is listed by, may be empty
	Data    []byte    // JSON
	Expires time.Time // machine time; zero: never
}
