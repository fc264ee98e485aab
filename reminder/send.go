package reminder

import (
	"context"
	"errors"
	"sync"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
)

const (
	// batch is how many mails are read at once.
	batch = 400
	// triesMost is how often a mail that is put off is tried: over some four hours.
	triesMost = 8
	// restLeast and restMost bound the rest after the mail server was away.
	restLeast = 5 * time.Second
	restMost  = 5 * time.Minute
)

// Reasons of mails.
const (
	NoAnswer = "no_answer" // the server had the whole message and did not answer
	PutOff   = "put_off"   // the server does not take it now
)

// rest is the pause after the mail server was away.
type rest struct {
	until time.Time
	last  time.Duration
}

// wait tells whether it is too early to try again.
func (r *rest) wait(now time.Time) bool {
	left := r.until.Sub(now)
	return left > 0 && left <= r.last
}

// more makes the pause longer each time.
func (r *rest) more(now time.Time) {
	r.last = min(max(2*r.last, restLeast), restMost)
	r.until = now.Add(r.last)
}

// backOff is how long a mail that was put off waits for its n-th next try: a minute, doubled each time, at most an hour.
func backOff(n int) time.Duration { return min(time.Minute<<min(n-1, 6), time.Hour) }

// Tally is what became of mails in one run.
type Tally struct{ Sent, PutOff, Failed, Unknown, Skipped int }

func (t *Tally) add(state event.Remind) {
	switch state {
	case event.RemindSent:
		t.Sent++
	case event.RemindQueued:
		t.PutOff++
	case event.RemindFailed:
		t.Failed++
	case event.RemindUnknown:
		t.Unknown++
	case event.RemindSkipped:
		t.Skipped++
	}
}

// Send sends the mails that are queued until none is left, ctx ends, or this
// hub leads no longer; the next run goes on. A fault mail_away says that the mail
// server is not there; it is left alone for a while then.
func (s *Service) Send(ctx context.Context) (Tally, error) {
	leads := s.Leads(ctx) // asked for also without a mail server: this job keeps the lead
	if s.cfg.Post == nil {
		return Tally{}, nil
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	err := s.settle(&s.pending)
	if err != nil || !leads || s.rest.wait(s.cfg.Machine.Now()) {
		return Tally{}, err
	}
	d := &drain{s: s, ctx: ctx, open: s.cfg.Lines}
	for range s.cfg.Lines {
		d.senders = append(d.senders, &sender{drain: d})
	}
	for err == nil && d.goesOn() {
		var out []event.Outgoing
		out, err = s.cfg.Store.OutgoingReminders(ctx, event.ChannelMail, s.cfg.House.Now(), batch)
		if err != nil && ctx.Err() != nil {
			err = nil // the run has ended
			break
		}
		if err != nil || len(out) == 0 {
			break
		}
		err = d.all(out)
	}
	d.quit()
	return d.tally, errors.Join(err, s.report(d))
}

// settle writes what became of mails and leaves what the ledger does not take.
func (s *Service) settle(marks *[]event.ReminderMark) error {
	for len(*marks) > 0 {
		n := min(len(*marks), page)
		// Not with the run's context: what is known must not be lost as it ends.
		if err := s.cfg.Store.MarkReminders(context.Background(), (*marks)[:n]); err != nil {
			return err
		}
		*marks = (*marks)[n:]
	}
	return nil
}

// report logs a run in counts and codes.
func (s *Service) report(d *drain) error {
	if d.tally != (Tally{}) {
		t := d.tally
		s.cfg.Log.Info("reminders: mails", "sent", t.Sent, "put_off", t.PutOff, "failed", t.Failed, "unknown", t.Unknown, "skipped", t.Skipped)
	}
	if d.away == nil && d.tally.Sent == 0 {
		d.away = d.why
	}
	if d.away == nil {
		if d.tally.Sent > 0 {
			s.rest = rest{}
		}
		return d.failed
	}
	s.rest.more(s.cfg.Machine.Now())
	return errors.Join(fault.New(fault.MailAway).Because(d.away), d.failed)
}

// drain is one run of sending.
type drain struct {
	s       *Service
	ctx     context.Context
	senders []*sender

	mu    sync.Mutex
	tally Tally
	open  int      // senders that have not given up
	why   *trouble // why the last of the others did
	// No more are begun after one of these:
	away   *trouble // with the mail server
	failed error    // of the ledger
}

// goesOn tells whether one more mail may be begun.
func (d *drain) goesOn() bool {
	d.mu.Lock()
	stopped := d.away != nil || d.failed != nil
	d.mu.Unlock()
	return !stopped && d.ctx.Err() == nil && !d.s.over() && d.s.Leads(d.ctx)
}

// fail ends the run, for the ledger's fault; the mails that are being handed
// over end by themselves. That the run's own time is up is no fault.
func (d *drain) fail(why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil && d.ctx.Err() == nil {
		d.failed = why
	}
}

// all sends mails over all lines and returns when what became of each is in the ledger.
func (d *drain) all(out []event.Outgoing) error {
	work := make(chan event.Outgoing, len(out))
	for _, o := range out {
		work <- o
	}
	close(work)
	var workers sync.WaitGroup
	errs := make([]error, len(d.senders))
	for i, x := range d.senders {
		workers.Go(func() {
			for !x.gaveUp && d.goesOn() {
				o, more := <-work
				if !more {
					break
				}
				x.one(o)
			}
			errs[i] = d.s.settle(&x.marks)
		})
	}
	workers.Wait()
	for _, x := range d.senders {
		d.s.pending, x.marks = append(d.s.pending, x.marks...), nil
	}
	return errors.Join(errs...)
}

// quit closes the lines.
func (d *drain) quit() {
	for _, x := range d.senders {
		if x.line != nil {
			x.line.quit()
		}
	}
}

// sender is one line of a run and what the ledger does not know of it yet: the
// end of its last mail, which the claim of its next one carries along.
type sender struct {
	*drain
	line   *line // nil when none is open
	marks  []event.ReminderMark
	gaveUp bool
}

// giveUp ends this sender's run. A server may take fewer lines than we open:
// it is away when the last sender has given up, or when nobody gets anything through.
func (x *sender) giveUp(t *trouble) {
	x.gaveUp = true
	x.mu.Lock()
	defer x.mu.Unlock()
	x.open--
	x.why = t
	if x.open == 0 {
		x.away = t
	}
}

// one sends a mail, or finds out why not.
func (x *sender) one(o event.Outgoing) {
	to, text, ok := x.write(o)
	if !ok {
		return
	}
	if t := x.offered(to.Email); t != nil {
		if t.kind != cutShort {
			x.put(o, event.RemindQueued, t)
		}
		return
	}
	if !x.claim(o) {
		x.drop() // without the dot nothing is taken
		return
	}
	if t := x.line.deliver(text); t != nil {
		x.after(t)
		x.put(o, event.RemindSending, t)
		return
	}
	x.mark(o, event.RemindSending, event.RemindSent, "", 0)
	x.s.renew(x.ctx, o.Holder, to)
}

// write composes a mail as it goes over the line; false when there is nobody to send it to.
func (x *sender) write(o event.Outgoing) (to contact, text []byte, ok bool) {
	if o.Details.State != booking.Confirmed || !o.Details.Start.Equal(o.Start) {
		x.mark(o, event.RemindQueued, event.RemindSkipped, Changed, 0)
		return to, nil, false
	}
	to, err := x.s.cfg.Contacts.open(o.Holder, o.Contact)
	if errors.Is(err, errNoContact) {
		x.mark(o, event.RemindQueued, event.RemindSkipped, NoAddress, 0)
		return to, nil, false
	}
	if err == nil {
		text, err = x.s.cfg.Mails.compose(x.s.cfg.Post.from, to.Address, o, x.s.cfg.House.Now(), x.s.cfg.Machine.Now())
	}
	if err == nil {
		text, err = dotted(text)
	}
	if err != nil {
		x.s.cfg.Log.Error("reminders: a mail cannot be composed", "booking", o.Booking, "err", err)
		x.mark(o, event.RemindQueued, event.RemindFailed, string(fault.Unexpected), 0)
	}
	return to, text, err == nil
}

// offered leads a mail up to where its message is wanted. A line that closes
// after other mails have gone over it, perhaps for these, is replaced once.
func (x *sender) offered(to string) *trouble {
	for {
		if t := x.dial(); t != nil {
			return t
		}
		t := x.line.offer(to)
		if t == nil {
			return nil
		}
		again := x.line.used && (t.code == 0 || t.code == 421)
		x.after(t)
		if !again {
			return t
		}
	}
}

// dial opens the line if it is not open.
func (x *sender) dial() *trouble {
	if x.line != nil {
		return nil
	}
	l, err := x.s.cfg.Post.dial(x.ctx)
	x.line = l
	var t *trouble
	switch {
	case err == nil:
		return nil
	case x.ctx.Err() != nil:
		return &trouble{kind: cutShort}
	case errors.As(err, &t):
		return t
	}
	return &trouble{kind: away}
}

// after makes the line fit for the next mail, or drops it.
func (x *sender) after(t *trouble) {
	if t.closes() || x.line.reset() != nil {
		x.drop()
	}
}

func (x *sender) drop() {
	x.line.drop()
	x.line = nil
}

// claim commits, after the server has asked for the message and before it gets
// it, that this hub is sending this mail: nobody else ever will, whatever happens now.
func (x *sender) claim(o event.Outgoing) bool {
	if !x.goesOn() {
		return false
	}
	got, err := x.s.cfg.Store.ClaimReminder(x.ctx, o.ReminderKey, x.s.cfg.Hub, x.s.cfg.House.Now(), x.marks...)
	if err != nil { // it may have been committed; nothing was sent
		x.fail(err)
		x.note(o, event.RemindSending, event.RemindQueued, o.Reason, 0)
		return false
	}
	x.marks = x.marks[:0]
	if !got {
		x.count(func(t *Tally) { t.Skipped++ })
	}
	return got
}

// put marks a mail by the trouble there was with it.
func (x *sender) put(o event.Outgoing, from event.Remind, t *trouble) {
	switch {
	case t.kind == nobodyYet:
		x.mark(o, from, event.RemindUnknown, NoAnswer, 0)
	case t.kind == refused, t.kind == notNow && o.Tries+1 >= triesMost:
		x.mark(o, from, event.RemindFailed, string(fault.MailRefused), 0)
	case t.kind == away:
		x.giveUp(t)
		x.mark(o, from, event.RemindQueued, string(fault.MailAway), restLeast)
	default:
		o.Tries++
		x.mark(o, from, event.RemindQueued, PutOff, backOff(o.Tries))
	}
}

// mark notes what became of a mail, and counts it.
func (x *sender) mark(o event.Outgoing, from, to event.Remind, reason string, wait time.Duration) {
	x.note(o, from, to, reason, wait)
	x.count(func(t *Tally) { t.add(to) })
}

// note keeps a mail's state, until the next claim or the end of the page writes it.
func (x *sender) note(o event.Outgoing, from, to event.Remind, reason string, wait time.Duration) {
	m := event.ReminderMark{ReminderKey: o.ReminderKey, From: from, To: to, Hub: x.s.cfg.Hub, Reason: reason, At: x.s.cfg.House.Now(), Tries: o.Tries}
	if wait > 0 {
		m.Next = x.s.cfg.Machine.Now().Add(wait)
	}
	x.marks = append(x.marks, m)
}

func (d *drain) count(f func(*Tally)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.tally)
}

// renew keeps an address that was used; that it is not kept longer does no harm today.
func (s *Service) renew(ctx context.Context, holder string, used contact) {
	if s.cfg.Machine.Now().Before(used.Renewed.Add(renewAfter)) {
		return
	}
	if err := s.cfg.Contacts.renew(ctx, holder); err != nil {
		s.cfg.Log.Warn("reminders: an address could not be renewed", "err", err)
	}
}
