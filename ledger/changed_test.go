package ledger

import (
	"context"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/ticket"
)

// TestAChangedTicketTouchesOnlyWhatDiffers keeps moves from growing with the
// line: a column that is set to the value it has costs a page of each of its indexes.
func TestAChangedTicketTouchesOnlyWhatDiffers(t *testing.T) {
	d, err := Open(context.Background(), Config{Dir: t.TempDir(), House: clockwork.NewFakeClock(), Machine: clockwork.NewFakeClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	k := ticket.Ticket{ID: "t", Visit: "t", Office: "o", Queue: "q", Day: "2026-11-24", Number: "A001", State: ticket.Waiting, Class: ticket.WalkIn, Joined: -1}
	text := func(kind event.Kind, edit func(*ticket.Ticket)) (out string) {
		edit(&k)
		err := d.Do(context.Background(), event.Scope{Offices: []string{"o"}}, func(tx *Tx) error {
			e, err := tx.Append(event.Draft{Office: "o", Kind: kind, Images: event.Images{Tickets: []ticket.Ticket{k}}})
			if err != nil {
				return err
			}
			k = e.Images.Tickets[0]
			if _, err := tx.Live("o", k.Day); err != nil { // as every move does: the model is full from now on
				return err
			}
			if err := tx.b.tickets.drain(tx.b.writeTicket); err != nil {
				return err
			}
			for _, o := range tx.b.ops {
				if strings.Contains(o.text, "tickets") {
					out = o.text
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	text(event.KindDay, func(*ticket.Ticket) {})
	for what, c := range map[string]struct {
		edit func(*ticket.Ticket)
		want string
	}{
		"call":     {func(k *ticket.Ticket) { k.State = ticket.Called }, "UPDATE tickets SET state = $2, seq = $3, doc = $4 WHERE id = $1"},
		"recall":   {func(k *ticket.Ticket) { k.Recalls++ }, "UPDATE tickets SET seq = $2, doc = $3 WHERE id = $1"},
		"transfer": {func(k *ticket.Ticket) { k.Queue = "r"; k.Joined = 99 }, "UPDATE tickets SET queue = $2, joined = $3, seq = $4, doc = $5 WHERE id = $1"},
	} {
		if got := text(event.KindDay, c.edit); got != c.want {
			t.Errorf("%s: %s\nnot %s", what, got, c.want)
		}
	}
}

func TestATicketChangedTwiceInOneCommitKeepsBothChanges(t *testing.T) {
	d, err := Open(context.Background(), Config{Dir: t.TempDir(), House: clockwork.NewFakeClock(), Machine: clockwork.NewFakeClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	k := ticket.Ticket{ID: "t", Visit: "t", Office: "o", Queue: "q", Day: "2026-11-24", Number: "A001", State: ticket.Waiting, Class: ticket.WalkIn}
	appends := func(edits ...func()) {
		err := d.Do(context.Background(), event.Scope{Offices: []string{"o"}}, func(tx *Tx) error {
			for _, edit := range edits {
				edit()
				if _, err := tx.Append(event.Draft{Office: "o", Kind: event.KindDay, Images: event.Images{Tickets: []ticket.Ticket{k}}}); err != nil {
					return err
				}
			}
			_, err := tx.Live("o", k.Day)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	appends(func() {})
	appends(func() { k.State = ticket.Called }, func() { k.Recalls++ })
	line, err := d.Read(context.Background()).Line("q", k.Day, 0) // by its columns
	if err != nil || len(line) > 0 {
		t.Errorf("who was called and recalled still waits: %v %v", line, err)
	}
}
