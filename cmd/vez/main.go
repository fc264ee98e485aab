package main

import (
	_ "time/tzdata" // hosts without zone data still know the offices' clocks

	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"vez/config"
	"vez/fault"
)

// version is set at build time with -ldflags "-X main.version=…".
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "vez:", advice(err))
		os.Exit(1)
	}
}

// advice adds to a fault what to do about it.
func advice(err error) string {
	switch fault.CodeOf(err) {
	case fault.LedgerAway:
		return fmt.Sprintf("the database cannot be reached. Start it, or correct VEZ_DATABASE, and start Vez again. (%v)", err)
	case fault.LedgerUnusable:
		return fmt.Sprintf("the ledger's file cannot be used. If it may not be written, give the data folder and all in it to the account that Vez runs as, "+
			"on a disk that is not mounted read-only. If it is damaged, keep a copy of the folder, then restore the last backup: vez restore --replace FILE. (%v)", err)
	case fault.SchemaNewer:
		return fmt.Sprintf("the database was written by a newer Vez. Start that version, or restore a copy from before the upgrade. (%v)", err)
	case fault.DiskFull:
		return fmt.Sprintf("the disk is full. Make room in the data folder; nothing was lost. (%v)", err)
	}
	return err.Error()
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use: "vez", Short: "Bookings, tickets and counters of public offices", Version: version,
		SilenceUsage: true, SilenceErrors: true,
	}
	cmd.AddCommand(serveCommand(), checkCommand(), migrateCommand(), rebuildCommand(), ledgerCommand(), backupCommand(), restoreCommand(), healthCommand(), benchCommand(),
		&cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version)
			return err
		}})
	return cmd
}

// settings reads flags, environment and file, and refuses to go on with mistakes.
func settings(cmd *cobra.Command) (config.Settings, error) {
	s, mistakes := config.Load(config.Sources{Flags: config.Given(cmd.Flags()), Environ: os.Environ(), ReadFile: os.ReadFile})
	for _, m := range mistakes {
		fmt.Fprintln(cmd.ErrOrStderr(), m)
		if m.Remedy != "" {
			fmt.Fprintln(cmd.ErrOrStderr(), "  →", m.Remedy)
		}
	}
	if config.Failed(mistakes) {
		return s, fmt.Errorf("the settings have mistakes; vez check lists them all")
	}
	return s, nil
}
