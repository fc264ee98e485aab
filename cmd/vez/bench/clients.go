package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/spf13/cobra"
)

// clientsUse is the subcommand that the clients run as.
const clientsUse = "clients"

// job is what a load's connections do: visits at desks, or a request over and
// over. They are a process of their own, as a hall's browsers and devices are:
// else the hub's goroutines would wait for their turn among those of its clients.
type job struct {
	Lasts time.Duration
	Visit visit   `json:",omitempty"`
	Desks []*desk `json:",omitempty"`
	// Ask is made over Connections.
	Ask         *request `json:",omitempty"`
	Connections int      `json:",omitempty"`
}

// request is asked for the status 200.
type request struct{ Addr, Token, Method, Path, Body string }

// send has a job done by clients.
func (b *Bench) send(j job) (l loaded, err error) {
	in, err := json.Marshal(j)
	if err != nil {
		return l, err
	}
	cmd := exec.CommandContext(b.ctx, b.program, "bench", clientsUse) //nolint:gosec // our own executable
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &said
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &l)
	}
	if err != nil {
		return l, fmt.Errorf("the clients: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return l, nil
}

// clientsCommand is the process that send starts: a job in, what it came to out.
func clientsCommand() *cobra.Command {
	return &cobra.Command{Use: clientsUse, Hidden: true, Short: "Be the clients of a load", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var j job
			if err := json.NewDecoder(cmd.InOrStdin()).Decode(&j); err != nil {
				return err
			}
			l, err := j.do()
			return errors.Join(err, json.NewEncoder(cmd.OutOrStdout()).Encode(l))
		}}
}

func (j job) do() (loaded, error) {
	if j.Ask != nil {
		return load(j.Connections, j.Lasts, func(_ int, stop *atomic.Bool, took *[]time.Duration) error {
			c := newCaller(j.Ask.Addr, j.Ask.Token)
			return until(stop, func() error {
				return timed(took, func() error { return c.want(fiber.StatusOK, j.Ask.Method, j.Ask.Path, j.Ask.Body) })
			})
		})
	}
	steps := j.Visit.steps()
	return load(len(j.Desks), j.Lasts, func(i int, stop *atomic.Bool, took *[]time.Duration) error {
		j.Desks[i].sit()
		return until(stop, func() error {
			for _, s := range steps {
				if err := timed(took, func() error { return s(j.Desks[i]) }); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
