// Package simtest holds the hall against a second opinion: an oracle that knows
// the rules of the design, written down once more as simply as can be, in
// memory, with no line of the rooms it judges.
//
// A program of random acts of citizens, kiosks, clerks, managers and clocks is
// played on the real hall with the real ledger and on the oracle; answers and
// refusals must be the same, code by code. TestRandomProgramsAgreeWithTheOracle
// lets rapid draw and shrink programs. The simulation plays them in a bubble of
// testing/synctest beside the live queues of two hubs, whose messages are lost,
// doubled, delayed and reordered, whose Redis is cut, silent, flushed or rolled
// back, and which crash between commit and projection; in the end the audit
// has nothing to say, and every projection is right. Everything follows from a seed:
//
//	SEED=17 go test -run TestSimulation ./hall/simtest
//
// Being for tests only, it may import every room but the screens and cmd. Its
// tests stand beside the code.
package simtest
