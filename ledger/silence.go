package ledger

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errSilent is a database that did not answer in its time. Unlike one that
// refuses, it makes everybody wait, so that it is asked by one alone (silence).
var errSilent = errors.New("ledger: the database says nothing")

// errShut is told at once while the database is known to be silent.
var errShut = errors.New("ledger: the database has said nothing for a while")

const (
	// shutGrace is how long others wait while the first look is under way: a
	// firewall may have forgotten one connection, and all else is well.
	shutGrace = 50 * time.Millisecond
	// lookEvery is the pause between two looks at a silent database.
	lookEvery = 200 * time.Millisecond
)

// lookFor is how long a look may take, in turn: short ones, so that a network
// that is back is noticed soon; and one for a network that is merely slow.
var lookFor = []time.Duration{time.Second, time.Second, pgConnect}

// silence keeps everybody from waiting for a database that one has waited for
// in vain, while it looks by itself whether it answers again. The nil silence
// holds nobody up: a file is never silent.
type silence struct {
	// look asks the database for anything at all; an error means silence.
	look func(ctx context.Context) error
	// cut ends the connections that are: nothing will come on them. renew ends
	// those that lie idle: they may be as dead as the one that was waited for.
	cut, renew func()

	ctx     context.Context //nolint:containedctx // of the looking, until close
	cancel  context.CancelFunc
	looking sync.WaitGroup

	mu    sync.Mutex
	over  chan struct{}   // nil while the database answers; closed when it does again
	grace context.Context //nolint:containedctx // ends shutGrace after over was made
}

func newSilence(look func(context.Context) error, cut, renew func()) *silence {
	s := &silence{look: look, cut: cut, renew: renew}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// fell begins the silence, unless it has begun.
func (s *silence) fell() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil || s.ctx.Err() != nil {
		return
	}
	over := make(chan struct{})
	grace, end := context.WithTimeout(s.ctx, shutGrace)
	s.over, s.grace = over, grace
	s.looking.Go(func() {
		defer end()
		s.watch()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.over = nil
		close(over)
	})
}

// watch looks until the database answers. Where the first look finds nothing
// either, no connection is waited for any longer.
func (s *silence) watch() {
	for i := 0; s.ctx.Err() == nil; i++ {
		ctx, end := context.WithTimeout(s.ctx, lookFor[i%len(lookFor)])
		err := s.look(ctx)
		end()
		if err == nil {
			s.renew()
			return
		}
		if i == 0 {
			s.cut()
		}
		pause(s.ctx, lookEvery)
	}
}

// begun gives what ends with the silence, and its grace; nil when there is none.
func (s *silence) begun() (over <-chan struct{}, grace context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over, s.grace
}

// admit lets pass who wants to ask something: errShut while it is silent.
func (s *silence) admit(ctx context.Context) error {
	if s == nil {
		return nil
	}
	over, grace := s.begun()
	if over == nil {
		return nil
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-grace.Done():
		return errShut
	}
}

// wait waits for the end of the silence, for as long as ctx lasts.
func (s *silence) wait(ctx context.Context) error {
	if s == nil {
		return ctx.Err()
	}
	over, _ := s.begun()
	if over == nil {
		return ctx.Err()
	}
	select {
	case <-over:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends the looking; the silence is over for those who wait.
func (s *silence) close() {
	if s != nil {
		s.cancel()
		s.looking.Wait()
	}
}

// pause waits. It measures the real world, not house or machine time: a
// database takes as long as it takes.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}
