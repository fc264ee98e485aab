// Package audit checks the promises on the events of offices, and trusts
// nothing else: neither the hall that drafted them, nor the ledger that keeps
// them, nor event.Fold. It is fed the events of each office in order, page by
// page, offline over a whole ledger or online as they come, and says which
// invariant an event breaks, where, in plain words.
//
//	I1  no ticket is lost: each is in exactly one state, moves by the table, and none lives past the close of its day
//	I2  a ticket is at one counter at most, a counter has one ticket at most, and both say the same
//	I3  the numbers of an office, day and series run from 1 without gap or repeat, voids counted
//	I4  nothing new is put on a cell that has no place left
//	I5  each call took whom ticket.Choose takes, or names a reason; dues are as reckoned; promise 4 of the order holds
//	I6  what was acknowledged is in the history
//	I7  what is made is made once, and folding gives the same hash each time
//	I9  a projection says what the events say
//	I10 the hash chain
//	I11 time never goes back, waits are not negative, and days are calendar days of the office
//
// (I8, what an offline kiosk prints, is I3 on leased series and I7.)
//
// It is a room of words: pure, without clock and I/O. It may import ticket,
// booking, counter, office, event and fault. The tests beside the code seed one
// bug for each invariant; hall/audit_test.go holds it against real histories.
package audit
