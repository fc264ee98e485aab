package escpostest

import (
	"image"
	"image/color"
	"time"
)

// machine is what works through the buffer.
type machine struct {
	buf    []byte // what has come and was not obeyed yet
	rt     []byte // the beginning of what may be a real-time order
	strip  [][]byte
	marks  []string
	watch  byte // what GS a asked to be told
	unit   int  // feeds are counted in 1/unit inch
	asleep bool // nothing to do, or nothing that can be done

	dots    int      // of a row of the picture that comes in
	rows    int      // of it still to come
	store   bool     // they are stored, not printed
	stored  [][]byte // by GS 8 L
	queue   [][]byte // rows to print before the next order
	blanks  int      // rows to feed before the next order
	cut     bool     // to do when these are done
	toKnife int      // rows of paper that a cut still needs
}

// knifeWay is how far the knife is behind the head, in dots.
const knifeWay = 96

// work obeys orders, one step at a time, as long as the printer lives.
func (p *Printer) work() {
	defer p.wg.Done()
	for {
		p.mu.Lock()
		rows := p.rowsDone
		worked := !p.closed && p.step()
		changed, closed := p.changed, p.closed
		if !worked && !closed && !p.asleep {
			p.asleep = true
			p.wake()
			changed = p.changed
		}
		rows = p.rowsDone - rows
		p.mu.Unlock()
		switch {
		case closed:
			return
		case !worked:
			<-changed
		case rows > 0 && p.opts.RowTime > 0:
			p.pause(p.opts.RowTime)
		}
	}
}

func (p *Printer) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.stop:
	}
}

// step does one thing, if one can be done. The lock is held.
func (p *Printer) step() bool {
	if p.offline() || p.stalled {
		return false
	}
	done := true
	switch {
	case len(p.queue) > 0:
		row := p.queue[0]
		p.queue = p.queue[1:]
		p.print(row)
	case p.blanks > 0:
		p.blanks--
		p.print(make([]byte, p.opts.Width))
	case p.cut:
		p.knifeStep()
	case p.rows > 0:
		done = p.pictureRow()
	default:
		done = p.obey()
	}
	if done {
		p.pull()
		p.tell()
	}
	return done
}

// print prints a row of dots. The lock is held.
func (p *Printer) print(row []byte) {
	p.strip = append(p.strip, row)
	p.move()
}

// move takes a row from the roll. The lock is held.
func (p *Printer) move() {
	p.rowsDone++
	if p.supply > 0 {
		p.supply--
		if p.supply == 0 {
			p.breakDown(PaperEnd)
		}
	}
	p.happen()
}

// knifeStep brings the paper to the knife, row by row, and cuts. The lock is held.
func (p *Printer) knifeStep() {
	switch {
	case p.toKnife > 0:
		p.toKnife--
		p.move()
	case p.jam:
		p.knife = true
		p.report()
	default:
		p.cut = false
		p.yield()
		p.cutsDone++
		p.happen()
	}
}

// yield lets the paper fall. The lock is held.
func (p *Printer) yield() {
	img := image.NewPaletted(image.Rect(0, 0, p.opts.Width, len(p.strip)), color.Palette{color.White, color.Black})
	for y, row := range p.strip {
		copy(img.Pix[y*img.Stride:], row)
	}
	p.papers = append(p.papers, Paper{Image: img, Marks: p.marks})
	p.strip, p.marks = nil, nil
	p.tell()
}

// Tear tears off what hangs from the printer, where there is no knife.
func (p *Printer) Tear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.strip) > 0 {
		p.yield()
	}
}

// Hanging is how many rows hang from the printer.
func (p *Printer) Hanging() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.strip)
}

// pictureRow takes a row of the picture that comes in. The lock is held.
func (p *Printer) pictureRow() bool {
	size := (p.dots + 7) / 8
	if len(p.buf) < size {
		return false
	}
	row := make([]byte, p.opts.Width)
	for x := range min(p.dots, p.opts.Width) {
		row[x] = p.buf[x/8] >> (7 - x%8) & 1
	}
	p.buf = p.buf[size:]
	p.rows--
	if p.store {
		p.stored = append(p.stored, row)
		return true
	}
	p.print(row)
	return true
}

// forget empties the buffers. The lock is held.
func (p *Printer) forget() {
	p.buf, p.rt, p.stored, p.queue = nil, nil, nil, nil
	p.rows, p.blanks, p.cut, p.toKnife = 0, 0, false, 0
}
