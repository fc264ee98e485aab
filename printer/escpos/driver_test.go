package escpos_test

import (
	"context"
	"errors"
	"hash/fnv"
	"image"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.uber.org/goleak"

	"vez/fault"
	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/escpos/escpostest"
	"vez/printer/layout"
	"vez/printer/raster"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rows is how long the papers of these tests are.
const rows = 420

// page is a document that no other id has, with ink from its first row to its last.
func page(id string) printer.Document {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	r := rand.New(rand.NewPCG(h.Sum64(), 0))
	list := &layout.List{Width: 640, Height: rows, Inset: 32}
	// Bands of many rows first, and then of few with feeds between them.
	for y := 0; y < rows; y += 7 + y/300*5 {
		list.Items = append(list.Items, layout.Rect{X: 40 + r.IntN(200), Y: y, W: 10 + r.IntN(200), H: 3})
	}
	list.Items = append(list.Items, layout.Rect{X: 40, Y: rows - 1, W: 500, H: 1})
	return printer.Document{Format: printer.Roll80, Pages: []*layout.List{list}}
}

func picture(t testing.TB, doc printer.Document) *image.Paletted {
	t.Helper()
	img, err := raster.Mono(doc.Pages[0])
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// drive makes a driver of the emulated printer.
func drive(t testing.TB, p *escpostest.Printer, profile escpos.Profile) *escpos.Driver {
	t.Helper()
	d := escpos.NewTCP(p.Addr(), profile, clockwork.NewRealClock())
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func send(t testing.TB, d *escpos.Driver, id string) error {
	t.Helper()
	return d.Print(t.Context(), printer.Job{ID: id, Kind: printer.KindTicket, Ref: id}, page(id))
}

// whole counts the papers that show the document of a job and nothing else.
func whole(t testing.TB, p *escpostest.Printer, id string) int {
	t.Helper()
	n, want := 0, picture(t, page(id))
	for _, paper := range p.Papers() {
		if paper.Shows(want) {
			n++
		}
	}
	return n
}

// idle waits until the printer has nothing more to do.
func idle(t testing.TB, p *escpostest.Printer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := p.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestAPaperIsOutWhenPrintReturns(t *testing.T) {
	for name, c := range map[string]struct {
		opts    escpostest.Options
		profile escpos.Profile
	}{
		"Epson":                  {},
		"graphics":               {profile: escpos.Profile{Raster: escpos.GS8L}},
		"feeds in dots":          {profile: escpos.Profile{DPI: 203, Feed: 16}},
		"small buffer":           {opts: escpostest.Options{Buffer: 512}},
		"slow":                   {opts: escpostest.Options{RowTime: 200 * time.Microsecond}},
		"no acknowledgement":     {opts: escpostest.Options{NoAck: true}},
		"no automatic status":    {opts: escpostest.Options{NoAuto: true}},
		"only status":            {opts: escpostest.Options{NoAck: true, NoSensor: true, NoClear: true, NoAuto: true}},
		"one connection a paper": {profile: escpos.Profile{Idle: -1}},
		"told what it can":       {profile: escpos.Profile{Status: escpos.Yes, Ack: escpos.Yes}},
		"acks and no status":     {opts: escpostest.Options{NoStatus: true}, profile: escpos.Profile{Status: escpos.No, Ack: escpos.Yes}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := escpostest.Start(t, c.opts)
			d := drive(t, p, c.profile)
			if c.opts.NoAck {
				escpos.Hurry(d, 2*time.Second)
			}
			for i, id := range []string{"one", "two", "three"} {
				if err := send(t, d, id); err != nil {
					t.Fatal(err)
				}
				if n := len(p.Papers()); n != i+1 || whole(t, p, id) != 1 {
					t.Fatalf("%d papers after %s, %d whole", n, id, whole(t, p, id))
				}
			}
		})
	}
}

func TestAPrinterThatSaysNothingHasPrintedWhatItTook(t *testing.T) {
	for name, profile := range map[string]escpos.Profile{"found out": {}, "told": {Status: escpos.No}} {
		t.Run(name, func(t *testing.T) {
			p := escpostest.Start(t, escpostest.Options{NoStatus: true, NoAck: true, NoSensor: true, NoAuto: true, NoClear: true})
			d := escpos.Hurry(drive(t, p, profile), 100*time.Millisecond)
			if err := send(t, d, "one"); err != nil {
				t.Fatal(err)
			}
			if s := d.Status(t.Context()); s != (printer.Status{Silent: true}) {
				t.Errorf("%+v", s)
			}
			if _, err := p.Wait(t.Context(), 1); err != nil || whole(t, p, "one") != 1 {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestStatusIsWhatThePrinterSays(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	d := drive(t, p, escpos.Profile{})
	for _, c := range []struct {
		fault escpostest.Fault
		want  printer.Status
	}{
		{0, printer.Status{}},
		{escpostest.LowPaper, printer.Status{PaperLow: true}},
		{escpostest.PaperEnd, printer.Status{Problem: fault.PaperOut, PaperLow: true}},
		{escpostest.Cover, printer.Status{Problem: fault.CoverOpen}},
		{escpostest.Heat, printer.Status{Problem: fault.PrinterStuck}},
		{escpostest.Fatal, printer.Status{Problem: fault.PrinterStuck}},
		{escpostest.Knife, printer.Status{Problem: fault.PrinterStuck}},
		{escpostest.Line, printer.Status{Problem: fault.PrinterAway}},
		{0, printer.Status{}},
	} {
		p.Break(c.fault)
		if got := escpos.Hurry(d, 2*time.Second).Status(t.Context()); got != c.want {
			t.Errorf("fault %d: %+v, want %+v", c.fault, got, c.want)
		}
		p.Mend(c.fault)
	}
}

// A fault that stands before a paper is sent costs nothing: not a byte of it goes out.
func TestNothingIsSentToAPrinterThatCannotPrint(t *testing.T) {
	for f, code := range map[escpostest.Fault]fault.Code{
		escpostest.PaperEnd: fault.PaperOut, escpostest.Cover: fault.CoverOpen, escpostest.Heat: fault.PrinterStuck,
		escpostest.Knife: fault.PrinterStuck, escpostest.Line: fault.PrinterAway,
	} {
		p := escpostest.Start(t, escpostest.Options{})
		d := drive(t, p, escpos.Profile{})
		p.Break(f)
		if err := send(t, d, "one"); fault.CodeOf(err) != code || errors.Is(err, printer.ErrOutcomeUnknown) {
			t.Errorf("fault %d: %v, want %s", f, err, code)
		}
		p.Mend(f)
		if err := send(t, escpos.Hurry(d, 2*time.Second), "two"); err != nil {
			t.Errorf("fault %d mended: %v", f, err)
		}
		if papers := p.Papers(); len(papers) != 1 || whole(t, p, "two") != 1 {
			t.Errorf("fault %d: %d papers, %d whole", f, len(papers), whole(t, p, "two"))
		}
	}
}

// patience is how long a driver waits for an answer in a test: short where none
// comes, else so long that a busy machine is not taken for a silent printer.
func patience(f escpostest.Fault) time.Duration {
	if f == escpostest.Deaf || f == escpostest.Stall {
		return 700 * time.Millisecond
	}
	return 2 * time.Second
}

// What breaks while the picture is printed is a plain fault, and no paper comes
// of it when it is put right, not even joined to the next one.
func TestAPaperThatBreaksOffNeverComesOut(t *testing.T) {
	for name, c := range map[string]struct {
		fault   escpostest.Fault
		when    escpostest.When
		opts    escpostest.Options
		profile escpos.Profile
		code    fault.Code
	}{
		"paper end":                  {fault: escpostest.PaperEnd, when: escpostest.When{Rows: 100}, code: fault.PaperOut},
		"paper end at the last row":  {fault: escpostest.PaperEnd, when: escpostest.When{Rows: rows}, code: fault.PaperOut},
		"paper end, small buffer":    {fault: escpostest.PaperEnd, when: escpostest.When{Rows: 100}, opts: escpostest.Options{Buffer: 512}, code: fault.PaperOut},
		"paper end, no ack":          {fault: escpostest.PaperEnd, when: escpostest.When{Rows: 100}, opts: escpostest.Options{NoAck: true}, code: fault.PaperOut},
		"paper end, cannot clear":    {fault: escpostest.PaperEnd, when: escpostest.When{Rows: 100}, opts: escpostest.Options{NoClear: true}, code: fault.PaperOut},
		"paper end, status only":     {fault: escpostest.PaperEnd, when: escpostest.When{Rows: 100}, opts: escpostest.Options{NoAck: true, NoSensor: true, NoClear: true, NoAuto: true}, code: fault.PaperOut},
		"paper end, graphics":        {fault: escpostest.PaperEnd, when: escpostest.When{Rows: 100}, profile: escpos.Profile{Raster: escpos.GS8L}, code: fault.PaperOut},
		"cover":                      {fault: escpostest.Cover, when: escpostest.When{Rows: 200}, code: fault.CoverOpen},
		"heat":                       {fault: escpostest.Heat, when: escpostest.When{Rows: 200}, code: fault.PrinterStuck},
		"line, early":                {fault: escpostest.Line, when: escpostest.When{Bytes: 3000}, code: fault.PrinterAway},
		"line, early, cannot clear":  {fault: escpostest.Line, when: escpostest.When{Bytes: 3000}, opts: escpostest.Options{NoClear: true}, code: fault.PrinterAway},
		"line, while it prints":      {fault: escpostest.Line, when: escpostest.When{Rows: 300}, code: fault.PrinterAway},
		"power":                      {fault: escpostest.Power, when: escpostest.When{Rows: 300}, code: fault.PrinterAway},
		"power, in the middle of it": {fault: escpostest.Power, when: escpostest.When{Bytes: 3000}, code: fault.PrinterAway},
		"nobody answers any more":    {fault: escpostest.Deaf, when: escpostest.When{Rows: 100}, code: fault.PrinterAway},
		"stands still":               {fault: escpostest.Stall, when: escpostest.When{Rows: 100}, code: fault.PrinterStuck},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.opts.Forgive = true // a line may end in the middle of an order
			p := escpostest.Start(t, c.opts)
			d := escpos.Hurry(drive(t, p, c.profile), 2*time.Second)
			if err := send(t, d, "first"); err != nil {
				t.Fatal(err)
			}
			p.BreakAfter(c.when, c.fault)
			err := send(t, escpos.Hurry(d, patience(c.fault)), "broken")
			escpos.Hurry(d, 2*time.Second)
			if fault.CodeOf(err) != c.code || errors.Is(err, printer.ErrOutcomeUnknown) {
				t.Errorf("%v, want %s", err, c.code)
			}
			p.MendAll()
			idle(t, p)
			if n := len(p.Papers()); n != 1 {
				t.Errorf("mended: %d papers", n)
			}
			if err := send(t, d, "next"); err != nil {
				t.Fatalf("mended: %v", err)
			}
			if whole(t, p, "broken") != 0 || whole(t, p, "next") != 1 {
				t.Errorf("%d broken and %d next whole, %d papers", whole(t, p, "broken"), whole(t, p, "next"), len(p.Papers()))
			}
		})
	}
}

// Once the cut is ordered, only the printer's own word says whether it was done.
func TestBetweenTheCutAndItsWordTheOutcomeIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		fault escpostest.Fault
		when  escpostest.When
		code  fault.Code
		out   int // whole papers, also after all is mended
	}{
		"jam":                         {escpostest.Jam, escpostest.When{Rows: 10}, fault.PrinterStuck, 0},
		"paper end on the way":        {escpostest.PaperEnd, escpostest.When{Rows: rows + 50}, fault.PaperOut, 0},
		"line, before the cut":        {escpostest.Line, escpostest.When{Rows: rows + 50}, fault.PrinterAway, -1},
		"line, right after":           {escpostest.Line, escpostest.When{Cuts: 1}, fault.PrinterAway, 1},
		"power, before the cut":       {escpostest.Power, escpostest.When{Rows: rows + 50}, fault.PrinterAway, 0},
		"power, right after":          {escpostest.Power, escpostest.When{Cuts: 1}, fault.PrinterAway, 1},
		"paper end, right after":      {escpostest.PaperEnd, escpostest.When{Cuts: 1}, fault.PaperOut, 1},
		"nobody answers after it":     {escpostest.Deaf, escpostest.When{Cuts: 1}, fault.PrinterAway, 1},
		"stands still before it":      {escpostest.Stall, escpostest.When{Rows: rows + 50}, fault.PrinterStuck, 0},
		"the cover, before it":        {escpostest.Cover, escpostest.When{Rows: rows + 50}, fault.CoverOpen, 0},
		"the cover, right after":      {escpostest.Cover, escpostest.When{Cuts: 1}, fault.CoverOpen, 1},
		"too hot, right after":        {escpostest.Heat, escpostest.When{Cuts: 1}, fault.PrinterStuck, 1},
		"broken, before it":           {escpostest.Fatal, escpostest.When{Rows: rows + 50}, fault.PrinterStuck, 0},
		"stands still, after the cut": {escpostest.Stall, escpostest.When{Cuts: 1}, fault.PrinterStuck, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := escpostest.Start(t, escpostest.Options{Forgive: true})
			d := drive(t, p, escpos.Profile{})
			p.BreakAfter(c.when, c.fault)
			err := send(t, escpos.Hurry(d, patience(c.fault)), "doubtful")
			escpos.Hurry(d, 2*time.Second)
			if !errors.Is(err, printer.ErrOutcomeUnknown) || fault.CodeOf(err) != c.code {
				t.Fatalf("%v, want %s", err, c.code)
			}
			before := whole(t, p, "doubtful")
			p.MendAll()
			idle(t, p)
			if err := send(t, d, "next"); err != nil {
				t.Fatalf("mended: %v", err)
			}
			n := whole(t, p, "doubtful")
			if n > 1 || c.out >= 0 && n != c.out || c.fault != escpostest.Line && n != before {
				t.Errorf("%d papers before and %d after it was mended, want %d", before, n, c.out)
			}
			if whole(t, p, "next") != 1 {
				t.Error("the next paper is not whole")
			}
		})
	}
}

func TestAFreedKnifeIsToldToComeHome(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	d := escpos.Hurry(drive(t, p, escpos.Profile{}), 2*time.Second)
	p.Break(escpostest.Knife)
	for range 2 {
		if s := d.Status(t.Context()); s.Problem != fault.PrinterStuck {
			t.Fatalf("%+v", s)
		}
	}
	p.Mend(escpostest.Knife)
	if s := d.Status(t.Context()); s.Problem != "" {
		t.Errorf("freed: %+v", s)
	}
}

func TestPaperWithoutAKnifeIsHeldBackUntilAllIsWell(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{NoCutter: true})
	d := escpos.Hurry(drive(t, p, escpos.Profile{NoCutter: true}), 2*time.Second)
	if err := send(t, d, "one"); err != nil {
		t.Fatal(err)
	}
	p.Tear()
	if whole(t, p, "one") != 1 {
		t.Error("not whole")
	}
	p.PaperOutAfter(rows - 40)
	if err := send(t, d, "two"); fault.CodeOf(err) != fault.PaperOut || errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
	p.Refill()
	idle(t, p)
	p.Tear()
	if whole(t, p, "two") != 0 {
		t.Error("the rest came after the refill")
	}
	if err := send(t, d, "three"); err != nil {
		t.Fatal(err)
	}
	p.PaperOutAfter(rows) // all of it can be read, and be torn off
	if err := send(t, d, "four"); !errors.Is(err, printer.ErrOutcomeUnknown) || fault.CodeOf(err) != fault.PaperOut {
		t.Errorf("%v", err)
	}
}

func TestACancelledContextEndsThePrint(t *testing.T) {
	for name, when := range map[string]int{"while it prints": 100, "after the cut was ordered": rows + 50} {
		t.Run(name, func(t *testing.T) {
			p := escpostest.Start(t, escpostest.Options{Forgive: true})
			d := drive(t, p, escpos.Profile{})
			ctx, cancel := context.WithCancel(t.Context())
			p.BreakAfter(escpostest.When{Rows: when}, escpostest.Stall)
			go func() {
				_ = p.WaitRows(t.Context(), when)
				cancel()
			}()
			err := d.Print(ctx, printer.Job{ID: "one"}, page("one"))
			unknown := errors.Is(err, printer.ErrOutcomeUnknown)
			if !errors.Is(err, context.Canceled) || fault.CodeOf(err) != fault.PrintFailed || unknown != (when > rows) {
				t.Errorf("%v", err)
			}
			p.MendAll()
			if err := send(t, escpos.Hurry(d, 2*time.Second), "two"); err != nil || whole(t, p, "two") != 1 {
				t.Errorf("afterwards: %v", err)
			}
			if n := whole(t, p, "one"); n > 0 && !unknown {
				t.Errorf("%d papers of a print that was given up", n)
			}
		})
	}
}

func TestASecondClientWaitsAndTheLineIsGivenUpWhenIdle(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	clock := clockwork.NewFakeClock()
	first := escpos.NewTCP(p.Addr(), escpos.Profile{Status: escpos.Yes, Idle: time.Minute}, clock)
	defer first.Close()
	if s := first.Status(t.Context()); s.Problem != "" {
		t.Fatalf("%+v", s)
	}
	second := escpos.Hurry(drive(t, p, escpos.Profile{Status: escpos.Yes}), 200*time.Millisecond)
	if s := second.Status(t.Context()); s.Problem != fault.PrinterAway {
		t.Errorf("while another has the line: %+v", s)
	}
	if err := send(t, second, "one"); fault.CodeOf(err) != fault.PrinterAway {
		t.Errorf("while another has the line: %v", err)
	}
	clock.Advance(61 * time.Second)
	if err := p.WaitClients(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := send(t, escpos.Hurry(second, 2*time.Second), "two"); err != nil {
		t.Error(err)
	}
	if len(p.Papers()) != 1 {
		t.Errorf("%d papers", len(p.Papers()))
	}
}

func TestACloseEndsWhatIsOnItsWay(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{Forgive: true})
	d := drive(t, p, escpos.Profile{})
	p.BreakAfter(escpostest.When{Rows: 50}, escpostest.Stall)
	done := make(chan error, 1)
	go func() { done <- d.Print(t.Context(), printer.Job{ID: "one"}, page("one")) }()
	if err := p.WaitRows(t.Context(), 50); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if err := <-done; fault.CodeOf(err) != fault.PrinterAway || errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
	if err := send(t, d, "two"); fault.CodeOf(err) != fault.PrinterAway {
		t.Errorf("after close: %v", err)
	}
}

func TestAnAddressWhereNobodyListensIsAPrinterThatIsAway(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	p.CutLine()
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("somebody listens: %v, %v", conn, err)
	}
	d := drive(t, p, escpos.Profile{})
	if s := d.Status(t.Context()); s.Problem != fault.PrinterAway {
		t.Errorf("%+v", s)
	}
	if err := send(t, d, "one"); fault.CodeOf(err) != fault.PrinterAway {
		t.Errorf("%v", err)
	}
}

func TestADocumentThatIsNoStripIsRefused(t *testing.T) {
	d := escpos.New(func(context.Context) (escpos.Line, error) { t.Fatal("dialled"); return nil, nil }, escpos.Profile{}, clockwork.NewRealClock())
	doc := page("one")
	doc.Format = printer.A4
	if err := d.Print(t.Context(), printer.Job{ID: "one"}, doc); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("%v", err)
	}
	doc = page("one")
	doc.Pages = append(doc.Pages, doc.Pages[0])
	if err := d.Print(t.Context(), printer.Job{ID: "one"}, doc); fault.CodeOf(err) != fault.PrintFailed {
		t.Errorf("%v", err)
	}
}
