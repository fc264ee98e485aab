package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/spf13/cobra"

	"vez/config"
)

// row is one promise of speed: a figure, what it is measured against in the
// same run, and the least that their ratio should be.
type row struct {
	What     string  `json:"what"`
	Got      float64 `json:"got"`
	Baseline float64 `json:"baseline,omitempty"`
	Unit     string  `json:"unit"`
	// Ratio is Got over Baseline, or the bound over Got for a duration.
	Ratio float64 `json:"ratio"`
	Least float64 `json:"least"`
	Note  string  `json:"note,omitempty"`
}

func rate(what string, got, baseline, least float64, unit, note string) row {
	return row{What: what, Got: got, Baseline: baseline, Unit: unit, Ratio: got / baseline, Least: least, Note: note}
}

// bound is a duration in milliseconds against what it may be at most.
func bound(what string, got time.Duration, most time.Duration, note string) row {
	ms := float64(got.Microseconds()) / 1000
	at := float64(most.Microseconds()) / 1000
	return row{What: what, Got: ms, Baseline: at, Unit: "ms", Ratio: at / ms, Least: 1, Note: note}
}

func benchCommand() *cobra.Command {
	asJSON, seconds, only, profile := false, 3.0, "", ""
	cmd := &cobra.Command{Use: "bench", Short: "Measure the promises of speed as ratios within one run", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		b := bencher{ctx: cmd.Context(), out: cmd.ErrOrStderr(), lasts: time.Duration(seconds * float64(time.Second)), only: only}
		stop, err := profiling(profile)
		if err != nil {
			return err
		}
		defer stop()
		rows, failed := b.all()
		if asJSON {
			return errors.Join(failed, json.NewEncoder(cmd.OutOrStdout()).Encode(rows))
		}
		return errors.Join(failed, printRows(cmd.OutOrStdout(), rows))
	}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	cmd.Flags().Float64Var(&seconds, "seconds", 3, "how long each load lasts")
	cmd.Flags().StringVar(&only, "only", "", "measure one part alone: moves, reads, slots, papers, rivals, boards, start")
	cmd.Flags().StringVar(&profile, "cpuprofile", "", "write a profile of the processor's time to a file")
	return cmd
}

func printRows(w io.Writer, rows []row) error {
	fmt.Fprintf(w, "%-58s %12s %12s %7s %6s\n", "what", "got", "against", "ratio", "least")
	for _, r := range rows {
		_, err := fmt.Fprintf(w, "%-58s %9.6g %-3s %8.6g %-3s %6.2f %6.2f  %s\n", r.What, r.Got, r.Unit, r.Baseline, r.Unit, r.Ratio, r.Least, r.Note)
		if err != nil {
			return err
		}
	}
	return nil
}

// bencher measures on hubs of its own, in temporary folders.
type bencher struct {
	ctx   context.Context
	out   io.Writer
	lasts time.Duration
	only  string
}

// profiling writes a profile to a file until the function it gives is called.
func profiling(file string) (func(), error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

func (b *bencher) all() ([]row, error) {
	var rows []row
	var failed error
	for _, part := range []struct {
		name string
		run  func() ([]row, error)
	}{
		{"moves", b.moves}, {"reads", b.reads}, {"slots", b.slots}, {"papers", b.papers},
		{"rivals", b.rivals}, {"boards", b.boards}, {"start", b.start},
	} {
		if b.only != "" && b.only != part.name {
			continue
		}
		fmt.Fprintln(b.out, "measuring", part.name, "…")
		got, err := part.run()
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", part.name, err))
		}
		rows = append(rows, got...)
	}
	return rows, failed
}

// benchHub is a demo hub at a free port of this process, on a working morning.
type benchHub struct {
	*hub
	addr string
	end  func()
}

// morning is a working day on both sides of the border, halls open.
var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

func (b *bencher) hub() (*benchHub, error) {
	dir, err := os.MkdirTemp("", "vez-bench-")
	if err != nil {
		return nil, err
	}
	x, err := b.hubAt(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	end := x.end
	x.end = func() { end(); _ = os.RemoveAll(dir) }
	return x, nil
}

func (b *bencher) hubAt(dir string) (*benchHub, error) { return b.hubWith(dir, nil) }

// hubWith opens a hub; between may look at it before it serves.
func (b *bencher) hubWith(dir string, between func(*hub)) (*benchHub, error) {
	s, _ := config.Load(config.Sources{})
	s.Demo = config.Demo{Enabled: true, Clock: morning, Speed: 1}
	s.Data = dir
	s.Fonts = append(s.Fonts, filepath.Join("fonts"))
	ln, err := b.listen()
	if err != nil {
		return nil, err
	}
	h := &hub{s: s, log: slog.New(slog.DiscardHandler), machine: clockwork.NewRealClock()}
	if err := h.open(b.ctx, ln.Addr().String()); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	if between != nil {
		between(h)
	}
	ctx, stop := context.WithCancel(b.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.run(ctx, ln)
	}()
	return &benchHub{hub: h, addr: ln.Addr().String(), end: func() {
		stop()
		<-done
		h.memory.Close()
	}}, nil
}
