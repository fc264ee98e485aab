// Package pages holds the touch pages of a kiosk, /kiosk/{office}: four doors
// (I have a booking, take a ticket, I was told to come back, help), the answers
// to a scan, the choice of a queue, and the ticket with its number.
//
// A hand scanner is read on every page. All pages are plain links and forms
// that work with scripts off; scripts add the reader, the keypad's speed, the
// resting picture, the countdown and the voice, and leave no page before a hub
// answers. What a person chose stands in the address and in nothing else, so
// that going home forgets it, and no page shows anything about a person but a
// number.
//
// It is a screen: it may import hall, the word rooms, outputs (live, the QR
// code of the printer) and the frame, and declares what else it needs in Deps.
// Its texts stand in locale under "kiosk". The tests stand beside the code and
// run on a real hall; those of the reader need a browser (build tag browser).
package pages
