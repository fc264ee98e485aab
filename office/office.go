package office

import "time"

// Department is a public body.
type Department struct {
	ID       string `json:"id"`      // "dsi"
	Acronym  string `json:"acronym"` // "DSI"
	Name     Text   `json:"name"`
	Category string `json:"category"`
	Website  string `json:"website"`
}

// Office is a place with counters, hours and a hall: one address, one clock.
type Office struct {
	ID      string `json:"id"` // "dsi-main"
	Name    Text   `json:"name"`
	Address Text   `json:"address"`
	// Jurisdiction is "macao" or "hengqin": it decides the holiday calendar and
	// where a holder's name may stand.
	Jurisdiction string `json:"jurisdiction"`
	TimeZone     string `json:"time_zone"` // IANA, "Asia/Macau"
	// Languages in the order they are shown here.
	Languages   []string `json:"languages"`
	Departments []string `json:"departments"`
	// Host is the department that answers for the hall as a whole.
	Host     string    `json:"host"`
	Hours    Week      `json:"-"`
	Zones    []Zone    `json:"zones,omitempty"`
	Counters []Counter `json:"-"`

	location *time.Location
}

// Zone is a part of the hall with its counters, boards and loudspeaker.
type Zone struct {
	ID   string `json:"id"` // "A"
	Name Text   `json:"name"`
	Far  bool   `json:"far,omitempty"` // a called person needs longer to arrive
}

// Counter is a numbered desk at an office.
type Counter struct {
	ID     string `json:"id"`     // "dsi-main-3"
	Label  string `json:"label"`  // "3"
	Office string `json:"office"` //
	Zone   string `json:"zone,omitempty"`
	// Queues it serves by default, first its own, then those it helps out.
	Queues []string `json:"queues"`
	// Offers are the needs it can meet.
	Offers []Need `json:"offers,omitempty"`
}

// Need is what a counter must offer to serve somebody. Its ground is never asked.
type Need string

// The needs.
const (
	NeedLowDesk  Need = "low_desk"
	NeedLanguage Need = "language" // NeedLanguage is written "language:pt" and so on
	NeedSign     Need = "sign"
	NeedLoop     Need = "loop"
	NeedMoreTime Need = "more_time"
)

// Location is the office's time zone; UTC when it could not be loaded, which
// the catalogue's check reports.
func (o *Office) Location() *time.Location {
	if o.location == nil {
		loc, err := time.LoadLocation(o.TimeZone)
		if err != nil {
			return time.UTC
		}
		return loc
	}
	return o.location
}

// WithLocation sets the loaded time zone; the catalogue does it once.
func (o *Office) WithLocation(l *time.Location) { o.location = l }

// Day is the business day an instant falls on: the calendar date in the office's zone.
func (o *Office) Day(now time.Time) Day { return DayOf(now, o.Location()) }

// Queue is a line at an office with its ticket prefix, rules and the services that share it.
type Queue struct {
	ID         string   `json:"id"` // "dsi-main-card"
	Office     string   `json:"office"`
	Department string   `json:"department"`
	Prefix     string   `json:"prefix"` // "A", unique in its office; never I, O or Q
	Zone       string   `json:"zone,omitempty"`
	Name       Text     `json:"name"`
	Counters   int      `json:"counters"` // usual number of counters, for capacity and estimates
	Rules      Rules    `json:"-"`
	Services   []string `json:"services"`
	// Hours override the office's when set.
	Hours *Week `json:"-"`
	// Seasons in which other rules hold; ask RulesOn.
	Seasons []QueueSeason `json:"-"`
}

// Service is what a citizen comes for.
type Service struct {
	ID         string   `json:"id"` // "dsi-bir-renewal"
	Department string   `json:"department"`
	Category   string   `json:"category"`
	Name       Text     `json:"name"`
	Minutes    int      `json:"minutes"`
	Modes      []string `json:"modes"` // counter, kiosk, remote
	// Queues that serve it; at most one per office.
	Queues    []string     `json:"queues"`
	Documents []Text       `json:"documents,omitempty"`
	Rules     ServiceRules `json:"-"`
	// Cases in which other rules hold, the nearest last; ask RulesAt.
	Cases    []ServiceCase `json:"-"`
	Evidence string        `json:"-"` // seen, known or sample
}
