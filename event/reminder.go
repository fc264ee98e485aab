package event

import (
	"time"

	"vez/booking"
	"vez/office"
)

// Channel is a way on which a reminder reaches somebody.
type Channel string

// The channels.
const (
	ChannelMemo  Channel = "memo"  // the memo list of their account
	ChannelMail  Channel = "mail"  // e-mail
	ChannelPaper Channel = "paper" // a letter in the day's batch of the office
)

// Remind is the state of a reminder.
type Remind string

// The states. A reminder is Planned (memo) or Queued, may be Sending, and ends as one of the others.
const (
	RemindPlanned Remind = "planned" // not due yet
	RemindQueued  Remind = "queued"  // due, and waits to be sent
	RemindSending Remind = "sending" // being handed over, by one hub; or in a batch that is not asked for yet
	RemindSent    Remind = "sent"
	RemindFailed  Remind = "failed"  // refused for good
	RemindUnknown Remind = "unknown" // may not have arrived; never sent again
	RemindSkipped Remind = "skipped" // not sent, for a reason
)

// ContactKind is the kind of the records with sealed addresses; their id is the holder.
const ContactKind = "contact"

// ReminderKey is a cause on one channel: a booking, its start, and how long
// before it. The same booking at another start is another cause.
type ReminderKey struct {
	Booking string
	Start   time.Time
	Before  time.Duration
	Channel Channel
}

// Reminder is the state of one cause on one channel. It holds neither holder nor address.
type Reminder struct {
	ReminderKey
	State Remind
	// Due in house time: when it is to be sent.
	Due    time.Time
	Office string
	// Day of the office on which it is due; of a letter, the day of its batch.
	Day office.Day
	// At is the house time of its last change.
	At time.Time
	// Hub that took it last.
	Hub string
	// Reason is a code: why skipped or failed, or the print job of a letter.
	Reason string
	Tries  int
	// Next is the machine time before which it is not tried again.
	Next time.Time
}

// LetterBatch says when an office may have made a batch of letters, and of what.
type LetterBatch struct {
	Office string
	Day    office.Day    // of the batch; it holds bookings of later days
	Until  time.Time     // what falls due before, house time
	Before time.Duration // the shortest cause
}

// Remindable is a confirmed booking with what decides about its reminders.
type Remindable struct {
	Booking booking.Booking
	// Agreed is the instant since when it stands as it is: confirmed or rescheduled.
	Agreed time.Time
	// Held by somebody with an account; false for a bearer's.
	Held bool
	// Contact tells that the holder has left an address.
	Contact bool
	// Before of the planned reminder that fell due; 0 when it was asked for otherwise.
	Before time.Duration
}

// Outgoing is a queued reminder with what is needed to send it.
type Outgoing struct {
	Reminder
	Details booking.Booking
	Holder  string
	// Contact is the holder's sealed address; nil when there is none.
	Contact []byte
}

// ReminderMark changes the state of a reminder that is in a state From: Queued,
// or Sending (also Unknown meanwhile) at the Hub of the mark.
type ReminderMark struct {
	ReminderKey
	From   Remind
	To     Remind
	Hub    string
	Reason string
	At     time.Time
	Tries  int
	Next   time.Time
}
