package escpos

import "time"

// Answer says whether a printer can do something.
type Answer string

// The answers. Auto has the driver find out at first contact.
const (
	Auto Answer = ""
	Yes  Answer = "yes"
	No   Answer = "no"
)

// Raster is the command that carries a picture.
type Raster string

// The commands.
const (
	GSv0 Raster = ""     // GS v 0: older, understood nearly everywhere
	GS8L Raster = "gs8l" // GS 8 L and GS ( L: what Epson asks for since
)

// Profile is what must be known of a printer's model. The zero value fits most
// printers of 80 mm paper.
type Profile struct {
	// Width of the head in dots: 576 (80 mm), 512 (80 mm at 180 dpi) or 384
	// (58 mm); 0 is 576. A picture may be narrower, not wider.
	Width  int
	Raster Raster
	// DPI sets the printer's motion unit to its dots, so that blank rows are
	// fed exactly: 203 or 180; 0 leaves the unit as it is.
	DPI int
	// NoCutter says that paper is torn off by hand.
	NoCutter bool
	// Feed is how many dots of blank paper go before the cut, at most 255; the
	// way from the head to the knife is the printer's own matter.
	Feed int
	// Status says whether the printer answers DLE EOT.
	Status Answer
	// Ack says whether the printer answers GS ( H.
	Ack Answer
	// Baud is the speed of a serial line; 0 is 115200.
	Baud int
	// Idle is how long a connection is kept after a paper or a question; 0 is
	// 20 s, and less gives the line up at once, for a printer that others use
	// too: most printers take one client at a time.
	Idle time.Duration
}

func (p Profile) width() int {
	if p.Width == 0 {
		return 576
	}
	return p.Width
}

func (p Profile) baud() int {
	if p.Baud == 0 {
		return 115200
	}
	return p.Baud
}

func (p Profile) idle() time.Duration {
	if p.Idle == 0 {
		return 20 * time.Second
	}
	return p.Idle
}
