//go:build paper

package reminder_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/ledger"
	"vez/ledger/pgtest"
	"vez/office"
	"vez/reminder"
	"vez/reminder/remindertest"
)

// The settings of a hub that the journey starts as a process of its own.
const (
	hubEnv  = "VEZ_TEST_HUB"
	dirEnv  = "VEZ_TEST_DIR"
	urlEnv  = "VEZ_TEST_URL"
	smtpEnv = "VEZ_TEST_SMTP"
)

// journeyLines is how many lines a hub of the journey opens; each that is cut may leave one mail in doubt.
const journeyLines = 12

func TestMain(m *testing.M) {
	if os.Getenv(hubEnv) != "" {
		if err := beHub(); err != nil {
			slog.Error("hub", "err", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(pgtest.Main(m))
}

func TestTwentyThousandAtOnceEachOnceThoughLeadersDie(t *testing.T) {
	journey(t, ledger.Config{Dir: t.TempDir()}, 20_000)
}

func TestOnPostgreSQLEachGoesOnceThoughLeadersDie(t *testing.T) {
	journey(t, ledger.Config{Dir: t.TempDir(), URL: pgtest.URL(t), Key: "demo"}, 4_000)
}

// journey has n mails fall due at once, kills the hub that leads at a fifth and
// at three fifths of them, and compares what the mail server has with what the ledger says.
func journey(t *testing.T, cfg ledger.Config, n int) {
	start := time.Now().Add(115 * time.Minute).Truncate(time.Minute)
	keys := many(t, cfg, n, start)
	server := startMaildir(t)
	began := time.Now()
	first := startHub(t, cfg, server.addr, "first")
	first.wait(t, "leads")
	second := startHub(t, cfg, server.addr, "second")
	server.reaches(t, n/5)
	first.kill(t)
	second.wait(t, "leads")
	third := startHub(t, cfg, server.addr, "third")
	server.reaches(t, 3*n/5)
	second.kill(t)
	third.wait(t, "leads")
	third.wait(t, "done")
	took := time.Since(began)
	third.stop(t)
	server.stop(t)
	compare(t, cfg, server.folder, keys, 2*journeyLines)
	t.Logf("%d mails in %v, two leaders killed", n, took.Round(time.Millisecond))
}

// many books n demo people two hours before now's reminder, each with an address.
func many(t *testing.T, cfg ledger.Config, n int, start time.Time) map[string]event.ReminderKey {
	t.Helper()
	ctx := context.Background()
	house := clockwork.NewFakeClockAt(start.Add(-5 * time.Hour))
	db := openLedger(t, cfg, house)
	defer db.Close()
	contacts, mails, err := remindertest.Join(db, clockwork.NewRealClock())
	if err != nil {
		t.Fatal(err)
	}
	sealed := map[string][]byte{}
	if contacts, err = reminder.OpenContacts(ctx, db, kept(sealed), clockwork.NewRealClock()); err != nil {
		t.Fatal(err)
	}
	keys := map[string]event.ReminderKey{}
	for from := 0; from < n; from += 200 {
		err := db.Do(ctx, event.Scope{Offices: []string{remindertest.Office}}, func(tx *ledger.Tx) error {
			var images event.Images
			for i := from; i < min(from+200, n); i++ {
				id, holder := fmt.Sprint("b", i), fmt.Sprint("h", i)
				images.Bookings = append(images.Bookings, booking.Booking{ID: id, Reference: fmt.Sprint("R", i), Office: remindertest.Office,
					Queue: remindertest.Queue, Service: remindertest.Card, Day: office.DayOf(start, remindertest.Macau), State: booking.Confirmed,
					Class: booking.Standard, Origin: booking.Online, Start: start.UTC(), End: start.UTC().Add(time.Minute), People: 1, Made: tx.Now()})
				if err := errors.Join(contacts.Set(ctx, holder, reminder.Address{Email: remindertest.Email(i), Lang: "zh-Hant"}),
					tx.SetHolder(id, holder, "macao"),
					tx.Put(event.Record{Kind: event.ContactKind, ID: holder, Owner: holder, Data: sealed[holder], Expires: time.Now().Add(time.Hour)})); err != nil {
					return err
				}
				k := event.ReminderKey{Booking: id, Start: start.UTC(), Before: 2 * time.Hour, Channel: event.ChannelMail}
				keys["<"+mails.ID(k, "example.org")+">"] = k
			}
			_, err := tx.Append(event.Draft{Office: remindertest.Office, Kind: event.KindConfirmed, Images: images})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func openLedger(t *testing.T, cfg ledger.Config, house clockwork.Clock) *ledger.DB {
	t.Helper()
	cfg.House, cfg.Machine = house, clockwork.NewRealClock()
	db, err := ledger.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// kept takes sealed addresses, so that they can be written many at a time.
type kept map[string][]byte

func (k kept) Put(_ context.Context, _, id, _ string, data []byte, _ time.Time) error {
	k[id] = data
	return nil
}
func (k kept) Replace(context.Context, string, string, string, []byte, []byte, time.Time) error {
	return nil
}
func (k kept) Get(context.Context, string, string) ([]byte, bool, error) { return nil, false, nil }
func (k kept) Delete(context.Context, string, string) error              { return nil }

// maildir is a real mail server.
type maildir struct {
	folder, addr string
	cmd          *exec.Cmd
	in           io.WriteCloser
	says         *bufio.Scanner
}

func startMaildir(t *testing.T) *maildir {
	t.Helper()
	s := &maildir{folder: filepath.Join(t.TempDir(), "mail")}
	const python = "/usr/bin/python3" // Debian's, which has Debian's modules
	if exec.Command(python, "-c", "import aiosmtpd").Run() != nil {
		if os.Getenv("VEZ_REQUIRE_SMTP") != "" {
			t.Fatal("no mail server: install python3-aiosmtpd")
		}
		t.Skip("no mail server: install python3-aiosmtpd")
	}
	s.cmd = exec.Command(python, filepath.Join("testdata", "maildir.py"), s.folder)
	s.cmd.Stderr = os.Stderr
	s.in, s.says = pipes(t, s.cmd)
	if !s.says.Scan() {
		t.Fatal("the mail server does not start")
	}
	s.addr = "127.0.0.1:" + s.says.Text()
	return s
}

// pipes starts a program that is killed at the latest with the test.
func pipes(t *testing.T, cmd *exec.Cmd) (io.WriteCloser, *bufio.Scanner) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return in, bufio.NewScanner(out)
}

// reaches waits until the server has taken n mails.
func (s *maildir) reaches(t *testing.T, n int) {
	t.Helper()
	for s.says.Scan() {
		if got, err := strconv.Atoi(s.says.Text()); err == nil && got >= n {
			return
		}
	}
	t.Fatalf("the mail server ended before it had %d mails", n)
}

func (s *maildir) stop(t *testing.T) {
	t.Helper()
	go func() {
		for s.says.Scan() {
		}
	}()
	if err := errors.Join(s.in.Close(), s.cmd.Wait()); err != nil {
		t.Error(err)
	}
}

// process is a hub of its own.
type process struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	says *bufio.Scanner
}

func startHub(t *testing.T, cfg ledger.Config, smtp, name string) *process {
	t.Helper()
	p := &process{name: name, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), hubEnv+"="+name, dirEnv+"="+cfg.Dir, urlEnv+"="+cfg.URL, smtpEnv+"="+smtp)
	p.cmd.Stderr = os.Stderr
	p.in, p.says = pipes(t, p.cmd)
	p.wait(t, "open")
	return p
}

// wait reads until the hub says a word.
func (p *process) wait(t *testing.T, word string) {
	t.Helper()
	for p.says.Scan() {
		if p.says.Text() == word {
			return
		}
	}
	t.Fatalf("the %s hub ended before it said %q", p.name, word)
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

func (p *process) stop(t *testing.T) {
	t.Helper()
	go func() {
		for p.says.Scan() {
		}
	}()
	if err := errors.Join(p.in.Close(), p.cmd.Wait()); err != nil {
		t.Errorf("the %s hub: %v", p.name, err)
	}
}

// beHub plans and sends until standard input ends, as a hub's jobs do.
func beHub() error {
	clock := clockwork.NewRealClock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cfg := ledger.Config{Dir: os.Getenv(dirEnv), URL: os.Getenv(urlEnv), House: clock, Machine: clock}
	if cfg.URL != "" {
		cfg.Key = "demo"
	}
	db, err := ledger.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	contacts, mails, err := remindertest.Join(db, clock)
	if err != nil {
		return err
	}
	post, err := reminder.NewPost("smtp://"+os.Getenv(smtpEnv), "vez@example.org")
	if err != nil {
		return err
	}
	s := reminder.New(reminder.Config{Store: db, Catalogue: remindertest.Catalogue(), Contacts: contacts, House: clock, Machine: clock,
		Hub: os.Getenv(hubEnv), Post: post, Mails: mails, Lease: 3 * time.Second, Lines: journeyLines,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	fmt.Println("open")
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	go every(ctx, clock, func() error { return s.Plan(ctx) })
	led, done := false, false
	every(ctx, clock, func() error {
		if !led && s.Leads(ctx) {
			led = true
			fmt.Println("leads")
		}
		if _, err := s.Send(ctx); err != nil || !led || done {
			return err
		}
		left, err := waiting(ctx, db)
		if err == nil && left == 0 {
			done = true
			fmt.Println("done")
		}
		return err
	})
	return s.Close(context.Background())
}

func every(ctx context.Context, clock clockwork.Clock, run func() error) {
	for ctx.Err() == nil {
		if err := run(); err != nil && ctx.Err() == nil {
			slog.Warn("job", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-clock.After(50 * time.Millisecond):
		}
	}
}

// waiting counts what is not settled yet.
func waiting(ctx context.Context, db *ledger.DB) (int, error) {
	counts, err := db.CountReminders(ctx, remindertest.Office, "2000-01-01", "2100-01-01")
	mails := counts[event.ChannelMail]
	fresh, e := db.NewRemindable(ctx, time.Now(), time.Now().AddDate(0, 0, 9), 1)
	return mails[event.RemindQueued] + mails[event.RemindSending] + counts[event.ChannelMemo][event.RemindPlanned] + len(fresh), errors.Join(err, e)
}

// compare looks at each mail, one by one, by its Message-ID.
func compare(t *testing.T, cfg ledger.Config, folder string, keys map[string]event.ReminderKey, unknownMost int) {
	t.Helper()
	came := map[string]int{}
	files, err := os.ReadDir(filepath.Join(folder, "new"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(folder, "new", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		came[m.Header.Get("Message-Id")]++
	}
	db := openLedger(t, cfg, clockwork.NewRealClock())
	defer db.Close()
	states := map[event.ReminderKey]event.Remind{}
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.Booking)
	}
	rows, err := db.RemindersOf(context.Background(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		states[r.ReminderKey] = r.State
	}
	tally := map[string]int{}
	for id, k := range keys {
		state := states[k]
		tally[fmt.Sprintf("%s, came %d times", state, came[id])]++
		if came[id] > 1 || state == event.RemindSent && came[id] != 1 || state != event.RemindSent && state != event.RemindUnknown {
			t.Errorf("%s is %q and came %d times", k.Booking, state, came[id])
		}
		if state == event.RemindUnknown {
			unknownMost--
		}
		delete(came, id)
	}
	if len(came) > 0 {
		t.Errorf("%d mails came that nobody sent", len(came))
	}
	if unknownMost < 0 {
		t.Errorf("%d more are unknown than lines were cut", -unknownMost)
	}
	t.Logf("of %d: %v", len(keys), tally)
}
