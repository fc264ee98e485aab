package bench

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"vez/booking"
	"vez/hall"
	"vez/office"
)

// rivalry is how many people ask for one place.
const rivalry = 1000

// rivals lets them ask at once.
func (b *Bench) rivals() ([]Row, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	q := x.Catalogue.Queue("dsi-main-association")
	service := q.Services[0]
	start := firstFree(x, q, service)
	var won atomic.Int64
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range rivalry {
		wg.Go(func() {
			holder := fmt.Sprint("citizen:", i)
			_, err := x.Hall.Book(b.ctx, hall.Act{Actor: holder}, hall.BookRequest{Service: service, Office: benchAt, Start: start.Start, Holder: holder})
			if err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(begun)
	row := judged(Row{What: fmt.Sprintf("winners among %d rivals for %d place(s)", rivalry, start.Free), Got: float64(won.Load()), Baseline: float64(start.Free),
		Against: "places", Ratio: over(float64(start.Free), float64(won.Load())), Least: 1})
	if row.Got != row.Baseline {
		row.Verdict = NotMet
	}
	return []Row{row.noting(fmt.Sprintf("all answered in %d ms", took.Milliseconds()))}, nil
}

func firstFree(x *Hub, q *office.Queue, service string) booking.Slot {
	o, s := x.Catalogue.Office(q.Office), x.Catalogue.Service(service)
	for day := o.Day(morning).Add(1); ; day = day.Add(1) {
		plan := booking.PlanOf(q, x.Catalogue.Openings(q, day, nil), day, o.Location(), booking.BlockMinutes(x.Catalogue, q))
		if free := booking.Starts(plan, booking.Taken{}, booking.NeedOf(x.Catalogue, s, q, booking.Standard, x.Hall.Now())); len(free) > 0 {
			return free[0]
		}
	}
}
