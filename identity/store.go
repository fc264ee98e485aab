package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vez/fault"
)

// Store keeps small documents beside the ledger. Expires is machine time, zero
// for never; an expired document may be gone or still be there.
type Store interface {
	Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error
	// Get tells with ok whether there is one; err is for a store that failed.
	Get(ctx context.Context, kind, id string) (data []byte, ok bool, err error)
	// Delete does nothing when there is none.
	Delete(ctx context.Context, kind, id string) error
	// List gives the documents of a kind by id; owner "" lists all.
	List(ctx context.Context, kind, owner string) (map[string][]byte, error)
}

// Kinds of documents in the store.
const (
	kindSession   = "session"   // by hash of the cookie, owned by the subject
	kindSeen      = "seen"      // when a session was last used, by the same hash
	kindToken     = "token"     // bearer tokens and device cookies, by hash, owned by the subject
	kindDevice    = "device"    // paired devices, by subject, owned by the office
	kindHeartbeat = "heartbeat" // last news of a device, by subject, owned by the office
	kindPairing   = "pairing"   // devices that show a code, by code
	kindAccount   = "account"   // local staff accounts, by name
)

// put stores a document as JSON.
func (s *Service) put(ctx context.Context, kind, id, owner string, doc any, expires time.Time) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return s.cfg.Store.Put(ctx, kind, id, owner, data, expires)
}

// get reads a document; ok tells whether there is one.
func (s *Service) get(ctx context.Context, kind, id string, into any) (ok bool, err error) {
	data, ok, err := s.cfg.Store.Get(ctx, kind, id)
	if err != nil {
		return false, away(err)
	}
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return false, fmt.Errorf("%s: %w", kind, err)
	}
	return true, nil
}

// drop deletes every document of a kind that an owner has, and gives their ids.
func (s *Service) drop(ctx context.Context, kind, owner string) ([]string, error) {
	if owner == "" {
		return nil, nil
	}
	all, err := s.cfg.Store.List(ctx, kind, owner)
	if err != nil {
		return nil, away(err)
	}
	ids := make([]string, 0, len(all))
	for id := range all {
		if err := s.cfg.Store.Delete(ctx, kind, id); err != nil {
			return ids, away(err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// away makes a fault of a store that failed, so that nobody is told that they
// are not signed in when we simply could not look.
func away(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.New(fault.LedgerAway).Because(err)
}
