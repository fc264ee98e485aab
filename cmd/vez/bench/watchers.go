package bench

import (
	"net"
	"strings"
	"sync"
	"time"
)

// heardWithin bounds the wait for a call on all boards.
const heardWithin = 30 * time.Second

// watchers are open boards that note when they hear of each number.
type watchers struct {
	numbers []string
	at      []chan time.Time // by number
	ready   sync.WaitGroup
	done    sync.WaitGroup
	mu      sync.Mutex
	conns   []net.Conn
}

func newWatchers(numbers []string) *watchers {
	w := &watchers{numbers: numbers}
	for range numbers {
		w.at = append(w.at, make(chan time.Time, openBoards))
	}
	return w
}

// open returns when every board has its first picture, or has failed.
func (w *watchers) open(addr, token string) {
	w.ready.Add(openBoards)
	for range openBoards {
		w.done.Go(func() { w.watch(addr, token) })
	}
	w.ready.Wait()
}

// watch is one board. What waits is in its picture too, as figures without numbers.
func (w *watchers) watch(addr, token string) {
	var opened sync.Once
	defer opened.Do(w.ready.Done)
	conn, err := stream(addr, "/live/board/"+benchAt, token)
	if err != nil {
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, conn)
	w.mu.Unlock()
	next := 0
	_ = lines(conn, func(line string) bool {
		if !strings.HasPrefix(line, "data:") {
			return true
		}
		opened.Do(w.ready.Done)
		if strings.Contains(line, `"`+w.numbers[next]+`"`) {
			w.at[next] <- time.Now()
			next++
		}
		return next < len(w.numbers)
	})
}

// heard waits until all boards have a number and gives how long it took each.
func (w *watchers) heard(number int, begun time.Time) (took []time.Duration) {
	limit := time.After(heardWithin)
	for range openBoards {
		select {
		case t := <-w.at[number]:
			took = append(took, t.Sub(begun))
		case <-limit:
			return took
		}
	}
	return took
}

// close ends all boards and waits for them.
func (w *watchers) close() {
	w.mu.Lock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.done.Wait()
}
