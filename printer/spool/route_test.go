package spool_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// hall describes printers in a line each: id, format, and words: by=, rank=,
// new (not confirmed), or a trouble.
func hall(lines ...string) []spool.Seen {
	var out []spool.Seen
	for i, line := range lines {
		words := strings.Fields(line)
		s := spool.Seen{Printer: spool.Printer{ID: words[0], Format: printer.Format(words[1]), Confirmed: true, Added: nine.Add(time.Duration(i) * time.Second)}}
		for _, w := range words[2:] {
			name, value, _ := strings.Cut(w, "=")
			switch name {
			case "by":
				s.Serves = []string{value}
			case "rank":
				s.Rank = int(value[0] - '0')
			case "new":
				s.Confirmed = false
			case "dir":
				s.Address = "folder:" + s.ID
			default:
				s.State.Problem = fault.Code(w)
			}
		}
		out = append(out, s)
	}
	return out
}

func TestAJobGoesToThePrinterThatIsMeantForIt(t *testing.T) {
	for name, c := range map[string]struct {
		job      printer.Job
		printers []spool.Seen
		want     string
		why      fault.Code
	}{
		"the printer beside the kiosk comes first": {printer.Job{Kind: printer.KindTicket, By: "device:k1"},
			hall("a roll80", "b roll80 by=device:k1 rank=5"), "b a", ""},
		"another kiosk's is as good as any":   {printer.Job{Kind: printer.KindTicket, By: "device:k2"}, hall("a roll80", "b roll80 by=device:k1"), "a b", ""},
		"then the lower rank, then the older": {printer.Job{Kind: printer.KindTicket}, hall("a roll80 rank=1", "b roll58", "c roll80"), "b c a", ""},
		"a ticket is on a sheet as the last resort": {printer.Job{Kind: printer.KindTicket, By: "device:k1"},
			hall("a4 a4 by=device:k1", "r roll80 rank=9"), "r a4", ""},
		"a pass and a reminder likewise":        {printer.Job{Kind: printer.KindPass}, hall("a5 a5", "r roll58"), "r a5", ""},
		"a reminder likewise":                   {printer.Job{Kind: printer.KindReminder}, hall("a5 a5", "r roll58"), "r a5", ""},
		"a slip is on a sheet before a strip":   {printer.Job{Kind: printer.KindSlip}, hall("r roll80", "a4 a4 rank=3"), "a4 r", ""},
		"letters need sheets":                   {printer.Job{Kind: printer.KindLetters}, hall("r roll80", "a5 a5 rank=1", "a4 a4"), "a4 a5", ""},
		"letters without sheets go nowhere":     {printer.Job{Kind: printer.KindLetters}, hall("r roll80"), "", fault.NoPrinter},
		"a folder takes everything":             {printer.Job{Kind: printer.KindLetters}, hall("f roll80 dir", "r roll80"), "f", ""},
		"a folder takes tickets by its rank":    {printer.Job{Kind: printer.KindTicket}, hall("f a4 dir rank=1", "r roll80"), "r f", ""},
		"trouble is passed over":                {printer.Job{Kind: printer.KindTicket}, hall("a roll80 paper_out", "b roll80 rank=1"), "b", ""},
		"the reason is the first one's":         {printer.Job{Kind: printer.KindTicket}, hall("a roll80 cover_open", "b roll80 rank=1 paper_out"), "", fault.CoverOpen},
		"no printer is a reason":                {printer.Job{Kind: printer.KindTicket}, nil, "", fault.NoPrinter},
		"nothing is given to one not confirmed": {printer.Job{Kind: printer.KindTicket}, hall("a roll80 new"), "", fault.NoPrinter},
		"but its own page":                      {printer.Job{Kind: printer.KindProbe, Ref: "b"}, hall("a roll80", "b a4 new"), "b", ""},
		"its page goes nowhere else":            {printer.Job{Kind: printer.KindProbe, Ref: "b"}, hall("a roll80", "b roll80 new printer_away"), "", fault.PrinterAway},
	} {
		to, why := spool.Route(spool.Task{Job: c.job}, c.printers)
		var ids []string
		for _, p := range to {
			ids = append(ids, p.ID)
		}
		if !slices.Equal(ids, strings.Fields(c.want)) || why != c.why {
			t.Errorf("%s: %q %s, want %q %s", name, ids, why, c.want, c.why)
		}
	}
}

func TestAPrinterThatFailedIsTriedAgainOnlyWhenItHasRecovered(t *testing.T) {
	printers := hall("a roll80", "b roll80")
	try := func(id string, after time.Duration) spool.Try { return spool.Try{Printer: id, At: nine.Add(after)} }
	since := func(d time.Duration) { printers[0].State.Since = nine.Add(d) }
	first := func(tries ...spool.Try) string {
		to, why := spool.Route(spool.Task{Job: printer.Job{Kind: printer.KindTicket, Reason: "paper_out"}, Tries: tries}, printers)
		if len(to) == 0 {
			return string(why)
		}
		return to[0].ID
	}
	since(0)
	for _, c := range []struct {
		name, got, want string
	}{
		{"not tried", first(), "a"},
		{"tried and well all the time", first(try("a", time.Minute)), "b"},
		{"both tried", first(try("a", time.Minute), try("b", time.Minute)), "paper_out"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
	since(2 * time.Minute)
	if got := first(try("a", time.Minute)); got != "a" {
		t.Errorf("recovered since: %s", got)
	}
	if got := first(try("a", 0), try("a", 1), try("a", time.Minute)); got != "b" {
		t.Errorf("three times is enough: %s", got)
	}
}
