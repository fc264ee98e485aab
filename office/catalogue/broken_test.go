package catalogue

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vez/office"
)

// small is the whole little catalogue of testdata as files in memory.
func small(t testing.TB) fstest.MapFS {
	t.Helper()
	out, root := fstest.MapFS{}, os.DirFS("testdata/small")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		out[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// edit replaces text in a file, which must be there.
func edit(t testing.TB, files fstest.MapFS, name, old, new string) {
	t.Helper()
	if files[name] == nil || !strings.Contains(string(files[name].Data), old) {
		t.Fatalf("%s has no %q", name, old)
	}
	files[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[name].Data), old, new, 1))}
}

func lineWith(t testing.TB, files fstest.MapFS, name, text string) int {
	t.Helper()
	before, _, found := strings.Cut(string(files[name].Data), text)
	if !found {
		t.Fatalf("%s has no %q", name, text)
	}
	return 1 + strings.Count(before, "\n")
}

func TestTheSmallCatalogueIsWhole(t *testing.T) {
	c, mistakes := Load(small(t))
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	if got := c.Service("parks-permit").Rules; got.Cutoff != 4*time.Hour || !got.SetDate || got.HorizonDays != 30 {
		t.Errorf("rules of the permit: %+v", got)
	}
	if got := c.Counter("hall-3"); got.Queues[0] != "hall-tour" || got.Queues[1] != "hall-permit" || got.Zone != "A" {
		t.Errorf("counter 3: %+v", got)
	}
	if got := c.Counter("hall-4").Offers; len(got) != 1 || got[0] != office.NeedLowDesk {
		t.Errorf("counter 4 offers %v", got)
	}
	if got := c.Queue("hall-permit").RulesOn("2026-07-01").WalkInLimit; got != 60 {
		t.Errorf("walk-ins in summer: %d, want 60", got)
	}
	if got := c.Queue("hall-tour").Hours; got == nil || len(got[time.Saturday]) != 1 || len(got[time.Monday]) != 0 {
		t.Errorf("hours of the tour: %v", got)
	}
}

// broken is one edit of the small catalogue and the mistake that it makes.
type broken struct {
	name, file, old, new string
	at                   string // text on the line that the mistake must name; "" for none
	what                 string // part of the text
	in                   string // the file of the mistake; "" for the edited one
}

const (
	top   = "catalogue.yaml"
	parks = "departments/parks.yaml"
	hall  = "offices/hall.yaml"
	here  = "holidays/here.yaml"
)

var errs = []broken{
	{"syntax", parks, "acronym: PK", "acronym: [PK", "", "", ""},
	{"unknown key", parks, "minutes: 15", "minutes: 15\n    minuets: 20", "minuets", `no key "minuets"`, ""},
	{"unknown key of the whole", top, "sample: yes", "sample: yes\nlanguage: pt", "language: pt", `no key "language"`, ""},
	{"key twice", parks, "minutes: 15", "minutes: 15\n    minutes: 20", "minutes: 20", "stands twice", ""},
	{"number of the wrong type", parks, "minutes: 15", "minutes: many", "minutes: many", `"many" is no value`, ""},
	{"number out of range", parks, "minutes: 15", "minutes: 0", "minutes: 0", `"0" is no value`, ""},
	{"list instead of a value", parks, "acronym: PK", "acronym: [PK]", "acronym", "single value", ""},
	{"value instead of a mapping", parks, "rules:\n  cutoff: 4 h", "rules: none", "rules: none", "must be a mapping", ""},
	{"value instead of a list", parks, "services:", "services: none\nold:", "services: none", "must be a list", ""},
	{"missing language", parks, ", pt: Parques", "", "name: {", `no "pt"`, ""},
	{"empty language", parks, "pt: Parques", "pt: ''", "name: {", "empty in pt", ""},
	{"missing key", parks, "    minutes: 15\n", "", "parks-permit", `no "minutes"`, ""},
	{"empty key", parks, "minutes: 15", "minutes:", "minutes:", `no "minutes"`, ""},
	{"bad id", parks, "id: parks-tour", "id: parks-Tour", "parks-Tour", "is no id", ""},
	{"id of another department", parks, "id: parks-tour", "id: rivers-tour", "rivers-tour", "does not begin with", ""},
	{"id twice in a file", parks, "id: parks-tour", "id: parks-permit", "  - id: parks-permit\n    name: {zh-Hant: 導賞", "stands twice, first on line 14", ""},
	{"id is not the file's name", parks, "id: parks\n", "id: park\n", "id: park", "not the name of the file", ""},
	{"unknown category", parks, "category: nature", "category: natur", "category", `no category "natur"`, ""},
	{"unknown evidence", parks, "evidence: sample", "evidence: seen", "evidence: seen", "no evidence", ""},
	{"unknown mode", parks, "modes: [counter, kiosk]", "modes: [counter, fax]", "fax", "no way to have", ""},
	{"unknown document", parks, "documents: [card]", "documents: [cards]", "documents", `no document "cards"`, ""},
	{"unknown queue", parks, "queues: [hall-tour]", "queues: [hall-tours]", "hall-tours", `no queue "hall-tours"`, ""},
	{"two queues in one office", parks, "queues: [hall-tour]", "queues: [hall-tour, hall-permit]", "hall-tour, hall", "two queues in hall", ""},
	{"no queue", parks, "queues: [hall-tour]", "queues: []", "parks-tour", "no queue serves parks-tour", ""},
	{"web address", parks, "https://parks", "parks", "website", "no web address", ""},
	{"unknown rule", parks, "cutoff: 4 h", "cutof: 4 h", "cutof", `no rule "cutof"`, ""},
	{"rule of a queue at a service", parks, "set-date: yes", "filing-order: yes", "filing-order", "not of a service", ""},
	{"rule without a value", parks, "set-date: yes", "set-date:", "set-date", `no "set-date"`, ""},
	{"rule with a wrong value", parks, "cutoff: 4 h", "cutoff: soon", "cutoff", `"soon" is no value`, ""},
	{"horizon in hours", top, "horizon: 30 days", "horizon: 30 h", "horizon", `"30 h" is no value`, ""},
	{"share too large", top, "horizon: 30 days", "booked-share: 120%", "booked-share", `"120%" is no value`, ""},
	{"share of tickets outside of a season", hall, "daily-walk-in-limit: 40", "daily-walk-in-limit: 40%", "40%", "in a season only", ""},
	{"late rules that contradict", top, "late-behind: 10 min", "late-behind: 40 min", "id: hall-permit", "behind only after 40 min", hall},
	{"shares over the whole", top, "horizon: 30 days", "same-day-share: 95%", "id: hall-permit", "more than all", hall},
	{"a limit that forbids", parks, "set-date: yes", "max-people: 0", "id: parks-permit", "limit of 0", ""},
	{"season without its end", parks, "    to: 08-31\n", "", "from: 06-01", `no "to"`, ""},
	{"season on no day", parks, "to: 08-31", "to: 02-30", "02-30", "no day of the year", ""},
	{"seasons overlap", parks, "services:", "  - from: 08-15\n    to: 09-15\n    rules: {horizon: 7 days}\nservices:", "from: 08-15", "overlaps the one on line 9", ""},

	{"listed file missing", top, "[parks, rivers]", "[parks, rivers, lakes]", "departments:", "no file departments/lakes.yaml", ""},
	{"listed twice", top, "[parks, rivers]", "[parks, rivers, parks]", "departments:", "stands twice", ""},
	{"hours overlap", top, "09:00-13:00, 14:00", "09:00-13:00, 12:00", "mon-fri", "overlap", ""},
	{"hours end before they begin", top, "09:00-13:00", "13:00-09:00", "mon-fri", "no opening", ""},
	{"hours on a day twice", top, "mon-fri: 09", "fri: 09:00-12:00\n    mon-fri: 09", "mon-fri", "fri of the hours day", ""},
	{"no day", top, "mon-fri:", "mo-fr:", "mo-fr", "is no day", ""},
	{"unknown pattern", hall, "hours: day", "hours: night", "hours: night", `no pattern of hours "night"`, ""},
	{"unknown time zone", hall, "Asia/Macau", "Asia/Taipa", "time-zone", "no time zone", ""},
	{"the machine's time zone", hall, "Asia/Macau", "Local", "time-zone", "no time zone", ""},
	{"unknown jurisdiction", hall, "jurisdiction: here", "jurisdiction: there", "jurisdiction", `no jurisdiction "there"`, ""},
	{"unknown language", hall, "[zh-Hant, pt,", "[zh-TW, pt,", "languages", `no language "zh-TW"`, ""},
	{"unknown department of an office", hall, "[parks, rivers]", "[parks, rivers, lakes]", "departments:", `no department "lakes"`, ""},
	{"queue of a department not here", hall, "[parks, rivers]", "[parks]", "department: rivers", "not one of this office", ""},
	{"host elsewhere", hall, "host: parks", "host: lakes", "host", "host", ""},
	{"queue of another office", hall, "id: hall-tour", "id: lobby-tour", "lobby-tour", "does not begin with its office's", ""},
	{"prefix twice", hall, "prefix: E", "prefix: D", "prefix: D\n    name: {zh-Hant: 導賞", "first on line 24", ""},
	{"prefix that reads as a digit", hall, "prefix: E", "prefix: O", "prefix: O", `"O" is no prefix`, ""},
	{"prefix in small letters", hall, "prefix: E", "prefix: e", "prefix: e", "no prefix", ""},
	{"prefix too long", hall, "prefix: E", "prefix: ABC", "prefix: ABC", "no prefix", ""},
	{"counters do not add up", hall, "counters: 4", "counters: 5", "counters: 5", "5 counters, its queues have 4", ""},
	{"counter in no zone", hall, "counters: 1-3", "counters: 1-2", "zones:", "counter 3 is in no zone", ""},
	{"counter in two zones", hall, "counters: 1-3", "counters: 1-4", "counters: 4\n    far", "in the zones A and B", ""},
	{"zone beyond the counters", hall, "counters: 4\n    far", "counters: 4-9\n    far", "counters: 4-9", "no counters of this office", ""},
	{"zone twice", hall, "id: B", "id: A", "id: A\n    name: {zh-Hant: 北面", "stands twice", ""},
	{"unknown need", hall, "low_desk: 1", "low-desk: 1", "low-desk", `no need "low-desk"`, ""},
	{"offer beyond the counters", hall, "low_desk: 1, 4", "low_desk: 1, 44", "low_desk", "no counters of this office", ""},

	{"holiday out of range", here, "day: 2026-12-24", "day: 2027-12-24", "2027-12-24", "outside of the calendar", ""},
	{"holiday twice", here, "day: 2026-12-24", "day: 2026-05-01", "day: 2026-05-01\n    kind: half-day", "stands twice, first on line 4", ""},
	{"holiday on no date", here, "2026-12-24", "2026-02-30", "2026-02-30", "no date", ""},
	{"holiday of no kind", here, "kind: half-day", "kind: halfday", "halfday", "no kind of day", ""},
	{"calendar ends before it begins", here, "to: 2026-12-31", "to: 2025-12-31", "to: 2025", "before it begins", ""},
}

// twins are two names whose ids share the first four bytes of their SHA-256.
var twins = [2]string{"q31543", "q36523"}

var warnings = []broken{
	{"prefixes sound alike in a zone", hall, "prefix: E", "prefix: T", "prefix: T", "D and T sound alike", ""},
	{"a queue in two zones", hall, "counters: 1-3\n", "counters: 1, 3\n", "id: hall-permit", "zones A and B", ""},
	{"a queue without services", parks, "queues: [hall-tour]", "queues: [hall-permit]", "id: hall-tour", "serves no service", hall},
	{"a department without a queue", hall, "    department: rivers", "    department: parks", "departments:", `"rivers" has no queue here`, ""},
	{"a department without services", top, "[parks, rivers]", "[parks, rivers, lakes]", "", "has no services", "departments/lakes.yaml"},
}

func TestEveryMistakeIsNamedWithItsFileAndLine(t *testing.T) {
	for _, b := range errs {
		t.Run(b.name, func(t *testing.T) {
			files := small(t)
			edit(t, files, b.file, b.old, b.new)
			c, mistakes := Load(files)
			if c != nil {
				t.Error("a catalogue came out all the same")
			}
			b.expect(t, files, mistakes, Error)
		})
	}
}

func TestASeasonWinsOverWhatAServiceSaysOfLateness(t *testing.T) {
	files := small(t)
	edit(t, files, parks, "      daily-walk-in-limit: 150%", "      daily-walk-in-limit: 150%\n      late-behind: 20 min")
	edit(t, files, parks, "      set-date: yes", "      late-behind: 5 min")
	c, mistakes := Load(files)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	s := c.Service("parks-permit")
	for day, want := range map[office.Day]time.Duration{"2027-05-31": 5 * time.Minute, "2027-06-01": 20 * time.Minute} {
		if got := s.RulesAt("hall-permit", day).LateBehind; got != want {
			t.Errorf("%s: behind the punctual after %v, want %v", day, got, want)
		}
	}
	if got := c.Queue("hall-tour").RulesOn("2027-06-01").LateBehind; got != 20*time.Minute {
		t.Errorf("another queue of the department: after %v", got)
	}
}

func TestDoubtfulThingsAreWarnedOf(t *testing.T) {
	for _, b := range warnings {
		t.Run(b.name, func(t *testing.T) {
			files := small(t)
			edit(t, files, b.file, b.old, b.new)
			if b.name == "a queue in two zones" {
				edit(t, files, hall, "counters: 4\n    far", "counters: 2, 4\n    far")
			}
			if b.in == "departments/lakes.yaml" {
				files[b.in] = &fstest.MapFile{Data: []byte("id: lakes\nacronym: LK\nname: {zh-Hant: 湖泊, zh-Hans: 湖泊, pt: Lagos, en: Lakes}\ncategory: nature\n")}
			}
			c, mistakes := Load(files)
			if c == nil {
				t.Error("a warning must not stop the catalogue", mistakes)
			}
			b.expect(t, files, mistakes, Warning)
		})
	}
}

func (b broken) expect(t *testing.T, files fstest.MapFS, mistakes []Mistake, severity string) {
	t.Helper()
	file := b.file
	if b.in != "" {
		file = b.in
	}
	line := 0
	if b.at != "" {
		line = lineWith(t, files, file, b.at)
	}
	for _, m := range mistakes {
		if m.Remedy == "" || strings.Contains(m.What+m.Remedy, "%!") {
			t.Errorf("badly said: %v", m)
		}
		if m.Severity == severity && m.File == file && (b.at == "" || m.Line == line) && strings.Contains(m.What, b.what) {
			return
		}
	}
	t.Errorf("want %s:%d %s: …%s…, got %v", file, line, severity, b.what, mistakes)
}

func TestOneMistakeDoesNotHideTheOthers(t *testing.T) {
	files := small(t)
	edit(t, files, parks, "minutes: 15", "minutes: many")
	edit(t, files, parks, "evidence: sample", "evidence: rumour")
	edit(t, files, hall, "prefix: E", "prefix: Q")
	edit(t, files, here, "kind: public", "kind: private")
	edit(t, files, "departments/rivers.yaml", "acronym: RV", "acronym: [")
	_, mistakes := Load(files)
	seen := map[string]int{}
	for _, m := range mistakes {
		seen[m.File]++
	}
	if len(mistakes) != 5 || seen[parks] != 2 || seen[hall] != 1 || seen[here] != 1 || seen["departments/rivers.yaml"] != 1 {
		t.Errorf("got %v", mistakes)
	}
}

func TestAnUnreadableOfficeIsReportedOnceAndNotAtEachOfItsServices(t *testing.T) {
	files := small(t)
	edit(t, files, hall, "id: hall\n", "id: [hall\n")
	_, mistakes := Load(files)
	if len(mistakes) != 1 || mistakes[0].File != hall {
		t.Errorf("got %v", mistakes)
	}
}

func TestAMissingFolderIsAMistakeAndNoPanic(t *testing.T) {
	c, mistakes := Load(fstest.MapFS{})
	if c != nil || len(mistakes) != 1 || mistakes[0].File != top {
		t.Errorf("got %v, %v", c, mistakes)
	}
}

func TestAFileThatNoListNamesIsWarnedOf(t *testing.T) {
	files := small(t)
	files["departments/lakes.yml"] = &fstest.MapFile{Data: []byte("id: lakes")}
	_, mistakes := Load(files)
	if len(mistakes) != 1 || mistakes[0].Severity != Warning || mistakes[0].File != "departments/lakes.yml" {
		t.Errorf("got %v", mistakes)
	}
}

func TestQueuesThatAQRCodeCannotTellApartAreRefused(t *testing.T) {
	a, b := "hall-"+twins[0], "hall-"+twins[1]
	if short(a) != short(b) {
		t.Fatal("the twins are none")
	}
	files := small(t)
	for old, new := range map[string]string{"hall-tour": a, "hall-boat": b} {
		edit(t, files, hall, "id: "+old, "id: "+new)
		file := parks
		if old == "hall-boat" {
			file = "departments/rivers.yaml"
		}
		edit(t, files, file, old, new)
	}
	_, mistakes := Load(files)
	if len(mistakes) != 1 || !strings.Contains(mistakes[0].What, "cannot tell the queues") {
		t.Errorf("got %v", mistakes)
	}
}
