package ipp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/ipp"
	"vez/printer/ipp/ipptest"
	"vez/printer/layout"
)

// letter is a document of pages with a black square each.
func letter(format printer.Format, pages int) printer.Document {
	doc := printer.Document{Format: format, Made: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	size := map[printer.Format][3]int{printer.A4: {1680, 2376, 160}, printer.A5: {1184, 1680, 80}, printer.Roll80: {640, 800, 32},
		printer.Roll58: {464, 480, 40}}[format]
	for i := range pages {
		doc.Pages = append(doc.Pages, &layout.List{Title: "Letter", Width: size[0], Height: size[1], Inset: size[2],
			Items: []layout.Item{layout.Rect{X: size[2], Y: 40 + 10*i, W: 64, H: 64}}})
	}
	return doc
}

// waiting is a clock that goes on whenever somebody waits for it.
func waiting(t *testing.T) clockwork.Clock {
	clock := clockwork.NewFakeClock()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for clock.BlockUntilContext(ctx, 1) == nil {
			clock.Advance(100 * time.Millisecond)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return clock
}

func driver(t *testing.T, address string) *ipp.Driver {
	t.Helper()
	d, err := ipp.New(address, ipp.Options{Clock: waiting(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func job(id string) printer.Job { return printer.Job{ID: id, Kind: printer.KindSlip, Ref: "b1"} }

func TestAPrinterGetsPDFOnePageOneSideOneCopy(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	doc := letter(printer.A4, 2)
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), doc); err != nil {
		t.Fatal(err)
	}
	papers := p.Papers()
	if len(papers) != 1 {
		t.Fatalf("%d papers", len(papers))
	}
	got, want := papers[0], must(doc.PDF())
	if got.Job != "j1" || got.User != "vez" || got.Format != "application/pdf" || !bytes.Equal(got.Data, want) {
		t.Errorf("%q by %q: %s of %d bytes, want %d", got.Job, got.User, got.Format, len(got.Data), len(want))
	}
	for name, want := range map[string]string{"media": "iso_a4_210x297mm", "sides": "one-sided", "print-scaling": "none"} {
		if is := got.Attrs.String(name); is != want {
			t.Errorf("%s is %q, want %q", name, is, want)
		}
	}
	if n, _ := got.Attrs.Int("copies"); n != 1 {
		t.Errorf("%d copies", n)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestPaperIsNamedOnlyWhereThePrinterHasIt(t *testing.T) {
	rolls := []string{"roll_min_72x30mm", "roll_max_72x400mm"}
	for _, c := range []struct {
		name           string
		format         printer.Format
		media          []string
		scaling, sheet string
		width          int32 // of a strip
	}{
		{"a4", printer.A4, []string{"iso_a4_210x297mm"}, "none", "iso_a4_210x297mm", 0},
		{"a5", printer.A5, []string{"iso_a4_210x297mm", "iso_a5_148x210mm"}, "none", "iso_a5_148x210mm", 0},
		{"a5 on a4", printer.A5, []string{"iso_a4_210x297mm"}, "fit", "", 0},
		{"a roll as wide as the head", printer.Roll80, rolls, "none", "", 7200},
		{"a roll as wide as the paper", printer.Roll80, []string{"custom_min_2x1in", "custom_max_4x40in"}, "none", "", 8000},
		{"another roll", printer.Roll58, rolls, "fit", "", 0},
		{"a roll on an office printer", printer.Roll80, []string{"iso_a4_210x297mm"}, "fit", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := ipptest.Start(t, ipptest.Options{Media: c.media})
			if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(c.format, 1)); err != nil {
				t.Fatal(err)
			}
			attrs := p.Papers()[0].Attrs
			if s := attrs.String("print-scaling"); s != c.scaling {
				t.Errorf("print-scaling %q, want %q", s, c.scaling)
			}
			if s := attrs.String("media"); s != c.sheet {
				t.Errorf("media %q, want %q", s, c.sheet)
			}
			if w := stripWidth(attrs); w != c.width {
				t.Errorf("a strip of %d, want %d", w, c.width)
			}
		})
	}
}

func stripWidth(attrs ipp.Group) int32 {
	values := attrs.Values("media-col")
	if len(values) == 0 {
		return 0
	}
	size := values[0].Data.(ipp.Collection)[0].Values[0].Data.(ipp.Collection)
	return size[0].Values[0].Data.(int32)
}

func TestAPrinterWithoutPDFGetsPWGRasterInItsResolution(t *testing.T) {
	resolutions := ipp.Attr(ipp.ResolutionTag, "pwg-raster-document-resolution-supported",
		ipp.Resolution{X: 600, Y: 600, Units: 3}, ipp.Resolution{X: 300, Y: 300, Units: 3}, ipp.Resolution{X: 150, Y: 150, Units: 3})
	black := ipp.Attr(ipp.Keyword, "pwg-raster-document-type-supported", "black_1")
	for name, c := range map[string]struct {
		attrs                   []ipp.Attribute
		dpi, width, bits, space uint32
	}{
		"that tells nothing": {nil, 203, 1680, 8, 18},
		"of an office":       {[]ipp.Attribute{resolutions}, 300, 2480, 8, 18},
		"black and white":    {[]ipp.Attribute{black}, 203, 1680, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := ipptest.Start(t, ipptest.Options{Formats: []string{"image/pwg-raster", "image/urf"}, Attrs: c.attrs})
			if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 3)); err != nil {
				t.Fatal(err)
			}
			got := p.Papers()[0]
			if got.Format != "image/pwg-raster" || string(got.Data[:4]) != "RaS2" {
				t.Fatalf("%s, %q", got.Format, got.Data[:4])
			}
			for offset, want := range map[int]uint32{276: c.dpi, 372: c.width, 388: c.bits, 400: c.space, 452: 3} {
				at := got.Data[4+offset:]
				if is := uint32(at[0])<<24 | uint32(at[1])<<16 | uint32(at[2])<<8 | uint32(at[3]); is != want {
					t.Errorf("header field %d is %d, want %d", offset, is, want)
				}
			}
		})
	}
}

func TestAPrinterThatTakesNeitherIsNoPrinterForUs(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{Formats: []string{"image/jpeg"}})
	d := driver(t, p.URI())
	if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("Print: %v", err)
	}
	if err := d.Check(t.Context()); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("Check: %v", err)
	}
}

func TestAPrinterSaysHowItIs(t *testing.T) {
	tray := func(levels ...string) ipp.Attribute {
		for i, l := range levels {
			levels[i] = "type=sheetFeedAutoRemovableTray;level=" + l + ";name=tray"
		}
		return ipp.Attr(ipp.OctetString, "printer-input-tray", levels...)
	}
	for _, c := range []struct {
		reasons string
		attrs   []ipp.Attribute
		want    printer.Status
	}{
		{"none", nil, printer.Status{}},
		{"media-empty-error", nil, printer.Status{Problem: fault.PaperOut}},
		{"media-empty", nil, printer.Status{Problem: fault.PaperOut}},
		{"media-empty-report", nil, printer.Status{Problem: fault.PaperOut}},
		{"media-empty-report", []ipp.Attribute{tray("0", "-2")}, printer.Status{Problem: fault.PaperOut}},
		{"media-empty-report", []ipp.Attribute{tray("0", "200")}, printer.Status{}},
		{"media-empty-report", []ipp.Attribute{tray("0", "25;mediafeed=22000;mediaxfeed=11000")}, printer.Status{Problem: fault.PaperOut}},
		{"media-empty-error", []ipp.Attribute{tray("0", "200")}, printer.Status{Problem: fault.PaperOut}},
		{"media-needed-warning", nil, printer.Status{Problem: fault.PaperOut}},
		{"media-low-warning", nil, printer.Status{PaperLow: true}},
		{"toner-low-report media-low-report", nil, printer.Status{PaperLow: true}},
		{"media-empty-error cover-open-error", nil, printer.Status{Problem: fault.CoverOpen}},
		{"door-open", nil, printer.Status{Problem: fault.CoverOpen}},
		{"media-jam-error", nil, printer.Status{Problem: fault.PrinterStuck}},
		{"other-error", nil, printer.Status{Problem: fault.PrinterStuck}},
		{"other-warning marker-supply-low-warning", nil, printer.Status{}},
		{"paused", nil, printer.Status{Problem: fault.PrinterStuck}},
		{"shutdown", nil, printer.Status{Problem: fault.PrinterAway}},
		{"offline-report", nil, printer.Status{Problem: fault.PrinterAway}},
		{"none", []ipp.Attribute{ipp.Attr(ipp.Enum, "printer-state", int32(5))}, printer.Status{Problem: fault.PrinterStuck}},
		{"none", []ipp.Attribute{ipp.Attr(ipp.Boolean, "printer-is-accepting-jobs", false)}, printer.Status{Problem: fault.PrinterStuck}},
		{"none", []ipp.Attribute{{Name: "printer-state", Values: []ipp.Value{{Tag: ipp.NoValue}}}}, printer.Status{Silent: true}},
	} {
		p := ipptest.New(ipptest.Options{Attrs: c.attrs})
		p.Reasons(strings.Fields(c.reasons)...)
		if got := driver(t, p.URI()).Status(t.Context()); got != c.want {
			t.Errorf("%s %v: %+v, want %+v", c.reasons, c.attrs, got, c.want)
		}
		p.Close()
	}
}

func TestAPrinterInTroubleGetsNothing(t *testing.T) {
	for want, trouble := range map[fault.Code]func(*ipptest.Printer){
		fault.PaperOut:     func(p *ipptest.Printer) { p.PaperOut(true) },
		fault.CoverOpen:    func(p *ipptest.Printer) { p.CoverOpen(true) },
		fault.PrinterStuck: func(p *ipptest.Printer) { p.Refuse(true) },
		fault.PrinterAway:  func(p *ipptest.Printer) { p.Away(true) },
	} {
		p := ipptest.Start(t, ipptest.Options{})
		trouble(p)
		d := driver(t, p.URI())
		err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1))
		if fault.CodeOf(err) != want || errors.Is(err, printer.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", want, err)
		}
		if got := d.Status(t.Context()).Problem; got != want {
			t.Errorf("status %s, want %s", got, want)
		}
		p.PaperOut(false)
		p.CoverOpen(false)
		if n := len(p.Papers()); n != 0 {
			t.Errorf("%s: %d papers after all", want, n)
		}
	}
}

// during runs a change when the printer is asked for something for the nth time.
func during(op uint16, nth int, change func()) func(uint16) {
	return func(is uint16) {
		if is != op {
			return
		}
		if nth--; nth == 0 {
			change()
		}
	}
}

func TestAJobThatMeetsAnEmptyTrayIsTakenBack(t *testing.T) {
	var p *ipptest.Printer
	p = ipptest.New(ipptest.Options{OnRequest: during(ipp.OpPrintJob, 1, func() { p.PaperOut(true) })})
	defer p.Close()
	err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1))
	if fault.CodeOf(err) != fault.PaperOut || errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Fatalf("got %v", err)
	}
	p.PaperOut(false)
	if n := p.Count("j1"); n != 0 {
		t.Errorf("%d papers came out of a job that was taken back", n)
	}
}

func TestPaperPutInInTimePrintsTheJob(t *testing.T) {
	var p *ipptest.Printer
	fill := during(ipp.OpGetJobAttributes, 4, func() { p.PaperOut(false) })
	p = ipptest.New(ipptest.Options{OnRequest: func(op uint16) {
		if op == ipp.OpPrintJob {
			p.PaperOut(true)
		}
		fill(op)
	}})
	defer p.Close()
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); err != nil || p.Count("j1") != 1 {
		t.Errorf("%v, %d papers", err, p.Count("j1"))
	}
}

func TestAPrinterThatDoesNotGiveTheJobBackLeavesItOpen(t *testing.T) {
	var p *ipptest.Printer
	p = ipptest.New(ipptest.Options{OnRequest: during(ipp.OpPrintJob, 1, func() { p.PaperOut(true) })})
	defer p.Close()
	p.LateCancel(true)
	err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1))
	if !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestABusyPrinterIsAskedAgain(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	p.Busy(4)
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); err != nil || p.Count("j1") != 1 {
		t.Errorf("%v, %d papers", err, p.Count("j1"))
	}
}

func TestAPrinterThatStaysBusyIsStuck(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	p.Busy(1 << 20)
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); fault.CodeOf(err) != fault.PrinterStuck {
		t.Errorf("got %v", err)
	}
}

func TestAnAbortedJobPrintedNothing(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	p.Abort(1)
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); fault.CodeOf(err) != fault.PrintFailed ||
		errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestALostReplyIsMadeGoodByTheJobsName(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	p.LoseReply(1)
	p.Slow(4)
	d := driver(t, p.URI())
	if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); err != nil || p.Count("j1") != 1 {
		t.Fatalf("%v, %d papers", err, p.Count("j1"))
	}
	if !d.Proves(t.Context(), job("j1")) {
		t.Error("the printed job is not proved")
	}
	if d.Proves(t.Context(), job("j2")) {
		t.Error("a job that never was is proved")
	}
}

func TestALostRequestOfWhichThePrinterKnowsNothingStaysOpen(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	p.LoseRequest(1)
	d := driver(t, p.URI())
	if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	if d.Proves(t.Context(), job("j1")) {
		t.Error("proved")
	}
}

// A first attempt ended without paper; the answer to the second is lost before
// the printer took it. The first one's end says nothing of the second.
func TestAnEarlierAttemptIsNotTakenForTheLostOne(t *testing.T) {
	for name, again := range map[string]bool{"the same driver": true, "after a restart of the program": false} {
		p := ipptest.Start(t, ipptest.Options{})
		p.Abort(1)
		d := driver(t, p.URI())
		if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); fault.CodeOf(err) != fault.PrintFailed {
			t.Fatalf("got %v", err)
		}
		if !again {
			d = driver(t, p.URI())
			if err := d.Print(t.Context(), job("other"), letter(printer.A4, 1)); err != nil {
				t.Fatal(err)
			}
			d = driver(t, p.URI())
		}
		p.LoseRequest(1)
		if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); !errors.Is(err, printer.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPrinterThatForgetsTheJobLeavesItOpen(t *testing.T) {
	var p *ipptest.Printer
	p = ipptest.New(ipptest.Options{OnRequest: during(ipp.OpGetJobAttributes, 2, func() { p.Restart() })})
	defer p.Close()
	p.Slow(9)
	err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1))
	if !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestAPrinterThatGoesAwayWithTheJobLeavesItOpen(t *testing.T) {
	var p *ipptest.Printer
	p = ipptest.New(ipptest.Options{OnRequest: during(ipp.OpGetJobAttributes, 2, func() { p.Away(true) })})
	defer p.Close()
	p.Slow(9)
	err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1))
	if !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestWhatASpoolerHadBegunIsNotTakenBackForCertain(t *testing.T) {
	var p *ipptest.Printer
	p = ipptest.New(ipptest.Options{Attrs: []ipp.Attribute{ipp.Attr(ipp.Text, "cups-version", "2.4.2")},
		OnRequest: during(ipp.OpPrintJob, 1, func() { p.PaperOut(true) })})
	defer p.Close()
	err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1))
	if !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestPrintEndsWithItsContextAndWithClose(t *testing.T) {
	for name, end := range map[string]func(*ipp.Driver, context.CancelFunc){
		"context": func(_ *ipp.Driver, cancel context.CancelFunc) { cancel() },
		"close":   func(d *ipp.Driver, _ context.CancelFunc) { _ = d.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var d *ipp.Driver
			p := ipptest.New(ipptest.Options{OnRequest: during(ipp.OpGetJobAttributes, 2, func() { end(d, cancel) })})
			defer p.Close()
			p.Slow(1 << 20)
			d = driver(t, p.URI())
			if err := d.Print(ctx, job("j1"), letter(printer.A4, 1)); !errors.Is(err, printer.ErrOutcomeUnknown) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAPrinterOfOldSpeaksItsOwnVersion(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{Old: true})
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); err != nil || p.Count("j1") != 1 {
		t.Errorf("%v, %d papers", err, p.Count("j1"))
	}
}

func TestACertificateIsTrustedByItsFingerprintOnly(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{TLS: true})
	if err := driver(t, p.Address()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); err != nil || p.Count("j1") != 1 {
		t.Errorf("pinned: %v, %d papers", err, p.Count("j1"))
	}
	groups := strings.ToUpper(p.Fingerprint())
	groups = groups[:2] + ":" + groups[2:]
	if err := driver(t, p.URI()+"#sha256="+groups).Check(t.Context()); err != nil {
		t.Errorf("pinned as a display shows it: %v", err)
	}
	for name, address := range map[string]string{"nobody": p.URI(), "another": p.URI() + "#sha256=" + strings.Repeat("ab", 32)} {
		d := driver(t, address)
		err := d.Print(t.Context(), job("j2"), letter(printer.A4, 1))
		var refused *ipp.CertificateError
		if fault.CodeOf(err) != fault.PrinterAway || !errors.As(err, &refused) || refused.Fingerprint != p.Fingerprint() {
			t.Errorf("%s vouches: %v", name, err)
		}
		if !strings.Contains(err.Error(), p.Fingerprint()) {
			t.Errorf("the fingerprint seen is not in %q", err)
		}
	}
	if p.Count("j2") != 0 {
		t.Error("a document went to a stranger")
	}
}

func TestAnswersThatAreNoAnswersAreFaults(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a web page":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"nothing":     func(http.ResponseWriter, *http.Request) {},
		"unavailable": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("\x02\x00\x00\x00\x00\x00\x00\x01\x04"))
			for {
				if _, err := w.Write(append([]byte("\x41\x00\x01a\x7f\xff"), make([]byte, 32767)...)); err != nil {
					return
				}
			}
		},
	} {
		s := httptest.NewServer(answer)
		d := driver(t, "ipp"+strings.TrimPrefix(s.URL, "http")+"/ipp/print")
		if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); fault.CodeOf(err) != fault.PrinterAway {
			t.Errorf("%s: %v", name, err)
		}
		_ = d.Close()
		s.Close()
	}
}

func TestAddresses(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for text, want := range map[string]string{
		"ipp://printer":                                   "ipp://printer:631/ipp/print",
		"ipp://printer/":                                  "ipp://printer:631/ipp/print",
		"ipp://10.0.0.7:8631/printers/A4":                 "ipp://10.0.0.7:8631/printers/A4",
		"ipps://[fe80::1]/ipp/print":                      "ipps://[fe80::1]:631/ipp/print",
		"ipps://printer#sha256=" + sum:                    "ipps://printer:631/ipp/print#sha256=" + sum,
		"http://printer":                                  "",
		"ipp://":                                          "",
		"printer":                                         "",
		"ipp:printer":                                     "",
		"ipp://user:secret@printer":                       "",
		"ipp://printer/?x=1":                              "",
		"ipp://printer#sha256=" + sum:                     "",
		"ipps://printer#sha256=0a":                        "",
		"ipps://printer#sha1=" + sum:                      "",
		"ipps://printer#sha256=" + "zz" + sum[2:]:         "",
		"ipp://printer:port":                              "",
		"ipps://printer:8631/x#sha256=" + "0A:" + sum[2:]: "ipps://printer:8631/x#sha256=" + sum,
	} {
		a, err := ipp.ParseAddress(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%s is read as %s", text, a)
		case want != "" && (err != nil || a.String() != want):
			t.Errorf("%s: %q, %v", text, a, err)
		}
	}
}

func TestNoEnvironmentVariableSendsPapersElsewhere(t *testing.T) {
	seen := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Host }))
	defer proxy.Close()
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	d := driver(t, "ipp://printer.invalid/ipp/print")
	if got := d.Status(t.Context()).Problem; got != fault.PrinterAway {
		t.Errorf("status %q", got)
	}
	select {
	case host := <-seen:
		t.Errorf("a proxy was asked for %s", host)
	default:
	}
}

// between is a printer whose answers to Print-Job are somebody else's;
// forward lets the printer take the job.
func between(t *testing.T, p *ipptest.Printer, answer func(w http.ResponseWriter, r *http.Request, forward func())) string {
	t.Helper()
	target := "http" + strings.TrimPrefix(p.URI(), "ipp")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := make([]byte, 4)
		if _, err := io.ReadFull(r.Body, head); err != nil {
			return
		}
		forward := func() *http.Response {
			req := must(http.NewRequestWithContext(r.Context(), http.MethodPost, target, io.MultiReader(bytes.NewReader(head), r.Body)))
			return must(http.DefaultClient.Do(req))
		}
		if head[3] == byte(ipp.OpPrintJob) {
			answer(w, r, func() { _ = forward().Body.Close() })
			return
		}
		res := forward()
		defer func() { _ = res.Body.Close() }()
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(s.Close)
	return "ipp" + strings.TrimPrefix(s.URL, "http") + "/ipp/print"
}

func TestAnErrorOfAGatewayIsNotTheJobsEnd(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	address := between(t, p, func(w http.ResponseWriter, _ *http.Request, forward func()) {
		forward()
		w.WriteHeader(http.StatusBadGateway)
	})
	if err := driver(t, address).Print(t.Context(), job("j1"), letter(printer.A4, 1)); err != nil || p.Count("j1") != 1 {
		t.Errorf("%v, %d papers", err, p.Count("j1"))
	}
}

func TestAPrinterThatStopsReadingIsGivenUp(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	gone := make(chan struct{})
	address := between(t, p, func(_ http.ResponseWriter, r *http.Request, _ func()) {
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	})
	d := must(ipp.New(address, ipp.Options{Clock: waiting(t), Send: 500 * time.Millisecond}))
	defer func() { _ = d.Close() }()
	if err := d.Print(t.Context(), job("j1"), letter(printer.A4, 1)); !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	close(gone)
}

// Whoever prints has less patience than the job before ours takes: it must not
// come out when that one is done, for ours is printed elsewhere by then.
func TestAJobThatWaitsBehindAStrangersIsTakenBackWhenItsTimeIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		op  uint16
		nth int
		set func(*ipptest.Printer)
	}{
		"followed":             {ipp.OpGetJobAttributes, 3, func(*ipptest.Printer) {}},
		"while it is given up": {ipp.OpCancelJob, 1, func(p *ipptest.Printer) { p.Reasons("media-empty-warning") }},
		"the answer is lost":   {ipp.OpGetJobs, 1, func(p *ipptest.Printer) { p.LoseReply(1) }},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var p *ipptest.Printer
			over := during(c.op, c.nth, cancel)
			p = ipptest.New(ipptest.Options{OnRequest: func(op uint16) {
				if op == ipp.OpPrintJob {
					p.Occupied(true)
					c.set(p)
				}
				over(op)
			}})
			defer p.Close()
			err := driver(t, p.URI()).Print(ctx, job("j1"), letter(printer.A4, 1))
			if err == nil || fault.CodeOf(err) == fault.Unexpected || errors.Is(err, printer.ErrOutcomeUnknown) {
				t.Errorf("got %v", err)
			}
			p.Occupied(false)
			if n := p.Count("j1"); n != 0 {
				t.Errorf("%d papers came out of a job that was taken back", n)
			}
		})
	}
}

// A page that is at work when its time is over may be on its way out.
func TestAJobAtWorkIsTakenBackWhenItsTimeIsOverAndLeftOpen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := ipptest.New(ipptest.Options{OnRequest: during(ipp.OpGetJobAttributes, 2, cancel)})
	defer p.Close()
	p.Slow(50)
	if err := driver(t, p.URI()).Print(ctx, job("j1"), letter(printer.A4, 1)); !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	d := driver(t, p.URI())
	for range 50 { // it goes on when somebody looks
		if d.Proves(t.Context(), job("j1")) || p.Count("j1") != 0 {
			t.Fatalf("%d papers came out after all", p.Count("j1"))
		}
	}
}

// A hundred letters take longer than the limit of one.
func TestALongRunOfLettersIsGivenItsTime(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{})
	p.Slow(500) // looks at 2 s each
	doc := letter(printer.A5, 100)
	if err := driver(t, p.URI()).Print(t.Context(), job("letters"), doc); err != nil || p.Count("letters") != 1 {
		t.Errorf("%v, %d papers", err, p.Count("letters"))
	}
}

// It announces sizes of paper and refuses the job because of one.
func TestAPrinterThatRefusesThePaperItAnnouncedGetsTheDocumentWithout(t *testing.T) {
	p := ipptest.Start(t, ipptest.Options{Media: []string{"roll_min_72x30mm", "roll_max_72x400mm"}, RefuseMedia: true})
	if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.Roll80, 1)); err != nil || p.Count("j1") != 1 {
		t.Errorf("%v, %d papers", err, p.Count("j1"))
	}
}

// One tray was empty before, and is still: the job has another.
func TestAnEmptyTrayBesidesDoesNotTakeTheJobBack(t *testing.T) {
	trays := ipp.Attr(ipp.OctetString, "printer-input-tray", "type=sheetFeedAutoRemovableTray;level=0;name=a3",
		"type=sheetFeedAutoRemovableTray;mediafeed=29700;mediaxfeed=21000;level=100;name=a4")
	for name, c := range map[string]struct {
		before bool
		want   error
	}{"before": {true, nil}, "since": {false, fault.New(fault.PaperOut)}} {
		var p *ipptest.Printer
		p = ipptest.New(ipptest.Options{Attrs: []ipp.Attribute{trays},
			OnRequest: during(ipp.OpPrintJob, 1, func() { p.Reasons("media-empty-warning") })})
		if c.before {
			p.Reasons("media-empty-warning")
		}
		p.Slow(50)
		if err := driver(t, p.URI()).Print(t.Context(), job("j1"), letter(printer.A4, 1)); fault.CodeOf(err) != fault.CodeOf(c.want) {
			t.Errorf("empty %s: %v", name, err)
		}
		p.Close()
	}
}
