package office

import "time"

// Rules are the parameters of a queue; every one is data. Durations are whole
// minutes in the catalogue. The zero value means nothing: start from DefaultRules.
type Rules struct {
	FilingOrder bool          // due is the check-in instant for everybody
	WalkIn      bool          // walk-ins are taken; false: by booking only
	WalkInLimit int           // tickets for walk-ins a day; 0 with WalkIn: no limit
	Remote      bool          // tickets from afar are given
	LastTicket  time.Duration // no new tickets this long before closing
	LastFiling  time.Duration // no filing this long before closing (registries); 0: as LastTicket

	PriorityHeadStart time.Duration
	BookedHeadStart   time.Duration
	EarlyCall         time.Duration
	// EarlyRefused refuses a check-in earlier than this before the start; 0: from the hall's opening.
	EarlyRefused  time.Duration
	LateBehind    time.Duration // later than this: behind the punctual (due = arrival)
	LateRefused   time.Duration // later than this: refused
	HallLate      time.Duration // if the hall runs this late, so may the booked
	RemoteGrace   time.Duration
	MissAfter     time.Duration // miss opens this long after the first call
	MissAfterMore time.Duration // for the need "more time" or a far zone
	ReturnGrace   time.Duration // a missed ticket may return within it

	BookedShare     float64       // share of the counters' capacity for booked people
	SameDayShare    float64       // of the booked capacity, released on the day
	SameDayAt       time.Duration // after midnight, office time
	GuaranteedShare float64       // of the booked capacity, given by staff only
	GuaranteedUntil time.Duration // before the half-day's start it flows back
	// KioskQuota is how many bearer bookings a kiosk gives out for this queue a day; 0: none.
	KioskQuota int
}

// DefaultRules are the design's defaults (sections 4 and 6; rules.md, "Default").
func DefaultRules() Rules {
	return Rules{
		WalkIn: true, Remote: true, LastTicket: 30 * time.Minute,
		PriorityHeadStart: 30 * time.Minute, BookedHeadStart: 60 * time.Minute, EarlyCall: 5 * time.Minute,
		LateBehind: 10 * time.Minute, LateRefused: 30 * time.Minute, HallLate: 20 * time.Minute,
		RemoteGrace: 10 * time.Minute, MissAfter: 60 * time.Second, MissAfterMore: 120 * time.Second,
		ReturnGrace: 30 * time.Minute,
		BookedShare: 0.6, SameDayShare: 0.2, SameDayAt: 7*time.Hour + 30*time.Minute,
		GuaranteedShare: 0.1, GuaranteedUntil: 24 * time.Hour,
		KioskQuota: 10,
	}
}

// ServiceRules are the parameters of booking one service.
type ServiceRules struct {
	Bookable           bool
	HorizonDays        int // calendar days ahead; with HorizonWorkingDays the other is 0
	HorizonWorkingDays int
	Lead               time.Duration // earliest start from now
	LeadDays           int           // earliest on the n-th next working day
	Cutoff             time.Duration // last change or cancel before the start
	CutoffWorkingDays  int           // overrides Cutoff when above 0
	LimitService       int           // open bookings of one person for this service
	LimitOpen          int           // open bookings of one person in all
	LimitDay           int           // bookings of one person a day at one office
	SetDate            bool          // done only on the named date: no rescheduling to another day, late refused
	LateRefused        time.Duration // overrides the queue's when above 0
	LateBehind         time.Duration // likewise
	MaxPeople          int
	NoShowLimit        int // missed bookings in NoShowDays pause online booking for PauseDays
	NoShowDays         int
	PauseDays          int
	Named              bool            // the console asks whether this is the holder
	Discreet           bool            // its name appears in no reminder or feed
	Remind             []time.Duration // before the start
}

// DefaultServiceRules are the defaults of rules.md.
func DefaultServiceRules() ServiceRules {
	return ServiceRules{
		Bookable: true, HorizonDays: 30, Cutoff: 2 * time.Hour,
		LimitService: 1, LimitOpen: 3, LimitDay: 2, MaxPeople: 4,
		NoShowLimit: 3, NoShowDays: 90, PauseDays: 30,
		Remind: []time.Duration{24 * time.Hour, 2 * time.Hour},
	}
}
