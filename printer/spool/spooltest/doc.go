// Package spooltest tests spoolers: a store in memory, the contract that every
// store keeps, emulated printers with their troubles, and random schedules of
// trouble that end with a count of the paper.
//
// Being for tests, it may import vez/printer and its packages only, so that
// whoever joins them with a real ledger (cmd/vez) can test there what is tested here. Its own tests are
// those of printer/spool and cmd/vez.
package spooltest
