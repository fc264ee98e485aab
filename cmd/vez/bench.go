package main

import (
	"context"
	"log/slog"
	"net"

	"github.com/jonboulle/clockwork"
	"github.com/spf13/cobra"

	"vez/cmd/vez/bench"
	"vez/config"
	"vez/ledger"
	"vez/office"
)

func benchCommand() *cobra.Command { return bench.Command(openBench) }

// openBench runs a hub for the bench as serve does, in this process; ready
// sees its ledger and its catalogue before it serves.
func openBench(ctx context.Context, s config.Settings, ln net.Listener, ready func(*ledger.DB, *office.Catalogue)) (*bench.Hub, error) {
	h := &hub{s: s, log: slog.New(slog.DiscardHandler), machine: clockwork.NewRealClock(), metrics: newMetrics(), name: hubName()}
	if err := h.open(ctx, ln.Addr().String()); err != nil {
		return nil, err
	}
	ready(h.memory.db, h.cat)
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.run(run, ln)
	}()
	return &bench.Hub{Addr: ln.Addr().String(), Catalogue: h.cat, DB: h.memory.db, Queue: h.memory.queue, Hall: h.hall, Press: h.press,
		Paper: h.papers.ticket, Token: h.who.DemoToken, Close: func() {
			stop()
			<-done
			h.close()
		}}, nil
}
