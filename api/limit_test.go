package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"vez/api/apitest"
	"vez/booking"
)

// until asks again and again until it is refused as too often, and gives how
// often it was not; most bounds the asking.
func until(h *apitest.House, most int, ask func(i int) apitest.Answer) (int, apitest.Answer) {
	h.T.Helper()
	for i := range most {
		if a := ask(i); a.Status == 429 {
			return i, a
		}
	}
	return most, apitest.Answer{}
}

// proper fails unless a refusal says in the one way what it is and when to come again.
func proper(t *testing.T, a apitest.Answer) {
	t.Helper()
	if a.Get("code") != "too_often" || a.Header.Get("Content-Type") != "application/problem+json" || a.Header.Get("Retry-After") == "" ||
		a.Header.Get("Retry-After") == "0" || a.Get("params", "seconds") != a.Header.Get("Retry-After") {
		t.Errorf("%v %s", a.Header, a.Body)
	}
}

func TestReferencesCannotBeGuessedByTheThousand(t *testing.T) {
	h := apitest.New(t, apitest.Afar())
	guess := func(who string) func(int) apitest.Answer {
		return func(i int) apitest.Answer {
			return h.Ask(who, "POST", "/check-ins", fmt.Sprintf(`{"office":"main","reference":"2222%04d"}`, i), "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i%250))
		}
	}
	n, a := until(h, 200, guess(kiosk))
	if n != 30 {
		t.Fatalf("%d guesses in a moment", n)
	}
	proper(t, a)
	// A reference in the code's place, however it is spaced, is a guess as well.
	n, a = until(h, 200, func(i int) apitest.Answer {
		ref, err := booking.NewReference(bytes.NewReader([]byte{1, 2, 3, 4, 5, 6, byte(i)}))
		if err != nil {
			t.Fatal(err)
		}
		return h.Ask("device:k3@main", "POST", "/check-ins", `{"office":"main","code":"`+strings.Join(strings.Split(ref, ""), "  ")+`"}`)
	})
	if n != 30 {
		t.Errorf("%d guesses in the code's place", n)
	}
	proper(t, a)
	if other := guess("device:k2@main")(1); other.Status == 429 {
		t.Error("one kiosk's guesses shut another one")
	}
	// Whoever has the code on paper is not kept waiting by who guesses.
	b := h.Must(201, "citizen:one", "POST", "/bookings", slotAt10)
	h.Must(201, kiosk, "POST", "/check-ins", `{"office":"main","code":"`+b.Get("code")+`"}`)
}

// TestNobodyMovesABookingAllDay moves one between two times: what each move
// leaves is kept back for a while, and a calendar must not look full by that.
func TestNobodyMovesABookingAllDay(t *testing.T) {
	h := apitest.New(t, apitest.Afar())
	b := h.Must(201, "citizen:one", "POST", "/bookings", slotAt10)
	move := func(who string) func(int) apitest.Answer {
		return func(i int) apitest.Answer {
			return h.Ask(who, "PATCH", "/bookings/"+b.Get("id"), fmt.Sprintf(`{"start":"2026-11-26T%d:00:00+08:00"}`, 10+i%2))
		}
	}
	n, a := until(h, 50, move("citizen:one"))
	if n != 10 {
		t.Fatalf("%d moves in a moment", n)
	}
	proper(t, a)
	if a := move("greeter:eva@main")(0); a.Status == 429 {
		t.Error("reception is bound by a resident's moves")
	}
}

func TestWritesOfACitizenAreBoundedByPersonAndByNetwork(t *testing.T) {
	h := apitest.New(t, apitest.Afar())
	write := func(who, from string) apitest.Answer {
		return h.Ask(who, "DELETE", "/bookings/none", "", "X-Forwarded-For", from)
	}
	n, a := until(h, 500, func(i int) apitest.Answer { return write("citizen:one", fmt.Sprintf("203.0.113.%d", i%250)) })
	if n != 120 {
		t.Fatalf("%d writes of one person", n)
	}
	proper(t, a)
	if a := write("citizen:two", "203.0.113.1"); a.Status == 429 {
		t.Error("one citizen's writes shut another one out")
	}
	if a := h.Ask("citizen:one", "GET", "/bookings", ""); a.Status != 200 {
		t.Errorf("reading is not writing: %d", a.Status)
	}
	many := 0
	for person := 0; person < 40 && many == 0; person++ {
		if n, a := until(h, 100, func(int) apitest.Answer { return write(fmt.Sprintf("citizen:many%d", person), "198.51.100.9") }); n < 100 {
			many = person*100 + n
			proper(t, a)
		}
	}
	if many < 1000 {
		t.Errorf("one network may write %d times", many)
	}
}

func TestAClerkAndAKioskAreNeverHeldUpByTheirNetwork(t *testing.T) {
	h := apitest.New(t, apitest.Afar())
	for i := range 300 {
		for _, who := range []string{ana, kiosk} {
			body, path := "", "/counters/main-1/next"
			if who == kiosk {
				body, path = `{"office":"main"}`, "/check-ins"
			}
			if a := h.Ask(who, "POST", path, body, "X-Forwarded-For", "198.51.100.9"); a.Status == 429 {
				t.Fatalf("%s after %d: %s", who, i, a.Body)
			}
		}
	}
}

func TestTheDemonstrationKnowsNoLimitAtHome(t *testing.T) {
	h := apitest.New(t)
	for i := range 200 {
		if a := h.Ask(kiosk, "POST", "/check-ins", `{"office":"main","reference":"22222222"}`); a.Status == 429 {
			t.Fatalf("after %d: %s", i, strings.TrimSpace(a.Body))
		}
	}
}
