package ledger

import (
	"encoding/json"
	"sync"

	"vez/event"
	"vez/fault"
)

// Nearly every idempotency key is new, and to look each up would cost a round
// trip a change. So a key is first taken for new, unless this process has seen
// it. The insert of a key that was used after all touches no row: the batch
// fails and is decided once more, looking. A refusal proves nothing, so there
// the key is looked up before the caller hears it.

type repeatKey struct{ principal, route, key string }

type repeated struct {
	body string
	ids  []string
	at   int64
}

// Repeat gives the ids a key has made; fault.KeyReused for another body. A key
// is forgotten event.KeyFor after it was used.
func (tx *Tx) Repeat(k event.Key) (ids []string, done bool, err error) {
	if k.Zero() {
		return nil, false, nil
	}
	at := repeatKey{k.Principal, k.Route, k.Key}
	r, ok, err := tx.used(at)
	if err != nil || !ok {
		return nil, false, err
	}
	if r.body != k.BodyHash {
		return nil, false, fault.New(fault.KeyReused)
	}
	return r.ids, true, nil
}

func (tx *Tx) used(k repeatKey) (repeated, bool, error) {
	if r, ok := tx.b.repeats.get(k); ok {
		return r, true, nil
	}
	if r, ok := tx.b.w.d.seen.get(k); ok && r.at >= tx.b.forgotten() {
		return r, true, nil
	}
	if tx.b.careful {
		return tx.lookUp(k)
	}
	tx.assumed = append(tx.assumed, k)
	return repeated{}, false, nil
}

func (tx *Tx) lookUp(k repeatKey) (r repeated, found bool, err error) {
	var ids string
	err = tx.keyed.rows(func(rows scanner) error {
		found = true
		return rows.Scan(&r.body, &ids, &r.at)
	}, "SELECT body, ids, at FROM repeats WHERE principal = $1 AND route = $2 AND key = $3 AND at >= $4",
		k.principal, k.route, k.key, tx.b.forgotten())
	if err != nil || !found {
		return r, false, err
	}
	tx.b.found = true
	return r, true, json.Unmarshal([]byte(ids), &r.ids)
}

// mistaken looks up what the change took for new and will not insert, and
// tells whether it was wrong about any.
func (tx *Tx) mistaken() (bool, error) {
	wrong := false
	if tx.b.broken != nil {
		return false, nil
	}
	for _, k := range tx.assumed {
		if _, ok := tx.b.repeats.get(k); ok {
			continue // the insert will tell
		}
		r, found, err := tx.lookUp(k)
		if err != nil {
			return false, err
		}
		if found {
			tx.b.repeats.learn(k, r)
			wrong = true
		}
	}
	return wrong, nil
}

// Remember keeps the ids that a key has made.
func (tx *Tx) Remember(k event.Key, ids []string) error {
	if k.Zero() {
		return nil
	}
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.repeats.put(repeatKey{k.Principal, k.Route, k.Key}, repeated{k.BodyHash, ids, tx.b.w.d.cfg.Machine.Now().UnixMilli()})
	return nil
}

// forgotten is the instant before which used keys count no more.
func (b *batch) forgotten() int64 { return b.w.d.cfg.Machine.Now().Add(-event.KeyFor).UnixMilli() }

// writeRepeat touches no row when the key was used before, which fails the batch.
func (b *batch) writeRepeat(k repeatKey, r repeated) error {
	ids, err := json.Marshal(r.ids)
	b.ops = append(b.ops, op{`INSERT INTO repeats (principal, route, key, body, ids, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (principal, route, key) DO UPDATE SET body = excluded.body, ids = excluded.ids, at = excluded.at WHERE repeats.at < $7`,
		[]any{k.principal, k.route, k.key, r.body, string(ids), r.at, b.forgotten()}, 1})
	return err
}

// seenMost is how many keys of each generation a process keeps in mind.
const seenMost = 8192

// seen are keys that this process has committed or found, the latest ones.
type seen struct {
	mu         sync.Mutex
	young, old map[repeatKey]repeated
}

func (s *seen) get(k repeatKey) (repeated, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.young[k]
	if !ok {
		r, ok = s.old[k]
	}
	return r, ok
}

// forget all: they are, or may be, of a history that is no more.
func (s *seen) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.young, s.old = nil, nil
}

func (s *seen) keep(all map[repeatKey]repeated) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil || len(s.young) >= seenMost {
		s.young, s.old = map[repeatKey]repeated{}, s.young
	}
	for k, r := range all {
		s.young[k] = r
	}
}
