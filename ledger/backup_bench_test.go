package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"vez/event"
	"vez/ledger"
	"vez/ledger/ledgertest"
)

// How long a backup takes, and what eight writers notice of it. Run with
// -benchtime=1x; VEZ_BENCH_ROWS sets how many tickets there are (100,000).

func BenchmarkBackupSQLite(b *testing.B)     { benchmarkBackup(b, onSQLite(b)) }
func BenchmarkBackupPostgreSQL(b *testing.B) { benchmarkBackup(b, onPostgres(b)) }

func benchmarkBackup(b *testing.B, p ledgertest.Place) {
	d := benchOpen(b, p)
	rows := 100_000
	_, _ = fmt.Sscan(os.Getenv("VEZ_BENCH_ROWS"), &rows)
	grow(b, d, rows)
	alone := quantile(writing(b, d, "alone", func() { <-time.After(2 * time.Second) }))
	b.ResetTimer()
	var beside []time.Duration
	var took time.Duration
	for n := range b.N {
		path := filepath.Join(b.TempDir(), fmt.Sprint(n, ".tar"))
		beside = append(beside, writing(b, d, fmt.Sprint("beside", n), func() {
			begun := time.Now()
			if _, err := d.Backup(context.Background(), path, ledger.BackupOptions{}); err != nil {
				b.Error(err)
			}
			took += time.Since(begun)
		})...)
		if info, err := os.Stat(path); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		}
	}
	b.StopTimer()
	if info, err := os.Stat(filepath.Join(p.Config.Dir, "ledger.db-wal")); err == nil {
		b.ReportMetric(float64(info.Size())/1e6, "wal-MB")
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "s/backup")
	b.ReportMetric(alone, "p99-alone-ms")
	b.ReportMetric(quantile(beside), "p99-beside-ms")
	b.ReportMetric(float64(slices.Max(beside).Microseconds())/1000, "max-beside-ms")
}

// grow issues so many tickets at eight offices.
func grow(b *testing.B, d *ledger.DB, tickets int) {
	b.Helper()
	const each = 1000
	for i := 0; i < tickets; i += each {
		office := fmt.Sprint("o", i/each%benchOffices)
		err := d.Do(context.Background(), event.Scope{Offices: []string{office}}, func(tx *ledger.Tx) error {
			for n := range each {
				if err := benchIssue(tx, office, fmt.Sprintf("g%d", i+n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// writing lets eight writers issue a ticket every 10 ms while do runs, and gives how long each waited.
func writing(b *testing.B, d *ledger.DB, name string, do func()) (all []time.Duration) {
	b.Helper()
	stop := make(chan struct{})
	var mu sync.Mutex
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			office, tick := fmt.Sprint("o", w), time.NewTicker(10*time.Millisecond)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				begun := time.Now()
				if err := issue(d, office, fmt.Sprintf("%s-%d-%d", name, w, n)); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				all = append(all, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	do()
	close(stop)
	writers.Wait()
	return all
}

// quantile is the 99th in milliseconds.
func quantile(all []time.Duration) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)*99/100].Microseconds()) / 1000
}
