// Package pgtest gives tests a private PostgreSQL: its own data directory, a
// free port on loopback, durable like a real one, gone with the test process.
//
// It owns servers that it started and nothing else, imports nothing of Vez but
// porttest, and is tested here and by the ledger's suite, which stands on it.
package pgtest
