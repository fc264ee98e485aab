// Package ledgertest is the contract of a ledger: promises that SQLite and
// PostgreSQL must keep alike, as tests to be run on both.
//
// It owns no state, imports ledger and words, and is run by ledger's own tests.
package ledgertest
