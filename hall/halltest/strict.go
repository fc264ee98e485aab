package halltest

import (
	"context"
	"errors"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/office"
)

// Strict is a ledger that fails the test when a change is refused after it has
// written something. Such a refusal spoils the batch of everybody who decides at
// the same moment; see hall.Ledger.
func Strict(t Teller, l hall.Ledger) hall.Ledger { return strict{l, t} }

// Teller is a test, or a drawn program.
type Teller interface {
	Errorf(format string, args ...any)
}

type strict struct {
	hall.Ledger
	t Teller
}

func (s strict) Do(ctx context.Context, scope event.Scope, decide func(hall.Tx) error) error {
	return s.Ledger.Do(ctx, scope, func(tx hall.Tx) error {
		w := &writes{Tx: tx}
		err := decide(w)
		var refusal *fault.Error
		if w.done != "" && !w.failed && errors.As(err, &refusal) {
			s.t.Errorf("refused with %v after %s", err, w.done)
		}
		return err
	})
}

// writes notes the first write of a change, and whether one failed by itself.
type writes struct {
	hall.Tx
	done   string
	failed bool
}

func (w *writes) note(what string, err error) error {
	switch {
	case err != nil:
		w.failed = true
	case w.done == "":
		w.done = what
	}
	return err
}

func (w *writes) NextNumber(officeID string, day office.Day, series string, last int) (int, error) {
	n, err := w.Tx.NextNumber(officeID, day, series, last)
	return n, w.note("a number was taken", err)
}

func (w *writes) Append(d event.Draft) (event.Event, error) {
	e, err := w.Tx.Append(d)
	return e, w.note("the event "+string(d.Kind), err)
}

func (w *writes) SetHolder(id, holder, jurisdiction string) error {
	return w.note("a holder", w.Tx.SetHolder(id, holder, jurisdiction))
}

func (w *writes) SetLink(id, token string) error { return w.note("a link", w.Tx.SetLink(id, token)) }
func (w *writes) SetUndo(u event.Undo) error     { return w.note("an undo", w.Tx.SetUndo(u)) }
func (w *writes) DropUndo(id string) error       { return w.note("an undo", w.Tx.DropUndo(id)) }
func (w *writes) Put(r event.Record) error       { return w.note("a record", w.Tx.Put(r)) }
func (w *writes) Delete(kind, id string) error   { return w.note("a record", w.Tx.Delete(kind, id)) }

func (w *writes) Remember(k event.Key, ids []string) error {
	return w.note("a key", w.Tx.Remember(k, ids))
}
