package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vez/ledger/pgtest"
)

const testKey = "VEZ_KEY=0123456789abcdef0123456789abcdef"

// refuses runs a command that must fail and gives what it said.
func refuses(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("vez %v did not refuse:\n%s", args, out)
	}
	return string(out)
}

func says(t *testing.T, out string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(out, w) {
			t.Errorf("it does not say %q:\n%s", w, out)
		}
	}
}

func TestADatabaseThatIsAwayAtTheStartSaysWhatToDo(t *testing.T) {
	out := refuses(t, []string{"VEZ_DATABASE=postgres://nobody@127.0.0.1:1/none", testKey}, "serve", "--demo", "--listen", "127.0.0.1:0")
	says(t, out, "the database cannot be reached", "VEZ_DATABASE", "ledger_away")
}

func TestAPortThatIsTakenSaysWhatToDo(t *testing.T) {
	p := serve(t, nil)
	out := refuses(t, nil, "serve", "--demo", "--listen", strings.TrimPrefix(p.url, "http://"))
	says(t, out, "cannot listen", "--listen")
}

func TestADemoLeavesNoFolderBehind(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, []string{"TMPDIR=" + dir})
	if made, _ := filepath.Glob(filepath.Join(dir, "vez-demo-*")); len(made) != 1 {
		t.Fatalf("its folder is not there: %v", made)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestACatalogueWithADuplicatedPrefixIsNamedWithFileAndLine(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../config/macao")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "offices", "dsi-main.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "prefix: B", "prefix: A", 1)
	if changed == string(text) {
		t.Fatal("the catalogue has no prefix B to spoil")
	}
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"VEZ_CATALOGUE=" + dir}
	says(t, refuses(t, env, "check", "--demo"), "offices/dsi-main.yaml:", "prefix")
	says(t, refuses(t, env, "serve", "--demo", "--listen", "127.0.0.1:0"), "offices/dsi-main.yaml:", "vez check")
}

// TestADatabaseThatGoesAwayLosesNothing kills PostgreSQL under a hub: what
// changes something is refused with a reason, and goes on without a restart.
func TestADatabaseThatGoesAwayLosesNothing(t *testing.T) {
	db := pgtest.New(t)
	p := serve(t, []string{"VEZ_DATABASE=" + db.URL(t), testKey})
	kiosk := p.as("device", "k", "dsi-main")
	body := map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}
	var kept ticketView
	kiosk.must(http.StatusCreated, "POST", "/api/v1/tickets", body, &kept)
	db.Kill(t)
	status, raw, err := kiosk.try("POST", "/api/v1/tickets", "while-away", body, nil)
	var no problem
	_ = json.Unmarshal(raw, &no)
	if err != nil || status != http.StatusServiceUnavailable || no.Code != "ledger_away" && no.Code != "unknown_outcome" {
		t.Fatalf("%d %v %s", status, err, raw)
	}
	db.Start(t)
	var next ticketView
	within(t, 20*time.Second, "the hub goes on by itself", func() bool {
		status, _, err := kiosk.try("POST", "/api/v1/tickets", "while-away", body, &next)
		return err == nil && status == http.StatusCreated
	})
	if next.Number != "C002" {
		t.Fatalf("after %s comes %s", kept.Number, next.Number)
	}
	var still ticketView
	kiosk.must(http.StatusOK, "GET", "/api/v1/tickets/"+kept.ID, nil, &still)
}
