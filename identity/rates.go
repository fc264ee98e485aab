package identity

import (
	"time"

	"vez/web"
)

// What somebody may try who knows no secret, beside the brakes, which slow down
// wrong guesses of one person. A hall signs in within a quarter of an hour, and
// all its devices are behind one address.
var (
	// passwords bounds the names that one network can try a stolen list with.
	passwords = web.Rate{Name: "sign-in", N: 150, Per: 15 * time.Minute, Guess: true}
	// pairings keeps one network from taking all that may begin at a time.
	pairings = web.Rate{Name: "pairing", N: 30, Per: 10 * time.Minute, Guess: true}
	// References bounds the typing of references, under the name of the kiosk or
	// the member of staff who types: a reference has seven free characters of 32,
	// and all that can be had for one is a waiting ticket.
	References = web.Rate{Name: "reference", N: 30, Per: time.Minute, Guess: true}
	// Moves bounds how often one person moves their bookings: what a booking
	// leaves is kept back for up to half an hour, so that whoever moved one from
	// time to time could make a whole calendar look full.
	Moves = web.Rate{Name: "move", N: 10, Per: time.Hour}
)
