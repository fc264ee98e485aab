package printer_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"vez/fault"
	"vez/printer"
	"vez/printer/layout"
)

// places are the languages papers come in: alone, of a place, and with the
// holder's own.
var places = map[string][]string{
	"zh-hant": {"zh-Hant"}, "pt": {"pt"}, "en": {"en"}, "zh-hans": {"zh-Hans"},
	"macao": {"zh-Hant", "pt"}, "macao-en": {"zh-Hant", "pt", "en"}, "hengqin": {"zh-Hans", "pt"},
}

func TestASlipIsShortHoweverLongItsList(t *testing.T) {
	p := press(t)
	for name, langs := range places {
		for _, n := range []int{0, 5, 60} {
			for _, format := range printer.Formats {
				s, limit := sampleSlip(langs...), 0
				if s.Bring = nil; format.Roll() {
					limit = paper{name: "slip"}.limit(format)
				}
				for range n {
					s.Bring = append(s.Bring, printer.Text{"zh-Hant": "居民身份證副本一份", "pt": "Fotocópia do BIR", "en": "Copy of the BIR"})
				}
				doc, err := p.SlipOn(format, s)
				if err != nil {
					t.Fatal(err)
				}
				fits(t, name, doc.Pages[0], format, limit)
				if words := strings.ReplaceAll(doc.Pages[0].Words(), "\n", " "); !strings.Contains(words, "10:30") || !strings.Contains(words, "K7QM 2F9D") {
					t.Errorf("%s, %d documents on %s: time or reference is missing", name, n, format)
				}
			}
		}
	}
}

// long are tickets that would not fit if everything were printed.
func long() map[string]printer.Ticket {
	out := map[string]printer.Ticket{}
	for name, langs := range places {
		out[name] = sampleTicket(langs...)
	}
	all := sampleTicket("zh-Hant", "pt", "zh-Hans", "en")
	out["four languages"] = all
	wordy := sampleTicket("zh-Hant", "pt", "en")
	wordy.Service = printer.Text{"zh-Hant": strings.Repeat("澳門以外出生子女首次申請身份證", 4),
		"pt": strings.Repeat("Primeira emissão do Bilhete de Identidade de Residente ", 6), "en": strings.Repeat("First identity card ", 20)}
	wordy.Queue, wordy.Office = wordy.Service, wordy.Service
	wordy.Zone = strings.Repeat("W", 40)
	for range 12 {
		wordy.Bring = append(wordy.Bring, wordy.Bring[0])
	}
	out["wordy"] = wordy
	alone := sampleTicket("pt")
	alone.Queue, alone.Service = wordy.Queue, wordy.Service
	alone.Number = "AA10000000"
	out["one long language"] = alone
	bigCode := sampleTicket("zh-Hant", "pt", "en")
	bigCode.Link = "https://a-rather-long-name.example.gov.mo:8443/some/path/t/7q2m4xkd9rtb6wzc3hvn8jfp5a"
	out["large code"] = bigCode
	return out
}

func TestNoTicketIsLongerThanItMayBe(t *testing.T) {
	p := press(t)
	for name, tk := range long() {
		for _, c := range []struct {
			large, booked bool
			limit         int
		}{{false, false, printer.MaxTicket}, {false, true, printer.MaxTicket}, {true, true, printer.MaxLargeTicket}} {
			tk.Large, tk.Booked, tk.Copy = c.large, c.booked, 1
			list, err := ticketPage(p, tk)
			if err != nil {
				t.Fatal(err)
			}
			if list.Height > c.limit {
				t.Errorf("%s, large %v: %d dots, at most %d", name, c.large, list.Height, c.limit)
			}
			inside(t, name, list)
		}
	}
}

// inside checks that nothing leaves the strip that can be printed and that
// Chinese is large enough to read.
func inside(t *testing.T, name string, list *layout.List) {
	t.Helper()
	for _, it := range list.Items {
		tx, ok := it.(layout.Text)
		if !ok {
			continue
		}
		if tx.X < list.Inset-1 || tx.Y < 0 || float64(tx.X)+tx.Advance() > float64(list.Width-list.Inset)+1 || tx.Y > list.Height {
			t.Errorf("%s: %q at %d,%d, %.0f wide, leaves the paper", name, tx.Chars, tx.X, tx.Y, tx.Advance())
		}
		if tx.Size < 28 && strings.ContainsFunc(tx.Chars, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: Chinese %q of %d dots is under 3.5 mm", name, tx.Chars, tx.Size)
		}
		if tx.Size < 20 {
			t.Errorf("%s: %q of %d dots is too small to read", name, tx.Chars, tx.Size)
		}
	}
}

func TestNumberWindowAndQueueAreOnEveryTicket(t *testing.T) {
	p := press(t)
	for name, tk := range long() {
		list, err := ticketPage(p, tk)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.ReplaceAll(list.Words(), "\n", "")
		for _, want := range []string{tk.Number, "10:35–11:05", "12", "10:30", "2026-11-24 09:42"} {
			if !strings.Contains(words, want) {
				t.Errorf("%s: %q is missing", name, want)
			}
		}
	}
}

func TestTheHoldersOwnLanguageIsTheLastToGiveWay(t *testing.T) {
	tk := sampleTicket("zh-Hant", "pt", "en")
	list, err := ticketPage(press(t), tk)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.ReplaceAll(list.Words(), "\n", " ")
	for _, want := range []string{"Missed your call?", "Expected call", "Chamada prevista", "預計叫號時段"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is missing from %q", want, words)
		}
	}
}

func TestTheNumberIsAbout20MillimetresHigh(t *testing.T) {
	tk := sampleTicket("zh-Hant", "pt")
	tk.Number = "A047"
	list, err := ticketPage(press(t), tk)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range list.Items {
		if tx, ok := it.(layout.Text); ok && tx.Chars == "A" {
			if tall := float64(tx.Size) * layout.CapHeight / layout.DotsPerMM; tall < 18 || tall > 22 {
				t.Errorf("%.1f mm", tall)
			}
			return
		}
	}
	t.Error("no number")
}

func TestTimesArePrintedInTheZoneOfTheOffice(t *testing.T) {
	tk := sampleTicket("en")
	tk.From, tk.To = tk.From.UTC(), tk.To.UTC()
	list, err := ticketPage(press(t), tk)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(list.Words(), "10:35–11:05") {
		t.Error(list.Words())
	}
}

func TestWhatIsNotKnownIsNotPrinted(t *testing.T) {
	tk := printer.Ticket{Number: "A001", Ahead: -1, Issued: at(9, 0), Office: printer.Text{"zh-Hant": "身份證明局"}}
	list, err := ticketPage(press(t), tk)
	if err != nil {
		t.Fatal(err)
	}
	words := list.Words()
	for _, bad := range []string{"00:00", "前面", "不早於", "過號", "請備妥", "補印"} {
		if strings.Contains(words, bad) {
			t.Errorf("%q is printed:\n%s", bad, words)
		}
	}
	if !strings.Contains(words, "叫號時間請看大堂顯示屏") {
		t.Errorf("nothing is said of the time:\n%s", words)
	}
}

func TestWithoutFontsAJobFailsWithAReason(t *testing.T) {
	p := printer.NewPress(new(printer.Fonts), readLabels(t))
	if err := p.Ready(); fault.CodeOf(err) != fault.FontsMissing {
		t.Errorf("ready: %v", err)
	}
	if _, err := ticketPDF(p, sampleTicket("zh-Hant", "pt")); fault.CodeOf(err) != fault.FontsMissing {
		t.Errorf("ticket: %v", err)
	}
	if _, err := p.SlipOn(printer.A4, sampleSlip("zh-Hant", "pt")); fault.CodeOf(err) != fault.FontsMissing {
		t.Errorf("slip: %v", err)
	}
}

// broken labels stand for any mistake that panics.
type broken struct{}

func (broken) T(string, string, ...any) string   { panic("no such text") }
func (broken) DateLong(string, time.Time) string { panic("no such date") }
func TestAPanicInTheArtworkBecomesAnError(t *testing.T) {
	press(t)
	p := printer.NewPress(printer.NewFonts(filepath.Join("..", "fonts")), broken{})
	if _, err := ticketPage(p, sampleTicket("pt")); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("got %v", err)
	}
	s := sampleSlip("pt")
	s.Code = ""
	if _, err := p.SlipOn(printer.Roll80, s); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("a slip without code: got %v", err)
	}
}

func TestACoverSaysTheDaysOfItsLettersWhereTheyDiffer(t *testing.T) {
	p, c := press(t), sampleCover("zh-Hant", "pt")
	var letters []printer.Reminder
	for i := range 200 {
		r := sampleReminder("zh-Hant", "pt")
		r.Reference = fmt.Sprintf("K7QM%04d", 199-i)
		letters = append(letters, r)
	}
	same, err := p.LettersOn(printer.A4, c, letters)
	if err != nil {
		t.Fatal(err)
	}
	letters[7].Start = letters[7].Start.AddDate(0, 0, 1)
	mixed, err := p.LettersOn(printer.A4, c, letters)
	if err != nil {
		t.Fatal(err)
	}
	if same, mixed := len(same.Pages), len(mixed.Pages); same <= len(letters) || mixed < same {
		t.Errorf("%d and %d pages", same, mixed)
	}
	list := func(doc printer.Document) (words string) {
		for _, page := range doc.Pages[:len(doc.Pages)-len(letters)] {
			inside(t, "cover", page)
			words += page.Words()
		}
		return words
	}
	if words := list(same); strings.Contains(words, "12-03 10:30") || !strings.Contains(words, "\n200\n") {
		t.Error(words)
	}
	words := list(mixed)
	if !strings.Contains(words, "12-03 10:30") || !strings.Contains(words, "12-04 10:30") {
		t.Error(words)
	}
	for _, r := range letters {
		if !strings.Contains(words, r.Reference[:4]+" "+r.Reference[4:]) {
			t.Errorf("%s is not listed", r.Reference)
		}
	}
	if _, err := p.LettersOn(printer.Roll80, c, letters); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("letters on a roll: %v", err)
	}
	if _, err := p.ProbeOn("a3", printer.Probe{}); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("unknown paper: %v", err)
	}
}

func TestATestPageAsksForNoCode(t *testing.T) {
	p, labels := press(t), readLabels(t)
	for code, want := range map[string]bool{"402917": true, "": false} {
		doc, err := p.ProbeOn(printer.Roll80, printer.Probe{Languages: []string{"en"}, Name: "Reception 1", Code: code, Issued: at(9, 42)})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(doc.Pages[0].Words(), labels.T("en", "paper.probe.code")); got != want {
			t.Errorf("code %q: it asks to type one: %v", code, got)
		}
	}
}
