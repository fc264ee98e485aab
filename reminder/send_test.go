package reminder_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/reminder"
	"vez/reminder/remindertest"
)

// due is a world with n bookings whose reminders a day before are queued as mails.
func due(t *testing.T, n int) (*remindertest.World, *remindertest.Server) {
	t.Helper()
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	for i := range n {
		w.Address(fmt.Sprint("h", i), remindertest.Email(i), "en")
		w.Book(fmt.Sprint("b", i), fmt.Sprint("h", i), remindertest.Card, at("2026-11-25 10:00"))
	}
	w.House.Advance(time.Hour)
	return w, remindertest.NewServer(t)
}

// send runs once and gives the tally; want is the fault it may end with.
func send(t *testing.T, s *reminder.Service, want fault.Code) reminder.Tally {
	t.Helper()
	got, err := s.Send(context.Background())
	if err == nil && want != "" || err != nil && fault.CodeOf(err) != want {
		t.Errorf("sending ended with %v, not %q", err, want)
	}
	return got
}

// mailOf is the state of the mail of a booking, a day before.
func mailOf(t *testing.T, w *remindertest.World, id string) string {
	t.Helper()
	for _, s := range w.Stands(id) {
		if after, ok := strings.CutPrefix(s, "24 mail "); ok {
			return after
		}
	}
	return ""
}

func TestEachMailGoesOnce(t *testing.T) {
	w, server := due(t, 50)
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	if got := send(t, s, ""); got != (reminder.Tally{Sent: 50}) {
		t.Errorf("tally %+v", got)
	}
	plan(t, s)
	if got := send(t, s, ""); got != (reminder.Tally{}) {
		t.Errorf("sent again: %+v", got)
	}
	ids := server.IDs(t)
	for i := range 50 {
		k := event.ReminderKey{Booking: fmt.Sprint("b", i), Start: at("2026-11-25 10:00"), Before: 24 * time.Hour, Channel: event.ChannelMail}
		if n := ids["<"+w.Mails.ID(k, "example.org")+">"]; n != 1 {
			t.Errorf("%s came %d times", k.Booking, n)
		}
		if got := mailOf(t, w, k.Booking); got != "sent" {
			t.Errorf("%s: %s", k.Booking, got)
		}
	}
	if opened, _ := server.Opened(); opened > 4 {
		t.Errorf("%d lines were opened for 50 mails", opened)
	}
}

func TestAnswersDecideWhatBecomesOfAMail(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(string, string) string
		ends   fault.Code
		want   string // the state after the first run
		taken  int    // by the server after that run
		later  string // after two minutes and another run
		all    int    // taken then
	}{
		"the address is refused":       {remindertest.Refuse("RCPT", 1, "550 5.1.1 <demo-0@example.org> nobody"), "", "failed mail_refused", 0, "failed mail_refused", 0},
		"the address is put off":       {remindertest.Refuse("RCPT", 1, "450 4.2.0 greylisted"), "", "queued put_off", 0, "sent", 1},
		"the message is refused":       {remindertest.Refuse(".", 1, "554 no"), "", "failed mail_refused", 0, "failed mail_refused", 0},
		"the message is put off":       {remindertest.Refuse(".", 1, "452 full"), "", "queued put_off", 0, "sent", 1},
		"DATA is put off":              {remindertest.Refuse("DATA", 1, "451 not now"), "", "queued put_off", 0, "sent", 1},
		"DATA is refused":              {remindertest.Refuse("DATA", 1, "554 no"), "", "failed mail_refused", 0, "failed mail_refused", 0},
		"dropped at DATA":              {remindertest.Refuse("DATA", 1, remindertest.Drop), "", "queued put_off", 0, "sent", 1},
		"dropped at RCPT":              {remindertest.Refuse("RCPT", 1, remindertest.Drop), "", "queued put_off", 0, "sent", 1},
		"another sign-in at RCPT":      {remindertest.Refuse("RCPT", 1, "530 sign in"), "", "queued put_off", 0, "sent", 1},
		"another sign-in at DATA":      {remindertest.Refuse("DATA", 1, "535 sign in"), "", "queued put_off", 0, "sent", 1},
		"another sign-in at MAIL":      {remindertest.Refuse("MAIL", 1, "530 sign in"), fault.MailAway, "queued mail_away", 0, "sent", 1},
		"dropped after the dot":        {remindertest.Refuse(".", 1, remindertest.Drop), "", "unknown no_answer", 1, "unknown no_answer", 1},
		"dropped before the dot":       {remindertest.Refuse("message", 1, remindertest.Drop), "", "unknown no_answer", 0, "unknown no_answer", 0},
		"dropped at MAIL":              {remindertest.Refuse("MAIL", 1, remindertest.Drop), fault.MailAway, "queued mail_away", 0, "sent", 1},
		"our sender is refused":        {remindertest.Refuse("MAIL", 1, "550 who are you"), fault.MailAway, "queued mail_away", 0, "sent", 1},
		"the server closes":            {remindertest.Refuse("RCPT", 1, "421 closing"), "", "queued put_off", 0, "sent", 1},
		"the server closes at the dot": {remindertest.Refuse(".", 1, "421 closing"), "", "queued put_off", 0, "sent", 1},
		"it does not greet":            {remindertest.Refuse("EHLO", 1, remindertest.Drop), fault.MailAway, "queued mail_away", 0, "sent", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w, server := due(t, 1)
			var log bytes.Buffer
			w.Log = slog.New(slog.NewTextHandler(&log, nil))
			server.Answer = c.answer
			s := w.Hub("hub1", w.Post(server))
			plan(t, s)
			_, err := s.Send(context.Background())
			if fault.CodeOf(err) != c.ends && err != nil || err == nil && c.ends != "" {
				t.Errorf("ended with %v, not %q", err, c.ends)
			}
			if err != nil {
				w.Log.Warn("job", "err", err)
			}
			if got := mailOf(t, w, "b0"); got != c.want || len(server.Messages()) != c.taken {
				t.Errorf("first %q, %d taken", got, len(server.Messages()))
			}
			w.Machine.Advance(2 * time.Minute)
			send(t, s, "")
			if got := mailOf(t, w, "b0"); got != c.later || len(server.Messages()) != c.all {
				t.Errorf("then %q, %d taken", got, len(server.Messages()))
			}
			if strings.Contains(log.String(), "@") || strings.Contains(log.String(), "demo-0") {
				t.Errorf("the log tells an address: %s", log.String())
			}
		})
	}
}

func TestAMailThatIsPutOffForeverFails(t *testing.T) {
	w, server := due(t, 1)
	server.Answer = remindertest.Refuse("RCPT", 0, "450 not now")
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	for range 8 {
		send(t, s, "")
		w.Machine.Advance(time.Hour)
	}
	if got := mailOf(t, w, "b0"); got != "failed mail_refused" {
		t.Errorf("after eight tries: %q", got)
	}
}

// Each line closes, or wants another sign-in, for one address: the others have
// nothing to do with it.
func TestFourRecipientsDoNotHoldUpTheOthers(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	server := remindertest.NewServer(t)
	for i := range 20 {
		w.Address(fmt.Sprint("h", i), remindertest.Email(i), "en")
		w.Book(fmt.Sprint("b", i), fmt.Sprint("h", i), remindertest.Card, at("2026-11-25 10:00").Add(time.Duration(i)*time.Minute))
	}
	w.House.Advance(2 * time.Hour)
	bad := []string{"421 closing", remindertest.Drop, "530 sign in", "535 sign in"}
	server.Answer = func(command, _ string) string {
		for i, reply := range bad {
			if command == "RCPT TO:<"+remindertest.Email(i)+">" {
				return reply
			}
		}
		return ""
	}
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	if got := send(t, s, ""); got != (reminder.Tally{Sent: 16, PutOff: 4}) {
		t.Errorf("the first run: %+v", got)
	}
	for range 7 {
		w.Machine.Advance(time.Hour)
		send(t, s, "")
	}
	for i := range bad {
		if got := mailOf(t, w, fmt.Sprint("b", i)); got != "failed mail_refused" {
			t.Errorf("%s, after eight tries: %q", bad[i], got)
		}
	}
	if ids := server.IDs(t); len(ids) != 16 || slices.Max(counts(ids)) != 1 {
		t.Errorf("%d of 16 came", len(ids))
	}
}

func TestAMailServerThatIsAwayIsLeftAloneAndNothingIsLost(t *testing.T) {
	w, server := due(t, 30)
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	server.Stop()
	send(t, s, fault.MailAway)
	if got := send(t, s, ""); got != (reminder.Tally{}) {
		t.Errorf("tried again at once: %+v", got)
	}
	w.Machine.Advance(6 * time.Second)
	send(t, s, fault.MailAway)
	w.Machine.Advance(6 * time.Second)
	if got := send(t, s, ""); got != (reminder.Tally{}) {
		t.Errorf("the second pause is not longer: %+v", got)
	}
	server.Return(t)
	w.Machine.Advance(time.Minute)
	if got := send(t, s, ""); got.Sent != 30 || len(server.Messages()) != 30 {
		t.Errorf("it is back: %+v", got)
	}
}

func TestALineThatClosedMeanwhileIsReplaced(t *testing.T) {
	w, server := due(t, 12)
	n := 0
	server.Answer = func(command, _ string) string {
		if strings.HasPrefix(command, "MAIL") {
			if n++; n%3 == 0 {
				return "421 enough for this line"
			}
		}
		return ""
	}
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	for range 12 {
		_, _ = s.Send(context.Background())
		w.Machine.Advance(time.Hour)
	}
	for id, n := range server.IDs(t) {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	if len(server.Messages()) != 12 {
		t.Errorf("%d of 12 came", len(server.Messages()))
	}
}

// stolen is a ledger whose claims are asked for twice, as by two leaders, or fail.
type stolen struct {
	reminder.Store
	before func(event.ReminderKey)
	err    error
}

func (w *stolen) ClaimReminder(ctx context.Context, k event.ReminderKey, hub string, at time.Time, settled ...event.ReminderMark) (bool, error) {
	if w.before != nil {
		w.before(k)
	}
	if w.err != nil {
		return false, w.err
	}
	return w.Store.ClaimReminder(ctx, k, hub, at, settled...)
}

func (w *stolen) hub(of *remindertest.World, server *remindertest.Server, name string) *reminder.Service {
	return reminder.New(reminder.Config{Store: w, Catalogue: remindertest.Catalogue(), Contacts: of.Contacts, House: of.House, Machine: of.Machine,
		Hub: name, Post: of.Post(server), Mails: of.Mails})
}

func TestAMailThatAnotherHubClaimedAtTheLastMomentIsNotSent(t *testing.T) {
	w, server := due(t, 3)
	s := (&stolen{Store: w.DB, before: func(k event.ReminderKey) {
		if _, err := w.ClaimReminder(context.Background(), k, "other", at("2026-11-24 10:00")); err != nil {
			t.Error(err)
		}
	}}).hub(w, server, "hub1")
	plan(t, s)
	send(t, s, "")
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d mails of another hub were sent", n)
	}
	if got := mailOf(t, w, "b0"); got != "sending" {
		t.Errorf("the other hub's mail is %q", got)
	}
}

func TestABookingCancelledAtTheLastMomentIsNotMailed(t *testing.T) {
	w, server := due(t, 1)
	s := (&stolen{Store: w.DB, before: func(event.ReminderKey) {
		w.Change("b0", func(b *booking.Booking) { b.State = booking.Cancelled })
	}}).hub(w, server, "hub1")
	plan(t, s)
	send(t, s, "")
	if got := mailOf(t, w, "b0"); got != "skipped changed" || len(server.Messages()) != 0 {
		t.Errorf("a cancelled booking's mail is %q", got)
	}
}

func TestABookingThatHasMovedIsNotMailedOfItsOldTime(t *testing.T) {
	w, server := due(t, 3)
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	w.Change("b0", func(b *booking.Booking) { b.State = booking.Cancelled })
	w.Change("b1", func(b *booking.Booking) { b.Start = b.Start.Add(time.Hour) })
	if got := send(t, s, ""); got != (reminder.Tally{Sent: 1, Skipped: 2}) {
		t.Errorf("tally %+v", got)
	}
	if a, b := mailOf(t, w, "b0"), mailOf(t, w, "b1"); a != "skipped changed" || b != "skipped changed" {
		t.Errorf("cancelled: %q, moved: %q", a, b)
	}
}

func TestWithoutTheLedgerNoMailGoes(t *testing.T) {
	w, server := due(t, 2)
	store := &stolen{Store: w.DB, err: fault.New(fault.LedgerAway)}
	s := store.hub(w, server, "hub1")
	plan(t, s)
	send(t, s, fault.LedgerAway)
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d went without a claim", n)
	}
	store.err = nil // the mail server is not to blame: no pause
	if got := send(t, s, ""); got.Sent != 2 {
		t.Errorf("the ledger is back: %+v", got)
	}
}

// A job's run has an end, and a long run of mails comes to it.
func TestARunThatEndsInTheMidstOfMailsIsGoneOnWithAtOnce(t *testing.T) {
	w, server := due(t, 40)
	ctx, end := context.WithCancel(context.Background())
	var claims atomic.Int32
	s := (&stolen{Store: w.DB, before: func(event.ReminderKey) {
		if claims.Add(1) == 10 {
			end()
		}
	}}).hub(w, server, "hub1")
	plan(t, s)
	first, err := s.Send(ctx)
	if err != nil || first.Sent == 0 || first.Sent >= 10 || first != (reminder.Tally{Sent: first.Sent}) {
		t.Errorf("the first run: %+v, %v", first, err)
	}
	if got := send(t, s, ""); got != (reminder.Tally{Sent: 40 - first.Sent}) {
		t.Errorf("after %d the next run: %+v", first.Sent, got)
	}
	if ids := server.IDs(t); len(ids) != 40 || slices.Max(counts(ids)) != 1 {
		t.Errorf("%d of 40 came", len(ids))
	}
}

func TestARunThatEndsWhileItDialsDoesNotBlameTheMailServer(t *testing.T) {
	w, server := due(t, 1)
	ctx, end := context.WithCancel(context.Background())
	first := remindertest.Refuse("EHLO", 1, remindertest.Drop)
	server.Answer = func(command, argument string) string {
		reply := first(command, argument)
		if reply != "" {
			end()
		}
		return reply
	}
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	if got, err := s.Send(ctx); err != nil || got != (reminder.Tally{}) {
		t.Errorf("the run that ended: %+v, %v", got, err)
	}
	if got := send(t, s, ""); got.Sent != 1 {
		t.Errorf("the next one: %+v", got)
	}
}

// forgetful is a ledger that does not take what became of mails, as if the
// process had died after the server's answer.
type forgetful struct{ reminder.Store }

func (forgetful) MarkReminders(context.Context, []event.ReminderMark) error {
	return fault.New(fault.LedgerAway)
}

func TestWhatADeadHubWasSendingIsUnknownAndNeverSentAgain(t *testing.T) {
	w, server := due(t, 1)
	a := reminder.New(reminder.Config{Store: forgetful{w.DB}, Catalogue: remindertest.Catalogue(), Contacts: w.Contacts, House: w.House, Machine: w.Machine,
		Hub: "a", Post: w.Post(server), Mails: w.Mails})
	plan(t, a)
	if _, err := a.Send(context.Background()); err == nil || len(server.Messages()) != 1 {
		t.Fatalf("sent %d, %v", len(server.Messages()), err)
	}
	b := w.Hub("b", w.Post(server))
	w.Watches(b)
	plan(t, b)
	send(t, b, "")
	if got := mailOf(t, w, "b0"); got != "unknown hub_gone" || len(server.Messages()) != 1 {
		t.Errorf("the dead hub's mail is %q, sent %d times", got, len(server.Messages()))
	}
}

func TestADroppedAddressGetsNoMail(t *testing.T) {
	w, server := due(t, 1)
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	if err := w.Contacts.Drop(context.Background(), "h0"); err != nil {
		t.Fatal(err)
	}
	send(t, s, "")
	if got := mailOf(t, w, "b0"); got != "skipped no_address" || len(server.Messages()) != 0 {
		t.Errorf("it is %q", got)
	}
}

func TestAnAddressIsKeptForLongerWhenItIsUsed(t *testing.T) {
	ctx := context.Background()
	w, server := due(t, 1)
	w.Machine.Advance(50 * 24 * time.Hour)
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	send(t, s, "")
	w.Machine.Advance(50 * 24 * time.Hour)
	if _, ok, err := w.Contacts.Get(ctx, "h0"); !ok || err != nil {
		t.Errorf("forgotten 50 days after its use: %v", err)
	}
	w.Machine.Advance(11 * 24 * time.Hour)
	if err := s.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	if rs, err := w.Records(ctx, event.ContactKind, ""); err != nil || len(rs) != 0 {
		t.Errorf("kept for more than 60 days: %v %v", rs, err)
	}
}

func TestClosingStopsSendingAndGivesTheLeadUp(t *testing.T) {
	w, server := due(t, 40)
	a, b := w.Hub("a", w.Post(server)), w.Hub("b", w.Post(server))
	plan(t, a)
	closed := make(chan error, 1)
	server.Answer = func(command, _ string) string {
		if command == "." && len(closed) == 0 {
			select {
			case closed <- nil:
				go func() { closed <- a.Close(context.Background()) }()
			default:
			}
		}
		return ""
	}
	send(t, a, "")
	<-closed
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	first := len(server.Messages())
	w.Machine.Advance(time.Second)
	plan(t, b)
	send(t, b, "")
	if first == 40 {
		t.Log("all had gone before the close")
	}
	ids := server.IDs(t)
	if len(ids) != 40 || slices.Max(counts(ids)) != 1 {
		t.Errorf("%d of 40 came, %d at first", len(ids), first)
	}
}

func counts(ids map[string]int) (out []int) {
	for _, n := range ids {
		out = append(out, n)
	}
	return out
}

func TestTheLineIsEncryptedAndSignedInWhereOffered(t *testing.T) {
	w, server := due(t, 1)
	server.Secure = true
	p, err := reminder.NewPost("smtp://vez:secret@"+server.Addr(), "vez@example.org")
	if err != nil {
		t.Fatal(err)
	}
	s := w.Hub("hub1", p)
	plan(t, s)
	send(t, s, fault.MailAway) // nobody vouches for the certificate
	p.Trust(&tls.Config{RootCAs: server.Pool, ServerName: "127.0.0.1"})
	w.Machine.Advance(time.Minute)
	if got := send(t, s, ""); got.Sent != 1 {
		t.Errorf("tally %+v", got)
	}
	if _, who := server.Opened(); !strings.HasPrefix(who, "AUTH PLAIN ") {
		t.Errorf("signed in with %q", who)
	}
}

func TestALineEncryptedFromTheFirstByteIsSignedIn(t *testing.T) {
	w, server := due(t, 1)
	server.Wrapped = true
	p, err := reminder.NewPost("smtps://vez:secret@"+server.Addr(), "vez@example.org")
	if err != nil {
		t.Fatal(err)
	}
	p.Trust(&tls.Config{RootCAs: server.Pool, ServerName: "127.0.0.1"})
	s := w.Hub("hub1", p)
	plan(t, s)
	if got := send(t, s, ""); got.Sent != 1 {
		t.Errorf("tally %+v", got)
	}
	if _, who := server.Opened(); !strings.HasPrefix(who, "AUTH PLAIN ") {
		t.Errorf("signed in with %q", who)
	}
}

func TestTheLogTellsWhyTheMailServerIsAwayAndNoLineStaysOpen(t *testing.T) {
	trusted := func(server *remindertest.Server, p *reminder.Post) {
		p.Trust(&tls.Config{RootCAs: server.Pool, ServerName: "127.0.0.1"})
	}
	for class, c := range map[string]struct {
		stop  bool
		reply string // to AUTH
		trust func(*remindertest.Server, *reminder.Post)
	}{
		"refused":     {stop: true},
		"certificate": {},
		"sign-in":     {reply: "535 5.7.8 vez@example.org: wrong", trust: trusted},
	} {
		t.Run(class, func(t *testing.T) {
			w, server := due(t, 1)
			server.Secure = true
			server.Answer = func(command, _ string) string {
				switch {
				case c.reply == "":
				case strings.HasPrefix(command, "AUTH"):
					return c.reply
				case command == "*", command == "QUIT": // and does not close
					return "250 fine"
				}
				return ""
			}
			p, err := reminder.NewPost("smtp://vez:secret@"+server.Addr(), "vez@example.org")
			if err != nil {
				t.Fatal(err)
			}
			if c.trust != nil {
				c.trust(server, p)
			}
			if c.stop {
				server.Stop()
			}
			s := w.Hub("hub1", p)
			plan(t, s)
			_, err = s.Send(context.Background())
			if fault.CodeOf(err) != fault.MailAway || !strings.Contains(err.Error(), class) || strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the log says %v", err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := server.Quiet(ctx); err != nil {
				t.Error("a line was left open")
			}
		})
	}
}

func TestAMailServerThatCannotBeReadIsRefused(t *testing.T) {
	for _, c := range [][2]string{{"", "vez@example.org"}, {"http://host", "vez@example.org"}, {"smtp://host", "nobody"}, {"smtp://", "vez@example.org"}} {
		if _, err := reminder.NewPost(c[0], c[1]); fault.CodeOf(err) != fault.Configuration {
			t.Errorf("%q: %v", c, err)
		}
	}
}

var errNoPaper = errors.New("no paper")
