// Package queuetest holds the suite that the projection must pass on every
// Redis it may meet, a ledger in memory to feed it, a small catalogue, and a
// real server for tests.
//
// It may import queue and words. It is itself a test and is run by the tests in queue.
package queuetest
