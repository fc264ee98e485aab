package escpostest

import "bytes"

// take takes a byte into the buffer and obeys real-time orders at once,
// wherever they stand. The lock is held.
func (p *Printer) take(b byte) {
	p.rt = append(p.rt, b)
	switch n := len(p.rt); {
	case n == 1 && b == 0x10:
	case n == 2 && (b == 0x04 || b == 0x05 || b == 0x14):
	case n == 2 && b == 0x10:
		p.buf, p.rt = append(p.buf, 0x10), p.rt[:1]
	case n >= 3 && p.rt[1] == 0x14:
		p.clearing()
	case n == 3:
		order := p.rt[1]
		p.rt = nil
		p.atOnce(order, b)
	default:
		p.buf, p.rt = append(p.buf, p.rt...), nil
	}
}

// atOnce obeys DLE EOT and DLE ENQ. The lock is held.
func (p *Printer) atOnce(order, n byte) {
	switch {
	case order == 0x04 && n >= 1 && n <= 4:
		if !p.opts.NoStatus {
			p.say(p.answer(n))
		}
	case order == 0x05 && (n == 1 || n == 2):
		p.enquire(n)
	default:
		p.complain("real-time order 10 %02X %02X", order, n)
	}
}

// enquire recovers from a knife error, if the knife is free: n 1 goes on where
// it stopped, n 2 with an empty buffer. The lock is held.
func (p *Printer) enquire(n byte) {
	if !p.knife {
		return
	}
	if n == 2 {
		p.forget()
	}
	p.enquiries++
	p.knife = p.jam
	p.report()
	p.tell()
}

// clearing takes a byte of DLE DC4 fn 8. The lock is held.
func (p *Printer) clearing() {
	whole := []byte{0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08}
	switch {
	case !bytes.HasPrefix(whole, p.rt):
		p.complain("real-time order % X", p.rt)
		p.buf, p.rt = append(p.buf, p.rt...), nil
	case len(p.rt) < len(whole):
	case p.opts.NoClear:
		p.buf, p.rt = append(p.buf, p.rt...), nil
	default:
		p.forget()
		p.say(0x37, 0x25, 0x00)
		p.tell()
	}
}

// obey obeys the next order of the buffer, if it is there in full. The lock is
// held.
func (p *Printer) obey() bool {
	if len(p.buf) == 0 {
		return false
	}
	switch b := p.buf[0]; {
	case b == 0x00, p.opts.NoClear && b < 0x1B:
		p.buf = p.buf[1:]
		return true
	case b == 0x1B && len(p.buf) >= 2:
		return p.escape()
	case b == 0x1D && len(p.buf) >= 2:
		return p.group()
	case b == 0x1B, b == 0x1D:
		return false
	default:
		return p.unknown(1)
	}
}

// unknown passes over n bytes.
func (p *Printer) unknown(n int) bool {
	p.complain("% X", p.buf[:min(n+6, len(p.buf))])
	p.buf = p.buf[n:]
	return true
}

// need takes n bytes, if they are there.
func (p *Printer) need(n int) ([]byte, bool) {
	if len(p.buf) < n {
		return nil, false
	}
	order := p.buf[:n]
	p.buf = p.buf[n:]
	return order, true
}

func (p *Printer) escape() bool {
	switch p.buf[1] {
	case '@':
		p.need(2)
		p.watch, p.unit, p.stored = 0, p.opts.DPI, nil
		return true
	case 'J':
		order, ok := p.need(3)
		if ok {
			p.blanks = int(order[2]) * p.opts.DPI / p.unit
		}
		return ok
	}
	return p.unknown(2)
}

func (p *Printer) group() bool {
	switch p.buf[1] {
	case 'P':
		order, ok := p.need(4)
		if ok && order[3] != 0 {
			p.unit = int(order[3])
		}
		return ok
	case 'a':
		order, ok := p.need(3)
		if ok && !p.opts.NoAuto {
			p.watch, p.said = order[2], [4]byte{}
			p.report()
		}
		return ok
	case 'r':
		order, ok := p.need(3)
		if ok {
			p.sensor(order[2])
		}
		return ok
	case 'V':
		return p.cutOrder()
	case 'v':
		return p.raster()
	case '8':
		return p.graphics()
	case '(':
		return p.function()
	}
	return p.unknown(2)
}

func (p *Printer) sensor(n byte) {
	if n != 1 {
		p.complain("GS r %d", n)
		return
	}
	if !p.opts.NoSensor {
		var b byte
		if p.low {
			b = 0x03
		}
		p.say(b)
	}
}

// cutOrder is GS V 66 n: feed to the knife and n further, and cut.
func (p *Printer) cutOrder() bool {
	order, ok := p.need(4)
	if !ok {
		return false
	}
	if order[2] != 66 || p.opts.NoCutter {
		p.complain("cut % X", order)
		return true
	}
	p.blanks = int(order[3]) * p.opts.DPI / p.unit
	p.cut, p.toKnife = true, knifeWay
	return true
}

// raster is GS v 0 m xL xH yL yH.
func (p *Printer) raster() bool {
	order, ok := p.need(8)
	if !ok {
		return false
	}
	across, rows := int(order[4])|int(order[5])<<8, int(order[6])|int(order[7])<<8
	if order[2] != '0' || order[3] != 0 || across == 0 || rows == 0 || rows > 2303 {
		p.complain("raster % X", order)
		return true
	}
	p.picture(across*8, rows, false)
	return true
}

// picture begins to take in a picture.
func (p *Printer) picture(dots, rows int, store bool) {
	if dots > p.opts.Width {
		p.complain("a picture of %d dots for a head of %d", dots, p.opts.Width)
	}
	p.dots, p.rows, p.store = dots, rows, store
}

// graphics is GS 8 L p1 p2 p3 p4 m fn a bx by c xL xH yL yH: store a picture.
func (p *Printer) graphics() bool {
	order, ok := p.need(17)
	if !ok {
		return false
	}
	size := int(order[3]) | int(order[4])<<8 | int(order[5])<<16 | int(order[6])<<24
	dots, rows := int(order[13])|int(order[14])<<8, int(order[15])|int(order[16])<<8
	if order[2] != 'L' || !bytes.Equal(order[7:13], []byte{48, 112, 48, 1, 1, 49}) || dots == 0 || rows == 0 || size != 10+(dots+7)/8*rows {
		p.complain("graphics % X", order)
		return true
	}
	p.stored = nil
	p.picture(dots, rows, true)
	return true
}

// function is GS ( and a letter, with a length.
func (p *Printer) function() bool {
	if len(p.buf) < 5 {
		return false
	}
	size := int(p.buf[3]) | int(p.buf[4])<<8
	order, ok := p.need(5 + size)
	if !ok {
		return false
	}
	args := order[5:]
	switch {
	case order[2] == 'L' && bytes.Equal(args, []byte{48, 50}):
		if len(p.stored) == 0 {
			p.complain("print graphics that are not there")
		}
		p.queue, p.stored = p.stored, nil
	case order[2] == 'H' && size == 6 && args[0] == 48 && args[1] == 48:
		p.mark(args[2:])
	default:
		p.complain("function % X", order)
	}
	return true
}

// mark is the process id of what was done before.
func (p *Printer) mark(id []byte) {
	for _, b := range id {
		if b < 0x20 || b > 0x7E {
			p.complain("process id % X", id)
			return
		}
	}
	p.marks = append(p.marks, string(id))
	if !p.opts.NoAck {
		p.say(append(append([]byte{0x37, 0x22}, id...), 0x00)...)
	}
}
