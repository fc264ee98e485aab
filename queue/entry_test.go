package queue

import (
	"testing"
	"time"

	"vez/booking"
	"vez/event"
)

// TestAFollowerLearnsWhatABookingTakesAndNothingOfItsHolder sends a booking over
// the stream: its service comes along, for its own rule of lateness and its
// length decide who is expected; what could lead to a person does not.
func TestAFollowerLearnsWhatABookingTakesAndNothingOfItsHolder(t *testing.T) {
	start := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	want := booking.Booking{ID: "b1", Office: "dsi-main", Queue: "dsi-main-card", Service: "dsi-bir-renewal", Day: "2026-11-24", State: booking.Confirmed,
		Start: start, End: start.Add(20 * time.Minute), Seq: 7}
	made := want
	made.Reference, made.People, made.Lang, made.Origin, made.Ticket, made.Made = "ABCD2345", 3, "pt", booking.Online, "t1", start
	text, err := encodeEntry([]event.Event{{Office: "dsi-main", Seq: 7, At: start, Kind: "booking.confirm", Actor: "citizen:x", Images: event.Images{Bookings: []booking.Booking{made}}}})
	if err != nil {
		t.Fatal(err)
	}
	es, err := decodeEntry("dsi-main", 7, text)
	if err != nil || len(es) != 1 || len(es[0].Images.Bookings) != 1 {
		t.Fatalf("%+v, %v", es, err)
	}
	if got := es[0].Images.Bookings[0]; got != want || es[0].Actor != "" {
		t.Errorf("%s came as %+v of %q, want %+v", text, got, es[0].Actor, want)
	}
}
