package board

import (
	"slices"
	"time"

	"vez/ticket"
)

const (
	// FlashFor is how long a new call is shown inverted, machine time (look, "Board").
	FlashFor = 6 * time.Second
	// PageFor is how long a page of calls stays when there are more than rows.
	PageFor = 8 * time.Second
	// LanguageFor is how long labels stay in one language.
	LanguageFor = 8 * time.Second
	// ServingFor is how long a number stays on a board once it is served, where there is room.
	ServingFor = 10 * time.Minute
)

// Call is a number at a counter.
type Call struct {
	Number  string       // "A047"
	Booked  bool         // carries a mark
	Label   string       // of the counter, "3"
	State   ticket.State // called or serving
	Since   time.Time    // first call of the present call
	Called  time.Time    // last call or recall
	Recalls int
}

// Picture is what a board shows.
type Picture struct {
	// Hero is the newest call, in the largest type; nil when nobody is called.
	Hero *Call
	// Rows are the others, called ones first.
	Rows []Call
	// Page of Pages, from 0; there is more than one only while more numbers are called than fit.
	Page, Pages int
}

// Arrange lays out the calls of a board with so many rows under the hero. A
// call stays until it is started or missed: served numbers only take room that
// is left, and when even the called ones do not fit, pages of them take turns.
func Arrange(calls []Call, rows int, now time.Time) Picture {
	called, served := sorted(calls, now)
	out := Picture{Pages: 1}
	if len(called) > 0 {
		out.Hero, called = &called[0], called[1:]
	}
	rows = max(rows, 1)
	if len(called) > rows {
		out.Pages = (len(called) + rows - 1) / rows
		out.Page = turn(now, PageFor, out.Pages)
		from := out.Page * rows
		out.Rows = called[from:min(from+rows, len(called))]
		return out
	}
	out.Rows = append(called, served...)
	out.Rows = out.Rows[:min(rows, len(out.Rows))]
	return out
}

// sorted parts the called from those served not long ago, each newest first.
func sorted(calls []Call, now time.Time) (called, served []Call) {
	for _, c := range calls {
		switch {
		case c.State == ticket.Called:
			called = append(called, c)
		case c.State == ticket.Serving && now.Sub(c.Called) < ServingFor:
			served = append(served, c)
		}
	}
	slices.SortStableFunc(called, newest)
	slices.SortStableFunc(served, newest)
	return called, served
}

func newest(a, b Call) int {
	if c := b.Called.Compare(a.Called); c != 0 {
		return c
	}
	if a.Number < b.Number {
		return -1
	}
	if a.Number > b.Number {
		return 1
	}
	return 0
}

// turn tells whose turn it is among n that change every so often, the same on
// every board: it is reckoned from the clock, not from when a board was started.
func turn(now time.Time, every time.Duration, n int) int {
	if n <= 1 {
		return 0
	}
	return int(now.UnixMilli() / every.Milliseconds() % int64(n))
}

// Flashing tells whether a call made at an instant is still shown inverted.
func Flashing(called, now time.Time) bool {
	since := now.Sub(called)
	return since >= 0 && since < FlashFor
}

// Language is the one that labels are in now; numbers never change with it.
func Language(languages []string, now time.Time) string {
	if len(languages) == 0 {
		return ""
	}
	return languages[turn(now, LanguageFor, len(languages))]
}

// NextChange is when Language or the page of a Picture next changes by itself.
func NextChange(now time.Time, every time.Duration) time.Time {
	ms := every.Milliseconds()
	return time.UnixMilli((now.UnixMilli()/ms + 1) * ms).In(now.Location())
}
