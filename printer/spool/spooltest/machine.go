package spooltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
)

// Machine is an emulated printer: it takes a job into its memory, prints it a
// moment later, and keeps what it cannot print until it can.
type Machine struct {
	Clock clockwork.Clock
	// Takes is how long a paper takes; 0: 200 ms.
	Takes time.Duration
	// Proves: it can tell later what came out.
	Proves bool

	mu      sync.Mutex
	trouble fault.Code // paper_out, cover_open, printer_stuck
	cut     bool       // the line is
	epoch   int        // counts restarts and cut lines
	born    int        // counts restarts
	held    []*sheet   // in its memory
	out     []string   // ids of jobs on paper
	changed chan struct{}
	refuses error
	panics  bool
	opened  int
	closed  int
}

// sheet is a job in the machine.
type sheet struct {
	job   string
	ready bool // it is to be printed now, if there is paper
	out   bool
}

// Out lists the jobs that are on paper, one entry for each paper.
func (m *Machine) Out() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.out)
}

// Holds counts the jobs in its memory.
func (m *Machine) Holds() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.held)
}

// Lines counts the lines that were opened, and are still.
func (m *Machine) Lines() (opened, open int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.opened, m.opened - m.closed
}

func (m *Machine) set(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
	m.work()
	if m.changed != nil {
		close(m.changed)
	}
	m.changed = make(chan struct{})
}

// Trouble makes it paper_out, cover_open or printer_stuck; "" ends that, and what it holds
// comes out.
func (m *Machine) Trouble(code fault.Code) { m.set(func() { m.trouble = code }) }

// Cut cuts its line, or mends it.
func (m *Machine) Cut(cut bool) { m.set(func() { m.cut, m.epoch = cut, m.epoch+1 }) }

// Restart switches it off and on: what it holds is gone.
func (m *Machine) Restart() {
	m.set(func() { m.held, m.epoch, m.born = nil, m.epoch+1, m.born+1 })
}

// Buried is Device's.
func (m *Machine) Buried() { m.set(func() {}) }

// Refuse makes it fail with an error without a trouble of its own; nil ends that.
func (m *Machine) Refuse(err error) { m.set(func() { m.refuses = err }) }

// Panic makes its driver panic once it has sent something.
func (m *Machine) Panic(on bool) { m.set(func() { m.panics = on }) }

// work prints what can be printed.
func (m *Machine) work() {
	if m.trouble != "" {
		return
	}
	m.held = slices.DeleteFunc(m.held, func(s *sheet) bool {
		if s.ready {
			s.out = true
			m.out = append(m.out, s.job)
		}
		return s.ready
	})
}

// Driver opens a line to the machine. A line that is dead belongs to a hub that
// was killed: it does nothing more.
func (m *Machine) Driver(dead func() bool) printer.Driver {
	m.set(func() { m.opened++ })
	l := &line{m: m, dead: dead}
	if m.Proves {
		return prover{l}
	}
	return l
}

// prover is a line to a machine that remembers.
type prover struct{ *line }

func (p prover) Proves(_ context.Context, job printer.Job) bool {
	return !p.dead() && slices.Contains(p.m.Out(), job.ID)
}

type line struct {
	m    *Machine
	dead func() bool
}

func (l *line) Close() error {
	l.m.set(func() { l.m.closed++ })
	return nil
}

func (l *line) Status(context.Context) printer.Status {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	if l.m.cut {
		return printer.Status{Problem: fault.PrinterAway}
	}
	return printer.Status{Problem: l.m.trouble}
}

var errKilled = errors.New("the hub was killed")

func (l *line) Print(ctx context.Context, job printer.Job, doc printer.Document) error {
	s, epoch, err := l.send(job, doc)
	if err != nil {
		return err
	}
	for {
		l.m.mu.Lock()
		changed := l.m.changed
		l.m.mu.Unlock()
		if done, err := l.ended(s, epoch); done {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", printer.ErrOutcomeUnknown, ctx.Err())
		case <-changed:
		}
	}
}

// send brings the job into the machine's memory; it prints it a moment later.
func (l *line) send(job printer.Job, doc printer.Document) (*sheet, int, error) {
	m := l.m
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case l.dead():
		return nil, 0, errKilled
	case len(doc.Pages) == 0:
		return nil, 0, errors.New("nothing to print")
	case m.cut:
		return nil, 0, fault.New(fault.PrinterAway)
	case m.trouble != "":
		return nil, 0, fault.New(m.trouble)
	case m.refuses != nil:
		return nil, 0, m.refuses
	}
	s, born := &sheet{job: job.ID}, m.born
	m.held = append(m.held, s)
	takes := m.Takes
	if takes == 0 {
		takes = 200 * time.Millisecond
	}
	m.Clock.AfterFunc(takes, func() {
		m.set(func() {
			if m.born == born {
				s.ready = true
			}
		})
	})
	if m.panics {
		panic("the driver of an emulated printer")
	}
	if m.changed == nil {
		m.changed = make(chan struct{})
	}
	return s, m.epoch, nil
}

// ended says what the driver knows of a job it has sent.
func (l *line) ended(s *sheet, epoch int) (bool, error) {
	m := l.m
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case l.dead():
		return true, errKilled
	case m.epoch != epoch:
		return true, fmt.Errorf("%w: the line was cut", printer.ErrOutcomeUnknown)
	case s.out:
		return true, nil
	case s.ready && m.trouble != "":
		// It says why it cannot, and its memory is cleared.
		m.held = slices.DeleteFunc(m.held, func(h *sheet) bool { return h == s })
		return true, fault.New(m.trouble)
	}
	return false, nil
}
