package printer

import (
	"time"

	"vez/printer/layout"
	"vez/printer/qr"
)

// slipKind is which of the papers that are shaped like a slip.
type slipKind int

const (
	bookingSlip slipKind = iota
	returnPass
	reminderSlip
)

func (s Slip) kind() slipKind {
	if s.Pass {
		return returnPass
	}
	return bookingSlip
}

// slipArt is what slips, passes and reminders share on every paper: their words.
type slipArt struct {
	*art
	s    Slip
	kind slipKind
	code qr.Modules
	size int // of running text
}

func (a *slipArt) title(lang string) string {
	switch a.kind {
	case returnPass:
		return a.labels.T(lang, "paper.slip.pass")
	case reminderSlip:
		return a.labels.T(lang, "paper.reminder.title")
	}
	return a.labels.T(lang, "paper.slip.title")
}

// arrive says how to use the paper.
func (a *slipArt) arrive(lang string) string {
	if a.kind == returnPass {
		return a.labels.T(lang, "paper.slip.arrive_pass")
	}
	return a.labels.T(lang, "paper.slip.arrive")
}

func (a *slipArt) local(t time.Time) time.Time { return t.In(a.s.Issued.Location()) }

func (a *slipArt) clock(t time.Time) string { return a.local(t).Format("15:04") }

// day is the day of the booking; of a pass, the last instant it is valid, the
// hour of which narrow paper has on a line of its own.
func (a *slipArt) day(lang string) string {
	if a.kind == returnPass {
		day := a.labels.DateLong(lang, a.local(a.s.End))
		if !a.narrow() {
			day += " " + a.clock(a.s.End)
		}
		return day
	}
	return a.labels.DateLong(lang, a.local(a.s.Start))
}

// hero is what must be kept in mind: the hour, or the last day of a pass.
func (a *slipArt) hero() string {
	if a.kind == returnPass {
		return a.local(a.s.End).Format("2006-01-02")
	}
	return a.clock(a.s.Start)
}

// slipReference writes a reference in two groups, which are easy to read out.
func slipReference(ref string) string {
	if len(ref) == 8 {
		return ref[:4] + " " + ref[4:]
	}
	return ref
}

func (a *slipArt) referenceKey() string {
	if a.kind == returnPass {
		return "paper.slip.reference_pass"
	}
	return "paper.slip.reference"
}

// referenceAt stands in the middle of a width, with its label below; nothing
// where the paper has no reference.
func (a *slipArt) referenceAt(x, y, w, size int) int {
	if a.s.Reference == "" {
		return y
	}
	ref := slipReference(a.s.Reference)
	st := a.fit(layout.Style{Lang: "en", Size: size, Bold: true, Align: layout.Middle}, w, 0, ref)
	return a.label(x, a.sheet.Text(x, y, w, st, ref), w, smallest, a.referenceKey(), layout.Middle)
}

// changes says whether the paper tells how to change the booking.
func (a *slipArt) changes() bool { return a.s.Link != "" && a.kind != returnPass }

func (a *slipArt) change(lang string) string {
	if a.s.ChangeUntil.IsZero() {
		return a.labels.T(lang, "paper.slip.change_open")
	}
	until := a.local(a.s.ChangeUntil)
	return a.labels.T(lang, "paper.slip.change", "until", a.labels.DateLong(lang, until)+" "+a.clock(until))
}

// titleBand is a reminder's title, white on black with a bell at its left, so
// that nobody takes it for the booking's own slip.
func (a *slipArt) titleBand(size int) { a.band(size, a.title) }
