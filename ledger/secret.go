package ledger

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vez/event"
	"vez/fault"
)

// Without VEZ_KEY a file beside the ledger holds the wrapping key. While a
// restore replaces both, the key of the ledger to come lies under a second name.
const (
	keyFile  = "key"
	keyFile2 = "key.restored"
)

// wrappingKey derives the key that wraps secrets from the configured one, or
// on SQLite from a file that only its owner may read.
func wrappingKey(cfg Config) (key [32]byte, err error) {
	if cfg.Key != "" {
		return derived(cfg.Key)
	}
	if cfg.URL != "" {
		return key, fault.New(fault.Configuration, "remedy", "set VEZ_KEY: on PostgreSQL secrets are wrapped by it")
	}
	all, err := fileKeys(cfg.Dir)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("ledger: there is no key file in %s", cfg.Dir)
	}
	if err != nil {
		return key, err
	}
	return derived(all[0].text)
}

func derived(secret string) (key [32]byte, err error) {
	raw, err := hkdf.Key(sha256.New, []byte(secret), nil, "vez/ledger/secrets/1", len(key))
	if err != nil {
		return key, fmt.Errorf("ledger: derive the wrapping key: %w", err)
	}
	return [32]byte(raw), nil
}

// fileKey is a key file as it was read.
type fileKey struct{ name, text string }

// fileKeys reads the key files that lie in a folder: none, one, or, where a
// restore was killed while it put a ledger in its place, two.
func fileKeys(dir string) (out []fileKey, err error) {
	for _, name := range []string{keyFile, keyFile2} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ledger: read the key file: %w", err)
		}
		if len(raw) == 0 {
			return nil, fmt.Errorf("ledger: the key file %s is empty", filepath.Join(dir, name))
		}
		out = append(out, fileKey{name, string(raw)})
	}
	return out, nil
}

// ownKey gives the text of the key file that opens this ledger.
func (d *DB) ownKey() (string, error) {
	all, err := fileKeys(d.cfg.Dir)
	for _, k := range all {
		if wrap, err := derived(k.text); err != nil || wrap == d.wrap {
			return k.text, err
		}
	}
	return "", errors.Join(fmt.Errorf("ledger: the key file in %s is gone or is another one than it was", d.cfg.Dir), err)
}

// chooseKey takes the second key file where the first opens nothing, and tells its name.
func (d *DB) chooseKey(ctx context.Context) (string, error) {
	if d.cfg.URL != "" || d.cfg.Key != "" {
		return "", nil
	}
	all, err := fileKeys(d.cfg.Dir)
	if err != nil || len(all) == 0 {
		return "", err
	}
	for _, k := range all {
		if d.wrap, err = derived(k.text); err != nil {
			return "", err
		}
		if len(all) == 1 {
			return k.name, nil
		}
		if err = d.fits(ctx); fault.CodeOf(err) != fault.Configuration {
			return k.name, err
		}
	}
	d.wrap, err = derived(all[0].text) // whoever needs a secret hears that no key fits
	return all[0].name, err
}

// settleKey ends what a restore that was killed had left to do: the ledger's key gets its name.
func (d *DB) settleKey(ctx context.Context) error {
	name, err := d.chooseKey(ctx)
	if err != nil || name != keyFile2 {
		return err
	}
	err = os.Rename(filepath.Join(d.cfg.Dir, keyFile2), filepath.Join(d.cfg.Dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) { // another program did
		return nil
	}
	return errors.Join(err, syncDir(d.cfg.Dir))
}

// keyless tells whether a key is still to be made: only a folder with nothing
// of a ledger in it gets a ledger and a key. Where either is left alone the
// other is missing, and what would be begun beside it hid that.
func keyless(cfg Config) (bool, error) {
	if cfg.URL != "" || cfg.Key != "" || cfg.Dir == "" {
		return false, nil
	}
	keys, err := fileKeys(cfg.Dir)
	if err != nil || len(keys) == 0 {
		return err == nil, err
	}
	info, err := os.Stat(filepath.Join(cfg.Dir, liteFile)) // after the keys: whoever begins a ledger makes its key last
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return false, fault.New(fault.Configuration, "remedy", "put ledger.db back beside the key (is its disk mounted?), or restore a backup; to begin a new ledger, name an empty folder").
			Because(fmt.Errorf("there is a key in %s, but its ledger is missing or empty", cfg.Dir))
	}
	return false, err
}

// sealless refuses a ledger whose secrets are wrapped already: their key is lost, and another would hide that.
func (d *DB) sealless(ctx context.Context) error {
	var tables, sealed int
	err := d.reads.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'secrets'").Scan(&tables)
	if err == nil && tables > 0 {
		err = d.reads.db.QueryRowContext(ctx, "SELECT count(*) FROM secrets").Scan(&sealed)
	}
	if err != nil || sealed == 0 {
		return d.explain(ctx, err)
	}
	if keys, err := fileKeys(d.cfg.Dir); err != nil || len(keys) > 0 { // another program has begun it meanwhile
		return err
	}
	return fault.New(fault.Configuration, "remedy", "put the file key back beside ledger.db, or set VEZ_KEY if that was the key; if the key is lost, restore a backup with --without-secrets").
		Because(fmt.Errorf("there is a ledger in %s, but its key is missing", d.cfg.Dir))
}

// keep makes the key of a ledger that has no secrets yet, or reads the one that another program made.
func (d *DB) keep() (err error) {
	if err := makeKey(filepath.Join(d.cfg.Dir, keyFile)); err != nil {
		return fmt.Errorf("ledger: make the key file: %w", full(err))
	}
	d.wrap, err = wrappingKey(d.cfg)
	return err
}

// makeKey links the file into place, so that of two programs that start
// together one makes it and both read the same.
func makeKey(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(rand.Text() + rand.Text())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return errors.Join(err, syncDir(filepath.Dir(path)))
}

// Secret gives the secret of a name. The first caller of all hubs makes it;
// it is stored wrapped by VEZ_KEY (AES-256-GCM, bound to its name). A wrong
// VEZ_KEY is fault.Configuration.
func (d *DB) Secret(ctx context.Context, name string, fresh func() ([]byte, error)) ([]byte, error) {
	wrapped, err := d.wrapped(d.Read(ctx), name)
	if err != nil || wrapped != nil {
		return d.unwrap(name, wrapped, err)
	}
	secret, err := fresh()
	if err != nil {
		return nil, fmt.Errorf("ledger: make the secret %s: %w", name, err)
	}
	mine, err := d.wrapUp(name, secret)
	if err != nil {
		return nil, err
	}
	err = d.Do(ctx, event.Scope{}, func(tx *Tx) (err error) {
		if err := tx.write(); err != nil {
			return err
		}
		tx.b.ops = append(tx.b.ops, op{"INSERT INTO secrets (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", []any{name, mine}, anyRows})
		wrapped, err = d.wrapped(tx.Reader, name)
		return err
	})
	return d.unwrap(name, wrapped, err)
}

func (d *DB) wrapped(r *Reader, name string) (out []byte, err error) {
	err = r.rows(func(rows scanner) error { return rows.Scan(&out) }, "SELECT wrapped FROM secrets WHERE name = $1", name)
	return out, err
}

func (d *DB) sealer() (cipher.AEAD, error) {
	block, err := aes.NewCipher(d.wrap[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (d *DB) wrapUp(name string, secret []byte) ([]byte, error) {
	aead, err := d.sealer()
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, secret, []byte(name)), nil
}

func (d *DB) unwrap(name string, wrapped []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	aead, err := d.sealer()
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, nil, wrapped, []byte(name))
	if err != nil {
		return nil, fault.New(fault.Configuration, "remedy", "VEZ_KEY is not the key this ledger was made with").
			Because(fmt.Errorf("ledger: unwrap the secret %s: %w", name, err))
	}
	return secret, nil
}
