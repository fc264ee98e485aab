package fault

// Code is a stable name of a fault, part of the public API.
type Code string

// General faults.
const (
	Unexpected     Code = "unexpected"      // our own mistake
	NotSignedIn    Code = "not_signed_in"   // 401
	NotAllowed     Code = "not_allowed"     // 403
	UnknownThing   Code = "not_found"       // params: what
	BadRequest     Code = "bad_request"     // params: what
	InvalidField   Code = "invalid_field"   // params: field, why
	BodyTooLarge   Code = "body_too_large"  //
	TooOften       Code = "too_often"       // params: seconds
	KeyReused      Code = "key_reused"      // an Idempotency-Key came with another body
	LedgerAway     Code = "ledger_away"     // the ledger cannot be reached; nothing was changed
	LedgerUnusable Code = "ledger_unusable" // the ledger's file is damaged, or may not be written; nothing was changed
	UnknownOutcome Code = "unknown_outcome" // the commit's outcome is not known; repeat with the same key
	MethodUnknown  Code = "method_unknown"  // the address is there, but not for this method; the header Allow lists those it takes
	WrongType      Code = "wrong_type"      // a body of a Content-Type that is not read here
	SessionExpired Code = "session_expired" //
	FormExpired    Code = "form_expired"    // the page was open too long, or its cookie is gone
	OtherSite      Code = "other_site"      // a change that the page of another site asked for
	SignInFailed   Code = "sign_in_failed"  //
	DiskFull       Code = "disk_full"       //
	ShuttingDown   Code = "shutting_down"   //
	ClockWrong     Code = "clock_wrong"     // this hub's clock says tomorrow, the ledger's does not
)

// Faults of bookings and slots.
const (
	SlotTaken      Code = "slot_taken"       // no free place at this start
	SlotNotOffered Code = "slot_not_offered" // params: start; not a start of this service here
	TooFarAhead    Code = "too_far_ahead"    // params: days
	TooSoon        Code = "too_soon"         // params: minutes
	LimitReached   Code = "limit_reached"    // params: limit, scope (service|open|day)
	KioskQuota     Code = "kiosk_quota"      // params: limit; bookings that the kiosks give for a queue in a day
	TimeClosed     Code = "time_closed"      // params: opens; a closure came over the time of a hold or booking
	HoldExpired    Code = "hold_expired"     //
	HoldSpent      Code = "hold_spent"       // a hold may be extended ten times
	CutoffPassed   Code = "cutoff_passed"    // params: until
	SetDateOnly    Code = "set_date_only"    // params: date
	NotBookable    Code = "not_bookable"     // this service takes no bookings here
	ServiceNotHere Code = "service_not_here" // params: office
	TooManyPeople  Code = "too_many_people"  // params: max
	BookingState   Code = "booking_state"    // params: state; the booking is in no state for this
	BookingPaused  Code = "booking_paused"   // params: until; after too many missed bookings
)

// Answers of the check-in (design, section 7).
const (
	Early       Code = "early"        // params: start, from
	Late        Code = "late"         // params: start
	WrongOffice Code = "wrong_office" // params: office, address
	WrongDay    Code = "wrong_day"    // params: date
	Cancelled   Code = "cancelled"    //
	Used        Code = "used"         // params: number, ticket
	Unknown     Code = "unknown"      //
	Forged      Code = "forged"       //
	PassExpired Code = "pass_expired" // params: until
)

// Faults of tickets and counters.
const (
	IllegalMove     Code = "illegal_move"     // params: move, state
	CounterBusy     Code = "counter_busy"     // params: number, ticket
	CounterClosed   Code = "counter_closed"   //
	CounterOnBreak  Code = "counter_on_break" // nobody comes to a counter on a break
	CounterClosing  Code = "counter_closing"  // it closes after the open ticket and takes no other
	CounterTaken    Code = "counter_taken"    // another clerk is at it
	CounterOpen     Code = "counter_open"     // already open by this clerk
	NothingOpen     Code = "nothing_open"     // no ticket is open at this counter
	NotYours        Code = "not_yours"        // params: number, counter; the ticket is at another counter
	MovedOn         Code = "moved_on"         // undo came after somebody else's move
	NothingToUndo   Code = "nothing_to_undo"  //
	MissTooSoon     Code = "miss_too_soon"    // params: seconds
	GraceOver       Code = "grace_over"       // params: minutes
	FilingOrder     Code = "filing_order"     // refused in a filing-order queue
	ReasonNeeded    Code = "reason_needed"    // an act out of order needs a named reason
	UnknownReason   Code = "unknown_reason"   // params: reason
	HallPaused      Code = "hall_paused"      //
	OfficeClosed    Code = "office_closed"    // params: opens
	ClosedForNow    Code = "closed_for_now"   // no opening is known
	QueueFull       Code = "queue_full"       // params: limit
	QueueClosed     Code = "queue_closed"     // params: opens; it gives no tickets now, whether the office is open or not
	AlreadyInLine   Code = "already_in_line"  // params: number, ticket; one person stands in a queue once
	QueueUnattended Code = "queue_unattended" // params: until
	BookingOnly     Code = "booking_only"     // no walk-ins in this queue
	RemoteRefused   Code = "remote_refused"   // no tickets from afar in this queue
	SteppedOutOnce  Code = "stepped_out_once" //
	QueueNotHere    Code = "queue_not_here"   // the queue belongs to another office
)

// Faults of devices, printing and configuration.
const (
	PairingUnknown Code = "pairing_unknown" // no device shows this code, or no longer

	FontsMissing  Code = "fonts_missing" //
	PrinterAway   Code = "printer_away"  // params: printer
	PrintFailed   Code = "print_failed"  //
	PaperOut      Code = "paper_out"     // params: printer
	CoverOpen     Code = "cover_open"    // params: printer
	PrinterStuck  Code = "printer_stuck" // params: printer; a jam, the cutter, too hot
	NoPrinter     Code = "no_printer"    // no printer of the office can print it now
	MailAway      Code = "mail_away"     // the mail server cannot be reached
	MailRefused   Code = "mail_refused"  // the mail server will not take it
	Configuration Code = "configuration" // params: file, line, remedy
	SchemaNewer   Code = "schema_newer"  // the database is newer than this program
)

var kinds = map[Code]Kind{
	Unexpected: Internal, NotSignedIn: Unauthenticated, NotAllowed: Forbidden, UnknownThing: NotFound,
	BadRequest: Malformed, InvalidField: Invalid, BodyTooLarge: TooLarge, TooOften: TooMany,
	KeyReused: Invalid, LedgerAway: Unavailable, LedgerUnusable: Unavailable, UnknownOutcome: Unavailable, MethodUnknown: WrongMethod, WrongType: Unsupported,
	SessionExpired: Unauthenticated, FormExpired: Forbidden, SignInFailed: Unauthenticated, DiskFull: Unavailable,
	ShuttingDown: Unavailable, ClockWrong: Unavailable, OtherSite: Forbidden,

	SlotTaken: Conflict, SlotNotOffered: Invalid, TooFarAhead: Invalid, TooSoon: Invalid, LimitReached: Conflict,
	HoldExpired: Gone, HoldSpent: Conflict, CutoffPassed: Conflict, SetDateOnly: Invalid, NotBookable: Invalid,
	ServiceNotHere: Invalid, TooManyPeople: Invalid, BookingState: Conflict, BookingPaused: Conflict, KioskQuota: Conflict,
	TimeClosed: Conflict,

	Early: Conflict, Late: Conflict, WrongOffice: Conflict, WrongDay: Conflict, Cancelled: Gone, Used: Conflict,
	Unknown: NotFound, Forged: Invalid, PassExpired: Gone,

	IllegalMove: Conflict, CounterBusy: Conflict, CounterClosed: Conflict, CounterTaken: Conflict, CounterOpen: Conflict,
	NothingOpen: Conflict, NotYours: Conflict, MovedOn: Conflict, NothingToUndo: Conflict, MissTooSoon: Conflict,
	GraceOver: Conflict, FilingOrder: Conflict, ReasonNeeded: Invalid, UnknownReason: Invalid, HallPaused: Conflict,
	OfficeClosed: Conflict, QueueFull: Conflict, QueueClosed: Conflict, QueueUnattended: Conflict, BookingOnly: Conflict,
	RemoteRefused: Conflict, SteppedOutOnce: Conflict, QueueNotHere: Invalid, CounterOnBreak: Conflict,
	CounterClosing: Conflict, ClosedForNow: Conflict, AlreadyInLine: Conflict,

	PairingUnknown: NotFound, FontsMissing: Unavailable, PrinterAway: Unavailable, PrintFailed: Unavailable,
	PaperOut: Unavailable, CoverOpen: Unavailable, PrinterStuck: Unavailable, NoPrinter: Unavailable,
	MailAway: Unavailable, MailRefused: Invalid, Configuration: Invalid,
	SchemaNewer: Unavailable,
}

// Codes lists every code there is, for completeness tests.
func Codes() []Code {
	out := make([]Code, 0, len(kinds))
	for c := range kinds {
		out = append(out, c)
	}
	return out
}
