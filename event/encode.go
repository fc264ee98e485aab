package event

import (
	"encoding/json"
	"strconv"
	"time"

	"vez/counter"
	"vez/ticket"
)

// Tickets and shifts are written several times a move: into the payload, into
// their rows, into the undo. What stands here writes the very bytes that
// encoding/json does, field by field in the order of the types, at a fraction
// of the time; a test holds it to every field.

// TicketJSON is json.Marshal of a ticket.
func TicketJSON(t ticket.Ticket) ([]byte, error) {
	w := writer{b: make([]byte, 0, 768), html: true}
	w.ticket(&t)
	return w.b, w.err
}

// ShiftJSON is json.Marshal of a shift.
func ShiftJSON(s counter.Shift) ([]byte, error) {
	w := writer{b: make([]byte, 0, 384), html: true}
	w.shift(&s)
	return w.b, w.err
}

// UndoJSON is json.Marshal of an undo.
func UndoJSON(u Undo) ([]byte, error) {
	w := writer{b: make([]byte, 0, 1536), html: true}
	w.text(`{"Counter":`, u.Counter)
	w.text(`,"Kind":`, string(u.Kind))
	w.number(`,"First":`, u.First)
	w.number(`,"Seq":`, u.Seq)
	w.instant(`,"At":`, u.At)
	w.raw(`,"Before":`)
	w.images(&u.Before)
	w.raw("}")
	return w.b, w.err
}

// eventJSON is encode of an event.
func eventJSON(e *Event) ([]byte, error) {
	w := writer{b: make([]byte, 0, 1536)}
	w.text(`{"office":`, e.Office)
	w.number(`,"seq":`, e.Seq)
	w.instant(`,"at":`, e.At)
	w.text(`,"kind":`, string(e.Kind))
	w.some(`,"actor":`, e.Actor)
	w.some(`,"counter":`, e.Counter)
	w.some(`,"reason":`, e.Reason)
	if len(e.Detail) > 0 { // in canonical form
		w.raw(`,"detail":`)
		w.b = append(w.b, e.Detail...)
	}
	w.raw(`,"images":`)
	w.images(&e.Images)
	w.raw("}")
	return w.b, w.err
}

// writer appends JSON. Each name comes with what stands before it.
type writer struct {
	b    []byte
	html bool // escape as json.Marshal does, for what may stand in a page
	err  error
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func (w *writer) text(name, s string) {
	w.b = append(w.b, name...)
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || w.html && (c == '<' || c == '>' || c == '&') {
			w.any(s)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

func (w *writer) some(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *writer) number(name string, n int64) { w.b = strconv.AppendInt(append(w.b, name...), n, 10) }

func (w *writer) count(name string, n int64) {
	if n != 0 {
		w.number(name, n)
	}
}

func (w *writer) flag(name string, is bool) {
	if is {
		w.raw(name + "true")
	}
}

func (w *writer) instant(name string, t time.Time) {
	w.b = append(append(w.b, name...), '"')
	b, err := t.AppendText(w.b)
	w.b = append(b, '"')
	w.fail(err)
}

func (w *writer) when(name string, t time.Time) {
	if !t.IsZero() {
		w.instant(name, t)
	}
}

// any writes what is too rare to be written by hand.
func (w *writer) any(v any) {
	to := encode
	if w.html {
		to = json.Marshal
	}
	b, err := to(v)
	w.b = append(w.b, b...)
	w.fail(err)
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// list writes a field with at least one element.
func list[T any](w *writer, name string, all []T, one func(*T)) {
	if len(all) == 0 {
		return
	}
	w.raw(name)
	for i := range all {
		if i == 0 {
			w.raw("[")
		} else {
			w.raw(",")
		}
		one(&all[i])
	}
	w.raw("]")
}

func (w *writer) images(im *Images) {
	from := len(w.b) + 1
	list(w, `,"tickets":`, im.Tickets, w.ticket)
	if len(im.Bookings) > 0 {
		w.raw(`,"bookings":`)
		w.any(im.Bookings)
	}
	list(w, `,"shifts":`, im.Shifts, w.shift)
	if im.Office != nil {
		w.raw(`,"office":`)
		w.any(im.Office)
	}
	if len(im.Void) > 0 {
		w.raw(`,"void":`)
		w.any(im.Void)
	}
	if from > len(w.b) {
		w.raw("{}")
		return
	}
	w.b[from-1] = '{' // instead of the first comma
	w.raw("}")
}

func (w *writer) ticket(t *ticket.Ticket) {
	w.text(`{"id":`, t.ID)
	w.text(`,"office":`, t.Office)
	w.text(`,"queue":`, t.Queue)
	w.some(`,"service":`, t.Service)
	w.text(`,"visit":`, t.Visit)
	w.text(`,"day":`, string(t.Day))
	w.text(`,"series":`, t.Series)
	w.number(`,"n":`, int64(t.N))
	w.text(`,"number":`, t.Number)
	w.text(`,"state":`, string(t.State))
	w.text(`,"class":`, string(t.Class))
	w.some(`,"booking":`, t.Booking)
	w.some(`,"lang":`, t.Lang)
	w.count(`,"people":`, int64(t.People))
	w.count(`,"head_start":`, int64(t.HeadStart))
	if len(t.Needs) > 0 {
		w.raw(`,"needs":`)
		w.any(t.Needs)
	}
	w.when(`,"arrival":`, t.Arrival)
	w.when(`,"due":`, t.Due)
	w.count(`,"joined":`, t.Joined)
	w.when(`,"start":`, t.Start)
	w.when(`,"callable":`, t.Callable)
	w.when(`,"from":`, t.From)
	w.when(`,"to":`, t.To)
	w.some(`,"counter":`, t.Counter)
	w.when(`,"called_at":`, t.CalledAt)
	w.count(`,"recalls":`, int64(t.Recalls))
	w.when(`,"serving_at":`, t.ServingAt)
	w.when(`,"missed_at":`, t.MissedAt)
	w.when(`,"parked_until":`, t.ParkedUntil)
	w.flag(`,"stepped_out":`, t.SteppedOut)
	w.when(`,"passed":`, t.Passed)
	w.count(`,"notice_at":`, int64(t.NoticeAt))
	w.some(`,"outcome":`, string(t.Outcome))
	w.when(`,"ended_at":`, t.EndedAt)
	w.flag(`,"invited":`, t.Invited)
	w.when(`,"asked":`, t.Asked)
	w.number(`,"seq":`, t.Seq)
	w.raw("}")
}

func (w *writer) shift(s *counter.Shift) {
	w.text(`{"counter":`, s.Counter)
	w.text(`,"office":`, s.Office)
	w.some(`,"clerk":`, s.Clerk)
	w.text(`,"state":`, string(s.State))
	list(w, `,"queues":`, s.Queues, func(q *counter.Served) {
		w.text(`{"queue":`, q.Queue)
		w.count(`,"at_latest":`, int64(q.AtLatest))
		w.raw("}")
	})
	if len(s.Offers) > 0 {
		w.raw(`,"offers":`)
		w.any(s.Offers)
	}
	w.when(`,"since":`, s.Since)
	w.some(`,"reason":`, s.Reason)
	w.when(`,"back_at":`, s.BackAt)
	w.some(`,"ticket":`, s.Ticket)
	w.flag(`,"writing_up":`, s.WritingUp)
	w.number(`,"seq":`, s.Seq)
	w.raw("}")
}
