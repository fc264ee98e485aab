package hall

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// Config is what a hall is made of.
type Config struct {
	Catalogue *office.Catalogue
	Ledger    Ledger
	// House is the clock of hours, dues and slots; Machine of undo and keys.
	House, Machine clockwork.Clock
	// Codes signs and reads QR codes.
	Codes Codes
	// Estimate may be nil: then tickets are issued without a window.
	Estimate Estimator
	// Outage gives for how long, between two instants, no kiosk of an office
	// worked: lateness does not count then. nil: they always did. It must not block.
	Outage func(office string, from, to time.Time) time.Duration
	// Ahead tells how far House is ahead of the ledger's own clock, as far as that
	// matters; nil: not at all. No day ends before both clocks say so.
	Ahead func(ctx context.Context) (time.Duration, error)
	// Asked hears of the office of each new print job, after its commit; nil: nobody
	// does. It must not block.
	Asked func(office string)
	// Unlimited lifts the limit of one ticket a person in a queue, for a
	// demonstration where one person tries everything.
	Unlimited bool
	// Random feeds ids, references and the delay of re-offers; nil: crypto/rand.
	Random io.Reader
}

// Codes signs and reads the QR codes of bookings, remote tickets and passes.
type Codes interface {
	// Sign fills in version and key id and gives the text of the code.
	Sign(c booking.Code) string
	// Read verifies a text: fault.Unknown or fault.Forged when it is not ours.
	Read(text string) (booking.Code, error)
}

// Estimator tells a joining ticket what to expect, from the live snapshot.
// It must not block: it is asked while a change is decided.
type Estimator interface {
	Estimate(office, queue string, due time.Time) (ahead int, from, to time.Time)
}

// Hall makes every move. It is safe for concurrent use.
type Hall struct {
	cat     *office.Catalogue
	ledger  Ledger
	house   clockwork.Clock
	machine clockwork.Clock
	codes   Codes
	est     Estimator
	outage  func(office string, from, to time.Time) time.Duration
	ahead   func(ctx context.Context) (time.Duration, error)
	asked   func(office string)
	random  io.Reader

	unlimited bool
}

// New makes a hall.
func New(c Config) *Hall {
	h := &Hall{cat: c.Catalogue, ledger: c.Ledger, house: c.House, machine: c.Machine, codes: c.Codes,
		est: c.Estimate, outage: c.Outage, ahead: c.Ahead, asked: c.Asked, random: c.Random, unlimited: c.Unlimited}
	if h.random == nil {
		h.random = rand.Reader
	}
	if h.outage == nil {
		h.outage = func(string, time.Time, time.Time) time.Duration { return 0 }
	}
	if h.ahead == nil {
		h.ahead = func(context.Context) (time.Duration, error) { return 0, nil }
	}
	if h.asked == nil {
		h.asked = func(string) {}
	}
	return h
}

// Act says who acts and under which idempotency key.
type Act struct {
	// Actor is a pseudonym: "clerk:…", "citizen:…", "device:…", "job:…".
	Actor string
	Key   event.Key
	// Counter is the counter at which a clerk acts; a printer may stand by it. "" elsewhere.
	Counter string
}

// recorded is the actor as events name it. A citizen stays nameless there: an
// office's events may lie in another jurisdiction than its holders' names.
func (a Act) recorded() string {
	if strings.HasPrefix(a.Actor, "citizen:") {
		return "citizen"
	}
	return a.Actor
}

// Now is house time.
func (h *Hall) Now() time.Time { return h.house.Now().Truncate(time.Millisecond) }

// Catalogue the hall works by.
func (h *Hall) Catalogue() *office.Catalogue { return h.cat }

// errDayOver asks for the close of the day before the change is tried again.
var errDayOver = errors.New("the office is still in an earlier day")

// change runs one command: it renders a repeat from the ledger, makes the close
// of the day first where it is due, decides, and remembers what was made.
//
// decide gives its result and the ids that again needs to render it once more.
func change[T any](
	ctx context.Context, h *Hall, act Act, scope event.Scope,
	decide func(tx Tx) (T, []string, error),
	again func(r Reader, ids []string) (T, error),
) (T, error) {
	var out T
	attempt := func() error {
		return h.ledger.Do(ctx, scope, func(tx Tx) error {
			if !act.Key.Zero() {
				ids, done, err := tx.Repeat(act.Key)
				if err != nil {
					return err
				}
				if done {
					out, err = again(tx, ids)
					return err
				}
			}
			if err := h.inToday(tx, scope.Offices); err != nil {
				return err
			}
			var ids []string
			var err error
			if out, ids, err = decide(tx); err != nil {
				return err
			}
			if act.Key.Zero() {
				return nil
			}
			return tx.Remember(act.Key, ids)
		})
	}
	err := attempt()
	for range 3 {
		if !errors.Is(err, errDayOver) {
			break
		}
		for _, o := range scope.Offices {
			if err := h.TurnDay(ctx, o); err != nil {
				return out, err
			}
		}
		err = attempt()
	}
	if p, ok := any(out).(papered); ok && err == nil && p.paper().State == "queued" {
		h.asked(p.paper().Office)
	}
	return out, err
}

func (h *Hall) inToday(tx Tx, offices []string) error {
	for _, id := range offices {
		o := h.cat.Office(id)
		if o == nil {
			return fault.New(fault.UnknownThing, "what", id)
		}
		s, err := tx.State(id)
		if err != nil {
			return err
		}
		if s.Day < o.Day(tx.Now()) {
			return errDayOver
		}
	}
	return nil
}

// office finds an office of the catalogue.
func (h *Hall) office(id string) (*office.Office, error) {
	if o := h.cat.Office(id); o != nil {
		return o, nil
	}
	return nil, fault.New(fault.UnknownThing, "what", id)
}

// desk finds a counter of the catalogue and its office.
func (h *Hall) desk(id string) (*office.Counter, *office.Office, error) {
	c := h.cat.Counter(id)
	if c == nil {
		return nil, nil, fault.New(fault.UnknownThing, "what", id)
	}
	return c, h.cat.Office(c.Office), nil
}

// Ticket reads a committed ticket.
func (h *Hall) Ticket(ctx context.Context, id string) (ticket.Ticket, error) {
	return h.ledger.Read(ctx).Ticket(id)
}

// Read gives a reader of committed state, for pages and the API.
func (h *Hall) Read(ctx context.Context) Reader { return h.ledger.Read(ctx) }

// newID draws a time-ordered id (UUID version 7).
func (h *Hall) newID() (string, error) {
	id, err := uuid.NewV7FromReader(h.random)
	return id.String(), err
}

var secretEncoding = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newSecret draws 128 bits as 26 characters of Crockford base 32.
func (h *Hall) newSecret() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(h.random, b[:]); err != nil {
		return "", err
	}
	return secretEncoding.EncodeToString(b[:]), nil
}

// ParseLink normalises the token of a ticket's page as it stands in an address.
func ParseLink(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// millis cuts an instant to whole milliseconds UTC, the ledger's precision.
func millis(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}
