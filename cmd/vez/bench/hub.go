package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"time"

	"vez/config"
	"vez/hall"
	"vez/identity"
	"vez/ledger"
	"vez/office"
	"vez/printer"
	"vez/queue"
	"vez/ticket"
)

// Hub is a running hub of this process, as the program opens it.
type Hub struct {
	Addr      string // host:port that it serves on
	Catalogue *office.Catalogue
	DB        *ledger.DB
	Queue     *queue.Projection
	Hall      *hall.Hall
	Press     *printer.Press
	// Paper is what stands on a ticket's paper.
	Paper func(context.Context, ticket.Ticket) (printer.Ticket, error)
	// Token makes a demo token.
	Token func(context.Context, identity.TokenRequest) (string, time.Time, error)
	// Close ends the hub and waits for its end.
	Close func()
}

// Open starts a hub on a listener; ready sees its ledger and its catalogue before it serves.
type Open func(ctx context.Context, s config.Settings, ln net.Listener, ready func(*ledger.DB, *office.Catalogue)) (*Hub, error)

// morning is a working day on both sides of the border, halls open.
var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

// site says what a hub stands on.
type site struct {
	dir      string // "": a fresh one, removed in the end
	database string // "": SQLite in dir
	redis    string // "": embedded; "child"
	look     func(*ledger.DB)
}

// hub opens one at a free port of loopback, on a working morning.
func (b *Bench) hub(at site) (*Hub, error) {
	remove := func() {}
	if at.dir == "" {
		var err error
		if at.dir, remove, err = temp(); err != nil {
			return nil, err
		}
	}
	ln, err := b.listen()
	if err != nil {
		remove()
		return nil, err
	}
	x, err := b.open(b.ctx, settings(at), ln, func(db *ledger.DB, cat *office.Catalogue) {
		unlimit(cat)
		if at.look != nil {
			at.look(db)
		}
	})
	if err != nil {
		remove()
		return nil, errors.Join(err, ln.Close())
	}
	end := x.Close
	x.Close = func() { end(); remove() }
	return x, nil
}

// unlimit lifts the daily limits for walk-ins: more people come here than in any day.
func unlimit(cat *office.Catalogue) {
	for _, o := range cat.Offices {
		for _, q := range cat.QueuesOf(o.ID) {
			q.Rules.WalkInLimit = 0
			for i := range q.Seasons {
				q.Seasons[i].Rules.WalkInLimit = 0
			}
		}
	}
}

func settings(at site) config.Settings {
	s, _ := config.Load(config.Sources{}) // the defaults have no mistakes
	s.Demo = config.Demo{Enabled: true, Clock: morning, Speed: 1}
	s.Data, s.Database, s.Redis = at.dir, at.database, at.redis
	if s.Database != "" {
		s.Key = rand.Text() + rand.Text()
	}
	return s
}

// token of a demo person or device at an office.
func (b *Bench) token(x *Hub, role identity.Role, subject, office, kind string) (string, error) {
	token, _, err := x.Token(b.ctx, identity.TokenRequest{Role: role, Subject: subject, Office: office, Kind: kind})
	return token, err
}

// listen opens a free port on loopback.
func (b *Bench) listen() (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(b.ctx, "tcp", "127.0.0.1:0")
}
