package pages

import (
	"context"
	"sync"

	"vez/fault"
)

// Links remember which tickets the addresses of live pages stand for, so that
// the pages open while the ledger is away, for the first time as well.
// They are safe for concurrent use.
type Links struct {
	hall Hall
	live Live

	mu       sync.Mutex
	to       map[string]linked // by token
	order    []string          // the tokens, oldest first
	tickets  map[string]bool   // whose tokens are known
	versions map[string]uint64 // of each office, up to which all are known
}

// linked is what an address stands for: the ids of a ticket and of its office.
type linked struct{ ticket, office string }

const (
	linksMost = 100_000 // remembered; the oldest are forgotten first
	learnMost = 2_000   // learned in one run
)

// NewLinks makes an empty memory of a hall's tickets.
func NewLinks(h Hall, l Live) *Links {
	return &Links{hall: h, live: l, to: map[string]linked{}, tickets: map[string]bool{}, versions: map[string]uint64{}}
}

// Learn asks the ledger for the addresses of the tickets that the hub holds and
// that are not known yet. It is to be called every few seconds; what a run does
// not come to is left to the next.
func (s *Links) Learn(ctx context.Context) error {
	r, left := s.hall.Read(ctx), learnMost
	for _, o := range s.hall.Catalogue().Offices {
		s.mu.Lock()
		since := s.versions[o.ID]
		s.mu.Unlock()
		ids, version := s.live.Active(o.ID, since)
		for _, id := range ids {
			if s.knows(id) {
				continue
			}
			if left == 0 {
				return nil
			}
			left--
			token, err := r.LinkOf(id)
			switch {
			case fault.CodeOf(err) == fault.UnknownThing:
				continue // it has no page
			case err != nil:
				return err
			}
			s.keep(token, id, o.ID)
		}
		s.mu.Lock()
		s.versions[o.ID] = version
		s.mu.Unlock()
	}
	return nil
}

func (s *Links) knows(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tickets[ticket]
}

func (s *Links) keep(token, ticket, office string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.to[token]; there {
		return
	}
	s.to[token], s.tickets[ticket] = linked{ticket, office}, true
	if s.order = append(s.order, token); len(s.order) > linksMost {
		old := s.order[0]
		delete(s.tickets, s.to[old].ticket)
		delete(s.to, old)
		s.order = s.order[1:]
	}
}

func (s *Links) find(token string) (linked, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.to[token]
	return to, ok
}
