package ledgertest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/event"
	"vez/ledger"
)

// BackupSuite runs the contract of backups: ledgers that from makes are backed
// up and restored into places that to makes.
func BackupSuite(t *testing.T, from, to func(t testing.TB) Place) {
	for _, c := range []struct {
		promise string
		test    func(*testing.T, *backupWorld)
	}{
		{"a backup taken while eight write holds everything acknowledged before it, and no half change", backupUnderLoad},
		{"a restored ledger has the same rows, a new epoch, and goes on", restoreAll},
		{"every value comes through as it was", oddValues},
		{"records are kept, changed or left out as asked", restoreRecords},
		{"a reminder that may have been sent since is not sent again", restoreReminders},
		{"a letter that may be in a batch made since is not printed again", restoreLetters},
		{"a ledger that is there is not overwritten", notOverwritten},
		{"a ledger that is replaced is kept aside", replaced},
		{"a ledger that a hub has open is not replaced", inUse},
		{"the wrong key is told, and nothing is left behind", wrongKey},
		{"without its secrets a ledger can be restored without the key", withoutSecrets},
		{"a ledger that does not prove itself is restored only when that is accepted", flawed},
		{"what was erased before a backup is told", erasedBefore},
		{"heads that were exported are found again after a restore", anchorsAfterRestore},
		{"a backup tells of when its state is", signOfLife},
		{"heads that anybody signed, and none at all, prove nothing of a backup", foreignAnchors},
	} {
		t.Run(c.promise, func(t *testing.T) {
			c.test(t, &backupWorld{world: newWorld(t, from(t)), to: to})
		})
	}
}

// backupWorld is a ledger and where it is restored.
type backupWorld struct {
	*world
	to func(t testing.TB) Place
}

// key is what wraps the secrets of a place.
func (w *world) key() string {
	w.t.Helper()
	if w.place.Config.Key != "" {
		return w.place.Config.Key
	}
	raw, err := os.ReadFile(filepath.Join(w.place.Config.Dir, "key"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

func (w *world) config(c ledger.Config) ledger.Config {
	c.House, c.Machine = w.house, w.machine
	return c
}

// backup writes an archive.
func (w *world) backup() string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "backup.tar")
	if _, err := w.Backup(w.ctx, path, ledger.BackupOptions{Program: "test"}); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// archive opens an archive that must be whole.
func (w *world) archive(path string) *ledger.Archive {
	w.t.Helper()
	a, err := ledger.OpenArchive(path, nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = a.Close() })
	return a
}

// target is an empty place that has the key.
func (w *backupWorld) target() Place {
	p := w.to(w.t)
	p.Config.Key = w.key()
	return p
}

// restored restores an archive into an empty place, and opens it.
func (w *backupWorld) restored(path string) (*world, ledger.Restored) {
	w.t.Helper()
	p := w.target()
	r, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.open(p), r
}

func (w *world) open(p Place) *world {
	n := &world{t: w.t, ctx: w.ctx, place: p, house: w.house, machine: w.machine}
	n.DB = n.hub()
	return n
}

func backupUnderLoad(t *testing.T, w *backupWorld) {
	var mu sync.Mutex
	acked := map[string]bool{}
	stop := make(chan struct{})
	enough := make(chan struct{}, 8)
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				office, id := fmt.Sprint("office", i%4), fmt.Sprintf("t%d-%d", i, n)
				err := w.Do(w.ctx, at(office), func(tx *ledger.Tx) error { _, err := issue(tx, office, id); return err })
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acked[id] = true
				mu.Unlock()
				if n == 50 {
					enough <- struct{}{}
				}
			}
		})
	}
	for range 8 {
		<-enough
	}
	mu.Lock()
	before := len(acked)
	promised := make([]string, 0, before)
	for id := range acked {
		promised = append(promised, id)
	}
	mu.Unlock()
	path := w.backup()
	close(stop)
	writers.Wait()
	a := w.archive(path)
	report, err := a.Prove(w.ctx, w.config(ledger.Config{}), "", nil, nil)
	if err != nil || !report.Sound() {
		t.Fatalf("the archive does not prove itself: %v %v", err, report.Flaws)
	}
	there, _ := w.restored(path)
	held, err := w.Holds(w.ctx, a.Manifest.Anchor, nil)
	if err != nil || !held.Sound() {
		t.Errorf("the archive is no prefix of the ledger: %v %v", err, held.Flaws)
	}
	kept := map[string]bool{}
	for i := range 4 {
		office := fmt.Sprint("office", i)
		whole, part := w.events(office), there.events(office)
		if len(part) > len(whole) || fmt.Sprint(whole[:len(part)]) != fmt.Sprint(part) {
			t.Errorf("%s: %d events are no prefix of %d", office, len(part), len(whole))
		}
		for _, e := range part {
			kept[e.Images.Tickets[0].ID] = true
		}
		there.sound(office, len(part))
	}
	if lost := slices.DeleteFunc(promised, func(id string) bool { return kept[id] }); len(lost) > 0 {
		t.Errorf("%d of %d changes acknowledged before the backup are not in it: %v", len(lost), before, lost[:min(5, len(lost))])
	}
}

// everything fills what busy leaves out.
func (w *world) everything() {
	w.busy()
	if _, err := w.Secret(w.ctx, "signing", func() ([]byte, error) { return []byte("sealed"), nil }); err != nil {
		w.t.Fatal(err)
	}
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		k := event.Key{Principal: "clerk:demo", Route: "POST /tickets", Key: "k", BodyHash: "h"}
		return errors.Join(tx.SetLink("t1", "token"), tx.Remember(k, []string{"t1"}),
			tx.SetUndo(event.Undo{Counter: "dsi-1", Kind: event.TicketKind("call"), First: 1, Seq: 1, At: start}),
			tx.Put(event.Record{Kind: "session", ID: "s", Owner: "demo", Data: []byte(`{}`), Expires: start.Add(time.Hour)}),
			tx.Put(event.Record{Kind: "device", ID: "d", Data: []byte(`{"a":1}`)}))
	})
	if _, err := w.Lease(w.ctx, "jobs", "hub", start.Add(time.Minute)); err != nil {
		w.t.Fatal(err)
	}
}

func restoreAll(t *testing.T, w *backupWorld) {
	w.everything()
	path := w.backup()
	there, r := w.restored(path)
	if r.Former != w.Epoch() || r.Epoch != there.Epoch() || r.Epoch == r.Former || !r.Report.Sound() {
		t.Errorf("restored %+v, epoch %s", r, there.Epoch())
	}
	left := map[string]bool{}
	for table := range w.archive(path).Manifest.LeftOut {
		left[table] = true
	}
	if !left["undos"] || !left["leases"] || !left["commits"] || !left["holder_locks"] {
		t.Errorf("left out: %v", left)
	}
	for _, table := range tablesOf(w.archive(path)) {
		if table == "meta" {
			continue
		}
		if was, is := w.rows(table), there.rows(table); !slices.Equal(was, is) {
			t.Errorf("%s was\n%s\nand is\n%s", table, strings.Join(was, "\n"), strings.Join(is, "\n"))
		}
	}
	if secret, err := there.Secret(w.ctx, "signing", nil); err != nil || string(secret) != "sealed" {
		t.Errorf("the secret is %q, %v", secret, err)
	}
	if k := there.issued("dsi", "after"); k.N != 8 {
		t.Errorf("the number after the restore is %d", k.N)
	}
	if got, err := there.Lease(w.ctx, "jobs", "other", start.Add(time.Minute)); err != nil || !got {
		t.Errorf("a lease of a hub that is gone is held: %v", err)
	}
	there.sound("iam", 1)
}

func tablesOf(a *ledger.Archive) (out []string) {
	for _, t := range a.Manifest.Tables {
		out = append(out, t.Name)
	}
	return out
}

// rows are a table's rows as text, sorted.
func (w *world) rows(table string) []string {
	w.t.Helper()
	rows, err := w.place.SQL(w.t).Query("SELECT * FROM " + table)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		for i, v := range row {
			if b, ok := v.([]byte); ok {
				row[i] = fmt.Sprintf("%x", b)
			}
		}
		out = append(out, fmt.Sprint(row))
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func oddValues(t *testing.T, w *backupWorld) {
	texts := []string{"", `\N`, "\\", "\t\n\r\b\f\v", "a\tb", `\x00`, "\x01\x7f", "轉乘 ção 👋", "'quoted' \"doubly\""}
	blobs := [][]byte{{}, {0}, {0xff, 0, '\n', '\t', '\\'}, []byte(`\N`)}
	for i, text := range texts {
		if err := w.Put(w.ctx, event.Record{Kind: "odd", ID: fmt.Sprint(i), Owner: text, Data: blobs[i%len(blobs)]}); err != nil {
			t.Fatal(err)
		}
	}
	w.issued("dsi", "t1")
	w.issued("dsi", "t2")
	there, _ := w.restored(w.backup())
	for i, text := range texts {
		rec, err := there.Get(w.ctx, "odd", fmt.Sprint(i))
		if err != nil || rec.Owner != text || string(rec.Data) != string(blobs[i%len(blobs)]) {
			t.Errorf("%q with %q came through as %q with %q, %v", text, blobs[i%len(blobs)], rec.Owner, rec.Data, err)
		}
	}
}

func restoreRecords(t *testing.T, w *backupWorld) {
	for _, kind := range []string{"session", "device", "print"} {
		if err := w.Put(w.ctx, event.Record{Kind: kind, ID: "1", Owner: "o", Data: []byte("{}"), Expires: start.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	p := w.target()
	r, err := ledger.Restore(w.ctx, w.archive(w.backup()), w.config(p.Config), ledger.RestoreOptions{Record: func(r event.Record) (event.Record, bool) {
		if r.Kind == "print" {
			r.Kind, r.Data, r.Expires = "printed", []byte(`{"a":1}`), start.Add(2*time.Hour)
		}
		return r, r.Kind != "session"
	}})
	if err != nil || r.Dropped != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	there := w.open(p)
	if all, err := there.Records(w.ctx, "session", ""); err != nil || len(all) != 0 {
		t.Errorf("sessions: %v %v", all, err)
	}
	for kind, want := range map[string]event.Record{
		"device":  {Kind: "device", ID: "1", Owner: "o", Data: []byte("{}"), Expires: start.Add(time.Hour)},
		"printed": {Kind: "printed", ID: "1", Owner: "o", Data: []byte(`{"a":1}`), Expires: start.Add(2 * time.Hour)},
	} {
		if got, err := there.Get(w.ctx, kind, "1"); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v %v", kind, got, err)
		}
	}
}

func restoreReminders(t *testing.T, w *backupWorld) {
	db := w.place.SQL(t)
	hour := time.Hour.Milliseconds()
	for name, r := range map[string]struct {
		state string
		due   int64
	}{"past": {"planned", -hour}, "waits": {"queued", -hour}, "going": {"sending", -hour}, "sent": {"sent", -hour}, "coming": {"planned", hour}, "asked": {"sending", hour}} {
		if _, err := db.Exec(`INSERT INTO reminders (booking, start, ahead, channel, state, due, office, day, at, hub, reason, tries, next)
VALUES ($1, 1, 1, 'mail', $2, $3, 'dsi', '2026-11-24', 0, '', '', 0, 0)`, name, r.state, start.UnixMilli()+r.due); err != nil {
			t.Fatal(err)
		}
	}
	there, r := w.restored(w.backup())
	if r.Reminders != 4 {
		t.Errorf("%d reminders are unknown, not 4", r.Reminders)
	}
	for name, want := range map[string]string{"past": "unknown", "waits": "unknown", "going": "unknown", "sent": "sent", "coming": "planned", "asked": "unknown"} {
		var state string
		if err := there.place.SQL(t).QueryRow("SELECT state FROM reminders WHERE booking = $1", name).Scan(&state); err != nil || state != want {
			t.Errorf("%s is %q, %v", name, state, err)
		}
	}
}

// remains tells that a place still has the ledger of a world.
func (w *world) remains(epoch string, events int) {
	w.t.Helper()
	n := w.open(w.place)
	defer n.Close()
	if n.Epoch() != epoch {
		w.t.Errorf("the ledger's epoch is %s, not %s", n.Epoch(), epoch)
	}
	n.sound("dsi", events)
}

func notOverwritten(t *testing.T, w *backupWorld) {
	w.issued("dsi", "t1")
	path := w.backup()
	other := w.open(w.target())
	other.issued("dsi", "x1")
	other.issued("dsi", "x2")
	epoch := other.Epoch()
	_ = other.Close()
	_, err := ledger.Restore(w.ctx, w.archive(path), w.config(other.place.Config), ledger.RestoreOptions{})
	if !errors.Is(err, ledger.ErrNotEmpty) {
		t.Errorf("answer is %v", err)
	}
	other.remains(epoch, 2)
}

func replaced(t *testing.T, w *backupWorld) {
	w.issued("dsi", "t1")
	path := w.backup()
	other := w.open(w.target())
	other.issued("dsi", "x1")
	other.issued("dsi", "x2")
	epoch := other.Epoch()
	_ = other.Close()
	r, err := ledger.Restore(w.ctx, w.archive(path), w.config(other.place.Config), ledger.RestoreOptions{Replace: true})
	if err != nil || r.Aside == "" {
		t.Fatalf("%+v %v", r, err)
	}
	other.remains(r.Epoch, 1)
	w.aside(other.place, r.Aside).remains(epoch, 2)
}

// aside is the place where a replaced ledger went.
func (w *world) aside(p Place, aside string) *world {
	if p.Config.URL == "" {
		p.Config.Dir = aside
		return &world{t: w.t, ctx: w.ctx, place: p, house: w.house, machine: w.machine}
	}
	p.Config.URL += "&search_path=" + aside
	return &world{t: w.t, ctx: w.ctx, place: p, house: w.house, machine: w.machine}
}

func inUse(t *testing.T, w *backupWorld) {
	w.issued("dsi", "t1")
	path := w.backup()
	other := w.open(w.target())
	other.issued("dsi", "x1")
	_, err := ledger.Restore(w.ctx, w.archive(path), w.config(other.place.Config), ledger.RestoreOptions{Replace: true})
	if !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("answer is %v", err)
	}
	other.issued("dsi", "x2")
	other.sound("dsi", 2)
}

func wrongKey(t *testing.T, w *backupWorld) {
	w.everything()
	path := w.backup()
	p := w.target()
	p.Config.Key = "another"
	_, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{})
	if !errors.Is(err, ledger.ErrWrongKey) {
		t.Errorf("answer is %v", err)
	}
	w.bare(p)
	p.Config.Key = ""
	if _, err = ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{}); !errors.Is(err, ledger.ErrWrongKey) {
		t.Errorf("answer without a key is %v", err)
	}
	w.bare(p)
}

// bare tells that nothing was left at a place.
func (w *world) bare(p Place) {
	w.t.Helper()
	if p.Config.URL == "" {
		if left, err := os.ReadDir(p.Config.Dir); err != nil || len(left) > 0 {
			w.t.Errorf("left in the folder: %v %v", left, err)
		}
		return
	}
	var left int
	if err := p.SQL(w.t).QueryRow(`SELECT (SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema'))
+ (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'vez%')`).Scan(&left); err != nil || left > 0 {
		w.t.Errorf("%d tables or schemas are left, %v", left, err)
	}
}

func withoutSecrets(t *testing.T, w *backupWorld) {
	w.everything()
	p := w.to(t)
	if p.Config.URL != "" {
		p.Config.Key = "new"
	}
	if _, err := ledger.Restore(w.ctx, w.archive(w.backup()), w.config(p.Config), ledger.RestoreOptions{WithoutSecrets: true}); err != nil {
		t.Fatal(err)
	}
	there := w.open(p)
	if secret, err := there.Secret(w.ctx, "signing", func() ([]byte, error) { return []byte("new"), nil }); err != nil || string(secret) != "new" {
		t.Errorf("the secret is %q, %v", secret, err)
	}
	there.sound("iam", 1)
}

func flawed(t *testing.T, w *backupWorld) {
	w.busy()
	if _, err := w.place.SQL(t).Exec("DELETE FROM tickets WHERE id = 't3'"); err != nil {
		t.Fatal(err)
	}
	path := w.backup()
	report, err := w.archive(path).Prove(w.ctx, w.config(ledger.Config{}), "", nil, nil)
	if err != nil || report.Sound() {
		t.Errorf("the flaw was not found: %v", err)
	}
	p := w.target()
	if _, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{}); !errors.Is(err, ledger.ErrFlawed) {
		t.Errorf("answer is %v", err)
	}
	w.bare(p)
	r, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{AcceptFlaws: true})
	if err != nil || len(r.Report.Flaws) != 1 || !strings.Contains(r.Report.Flaws[0].Row, "t3") {
		t.Errorf("%+v %v", r.Report, err)
	}
}

// erasedBefore is proved by a backup as by the ledger: what was erased is a flaw,
// and comes through as it is where that is accepted.
func erasedBefore(t *testing.T, w *backupWorld) {
	w.issued("dsi", "t1")
	w.issued("dsi", "t2")
	if _, err := w.place.SQL(t).Exec("UPDATE events SET salt = NULL, payload = NULL WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	path := w.backup()
	p := w.target()
	if _, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{}); !errors.Is(err, ledger.ErrFlawed) {
		t.Errorf("answer is %v", err)
	}
	r, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{AcceptFlaws: true})
	if err != nil || r.Report.Erased != 1 || r.Report.Sound() || r.Report.Flaws[0].Seq != 2 {
		t.Errorf("%+v %v", r.Report, err)
	}
}

func anchorsAfterRestore(t *testing.T, w *backupWorld) {
	w.issued("dsi", "t1")
	early, err := w.Anchor(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	path := w.backup()
	w.issued("dsi", "t2")
	late, err := w.Anchor(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	there, _ := w.restored(path)
	if mine, err := there.SignedHere(w.ctx, early); err != nil || !mine {
		t.Errorf("the restored ledger does not know its key: %v", err)
	}
	if r, err := there.Holds(w.ctx, early, nil); err != nil || !r.Sound() {
		t.Errorf("what was exported before the backup: %v %v", r.Flaws, err)
	}
	r, err := there.Holds(w.ctx, late, nil)
	if err != nil || len(r.Flaws) != 1 || r.Flaws[0].Seq != 1 {
		t.Errorf("what was exported after the backup: %v %v", r.Flaws, err)
	}
}

func foreignAnchors(t *testing.T, w *backupWorld) {
	anchor := func(w *world) ledger.Anchor {
		t.Helper()
		a, err := w.Anchor(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	none := anchor(w.world)
	w.issued("dsi", "t1")
	first := anchor(w.world)
	path := w.backup()
	other := w.open(w.to(t))
	foreign := anchor(other)
	other.issued("dsi", "t1")
	for name, c := range map[string]struct {
		anchor ledger.Anchor
		want   error
	}{
		"its own": {first, nil}, "none": {none, ledger.ErrNoHeads}, "another's": {anchor(other), ledger.ErrOtherSigner}, "another's without heads": {foreign, ledger.ErrOtherSigner},
	} {
		r, err := w.archive(path).Prove(w.ctx, w.config(ledger.Config{}), "", &c.anchor, nil)
		if !errors.Is(err, c.want) || err == nil && !r.Sound() {
			t.Errorf("%s: %v %v, not %v", name, r.Flaws, err, c.want)
		}
	}
}

func signOfLife(t *testing.T, w *backupWorld) {
	for _, want := range []string{"", "beat"} {
		if want != "" {
			if err := w.Put(w.ctx, event.Record{Kind: "pulse", ID: "house", Data: []byte(want)}); err != nil {
				t.Fatal(err)
			}
		}
		path, asOf := filepath.Join(t.TempDir(), "backup.tar"), start.Add(-time.Duration(len(want))*time.Hour)
		m, err := w.Backup(w.ctx, path, ledger.BackupOptions{AsOf: func(get func(kind, id string) ([]byte, error)) (time.Time, error) {
			data, err := get("pulse", "house")
			if string(data) != want {
				t.Errorf("the record is %q, not %q", data, want)
			}
			return asOf, err
		}})
		if err != nil || !m.AsOf.Equal(asOf) || !m.ReplayedAt.IsZero() {
			t.Errorf("%v %v %v", m.AsOf, m.ReplayedAt, err)
		}
		if kept := w.archive(path).Manifest.AsOf; !kept.Equal(asOf) {
			t.Errorf("the archive is of %v, not %v", kept, asOf)
		}
		w.restored(path)
	}
	if old := w.archive(w.backup()).Manifest.AsOf; !old.IsZero() {
		t.Errorf("an archive that does not tell is of %v", old)
	}
}

func restoreLetters(t *testing.T, w *backupWorld) {
	w.booked("near", "sent", "far", "printed", "mailed")
	w.do(event.Scope{}, func(tx *ledger.Tx) error {
		return tx.Put(event.Record{Kind: event.ContactKind, ID: "holder-mailed", Owner: "holder-mailed", Data: []byte("sealed")})
	})
	far := reminder("far", event.ChannelMemo, event.RemindPlanned)
	far.Due = far.Due.Add(72 * time.Hour)
	w.planned(reminder("near", event.ChannelMemo, event.RemindPlanned), reminder("sent", event.ChannelMemo, event.RemindSent), far,
		reminder("printed", event.ChannelMemo, event.RemindPlanned), reminder("printed", event.ChannelPaper, event.RemindSent), reminder("mailed", event.ChannelMemo, event.RemindPlanned))
	until := reminder("near", event.ChannelMemo, event.RemindPlanned).Due.Add(time.Minute)
	path, p := w.backup(), w.target()
	r, err := ledger.Restore(w.ctx, w.archive(path), w.config(p.Config), ledger.RestoreOptions{Mailed: true, Batches: func(from, to time.Time) []event.LetterBatch {
		if from.After(to) || !to.Equal(w.house.Now()) {
			t.Errorf("asked for batches from %v to %v", from, to)
		}
		return []event.LetterBatch{{Office: "iam", Day: today, Until: until, Before: 24 * time.Hour}, {Office: "dsi", Day: today, Until: until, Before: 24 * time.Hour}}
	}})
	if err != nil || r.Letters != 2 {
		t.Fatalf("%d letters are unknown, not 2: %v", r.Letters, err)
	}
	there := w.open(p)
	there.stands("since", "near", "memo planned ", "paper unknown restored")
	there.stands("since", "sent", "memo sent ", "paper unknown restored")
	there.stands("since", "far", "memo planned ")
	there.stands("since", "mailed", "memo planned ")
	rs, err := there.MakeBatch(w.ctx, "dsi", "2026-11-23", until.Add(72*time.Hour), 24*time.Hour, true, "hub", start)
	if err != nil || len(rs) != 1 || rs[0].Booking != "far" {
		t.Errorf("the next batch has %v, %v", rs, err)
	}
}
