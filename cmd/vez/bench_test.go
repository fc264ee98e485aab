package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"vez/cmd/vez/bench"
)

// TestMain lets the bench start this program as its clients, as it starts vez.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "bench" && os.Args[2] == "clients" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The bench opens hubs as serve does: what serve needs and the bench forgets
// shows here, not on the day somebody measures.
func TestTheBenchMeasuresTheProgramAsItIs(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	cmd := benchCommand()
	var out, said bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&said)
	cmd.SetArgs([]string{"--json", "--seconds", "0.1", "--only", "floor,reads,slots,rivals"})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	var got struct{ Rows []bench.Row }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	parts := map[string]int{}
	for _, r := range got.Rows {
		if r.Got <= 0 {
			t.Errorf("%s: nothing was measured: %+v", r.What, r)
		}
		if r.Least > 0 && (r.Baseline <= 0 || r.Ratio <= 0 || r.Verdict == "") {
			t.Errorf("%s: a promise without baseline or verdict: %+v", r.What, r)
		}
		parts[r.Part]++
	}
	if parts["floor"] < 3 || parts["reads"] < 5 || parts["slots"] < 3 || parts["rivals"] != 1 {
		t.Errorf("rows by part: %v", parts)
	}
}
