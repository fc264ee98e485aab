//go:build paper

package ipp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vez/fault"
	"vez/locale"
	"vez/printer"
	"vez/printer/font"
	"vez/printer/ipp"
)

// words gives the catalogues to the press.
type words struct{ *locale.Bundle }

func (w words) T(lang, key string, args ...any) string { return w.In(lang).T(key, args...) }

func (w words) DateLong(lang string, at time.Time) string { return w.In(lang).DateLong(at) }

const (
	reference = "K7QM2F9D" // printed in two halves
	slipCode  = "1B7K0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJK"
)

// slip is a booking slip as it is handed out, on A4.
func slip(t *testing.T) printer.Document {
	t.Helper()
	fonts := filepath.Join("..", "..", "fonts")
	if _, err := os.Stat(filepath.Join(fonts, "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	bundle, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("Asia/Macau", 8*3600)
	issued := time.Date(2026, 11, 24, 9, 42, 0, 0, zone)
	name := func(zh, pt string) printer.Text { return printer.Text{"zh-Hant": zh, "pt": pt} }
	doc, err := printer.NewPress(font.NewLibrary(fonts), words{bundle}).SlipOn(printer.A4, printer.Slip{
		Languages: []string{"zh-Hant", "pt"}, Reference: reference, Code: slipCode,
		Department: name("身份證明局", "Direcção dos Serviços de Identificação"),
		Office:     name("慕拉士政府綜合服務中心", "Centro de Serviços da RAEM"), Address: name("澳門慕拉士大馬路", "Avenida de Venceslau de Morais"),
		Service: name("居民身份證續期", "Renovação do BIR"), Start: issued.Add(49 * time.Hour), End: issued.Add(50 * time.Hour), Issued: issued,
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// isTheSlip reads a PDF as a person and as a scanner do.
func isTheSlip(t *testing.T, pdf string, withText bool) {
	t.Helper()
	if withText {
		text := command(t, nil, "pdftotext", "-layout", pdf, "-")
		for _, want := range []string{reference[:4] + " " + reference[4:], "居民身份證續期", "Renovação do BIR", "Direcção"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not on the paper:\n%s", want, text)
			}
		}
	}
	picture := filepath.Join(t.TempDir(), "page")
	command(t, nil, "pdftoppm", "-r", "200", "-gray", "-singlefile", pdf, picture)
	if code := strings.TrimSpace(command(t, nil, "zbarimg", "-q", "--raw", "--nodbus", picture+".pgm")); code != slipCode {
		t.Errorf("the scanner reads %q", code)
	}
}

// eve is an ippeveprinter.
type eve struct {
	port, out string
}

func newEve(t *testing.T, env []string, dir, port string, args ...string) *eve {
	t.Helper()
	e := &eve{port: port, out: filepath.Join(dir, "out"+port)}
	for _, d := range []string{e.out, filepath.Join(dir, "spool"+port), filepath.Join(dir, "keys")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	engine, err := filepath.Abs("testdata/engine.sh")
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"-v", "-n", "localhost", "-p", port, "-d", filepath.Join(dir, "spool"+port), "-K", filepath.Join(dir, "keys"),
		"-c", engine}, append(args, "Vez test "+port)...)
	start(t, append(env, "VEZ_OUT="+e.out), "ippeveprinter", args...)
	listens(t, port)
	return e
}

func (e *eve) file(name string) string { return filepath.Join(e.out, name) }

func (e *eve) has(name string) bool {
	_, err := os.Stat(e.file(name))
	return err == nil
}

// set makes or takes away a file that the engine looks for.
func (e *eve) set(t *testing.T, name string, there bool) {
	t.Helper()
	err := os.Remove(e.file(name))
	if there {
		err = os.WriteFile(e.file(name), nil, 0o600)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

// trays fills or empties the main tray and the by-pass tray on the printer's own page.
func (e *eve) trays(t *testing.T, main, bypass string) {
	t.Helper()
	form := url.Values{"size1": {"iso_a4_210x297mm"}, "type1": {"stationery"}, "level1": {main},
		"size3": {"iso_dl_110x220mm"}, "type3": {"stationery"}, "level3": {bypass}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:"+e.port+"/media?"+form.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, res.Body) // it changes the trays while it writes the page
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
}

// real is a driver on the real clock with little patience.
func real(t *testing.T, address string) *ipp.Driver {
	t.Helper()
	d, err := ipp.New(address, ipp.Options{Patience: 1500 * time.Millisecond, Poll: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func plain(err error, want fault.Code) bool {
	return fault.CodeOf(err) == want && !errors.Is(err, printer.ErrOutcomeUnknown)
}

// Against ippeveprinter, the reference printer of the IPP working group, and
// CUPS, the print server of nearly every Linux.
func TestRealPrinters(t *testing.T) {
	dir, entered := enter(t)
	if !entered {
		return
	}
	env := network(t, dir)
	doc := slip(t)
	office := newEve(t, env, dir, "8631", "-f", "application/pdf,image/pwg-raster")
	office.trays(t, "250", "25")
	t.Run("a slip comes out", func(t *testing.T) { slipComesOut(t, office, doc) })
	t.Run("an empty tray is seen before anything is sent", func(t *testing.T) { emptyTray(t, office, doc) })
	t.Run("paper that runs out in a job", func(t *testing.T) { paperRunsOut(t, office, doc) })
	t.Run("a second job waits for the first", func(t *testing.T) { busy(t, office, doc) })
	t.Run("TLS by fingerprint", func(t *testing.T) { secure(t, office, doc) })
	t.Run("a printer without PDF", func(t *testing.T) { rasterOnly(t, env, dir, doc) })
	t.Run("a roll printer", func(t *testing.T) { rollPrinter(t, env, dir) })
	t.Run("CUPS", func(t *testing.T) { throughCUPS(t, env, dir, office, doc) })
}

func slipComesOut(t *testing.T, e *eve, doc printer.Document) {
	d := real(t, "ipp://localhost:"+e.port+"/ipp/print")
	if err := d.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := d.Status(t.Context()); s != (printer.Status{}) {
		t.Errorf("status %+v", s)
	}
	if err := d.Print(t.Context(), job("first"), doc); err != nil {
		t.Fatal(err)
	}
	isTheSlip(t, e.file("first"), true)
	if !d.Proves(t.Context(), job("first")) || d.Proves(t.Context(), job("second")) {
		t.Error("the printer's memory does not prove the job, or another")
	}
}

func emptyTray(t *testing.T, e *eve, doc printer.Document) {
	d := real(t, "ipp://localhost:"+e.port+"/ipp/print")
	e.trays(t, "250", "0")
	if s := d.Status(t.Context()); s.Problem != "" {
		t.Errorf("with an empty by-pass tray: status %+v", s)
	}
	e.trays(t, "0", "25") // envelopes do not help
	if s := d.Status(t.Context()); s.Problem != fault.PaperOut {
		t.Errorf("status %+v", s)
	}
	if err := d.Print(t.Context(), job("no-paper"), doc); !plain(err, fault.PaperOut) {
		t.Errorf("got %v", err)
	}
	e.trays(t, "250", "25")
	if err := d.Print(t.Context(), job("refilled"), doc); err != nil {
		t.Fatal(err)
	}
	isTheSlip(t, e.file("refilled"), true)
	if e.has("no-paper") {
		t.Error("the refused job came out")
	}
}

func paperRunsOut(t *testing.T, e *eve, doc printer.Document) {
	d := real(t, "ipp://localhost:"+e.port+"/ipp/print")
	e.trays(t, "-2", "-2") // it only notices in the middle of a job
	e.set(t, "empty", true)
	done := make(chan error, 1)
	go func() { done <- d.Print(t.Context(), job("waits"), doc) }()
	watcher := real(t, "ipp://localhost:"+e.port+"/ipp/print")
	until(t, "the printer says that it has no paper", func() bool { return watcher.Status(t.Context()).Problem == fault.PaperOut })
	e.set(t, "empty", false)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	isTheSlip(t, e.file("waits"), true)

	// This printer keeps a cancelled job until it has paper again: what becomes of it is open.
	e.set(t, "empty", true)
	err := d.Print(t.Context(), job("given-up"), doc)
	if !errors.Is(err, printer.ErrOutcomeUnknown) || fault.CodeOf(err) != fault.PaperOut {
		t.Errorf("got %v", err)
	}
	e.set(t, "empty", false)
	until(t, "the printer is well again", func() bool { return watcher.Status(t.Context()).Problem == "" && !e.has("working") })
	// It does come out, although the printer has it down as cancelled: no other answer would have been true.
	if !e.has("given-up") || d.Proves(t.Context(), job("given-up")) {
		t.Errorf("after the refill: came out %v, proved %v", e.has("given-up"), d.Proves(t.Context(), job("given-up")))
	}
	// And if the paper comes while it is being taken back, it has come out by the time that this is done.
	e.set(t, "empty", true)
	go func() { done <- d.Print(t.Context(), job("half-back"), doc) }()
	until(t, "the job is being taken back", func() bool { return stopping(t, e, "half-back") })
	e.set(t, "empty", false)
	if err := <-done; !errors.Is(err, printer.ErrOutcomeUnknown) || !e.has("half-back") {
		t.Errorf("got %v, came out %v", err, e.has("half-back"))
	}
	e.trays(t, "250", "25")
}

// stopping says whether the printer is about to cancel the job of a name.
func stopping(t *testing.T, e *eve, name string) bool {
	t.Helper()
	addr, err := ipp.ParseAddress("ipp://localhost:" + e.port)
	if err != nil {
		t.Fatal(err)
	}
	client := ipp.NewClient(addr)
	defer client.Close()
	req := client.Request(ipp.OpGetJobs)
	req.Add(ipp.OperationGroup, ipp.Attr(ipp.Keyword, "requested-attributes", "job-name", "job-state-reasons"))
	res, err := client.Do(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(res.Groups, func(g ipp.Group) bool {
		return g.String("job-name") == name && slices.Contains(g.Strings("job-state-reasons"), "processing-to-stop-point")
	})
}

func busy(t *testing.T, e *eve, doc printer.Document) {
	first, second := real(t, "ipp://localhost:"+e.port+"/ipp/print"), real(t, "ipp://localhost:"+e.port+"/ipp/print")
	e.set(t, "hold", true)
	done := make(chan error, 2)
	go func() { done <- first.Print(t.Context(), job("long"), doc) }()
	until(t, "the printer works", func() bool { return e.has("working") })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := second.Print(ctx, job("impatient"), doc); !plain(err, fault.PrinterStuck) {
		t.Errorf("while it was busy: %v", err)
	}
	go func() { done <- second.Print(t.Context(), job("patient"), doc) }()
	e.set(t, "hold", false)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if !e.has("long") || !e.has("patient") || e.has("impatient") {
		t.Errorf("long %v, patient %v, impatient %v", e.has("long"), e.has("patient"), e.has("impatient"))
	}
}

func secure(t *testing.T, e *eve, doc printer.Document) {
	address := "ipps://localhost:" + e.port + "/ipp/print"
	err := real(t, address).Print(t.Context(), job("unpinned"), doc)
	var seen *ipp.CertificateError
	if !plain(err, fault.PrinterAway) || !errors.As(err, &seen) || len(seen.Fingerprint) != 64 {
		t.Fatalf("without a fingerprint: %v", err)
	}
	if err := real(t, address+"#sha256="+seen.Fingerprint).Print(t.Context(), job("pinned"), doc); err != nil {
		t.Fatal(err)
	}
	isTheSlip(t, e.file("pinned"), true)
	err = real(t, address+"#sha256="+strings.Repeat("00", 32)).Print(t.Context(), job("mispinned"), doc)
	if !plain(err, fault.PrinterAway) || !strings.Contains(err.Error(), seen.Fingerprint) {
		t.Errorf("with another fingerprint: %v", err)
	}
	if e.has("unpinned") || e.has("mispinned") {
		t.Error("a document went to a stranger")
	}
}

// pwgToPDF lets the reader of CUPS read a PWG file.
func pwgToPDF(t *testing.T, file string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/usr/lib/cups/filter/rastertopdf", "1", "vez", "page", "1", "", file)
	cmd.Env = append(os.Environ(), "CONTENT_TYPE=image/pwg-raster", "FINAL_CONTENT_TYPE=application/pdf")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("CUPS does not read the raster: %v", err)
	}
	return write(t, filepath.Join(t.TempDir(), "page.pdf"), string(out))
}

func rasterOnly(t *testing.T, env []string, dir string, doc printer.Document) {
	e := newEve(t, env, dir, "8632", "-f", "image/pwg-raster,image/urf")
	if err := real(t, "ipp://localhost:8632/ipp/print").Print(t.Context(), job("dots"), doc); err != nil {
		t.Fatal(err)
	}
	pdf := pwgToPDF(t, e.file("dots"))
	isTheSlip(t, pdf, false)
	if info := command(t, nil, "pdfinfo", pdf); !strings.Contains(info, "(A4)") {
		t.Errorf("the page is no A4:\n%s", info)
	}
}

func rollPrinter(t *testing.T, env []string, dir string) {
	roll := `ATTR keyword media-supported "roll_min_72x30mm","roll_max_72x400mm"
ATTR mimeMediaType document-format-supported "application/octet-stream","image/pwg-raster"
ATTR keyword media-col-supported "media-size"
ATTR keyword pwg-raster-document-type-supported "sgray_8"
ATTR resolution pwg-raster-document-resolution-supported 203dpi
`
	sizes := "ATTR collection media-size-supported { MEMBER integer x-dimension 7200 MEMBER rangeOfInteger y-dimension 3000-40000 }\n"
	for port, text := range map[string]string{
		"8633": roll + sizes,
		"8634": roll, // announces sizes that it then refuses by 0x040b
	} {
		conf := write(t, filepath.Join(dir, port+".conf"), text)
		e := newEve(t, env, dir, port, "-a", conf)
		if err := real(t, "ipp://localhost:"+port+"/ipp/print").Print(t.Context(), job("strip"), letter(printer.Roll80, 1)); err != nil {
			t.Fatal(err)
		}
		info := command(t, nil, "pdfimages", "-list", pwgToPDF(t, e.file("strip")))
		if f := strings.Fields(info[strings.LastIndex(strings.TrimSpace(info), "\n"):]); len(f) < 5 || f[3] != "576" || f[4] != "800" {
			t.Errorf("not 576 by 800 dots:\n%s", info)
		}
	}
}

const cupsdConf = `Listen 127.0.0.1:6631
LogLevel warn
Browsing No
DefaultAuthType None
WebInterface No
<Location />
  Order allow,deny
  Allow all
</Location>
<Location /admin>
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
`

// cups starts a CUPS with folders of its own and gives the environment to reach it.
func cups(t *testing.T, env []string, dir string) []string {
	t.Helper()
	root := filepath.Join(dir, "cups")
	files := "SystemGroup root\nUser lp\nGroup lp\nFatalErrors config\nErrorLog stderr\nAccessLog " + root + "/access\nPageLog " + root + "/page\n"
	for setting, name := range map[string]string{"ServerRoot": "etc", "RequestRoot": "spool", "CacheDir": "cache", "StateDir": "state",
		"TempDir": "tmp", "ServerKeychain": "ssl"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
		files += setting + " " + filepath.Join(root, name) + "\n"
	}
	// Filters work there as another user.
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	conf, more := write(t, filepath.Join(root, "cupsd.conf"), cupsdConf), write(t, filepath.Join(root, "cups-files.conf"), files)
	start(t, env, "cupsd", "-f", "-c", conf, "-s", more)
	listens(t, "6631")
	return append(env, "CUPS_SERVER=127.0.0.1:6631")
}

func throughCUPS(t *testing.T, env []string, dir string, office *eve, doc printer.Document) {
	env = cups(t, env, dir)
	command(t, env, "lpadmin", "-p", "PDF", "-v", "cups-pdf:/", "-m", "lsb/usr/cups-pdf/CUPS-PDF_opt.ppd", "-E")
	command(t, env, "lpadmin", "-p", "OFFICE", "-v", "ipp://localhost:"+office.port+"/ipp/print", "-m", "everywhere", "-E")
	t.Run("to a PDF", func(t *testing.T) { cupsPDF(t, doc) })
	t.Run("to a driverless printer", func(t *testing.T) { cupsOffice(t, office, doc) })
	t.Run("out of paper behind it", func(t *testing.T) { cupsOutOfPaper(t, office, doc) })
	t.Run("paused", func(t *testing.T) { cupsPaused(t, env, doc) })
}

func cupsPDF(t *testing.T, doc printer.Document) {
	d := real(t, "ipp://127.0.0.1:6631/printers/PDF")
	if err := d.Print(t.Context(), job("to-pdf"), doc); err != nil {
		t.Fatal(err)
	}
	if !d.Proves(t.Context(), job("to-pdf")) {
		t.Error("CUPS does not prove the job")
	}
	files, _ := filepath.Glob("/var/spool/cups-pdf/ANONYMOUS/*.pdf")
	if len(files) != 1 {
		t.Fatalf("delivered: %q", files)
	}
	isTheSlip(t, files[0], false) // Ghostscript makes pictures of the letters
}

func cupsOffice(t *testing.T, office *eve, doc printer.Document) {
	d := real(t, "ipp://127.0.0.1:6631/printers/OFFICE")
	before, _ := filepath.Glob(office.file("*"))
	if err := d.Print(t.Context(), job("through"), doc); err != nil {
		t.Fatal(err)
	}
	after, _ := filepath.Glob(office.file("*"))
	if len(after) != len(before)+1 || !d.Proves(t.Context(), job("through")) {
		t.Fatalf("before %q, after %q", before, after)
	}
	for _, file := range after {
		if !strings.Contains(strings.Join(before, "\n"), file) {
			isTheSlip(t, file, true)
		}
	}
}

func cupsOutOfPaper(t *testing.T, office *eve, doc printer.Document) {
	office.trays(t, "-2", "-2")
	office.set(t, "empty", true)
	err := real(t, "ipp://127.0.0.1:6631/printers/OFFICE").Print(t.Context(), job("behind"), doc)
	if !errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	t.Logf("%v", err)
	office.set(t, "empty", false)
}

func cupsPaused(t *testing.T, env []string, doc printer.Document) {
	command(t, env, "cupsdisable", "PDF")
	d := real(t, "ipp://127.0.0.1:6631/printers/PDF")
	if s := d.Status(t.Context()); s.Problem != fault.PrinterStuck {
		t.Errorf("status %+v", s)
	}
	if err := d.Print(t.Context(), job("paused"), doc); !plain(err, fault.PrinterStuck) {
		t.Errorf("got %v", err)
	}
}
