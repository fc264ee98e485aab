package queue

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"vez/booking"
	"vez/event"
	"vez/office"
)

// chunk is how many commands or members go to Redis at once.
const chunk = 1000

// tempLife is how long the keys of a rebuild that never came to its end stay.
const tempLife = 60 * time.Second

// rebuild is an office's projection made from a snapshot of the ledger.
type rebuild struct {
	head    event.Head
	day     office.Day
	lines   map[string][]redis.Z // by queue
	place   []pair
	serving map[string]string // by counter
	booked  []pair
	cells   map[string][]byte // by suffix
}

func rebuildOf(s event.Snapshot, loc *time.Location) rebuild {
	r := rebuild{head: s.Head, day: s.State.Day, lines: map[string][]redis.Z{}, serving: map[string]string{}, cells: map[string][]byte{}}
	for i := range s.Tickets {
		t := &s.Tickets[i]
		at := placeOf(t)
		if at == "" {
			continue
		}
		r.place = append(r.place, pair{t.ID, at})
		if at[0] == 'w' {
			r.lines[t.Queue] = append(r.lines[t.Queue], redis.Z{Score: float64(t.Due.UnixMilli()), Member: memberOf(t)})
		} else {
			r.serving[t.Counter] = strings.TrimPrefix(at, "c "+t.Counter+" ")
		}
	}
	for i := range s.Bookings {
		r.book(&s.Bookings[i], loc)
	}
	return r
}

func (r *rebuild) book(b *booking.Booking, loc *time.Location) {
	at := cellsOf(b, loc)
	if at == "" || b.Day < r.day {
		return
	}
	r.booked = append(r.booked, pair{b.ID, at})
	suffix := cellsSuffix(b.Queue, b.Day)
	if r.cells[suffix] == nil {
		r.cells[suffix] = make([]byte, booking.CellsPerDay)
	}
	from, to := b.Cells(b.Day.Time(0, loc))
	for c := max(from, 0); c < min(to, booking.CellsPerDay); c++ {
		if r.cells[suffix][c] < 255 {
			r.cells[suffix][c]++
		}
	}
}

// sortedLine writes a line as Redis orders it: by score, then by member.
func sortedLine(l []redis.Z) []string {
	l = slices.Clone(l)
	slices.SortFunc(l, func(a, b redis.Z) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(a.Member.(string), b.Member.(string)))
	})
	out := make([]string, len(l))
	for i, z := range l {
		out[i] = strconv.FormatInt(int64(z.Score), 10) + " " + z.Member.(string)
	}
	return out
}

// swapIn writes a rebuild under temporary keys and swaps it in; seen is the
// head that the decision was made on, "" for none. ErrNewer if another hub was faster.
func (p *Projection) swapIn(ctx context.Context, r rebuild, seen string) error {
	o, nonce := r.head.Office, rand.Text()
	w := &writer{ctx: ctx, client: p.client, prefix: tempPrefix(o, nonce), suffixes: map[string]bool{}}
	for q, l := range r.lines {
		w.add(lineSuffix(q), l)
	}
	w.hash(suffixPlace, r.place)
	var serving []pair
	for c, at := range r.serving {
		serving = append(serving, pair{c, at})
	}
	w.hash(suffixServing, serving)
	w.hash(suffixBooked, r.booked)
	for suffix, cells := range r.cells {
		w.put(suffix, func(c redis.Pipeliner, key string) { c.Set(ctx, key, cells, tempLife) })
	}
	if r.day != "" {
		w.put(suffixDay, func(c redis.Pipeliner, key string) { c.Set(ctx, key, string(r.day), tempLife) })
	}
	if r.head.Seq > 0 {
		w.put(suffixEvents, func(c redis.Pipeliner, key string) {
			c.XAdd(ctx, &redis.XAddArgs{Stream: key, ID: entryID(r.head.Seq), Values: []any{"p", r.head.Epoch}})
		})
	}
	if err := w.finish(); err != nil {
		return err
	}
	return p.swap(ctx, r.head, seen, w)
}

func (p *Projection) swap(ctx context.Context, h event.Head, seen string, w *writer) error {
	v, err := run(ctx, p.client, swapScript, []string{headKey(h.Office), indexKey(h.Office), w.prefix + suffixIndex},
		seen, prefix(h.Office), w.prefix, h.Epoch, h.Seq, len(w.suffixes))
	if err != nil {
		return err
	}
	switch v {
	case int64(1):
		return nil
	case int64(0):
		return ErrNewer
	}
	return ErrIncomplete
}

// writer sends a rebuild in chunks and notes which keys it made.
type writer struct {
	ctx      context.Context
	client   redis.UniversalClient
	prefix   string
	suffixes map[string]bool
	pipe     redis.Pipeliner
	err      error
}

// put queues a command on a key, which expires unless it is swapped in.
func (w *writer) put(suffix string, f func(c redis.Pipeliner, key string)) {
	if w.err != nil {
		return
	}
	if w.pipe == nil {
		w.pipe = w.client.Pipeline()
	}
	key := w.prefix + suffix
	f(w.pipe, key)
	if !w.suffixes[suffix] {
		w.suffixes[suffix] = true
		w.pipe.SAdd(w.ctx, w.prefix+suffixIndex, suffix)
	}
	w.pipe.PExpire(w.ctx, key, tempLife)
	if w.pipe.Len() >= chunk {
		w.flush()
	}
}

func (w *writer) flush() {
	if w.pipe == nil || w.err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, opTimeout)
	defer cancel()
	w.pipe.PExpire(ctx, w.prefix+suffixIndex, tempLife)
	_, w.err = w.pipe.Exec(ctx)
	w.pipe = nil
}

func (w *writer) add(suffix string, l []redis.Z) {
	for part := range slices.Chunk(l, chunk) {
		w.put(suffix, func(c redis.Pipeliner, key string) { c.ZAdd(w.ctx, key, part...) })
		w.flush()
	}
}

func (w *writer) hash(suffix string, list []pair) {
	for part := range slices.Chunk(list, chunk) {
		fields := make([]any, 0, 2*len(part))
		for _, p := range part {
			fields = append(fields, p.id, p.at)
		}
		w.put(suffix, func(c redis.Pipeliner, key string) { c.HSet(w.ctx, key, fields...) })
		w.flush()
	}
}

func (w *writer) finish() error {
	w.flush()
	return w.err
}
