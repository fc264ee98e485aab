// Package apitest builds the whole house for tests, without cmd: a catalogue,
// the ledger on SQLite in a temporary folder, the live queues in an embedded
// Redis, the hall, the live hub, identity in demo mode and the API on a web
// app. Nothing listens anywhere unless Serve is called.
//
// Being for tests only, it may import every room but cmd. Its own tests are
// those of package api.
package apitest
