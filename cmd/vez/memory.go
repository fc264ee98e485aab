package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/config"
	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/live"
	"vez/office"
	"vez/queue"
)

// memory is the two memories and the hub's snapshots, joined: the ledger tells
// the projection and the snapshots of each commit.
type memory struct {
	db    *ledger.DB
	queue *queue.Projection
	live  *live.Hub
	close []func()
}

func openMemory(ctx context.Context, s config.Settings, cat *office.Catalogue, house, machine clockwork.Clock, log *slog.Logger) (*memory, error) {
	m := &memory{}
	var err error
	m.db, err = ledger.Open(ctx, ledger.Config{URL: s.Database, Dir: s.Data, Key: s.Key, House: house, Machine: machine, Log: log,
		Zone: func(id string) *time.Location {
			if o := cat.Office(id); o != nil {
				return o.Location()
			}
			return nil
		}})
	if err != nil {
		return nil, err
	}
	m.close = append(m.close, func() { m.db.Close() })
	client, end, err := dialRedis(ctx, s, machine, log)
	if err != nil {
		m.Close()
		return nil, err
	}
	m.close = append(m.close, end)
	m.queue = queue.New(queue.Config{Client: client, Source: m.db, Catalogue: cat, Clock: machine, Log: log})
	m.close = append(m.close, m.queue.Close)
	m.live = live.NewHub(live.Config{Catalogue: cat, Source: m.db, Feed: m.queue, Presence: m.queue.Present, House: house, Machine: machine, Log: log})
	m.close = append(m.close, m.live.Close)
	m.db.OnCommit(func(es []event.Event) {
		m.queue.Committed(es)
		m.live.Committed(es)
	})
	return m, nil
}

// Close ends what was opened, last first.
func (m *memory) Close() {
	for i := len(m.close) - 1; i >= 0; i-- {
		m.close[i]()
	}
	m.close = nil
}

// dialRedis gives the client that the settings ask for: embedded, child or an address.
func dialRedis(ctx context.Context, s config.Settings, machine clockwork.Clock, log *slog.Logger) (redis.UniversalClient, func(), error) {
	switch s.Redis {
	case "":
		client, end := queue.Embedded(machine)
		return client, end, nil
	case "child":
		return queue.Child(ctx, filepath.Join(s.Data, "redis"), machine, log)
	}
	client, err := queue.Dial(s.Redis)
	if err != nil {
		return nil, nil, err
	}
	return client, func() { _ = client.Close() }, nil
}

// records keeps small documents of other rooms beside the ledger.
type records struct{ db *ledger.DB }

func (r records) Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error {
	return r.db.Put(ctx, event.Record{Kind: kind, ID: id, Owner: owner, Data: data, Expires: expires})
}

func (r records) Replace(ctx context.Context, kind, id, owner string, old, data []byte, expires time.Time) error {
	return r.db.Replace(ctx, old, event.Record{Kind: kind, ID: id, Owner: owner, Data: data, Expires: expires})
}

func (r records) Get(ctx context.Context, kind, id string) ([]byte, bool, error) {
	rec, err := r.db.Get(ctx, kind, id)
	if fault.CodeOf(err) == fault.UnknownThing {
		return nil, false, nil
	}
	return rec.Data, err == nil, err
}

func (r records) Delete(ctx context.Context, kind, id string) error {
	return r.db.Delete(ctx, kind, id)
}

func (r records) List(ctx context.Context, kind, owner string) (map[string][]byte, error) {
	all, err := r.db.Records(ctx, kind, owner)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte, len(all))
	for _, rec := range all {
		out[rec.ID] = rec.Data
	}
	return out, nil
}
