package escpos

import "time"

// Hurry has a driver wait less, for printers that are known to say nothing.
func Hurry(d *Driver, answer time.Duration) *Driver {
	d.pace = pace{answer: answer, slow: 2 * answer, poll: 20 * time.Millisecond, stall: 5 * answer, print: 3 * answer,
		settle: 20 * time.Millisecond, mend: 0}
	return d
}

// StartsRealTime is startsRealTime.
var StartsRealTime = startsRealTime
