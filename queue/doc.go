// Package queue keeps the live lines in Redis: a projection of the ledger that
// may lie, die or forget without harm.
//
// What stands there, per office: a head "epoch:seq"; the lines as sorted sets;
// what each counter is serving; the stream of events; how many places each cell
// of 5 minutes has taken; and, outside the projection, the presence of consoles
// and devices. One script applies the events of a commit and refuses whatever
// does not follow; one swaps a rebuilt office in. Every second all heads are
// compared with the ledger, so that a lost, stale, foreign or emptied Redis is
// right again unasked. No caller ever waits for Redis to come back.
//
// Key names are made in keys.go and the scripts stand in script/, nowhere else.
// Every key of an office carries its hash tag, so that Redis Cluster works; the
// commands used are those that Redis 7.0 and miniredis both have.
//
// The package imports words only (event, office, ticket, booking, fault) and
// declares what it needs of the ledger. Its suite, queue/queuetest, runs on
// miniredis and on a real redis-server.
package queue
