package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Offices are those that have a public when nobody says otherwise.
var Offices = []string{"dsi-main", "hengqin", "mong-son"}

// Config says where the public goes, and how large it is.
type Config struct {
	// URL of the hub, without a path; it must run in demo mode.
	URL string
	// Clock is the hub's house time. One that has a Speed, as demo/clock, is asked
	// for it.
	Clock clockwork.Clock
	// Offices to populate; default: Offices. Unknown ones are left out.
	Offices []string
	// Scale is the size of the public: 1 is a usual day, 0 nobody.
	Scale float64
	// Seed decides who comes, what for, and what becomes of it.
	Seed uint64
	// Log hears of the beginning, of the hub being away and, at debug level, of
	// refusals; nil: nobody.
	Log *slog.Logger
}

// sim is the public of all offices.
type sim struct {
	Config
	client *client
	speed  float64 // of house time
	wg     sync.WaitGroup
}

// Run lets the public and the clerks live until ctx ends, then returns nil
// within a second; the halls stay as they are. It waits for the hub as long as
// need be, at the start and whenever it is away. An error says that there is
// nothing to do here: the hub is no demonstration, or knows none of the offices.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Scale <= 0 {
		return nil
	}
	s, err := newSim(cfg)
	if err != nil {
		return err
	}
	halls, err := s.halls(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	for _, h := range halls {
		s.start(ctx, h.live)
	}
	<-ctx.Done()
	s.wg.Wait()
	s.client.http.CloseIdleConnections()
	return nil
}

func newSim(cfg Config) (*sim, error) {
	if cfg.URL == "" || cfg.Clock == nil {
		return nil, errors.New("demo: the public needs the address of a hub and its clock")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if len(cfg.Offices) == 0 {
		cfg.Offices = Offices
	}
	run := make([]byte, 5)
	if _, err := rand.Read(run); err != nil {
		return nil, err
	}
	s := &sim{Config: cfg, speed: 1}
	if c, ok := cfg.Clock.(interface{ Speed() float64 }); ok {
		s.speed = c.Speed()
	}
	transport := &http.Transport{MaxIdleConnsPerHost: together, MaxConnsPerHost: 2 * together, IdleConnTimeout: time.Minute}
	s.client = &client{url: cfg.URL, http: &http.Client{Transport: transport, Timeout: answerWithin}, log: cfg.Log,
		gate: make(chan struct{}, together), run: hex.EncodeToString(run),
		pause: func(ctx context.Context, d time.Duration) bool { return s.sleep(ctx, s.machine(d)) }}
	return s, nil
}

// start runs a part of the public until it returns.
func (s *sim) start(ctx context.Context, part func(context.Context)) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		part(ctx)
	}()
}

// sleep waits for house time; false when the end came first.
func (s *sim) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := s.Clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.Chan():
		return true
	case <-ctx.Done():
		return false
	}
}

// sleepUntil waits until house time has come to an instant.
func (s *sim) sleepUntil(ctx context.Context, at time.Time) bool {
	return s.sleep(ctx, at.Sub(s.Clock.Now()))
}

// machine gives the house time that passes in so much of the machine's: for
// what must not come faster when the house does, as people do not.
func (s *sim) machine(d time.Duration) time.Duration {
	return time.Duration(float64(d) * s.speed)
}

// halls asks the API for the offices and what is served there.
func (s *sim) halls(ctx context.Context) ([]*hall, error) {
	anybody := s.client.as("", "", "")
	var out []*hall
	for _, id := range s.Offices {
		var o officeShape
		err := anybody.get(ctx, "/api/v1/offices/"+url.PathEscape(id), &o)
		if codeOf(err) == "not_found" {
			s.Log.Warn("the simulated public does not find an office", "office", id)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("demo: office %s: %w", id, err)
		}
		services, err := all[serviceShape](ctx, anybody, "/api/v1/services?limit=500&office="+url.QueryEscape(id))
		if err != nil {
			return nil, fmt.Errorf("demo: services of %s: %w", id, err)
		}
		out = append(out, newHall(s, planOffice(o, services, s.Scale)))
	}
	if len(out) == 0 {
		return nil, errors.New("demo: the hub knows none of the offices")
	}
	// Whoever gives no demo tokens is no demonstration.
	if _, _, err := out[0].kiosk.signed(ctx); codeOf(err) != "" {
		return nil, fmt.Errorf("demo: the hub gives no demo tokens: %w", err)
	}
	return out, nil
}

// all reads every page of a list.
func all[T any](ctx context.Context, c *caller, path string) ([]T, error) {
	var out []T
	for next := ""; ; {
		var page list[T]
		if err := c.get(ctx, path+next, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if page.Next == nil {
			return out, nil
		}
		next = "&cursor=" + url.QueryEscape(*page.Next)
	}
}
