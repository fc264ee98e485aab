package live

import (
	"strconv"
	"strings"
	"time"

	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// All instants in views are in the office's time zone, so that they are
// written as RFC 3339 with the office's offset. Queue and counter names are
// looked up in the catalogue by id; only labels and prefixes stand in a view.

// NewFor is how long a call counts as new, in machine time.
const NewFor = 6 * time.Second

// WithdrawnFor is how long a board says that a call was undone, in machine time.
const WithdrawnFor = 30 * time.Second

// Call is a number on a board.
type Call struct {
	Number string `json:"number"` // "A047", unique in its office's day
	// Booked numbers carry a mark (約 / M).
	Booked  bool         `json:"booked,omitempty"`
	Counter string       `json:"counter"` // id
	Label   string       `json:"label"`   // what stands over the desk
	Zone    string       `json:"zone,omitempty"`
	Queue   string       `json:"queue"`
	Prefix  string       `json:"prefix"`
	State   ticket.State `json:"state"` // called or serving
	// Since is the first call of the present call.
	Since time.Time `json:"since"`
	// Called is the last call or recall: what the newest is reckoned by.
	Called  time.Time `json:"called"`
	Recalls int       `json:"recalls,omitempty"`
	// New calls flash; see NewFor.
	New bool `json:"new,omitempty"`
}

// Withdrawn is a call that was undone: "not yet, please stay".
type Withdrawn struct {
	Number string    `json:"number"`
	Zone   string    `json:"zone,omitempty"`
	At     time.Time `json:"at"`
}

// Window is a stretch of time in which a turn is expected, rounded outward to 5 minutes.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Queue is what is going on in a queue.
type Queue struct {
	Queue   string `json:"queue"`
	Prefix  string `json:"prefix"`
	Zone    string `json:"zone,omitempty"`
	Waiting int    `json:"waiting"`
	// Expected are booked or remote people whose turn is reckoned before a newcomer's but who are not there yet.
	Expected int `json:"expected,omitempty"`
	// Serving are the numbers at the counters now, newest first.
	Serving []string `json:"serving"`
	// Counters that are open for this queue.
	Counters int `json:"counters"`
	// Window is the next newcomer's; nil when nothing can be said.
	Window *Window       `json:"window,omitempty"`
	Status office.Status `json:"status"`
	// Until: an unattended queue's clerk is expected back, or a closed one opens again; zero when not known.
	Until  time.Time `json:"until,omitzero"`
	Issued int       `json:"issued"` // walk-in tickets today
	Limit  int       `json:"limit,omitempty"`
}

// Hall is what holds for the whole office.
type Hall struct {
	Day         office.Day `json:"day"`
	Paused      bool       `json:"paused,omitempty"`
	PausedAt    time.Time  `json:"paused_at,omitzero"`
	PauseReason string     `json:"pause_reason,omitempty"`
	// Closed names the reason of a closure of the whole office that is in force, Until its end.
	Closed string    `json:"closed,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Board is a public screen's whole picture.
type Board struct {
	Office string `json:"office"`
	Zone   string `json:"zone,omitempty"`
	// At is the SSE id "epoch.seq" that the picture is of.
	At   string    `json:"at"`
	Now  time.Time `json:"now"` // house time
	Hall Hall      `json:"hall"`
	// Calls newest first: called ones stay until started or missed, serving ones follow by Called.
	Calls     []Call      `json:"calls"`
	Withdrawn []Withdrawn `json:"withdrawn,omitempty"`
	Queues    []Queue     `json:"queues"`
	// Stale is when the last news came, in house time, if the hub has lost both memories; zero: fresh.
	Stale time.Time `json:"stale,omitzero"`
}

// Change is what one event changed on a board.
type Change struct {
	At string `json:"at"`
	// Calls were made, repeated or started: each takes the place of the same number.
	Calls     []Call      `json:"calls,omitempty"`
	Gone      []string    `json:"gone,omitempty"`
	Withdrawn []Withdrawn `json:"withdrawn,omitempty"`
	Hall      *Hall       `json:"hall,omitempty"`
}

// Queues are the figures of an office's queues in catalogue order.
type Queues struct {
	Office string    `json:"office"`
	At     string    `json:"at"`
	Now    time.Time `json:"now"`
	Hall   Hall      `json:"hall"`
	Queues []Queue   `json:"queues"`
	Stale  time.Time `json:"stale,omitzero"`
}

// Notice codes of a position.
const (
	NoticePaused     = "hall_paused"   // the hall stands still
	NoticeClosed     = "office_closed" // a closure is in force
	NoticeNear       = "near"          // as many are ahead as the holder asked to be told at
	NoticePassed     = "passed"        // dormant, and its turn went by
	NoticeActivate   = "activate"      // remote: it must be activated on site to be called
	NoticeWithdrawn  = "withdrawn"     // its call was undone
	NoticeSteppedOut = "stepped_out"   // the one step-out is used
	NoticeUnattended = "unattended"    // no counter serves the queue now
)

// Position is what a ticket's holder sees.
type Position struct {
	Office string       `json:"office"`
	At     string       `json:"at"`
	Now    time.Time    `json:"now"`
	Number string       `json:"number"`
	Booked bool         `json:"booked,omitempty"`
	State  ticket.State `json:"state"`
	Queue  string       `json:"queue"`
	Zone   string       `json:"zone,omitempty"` // of the counter once called, else of the queue
	// Ahead is "up to" so many: people in the line and booked arrivals expected before.
	Ahead  int     `json:"ahead"`
	Window *Window `json:"window,omitempty"` // reckoned now
	Told   *Window `json:"told,omitempty"`   // what the holder was told
	// Counter and its Label are set while called or served, and where it was missed.
	Counter string         `json:"counter,omitempty"`
	Label   string         `json:"label,omitempty"`
	Called  time.Time      `json:"called,omitzero"`
	Recalls int            `json:"recalls,omitempty"` // while called: how often the call was repeated
	BackBy  time.Time      `json:"back_by,omitzero"`  // missed: may return until; parked: expected at
	Outcome ticket.Outcome `json:"outcome,omitempty"`
	Notices []string       `json:"notices,omitempty"`
	Stale   time.Time      `json:"stale,omitzero"`
}

// Entry is a ticket in a clerk's line. It is for staff only.
type Entry struct {
	Ticket   string        `json:"ticket"` // id
	Number   string        `json:"number"`
	Queue    string        `json:"queue"`
	Service  string        `json:"service,omitempty"`
	State    ticket.State  `json:"state"` // waiting, parked, missed or remote
	Class    ticket.Class  `json:"class"`
	Lang     string        `json:"lang,omitempty"`
	People   int           `json:"people,omitempty"`
	Needs    []office.Need `json:"needs,omitempty"`
	Priority bool          `json:"priority,omitempty"`
	Arrival  time.Time     `json:"arrival,omitzero"`
	Due      time.Time     `json:"due"`
	Start    time.Time     `json:"start,omitzero"`
	Callable time.Time     `json:"callable,omitzero"`
	Counter  string        `json:"counter,omitempty"` // who parked or missed it
	Until    time.Time     `json:"until,omitzero"`    // parked until; missed: may return until
}

// Line is what waits in some queues of an office.
type Line struct {
	Office  string    `json:"office"`
	At      string    `json:"at"`
	Now     time.Time `json:"now"`
	Waiting []Entry   `json:"waiting"` // in the order of the line
	Parked  []Entry   `json:"parked"`
	Missed  []Entry   `json:"missed"`
	Remote  []Entry   `json:"remote"`
	Stale   time.Time `json:"stale,omitzero"`
}

// Counter is a desk as its console and the manager see it. It is for staff only.
type Counter struct {
	Shift counter.Shift `json:"shift"`
	Label string        `json:"label"`
	Zone  string        `json:"zone,omitempty"`
	// State is the shift's, or lost when its console is silent while open.
	State counter.State `json:"state"`
	Seen  time.Time     `json:"seen,omitzero"` // last sign of the console, machine time
	// Ticket is what is called or served here.
	Ticket *ticket.Ticket `json:"ticket,omitempty"`
}

// Counters are all desks of an office in catalogue order.
type Counters struct {
	Office   string    `json:"office"`
	At       string    `json:"at"`
	Now      time.Time `json:"now"`
	Hall     Hall      `json:"hall"`
	Counters []Counter `json:"counters"`
	Stale    time.Time `json:"stale,omitzero"`
}

// ID writes a head as an SSE id, "epoch.seq".
func ID(h event.Head) string { return h.Epoch + "." + strconv.FormatInt(h.Seq, 10) }

// ParseID reads an SSE id; false when it is none of ours.
func ParseID(s string) (epoch string, seq int64, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(s[i+1:], 10, 64)
	if err != nil || n < 0 {
		return "", 0, false
	}
	return s[:i], n, true
}
