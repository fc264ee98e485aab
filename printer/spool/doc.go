// Package spool brings recorded jobs to printers: which printers an office has
// and how they are (Fleet), which of them prints a job (Route), and the
// printing itself, at most once (Spooler).
//
// A printer is added by its address; it then prints a page with a code, and is
// used once somebody has typed the code back. Of several hubs one keeps a
// printer at a time, by a lease: it asks the printer how it is and gives it
// jobs, one after the other. What no printer of an office takes goes to the built-in folder, which every
// hub has: all papers of an office without printers, and letters of one that has strips only.
//
// A job is recorded before it is sent, and every change of it compares its state
// and hub first. What happens to a job:
//
//   - Nothing came out, for certain: it is queued again and goes to the next
//     printer that fits. When none can print, a ticket, pass or reminder is moved
//     to the phone after a short patience, a slip that staff asked for fails with the reason,
//     and letters wait until a printer is well, for a day at most.
//   - Nobody knows whether it came out: it is unknown, somebody is asked, and it
//     is never sent again by itself.
//   - The hub died: once its lease is gone the job is printed where the driver
//     can prove it, and unknown otherwise.
//
// It imports vez/printer with its drivers' addresses, vez/fault and clockwork;
// its stores are interfaces declared here, which cmd fills with the ledger. Times
// are machine time. Its tests stand beside it; schedule_test.go holds the promise that a
// ticket is on paper at most once and never forgotten.
package spool
