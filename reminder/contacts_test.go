package reminder

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
)

// shelf is a store of records in memory.
type shelf struct {
	clock clockwork.Clock
	rows  map[string][]byte
	until map[string]time.Time
	puts  int
	// meanwhile is what somebody else does between a reading and a writing.
	meanwhile func()
}

func (s *shelf) Put(_ context.Context, kind, id, _ string, data []byte, expires time.Time) error {
	s.rows[kind+"/"+id], s.until[kind+"/"+id] = data, expires
	s.puts++
	return nil
}

func (s *shelf) Replace(ctx context.Context, kind, id, owner string, old, data []byte, expires time.Time) error {
	if s.meanwhile != nil {
		s.meanwhile()
	}
	if !bytes.Equal(s.rows[kind+"/"+id], old) {
		return nil
	}
	return s.Put(ctx, kind, id, owner, data, expires)
}

func (s *shelf) Get(_ context.Context, kind, id string) ([]byte, bool, error) {
	k := kind + "/" + id
	if !s.until[k].After(s.clock.Now()) {
		return nil, false, nil
	}
	return s.rows[k], true, nil
}

func (s *shelf) Delete(_ context.Context, kind, id string) error {
	delete(s.rows, kind+"/"+id)
	delete(s.until, kind+"/"+id)
	return nil
}

func (s *shelf) Secret(_ context.Context, name string, fresh func() ([]byte, error)) ([]byte, error) {
	if b, ok := s.rows[name]; ok {
		return b, nil
	}
	b, err := fresh()
	s.rows[name] = b
	return b, err
}

func newShelf() (*shelf, *clockwork.FakeClock) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC))
	return &shelf{clock: clock, rows: map[string][]byte{}, until: map[string]time.Time{}}, clock
}

func openedContacts(t *testing.T, s *shelf) *Contacts {
	t.Helper()
	c, err := OpenContacts(context.Background(), s, s, s.clock)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnAddressIsSealedAndFoundAgain(t *testing.T) {
	ctx := context.Background()
	s, _ := newShelf()
	want := Address{Email: "demo.person@example.org", Lang: "pt"}
	if err := openedContacts(t, s).Set(ctx, "h1", want); err != nil {
		t.Fatal(err)
	}
	got, ok, err := openedContacts(t, s).Get(ctx, "h1") // another hub
	if err != nil || !ok || got != want {
		t.Errorf("found %v %v %v", got, ok, err)
	}
	for k, data := range s.rows {
		if bytes.Contains(data, []byte("example")) {
			t.Errorf("%s lies open", k)
		}
	}
}

func TestAnAddressMovedToAnotherHolderDoesNotOpen(t *testing.T) {
	ctx := context.Background()
	s, _ := newShelf()
	c := openedContacts(t, s)
	if err := c.Set(ctx, "h1", Address{Email: "demo@example.org", Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	s.rows["contact/h2"], s.until["contact/h2"] = s.rows["contact/h1"], s.until["contact/h1"]
	if got, ok, err := c.Get(ctx, "h2"); err == nil || ok {
		t.Errorf("the other holder has %v", got)
	}
}

func TestADroppedAddressIsGone(t *testing.T) {
	ctx := context.Background()
	s, _ := newShelf()
	c := openedContacts(t, s)
	if err := c.Set(ctx, "h1", Address{Email: "demo@example.org", Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Drop(ctx, "h1"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.Get(ctx, "h1"); ok || err != nil {
		t.Errorf("still there: %v %v", ok, err)
	}
	if err := c.Drop(ctx, "h1"); err != nil {
		t.Errorf("dropped again: %v", err)
	}
}

func TestAnAddressIsForgottenSixtyDaysAfterItsLastUse(t *testing.T) {
	ctx := context.Background()
	s, clock := newShelf()
	c := openedContacts(t, s)
	if err := c.Set(ctx, "h1", Address{Email: "demo@example.org", Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	if err := c.renew(ctx, "h1"); err != nil || s.puts != 1 {
		t.Errorf("used within the week: written %d times, %v", s.puts, err)
	}
	clock.Advance(59 * 24 * time.Hour)
	if err := c.renew(ctx, "h1"); err != nil || s.puts != 2 {
		t.Errorf("used later: written %d times, %v", s.puts, err)
	}
	clock.Advance(59 * 24 * time.Hour)
	if _, ok, _ := c.Get(ctx, "h1"); !ok {
		t.Error("forgotten too early")
	}
	clock.Advance(2 * 24 * time.Hour)
	if _, ok, _ := c.Get(ctx, "h1"); ok {
		t.Error("kept too long")
	}
	if err := c.renew(ctx, "h1"); err != nil || s.puts != 2 {
		t.Errorf("renewing brought back what was forgotten: %d, %v", s.puts, err)
	}
}

func TestRenewingDoesNotBringBackWhatWasChangedOrDroppedMeanwhile(t *testing.T) {
	ctx := context.Background()
	s, clock := newShelf()
	c := openedContacts(t, s)
	for _, meanwhile := range []func() error{
		func() error { return c.Drop(ctx, "h1") },
		func() error { return c.Set(ctx, "h1", Address{Email: "other@example.org", Lang: "pt"}) },
	} {
		if err := c.Set(ctx, "h1", Address{Email: "demo@example.org", Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(30 * 24 * time.Hour)
		s.meanwhile = func() {
			if err := meanwhile(); err != nil {
				t.Error(err)
			}
		}
		if err := c.renew(ctx, "h1"); err != nil {
			t.Fatal(err)
		}
		if a, _, err := c.Get(ctx, "h1"); err != nil || a.Email == "demo@example.org" {
			t.Errorf("it is %s again, %v", a.Email, err)
		}
	}
}

func TestWhatCannotBeMailedToIsRefused(t *testing.T) {
	s, _ := newShelf()
	c := openedContacts(t, s)
	for _, email := range []string{"", "demo", "demo@", "@example.org", "demo@example.org\r\nBcc: other@example.org",
		"Demo <demo@example.org>", "a@b c", "demo@example.org, other@example.org", "é@example.org",
		strings.Repeat("a", 250) + "@example.org"} {
		if err := c.Set(context.Background(), "h1", Address{Email: email}); fault.CodeOf(err) != fault.InvalidField {
			t.Errorf("%q: %v", email, err)
		}
	}
}
