package printer

import (
	"iter"
	"math"

	"vez/printer/layout"
)

// bell gives the outlines of a bell in a square with the given corner and side.
func bell(x, y, side float64) iter.Seq2[string, []layout.Point] {
	at := func(px, py float64) layout.Point { return layout.Point{X: x + px*side, Y: y + py*side} }
	return func(yield func(string, []layout.Point) bool) {
		var body, clapper []layout.Point
		body = append(body, at(0.08, 0.76), at(0.16, 0.66), at(0.21, 0.56))
		for i := range 17 { // the dome, from left to right over the top
			s, c := math.Sincos(math.Pi * (1 - float64(i)/16))
			body = append(body, at(0.5+0.28*c, 0.40-0.29*s))
		}
		body = append(body, at(0.79, 0.56), at(0.84, 0.66), at(0.92, 0.76))
		for i := range 13 {
			s, c := math.Sincos(math.Pi * float64(i) / 12)
			clapper = append(clapper, at(0.5+0.11*c, 0.83+0.11*s))
		}
		knob := []layout.Point{at(0.44, 0.13), at(0.44, 0.03), at(0.56, 0.03), at(0.56, 0.13)}
		_ = yield("bell", body) && yield("bell-clapper", clapper) && yield("bell-knob", knob)
	}
}
