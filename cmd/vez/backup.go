package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"vez/config"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/ledger"
	"vez/reminder"
)

func backupCommand() *cobra.Command {
	o := backupOptions{}
	cmd := &cobra.Command{Use: "backup [FILE or FOLDER]", Short: "Keep a copy of the ledger while hubs go on writing", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLook(cmd, func(db *ledger.DB, _ config.Settings) error {
				return backup(cmd, db, strings.Join(args, ""), o)
			})
		}}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&o.withKey, "with-key", false, "put the key file into the backup, which then is as secret as the key")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON for scripts")
	cmd.Flags().StringVar(&o.figures, "figures", "", "write when it was made, of when it is and its size to this `FILE`, for Prometheus' node exporter")
	cmd.Flags().BoolVar(&o.stale, "stale", false, "accept a ledger that no hub has written to for minutes: all are stopped, and this is no replica that fell behind")
	cmd.AddCommand(backupVerifyCommand())
	return cmd
}

// withLook opens the ledger of the settings as it is: nothing is migrated.
func withLook(cmd *cobra.Command, do func(db *ledger.DB, s config.Settings) error) error {
	s, err := settings(cmd)
	if err != nil {
		return err
	}
	db, err := ledger.Look(cmd.Context(), ledgerPlace(s))
	if err != nil {
		return err
	}
	return errors.Join(do(db, s), db.Close())
}

func ledgerPlace(s config.Settings) ledger.Config {
	clock := clockwork.NewRealClock()
	return ledger.Config{URL: s.Database, Dir: s.DataFolder(), Key: s.Key, House: clock, Machine: clock}
}

// backupOptions are the flags of vez backup.
type backupOptions struct {
	withKey, asJSON, stale bool
	figures                string
}

// staleAfter is how old the last sign of life may be: hubs give one every ten
// seconds, and clocks of machines differ.
const staleAfter = 5 * time.Minute

// lastPulse tells when a hub last wrote to a ledger; zero when none ever did.
func lastPulse(get func(kind, id string) ([]byte, error)) (time.Time, error) {
	data, err := get(pulseKind, pulseHouse)
	if err != nil || data == nil {
		return time.Time{}, err
	}
	var row pulseRow
	err = json.Unmarshal(data, &row)
	return row.Machine.UTC().Truncate(time.Millisecond), err
}

// outdated says why a backup that was made now is not of now; nil when it is.
func outdated(path string, m ledger.Manifest) error {
	if m.AsOf.IsZero() || m.MadeAt.Sub(m.AsOf) <= staleAfter {
		return nil
	}
	why := "Either no hub runs, or this is not the database that they write to, such as a replica that fell behind"
	if !m.ReplayedAt.IsZero() {
		why = "This is a replica, and the last change that it has is of " + m.ReplayedAt.Format(time.RFC3339)
	}
	return fmt.Errorf("%s is whole, but its last sign of life is of %s, %s before it was made. %s. If that is as it should be, say --stale",
		path, m.AsOf.Format(time.RFC3339), m.MadeAt.Sub(m.AsOf).Round(time.Second), why)
}

func backup(cmd *cobra.Command, db *ledger.DB, path string, o backupOptions) error {
	switch {
	case path == "" || isFolder(path):
		path = filepath.Join(path, "vez-backup-"+time.Now().UTC().Format("20060102T150405Z")+".tar")
	case filepath.Ext(path) != ".tar": // a disk that is not mounted, or a mistyped one
		return fmt.Errorf("there is no folder %s: make it or mount it; a file's name ends in .tar", path)
	}
	bars := bars{cmd: cmd, quiet: o.asJSON}
	m, err := db.Backup(cmd.Context(), path, ledger.BackupOptions{Program: version, KeyFile: o.withKey, AsOf: lastPulse, Progress: bars.stage("rows"), ReadBack: bars.stage("read back")})
	if fault.CodeOf(err) == fault.DiskFull {
		return errors.New("there is no room for the backup in " + filepath.Dir(path) + ", and nothing was left there: " + err.Error())
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if db.SameDisk(path) {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: the backup is on the disk that the ledger is on, and goes when that goes; copy it to another machine")
	}
	old := outdated(path, m)
	if old == nil || o.stale { // what is not good is no figure of a good one
		if err := writeFigures(o.figures, m, info.Size()); err != nil {
			return fmt.Errorf("the backup is made, but its figures could not be written: %w", err)
		}
	}
	if err := tellBackup(cmd, path, info.Size(), m, o.asJSON); err != nil || o.stale {
		return err
	}
	return old
}

func tellBackup(cmd *cobra.Command, path string, size int64, m ledger.Manifest, asJSON bool) error {
	if asJSON {
		return printJSON(cmd, struct {
			File string `json:"file"`
			Size int64  `json:"size"`
			ledger.Manifest
		}{path, size, m})
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s: %d bytes\n", path, size)
	describe(out, m)
	if !m.KeyFile {
		fmt.Fprintln(out, "The key to its secrets (VEZ_KEY, or the file \"key\" in the data folder) is not in it: keep a copy of that elsewhere.")
	}
	return nil
}

// writeFigures tells a scraper of a backup, in a file that is never half there.
func writeFigures(path string, m ledger.Manifest, size int64) error {
	if path == "" {
		return nil
	}
	asOf := m.MadeAt
	if !m.AsOf.IsZero() {
		asOf = earlier(m.AsOf, m.MadeAt)
	}
	text := fmt.Sprintf("# HELP vez_backup_made_seconds When the last good backup was made, in Unix seconds.\n# TYPE vez_backup_made_seconds gauge\n"+
		"vez_backup_made_seconds %d\n# HELP vez_backup_as_of_seconds The last sign of life of a hub in it, in Unix seconds.\n# TYPE vez_backup_as_of_seconds gauge\n"+
		"vez_backup_as_of_seconds %d\n# HELP vez_backup_bytes Size of the last good backup.\n# TYPE vez_backup_bytes gauge\nvez_backup_bytes %d\n", m.MadeAt.Unix(), asOf.Unix(), size)
	if err := os.WriteFile(path+".part", []byte(text), 0o644); err != nil { //nolint:gosec // figures are for the scraper to read
		return err
	}
	return os.Rename(path+".part", path)
}

// describe says what an archive holds.
func describe(out io.Writer, m ledger.Manifest) {
	fmt.Fprintf(out, "made %s by Vez %s from %s, schema %d, epoch %s\n", m.MadeAt.Format(time.RFC3339), m.Program, m.Engine, m.Schema, m.Anchor.Epoch)
	if !m.AsOf.IsZero() {
		fmt.Fprintf(out, "as of %s, when a hub last wrote to it\n", m.AsOf.Format(time.RFC3339))
	}
	if !m.ReplayedAt.IsZero() {
		fmt.Fprintf(out, "taken from a replica, whose last change was of %s\n", m.ReplayedAt.Format(time.RFC3339))
	}
	fmt.Fprintf(out, "%d offices, %d events, %d tickets, %d bookings\n", len(m.Anchor.Heads), m.Rows("events"), m.Rows("tickets"), m.Rows("bookings"))
	fmt.Fprintf(out, "signed by %s\n", m.Anchor.Key)
}

func backupVerifyCommand() *cobra.Command {
	asJSON, signer, head := false, "", ""
	cmd := &cobra.Command{Use: "verify FILE", Short: "Prove a backup without restoring it", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		bars := bars{cmd: cmd, quiet: asJSON}
		a, err := openArchive(args[0], signer, bars)
		if err != nil {
			return err
		}
		defer func() { _ = a.Close() }()
		var anchor *ledger.Anchor
		if head != "" {
			read, err := readAnchor(head)
			if err != nil {
				return err
			}
			anchor = &read
		}
		clock := clockwork.NewRealClock()
		report, err := a.Prove(cmd.Context(), ledger.Config{House: clock, Machine: clock}, "", anchor, bars.stages())
		if err != nil {
			return err
		}
		return told(cmd, asJSON, a.Manifest, report, "the backup does not prove itself; keep it, and look for an older one that does")
	}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	addSigner(cmd, &signer)
	cmd.Flags().StringVar(&head, "head", "", "also prove that it holds what this file of vez ledger head --json speaks of")
	return cmd
}

func addSigner(cmd *cobra.Command, signer *string) {
	cmd.Flags().StringVar(signer, "signer", "", "believe only this key: hexadecimal, or a file of vez ledger head --json")
}

func openArchive(path, signer string, b bars) (*ledger.Archive, error) {
	key, err := signerKey(signer)
	if err != nil {
		return nil, err
	}
	return ledger.OpenArchive(path, key, b.stage("bytes"))
}

// signerKey reads a public key, or takes it from exported heads; nil for "".
func signerKey(signer string) (ed25519.PublicKey, error) {
	if signer == "" {
		return nil, nil
	}
	if raw, err := hex.DecodeString(signer); err == nil && len(raw) == ed25519.PublicKeySize {
		return raw, nil
	}
	a, err := readAnchor(signer)
	return ed25519.PublicKey(a.Key), err
}

// readAnchor reads what vez ledger head --json printed.
func readAnchor(path string) (ledger.Anchor, error) {
	var a ledger.Anchor
	raw, err := os.ReadFile(path)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, fmt.Errorf("%s is no file of vez ledger head --json: %w", path, err)
	}
	if err := a.Check(); err != nil {
		return a, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// told prints a report and makes an error of its flaws.
func told(cmd *cobra.Command, asJSON bool, m ledger.Manifest, report ledger.Report, advice string) error {
	if asJSON {
		if err := printJSON(cmd, struct {
			Manifest ledger.Manifest `json:"manifest"`
			Report   ledger.Report   `json:"report"`
		}{m, report}); err != nil {
			return err
		}
	} else {
		describe(cmd.OutOrStdout(), m)
		printReport(cmd.OutOrStdout(), report)
	}
	if !report.Sound() {
		return errors.New(advice)
	}
	return nil
}

func printReport(out io.Writer, r ledger.Report) {
	fmt.Fprintf(out, "%d events of %d offices and %d rows proved, %d flaws\n", r.Events, r.Offices, r.Rows, len(r.Flaws)+r.More)
	for _, f := range r.Flaws {
		fmt.Fprintln(out, f)
	}
}

func printJSON(cmd *cobra.Command, v any) error { return json.NewEncoder(cmd.OutOrStdout()).Encode(v) }

func restoreCommand() *cobra.Command {
	asJSON, signer, o := false, "", ledger.RestoreOptions{}
	cmd := &cobra.Command{Use: "restore FILE", Short: "Make a ledger of a backup, in an empty data folder or database", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		s, err := settings(cmd)
		if err != nil {
			return err
		}
		bars := bars{cmd: cmd, quiet: asJSON}
		a, err := openArchive(args[0], signer, bars)
		if err != nil {
			return err
		}
		defer func() { _ = a.Close() }()
		o.Record, o.Progress, o.Mailed = restoredRecord(time.Now()), bars.stages(), s.Mail.Server != ""
		if cat, err := openCatalogue(s); err == nil {
			o.Batches = func(from, to time.Time) []event.LetterBatch { return reminder.Batches(cat, from, to) }
		} else { // what is lost must come back all the same
			fmt.Fprintln(cmd.ErrOrStderr(), "warning: without the catalogue nobody knows which letters were printed since the backup; some may be printed twice:", err)
		}
		r, err := ledger.Restore(cmd.Context(), a, ledgerPlace(s), o)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(cmd, r)
		}
		describe(cmd.OutOrStdout(), a.Manifest)
		printRestored(cmd.OutOrStdout(), r)
		return nil
	}}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	cmd.Flags().BoolVar(&o.Replace, "replace", false, "move the ledger that is there aside; nothing is deleted")
	cmd.Flags().BoolVar(&o.AcceptFlaws, "accept-flaws", false, "restore a ledger that does not prove itself, and list why")
	cmd.Flags().BoolVar(&o.WithoutSecrets, "without-secrets", false, "restore without the key: codes given out so far will be refused, and people lose sight of their bookings")
	addSigner(cmd, &signer)
	return cmd
}

func printRestored(out io.Writer, r ledger.Restored) {
	printReport(out, r.Report)
	for _, h := range r.Heads {
		fmt.Fprintf(out, "  %-24s event %8d  %s\n", h.Office, h.Seq, h.Hash)
	}
	fmt.Fprintf(out, "The ledger is restored, %d rows, epoch %s; queues in Redis are built anew from it.\n", r.Rows, r.Epoch)
	fmt.Fprintf(out, "People sign in again (%d sessions and the like were left out). Devices stay paired: look through them.\n", r.Dropped)
	if r.Reminders > 0 {
		fmt.Fprintf(out, "%d reminders fell due since the backup: they may have been sent, and are not sent again.\n", r.Reminders)
	}
	if r.Letters > 0 {
		fmt.Fprintf(out, "%d letters may be in a batch made since the backup, and are not printed again; the offices' pages list them as unknown.\n", r.Letters)
	}
	if r.KeyFile {
		fmt.Fprintln(out, "The key file came with the backup.")
	}
	if r.Aside != "" {
		fmt.Fprintln(out, "What was there is kept in", r.Aside)
	}
}

// restoredRecord decides what becomes of the records of a backup. Who was
// signed in then may have signed out since, so that nobody is; a device that
// shows a pairing code shows another. A paper that waited to be printed may
// have come out after the backup: it is not printed again unless somebody asks.
func restoredRecord(now time.Time) func(event.Record) (event.Record, bool) {
	return func(r event.Record) (event.Record, bool) {
		switch r.Kind {
		case "session", "seen", "pairing": // of identity
			return r, false
		case hall.PrintPending:
			return unknownPrint(r, now)
		}
		return r, true
	}
}

func unknownPrint(r event.Record, now time.Time) (event.Record, bool) {
	var job hall.PrintJob
	if json.Unmarshal(r.Data, &job) != nil {
		return r, false
	}
	job.State, job.At = "unknown", now.UTC()
	data, err := json.Marshal(job)
	r.Kind, r.Data, r.Expires = hall.PrintSettled, data, now.Add(31*24*time.Hour)
	return r, err == nil
}

func newEpochCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "new-epoch", Short: "After a database was taken back in time by other means: let no queue in Redis be believed", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := settings(cmd)
			if err != nil {
				return err
			}
			epoch, err := ledger.Renew(cmd.Context(), ledgerPlace(s))
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), "the epoch is", epoch)
			}
			return err
		}}
	config.AddFlags(cmd.Flags())
	return cmd
}

func headCommand() *cobra.Command {
	asJSON, check, signer := false, "", ""
	cmd := &cobra.Command{Use: "head", Short: "Print, signed, where every office's chain of events ends", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return withLook(cmd, func(db *ledger.DB, _ config.Settings) error {
			if check != "" {
				return checkHead(cmd, db, check, signer, asJSON)
			}
			a, err := db.Anchor(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, a)
			}
			printAnchor(cmd.OutOrStdout(), a)
			return nil
		})
	}}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, to be kept elsewhere")
	cmd.Flags().StringVar(&check, "check", "", "prove that the ledger still holds what this file of vez ledger head --json speaks of")
	addSigner(cmd, &signer)
	return cmd
}

func printAnchor(out io.Writer, a ledger.Anchor) {
	fmt.Fprintf(out, "%s, epoch %s\n", a.At.Format(time.RFC3339Nano), a.Epoch)
	for _, h := range a.Heads {
		fmt.Fprintf(out, "  %-24s event %8d  %s\n", h.Office, h.Seq, h.Hash)
	}
	fmt.Fprintf(out, "key       %s\nsignature %s\n", a.Key, a.Signature)
}

// checkHead proves that nothing exported was cut off or written anew since.
func checkHead(cmd *cobra.Command, db *ledger.DB, path, signer string, asJSON bool) error {
	a, err := readAnchor(path)
	if err != nil {
		return err
	}
	if err := signedBy(cmd, db, a, signer); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	b := bars{cmd: cmd, quiet: asJSON}
	report, err := db.Holds(cmd.Context(), a, b.stage("events"))
	if err != nil {
		return err
	}
	if asJSON {
		if err := printJSON(cmd, report); err != nil {
			return err
		}
	} else {
		printReport(cmd.OutOrStdout(), report)
	}
	if !report.Sound() {
		return fmt.Errorf("the ledger no longer holds everything it held on %s: it was cut off, written anew, or restored from an older backup; keep a copy of it", a.At.Format(time.RFC3339))
	}
	return nil
}

// signedBy tells whose signature is expected: the ledger's own, or a named one.
func signedBy(cmd *cobra.Command, db *ledger.DB, a ledger.Anchor, signer string) error {
	key, err := signerKey(signer)
	if err != nil {
		return err
	}
	own := key.Equal(ed25519.PublicKey(a.Key))
	if key == nil {
		own, err = db.SignedHere(cmd.Context(), a)
	}
	if err == nil && !own {
		err = fmt.Errorf("these heads were signed by another key (%s): they are of another ledger, or somebody changed its key", a.Key)
	}
	return err
}

// bars show how far a long work is.
type bars struct {
	cmd   *cobra.Command
	quiet bool
}

// stage gives a bar for one stage; none where a script reads.
func (b bars) stage(what string) func(done, total int) {
	if b.quiet {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.cmd.ErrOrStderr()), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		bar.ChangeMax(total)
		_ = bar.Set(done)
	}
}

// stages gives a bar for each stage, one after the other.
func (b bars) stages() func(stage string, done, total int) {
	if b.quiet {
		return nil
	}
	all := map[string]func(int, int){}
	return func(stage string, done, total int) {
		if all[stage] == nil {
			all[stage] = b.stage(stage)
		}
		all[stage](done, total)
	}
}
