package identitytest

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// Store is an identity.Store in memory. It keeps expired documents, as a store
// may. It is safe for concurrent use.
type Store struct {
	mu   sync.Mutex
	docs map[[2]string]doc
	away error
	puts map[string]int
}

type doc struct {
	owner string
	data  []byte
}

// NewStore makes an empty one.
func NewStore() *Store { return &Store{docs: map[[2]string]doc{}, puts: map[string]int{}} }

// Fail makes every call fail with err from now on; nil ends that.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

// Puts counts what was put of a kind.
func (s *Store) Puts(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.puts[kind]
}

// Put keeps a document.
func (s *Store) Put(_ context.Context, kind, id, owner string, data []byte, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return s.away
	}
	s.puts[kind]++
	s.docs[[2]string{kind, id}] = doc{owner, append([]byte(nil), data...)}
	return nil
}

// Replace keeps a document where the one there is still old.
func (s *Store) Replace(ctx context.Context, kind, id, owner string, old, data []byte, expires time.Time) error {
	if kept, ok, err := s.Get(ctx, kind, id); err != nil || !ok || !bytes.Equal(kept, old) {
		return err
	}
	return s.Put(ctx, kind, id, owner, data, expires)
}

// Get reads one.
func (s *Store) Get(_ context.Context, kind, id string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.docs[[2]string{kind, id}]
	return d.data, ok && s.away == nil, s.away
}

// Delete removes one.
func (s *Store) Delete(_ context.Context, kind, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away == nil {
		delete(s.docs, [2]string{kind, id})
	}
	return s.away
}

// List gives those of a kind and owner, or of all owners.
func (s *Store) List(_ context.Context, kind, owner string) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]byte{}
	for key, d := range s.docs {
		if key[0] == kind && (owner == "" || d.owner == owner) {
			out[key[1]] = d.data
		}
	}
	return out, s.away
}
