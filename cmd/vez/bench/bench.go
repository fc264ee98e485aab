package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Bench measures on hubs of its own, in temporary folders.
type Bench struct {
	ctx  context.Context
	out  io.Writer // says how far it is
	open Open
	// program is the executable whose start is measured.
	program string
	// lasts is how long each load lasts.
	lasts time.Duration
	// quick leaves out what takes minutes.
	quick bool
	// profiles is the folder for one profile a part, "" for none.
	profiles string
}

// errNotMet ends a strict run.
var errNotMet = errors.New("a promise of speed is not met")

// Command is `vez bench`; open makes the hubs that are measured.
func Command(open Open) *cobra.Command {
	o := options{}
	cmd := &cobra.Command{Use: "bench", Short: "Measure the promises of speed as ratios within one run", Args: cobra.NoArgs,
		Long: "Measures each promise of speed against a baseline of the same run. Do nothing else on the machine meanwhile.\n" +
			"It exits with 0 whether they are met or not, unless --strict is given.",
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, open) }}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON for scripts")
	f.BoolVar(&o.strict, "strict", false, "exit with 1 when a promise is not met")
	f.BoolVar(&o.quick, "quick", false, "leave out what takes minutes: the million bookings")
	f.Float64Var(&o.seconds, "seconds", 3, "how long each load lasts")
	f.StringSliceVar(&o.only, "only", nil, "measure some parts alone: "+strings.Join(names(), ", "))
	cmd.AddCommand(clientsCommand())
	f.StringVar(&o.profiles, "cpuprofile", "", "write a profile of the processor's time for each part into a folder")
	return cmd
}

type options struct {
	json, strict, quick bool
	seconds             float64
	only                []string
	profiles            string
}

func (o options) run(cmd *cobra.Command, open Open) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	b := &Bench{ctx: cmd.Context(), out: cmd.ErrOrStderr(), open: open, program: program, quick: o.quick, profiles: o.profiles,
		lasts: time.Duration(o.seconds * float64(time.Second))}
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	busy, begun := busyness(), time.Now()
	rows, failed := b.all(chosen)
	r := reportOf(rows, busy, begun, time.Since(begun))
	show := r.table
	if o.json {
		show = r.json
	}
	if o.strict && r.NotMet > 0 {
		failed = errors.Join(failed, errNotMet)
	}
	return errors.Join(show(cmd.OutOrStdout()), failed)
}

// all measures the parts one after the other; what fails does not keep the others from it.
func (b *Bench) all(chosen []part) (rows []Row, failed error) {
	for _, p := range chosen {
		fmt.Fprintln(b.out, "measuring", p.name, "…")
		got, err := b.profiled(p)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", p.name, err))
		}
		for i := range got {
			got[i].Part = p.name
		}
		rows = append(rows, got...)
		if b.ctx.Err() != nil {
			break
		}
	}
	return rows, failed
}

// temp gives a fresh folder and what removes it.
func temp() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "vez-bench-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// profilePath of a part.
func (b *Bench) profilePath(part string) string { return filepath.Join(b.profiles, part+".pprof") }
