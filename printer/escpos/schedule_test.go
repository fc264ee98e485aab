package escpos_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/escpos/escpostest"
)

// schedules is how many lives of a printer are lived through.
const schedules = 200

// Whatever breaks whenever: a paper that Print says is out came out once; one
// that it says is not never comes out; and an unknown one at most once.
func TestTheVerdictHoldsThroughRandomTroubles(t *testing.T) {
	seeds, verdicts := make(chan uint64), make(chan error, 8*schedules)
	var wg sync.WaitGroup
	for range 8 { // they mostly wait
		wg.Go(func() {
			for seed := range seeds {
				l := life{T: t, r: rand.New(rand.NewPCG(seed, 7)), verdicts: map[string]error{}}
				l.live(seed)
				for _, err := range l.verdicts {
					verdicts <- err
				}
			}
		})
	}
	for seed := uint64(0); seed < schedules && !t.Failed(); seed++ {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
	close(verdicts)
	var out, plain, unknown int
	for err := range verdicts {
		switch {
		case err == nil:
			out++
		case errors.Is(err, printer.ErrOutcomeUnknown):
			unknown++
		default:
			plain++
		}
	}
	t.Logf("%d out, %d not, %d unknown", out, plain, unknown)
	if out < schedules || plain < schedules/4 || unknown < schedules/20 {
		t.Error("the troubles prove little")
	}
}

type life struct {
	*testing.T
	r        *rand.Rand
	p        *escpostest.Printer
	d        *escpos.Driver
	verdicts map[string]error
	story    []string
	failed   bool
}

func (l *life) fail(format string, args ...any) {
	l.failed = true
	l.Errorf(format, args...)
}

func (l *life) live(seed uint64) {
	opts := escpostest.Options{Forgive: true, Buffer: []int{0, 0, 700, 5000}[l.r.IntN(4)], NoAck: l.r.IntN(5) == 0, NoClear: l.r.IntN(5) == 0,
		NoAuto: l.r.IntN(5) == 0}
	profile := escpos.Profile{Status: escpos.Yes, Raster: []escpos.Raster{escpos.GSv0, escpos.GS8L}[l.r.IntN(2)], Idle: time.Duration(l.r.IntN(2)*2-1) * time.Minute}
	p, err := escpostest.New(opts)
	if err != nil {
		l.fail("%v", err)
		return
	}
	defer p.Close()
	// Little patience makes for a verdict of less certainty, never for a wrong one.
	l.p, l.d = p, escpos.Hurry(drive(l.T, p, profile), 120*time.Millisecond)
	defer l.d.Close()
	l.tell("%+v %+v", opts, profile)
	for i := range 2 + l.r.IntN(3) {
		l.paper(fmt.Sprint("job ", seed, "/", i))
	}
	p.MendAll()
	l.rest()
	l.verdicts["last"] = l.print("last")
	l.rest()
	l.judge()
	if l.failed {
		l.Logf("schedule %d:", seed)
		for _, line := range l.story {
			l.Log(line)
		}
	}
}

func (l *life) tell(format string, args ...any) {
	l.story = append(l.story, fmt.Sprintf(format, args...))
}

// rest waits until the printer has nothing more to do.
func (l *life) rest() {
	ctx, cancel := context.WithTimeout(l.Context(), 20*time.Second)
	defer cancel()
	if err := l.p.WaitIdle(ctx); err != nil {
		l.fail("%v", err)
	}
}

// paper prints one paper while something may break, and then may be mended.
func (l *life) paper(id string) {
	all := []escpostest.Fault{escpostest.PaperEnd, escpostest.PaperEnd, escpostest.LowPaper, escpostest.Cover, escpostest.Knife, escpostest.Jam,
		escpostest.Heat, escpostest.Line, escpostest.Line, escpostest.Power, escpostest.Deaf, escpostest.Stall}
	for range l.r.IntN(3) {
		f := all[l.r.IntN(len(all))]
		var w escpostest.When
		switch l.r.IntN(4) {
		case 0:
			w.Bytes = 1 + l.r.IntN(16000)
		case 1:
			w.Rows = 1 + l.r.IntN(rows+150)
		case 2:
			w.Rows = rows + l.r.IntN(100)
		case 3:
			w.Cuts = 1
		}
		l.tell("fault %d after %+v", f, w)
		l.p.BreakAfter(w, f)
	}
	l.verdicts[id] = l.print(id)
	if l.r.IntN(4) > 0 {
		l.tell("mended")
		l.p.MendAll()
		l.rest()
	}
	if l.r.IntN(3) == 0 {
		l.tell("status %+v", l.d.Status(l.Context()))
	}
}

func (l *life) print(id string) error {
	err := send(l.T, l.d, id)
	l.tell("%s: %v", id, err)
	return err
}

// judge holds what came out against what was said.
func (l *life) judge() {
	papers := l.p.Papers()
	for id, err := range l.verdicts {
		img := picture(l.T, page(id))
		pure, mixed := 0, 0
		for _, paper := range papers {
			switch {
			case paper.Shows(img):
				pure++
			case endsWith(paper.Image, img):
				mixed++
			}
		}
		unknown := errors.Is(err, printer.ErrOutcomeUnknown)
		switch {
		case mixed > 0:
			l.fail("%s came out joined to another paper", id)
		case err == nil && pure != 1, err != nil && !unknown && pure != 0, pure > 1:
			l.fail("%s: %d papers, and Print said %v", id, pure, err)
		}
	}
}

// endsWith says whether the picture stands whole in the paper with nothing but
// blank rows below: not struck through.
func endsWith(paper, img *image.Paletted) bool {
	last := func(p *image.Paletted) int { return len(p.Pix) - 1 - slices.Index(reversed(p.Pix), 1) }
	if slices.Index(paper.Pix, 1) < 0 || paper.Stride != img.Stride {
		return false
	}
	a, b := last(paper)/paper.Stride+1, last(img)/img.Stride+1
	return a >= b && slices.Equal(paper.Pix[(a-b)*paper.Stride:a*paper.Stride], img.Pix[:b*img.Stride])
}

func reversed(p []byte) []byte {
	out := slices.Clone(p)
	slices.Reverse(out)
	return out
}
