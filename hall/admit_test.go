package hall_test

import (
	"context"
	"testing"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/ticket"
)

func TestPapersOfACutOffKioskAreAdmittedOnceWithTheirPlace(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	kiosk := h.act("device:k1")
	l, err := h.LeaseNumbers(ctx, kiosk, "main", "main-card", "2026-11-24")
	if err != nil || l.From != ticket.FirstOffline {
		t.Fatalf("%+v %v", l, err)
	}
	other, err := h.LeaseNumbers(ctx, h.act("device:k2"), "main", "main-card", "2026-11-24")
	if err != nil || other.From <= l.To {
		t.Fatalf("two kiosks share numbers: %+v and %+v (%v)", l, other, err)
	}
	arrived := h.clock.Now()
	h.clock.Advance(10 * time.Minute)
	online := h.issue("renew")
	paper := hall.AdmitRequest{Lease: l.ID, N: l.From, Service: "renew", Arrival: arrived}
	first, err := h.Admit(ctx, kiosk, paper)
	if err != nil || first.Ticket.Number != "A9001" || !first.Ticket.Due.Equal(arrived) {
		t.Fatalf("%+v %v", first.Ticket, err)
	}
	again, err := h.Admit(ctx, kiosk, paper)
	if err != nil || again.Ticket.ID != first.Ticket.ID {
		t.Fatalf("the same paper twice: %+v %v", again.Ticket, err)
	}
	h.open(1)
	if d := h.next(1); d.Ticket.ID != first.Ticket.ID {
		t.Fatalf("%s is called before the paper that came earlier than %s", d.Ticket.Number, online.Ticket.Number)
	}
	for _, bad := range []hall.AdmitRequest{
		{Lease: l.ID, N: l.To + 1, Service: "renew", Arrival: arrived},
		{Lease: l.ID, N: l.From + 1, Service: "renew", Arrival: h.clock.Now().Add(time.Hour)},
		{Lease: l.ID, N: l.From + 1, Service: "renew", Arrival: arrived.AddDate(0, 0, -1)},
	} {
		_, err := h.Admit(ctx, kiosk, bad)
		wantCode(t, err, fault.InvalidField)
	}
	h.clock.Advance(24 * time.Hour)
	h.issue("renew") // the close of the day voids what was not used
	report, err := h.db.Verify(ctx, nil)
	if err != nil || !report.Sound() {
		t.Fatalf("%+v %v", report.Flaws, err)
	}
	_, err = h.Admit(ctx, kiosk, hall.AdmitRequest{Lease: l.ID, N: l.From + 1, Service: "renew", Arrival: arrived})
	wantCode(t, err, fault.UnknownThing)
}
