package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// setting is a small world of a catalogue: a department with one service, an
// office with one hall and one queue in it.
type setting struct {
	id           string
	minutes      string
	prefix       string
	counters     string
	jurisdiction string
	hours        string
	serves       string // the queue of the service
	office       []string
	queue        []string
	rules        map[string][]string // by where they stand
}

func usual(id string) setting {
	return setting{id: id, minutes: "15", prefix: "A", counters: "5", jurisdiction: "macao", hours: "daily",
		serves: id + "-hall-line", rules: map[string][]string{}}
}

// The places where a rule may stand, nearest first.
const (
	ofSeason           = "season"
	ofDepartmentSeason = "department-season"
	ofService          = "service"
	ofQueue            = "queue"
	ofOffice           = "office"
	ofDepartment       = "department"
)

func named(what string) string {
	return fmt.Sprintf("{zh-Hant: %[1]s, zh-Hans: %[1]s, pt: %[1]s, en: %[1]s}", what)
}

// lines writes a mapping of rules, or nothing.
func (s setting) lines(at, indent string) string {
	if len(s.rules[at]) == 0 {
		return ""
	}
	return indent + "rules:\n" + indent + "  " + strings.Join(s.rules[at], "\n"+indent+"  ") + "\n"
}

func (s setting) season(at string) string {
	if len(s.rules[at]) == 0 {
		return ""
	}
	return "seasons:\n  - from: 11-01\n    to: 12-31\n" + s.lines(at, "    ")
}

func (s setting) department() string {
	return "id: " + s.id + "\nacronym: " + strings.ToUpper(s.id) + "\nname: " + named(s.id) + "\ncategory: all\n" +
		s.lines(ofDepartment, "") + s.season(ofDepartmentSeason) +
		"services:\n  - id: " + s.id + "-matter\n    name: " + named(s.id+" matter") + "\n    minutes: " + s.minutes +
		"\n    evidence: sample\n    queues: [" + s.serves + "]\n" + s.lines(ofService, "    ")
}

func (s setting) hall() string {
	own := strings.Join(append([]string{""}, s.office...), "\n")
	return "id: " + s.id + "-hall\nname: " + named(s.id+" hall") + "\naddress: " + named(s.id) + "\njurisdiction: " + s.jurisdiction +
		"\ntime-zone: Asia/Macau\nlanguages: [zh-Hant, pt, en, zh-Hans]\ndepartments: [" + s.id + "]\nhost: " + s.id +
		"\nhours: " + s.hours + "\ncounters: " + s.counters + own + "\n" + s.lines(ofOffice, "") + s.season(ofSeason) +
		"queues:\n  - id: " + s.id + "-hall-line\n    department: " + s.id + "\n    prefix: " + s.prefix + "\n    name: " + named(s.id+" line") +
		"\n    counters: " + s.counters + strings.Join(append([]string{""}, s.queue...), "\n    ") + "\n" + s.lines(ofQueue, "    ")
}

// holidays: the second jurisdiction is shut on a Thursday and on the afternoon of the day after.
var holidays = map[string]string{
	"macao": "days: []\n",
	"hengqin": "days:\n  - day: 2026-11-26\n    kind: public\n    name: " + named("feast") +
		"\n  - day: 2026-11-27\n    kind: half-day\n    name: " + named("half") + "\n",
}

// forAll are rules of the whole catalogue that are not the program's own defaults.
const forAll = "rules:\n  kiosk-quota: 3\n  max-people: 3\n"

// catalogueOf writes a folder with all the settings.
func catalogueOf(t *testing.T, all []setting) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var departments, offices []string
	for _, s := range all {
		departments, offices = append(departments, s.id), append(offices, s.id+"-hall")
		put("departments/"+s.id+".yaml", s.department())
		put("offices/"+s.id+"-hall.yaml", s.hall())
	}
	for id, days := range holidays {
		put("holidays/"+id+".yaml", "from: 2026-11-01\nto: 2027-12-31\n"+days)
	}
	put("catalogue.yaml", "sample: yes\ndepartments: ["+strings.Join(departments, ", ")+"]\noffices: ["+strings.Join(offices, ", ")+
		"]\njurisdictions: [macao, hengqin]\nevidence:\n  sample: made up\nhours:\n  daily:\n    mon-fri: 09:00-18:00\n  later:\n    mon-fri: 10:00-18:00\n"+
		forAll+"categories:\n  - id: all\n    name: "+named("all")+"\n")
	return dir
}

// world is a setting in a running program, with what was done in it.
type world struct {
	setting
	t       *testing.T
	p       *program
	kiosk   *client
	desk    *client // reception
	booked  map[string]bookedView
	tickets map[string]placeView
	said    []string
}

type bookedView struct {
	bookingView
	Class string
}

type placeView struct {
	ticketView
	Code, Class              string
	Named                    bool
	Arrival, Callable, Start time.Time
}

func (w *world) hall() string    { return w.id + "-hall" }
func (w *world) matter() string  { return w.id + "-matter" }
func (w *world) counter() string { return "/api/v1/counters/" + w.id + "-hall-1/" }

// resident is one of the people of this world alone.
func (w *world) resident(who string) *client { return w.p.as("citizen", w.id+"-"+who, "") }

func (w *world) clerk() *client { return w.p.as("clerk", w.id+"-clerk", w.hall()) }

// ask sends, and says "ok" or the code of the refusal.
func (w *world) ask(c *client, method, path string, body, out any) string {
	w.t.Helper()
	status, raw, err := c.try(method, path, "", body, out)
	if err != nil || status >= 500 {
		w.t.Errorf("%s: %s %s: %d %v %s", w.id, method, path, status, err, raw)
		return "failed"
	}
	if status == http.StatusNoContent {
		return "nobody"
	}
	if status < 300 {
		return "ok"
	}
	var no problem
	if err := json.Unmarshal(raw, &no); err != nil || no.Code == "" {
		w.t.Errorf("%s: %s %s: %d without a code: %s", w.id, method, path, status, raw)
	}
	return no.Code
}

// at reads "11-26 11:00" as an instant of Macao.
func (w *world) at(text string) time.Time {
	w.t.Helper()
	at, err := time.Parse("2006-01-02 15:04 -07:00", "2026-"+text+" +08:00")
	if err != nil {
		w.t.Fatal(err)
	}
	return at
}

// books asks for a start as one of the residents.
func (w *world) books(who, start string, more ...any) string {
	w.t.Helper()
	return w.booksAs(w.resident(who), who, start, more...)
}

func (w *world) booksAs(c *client, who, start string, more ...any) string {
	w.t.Helper()
	body := map[string]any{"service": w.matter(), "office": w.hall(), "start": w.at(start)}
	for i := 0; i < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	var b bookedView
	said := w.ask(c, "POST", "/api/v1/bookings", body, &b)
	if said == "ok" {
		w.booked[who] = b
	}
	return said
}

// starts are the free ones of a day such as "11-26".
func (w *world) starts(day string) []slotView {
	w.t.Helper()
	return w.resident("asks").slots(w.matter(), w.hall(), "2026-"+day, "2026-"+day)
}

func (w *world) someFree(day string) string {
	w.t.Helper()
	if len(w.starts(day)) == 0 {
		return "none"
	}
	return "free"
}

// first and last tell the clock of a day's first or last free start.
func (w *world) first(day string) string { return w.nth(day, 0) }
func (w *world) last(day string) string  { return w.nth(day, -1) }

func (w *world) nth(day string, n int) string {
	w.t.Helper()
	all := w.starts(day)
	if len(all) == 0 {
		return "none"
	}
	if n < 0 {
		n += len(all)
	}
	return all[n].Start.Format("15:04")
}

// takes a ticket at the kiosk.
func (w *world) takes(name string, more ...any) string {
	w.t.Helper()
	return w.takesAs(w.kiosk, name, more...)
}

func (w *world) takesAs(c *client, name string, more ...any) string {
	w.t.Helper()
	body := map[string]any{"office": w.hall(), "service": w.matter(), "print": false}
	for i := 0; i < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	var got placeView
	said := w.ask(c, "POST", "/api/v1/tickets", body, &got)
	if said == "ok" {
		w.tickets[name] = got
	}
	return said
}

// checksIn presents the code of a booking, or of a remote ticket.
func (w *world) checksIn(name string) string {
	w.t.Helper()
	code := w.booked[name].Code
	if code == "" {
		code = w.tickets[name].Code
	}
	var got struct{ Ticket placeView }
	said := w.ask(w.kiosk, "POST", "/api/v1/check-ins", map[string]any{"office": w.hall(), "code": code, "print": false}, &got)
	if said == "ok" {
		w.tickets[name] = got.Ticket
	}
	return said
}

// calls opens the counter and calls the next.
func (w *world) calls() string {
	w.t.Helper()
	c := w.clerk()
	if said := w.ask(c, "POST", w.counter()+"open", nil, nil); said != "ok" {
		return said
	}
	return w.ask(c, "POST", w.counter()+"next", nil, nil)
}

// verb is what the clerk does at the counter; it says the ticket's state.
func (w *world) verb(name string, body any) (placeView, string) {
	w.t.Helper()
	var got placeView
	said := w.ask(w.clerk(), "POST", w.counter()+name, body, &got)
	if said == "ok" {
		said = got.State
	}
	return got, said
}

// text asks for something that is not JSON.
func (w *world) text(c *client, path string) string {
	w.t.Helper()
	status, raw, err := c.try("GET", path, "", nil, nil)
	if err != nil || status != http.StatusOK {
		w.t.Errorf("%s: GET %s: %d %v %s", w.id, path, status, err, raw)
	}
	return string(raw)
}

// queueView is a queue as it is now.
type queueView struct {
	Status          string
	Limit, Expected int
}

func (w *world) now() queueView {
	w.t.Helper()
	var all list[queueView]
	if said := w.ask(w.kiosk, "GET", "/api/v1/offices/"+w.hall()+"/queues", nil, &all); said != "ok" || len(all.Items) != 1 {
		w.t.Fatalf("%s: %s %+v", w.id, said, all)
	}
	return all.Items[0]
}

func minutes(d time.Duration) string { return fmt.Sprintf("%.0f min", d.Minutes()) }
