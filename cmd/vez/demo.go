package main

import (
	"context"

	"github.com/jonboulle/clockwork"
)

// houseClock is the clock of the halls.
func (h *hub) houseClock() clockwork.Clock { return h.machine }

// startDemo starts the simulated public; the function it gives ends it.
func (h *hub) startDemo(context.Context) func() { return func() {} }
