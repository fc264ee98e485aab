package bench

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/ledger"
	"vez/office"
)

const (
	// liveMost is how many of the bookings are still to come; all beyond are past.
	liveMost = 100_000
	// liveFrom is how many days ahead they begin: too far for reminders to be planned while we measure.
	liveFrom = 10
	// holders is among how many people they are.
	holders = 300_000
	// blockDays is how many days of an office go into one commit.
	blockDays = 10
)

// filler puts bookings into a ledger through its own door, one event each, as
// they would have come, but a thousand in a commit.
type filler struct {
	dir     string
	cat     *office.Catalogue
	hours   map[string][]hour // by queue
	made    int
	coming  func() ([]booking.Booking, bool)
	past    func() ([]booking.Booking, bool)
	release []func()
}

// hour is a start that a queue offers on a working day, and for how many.
type hour struct {
	service  string
	at, long time.Duration // after midnight
	places   int
}

func newFiller(dir string, cat *office.Catalogue) *filler {
	f := &filler{dir: dir, cat: cat, hours: map[string][]hour{}}
	for _, o := range cat.Offices {
		for _, q := range cat.QueuesOf(o.ID) {
			f.hours[q.ID] = hoursOf(cat, o, q)
		}
	}
	var stop func()
	f.coming, stop = iter.Pull(f.blocks(liveFrom, 1, booking.Confirmed))
	f.release = append(f.release, stop)
	f.past, stop = iter.Pull(f.blocks(-1, -1, booking.Fulfilled))
	f.release = append(f.release, stop)
	return f
}

// end lets the iterators go.
func (f *filler) end() {
	for _, stop := range f.release {
		stop()
	}
}

// hoursOf are the starts of a queue's first service that do not overlap, on the
// next day that has any.
func hoursOf(cat *office.Catalogue, o *office.Office, q *office.Queue) (out []hour) {
	if len(q.Services) == 0 {
		return nil
	}
	s := cat.Service(q.Services[0])
	need := booking.NeedOf(cat, s, q, booking.Standard, morning)
	long := time.Duration(need.Cells) * booking.Cell
	for i := 1; i < 14 && len(out) == 0; i++ {
		day := o.Day(morning).Add(i)
		plan := booking.PlanOf(q, cat.Openings(q, day, nil), day, o.Location(), booking.BlockMinutes(cat, q))
		for _, slot := range booking.Starts(plan, booking.Taken{}, need) {
			at := slot.Start.Sub(day.Time(0, o.Location()))
			if n := len(out); n == 0 || at >= out[n-1].at+long {
				out = append(out, hour{s.ID, at, long, slot.Free})
			}
		}
	}
	return out
}

// blocks are the full calendars of all offices, some days of one office at a
// time, on and on in one direction.
func (f *filler) blocks(from, step int, state booking.State) iter.Seq[[]booking.Booking] {
	return func(yield func([]booking.Booking) bool) {
		for day := from; ; day += step * blockDays {
			for _, o := range f.cat.Offices {
				var block []booking.Booking
				for i := range blockDays {
					block = append(block, f.day(o, o.Day(morning).Add(day+step*i), state)...)
				}
				if len(block) > 0 && !yield(block) {
					return
				}
			}
		}
	}
}

// day is an office's full calendar of a day; nothing on weekends.
func (f *filler) day(o *office.Office, day office.Day, state booking.State) (out []booking.Booking) {
	midnight := day.Time(0, o.Location())
	if w := midnight.Weekday(); w == time.Saturday || w == time.Sunday {
		return nil
	}
	for _, q := range f.cat.QueuesOf(o.ID) {
		for _, h := range f.hours[q.ID] {
			b := booking.Booking{Office: o.ID, Queue: q.ID, Service: h.service, Day: day, State: state, Class: booking.Standard, Origin: booking.Online,
				Start: midnight.Add(h.at).UTC(), End: midnight.Add(h.at + h.long).UTC(), People: 1, Lang: "zh-Hant", Made: morning.AddDate(0, 0, -1)}
			for range h.places {
				out = append(out, b)
			}
		}
	}
	return out
}

// fill brings the ledger in the folder to so many bookings.
func (f *filler) fill(ctx context.Context, bookings int) error {
	house := clockwork.NewFakeClockAt(morning.Add(-time.Hour))
	db, err := ledger.Open(ctx, ledger.Config{Dir: f.dir, House: house, Machine: clockwork.NewRealClock()})
	if err != nil {
		return err
	}
	defer db.Close()
	for f.made < bookings {
		next := f.past
		if f.made < liveMost {
			next = f.coming
		}
		block, _ := next()
		block = block[:min(len(block), bookings-f.made)]
		if err := f.keep(ctx, db, block); err != nil {
			return err
		}
		f.made += len(block)
	}
	return nil
}

// keep commits the bookings of one office.
func (f *filler) keep(ctx context.Context, db *ledger.DB, block []booking.Booking) error {
	at := block[0].Office
	return db.Do(ctx, event.Scope{Offices: []string{at}}, func(tx *ledger.Tx) error {
		for i, b := range block {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			b.ID = id.String()
			if b.Reference, err = booking.NewReference(bytes.NewReader(drawn35(f.made + i))); err != nil {
				return err
			}
			who := fmt.Sprintf("citizen:%032x", (f.made+i)%holders)
			if _, err := tx.Append(event.Draft{Office: at, Kind: event.KindConfirmed, Actor: who, Images: event.Images{Bookings: []booking.Booking{b}}}); err != nil {
				return err
			}
			if err := tx.SetHolder(b.ID, who, "macao"); err != nil {
				return err
			}
		}
		return nil
	})
}

// drawn35 stands in for what a reference is drawn from: 35 bits that look drawn,
// others for each n. Of a million drawn ones some would be the same.
func drawn35(n int) []byte {
	out := make([]byte, booking.ReferenceLength)
	for i, x := 0, uint64(n)*0x9E3779B97F4A7C15; i < len(out); i, x = i+1, x>>5 {
		out[i] = byte(x & 31)
	}
	return out
}
