package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"vez/config"
	"vez/hall"
	"vez/identity"
)

func (b *bencher) plain() config.Settings {
	s, _ := config.Load(config.Sources{})
	return s
}

func quantile(all []time.Duration, q float64) time.Duration {
	s := slices.Clone(all)
	slices.Sort(s)
	return s[min(len(s)-1, int(float64(len(s))*q))]
}

// openBoards is how many screens the promise speaks of.
const openBoards = 1000

// boards measures from a call to its line on every open board.
func (b *bencher) boards() ([]row, error) {
	x, err := b.hub()
	if err != nil {
		return nil, err
	}
	defer x.end()
	act := hall.Act{Actor: "clerk:bench"}
	counter := benchAt + "-1"
	if _, err := x.hall.OpenCounter(b.ctx, act, counter, []string{benchQueue}); err != nil {
		return nil, err
	}
	if _, err := x.hall.Issue(b.ctx, act, hall.IssueRequest{Office: benchAt, Queue: benchQueue}); err != nil {
		return nil, err
	}
	token, _, err := x.who.DemoToken(b.ctx, identity.TokenRequest{Role: identity.Device, Subject: "board", Office: benchAt, Kind: "board"})
	if err != nil {
		return nil, err
	}
	var ready, heard sync.WaitGroup
	ready.Add(openBoards)
	heard.Add(openBoards)
	at := make([]time.Time, openBoards)
	for i := range openBoards {
		go func() {
			var once, news sync.Once
			err := streamLines(x.addr, "/live/board/"+benchAt, token, func() {}, func(line string) bool {
				once.Do(ready.Done)
				if strings.Contains(line, "F001") && strings.HasPrefix(line, "data:") {
					at[i] = time.Now()
					news.Do(heard.Done)
					return false
				}
				return true
			})
			if err != nil && at[i].IsZero() {
				once.Do(ready.Done)
				news.Do(heard.Done)
			}
		}()
	}
	ready.Wait()
	time.Sleep(200 * time.Millisecond) // snapshots are through
	begun := time.Now()
	if _, err := x.hall.Next(b.ctx, act, counter, hall.NextRequest{}); err != nil {
		return nil, err
	}
	heard.Wait()
	took := make([]time.Duration, 0, openBoards)
	for _, t := range at {
		if !t.IsZero() {
			took = append(took, t.Sub(begun))
		}
	}
	if len(took) < openBoards {
		return nil, fmt.Errorf("%d of %d boards heard the call", len(took), openBoards)
	}
	return []row{bound("a call on 1,000 open boards, 99th percentile", quantile(took, 0.99), 200*time.Millisecond, "readers on the same cores")}, nil
}

// start measures from opening the data folder to readiness.
func (b *bencher) start() ([]row, error) {
	dir, err := os.MkdirTemp("", "vez-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	begun := time.Now()
	x, err := b.hubAt(dir)
	if err != nil {
		return nil, err
	}
	took := time.Since(begun)
	x.end()
	return []row{bound("start to ready, empty ledger", took, time.Second, "")}, nil
}
