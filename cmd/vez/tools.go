package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"vez/audit"
	"vez/config"
	"vez/ledger"
	"vez/office/catalogue"
)

func checkCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{Use: "check", Short: "Check settings and catalogue, and explain every mistake", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		s, all := config.Load(config.Sources{Flags: config.Given(cmd.Flags()), Environ: os.Environ(), ReadFile: os.ReadFile})
		all = append(all, s.CheckServing(isFolder)...)
		if s.Catalogue == "" || isFolder(s.Catalogue) {
			_, found := catalogue.Load(catalogueFiles(s))
			for _, m := range found {
				all = append(all, config.Mistake(m))
			}
		}
		if err := config.Report(cmd.OutOrStdout(), all, asJSON); err != nil {
			return err
		}
		if config.Failed(all) {
			return errors.New("there are mistakes to correct")
		}
		return nil
	}}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	return cmd
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// withLedger opens the ledger of the settings for a command, in real time; it
// begins and migrates it. What only reads goes withLook.
func withLedger(cmd *cobra.Command, do func(db *ledger.DB, s config.Settings) error) error {
	s, err := settings(cmd)
	if err != nil {
		return err
	}
	cat, err := openCatalogue(s)
	if err != nil {
		return err
	}
	s.Data = s.DataFolder()
	if s.Database == "" && !isFolder(s.Data) {
		return fmt.Errorf("there is no data folder %s; name it with --data or VEZ_DATA", s.Data)
	}
	clock := clockwork.NewRealClock()
	db, err := ledger.Open(cmd.Context(), ledger.Config{URL: s.Database, Dir: s.Data, Key: s.Key, House: clock, Machine: clock,
		Zone: func(id string) *time.Location {
			if o := cat.Office(id); o != nil {
				return o.Location()
			}
			return nil
		}})
	if err != nil {
		return err
	}
	return errors.Join(do(db, s), db.Close())
}

func migrateCommand() *cobra.Command {
	hubs := ""
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the ledger's schema up to date", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return withLedger(cmd, func(db *ledger.DB, _ config.Settings) error {
			fmt.Fprintln(cmd.OutOrStdout(), "the ledger is up to date, epoch", db.Epoch())
			if hubs == "" {
				return nil
			}
			if err := db.AllowHubs(cmd.Context(), hubs); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "hubs may work as", hubs)
			return nil
		})
	}}
	config.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&hubs, "hubs", "", "give this account of PostgreSQL what hubs need, and no more")
	return cmd
}

func rebuildCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "rebuild", Short: "Build the live queues in Redis anew from the ledger", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		s, err := settings(cmd)
		if err != nil {
			return err
		}
		if s.Redis == "" || s.Redis == "child" {
			return errors.New("the embedded Redis and the child are built anew at every start; name a server with VEZ_REDIS")
		}
		s.Data = s.DataFolder()
		return rebuild(cmd, s)
	}}
	config.AddFlags(cmd.Flags())
	return cmd
}

func rebuild(cmd *cobra.Command, s config.Settings) error {
	cat, err := openCatalogue(s)
	if err != nil {
		return err
	}
	if err := upToDate(cmd, s); err != nil { // nothing is begun or migrated on the way
		return err
	}
	clock := clockwork.NewRealClock()
	m, err := openMemory(cmd.Context(), s, cat, clock, clock, newLog(s))
	if err != nil {
		return err
	}
	defer m.Close()
	heads, err := m.db.Heads(cmd.Context())
	if err != nil {
		return err
	}
	bar := progressbar.Default(int64(len(heads)), "offices")
	for _, h := range heads {
		if err := m.queue.Rebuild(cmd.Context(), h.Office); err != nil {
			return fmt.Errorf("%s: %w", h.Office, err)
		}
		_ = bar.Add(1)
	}
	return nil
}

// upToDate tells that there is a ledger with this program's schema.
func upToDate(cmd *cobra.Command, s config.Settings) error {
	db, err := ledger.Look(cmd.Context(), ledgerPlace(s))
	if err != nil {
		return err
	}
	is, newest, err := db.Schema(cmd.Context())
	if err = errors.Join(err, db.Close()); err == nil && is != newest {
		err = fmt.Errorf("the ledger has schema %d and this program is made for %d: run vez migrate first", is, newest)
	}
	return err
}

func ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "Look after the ledger"}
	asJSON, empty := false, false
	verify := &cobra.Command{Use: "verify", Short: "Recompute the chain and compare the events with the state", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return withLook(cmd, func(db *ledger.DB, s config.Settings) error { return verifyLedger(cmd, db, s, asJSON, empty) })
	}}
	config.AddFlags(verify.Flags())
	verify.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	verify.Flags().BoolVar(&empty, "empty", false, "nothing has happened yet: accept a ledger without events")
	cmd.AddCommand(verify, headCommand(), newEpochCommand())
	return cmd
}

// verified is what vez ledger verify says: the ledger's own proof, and the
// promises checked on its events.
type verified struct {
	ledger.Report
	Schema   int64           `json:"schema"`
	Findings []audit.Finding `json:"findings"`
}

func verifyLedger(cmd *cobra.Command, db *ledger.DB, s config.Settings, asJSON, empty bool) error {
	progress := func(int, int) {}
	if !asJSON {
		bar := progressbar.Default(-1, "events")
		progress = func(done, total int) { bar.ChangeMax(2 * total); _ = bar.Add(done - int(bar.State().CurrentNum)) }
	}
	cat, err := openCatalogue(s)
	if err != nil {
		return err
	}
	all, newest := verified{}, int64(0)
	if all.Schema, newest, err = db.Schema(cmd.Context()); err != nil {
		return err
	}
	if all.Schema < newest {
		fmt.Fprintf(cmd.ErrOrStderr(), "the ledger has schema %d and this program is made for %d: it is read as it is\n", all.Schema, newest)
	}
	if all.Report, err = db.Verify(cmd.Context(), progress); err != nil {
		return err
	}
	a := audit.New(audit.Config{Catalogue: cat})
	if err := db.Walk(cmd.Context(), a.FeedRow, func(done, total int) { progress(total+done, total) }); err != nil {
		return err
	}
	all.Findings = append([]audit.Finding{}, a.Findings()...)
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(all)
	} else {
		all.write(cmd.OutOrStdout(), a.More())
	}
	if err != nil {
		return err
	}
	if !all.Sound() {
		return errors.New("the ledger does not prove itself; keep a copy of it and restore a backup")
	}
	if all.Events == 0 && !empty {
		return errors.New("the ledger has no events, so nothing is proved; if it is new, say so with --empty, else look where the right one is (--data, VEZ_DATABASE)")
	}
	if len(all.Findings) > 0 {
		return errors.New("the ledger is whole, but what it tells breaks a promise (I4 and I5 are judged by today's catalogue); keep this output for the makers")
	}
	return nil
}

func (v verified) write(w io.Writer, more int) {
	fmt.Fprintf(w, "%d events of %d offices and %d rows read, %d flaws, %d promises broken\n", v.Events, v.Offices, v.Rows,
		len(v.Flaws)+v.More, len(v.Findings)+more)
	for _, f := range v.Flaws {
		fmt.Fprintln(w, f)
	}
	for _, f := range v.Findings {
		fmt.Fprintln(w, f)
	}
}

func healthCommand() *cobra.Command {
	url := ""
	cmd := &cobra.Command{Use: "health", Short: "Ask a running hub whether it is ready", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if url == "" {
			s, err := settings(cmd)
			if err != nil {
				return err
			}
			if url, err = readyURL(s.Listen); err != nil {
				return err
			}
		}
		return askReady(cmd, url)
	}}
	config.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&url, "hub", "", "address to ask; default the listening address")
	return cmd
}

func readyURL(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

func askReady(cmd *cobra.Command, url string) error {
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the hub answers %s", res.Status)
	}
	fmt.Fprintln(cmd.OutOrStdout(), "ready")
	return nil
}
