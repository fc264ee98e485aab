package printer

import (
	"fmt"

	"vez/fault"
	"vez/printer/layout"
)

// stock is the paper that artwork is made for, in dots of 1/8 mm.
type stock struct {
	format        Format
	width, height int // height 0: a strip, cut where the text ends
	inset         int // at the left and right, not to be printed on
	x, w          int // the column that text stands in
	top, end      int // white above and below
	module        int // of a code on a strip
}

func stockOf(f Format) (stock, error) {
	s := stock{format: f}
	switch f {
	case Roll80: // a head of 576 dots
		s.width, s.inset, s.top, s.end, s.module = 80*layout.DotsPerMM, 32, 12, 20, 6
	case Roll58: // a head of 384 dots
		s.width, s.inset, s.top, s.end, s.module = 58*layout.DotsPerMM, 40, 12, 20, 5
	case A4:
		s.width, s.height, s.inset, s.top, s.end = 210*layout.DotsPerMM, 297*layout.DotsPerMM, 160, 144, 128
	case A5:
		s.width, s.height, s.inset, s.top, s.end = 148*layout.DotsPerMM, 210*layout.DotsPerMM, 96, 80, 64
	default:
		return s, fault.New(fault.PrintFailed).Because(fmt.Errorf("no paper %q", f))
	}
	s.x, s.w = s.inset, s.width-2*s.inset
	return s, nil
}

// rollEnds is the white above and below a strip.
const rollEnds = 12 + 20

// narrow says that a code leaves little room beside it.
func (s stock) narrow() bool { return s.w < 480 }

// strip is a column as wide as the head of an 80 mm printer, in the middle of a
// sheet: for papers that are made for rolls.
func (s stock) strip() stock {
	if s.height > 0 {
		roll, _ := stockOf(Roll80)
		s.x, s.w, s.module = (s.width-roll.w)/2, roll.w, roll.module
	}
	return s
}
