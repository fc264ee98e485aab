package hall_test

import (
	"testing"
	"time"

	"vez/booking"
	"vez/fault"
	"vez/hall"
)

func TestAHoldThatRanOutStaysSoAfterAPause(t *testing.T) {
	s := newSteps(t)
	old, r := s.hold(2 * time.Hour)
	s.house.Advance(6 * time.Minute) // and nobody ticks
	s.pauseHall()
	s.house.Advance(2 * time.Minute)
	r.Hold = false
	s.booking(s.Book(s.ctx, kioskAct, r))
	s.resumeHall()
	_, err := s.Confirm(s.ctx, kioskAct, old.ID, "")
	wantCode(t, err, fault.HoldExpired)
	_, err = s.ExtendHold(s.ctx, kioskAct, old.ID, "")
	wantCode(t, err, fault.HoldExpired)
	_, err = s.Reschedule(s.ctx, kioskAct, old.ID, "", hall.RescheduleRequest{Start: r.Start.Add(5 * time.Hour), Staff: true})
	wantCode(t, err, fault.HoldExpired)
	if n, err := s.Tick(s.ctx); n != 1 || err != nil {
		t.Errorf("%d were released (%v), want the hold that ran out", n, err)
	}
	s.feed(100)
}

// hold keeps the only place of a start so long ahead.
func (s steps) hold(ahead time.Duration) (booking.Booking, hall.BookRequest) {
	s.test.Helper()
	r := hall.BookRequest{Service: "main-quick", Office: "main", Start: s.house.Now().Add(ahead), Hold: true}
	b, err := s.Book(s.ctx, kioskAct, r)
	if err != nil {
		s.test.Fatal(err)
	}
	return b, r
}

func (s steps) pauseHall() {
	s.test.Helper()
	_, err := s.PauseHall(s.ctx, s.as("m"), "main", "fire_alarm")
	s.may(err)
}

func (s steps) resumeHall() {
	s.test.Helper()
	_, err := s.ResumeHall(s.ctx, s.as("m"), "main")
	s.may(err)
}

// left is how long a hold still lasts.
func (s steps) left(id string) time.Duration {
	s.test.Helper()
	b, err := s.Read(s.ctx).Booking(id)
	if err != nil || b.State != booking.Held {
		s.test.Fatalf("the hold is %s (%v)", b.State, err)
	}
	return b.HeldUntil.Sub(s.house.Now())
}

func TestAHoldDoesNotRunWhileItsHallIsPaused(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"today": 2 * time.Hour, "another day": 26 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			s := newSteps(t)
			before, r := s.hold(ahead)
			s.house.Advance(4 * time.Minute)
			s.pauseHall()
			s.house.Advance(20 * time.Minute)
			_, err := s.Book(s.ctx, kioskAct, r)
			wantCode(t, err, fault.SlotTaken)
			r.Start = r.Start.Add(time.Hour)
			during, err := s.Book(s.ctx, kioskAct, r)
			s.may(err)
			s.house.Advance(7 * time.Minute)
			s.feed(100)
			if n, err := s.Tick(s.ctx); n > 0 || err != nil {
				t.Fatalf("%d holds lapsed in a pause (%v)", n, err)
			}
			state, err := s.Read(s.ctx).State("main")
			s.may(err)
			if b := hall.Standing(before, state, s.house.Now()); b.HeldUntil.Sub(s.house.Now()) != time.Minute {
				t.Errorf("in the pause it lasts until %s", b.HeldUntil)
			}
			s.resumeHall()
			if got := s.left(before.ID); got != time.Minute {
				t.Errorf("a minute was left of it when the pause began, and %s is when it ends", got)
			}
			if got := s.left(during.ID); got != booking.HoldFor {
				t.Errorf("it was made in the pause, and %s is left of it", got)
			}
			s.feed(100)
			s.house.Advance(time.Minute)
			if n, err := s.Tick(s.ctx); n != 1 || err != nil {
				t.Errorf("%d holds lapsed (%v)", n, err)
			}
			s.feed(100)
		})
	}
}

func TestAHoldCanBeUsedWhileItsHallIsPaused(t *testing.T) {
	for name, use := range map[string]func(s steps, b booking.Booking) (booking.Booking, error){
		"confirm": func(s steps, b booking.Booking) (booking.Booking, error) { return s.Confirm(s.ctx, kioskAct, b.ID, "") },
		"extend": func(s steps, b booking.Booking) (booking.Booking, error) {
			return s.ExtendHold(s.ctx, kioskAct, b.ID, "")
		},
		"reschedule": func(s steps, b booking.Booking) (booking.Booking, error) {
			return s.Reschedule(s.ctx, kioskAct, b.ID, "", hall.RescheduleRequest{Start: b.Start.Add(time.Hour)})
		},
		"cancel": func(s steps, b booking.Booking) (booking.Booking, error) {
			return s.CancelBooking(s.ctx, kioskAct, b.ID, "", false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSteps(t)
			b, _ := s.hold(2 * time.Hour)
			s.house.Advance(4 * time.Minute)
			s.pauseHall()
			s.house.Advance(10 * time.Minute)
			if _, err := use(s, b); err != nil {
				t.Error(err)
			}
			s.resumeHall()
			s.feed(100)
		})
	}
}

func TestAPauseEndsWithItsDayAndGivesItsHoldsTheirTimeBack(t *testing.T) {
	s := newSteps(t)
	b, _ := s.hold(26 * time.Hour)
	s.house.Advance(2 * time.Minute)
	s.pauseHall()
	s.house.Advance(16 * time.Hour)
	if err := s.TurnDay(s.ctx, "main"); err != nil {
		t.Fatal(err)
	}
	if got := s.left(b.ID); got != 3*time.Minute {
		t.Errorf("three minutes were left of it, and %s are", got)
	}
	s.feed(100)
}

func TestAHoldThatAClosureCoversIsNotConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		from, to time.Duration // from the start of what is held
		queue    string
		code     fault.Code
	}{
		"all of it":         {0, time.Hour, "", fault.TimeClosed},
		"its end":           {25 * time.Minute, time.Hour, "", fault.TimeClosed},
		"its beginning":     {-time.Hour, time.Minute, "main-small", fault.TimeClosed},
		"what comes before": {-time.Hour, 0, "", ""},
		"what comes after":  {30 * time.Minute, time.Hour, "", ""},
		"another queue":     {0, time.Hour, "main-card", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSteps(t)
			b, _ := s.hold(3 * time.Hour)
			_, err := s.CloseOffice(s.ctx, s.as("m"), hall.CloseRequestOffice{Office: "main", Queue: c.queue, From: b.Start.Add(c.from),
				To: b.Start.Add(c.to), Reason: "typhoon"})
			s.may(err)
			_, err = s.ExtendHold(s.ctx, kioskAct, b.ID, "")
			wantCode(t, err, c.code)
			_, err = s.Confirm(s.ctx, kioskAct, b.ID, "")
			wantCode(t, err, c.code)
			if c.code != "" {
				got, err := s.Reschedule(s.ctx, kioskAct, b.ID, "", hall.RescheduleRequest{Start: b.Start.Add(2 * time.Hour)})
				if err != nil || got.State != booking.Held {
					t.Errorf("it cannot be moved away: %s (%v)", got.State, err)
				}
				_, err = s.Confirm(s.ctx, kioskAct, b.ID, "")
				wantCode(t, err, "")
			}
			s.feed(100)
		})
	}
}

func TestAPauseDoesNotProlongAHoldThatAClosureCovers(t *testing.T) {
	s := newSteps(t)
	b, r := s.hold(3 * time.Hour)
	s.house.Advance(4 * time.Minute)
	s.pauseHall()
	s.house.Advance(10 * time.Minute)
	_, err := s.CloseOffice(s.ctx, s.as("m"), hall.CloseRequestOffice{Office: "main", From: b.Start, To: b.End, Reason: "typhoon"})
	s.may(err)
	s.resumeHall()
	_, err = s.Confirm(s.ctx, kioskAct, b.ID, "")
	wantCode(t, err, fault.HoldExpired)
	_, err = s.Book(s.ctx, kioskAct, r)
	wantCode(t, err, fault.SlotNotOffered)
	s.feed(100)
}
