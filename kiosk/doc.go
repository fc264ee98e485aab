// Package kiosk holds what a kiosk answers to a code or a reference at the
// check-in: go ahead, or early, late, wrong office, wrong day, cancelled,
// already used, unknown, expired, each with what helps the person.
//
// It is a room of words: pure functions over plain data, "now" is an argument,
// the same online (from the ledger's words) and on a kiosk that is cut off (from
// the code and the day's list). It may import booking, ticket, office and
// fault. The touch pages stand in kiosk/pages, the program on the box in
// kiosk/edge. Tests stand beside the code.
package kiosk
