package spool_test

import (
	"bytes"
	"context"
	"hash/fnv"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/escpos/escpostest"
	"vez/printer/layout"
	"vez/printer/raster"
	"vez/printer/spool/spooltest"
)

// thermal is an emulated thermal printer behind the true driver.
type thermal struct {
	*escpostest.Printer
	clock  clockwork.Clock
	random *rand.Rand

	mu       sync.Mutex
	pictures map[string]*image.Paletted // of the jobs it was given
	lines    []*thermalLine
}

// thermalLine is a hub's driver.
type thermalLine struct {
	*escpos.Driver
	t    *thermal
	dead func() bool
}

func (l *thermalLine) Print(ctx context.Context, job printer.Job, doc printer.Document) error {
	picture, err := raster.Mono(doc.Pages[0])
	if err != nil {
		return err
	}
	l.t.mu.Lock()
	l.t.pictures[job.ID] = picture
	l.t.mu.Unlock()
	if l.dead() {
		return context.Canceled
	}
	return l.Driver.Print(ctx, job, doc)
}

func (t *thermal) Driver(dead func() bool) printer.Driver {
	l := &thermalLine{Driver: escpos.NewTCP(t.Addr(), escpos.Profile{Status: escpos.Yes, Ack: escpos.Yes}, t.clock), t: t, dead: dead}
	l.Inherit()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, l)
	return l
}

// Buried closes the connections of hubs that were killed, as their system does.
func (t *thermal) Buried() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.lines {
		if l.dead() {
			_ = l.Close()
		}
	}
}

// Trouble comes at once or in the middle of a paper.
func (t *thermal) Trouble(code fault.Code) {
	broken, known := map[fault.Code]escpostest.Fault{fault.PaperOut: escpostest.PaperEnd, fault.CoverOpen: escpostest.Cover,
		fault.PrinterStuck: escpostest.Jam}[code]
	if !known {
		for _, f := range []escpostest.Fault{escpostest.PaperEnd, escpostest.Cover, escpostest.Jam} {
			t.Mend(f)
		}
		return
	}
	t.soon(broken)
}

func (t *thermal) soon(f escpostest.Fault) {
	switch t.random.IntN(4) {
	case 0:
		t.Break(f)
	case 1:
		t.BreakAfter(escpostest.When{Cuts: 1}, f)
	case 2:
		t.BreakAfter(escpostest.When{Bytes: 1 + t.random.IntN(6000)}, f)
	default:
		t.BreakAfter(escpostest.When{Rows: 1 + t.random.IntN(200)}, f)
	}
}

func (t *thermal) Cut(cut bool) {
	if cut {
		t.soon(escpostest.Line)
		return
	}
	t.Mend(escpostest.Line)
}

func (t *thermal) Restart() { t.soon(escpostest.Power) }

// Out finds the pictures on papers. What a hub that was killed left hanging from the printer
// comes out above the next ticket; bars across a paper make it none.
func (t *thermal) Out() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, p := range t.Papers() {
		if struck(p.Image) {
			continue
		}
		for id, picture := range t.pictures {
			for y := range p.Image.Rect.Dy() - picture.Rect.Dy() + 1 {
				if shows(p.Image, y, picture) {
					out = append(out, id)
				}
			}
		}
	}
	return out
}

func shows(paper *image.Paletted, y int, picture *image.Paletted) bool {
	w := picture.Rect.Dx()
	for row := range picture.Rect.Dy() {
		if !bytes.Equal(paper.Pix[(y+row)*paper.Stride:][:w], picture.Pix[row*picture.Stride:][:w]) {
			return false
		}
	}
	return true
}

// struck says whether a row is black from edge to edge.
func struck(paper *image.Paletted) bool {
	for y := range paper.Rect.Dy() {
		if bytes.IndexByte(paper.Pix[y*paper.Stride:][:paper.Rect.Dx()], 0) < 0 {
			return true
		}
	}
	return false
}

// ticketOf draws the id of a job as a pattern that no other has.
func ticketOf(_ context.Context, job printer.Job, f printer.Format) (printer.Document, error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(job.ID))
	bits := h.Sum64()
	list := &layout.List{Title: job.ID, Width: 640, Height: 160, Inset: 32}
	list.Items = append(list.Items, layout.Rect{X: 40, Y: 0, W: 500, H: 2})
	for n := range 64 {
		if bits>>n&1 == 1 {
			list.Items = append(list.Items, layout.Rect{X: 40 + n%16*32, Y: 8 + n/16*32, W: 24, H: 24})
		}
	}
	return printer.Document{Format: f, Pages: []*layout.List{list}}, nil
}

// seeds are those of the short run; VEZ_SEEDS names how many a longer one has.
func seeds(short int) int {
	if n, err := strconv.Atoi(os.Getenv("VEZ_SEEDS")); err == nil {
		return n
	}
	return short
}

func TestOnThermalPrintersATicketIsOnPaperAtMostOnceAndNeverForgotten(t *testing.T) {
	spooltest.Schedules(t, spooltest.Plan{Seed: 2001, N: seeds(8), Acts: 25, Open: inMemory,
		Prepare: func(w *spooltest.World, random *rand.Rand, addresses []string) {
			w.Documents = printer.DocumentsFunc(ticketOf)
			w.Slow(4 * time.Millisecond)
			for _, a := range addresses {
				if strings.HasPrefix(a, "tcp:") {
					p := escpostest.Start(w.T.(*testing.T), escpostest.Options{RowTime: 200 * time.Microsecond, Forgive: true})
					w.Devices[a] = &thermal{Printer: p, clock: w.Clock, random: rand.New(rand.NewPCG(random.Uint64(), 3)), pictures: map[string]*image.Paletted{}}
				}
			}
		}})
}

func TestAnEmulatedTicketIsReadBack(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	th := &thermal{Printer: p, clock: clockwork.NewRealClock(), pictures: map[string]*image.Paletted{}}
	d := th.Driver(func() bool { return false })
	defer d.Close()
	for _, id := range []string{"a", "b", "a"} {
		job := printer.Job{ID: id}
		doc, _ := ticketOf(ctx, job, printer.Roll80)
		if err := d.Print(ctx, job, doc); err != nil {
			t.Fatal(err)
		}
	}
	if got := th.Out(); !slices.Equal(got, []string{"a", "b", "a"}) {
		t.Errorf("%q", got)
	}
}
