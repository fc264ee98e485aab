package admin

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/printer"
	"vez/reminder"
	"vez/web"
)

// Reminders are what is recorded of reminders, without names. *ledger.DB is one.
type Reminders interface {
	// CountReminders counts those due on an office's days from and to, both included.
	CountReminders(ctx context.Context, office string, from, to office.Day) (map[event.Channel]map[event.Remind]int, error)
	// RemindersOn lists them, what failed first, then the newest.
	RemindersOn(ctx context.Context, office string, from, to office.Day, limit int) ([]event.Reminder, error)
	// BatchOf lists the letters of a day.
	BatchOf(ctx context.Context, office string, day office.Day) ([]event.Reminder, error)
}

func (r *room) reminderRoutes(get, post add) {
	if r.Reminders == nil {
		return
	}
	get("/admin/offices/:office/reminders", r.reminders)
	post("/admin/offices/:office/reminders/letters", r.printLetters)
}

const (
	daysAhead = 6  // that are shown after today
	daysBack  = 31 // that can be asked for; reminders are kept so long
	rowsShown = 50
	rowsRead  = 2000 // of one day
)

var (
	channels = []event.Channel{event.ChannelMemo, event.ChannelMail, event.ChannelPaper}
	states   = []event.Remind{event.RemindPlanned, event.RemindQueued, event.RemindSending, event.RemindSent, event.RemindFailed,
		event.RemindUnknown, event.RemindSkipped}
)

// remindersPage is the data of the page admin/reminders.
type remindersPage struct {
	head
	Days []dayLine
	// Day and State are what the rows are of; State "" for all.
	Day      office.Day
	At       time.Time // the day's noon, for its name
	From, To office.Day
	State    event.Remind
	States   []event.Remind
	Rows     []reminderRow
	All      int // rows of the filter
	Page, Of int
	Previous string
	Next     string
	// Unknown: some may not have arrived, which is explained.
	Unknown bool
	// Cut: of this many there were more than are read.
	Cut     int
	Letters letters
}

// dayLine counts the reminders of a day.
type dayLine struct {
	Day     office.Day
	At      time.Time
	Today   bool
	Current bool
	Ways    []wayCell
}

type wayCell struct {
	Channel event.Channel
	Counts  []stateCount
}

type stateCount struct {
	State event.Remind
	N     int
	Tone  string
	URL   string
}

// reminderRow is one reminder. Nothing in it says whose it is.
type reminderRow struct {
	Reference string
	Service   names // nil: not known, or not to be named
	Discreet  bool
	Start     time.Time
	// Days or Hours before the start that it reminds.
	Days, Hours int
	Channel     event.Channel
	State       event.Remind
	Tone        string
	At          time.Time
	// SameDay as the rows are of: the hour is enough.
	SameDay bool
	// Reason has a text admin.reminders.reason.{Reason}, or is shown as it is.
	Reason string
}

// letters are the batch of the day.
type letters struct {
	Count int
	Job   *letterJob
}

type letterJob struct {
	ID     string
	State  printer.State
	Reason string
	At     time.Time
	Copy   int
}

// Settled: it may be printed again.
func (j letterJob) Settled() bool { return j.State != printer.Queued && j.State != printer.Printing }

func toneOf(s event.Remind) string {
	switch s {
	case event.RemindSent:
		return "good"
	case event.RemindFailed:
		return "bad"
	case event.RemindUnknown:
		return "warn"
	}
	return ""
}

// reminders shows an office's reminders: GET /admin/offices/{id}/reminders?day=&state=&page=.
func (r *room) reminders(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	today := p.office.Day(r.Hall.Now())
	v := &remindersPage{Day: today, From: today.Add(-daysBack), To: today.Add(400), States: states}
	if day := office.Day(c.Query("day")); validDay(day) && day >= v.From && day <= v.To {
		v.Day = day
	}
	if s := event.Remind(c.Query("state")); slices.Contains(states, s) {
		v.State = s
	}
	v.At = noon(v.Day, p)
	if err := r.days(ctx, p, today, v); err != nil {
		return err
	}
	if err := r.rows(ctx, p, v, c.QueryInt("page", 1)); err != nil {
		return err
	}
	if v.Letters, err = r.letters(ctx, p, v.Day); err != nil {
		return err
	}
	v.head = r.head(c, p, "reminders")
	return web.Render(c, "admin/reminders", v, web.Wide())
}

func validDay(d office.Day) bool {
	_, err := time.Parse("2006-01-02", string(d))
	return err == nil
}

func noon(d office.Day, p place) time.Time { return d.Time(12*time.Hour, p.office.Location()) }

// days counts yesterday, today and the days to come, and the day asked for.
func (r *room) days(ctx context.Context, p place, today office.Day, v *remindersPage) error {
	var days []office.Day
	for n := -1; n <= daysAhead; n++ {
		days = append(days, today.Add(n))
	}
	if !slices.Contains(days, v.Day) {
		days = append(days, v.Day)
		slices.Sort(days)
	}
	for _, day := range days {
		counts, err := r.Reminders.CountReminders(ctx, p.office.ID, day, day)
		if err != nil {
			return err
		}
		line := dayLine{Day: day, At: noon(day, p), Today: day == today, Current: day == v.Day}
		for _, ch := range channels {
			cell := wayCell{Channel: ch}
			for _, s := range states {
				if n := counts[ch][s]; n > 0 {
					cell.Counts = append(cell.Counts, stateCount{s, n, toneOf(s), v.link(p, day, s, 0)})
					v.Unknown = v.Unknown || s == event.RemindUnknown
				}
			}
			line.Ways = append(line.Ways, cell)
		}
		v.Days = append(v.Days, line)
	}
	return nil
}

// link is the page with another filter.
func (v *remindersPage) link(p place, day office.Day, s event.Remind, page int) string {
	q := url.Values{"day": {string(day)}}
	if s != "" {
		q.Set("state", string(s))
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return pathOf(p.office.ID) + "/reminders?" + q.Encode() + "#rows"
}

func (r *room) rows(ctx context.Context, p place, v *remindersPage, page int) error {
	all, err := r.Reminders.RemindersOn(ctx, p.office.ID, v.Day, v.Day, rowsRead)
	if err != nil {
		return err
	}
	if len(all) == rowsRead {
		v.Cut = rowsRead
	}
	if v.State != "" {
		all = slices.DeleteFunc(all, func(x event.Reminder) bool { return x.State != v.State })
	}
	v.All = len(all)
	v.Of = max(1, (len(all)+rowsShown-1)/rowsShown)
	v.Page = min(max(page, 1), v.Of)
	if v.Page > 1 {
		v.Previous = v.link(p, v.Day, v.State, v.Page-1)
	}
	if v.Page < v.Of {
		v.Next = v.link(p, v.Day, v.State, v.Page+1)
	}
	read := r.Hall.Read(ctx)
	for _, x := range all[(v.Page-1)*rowsShown : min(len(all), v.Page*rowsShown)] {
		b, err := read.Booking(x.Booking)
		if err != nil && fault.CodeOf(err) != fault.UnknownThing {
			return err
		}
		v.Rows = append(v.Rows, p.row(x, b))
	}
	return nil
}

// row says of a reminder what may be said; the zero booking is one that is gone.
func (p place) row(x event.Reminder, b booking.Booking) reminderRow {
	loc := p.office.Location()
	row := reminderRow{Reference: b.Reference, Start: x.Start.In(loc), Channel: x.Channel, State: x.State, Tone: toneOf(x.State),
		At: x.At.In(loc)}
	if x.State == event.RemindPlanned {
		row.At = x.Due.In(loc)
	}
	row.SameDay = p.office.Day(row.At) == x.Day
	if row.Days = int(x.Before / (24 * time.Hour)); x.Before%(24*time.Hour) != 0 {
		row.Days, row.Hours = 0, int(x.Before/time.Hour)
	}
	if s := p.cat.Service(b.Service); s != nil {
		if row.Discreet = s.RulesAt(b.Queue, b.Day).Discreet; !row.Discreet {
			row.Service = s.Name.Names()
		}
	}
	if x.Channel != event.ChannelPaper || x.State != event.RemindSent { // there it is the print job
		row.Reason = x.Reason
	}
	return row
}

func (r *room) letters(ctx context.Context, p place, day office.Day) (letters, error) {
	batch, err := r.Reminders.BatchOf(ctx, p.office.ID, day)
	if err != nil || len(batch) == 0 {
		return letters{}, err
	}
	v := letters{Count: len(batch)}
	jobs, err := r.Hall.PrintJobs(ctx, reminder.Ref(p.office.ID, day))
	if last, ok := lastPaper(jobs, printer.KindLetters); ok {
		v.Job = &letterJob{ID: last.ID, State: printer.State(last.State), At: last.At.In(p.office.Location()), Copy: last.Copy}
		if last.Reason != "" {
			v.Job.Reason = troubleKey(fault.Code(last.Reason))
		}
	}
	return v, err
}

// printLetters prints the letters of a day once more: POST …/reminders/letters {day, job}; job is
// the one that was seen.
func (r *room) printLetters(c *fiber.Ctx) error {
	p, err := r.press(c)
	if err != nil {
		return err
	}
	day := office.Day(p.field("day"))
	if !validDay(day) {
		return fault.New(fault.BadRequest, "what", "day")
	}
	back := pathOf(p.office.ID) + "/reminders?day=" + string(day)
	was, err := r.letters(p.ctx, p.place, day)
	if err == nil && was.Job == nil {
		err = fault.New(fault.UnknownThing, "what", "letters")
	}
	if err != nil {
		return refuse(c, p.place, err, back)
	}
	if !was.Job.Settled() {
		return web.Back(c, back)
	}
	if seen := p.field("job"); seen != "" && seen != was.Job.ID {
		putNote(c, p.place, note{Tone: "warn", Title: web.Text(c).T("admin.papers.missing.gone")}) // somebody was faster
		return web.Back(c, back)
	}
	act := hall.Act{Actor: p.who.Subject, Key: actKey(c, p.place, "letters")}
	if _, err := r.Hall.AskPaper(p.ctx, act, hall.PaperRequest{Office: p.office.ID, Kind: string(printer.KindLetters),
		Ref: reminder.Ref(p.office.ID, day), Again: true, After: was.Job.ID}); err != nil {
		return refuse(c, p.place, err, back)
	}
	putNote(c, p.place, note{Tone: "good", Title: web.Text(c).T("admin.reminders.done", "count", was.Count)})
	return web.Back(c, back)
}
