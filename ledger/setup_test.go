package ledger_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vez/fault"
	"vez/ledger"
	"vez/ledger/pgtest"
)

func TestMigrationsOfBothEnginesHaveEqualNumbers(t *testing.T) {
	names := func(engine string) (out []string) {
		files, err := filepath.Glob(filepath.Join("migrations", engine, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", engine, err)
		}
		for _, f := range files {
			out = append(out, filepath.Base(f))
		}
		return out
	}
	if lite, pg := names("sqlite"), names("postgres"); !slices.Equal(lite, pg) {
		t.Errorf("sqlite has %v, postgres %v", lite, pg)
	}
}

func TestHubsThatStartTogetherMakeOneLedger(t *testing.T) {
	cfg := ledger.Config{URL: pgtest.URL(t), Key: "demo"}
	epochs := make([]string, 4)
	var all sync.WaitGroup
	for i := range epochs {
		all.Go(func() {
			d, err := tryOpen(cfg)
			if err != nil {
				t.Error(err)
				return
			}
			epochs[i] = d.Epoch()
			_ = d.Close()
		})
	}
	all.Wait()
	for _, e := range epochs {
		if e == "" || e != epochs[0] {
			t.Errorf("epochs %v", epochs)
		}
	}
}

func TestSettingsThatLoseChangesAreRefused(t *testing.T) {
	url := pgtest.URL(t)
	for _, setting := range []string{"synchronous_commit=off", "default_transaction_isolation=serializable"} {
		d, err := tryOpen(ledger.Config{URL: url + "&" + setting, Key: "demo"})
		if err == nil {
			_ = d.Close()
			t.Errorf("%s was accepted", setting)
		} else if name, _, _ := strings.Cut(strings.TrimPrefix(setting, "default_"), "="); !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

func TestPostgreSQLIsNotOpenedWithoutAKey(t *testing.T) {
	_, err := tryOpen(ledger.Config{URL: "postgres://nobody@127.0.0.1:1/none"})
	wantCode(t, err, fault.Configuration)
}

func TestADatabaseOfAnotherKindIsRefused(t *testing.T) {
	_, err := tryOpen(ledger.Config{URL: "mysql://nobody@127.0.0.1/none", Key: "demo"})
	wantCode(t, err, fault.Configuration)
}

func TestTheKeyFileIsForItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	d, err := tryOpen(ledger.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	info, err := os.Stat(filepath.Join(dir, "key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	other := t.TempDir()
	e, err := tryOpen(ledger.Config{Dir: other, Key: "given"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := os.Stat(filepath.Join(other, "key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was made though a key is given: %v", err)
	}
}

func TestADirectoryWithOddCharactersIsTheOneUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41&e=f")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := tryOpen(ledger.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := os.Stat(filepath.Join(dir, "ledger.db")); err != nil {
		t.Error(err)
	}
}

func TestAFileThatIsNoDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ledger.db"), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := tryOpen(ledger.Config{Dir: dir})
	wantCode(t, err, fault.LedgerUnusable)
}

// TestADamagedFileIsToldAsSuch overwrites all but the first page.
func TestADamagedFileIsToldAsSuch(t *testing.T) {
	dir := t.TempDir()
	d, err := tryOpen(ledger.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(issue(d, "dsi", "t1"), d.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ledger.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(b); i++ {
		b[i] = 0xff
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = tryOpen(ledger.Config{Dir: dir})
	wantCode(t, err, fault.LedgerUnusable)
}
