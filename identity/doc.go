// Package identity says who somebody is and what they may do where: sign-in of
// citizens and staff by OpenID Connect, local staff accounts, sessions, paired
// devices, bearer tokens, roles and pseudonyms.
//
// It belongs to the frame and imports web, locale and fault only. What must
// outlive a restart goes through the small Store interface, which cmd fills
// with the ledger's records. Times are machine time.
//
// One browser may hold up to four sessions at once, one of each Sort (citizen,
// staff, kiosk, board), each in its own cookie; Service.Auth chooses the one
// that the route is for. So a clerk can book as a citizen, and somebody who
// tries the demonstration can be everybody in turn.
//
// Of a citizen nothing is kept but a pseudonym, and their provider's verified
// e-mail address, sealed in their session alone; Service.Email opens it.
//
// The tests are here; they run the whole code flow against demo/provider over
// loopback.
package identity
