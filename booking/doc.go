// Package booking holds the promise of service on a date: states, cells and
// offered starts, the rules of a service, holds, the QR code and the typed
// reference.
//
// It is a room of words: pure functions over plain data, "now" is an argument.
// It may import office, fault and the UUID library. Changes are made only through hall; the
// citizen's pages stand in booking/pages. Tests stand beside the code.
package booking
