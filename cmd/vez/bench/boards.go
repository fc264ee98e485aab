package bench

import (
	"fmt"
	"time"

	"vez/hall"
	"vez/identity"
)

const (
	// openBoards is how many screens the promise speaks of.
	openBoards = 1000
	// boardCalls is how many calls they hear.
	boardCalls = 5
)

// boardClerk makes the calls, calling(i) is the counter of the i-th.
var boardClerk = hall.Act{Actor: "clerk:bench"}

func calling(i int) string { return fmt.Sprintf("%s-%d", benchAt, i+1) }

// waitingToBeCalled opens the counters and gives the numbers of those who wait, in order.
func (b *Bench) waitingToBeCalled(x *Hub) (numbers []string, err error) {
	for i := range boardCalls {
		if _, err := x.Hall.OpenCounter(b.ctx, boardClerk, calling(i), []string{benchQueue}); err != nil {
			return nil, err
		}
		is, err := x.Hall.Issue(b.ctx, boardClerk, hall.IssueRequest{Office: benchAt, Queue: benchQueue})
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, is.Ticket.Number)
	}
	return numbers, nil
}

// boards measures from a call to its line on every open board.
func (b *Bench) boards() ([]Row, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	numbers, err := b.waitingToBeCalled(x)
	if err != nil {
		return nil, err
	}
	token, err := b.token(x, identity.Device, "board", benchAt, "board")
	if err != nil {
		return nil, err
	}
	w := newWatchers(numbers)
	w.open(x.Addr, token)
	defer w.close()
	var took []time.Duration
	for i := range numbers {
		begun := time.Now()
		if _, err := x.Hall.Next(b.ctx, boardClerk, calling(i), hall.NextRequest{}); err != nil {
			return nil, err
		}
		took = append(took, w.heard(i, begun)...)
	}
	if want := openBoards * boardCalls; len(took) < want {
		return nil, fmt.Errorf("%d of %d calls were heard", len(took), want)
	}
	return []Row{bound(fmt.Sprintf("from a call to %d open boards, 99th percentile", openBoards), quantile(took, 0.99), 200*time.Millisecond).
		noting(fmt.Sprintf("median %.0f ms; the readers are on the same cores", ms(quantile(took, 0.5))))}, nil
}
