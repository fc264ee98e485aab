package reminder

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/office"
)

// Store is what reminders need of the ledger; package ledger says more of each method.
type Store interface {
	Lease(ctx context.Context, name, holder string, until time.Time) (bool, error)

	NewRemindable(ctx context.Context, from, to time.Time, limit int) ([]event.Remindable, error)
	AllRemindable(ctx context.Context, after time.Time, id string, to time.Time, limit int) ([]event.Remindable, error)
	DueRemindable(ctx context.Context, now time.Time, limit int) ([]event.Remindable, error)
	PlanReminders(ctx context.Context, rs []event.Reminder) error
	TidyReminders(ctx context.Context, now time.Time) (int, error)
	StrandedReminders(ctx context.Context, hub string, now time.Time) (int, error)
	SweepReminders(ctx context.Context, before time.Time) (int, error)
	SweepContacts(ctx context.Context) (int, error)

	OutgoingReminders(ctx context.Context, c event.Channel, now time.Time, limit int) ([]event.Outgoing, error)
	ClaimReminder(ctx context.Context, k event.ReminderKey, hub string, at time.Time, settled ...event.ReminderMark) (bool, error)
	MarkReminders(ctx context.Context, marks []event.ReminderMark) error

	MakeBatch(ctx context.Context, office string, day office.Day, until time.Time, before time.Duration, mailed bool, hub string, at time.Time) ([]event.Reminder, error)
	OpenBatches(ctx context.Context) ([]event.Reminder, error)
	BatchOf(ctx context.Context, office string, day office.Day) ([]event.Reminder, error)

	RemindersOf(ctx context.Context, bookings ...string) ([]event.Reminder, error)
	RemindersOn(ctx context.Context, office string, from, to office.Day, limit int) ([]event.Reminder, error)
	CountReminders(ctx context.Context, office string, from, to office.Day) (map[event.Channel]map[event.Remind]int, error)
}

// Config joins the room with the others.
type Config struct {
	Store     Store
	Catalogue *office.Catalogue
	Contacts  *Contacts
	// House is what is due; Machine runs the lease and the back-off.
	House, Machine clockwork.Clock
	// Hub names this process among hubs and among its own restarts.
	Hub string
	// Post sends mail; nil for none.
	Post *Post
	// Mails composes them; not needed without Post.
	Mails *Mails
	// Lines is how many connections to the mail server are open while there is
	// something to send; 0 for 4.
	Lines int
	// Letters asks for the paper of an office's batch of a day and gives the
	// print job's id; asked again, it gives the same. nil for no letters.
	Letters func(ctx context.Context, office, ref string) (job string, err error)
	// Lease is how long a hub leads without a sign of life; 0 for 15 seconds.
	Lease time.Duration
	// Log hears counts and codes, never an address; nil for none.
	Log *slog.Logger
}

const (
	leaseName = "reminders"
	leaseFor  = 15 * time.Second
	// mailerName is the lease of one of the hubs that have a mail server. Others
	// do not lead as long as somebody keeps it; it outlasts a hub's new start.
	mailerName  = "reminders-mail"
	mailerFor   = 5 * time.Minute
	mailerAgain = time.Minute
	// linesUsual are few enough for a mail server that counts them.
	linesUsual = 4
	// aheadMore is how much further ahead than the longest rule bookings are
	// planned: the letters of a working day reach over the holidays behind it.
	aheadMore = 10 * day
	// keptFor is how long a reminder can be looked up after the start.
	keptFor = 31 * day
	// page is how many bookings one change plans: few, so that nobody at a counter waits for it.
	page = 100
)

// Service plans and sends reminders at the one hub that leads, and tells every
// hub what became of them. It is safe for concurrent use.
type Service struct {
	cfg     Config
	longest time.Duration // of all rules
	ended   chan struct{} // closed to stop sending

	mu       sync.Mutex
	until    time.Time // of the lease, machine time
	tried    time.Time // when it was last asked for
	mailer   time.Time // when the lease of those that can mail was last got
	looked   bool      // everything was planned since the lead was taken
	lettered map[string]office.Day

	sending sync.Mutex // one run of sending at a time; guards the rest
	rest    rest
	pending []event.ReminderMark // that the ledger has not taken yet
}

// New makes the room's service.
func New(cfg Config) *Service {
	if cfg.Lease == 0 {
		cfg.Lease = leaseFor
	}
	if cfg.Lines <= 0 {
		cfg.Lines = linesUsual
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{cfg: cfg, ended: make(chan struct{}), lettered: map[string]office.Day{}}
	for _, service := range cfg.Catalogue.Services {
		s.longest = max(s.longest, slices.Max(append(service.Rules.Remind, 0)))
		for _, c := range service.Cases {
			s.longest = max(s.longest, slices.Max(append(c.Rules.Remind, 0)))
		}
	}
	return s
}

// Leads tells whether this hub is the one that reminds. It renews the lease in
// good time and asks for a free one, each at most every third of its length. A
// hub without a mail server leaves it to those that have one.
func (s *Service) Leads(ctx context.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Machine.Now()
	left := s.until.Sub(now)
	if left > s.cfg.Lease { // the clock went back
		left = 0
	}
	if left > s.cfg.Lease*2/3 {
		return true
	}
	if now.Sub(s.tried).Abs() < s.cfg.Lease/3 || s.over() {
		return left > 0
	}
	s.tried = now
	got, err := s.askLead(ctx, now)
	switch {
	case err != nil:
		s.cfg.Log.Warn("reminders: the lease", "err", err)
		return left > 0
	case !got:
		s.until, s.looked = time.Time{}, false
		return false
	}
	if left <= 0 {
		s.looked = false
		clear(s.lettered)
		s.cfg.Log.Info("reminders: this hub leads", "hub", s.cfg.Hub)
	}
	s.until = now.Add(s.cfg.Lease)
	return true
}

// askLead asks for the lease, or gives it up to a hub that can mail.
func (s *Service) askLead(ctx context.Context, now time.Time) (bool, error) {
	may, err := s.mayLead(ctx, now)
	switch {
	case err != nil:
		return false, err
	case may:
		return s.cfg.Store.Lease(ctx, leaseName, s.cfg.Hub, now.Add(s.cfg.Lease))
	case !s.until.IsZero():
		_, err = s.cfg.Store.Lease(ctx, leaseName, s.cfg.Hub, now.Add(-time.Second))
	}
	return false, err
}

// mayLead is false for a hub without a mail server while another one lives that
// has it: what it decided would be decided without mails. Who has one shows here
// that it lives; it does not say so when it ends, for it may only start anew.
func (s *Service) mayLead(ctx context.Context, now time.Time) (bool, error) {
	if s.cfg.Post == nil {
		return s.cfg.Store.Lease(ctx, mailerName, s.cfg.Hub, now.Add(-time.Second))
	}
	if now.Sub(s.mailer).Abs() < mailerAgain {
		return true, nil
	}
	got, err := s.cfg.Store.Lease(ctx, mailerName, s.cfg.Hub, now.Add(mailerFor))
	if got {
		s.mailer = now
	}
	return true, err
}

// over tells that Close was called.
func (s *Service) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// Close stops sending, waits until ctx ends for the mails that are being handed
// over, and gives the lead up. Nothing may be called after it.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.over() {
		close(s.ended)
	}
	led := s.until.After(s.cfg.Machine.Now())
	s.until = time.Time{}
	s.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		s.sending.Lock() // a run ends soon after ended is closed
		defer s.sending.Unlock()
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !led {
		return nil
	}
	_, err := s.cfg.Store.Lease(ctx, leaseName, s.cfg.Hub, s.cfg.Machine.Now().Add(-time.Second))
	return err
}

// zoneOf gives the zone of an office; UTC for one that is unknown.
func (s *Service) zoneOf(id string) *time.Location {
	if o := s.cfg.Catalogue.Office(id); o != nil {
		return o.Location()
	}
	return time.UTC
}

// OfBookings gives the reminders of bookings, planned ones too, by booking;
// each list by start, the earliest cause first. One of another start than the
// booking has now is of a time that it was moved from.
func (s *Service) OfBookings(ctx context.Context, ids ...string) (map[string][]event.Reminder, error) {
	all, err := s.cfg.Store.RemindersOf(ctx, ids...)
	out := map[string][]event.Reminder{}
	for _, r := range all {
		if r.Before > 0 {
			out[r.Booking] = append(out[r.Booking], r)
		}
	}
	return out, err
}

// Summary is an office's reminders over some days, without names.
type Summary struct {
	Counts map[event.Channel]map[event.Remind]int
	// Rows are what failed or is unknown, then the newest; at most 200.
	Rows []event.Reminder
}

const rowsMost = 200

// Board sums up an office's reminders that were due from one day to another, both included.
func (s *Service) Board(ctx context.Context, id string, from, to office.Day) (Summary, error) {
	counts, err := s.cfg.Store.CountReminders(ctx, id, from, to)
	if err != nil {
		return Summary{}, err
	}
	rows, err := s.cfg.Store.RemindersOn(ctx, id, from, to, rowsMost)
	return Summary{Counts: counts, Rows: rows}, err
}

// Batch lists the letters of an office's batch of a day, always the same ones in the same order.
func (s *Service) Batch(ctx context.Context, id string, on office.Day) ([]event.Reminder, error) {
	return s.cfg.Store.BatchOf(ctx, id, on)
}

// Forget deletes reminders long past and addresses that have expired, and logs how many.
func (s *Service) Forget(ctx context.Context) error {
	gone, err := s.cfg.Store.SweepContacts(ctx)
	if err != nil {
		return err
	}
	if gone > 0 {
		s.cfg.Log.Info("reminders: e-mail addresses were forgotten", "count", gone)
	}
	if !s.Leads(ctx) {
		return nil
	}
	rows, err := s.cfg.Store.SweepReminders(ctx, s.cfg.House.Now().Add(-keptFor))
	if rows > 0 {
		s.cfg.Log.Info("reminders: old ones were deleted", "count", rows)
	}
	return err
}
