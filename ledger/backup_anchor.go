package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"vez/event"
)

// Anchor says where every office's chain ended at an instant, signed. A chain
// proves that nothing inside it was changed; that its end was not cut off, or
// all of it written anew, only an anchor shows that was kept elsewhere.
type Anchor struct {
	Format int          `json:"format"` // 1
	Epoch  string       `json:"epoch"`
	At     time.Time    `json:"at"` // machine time, UTC, whole milliseconds
	Heads  []AnchorHead `json:"heads"`
	// Key is the Ed25519 public key, Signature what it signs of all the above.
	Key       HexBytes `json:"key"`
	Signature HexBytes `json:"signature"`
}

// AnchorHead is the last event of an office.
type AnchorHead struct {
	Office string   `json:"office"`
	Seq    int64    `json:"seq"`
	Hash   HexBytes `json:"hash"`
}

// HexBytes are bytes that JSON shows as hexadecimal digits.
type HexBytes []byte

// MarshalText gives lower-case digits.
func (h HexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

// UnmarshalText reads digits.
func (h *HexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode(nil, text)
	return err
}

// String gives lower-case digits.
func (h HexBytes) String() string { return hex.EncodeToString(h) }

const anchorFormat = 1

var (
	// ErrAnchor is the answer to an anchor that its key has not signed.
	ErrAnchor = errors.New("the exported heads do not bear the signature of their key")
	// ErrOtherSigner is the answer to an anchor that another key has signed than the archive's.
	ErrOtherSigner = errors.New("the exported heads are of another ledger, or somebody changed its key")
	// ErrNoHeads is the answer to an anchor that was exported before the first event.
	ErrNoHeads = errors.New("the exported heads are of no office and prove nothing of this backup; take newer ones")
)

// signed is what the signature covers; each part of varying length stands behind its length.
func (a Anchor) signed() []byte {
	var b []byte
	part := func(p []byte) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	part([]byte("vez/ledger/anchor/1"))
	part([]byte(a.Epoch))
	b = binary.BigEndian.AppendUint64(b, uint64(a.At.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(len(a.Heads)))
	for _, h := range a.Heads {
		part([]byte(h.Office))
		b = binary.BigEndian.AppendUint64(b, uint64(h.Seq))
		part(h.Hash)
	}
	return b
}

// Check proves the anchor's signature by its own key; whose key that is the caller knows. ErrAnchor if not.
func (a Anchor) Check() error {
	if a.Format != anchorFormat {
		return fmt.Errorf("%w: format %d is unknown", ErrAnchor, a.Format)
	}
	if len(a.Key) != ed25519.PublicKeySize || !ed25519.Verify(ed25519.PublicKey(a.Key), a.signed(), a.Signature) {
		return ErrAnchor
	}
	return nil
}

// anchorSecret is the name of the key that signs anchors and archives.
const anchorSecret = "anchor-key-1"

// anchorKey gives the key, and makes it when there is none. What another key
// wraps than the other secrets would be lost.
func (d *DB) anchorKey(ctx context.Context) (ed25519.PrivateKey, error) {
	if err := d.fits(ctx); err != nil {
		return nil, err
	}
	seed, err := d.Secret(ctx, anchorSecret, func() ([]byte, error) {
		b := make([]byte, ed25519.SeedSize)
		_, err := rand.Read(b)
		return b, err
	})
	if err != nil {
		return nil, err
	}
	return keyOfSeed(seed)
}

func keyOfSeed(seed []byte) (ed25519.PrivateKey, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("ledger: the key of the heads is damaged")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Anchor signs where the chains end now.
func (d *DB) Anchor(ctx context.Context) (Anchor, error) {
	key, err := d.anchorKey(ctx)
	if err != nil {
		return Anchor{}, err
	}
	a := d.anchor()
	a.Epoch = d.epoch
	err = d.Read(ctx).rows(a.scan, sqlHeads)
	return a.sign(key), err
}

const sqlHeads = "SELECT office, seq, hash FROM offices WHERE seq > 0 ORDER BY office"

func (d *DB) anchor() Anchor {
	return Anchor{Format: anchorFormat, At: d.machineStamp(), Heads: []AnchorHead{}}
}

func (a *Anchor) scan(r scanner) error {
	var h AnchorHead
	err := r.Scan(&h.Office, &h.Seq, (*[]byte)(&h.Hash))
	a.Heads = append(a.Heads, h)
	return err
}

func (a Anchor) sign(key ed25519.PrivateKey) Anchor {
	a.Key = HexBytes(key.Public().(ed25519.PublicKey))
	a.Signature = ed25519.Sign(key, a.signed())
	return a
}

// Holds proves that this ledger still holds everything an anchor speaks of:
// it recomputes each office's chain up to the anchor's head from the payloads
// and compares the hash there. The report's flaws name what was cut off or
// written anew. An anchor that its key did not sign is ErrAnchor; whether it
// is this ledger's key, SignedHere tells.
func (d *DB) Holds(ctx context.Context, a Anchor, progress func(done, total int)) (Report, error) {
	if err := a.Check(); err != nil {
		return Report{}, err
	}
	total := 0
	for _, h := range a.Heads {
		total += int(h.Seq)
	}
	v := &verifier{Reader: d.Read(ctx), progress: progress, total: total}
	for _, h := range a.Heads {
		v.report.Offices++
		if err := v.reaches(h); err != nil {
			return v.report, err
		}
	}
	return v.report, nil
}

// reaches walks an office's chain to a head that is expected on it.
func (v *verifier) reaches(h AnchorHead) error {
	w := walk{verifier: v, want: h}
	for more := true; more; {
		before := w.seq
		err := v.rows(w.step, `SELECT seq, at, digest, hash, salt, payload FROM events
WHERE office = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`, h.Office, w.seq, h.Seq, verifyPage)
		if err != nil {
			return err
		}
		if v.progress != nil {
			v.progress(v.report.Events, v.total)
		}
		more = w.seq > before
	}
	switch {
	case w.seq < h.Seq:
		w.flaw(w.seq, "the chain ends here, but went on to %d", h.Seq)
	case !bytes.Equal(w.hash, h.Hash):
		w.flaw(h.Seq, "this is not the event that was here: its hash was %s and is %s", h.Hash, HexBytes(w.hash))
	}
	return nil
}

// walk recomputes hashes, and folds nothing.
type walk struct {
	*verifier
	want AnchorHead
	seq  int64
	hash []byte // recomputed
}

func (w *walk) step(r scanner) error {
	var s stored
	if err := r.Scan(&s.seq, &s.at, &s.digest, &s.hash, &s.salt, &s.payload); err != nil {
		return err
	}
	w.report.Events++
	if s.seq != w.seq+1 {
		w.flaw(s.seq, "follows %d: events are missing", w.seq)
	}
	if s.erased() {
		w.report.Erased++
		w.flaw(s.seq, gone)
	} else if !bytes.Equal(event.Digest(s.salt, s.payload), s.digest) {
		w.flaw(s.seq, "its digest does not fit its payload")
	}
	w.seq, w.hash = s.seq, event.Link(w.hash, w.want.Office, s.seq, time.UnixMilli(s.at), s.digest)
	return nil
}

func (w *walk) flaw(seq int64, format string, args ...any) {
	w.report.flaw(Flaw{Office: w.want.Office, Seq: seq, Table: "events", What: fmt.Sprintf(format, args...)})
}

// fits tells whether the wrapping key is the one that wraps the secrets; fault.Configuration if not.
func (d *DB) fits(ctx context.Context) error {
	wrapped := map[string][]byte{}
	err := d.Read(ctx).rows(func(r scanner) error {
		var name string
		var secret []byte
		err := r.Scan(&name, &secret)
		wrapped[name] = secret
		return err
	}, "SELECT name, wrapped FROM secrets")
	for name, secret := range wrapped {
		if err == nil {
			_, err = d.unwrap(name, secret, nil)
		}
	}
	return err
}

// SignedHere tells whether an anchor was signed with this ledger's key, which
// a restored ledger has too. A ledger without that key has signed nothing.
func (d *DB) SignedHere(ctx context.Context, a Anchor) (bool, error) {
	wrapped, err := d.wrapped(d.Read(ctx), anchorSecret)
	if err != nil || wrapped == nil {
		return false, err
	}
	seed, err := d.unwrap(anchorSecret, wrapped, nil)
	if err != nil {
		return false, err
	}
	key, err := keyOfSeed(seed)
	if err != nil {
		return false, err
	}
	return bytes.Equal(a.Key, key.Public().(ed25519.PublicKey)), nil
}
