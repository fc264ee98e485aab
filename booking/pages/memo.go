package pages

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/event"
	"vez/reminder"
	"vez/web"
)

// Reminders are what people are reminded of. *ledger.DB lists them.
type Reminders interface {
	// RemindersOf lists the reminders of bookings, on all channels.
	RemindersOf(ctx context.Context, bookings ...string) ([]event.Reminder, error)
}

// earlierMost is how many reminders of past bookings are listed.
const earlierMost = 20

// memoPage is the memo list of one person.
type memoPage struct {
	New      int
	Upcoming []memoBooking
	Earlier  []memoBooking
	Mail     *mail
	MailDone string
}

// memoBooking is a booking with its reminders. Times are of its office.
type memoBooking struct {
	bookingLine
	Needs  bool // another time: until then there is nothing to remind of
	New    bool
	ToCome []memoCause // the next first
	Given  []memoCause // the newest first
}

// memoCause is one occasion to be reminded, by one or more ways.
type memoCause struct {
	At     time.Time // when it is due, or was given
	Former time.Time // the start that it was about, where the booking has moved since; else zero
	New    bool
	Ways   []memoWay
}

// memoWay is how it stands with one way.
type memoWay struct {
	Channel event.Channel
	State   event.Remind
	Reason  string
}

// Icon of the way.
func (w memoWay) Icon() string {
	switch w.Channel {
	case event.ChannelMail:
		return "mail"
	case event.ChannelPaper:
		return "print"
	}
	return "document"
}

// Text is the key of how it stands, in words.
func (w memoWay) Text() string {
	switch {
	case w.State == event.RemindSkipped && w.Reason == reminder.JustBooked:
		return "booking.memo.state.just_booked"
	case w.State == event.RemindSkipped, w.State == event.RemindPlanned:
		return "booking.memo.state." + string(w.State)
	}
	return "booking.memo.state." + string(w.Channel) + "." + string(w.State)
}

// Trouble says that somebody may not have been reached.
func (w memoWay) Trouble() bool {
	return w.State == event.RemindFailed || w.State == event.RemindUnknown
}

// memo is one's own list of reminders: GET /my/memo. Bookings whose service is
// discreet are not named here; their own page names them.
func (r *room) memo(c *fiber.Ctx) error {
	if r.Reminders == nil {
		return unknown("memo")
	}
	holder, now := citizen(c), r.Hall.Now()
	list, err := r.Hall.Read(c.UserContext()).BookingsOf(holder, now.AddDate(0, 0, -pastDays))
	if err != nil {
		return err
	}
	page := memoPage{}
	if page.Mail, err = r.mailOf(c, ""); err != nil {
		return err
	}
	page.MailDone = mailDone(c, page.Mail)
	rows, err := r.remindersOf(c.UserContext(), list)
	if err != nil {
		return err
	}
	seen := r.seen(c)
	for _, b := range list {
		m, coming := r.memoBooking(c, b, rows[b.ID], seen, page.Mail)
		switch {
		case coming:
			page.Upcoming = append(page.Upcoming, m)
		case len(m.Given) > 0:
			page.Earlier = append(page.Earlier, m)
		}
		if m.New {
			page.New++
		}
	}
	slices.SortStableFunc(page.Upcoming, func(a, b memoBooking) int { return a.Start.Compare(b.Start) })
	slices.SortStableFunc(page.Earlier, func(a, b memoBooking) int { return b.Given[0].At.Compare(a.Given[0].At) })
	page.Earlier = page.Earlier[:min(len(page.Earlier), earlierMost)]
	r.keepSeen(c)
	return web.Render(c, "booking/memo", page)
}

// remindersOf reads the reminders of bookings, by booking.
func (r *room) remindersOf(ctx context.Context, list []booking.Booking) (map[string][]event.Reminder, error) {
	out := make(map[string][]event.Reminder, len(list))
	if len(list) == 0 {
		return out, nil
	}
	ids := make([]string, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	rows, err := r.Reminders.RemindersOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		// What is no time before the start is a note that there is nothing to remind of.
		if row.Before > 0 {
			out[row.Booking] = append(out[row.Booking], row)
		}
	}
	return out, nil
}

// memoBooking puts the reminders of a booking in order; coming tells that the
// booking is still to come.
func (r *room) memoBooking(c *fiber.Ctx, b booking.Booking, rows []event.Reminder, seen time.Time, m *mail) (out memoBooking, coming bool) {
	out.bookingLine, coming = r.bookingLine(c, b, r.Hall.Now())
	coming = coming && b.State != booking.Held
	out.Needs = b.State == booking.Displaced
	loc := time.UTC
	if o := r.cat.Office(b.Office); o != nil {
		loc = o.Location()
	}
	if r.discreet(b) {
		out.Service = web.Text(c).T("booking.memo.discreet")
	}
	planned := false
	for _, rows := range byCause(rows) {
		cause, now := causeOf(rows, loc), rows[0].Start.Equal(b.Start)
		planned = planned || now
		if !now {
			cause.Former = rows[0].Start.In(loc)
		}
		switch {
		case all(rows, event.RemindPlanned):
			if now && b.State == booking.Confirmed {
				out.ToCome = append(out.ToCome, withMail(cause, m))
			}
		case now && rows[0].Reason == reminder.JustBooked, !all(rows, event.RemindSkipped, event.RemindPlanned, event.RemindQueued):
			cause.New = coming && unread(rows, seen)
			out.New = out.New || cause.New
			out.Given = append(out.Given, cause)
		}
	}
	if b.State == booking.Confirmed && !planned {
		for _, at := range r.expected(b) {
			out.ToCome = append(out.ToCome, withMail(memoCause{At: at.In(loc), Ways: []memoWay{{Channel: event.ChannelMemo, State: event.RemindPlanned}}}, m))
		}
	}
	slices.SortStableFunc(out.ToCome, func(a, b memoCause) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(out.Given, func(a, b memoCause) int { return b.At.Compare(a.At) })
	return out, coming
}

// discreet says that the name of a booking's service stands in no list.
func (r *room) discreet(b booking.Booking) bool {
	s := r.cat.Service(b.Service)
	return s != nil && s.RulesAt(b.Queue, b.Day).Discreet
}

// expected is when a booking's reminders will fall due, as long as none are planned yet.
func (r *room) expected(b booking.Booking) []time.Time {
	s, o, now := r.cat.Service(b.Service), r.cat.Office(b.Office), r.Hall.Now()
	if s == nil || o == nil {
		return nil
	}
	var out []time.Time
	for _, before := range s.RulesAt(b.Queue, b.Day).Remind {
		if at := reminder.DueAt(b.Start, before, o.Location()); before > 0 && at.After(now) {
			out = append(out, at)
		}
	}
	return out
}

// byCause groups a booking's reminders by what they are about.
func byCause(rows []event.Reminder) [][]event.Reminder {
	type cause struct {
		start  int64
		before time.Duration
	}
	at := map[cause]int{}
	var out [][]event.Reminder
	for _, row := range rows {
		k := cause{row.Start.UnixMilli(), row.Before}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], row)
	}
	return out
}

// all says whether a cause stands nowhere but in these states.
func all(rows []event.Reminder, states ...event.Remind) bool {
	return !slices.ContainsFunc(rows, func(row event.Reminder) bool { return !slices.Contains(states, row.State) })
}

// unread says that a cause came into the memo list after it was last opened.
func unread(rows []event.Reminder, seen time.Time) bool {
	return slices.ContainsFunc(rows, func(row event.Reminder) bool {
		return row.Channel == event.ChannelMemo && row.State == event.RemindSent && row.At.After(seen)
	})
}

// causeOf tells a cause by its ways, the memo list first.
func causeOf(rows []event.Reminder, loc *time.Location) memoCause {
	order := []event.Channel{event.ChannelMemo, event.ChannelMail, event.ChannelPaper}
	slices.SortStableFunc(rows, func(a, b event.Reminder) int {
		return slices.Index(order, a.Channel) - slices.Index(order, b.Channel)
	})
	cause := memoCause{At: rows[0].Due.In(loc)}
	if rows[0].State == event.RemindSent {
		cause.At = rows[0].At.In(loc)
	}
	for _, row := range rows {
		cause.Ways = append(cause.Ways, memoWay{row.Channel, row.State, row.Reason})
	}
	return cause
}

// withMail adds to what is to come that it will come by e-mail too.
func withMail(cause memoCause, m *mail) memoCause {
	mailed := slices.ContainsFunc(cause.Ways, func(w memoWay) bool { return w.Channel == event.ChannelMail })
	waits := slices.ContainsFunc(cause.Ways, func(w memoWay) bool { return w.State == event.RemindPlanned })
	if m != nil && m.To != "" && waits && !mailed {
		cause.Ways = append(cause.Ways, memoWay{Channel: event.ChannelMail, State: event.RemindPlanned})
	}
	return cause
}

// unseen counts the bookings with a reminder that has not been looked at yet.
// It is a help and no promise: what cannot be read counts for nothing.
func (r *room) unseen(c *fiber.Ctx, list []booking.Booking) int {
	if r.Reminders == nil {
		return 0
	}
	now, n := r.Hall.Now(), 0
	list = slices.DeleteFunc(slices.Clone(list), func(b booking.Booking) bool {
		o := r.cat.Office(b.Office)
		return o == nil || !b.State.Open() || b.State == booking.Held || b.State != booking.Displaced && b.Day < o.Day(now)
	})
	by, err := r.remindersOf(c.UserContext(), list)
	if err != nil {
		return 0
	}
	seen := r.seen(c)
	for _, rows := range by {
		if unread(rows, seen) {
			n++
		}
	}
	return n
}
