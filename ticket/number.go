package ticket

import "fmt"

// Online numbers of a queue run from 1 to LastOnline each day; leased blocks of
// offline kiosks start at FirstOffline, so that the two can never meet.
const (
	LastOnline   = 8999
	FirstOffline = 9001
)

// Number is what is printed and called: the queue's prefix and at least three
// digits, as in A001, A999, A1000.
func Number(prefix string, n int) string { return fmt.Sprintf("%s%03d", prefix, n) }
