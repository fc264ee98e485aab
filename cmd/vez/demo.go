package main

import (
	"context"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/demo"
	"vez/demo/clock"
	"vez/demo/provider"
	"vez/office"
)

// demoOffice is whose opening hours decide when a demonstration begins.
const demoOffice = "dsi-main"

// houseClock is the clock of the halls: the machine's, but in a demonstration
// it may start anywhere and run faster, and starts with the halls open.
func (h *hub) houseClock() (clockwork.Clock, error) {
	if !h.s.Demo.Enabled {
		return h.machine, nil
	}
	start := h.s.Demo.Clock
	if start.IsZero() {
		start = h.machine.Now()
		if o := h.firstOffice(); o != nil {
			start = clock.Start(start, o.Location(), h.isOpen(o))
		}
	}
	return clock.New(h.machine, start, h.s.Demo.Speed)
}

func (h *hub) firstOffice() *office.Office {
	if o := h.cat.Office(demoOffice); o != nil || len(h.cat.Offices) == 0 {
		return o
	}
	return h.cat.Offices[0]
}

func (h *hub) isOpen(o *office.Office) func(time.Time) bool {
	return func(at time.Time) bool {
		for _, i := range h.cat.OfficeOpenings(o, o.Day(at), nil) {
			// The last hour is too short for a newcomer to look around.
			if !at.Before(i.From) && at.Before(i.To.Add(-time.Hour)) {
				return true
			}
		}
		return false
	}
}

// demoProvider is the built-in OpenID provider; it does not exist outside demo mode.
func (h *hub) demoProvider() (*provider.Provider, error) {
	return provider.New(provider.Config{URL: h.s.URL, Clock: h.machine, Office: func(id string) map[string]string {
		if o := h.cat.Office(id); o != nil {
			return o.Name.Names()
		}
		return nil
	}})
}

// startDemo starts the simulated public; the function it gives ends it and waits.
func (h *hub) startDemo(ctx context.Context, addr string) func() {
	if !h.s.Demo.Enabled || h.s.Demo.Public <= 0 {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := demo.Run(ctx, demo.Config{URL: "http://" + addr, Clock: h.house, Scale: h.s.Demo.Public, Seed: 1, Log: h.log})
		if err != nil {
			h.log.Warn("the simulated public stays at home", "err", err)
		}
	}()
	return func() {
		stop()
		<-done
	}
}
