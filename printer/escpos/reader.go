package escpos

// A Kind says what a printer has said.
type Kind int

// The kinds.
const (
	RealTime Kind = iota + 1 // an answer to DLE EOT; Byte
	Auto4                    // automatic status (ASB); Auto
	Ack                      // the answer to GS ( H; ID
	Cleared                  // the answer to DLE DC4 fn 8: the buffers are empty
	Sensor                   // an answer to GS r; Byte
)

// Event is one thing that a printer has said.
type Event struct {
	Kind Kind
	Byte byte
	Auto [4]byte
	ID   ID
}

// Heads and ids of answers in blocks, which end with NUL.
const (
	blockHead  = 0x37
	textHead   = 0x5F
	ackBlock   = 0x22
	clearBlock = 0x25
	xon        = 0x11
	xoff       = 0x13
)

// longestBlock is where an unknown block that does not end is given up.
const longestBlock = 80

// Reader finds answers in what a printer sends, however it is cut into pieces.
// What is no answer is passed over. The zero value is ready.
type Reader struct {
	held [longestBlock]byte // the answer begun
	n    int
}

// Feed reads some bytes and calls emit for every answer that they complete.
func (r *Reader) Feed(p []byte, emit func(Event)) {
	for _, b := range p {
		if b == xon || b == xoff {
			continue // flow control may come at any place
		}
		if r.n > 0 && r.more(b, emit) {
			continue
		}
		r.first(b, emit)
	}
}

// first reads a byte that begins an answer.
func (r *Reader) first(b byte, emit func(Event)) {
	r.n = 0
	switch {
	case b == blockHead, b == textHead, b&0x93 == 0x10:
		r.held[0], r.n = b, 1
	case b&0x93 == 0x12:
		emit(Event{Kind: RealTime, Byte: b})
	case b&0xF0 == 0:
		emit(Event{Kind: Sensor, Byte: b})
	}
}

// more reads a further byte of an answer. It is false when b does not belong to
// the answer, which then was none.
func (r *Reader) more(b byte, emit func(Event)) bool {
	if !r.fits(b) {
		return false
	}
	r.held[r.n] = b
	r.n++
	switch {
	case r.held[0]&0x93 == 0x10:
		if r.n == 4 {
			emit(Event{Kind: Auto4, Auto: [4]byte(r.held[:4])})
			r.n = 0
		}
	case b == 0:
		r.block(emit)
		r.n = 0
	}
	return true
}

// fits says whether b can stand where the answer held goes on.
func (r *Reader) fits(b byte) bool {
	printable := b >= 0x20 && b <= 0x7E
	switch {
	case r.held[0]&0x93 == 0x10:
		return b&0x90 == 0
	case r.held[0] == textHead:
		return r.n < longestBlock && (printable || b == 0)
	case r.n == 1:
		return printable
	case r.held[1] == ackBlock && r.n < 6:
		return printable
	case r.held[1] == ackBlock, r.held[1] == clearBlock:
		return b == 0
	}
	return r.n < longestBlock && (printable || b == 0)
}

// block tells what a whole block says; of most we want nothing.
func (r *Reader) block(emit func(Event)) {
	if r.held[0] != blockHead {
		return
	}
	switch {
	case r.held[1] == ackBlock && r.n == 7:
		emit(Event{Kind: Ack, ID: ID(r.held[2:6])})
	case r.held[1] == clearBlock && r.n == 3:
		emit(Event{Kind: Cleared})
	}
}
