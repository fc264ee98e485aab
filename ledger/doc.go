// Package ledger is the durable record of Vez in SQL: SQLite in a file by
// default, PostgreSQL where several hubs run.
//
// It owns every SQL text and the migrations. One writer takes the changes that
// wait, decides them in turn and commits them together (batch.go); every
// change appends events to its office's hash chain (append.go) and keeps the
// state tables that the events imply, which Verify proves (verify.go).
//
// It imports word rooms only and satisfies the store that hall declares without
// knowing hall. The contract suite stands in ledgertest and runs on both
// engines; pgtest starts a private PostgreSQL for it.
package ledger
