package ledger_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vez/fault"
	"vez/ledger"
)

// begun makes a ledger with a secret in a folder, and closes it.
func begun(t *testing.T, secret string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	d, err := tryOpen(ledger.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Secret(t.Context(), "signing", func() ([]byte, error) { return []byte(secret), nil }); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secretIs tells that a folder's ledger opens and gives its secret.
func secretIs(t *testing.T, dir, want string) {
	t.Helper()
	d, err := tryOpen(ledger.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got, err := d.Secret(t.Context(), "signing", nil); err != nil || string(got) != want {
		t.Errorf("the secret is %q, not %q, %v", got, want, err)
	}
}

// refusedAt tells that a folder is not opened, that the answer names the remedies, and that nothing changes in it.
func refusedAt(t *testing.T, dir string, remedies ...string) {
	t.Helper()
	before := listed(t, dir)
	d, err := tryOpen(ledger.Config{Dir: dir})
	if err == nil {
		_ = d.Close()
		t.Fatal("it was opened")
	}
	wantCode(t, err, fault.Configuration)
	for _, r := range remedies {
		if !strings.Contains(err.Error(), r) {
			t.Errorf("%q is not in: %v", r, err)
		}
	}
	if after := listed(t, dir); after != before {
		t.Errorf("the folder held\n%s\nand holds\n%s", before, after)
	}
}

func listed(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, e := range all {
		if name := e.Name(); !strings.HasSuffix(name, "-wal") && !strings.HasSuffix(name, "-shm") {
			out.WriteString(name + ": " + read(t, filepath.Join(dir, name)) + "\n")
		}
	}
	return out.String()
}

func TestNoLedgerIsBegunBesideAKey(t *testing.T) {
	dir := begun(t, "mine")
	file := filepath.Join(dir, "ledger.db")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	refusedAt(t, dir, "put ledger.db back", "restore a backup", "empty folder")
	write(t, file, "")
	refusedAt(t, dir, "put ledger.db back", "restore a backup", "empty folder")
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	secretIs(t, dir, "mine")
}

func TestNoKeyIsMadeBesideALedger(t *testing.T) {
	dir := begun(t, "mine")
	file := filepath.Join(dir, "key")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	refusedAt(t, dir, "put the file key back", "VEZ_KEY", "--without-secrets")
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	secretIs(t, dir, "mine")
}

// A beginning that was killed is gone on with: before the key, and after it.
func TestALedgerThatWasBegunByHalfIsBegun(t *testing.T) {
	for _, rest := range []string{"", "key"} {
		dir := begun(t, "mine")
		raw := opener("sqlite", "file:"+filepath.Join(dir, "ledger.db"))(t)
		for _, text := range []string{"DELETE FROM secrets", "DELETE FROM meta"} {
			if _, err := raw.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
		if rest == "" {
			if err := os.Remove(filepath.Join(dir, "key")); err != nil {
				t.Fatal(err)
			}
		}
		d, err := tryOpen(ledger.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		_ = d.Close()
	}
}

func TestANewLedgerIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []int{1, 0} {
		var log bytes.Buffer
		d, err := tryOpen(ledger.Config{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		_ = d.Close()
		if n := strings.Count(log.String(), "a new ledger was begun"); n != want || n > 0 && !strings.Contains(log.String(), "level=WARN") {
			t.Errorf("%d lines tell of a new ledger, not %d: %s", n, want, log.String())
		}
	}
}

// TestARestoreThatIsKilledLeavesALedgerWithItsKey stands where a restore with a
// key file is killed: before the ledger's rename and after it.
func TestARestoreThatIsKilledLeavesALedgerWithItsKey(t *testing.T) {
	former, other := begun(t, "former"), begun(t, "restored")
	was, is := read(t, filepath.Join(former, "key")), read(t, filepath.Join(other, "key"))

	write(t, filepath.Join(former, "key.restored"), is)
	secretIs(t, former, "former")
	if got := read(t, filepath.Join(former, "key")); got != was {
		t.Error("the key of the ledger that stays was replaced")
	}
	backedUp, err := ledger.Look(t.Context(), clocks(ledger.Config{Dir: former}))
	if err != nil {
		t.Fatal(err)
	}
	_ = backedUp.Close()

	write(t, filepath.Join(other, "key"), was)
	write(t, filepath.Join(other, "key.restored"), is)
	d, err := ledger.Look(t.Context(), clocks(ledger.Config{Dir: other}))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := d.Backup(t.Context(), path, ledger.BackupOptions{KeyFile: true}); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	secretIs(t, other, "restored")
	if got := read(t, filepath.Join(other, "key")); got != is {
		t.Error("the key of the restored ledger has not got its name")
	}
	a, err := ledger.OpenArchive(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := ledger.Restore(t.Context(), a, clocks(ledger.Config{Dir: former}), ledger.RestoreOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	secretIs(t, former, "restored")
	aside, err := filepath.Glob(filepath.Join(former, "before-restore-*"))
	if err != nil || len(aside) != 1 {
		t.Fatalf("%v %v", aside, err)
	}
	secretIs(t, aside[0], "former")
	if left, _ := filepath.Glob(filepath.Join(former, "key.*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
