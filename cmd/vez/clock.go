package main

import (
	"context"
	"time"

	"vez/fault"
)

// clockMost is how far this machine's clock may be ahead of the ledger's before
// what cannot be taken back is left undone: a clock that is set by the network
// is never so wrong, one that reads local time for UTC is.
const clockMost = 5 * time.Minute

// ahead tells how far this machine's clock is ahead of the ledger's; 0 unless it
// is plainly wrong. Where both are on one machine they agree, for better or worse.
func (h *hub) ahead(ctx context.Context) (time.Duration, error) {
	d, err := h.memory.db.Ahead(ctx)
	if err != nil || d < clockMost {
		return 0, err
	}
	return d, nil
}

// houseAhead is ahead in house time.
func (h *hub) houseAhead(ctx context.Context) (time.Duration, error) {
	d, err := h.ahead(ctx)
	return time.Duration(float64(d) * h.speed()), err
}

// sweep removes what is too old, by a clock that can be believed.
func (h *hub) sweep(ctx context.Context) error {
	switch d, err := h.ahead(ctx); {
	case err != nil:
		return err
	case d > 0:
		return fault.New(fault.ClockWrong)
	}
	_, err := h.memory.db.Sweep(ctx)
	return err
}
