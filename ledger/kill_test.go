package ledger_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"vez/ledger"
	"vez/ledger/ledgertest"
)

// The test binary runs itself as the process to be killed.
const (
	killDir = "VEZ_TEST_KILL_DIR"
	killURL = "VEZ_TEST_KILL_URL"
)

func TestAKilledProcessLosesNothingAcknowledgedOnSQLite(t *testing.T) { killed(t, onSQLite(t)) }

func TestAKilledProcessLosesNothingAcknowledgedOnPostgreSQL(t *testing.T) { killed(t, onPostgres(t)) }

// killed lets a process acknowledge changes, kills it, and looks for them.
func killed(t *testing.T, p ledgertest.Place) {
	var acked []string
	for round := range 3 {
		acked = append(acked, killOne(t, p, round)...)
	}
	d := open(t, p)
	kept := map[string]bool{}
	for _, office := range []string{"dsi", "iam"} {
		events, err := d.After(t.Context(), office, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			kept[e.Images.Tickets[0].ID] = true
		}
		sound(t, d, office, len(events))
	}
	if lost := slices.DeleteFunc(slices.Clone(acked), func(id string) bool { return kept[id] }); len(lost) > 0 {
		t.Errorf("%d of %d acknowledged changes are lost: %v", len(lost), len(acked), lost[:min(5, len(lost))])
	}
	if len(acked) < 300 {
		t.Errorf("only %d changes were acknowledged", len(acked))
	}
}

func killOne(t *testing.T, p ledgertest.Place, round int) (acked []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestChildThatIsKilled$")
	child.Env = append(os.Environ(), killDir+"="+p.Config.Dir, killURL+"="+p.Config.URL, fmt.Sprintf("VEZ_TEST_KILL_ROUND=%d", round))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, ok := strings.CutPrefix(lines.Text(), "acknowledged ")
		if !ok {
			continue
		}
		acked = append(acked, strings.TrimSuffix(id, "."))
		if len(acked) == 100+50*round {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait()
	return acked
}

// TestChildThatIsKilled is the process that the tests above start and kill.
func TestChildThatIsKilled(t *testing.T) {
	if os.Getenv(killDir)+os.Getenv(killURL) == "" {
		t.Skip("runs only as a child")
	}
	d, err := tryOpen(ledger.Config{Dir: os.Getenv(killDir), URL: os.Getenv(killURL), Key: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			for j := 0; ; j++ {
				id := fmt.Sprintf("r%s-%d-%d", os.Getenv("VEZ_TEST_KILL_ROUND"), i, j)
				if err := issue(d, []string{"dsi", "iam"}[i%2], id); err != nil {
					t.Error(err)
					return
				}
				// One write a line, so that a kill cannot cut an id short unseen.
				_, _ = os.Stdout.WriteString("acknowledged " + id + ".\n")
			}
		})
	}
	all.Wait()
}
