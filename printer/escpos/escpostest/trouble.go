package escpostest

// Fault is a way to break down.
type Fault int

// The faults.
const (
	PaperEnd Fault = iota + 1 // the roll is empty
	LowPaper                  // the roll is nearly empty; it prints on
	Cover                     // the cover is open
	Knife                     // the knife stands in the way, and the printer knows it
	Jam                       // the knife will not move: the printer finds out at the next cut
	Heat                      // the head is too hot
	Fatal                     // broken for good
	Line                      // connections end and none is accepted
	Power                     // off and on again: connections end, the buffer is lost
	Deaf                      // connections stand, and nobody reads or answers
	Stall                     // it prints no further, and does not say so
)

// troubles is what is wrong.
type troubles struct {
	supply    int // rows of paper left; negative: enough
	empty     bool
	low       bool
	cover     bool
	jam       bool // the knife will not move
	knife     bool // the printer knows
	hot       bool
	fatal     bool
	deaf      bool
	stalled   bool
	plan      plan
	said      [4]byte // the automatic status last told
	bytesIn   int
	rowsDone  int
	cutsDone  int
	enquiries int
}

// When is an instant of the printer's life. One of the fields is above 0.
type When struct {
	Bytes int // after so many more bytes have come
	Rows  int // after so many more rows were printed or fed
	Cuts  int // right after so many more cuts, before anything is said of them
}

type planned struct {
	when  When // counted from the beginning of the printer's life
	fault Fault
}

type plan []planned

// untilBytes gives how many of n bytes may come in before something happens.
func (pl plan) untilBytes(now, n int) int {
	for _, e := range pl {
		if e.when.Bytes > now {
			n = min(n, e.when.Bytes-now)
		}
	}
	return n
}

// Break breaks something now.
func (p *Printer) Break(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.breakDown(f)
}

// BreakAfter breaks something later.
func (p *Printer) BreakAfter(w When, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.Bytes > 0 {
		w.Bytes += p.bytesIn
	}
	if w.Rows > 0 {
		w.Rows += p.rowsDone
	}
	if w.Cuts > 0 {
		w.Cuts += p.cutsDone
	}
	p.plan = append(p.plan, planned{w, f})
}

// Mend puts right what Break broke, and forgets what was to break later. A knife
// that is free again is an error until the printer is told DLE ENQ.
func (p *Printer) Mend(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.plan[:0]
	for _, e := range p.plan {
		if e.fault != f {
			kept = append(kept, e)
		}
	}
	p.plan = kept
	switch f {
	case PaperEnd:
		p.empty, p.supply = false, -1
	case LowPaper:
		p.low = false
	case Cover:
		p.cover = false
	case Knife, Jam:
		p.jam = false
	case Heat:
		p.hot = false
	case Fatal:
		p.fatal = false
	case Line, Power:
		p.reopen()
	case Deaf:
		p.deaf = false
	case Stall:
		p.stalled = false
	}
	p.report()
	p.tell()
}

// MendAll puts everything right.
func (p *Printer) MendAll() {
	for f := PaperEnd; f <= Stall; f++ {
		p.Mend(f)
	}
}

// PaperOut takes the roll out.
func (p *Printer) PaperOut() { p.Break(PaperEnd) }

// PaperOutAfter leaves so many rows on the roll.
func (p *Printer) PaperOutAfter(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.supply = rows
	if rows <= 0 {
		p.breakDown(PaperEnd)
	}
}

// Refill puts a new roll in.
func (p *Printer) Refill() { p.Mend(PaperEnd); p.Mend(LowPaper) }

// NearEnd says whether the roll is nearly empty.
func (p *Printer) NearEnd(low bool) {
	if low {
		p.Break(LowPaper)
		return
	}
	p.Mend(LowPaper)
}

// OpenCover opens the cover.
func (p *Printer) OpenCover() { p.Break(Cover) }

// CloseCover closes it.
func (p *Printer) CloseCover() { p.Mend(Cover) }

// CutLine ends every connection and accepts none.
func (p *Printer) CutLine() { p.Break(Line) }

// CutLineAfter does so when so many more bytes have come.
func (p *Printer) CutLineAfter(bytes int) { p.BreakAfter(When{Bytes: bytes}, Line) }

// Restore listens again at the same address.
func (p *Printer) Restore() { p.Mend(Line) }

// Restart turns the printer off and on: what it had not printed is lost.
func (p *Printer) Restart() { p.Break(Power) }

// breakDown breaks something. The lock is held.
func (p *Printer) breakDown(f Fault) {
	switch f {
	case PaperEnd:
		p.empty, p.supply = true, 0
	case LowPaper:
		p.low = true
	case Cover:
		p.cover = true
	case Knife:
		p.jam, p.knife = true, true
	case Jam:
		p.jam = true
	case Heat:
		p.hot = true
	case Fatal:
		p.fatal = true
	case Line:
		p.shut()
	case Power:
		p.hangUp()
		p.forget()
		p.machine.watch, p.machine.unit, p.knife = 0, p.opts.DPI, p.jam
	case Deaf:
		p.deaf = true
	case Stall:
		p.stalled = true
	}
	p.report()
	p.tell()
}

// happen breaks what was planned for now. The lock is held.
func (p *Printer) happen() {
	for i := 0; i < len(p.plan); i++ {
		e := p.plan[i]
		w := e.when
		if w.Bytes > 0 && p.bytesIn >= w.Bytes || w.Rows > 0 && p.rowsDone >= w.Rows || w.Cuts > 0 && p.cutsDone >= w.Cuts {
			p.plan = append(p.plan[:i:i], p.plan[i+1:]...)
			i--
			p.breakDown(e.fault)
		}
	}
}

// offline says that it has stopped. The lock is held.
func (p *Printer) offline() bool { return p.empty || p.cover || p.knife || p.hot || p.fatal }

// answer is what DLE EOT n is answered with. The lock is held.
func (p *Printer) answer(n byte) byte {
	b := byte(0x12)
	set := func(on bool, bits byte) {
		if on {
			b |= bits
		}
	}
	switch n {
	case 1:
		set(p.offline(), 0x08)
	case 2:
		set(p.cover, 0x04)
		set(p.empty, 0x20)
		set(p.knife || p.hot || p.fatal, 0x40)
	case 3:
		set(p.knife, 0x08)
		set(p.fatal, 0x20)
		set(p.hot, 0x40)
	case 4:
		set(p.low || p.empty, 0x0C)
		set(p.empty, 0x60)
	}
	return b
}

// automatic is the automatic status. The lock is held.
func (p *Printer) automatic() [4]byte {
	b := [4]byte{0x10, 0, 0, 0}
	set := func(i int, on bool, bits byte) {
		if on {
			b[i] |= bits
		}
	}
	set(0, p.offline(), 0x08)
	set(0, p.cover, 0x20)
	set(1, p.knife, 0x08)
	set(1, p.fatal, 0x20)
	set(1, p.hot, 0x40)
	set(2, p.low || p.empty, 0x03)
	set(2, p.empty, 0x0C)
	return b
}

// report tells the automatic status if it was asked for and has changed. The
// lock is held.
func (p *Printer) report() {
	if now := p.automatic(); p.watch != 0 && now != p.said {
		p.said = now
		p.say(now[:]...)
	}
}
