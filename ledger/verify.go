package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"vez/event"
	"vez/office"
)

// Flaw is a place where the ledger does not prove itself.
type Flaw struct {
	Office string `json:"office,omitempty"`
	Seq    int64  `json:"seq,omitempty"` // of the event, for flaws of the chain
	Table  string `json:"table"`         // events, tickets, …
	Row    string `json:"row,omitempty"` // its key
	What   string `json:"what"`
}

// String is one line for an operator.
func (f Flaw) String() string {
	at := f.Row
	if f.Seq > 0 {
		at = fmt.Sprintf("%s/%d", f.Office, f.Seq)
	}
	return fmt.Sprintf("%s %s: %s", f.Table, at, f.What)
}

// Report is what Verify found.
type Report struct {
	Offices int `json:"offices"`
	Events  int `json:"events"`
	// Erased events prove their place in the chain and nothing else. Nothing
	// erases any yet, so each is a flaw too.
	Erased int    `json:"erased"`
	Rows   int    `json:"rows"` // of state tables
	Flaws  []Flaw `json:"flaws"`
	// More flaws than are listed.
	More int `json:"more,omitempty"`
}

// Sound tells that nothing was found.
func (r Report) Sound() bool { return len(r.Flaws) == 0 }

// flawsMost is how many flaws a report lists.
const flawsMost = 200

func (r *Report) flaw(f Flaw) {
	if len(r.Flaws) == flawsMost {
		r.More++
		return
	}
	r.Flaws = append(r.Flaws, f)
}

// Verify recomputes every office's chain from the payloads, folds the events
// and compares the result with the state tables row by row, all in one state
// of the ledger. progress, which may be nil, hears of events done and in all.
// Number series with a "/" are leased blocks and not counted here.
func (d *DB) Verify(ctx context.Context, progress func(done, total int)) (Report, error) {
	tx, err := d.reads.still(ctx)
	if err != nil {
		return Report{}, d.explain(ctx, err)
	}
	defer tx.Rollback()
	v := &verifier{progress: progress, Reader: &Reader{
		query:   func(text string, args ...any) (*sql.Rows, error) { return tx.QueryContext(ctx, text, args...) },
		explain: func(err error) error { return d.explain(ctx, err) },
		machine: d.cfg.Machine.Now,
	}}
	return v.report, v.run()
}

type verifier struct {
	*Reader
	report   Report
	progress func(done, total int)
	total    int
}

const sqlEveryOffice = `SELECT office FROM offices UNION SELECT office FROM events UNION SELECT office FROM tickets
UNION SELECT office FROM bookings UNION SELECT office FROM shifts UNION SELECT office FROM voids ORDER BY 1`

func (v *verifier) run() error {
	if err := v.rows(func(r scanner) error { return r.Scan(&v.total) }, "SELECT count(*) FROM events"); err != nil {
		return err
	}
	var offices []string
	err := v.rows(func(r scanner) error {
		var id string
		err := r.Scan(&id)
		offices = append(offices, id)
		return err
	}, sqlEveryOffice)
	if err != nil {
		return err
	}
	for _, id := range offices {
		if err := v.office(id); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) office(id string) error {
	v.report.Offices++
	c := &chain{v: v, office: id, hash: []byte{}}
	for last := int64(-1); last != c.seq; {
		last = c.seq
		if err := c.page(); err != nil {
			return err
		}
	}
	if c.unfolded {
		return nil // the flaw is told; comparing with half a fold would tell a hundred more
	}
	return c.compare()
}

// chain is the walk along one office's events.
type chain struct {
	v        *verifier
	office   string
	seq      int64
	at       time.Time
	hash     []byte
	fold     event.Fold
	unfolded bool
}

// stored is an event as its row has it.
type stored struct {
	seq, at                     int64
	digest, hash, salt, payload []byte
}

func (s stored) erased() bool { return s.salt == nil && s.payload == nil }

// gone is the flaw of an erased event.
const gone = "its salt and payload are gone"

const verifyPage = 1000

func (c *chain) page() error {
	err := c.v.rows(func(r scanner) error {
		var s stored
		if err := r.Scan(&s.seq, &s.at, &s.digest, &s.hash, &s.salt, &s.payload); err != nil {
			return err
		}
		c.link(s)
		return nil
	}, "SELECT seq, at, digest, hash, salt, payload FROM events WHERE office = $1 AND seq > $2 ORDER BY seq LIMIT $3",
		c.office, c.seq, verifyPage)
	if c.v.progress != nil {
		c.v.progress(c.v.report.Events, c.v.total)
	}
	return err
}

func (c *chain) flaw(seq int64, format string, args ...any) {
	c.v.report.flaw(Flaw{Office: c.office, Seq: seq, Table: "events", What: fmt.Sprintf(format, args...)})
}

// link checks one event against the one before it.
func (c *chain) link(s stored) {
	c.v.report.Events++
	if s.seq != c.seq+1 {
		c.flaw(s.seq, "follows %d: events are missing", c.seq)
		c.unfolded = true
	}
	at := time.UnixMilli(s.at).UTC()
	if want := event.Link(c.hash, c.office, s.seq, at, s.digest); !bytes.Equal(want, s.hash) {
		c.flaw(s.seq, "its hash does not follow from the event before it")
	}
	c.seq, c.at, c.hash = s.seq, at, s.hash
	if s.erased() {
		c.v.report.Erased++
		c.flaw(s.seq, gone)
		c.erased()
		return
	}
	if !bytes.Equal(event.Digest(s.salt, s.payload), s.digest) {
		c.flaw(s.seq, "its digest does not fit its payload")
	}
	c.apply(s, at)
}

// erased lets the fold go on behind an erased event.
func (c *chain) erased() {
	if c.fold.Ends == nil {
		_ = c.fold.Apply(event.Event{}) // folds nothing, but makes the fold ready
	}
	c.fold.Ends[c.office] = event.End{Seq: c.seq, At: c.at}
}

func (c *chain) apply(s stored, at time.Time) {
	if c.unfolded {
		return
	}
	e, err := decode(s.payload)
	if err == nil && (e.Office != c.office || e.Seq != s.seq || !e.At.Equal(at)) {
		err = fmt.Errorf("its payload is of %s/%d at %s", e.Office, e.Seq, e.At)
	}
	if err == nil {
		err = c.fold.Apply(e)
	}
	if err != nil {
		c.flaw(s.seq, "cannot be folded: %v", err)
		c.unfolded = true
	}
}

// compare holds the state tables against the fold.
func (c *chain) compare() error {
	return errors.Join(
		c.head(),
		table(c, "tickets", "id, office, queue, day, state, live, class, number, due, joined, seq, doc", 1, c.fold.Tickets, ticketColumns),
		table(c, "bookings", "id, reference, office, queue, day, state, freed, start, made, release, seq, doc", 1, c.fold.Bookings, bookingColumns),
		table(c, "shifts", "counter, office, seq, doc", 1, c.fold.Shifts, shiftColumns),
		table(c, "voids", "office, day, series, n, reason", 4, c.fold.Voids, func(v event.Void) ([]any, error) { return voidColumns(c.office, v), nil }),
		c.numbers(),
	)
}

// head compares the office's own row.
func (c *chain) head() error {
	o := &officeRow{id: c.office, seq: c.seq, hash: c.hash, state: newOffice(c.office).state}
	if c.seq > 0 {
		o.at = c.at.UnixMilli()
	}
	if s, ok := c.fold.Offices[c.office]; ok {
		o.state = s
	}
	want, err := officeColumns(o)
	if err != nil {
		return err
	}
	found := false
	err = c.v.rows(func(r scanner) error {
		found = true
		got, err := columns(r, len(want))
		if err == nil {
			c.stray("offices", c.office, got, want)
		}
		return err
	}, "SELECT office, seq, at, hash, doc FROM offices WHERE office = $1", c.office)
	if err == nil && !found {
		c.flawed("offices", c.office, "is missing")
	}
	return err
}

func columns(r scanner, n int) ([]any, error) {
	got, into := make([]any, n), make([]any, n)
	for i := range got {
		into[i] = &got[i]
	}
	return got, r.Scan(into...)
}

// plain makes values of both engines comparable.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case nil:
		return "" // how SQLite gives an empty blob
	}
	return v
}

// table compares an office's rows of a state table with the fold's. The first
// keys columns are the row's key.
func table[K comparable, V any](c *chain, name, list string, keys int, fold map[K]V, columnsOf func(V) ([]any, error)) error {
	want := make(map[string][]any, len(fold))
	for _, v := range fold {
		row, err := columnsOf(v)
		if err != nil {
			return err
		}
		want[keyOfRow(row[:keys])] = row
	}
	width := strings.Count(list, ",") + 1
	err := c.v.rows(func(r scanner) error {
		got, err := columns(r, width)
		if err != nil {
			return err
		}
		key := keyOfRow(got[:keys])
		c.stray(name, key, got, want[key])
		delete(want, key)
		return nil
	}, "SELECT "+list+" FROM "+name+" WHERE office = $1", c.office)
	if err != nil {
		return err
	}
	for key := range want {
		c.flawed(name, key, "is missing")
	}
	return nil
}

func keyOfRow(columns []any) string {
	parts := make([]string, len(columns))
	for i, v := range columns {
		parts[i] = fmt.Sprint(plain(v))
	}
	return strings.Join(parts, "/")
}

// stray holds a row against the one that the events make.
func (c *chain) stray(table, key string, got, want []any) {
	c.v.report.Rows++
	if want == nil {
		c.flawed(table, key, "no event made it")
		return
	}
	for i := range want {
		if plain(got[i]) != plain(want[i]) {
			c.flawed(table, key, "differs from what the events say")
			return
		}
	}
}

func (c *chain) flawed(table, key, what string) {
	c.v.report.flaw(Flaw{Office: c.office, Table: table, Row: key, What: what})
}

// series is one run of numbers of a day.
type series struct {
	day  office.Day
	name string
}

// numbers checks that each series runs from 1 to its last number without a gap.
func (c *chain) numbers() error {
	given := c.given()
	err := c.v.rows(func(r scanner) error {
		c.v.report.Rows++
		var s series
		var last int
		if err := r.Scan(&s.day, &s.name, &last); err != nil {
			return err
		}
		if !leased(s.name) {
			c.series(s, given[s], last)
			delete(given, s)
		}
		return nil
	}, "SELECT day, series, n FROM numbers WHERE office = $1", c.office)
	if err != nil {
		return err
	}
	for s := range given {
		c.flawed("numbers", string(s.day)+"/"+s.name, "is missing")
	}
	return nil
}

func leased(series string) bool { return strings.Contains(series, "/") }

// given are the numbers of tickets and voids.
func (c *chain) given() map[series]map[int]bool {
	out := map[series]map[int]bool{}
	add := func(s series, n int) {
		if leased(s.name) {
			return
		}
		if out[s] == nil {
			out[s] = map[int]bool{}
		}
		out[s][n] = true
	}
	for _, t := range c.fold.Tickets {
		add(series{t.Day, t.Series}, t.N)
	}
	for _, v := range c.fold.Voids {
		add(series{v.Day, v.Series}, v.N)
	}
	return out
}

func (c *chain) series(s series, given map[int]bool, last int) {
	for n := 1; n <= last; n++ {
		if !given[n] {
			c.flawed("numbers", string(s.day)+"/"+s.name, fmt.Sprintf("%d of %d was given to nobody", n, last))
			return
		}
	}
	if len(given) != last {
		c.flawed("numbers", string(s.day)+"/"+s.name, fmt.Sprintf("ends at %d, but %d are given", last, len(given)))
	}
}
