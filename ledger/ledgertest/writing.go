package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/ticket"
)

var errRefused = errors.New("refused")

func noGaps(t *testing.T, w *world) {
	offices := []string{"dsi", "iam", "dsf"}
	const callers, each = 64, 12
	errs := together(callers, func(i int) error {
		for j := range each {
			o := offices[(i+j)%len(offices)]
			if err := w.Do(w.ctx, at(o), func(tx *ledger.Tx) error {
				_, err := issue(tx, o, fmt.Sprintf("t%d-%d", i, j))
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, o := range offices {
		w.sound(o, callers*each/len(offices))
	}
}

func listeners(t *testing.T, w *world) {
	var mu sync.Mutex
	heard := map[string][]int64{}
	w.OnCommit(func(events []event.Event) {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range events {
			heard[e.Office] = append(heard[e.Office], e.Seq)
		}
	})
	errs := together(40, func(i int) error {
		o := []string{"dsi", "iam"}[i%2]
		var seq int64
		err := w.Do(w.ctx, at(o), func(tx *ledger.Tx) error {
			if i%8 == 7 {
				return errRefused
			}
			k, err := issue(tx, o, fmt.Sprint("t", i))
			seq = k.Seq
			return err
		})
		mu.Lock()
		defer mu.Unlock()
		if err == nil && !slices.Contains(heard[o], seq) {
			t.Errorf("event %d of %s was answered before it was heard", seq, o)
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for o, seqs := range heard {
		for i, s := range seqs {
			if s != int64(i+1) {
				t.Fatalf("%s heard %v", o, seqs)
			}
		}
	}
	if n := len(heard["dsi"]) + len(heard["iam"]); n != 35 {
		t.Errorf("%d events were heard, not 35", n)
	}
}

func refusal(t *testing.T, w *world) {
	w.issued("dsi", "t1")
	errs := together(16, func(i int) error {
		return w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			if i%2 == 0 {
				return fault.New(fault.QueueFull, "limit", 1)
			}
			_, err := issue(tx, "dsi", fmt.Sprint("u", i))
			return err
		})
	})
	for i, err := range errs {
		if i%2 == 0 {
			want(t, err, fault.QueueFull)
		} else if err != nil {
			t.Error(err)
		}
	}
	w.sound("dsi", 9)
}

func lastNumber(t *testing.T, w *world) {
	const last = 8
	errs := together(2*last, func(i int) error {
		return w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			_, err := issueUpTo(tx, "dsi", fmt.Sprint("u", i), last)
			return err
		})
	})
	full := 0
	for _, err := range errs {
		switch fault.CodeOf(err) {
		case fault.QueueFull:
			full++
		case "":
		default:
			t.Error(err)
		}
	}
	if full != last {
		t.Errorf("%d of %d were refused, not %d", full, 2*last, last)
	}
	w.sound("dsi", last)
}

func failsAfterWriting(t *testing.T, w *world) {
	errs := together(64, func(i int) error {
		return w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			if _, err := issue(tx, "dsi", fmt.Sprint("t", i)); err != nil {
				return err
			}
			if i%8 == 3 {
				return errRefused
			}
			return nil
		})
	})
	for i, err := range errs {
		if refused := errors.Is(err, errRefused); refused != (i%8 == 3) || !refused && err != nil {
			t.Errorf("change %d: %v", i, err)
		}
	}
	w.sound("dsi", 56)
	for i := range 64 {
		if _, err := w.Read(w.ctx).Ticket(fmt.Sprint("t", i)); (err == nil) != (i%8 != 3) {
			t.Errorf("ticket %d: %v", i, err)
		}
	}
}

func panics(t *testing.T, w *world) {
	errs := together(48, func(i int) error {
		return w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			if i%16 == 5 {
				panic("before writing")
			}
			_, err := issue(tx, "dsi", fmt.Sprint("t", i))
			if i%16 == 6 {
				panic("after writing")
			}
			return err
		})
	})
	for i, err := range errs {
		if i%16 == 5 || i%16 == 6 {
			want(t, err, fault.Unexpected)
		} else if err != nil {
			t.Errorf("change %d: %v", i, err)
		}
	}
	w.sound("dsi", 42)
}

// clashes lets bookings share a reference, which only the database refuses.
func clashes(t *testing.T, w *world) {
	errs := together(32, func(i int) error {
		return w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			if i%8 == 1 {
				return book(tx, "dsi", fmt.Sprint("b", i), "", reference("SAME"))
			}
			_, err := issue(tx, "dsi", fmt.Sprint("t", i))
			return err
		})
	})
	won := 0
	for i, err := range errs {
		switch {
		case i%8 != 1 && err != nil:
			t.Errorf("change %d: %v", i, err)
		case i%8 == 1 && err == nil:
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d bookings have one reference", won)
	}
	if r, err := w.Verify(w.ctx, nil); err != nil || !r.Sound() {
		t.Errorf("verify: %v %v", err, r.Flaws)
	}
}

func repeats(t *testing.T, w *world) {
	k := event.Key{Principal: "citizen:demo", Route: "POST /tickets", Key: "one", BodyHash: "aa"}
	attempt := func(d *ledger.DB, k event.Key, id string) (got []string, err error) {
		err = d.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			ids, done, err := tx.Repeat(k)
			if err != nil || done {
				got = ids
				return err
			}
			if _, err := issue(tx, "dsi", id); err != nil {
				return err
			}
			got = []string{id}
			return tx.Remember(k, got)
		})
		return got, err
	}
	for i, d := range []*ledger.DB{w.DB, w.DB, w.hub()} {
		if got, err := attempt(d, k, fmt.Sprint("t", i)); err != nil || !slices.Equal(got, []string{"t0"}) {
			t.Errorf("attempt %d made %v, %v", i, got, err)
		}
	}
	// Whoever was served hears so again, though a second one would be refused.
	var again []string
	if err := w.hub().Do(w.ctx, at("dsi"), func(tx *ledger.Tx) (err error) {
		var done bool
		if again, done, err = tx.Repeat(k); err != nil || done {
			return err
		}
		return fault.New(fault.QueueFull)
	}); err != nil || !slices.Equal(again, []string{"t0"}) {
		t.Errorf("the repeat made %v, %v", again, err)
	}
	other := k
	other.BodyHash = "bb"
	for _, d := range []*ledger.DB{w.DB, w.hub()} {
		_, err := attempt(d, other, "t9")
		want(t, err, fault.KeyReused)
	}
	for i, free := range []event.Key{{}, {Principal: "citizen:other", Route: k.Route, Key: k.Key}, {Principal: k.Principal, Route: "other", Key: k.Key}} {
		if got, err := attempt(w.DB, free, fmt.Sprint("u", i)); err != nil || got[0] != fmt.Sprint("u", i) {
			t.Errorf("key %v: %v %v", free, got, err)
		}
	}
	w.sound("dsi", 4)
}

// repeatsAtOnce sends one key to two hubs and two offices at once.
func repeatsAtOnce(t *testing.T, w *world) {
	hubs := []*ledger.DB{w.DB, w.hub()}
	k := event.Key{Principal: "device:demo", Route: "POST /tickets", Key: "one"}
	var made atomic.Int32
	errs := together(32, func(i int) error {
		o := []string{"dsi", "iam"}[i/2%2]
		return hubs[i%2].Do(w.ctx, at(o), func(tx *ledger.Tx) error {
			_, done, err := tx.Repeat(k)
			if err != nil || done {
				return err
			}
			id := fmt.Sprint("t", i)
			if _, err := issue(tx, o, id); err != nil {
				return err
			}
			return tx.Remember(k, []string{id})
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, o := range []string{"dsi", "iam"} {
		made.Add(int32(len(w.events(o))))
	}
	if made.Load() != 1 {
		t.Errorf("one key made %d tickets", made.Load())
	}
}

func forgets(t *testing.T, w *world) {
	k := event.Key{Principal: "citizen:demo", Route: "r", Key: "one", BodyHash: "aa"}
	use := func() (done bool) {
		w.do(at("dsi"), func(tx *ledger.Tx) (err error) {
			if _, done, err = tx.Repeat(k); err != nil || done {
				return err
			}
			return tx.Remember(k, []string{"x"})
		})
		return done
	}
	if use() || !use() {
		t.Error("a used key is not known")
	}
	w.machine.Advance(event.KeyFor + time.Second)
	if use() {
		t.Error("a key is known after its time")
	}
	if !use() {
		t.Error("a key used again is not known")
	}
}

func scopeHolds(t *testing.T, w *world) {
	err := w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
		_, err := issue(tx, "iam", "t1")
		return err
	})
	want(t, err, fault.Unexpected)
	var late *ledger.Tx
	w.do(at("dsi"), func(tx *ledger.Tx) error { late = tx; return nil })
	_, err = issue(late, "dsi", "t2")
	want(t, err, fault.Unexpected)
	foreign := ticket.Ticket{ID: "t3", Office: "iam", State: ticket.Waiting}
	err = w.Do(w.ctx, at("dsi", "iam"), func(tx *ledger.Tx) error {
		d := draft(foreign, ticket.Issue)
		d.Office = "dsi"
		_, err := tx.Append(d)
		return err
	})
	want(t, err, fault.Unexpected)
	if n := len(w.events("dsi")) + len(w.events("iam")); n != 0 {
		t.Errorf("%d events were written", n)
	}
}

func monotone(t *testing.T, w *world) {
	var told []time.Time
	for i, step := range []time.Duration{0, time.Minute, -time.Hour, time.Second, 2 * time.Hour} {
		w.house.Advance(step)
		w.do(at("dsi"), func(tx *ledger.Tx) error {
			told = append(told, tx.Now())
			_, err := issue(tx, "dsi", fmt.Sprint("t", i))
			return err
		})
	}
	for i, e := range w.events("dsi") {
		if !e.At.Equal(told[i]) || e.At.Location() != time.UTC {
			t.Errorf("event %d is at %s, its change was at %s", i, e.At, told[i])
		}
		if i > 0 && told[i].Before(told[i-1]) {
			t.Errorf("time went back from %s to %s", told[i-1], told[i])
		}
	}
	if last := told[len(told)-1]; !last.Equal(w.house.Now()) {
		t.Errorf("time stands still at %s", last)
	}
}

// givesUp keeps the writer busy while a caller's patience ends.
func givesUp(t *testing.T, w *world) {
	busy, free := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := w.Do(w.ctx, at("dsi"), func(*ledger.Tx) error {
			close(busy)
			<-free
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-busy
	ctx, cancel := context.WithCancel(w.ctx)
	ran := false
	answer := make(chan error)
	go func() { answer <- w.Do(ctx, at("dsi"), func(*ledger.Tx) error { ran = true; return nil }) }()
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("the answer is %v", err)
	}
	close(free)
	all.Wait()
	w.issued("dsi", "t1")
	if ran {
		t.Error("a change was made for nobody")
	}
}

func closes(t *testing.T, w *world) {
	w.issued("dsi", "t1")
	errs := make(chan error, 32)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			errs <- w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
				_, err := issue(tx, "dsi", fmt.Sprint("u", i))
				return err
			})
		})
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
	close(errs)
	kept := 1
	for err := range errs {
		if err == nil {
			kept++
		} else {
			want(t, err, fault.ShuttingDown)
		}
	}
	want(t, w.Do(w.ctx, at("dsi"), func(*ledger.Tx) error { return nil }), fault.ShuttingDown)
	w.DB = w.hub()
	w.sound("dsi", kept)
}
