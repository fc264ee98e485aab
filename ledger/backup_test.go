package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/ledger"
	"vez/ledger/ledgertest"
)

func TestBackupOfSQLiteIntoSQLite(t *testing.T) { ledgertest.BackupSuite(t, onSQLite, onSQLite) }

func TestBackupOfSQLiteIntoPostgreSQL(t *testing.T) { ledgertest.BackupSuite(t, onSQLite, onPostgres) }

func TestBackupOfPostgreSQLIntoSQLite(t *testing.T) { ledgertest.BackupSuite(t, onPostgres, onSQLite) }

func TestBackupOfPostgreSQLIntoPostgreSQL(t *testing.T) {
	ledgertest.BackupSuite(t, onPostgres, onPostgres)
}

func TestAnchorsOnSQLite(t *testing.T) { ledgertest.AnchorSuite(t, onSQLite) }

func TestAnchorsOnPostgreSQL(t *testing.T) { ledgertest.AnchorSuite(t, onPostgres) }

func TestEpochsOnSQLite(t *testing.T) { ledgertest.EpochSuite(t, onSQLite) }

func TestEpochsOnPostgreSQL(t *testing.T) { ledgertest.EpochSuite(t, onPostgres) }

// What a restore that was killed leaves behind hinders nobody.
func TestTheRemainsOfAKilledRestoreAreCleared(t *testing.T) {
	_, path := small(t)
	a, err := ledger.OpenArchive(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	p := onPostgres(t)
	db := p.SQL(t)
	if _, err := db.Exec("CREATE SCHEMA vez_restoring_old; CREATE TABLE vez_restoring_old.events (a TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Restore(t.Context(), a, clocks(p.Config), ledger.RestoreOptions{WithoutSecrets: true}); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := db.QueryRow("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'vez%'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left, %v", left, err)
	}
}

// A replica takes no writes; the key that signs was made on the primary.
func TestABackupOnlyReadsOnceTheKeyIsThere(t *testing.T) {
	p := onPostgres(t)
	d := open(t, p)
	if err := issue(d, "dsi", "first"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Anchor(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Config.URL += "&default_transaction_read_only=on"
	replica, err := ledger.Look(t.Context(), clocks(p.Config))
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	if m, err := replica.Backup(t.Context(), filepath.Join(t.TempDir(), "backup.tar"), ledger.BackupOptions{}); err != nil || m.Rows("events") != 1 {
		t.Errorf("%+v %v", m, err)
	}
}

func TestALedgerNewerThanTheProgramIsNotBackedUp(t *testing.T) {
	p := onSQLite(t)
	open(t, p)
	if _, err := p.SQL(t).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)"); err != nil {
		t.Fatal(err)
	}
	d, err := ledger.Look(t.Context(), clocks(p.Config))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, err = d.Backup(t.Context(), filepath.Join(t.TempDir(), "backup.tar"), ledger.BackupOptions{})
	wantCode(t, err, fault.SchemaNewer)
}

func clocks(c ledger.Config) ledger.Config {
	c.House, c.Machine = clockwork.NewRealClock(), clockwork.NewRealClock()
	return c
}

// small makes an archive of a few rows, with the key file.
func small(t *testing.T) (d *ledger.DB, path string) {
	t.Helper()
	d = open(t, ledgertest.Place{Config: ledger.Config{Dir: t.TempDir()}})
	if err := issue(d, "dsi", "first"); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "backup.tar")
	if _, err := d.Backup(t.Context(), path, ledger.BackupOptions{Program: "test", KeyFile: true}); err != nil {
		t.Fatal(err)
	}
	return d, path
}

// refused tells that an archive is not believed.
func refused(path string, want error) bool {
	a, err := ledger.OpenArchive(path, nil, nil)
	if err == nil {
		_ = a.Close()
	}
	return errors.Is(err, want)
}

func TestAFlippedBitAnywhereInABackupIsRefused(t *testing.T) {
	_, path := small(t)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	manifest := bytes.LastIndex(raw, []byte("manifest.json"))
	for i, c := range raw {
		flips := []byte{1 << (i % 8)}
		if i >= manifest {
			flips = append(flips, 0x20) // makes capital letters, which readers of JSON forgive
		}
		for _, bit := range flips {
			if _, err := f.WriteAt([]byte{c ^ bit}, int64(i)); err != nil {
				t.Fatal(err)
			}
			if !refused(path, ledger.ErrArchiveDamaged) {
				t.Errorf("bit %x of byte %d of %d was flipped and not found", bit, i, len(raw))
			}
		}
		if _, err := f.WriteAt([]byte{c}, int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if refused(path, ledger.ErrArchiveDamaged) {
		t.Error("the file was not put back, and the test shows nothing")
	}
}

func TestABackupThatIsCutShortOrContinuedIsRefused(t *testing.T) {
	_, path := small(t)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	believed := func(raw []byte) bool {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return !refused(path, ledger.ErrArchiveDamaged)
	}
	for n := 0; n < len(raw); n += 97 {
		if believed(raw[:n]) {
			t.Errorf("%d of %d bytes were believed", n, len(raw))
		}
	}
	if believed(append(raw, 0)) {
		t.Error("a byte more was believed")
	}
}

func TestABackupOfAnotherSignerIsRefusedWhereOneIsExpected(t *testing.T) {
	d, path := small(t)
	mine, err := d.Anchor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, _ := small(t)
	theirs, err := other.Anchor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, err := ledger.OpenArchive(path, []byte(mine.Key), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Close()
	if _, err := ledger.OpenArchive(path, []byte(theirs.Key), nil); !errors.Is(err, ledger.ErrArchiveSigner) {
		t.Errorf("answer is %v", err)
	}
}

func TestABackupWithItsKeyFileNeedsNothingElse(t *testing.T) {
	d, path := small(t)
	secret, err := d.Secret(t.Context(), "anchor-key-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := ledger.OpenArchive(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if _, err := ledger.Restore(t.Context(), a, clocks(ledger.Config{Dir: dir}), ledger.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	there := open(t, ledgertest.Place{Config: ledger.Config{Dir: dir}})
	if again, err := there.Secret(t.Context(), "anchor-key-1", nil); err != nil || string(again) != string(secret) {
		t.Errorf("the secret came back as %x, %v", again, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAKeyThatIsInNoFileDoesNotGoIntoABackup(t *testing.T) {
	d := open(t, ledgertest.Place{Config: ledger.Config{Dir: t.TempDir(), Key: "given"}})
	path := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := d.Backup(t.Context(), path, ledger.BackupOptions{KeyFile: true}); !errors.Is(err, ledger.ErrNoKeyFile) {
		t.Errorf("answer is %v", err)
	}
	empty(t, filepath.Dir(path))
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v %v", left, err)
	}
}

func TestABackupOverwritesNothingAndIsForItsOwnerAlone(t *testing.T) {
	d, path := small(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Backup(t.Context(), path, ledger.BackupOptions{}); err == nil {
		t.Error("a backup was overwritten")
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the backup has changed: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestABackupThatIsGivenUpLeavesNoFile(t *testing.T) {
	d, _ := small(t)
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	_, err := d.Backup(ctx, filepath.Join(dir, "backup.tar"), ledger.BackupOptions{Progress: func(int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("answer is %v", err)
	}
	empty(t, dir)
}

func TestLookingBeginsNoLedger(t *testing.T) {
	dir := t.TempDir()
	if _, err := ledger.Look(t.Context(), clocks(ledger.Config{Dir: dir})); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("answer is %v", err)
	}
	empty(t, dir)
}

func TestALedgerThatIsLookedAtIsBackedUpBesideItsHub(t *testing.T) {
	dir := t.TempDir()
	hub := open(t, ledgertest.Place{Config: ledger.Config{Dir: dir}})
	if err := issue(hub, "dsi", "first"); err != nil {
		t.Fatal(err)
	}
	d, err := ledger.Look(t.Context(), clocks(ledger.Config{Dir: dir}))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "backup.tar"), ledger.BackupOptions{})
	if err != nil || m.Anchor.Epoch != hub.Epoch() || m.Rows("events") != 1 {
		t.Errorf("%+v %v", m, err)
	}
}

// A disk that does not keep what was written gives no file that looks like a backup.
func TestABackupIsReadBackBeforeItHasItsName(t *testing.T) {
	d, _ := small(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "backup.tar")
	read := 0
	_, err := d.Backup(t.Context(), path, ledger.BackupOptions{ReadBack: func(int, int) {
		read++
		if _, err := os.Stat(path); err == nil {
			t.Error("it has its name before it was read back")
		}
	}})
	if err != nil || read == 0 {
		t.Fatalf("read %d times, %v", read, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = d.Backup(t.Context(), path, ledger.BackupOptions{Progress: func(done, total int) {
		parts, err := filepath.Glob(filepath.Join(dir, ".*.part-*"))
		if err != nil || len(parts) != 1 {
			t.Fatal(parts, err)
		}
		if done == total {
			f, err := os.OpenFile(parts[0], os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt([]byte{'!'}, 600); err != nil {
				t.Fatal(err)
			}
		}
	}})
	if !errors.Is(err, ledger.ErrReadBack) || !errors.Is(err, ledger.ErrArchiveDamaged) {
		t.Errorf("answer is %v", err)
	}
	empty(t, dir)
}
