// Package porttest finds free ports of loopback for servers that tests start,
// and that must come back on the same port after they were stopped.
//
// It owns no port: it tells of free ones. It imports nothing of Vez, and is
// tested by whoever starts a server there: ledger/pgtest and the journeys.
package porttest
