// Package halltest builds a hall for the tests of the screens that stand on it:
// the ledger on SQLite in a temporary folder, the live hub, keys for codes, and
// the live queues in an embedded Redis where asked for; and a web app for them.
//
// Being for tests only, it may import every room but the screens and cmd. Its
// own tests are those of the screens.
package halltest
