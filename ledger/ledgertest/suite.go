package ledgertest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/ledger"
)

// Place is where a ledger lives: it can be opened more than once.
type Place struct {
	Config ledger.Config
	// SQL opens the database behind the ledger's back, to damage it.
	SQL func(t testing.TB) *sql.DB
}

// Suite runs the contract on ledgers that fresh makes.
func Suite(t *testing.T, fresh func(t testing.TB) Place) {
	for _, c := range []struct {
		promise string
		test    func(*testing.T, *world)
	}{
		{"sequences and numbers have no gaps under 64 callers", noGaps},
		{"listeners hear every event once, in order, before the reply", listeners},
		{"a refusal leaves nothing behind", refusal},
		{"a series ends at its last number", lastNumber},
		{"a change that fails after writing harms nobody else", failsAfterWriting},
		{"a panic harms nobody else", panics},
		{"what breaks at the commit harms nobody else", clashes},
		{"a repeated key does nothing twice", repeats},
		{"one key from many callers has one effect", repeatsAtOnce},
		{"a key is forgotten after its time", forgets},
		{"two hubs never call one ticket twice", callsOnce},
		{"two hubs never let a holder have two", holderOnce},
		{"a hub does not decide by what the database has lost", lostEnd},
		{"changes across two offices do not block each other for ever", crossOffices},
		{"a change stays within its scope", scopeHolds},
		{"time never goes back", monotone},
		{"readers find what was written", readers},
		{"a change reads what it wrote", readsOwn},
		{"what a change is given is its own", own},
		{"lines are ordered by due, then by joining", lines},
		{"bookings are found by what is due, day and holder", bookings},
		{"an event's own rows are what it says", images},
		{"what a change is told from memory is what the tables say", memory},
		{"the undo of a counter is kept until it is dropped", undos},
		{"a snapshot is one state with its head", snapshot},
		{"a flipped byte is found", flips},
		{"missing and invented rows are found", strays},
		{"what was erased is a flaw, and the chain goes on over it", erasure},
		{"a newer schema is refused", newerSchema},
		{"a restart keeps everything", restart},
		{"records live until they expire", records},
		{"the latest records of a kind are listed", recent},
		{"one of many hubs holds a lease", leases},
		{"leases go by nobody's clock", leasesByWrongClocks},
		{"the leases of hubs that died are swept", leasesSwept},
		{"a secret is made once and wrapped", secrets},
		{"bookings to be reminded of are found", remindable},
		{"a reminder is planned once", plansOnce},
		{"one hub sends a mail, and only while its booking stands", claimsOnce},
		{"a hub settles what it sends, and what a dead hub sent is unknown", marksOwn},
		{"reminders that wait in vain are skipped, and swept in time", tidies},
		{"an address that has expired is deleted", forgetsContacts},
		{"a batch of letters is made once", batches},
		{"where no mails go letters go in their place", batchesWithoutMails},
		{"reminders are found by office, day and booking", board},
		{"a caller who gave up is not served", givesUp},
		{"a closed ledger says so", closes},
	} {
		t.Run(c.promise, func(t *testing.T) { c.test(t, newWorld(t, fresh(t))) })
	}
}

// world is a ledger with its place and its clocks.
type world struct {
	*ledger.DB
	t       *testing.T
	ctx     context.Context
	place   Place
	house   *clockwork.FakeClock
	machine *clockwork.FakeClock
}

// start is 09:30 in Macao on Tuesday 2026-11-24.
var start = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

const today = "2026-11-24"

func newWorld(t *testing.T, p Place) *world {
	w := &world{t: t, ctx: context.Background(), place: p,
		house: clockwork.NewFakeClockAt(start), machine: clockwork.NewFakeClockAt(start)}
	w.DB = w.hub()
	return w
}

// hub opens the ledger once more, as another process would.
func (w *world) hub() *ledger.DB {
	w.t.Helper()
	return w.hubAt(w.machine)
}

// hubAt is one more hub, by a machine clock of its own.
func (w *world) hubAt(machine clockwork.Clock) *ledger.DB {
	w.t.Helper()
	cfg := w.place.Config
	cfg.House, cfg.Machine = w.house, machine
	cfg.Zone = func(string) *time.Location { return time.FixedZone("Macao", 8*3600) }
	d, err := ledger.Open(w.ctx, cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = d.Close() })
	return d
}
