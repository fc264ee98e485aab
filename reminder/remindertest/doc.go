// Package remindertest holds what tests of reminders stand on: a world with a
// ledger, an office and people who booked there (world.go), and a mail server
// that does as it is told and remembers what it took (server.go).
//
// It may import words, memory and frame, being for tests only; its own tests are those of
// package reminder.
package remindertest
