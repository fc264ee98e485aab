package event

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vez/booking"
	"vez/counter"
	"vez/ticket"
)

// arrow is one legal move as text.
type arrow struct{ from, move, to string }

func TestDiagramsInDocsShowExactlyTheTables(t *testing.T) {
	page, err := os.ReadFile("../docs/states.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]arrow{}
	for _, r := range ticket.Table {
		tables["Tickets"] = append(tables["Tickets"], arrow{string(r.From), string(r.Move), string(r.To)})
	}
	for _, r := range counter.Table {
		tables["Counters"] = append(tables["Counters"], arrow{string(r.From), string(r.Move), string(r.To)})
	}
	for _, r := range booking.Table {
		tables["Bookings"] = append(tables["Bookings"], arrow{string(r.From), string(r.Move), string(r.To)})
	}
	for title, want := range tables {
		drawn := diagram(t, string(page), title)
		for _, a := range want {
			if !slices.Contains(drawn, a) {
				t.Errorf("%s: %+v is in the table and not in docs/states.md", title, a)
			}
		}
		for _, a := range drawn {
			if !slices.Contains(want, a) {
				t.Errorf("%s: %+v is in docs/states.md and not in the table", title, a)
			}
		}
		if len(drawn) != len(want) {
			t.Errorf("%s: %d arrows drawn, %d in the table", title, len(drawn), len(want))
		}
	}
}

var edge = regexp.MustCompile(`^\s+(\S+) --> (\S+): (.+)$`)

// diagram reads the arrows of the Mermaid block under a heading.
func diagram(t *testing.T, page, title string) []arrow {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n## "+title+"\n")
	if !ok {
		t.Fatalf("no heading %q", title)
	}
	_, rest, _ = strings.Cut(rest, "```mermaid\nstateDiagram-v2\n")
	block, _, _ := strings.Cut(rest, "```")
	var out []arrow
	for line := range strings.Lines(block) {
		m := edge.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			t.Fatalf("%s: cannot read %q", title, line)
		}
		for move := range strings.SplitSeq(m[3], ", ") {
			out = append(out, arrow{strings.TrimPrefix(m[1], "[*]"), move, m[2]})
		}
	}
	return out
}
