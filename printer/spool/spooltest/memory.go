package spooltest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
)

// Memory is a store of jobs, documents and leases in memory.
type Memory struct {
	clock  clockwork.Clock
	mu     sync.Mutex
	jobs   []spool.Task
	docs   map[[2]string]doc
	leases map[string]held
}

type doc struct {
	owner string
	data  []byte
}

type held struct {
	holder string
	until  time.Time
}

// NewMemory makes an empty store.
func NewMemory(clock clockwork.Clock) *Memory {
	return &Memory{clock: clock, docs: map[[2]string]doc{}, leases: map[string]held{}}
}

// Add records a job of a ticket of its own, asked for somewhere.
func (m *Memory) Add(office string, kind printer.Kind, by string) printer.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.add(printer.Job{Office: office, Kind: kind, By: by, Ref: fmt.Sprint("t", len(m.jobs))})
}

func (m *Memory) add(j printer.Job) printer.Job {
	j.ID, j.State, j.At = fmt.Sprintf("job-%04d", len(m.jobs)), printer.Queued, m.clock.Now()
	m.jobs = append(m.jobs, spool.Task{Job: j})
	return j
}

// Ask is spool.Jobs'.
func (m *Memory) Ask(_ context.Context, office string, kind printer.Kind, ref string) (printer.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, t := range m.jobs {
		if t.Kind == kind && t.Ref == ref {
			n++
		}
	}
	return m.add(printer.Job{Office: office, Kind: kind, Ref: ref, Copy: n}), nil
}

// Pending is spool.Jobs'.
func (m *Memory) Pending(context.Context) ([]spool.Task, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []spool.Task
	for _, t := range m.jobs {
		if t.State == printer.Queued || t.State == printer.Printing {
			out = append(out, t)
		}
	}
	return out, nil
}

// Job is spool.Jobs'.
func (m *Memory) Job(_ context.Context, id string) (spool.Task, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.jobs {
		if t.ID == id {
			return t, nil
		}
	}
	return spool.Task{}, fault.New(fault.UnknownThing, "what", id)
}

// Mark is spool.Jobs'.
func (m *Memory) Mark(_ context.Context, was, next spool.Task) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, t := range m.jobs {
		if t.ID == was.ID && t.State == was.State && t.Hub == was.Hub && len(t.Tries) == len(was.Tries) {
			next.Tries = slices.Clone(next.Tries)
			m.jobs[i] = next
			return true, nil
		}
	}
	return false, nil
}

// Put is spool.Store's; nothing expires.
func (m *Memory) Put(_ context.Context, kind, id, owner string, data []byte, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.docs[[2]string{kind, id}] = doc{owner, slices.Clone(data)}
	return nil
}

// Get is spool.Store's.
func (m *Memory) Get(_ context.Context, kind, id string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, ok := m.docs[[2]string{kind, id}]
	return d.data, ok, nil
}

// Delete is spool.Store's.
func (m *Memory) Delete(_ context.Context, kind, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.docs, [2]string{kind, id})
	return nil
}

// List is spool.Store's.
func (m *Memory) List(_ context.Context, kind, owner string) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string][]byte{}
	for key, d := range m.docs {
		if key[0] == kind && (owner == "" || d.owner == owner) {
			out[key[1]] = d.data
		}
	}
	return out, nil
}

// Lease is spool.Leases'.
func (m *Memory) Lease(_ context.Context, name, holder string, until time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, taken := m.leases[name]
	if taken && l.holder != holder && l.until.After(m.clock.Now()) {
		return false, nil
	}
	m.leases[name] = held{holder, until}
	return true, nil
}

// Backend gives the store as a Backend.
func (m *Memory) Backend() Backend {
	return Backend{Jobs: m, Store: m, Leases: m, Ticket: func(by string) (printer.Job, error) {
		return m.Add(Office, printer.KindTicket, by), nil
	}}
}
