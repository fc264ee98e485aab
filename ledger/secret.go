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

// keyFile holds the wrapping key of a ledger without VEZ_KEY.
const keyFile = "key"

// wrappingKey derives the key that wraps secrets from the configured one, or
// on SQLite from a file that only its owner may read.
func wrappingKey(cfg Config) (key [32]byte, err error) {
	secret := cfg.Key
	if secret == "" {
		if cfg.URL != "" {
			return key, fault.New(fault.Configuration, "remedy", "set VEZ_KEY: on PostgreSQL secrets are wrapped by it")
		}
		if secret, err = keyOf(filepath.Join(cfg.Dir, keyFile)); err != nil {
			return key, err
		}
	}
	raw, err := hkdf.Key(sha256.New, []byte(secret), nil, "vez/ledger/secrets/1", len(key))
	if err != nil {
		return key, fmt.Errorf("ledger: derive the wrapping key: %w", err)
	}
	return [32]byte(raw), nil
}

// keyOf reads the key file, or makes it. It is linked into place, so that of
// two programs that start together one makes it and both read the same.
func keyOf(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return "", fmt.Errorf("ledger: make the key file: %w", err)
		}
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("ledger: read the key file: %w", err)
	}
	if len(raw) == 0 {
		return "", fmt.Errorf("ledger: the key file %s is empty", path)
	}
	return string(raw), nil
}

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
	return err
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
