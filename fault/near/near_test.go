package near

import (
	"strings"
	"testing"
)

func TestTheRemedyNamesWhatWasMeant(t *testing.T) {
	known := []string{"horizon-days", "cutoff", "late-behind"}
	for word, want := range map[string]string{"cuttoff": `"cutoff"`, "Late-behind": `"late-behind"`, "nothing-like-it": "use one of: cutoff, horizon-days"} {
		if got := Word(word, known, 3, ""); !strings.Contains(got, want) {
			t.Errorf("%s: %s", word, got)
		}
	}
	if got := Word("x", nil, 3, ""); got != "take it out" {
		t.Error(got)
	}
	if got := Word("quite another", make([]string, 40), 3, "the handbook"); !strings.Contains(got, "the handbook") {
		t.Error(got)
	}
	if got := Word(strings.Repeat("x", 5000), known, 3, ""); !strings.Contains(got, "use one of") {
		t.Error(got)
	}
}
