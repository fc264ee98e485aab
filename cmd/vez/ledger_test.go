package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/ledger"
	"vez/office"
)

// ran runs a command of the program.
func ran(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	cmd := root()
	cmd.SetOut(&b)
	cmd.SetErr(&b)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return b.String(), err
}

func wantRefusal(t *testing.T, what, out string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s succeeded: %s", what, out)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s does not say %q: %v", what, w, err)
		}
	}
}

func newLedger(t *testing.T) (*ledger.DB, string) {
	t.Helper()
	dir, clock := t.TempDir(), clockwork.NewRealClock()
	db, err := ledger.Open(t.Context(), ledger.Config{Dir: dir, House: clock, Machine: clock,
		Zone: func(string) *time.Location { return time.FixedZone("", 8*3600) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, dir
}

func noted(t *testing.T, db *ledger.DB, id string) {
	t.Helper()
	err := db.Do(t.Context(), event.Scope{Offices: []string{id}}, func(tx *ledger.Tx) error {
		_, err := tx.Append(event.Draft{Office: id, Kind: event.KindOpened,
			Images: event.Images{Office: &office.State{Office: id, Day: office.DayOf(tx.Now(), time.FixedZone("", 8*3600))}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommandsThatOnlyReadMakeNothing(t *testing.T) {
	t.Setenv("VEZ_REDIS", "redis://127.0.0.1:1")
	for _, command := range [][]string{{"ledger", "verify"}, {"ledger", "verify", "--empty"}, {"ledger", "head"}, {"ledger", "new-epoch"}, {"rebuild"}, {"backup", t.TempDir()}} {
		dir := t.TempDir()
		out, err := ran(t, append(command, "--data", dir)...)
		wantRefusal(t, strings.Join(command, " "), out, err, "there is no ledger in")
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v left %v, %v", command, left, err)
		}
	}
}

func TestALedgerWithoutEventsIsNotProved(t *testing.T) {
	db, dir := newLedger(t)
	out, err := ran(t, "ledger", "verify", "--json", "--data", dir)
	wantRefusal(t, "verify", out, err, "no events", "--empty")
	if out, err := ran(t, "ledger", "verify", "--json", "--empty", "--data", dir); err != nil {
		t.Errorf("--empty is refused: %v %s", err, out)
	}
	noted(t, db, "dsi-main")
	if out, err := ran(t, "ledger", "verify", "--json", "--data", dir); err != nil {
		t.Errorf("one event is refused: %v %s", err, out)
	}
}

func TestAnOlderLedgerIsReadAndNotMigrated(t *testing.T) {
	db, dir := newLedger(t)
	noted(t, db, "dsi-main")
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("DELETE FROM goose_db_version WHERE version_id = 3"); err != nil {
		t.Fatal(err)
	}
	out, err := ran(t, "ledger", "verify", "--json", "--data", dir)
	if err != nil || !strings.Contains(out, "schema 2") {
		t.Errorf("%v %s", err, out)
	}
	t.Setenv("VEZ_REDIS", "redis://127.0.0.1:1")
	out, err = ran(t, "rebuild", "--data", dir)
	wantRefusal(t, "rebuild", out, err, "vez migrate")
	var schema int
	if err := raw.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&schema); err != nil || schema != 2 {
		t.Errorf("the schema is %d, %v", schema, err)
	}
}

// TestABackupOfALedgerThatNobodyWritesToIsNoGoodOne stands for a replica that
// has stopped: its last sign of life is old, whatever this machine's clock says.
func TestABackupOfALedgerThatNobodyWritesToIsNoGoodOne(t *testing.T) {
	db, dir := newLedger(t)
	noted(t, db, "dsi-main")
	pulse := func(ago time.Duration) time.Time {
		at := time.Now().Add(-ago).UTC().Truncate(time.Millisecond)
		o := outages{store: records{db}}
		if err := o.put(t.Context(), pulseKind, pulseHouse, pulseRow{House: at.Add(time.Hour), Machine: at}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		return at
	}
	figures := filepath.Join(t.TempDir(), "vez.prom")
	run := func(args ...string) (string, error) {
		return ran(t, append([]string{"backup", "--json", "--figures", figures, "--data", dir, filepath.Join(t.TempDir(), "backup.tar")}, args...)...)
	}
	old := pulse(time.Hour)
	out, err := run()
	wantRefusal(t, "a backup of an hour ago", out, err, "last sign of life", old.Format(time.RFC3339), "--stale")
	if _, err := os.Stat(figures); err == nil {
		t.Error("figures tell of a backup that is not good")
	}
	var told struct {
		File string
		AsOf time.Time `json:"as_of"`
	}
	if err := json.Unmarshal([]byte(out[max(0, strings.Index(out, "{")):]), &told); err != nil || !told.AsOf.Equal(old) {
		t.Errorf("%v of %s: %v", told.AsOf, out, err)
	}
	if out, err := ran(t, "backup", "verify", told.File); err != nil || !strings.Contains(out, "as of "+old.Format(time.RFC3339)) {
		t.Errorf("the file is not kept, or does not tell: %v %s", err, out)
	}
	figure := func(args ...string) string {
		t.Helper()
		if out, err := run(args...); err != nil {
			t.Errorf("%v %s", err, out)
		}
		text, err := os.ReadFile(figures)
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(string(text), "\nvez_backup_as_of_seconds ")
		value, _, _ = strings.Cut(value, "\n")
		return value
	}
	if got := figure("--stale"); got != fmt.Sprint(old.Unix()) {
		t.Errorf("the figure is %s, not %d", got, old.Unix())
	}
	now := pulse(time.Minute)
	if got := figure(); got != fmt.Sprint(now.Unix()) {
		t.Errorf("the figure is %s, not %d", got, now.Unix())
	}
	pulse(-time.Hour) // a hub's clock is wrong
	if got := figure(); got < fmt.Sprint(now.Unix()) || got > fmt.Sprint(time.Now().Unix()) {
		t.Errorf("the figure is %s", got)
	}
}

func TestABackupIntoAFolderThatIsNotThereIsRefused(t *testing.T) {
	_, dir := newLedger(t)
	place := t.TempDir()
	out, err := ran(t, "backup", "--data", dir, filepath.Join(place, "mnt", "safe"))
	wantRefusal(t, "a folder that is not there", out, err, "no folder", "mount", ".tar")
	out, err = ran(t, "backup", "--data", dir, filepath.Join(place, "safe"))
	wantRefusal(t, "a folder that is not there", out, err, "no folder", "mount", ".tar")
	if left, err := os.ReadDir(place); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
	if out, err := ran(t, "backup", "--data", dir, filepath.Join(place, "safe.tar")); err != nil || runtime.GOOS == "linux" && !strings.Contains(out, "on the disk that the ledger is on") {
		t.Errorf("%v %s", err, out)
	}
}
