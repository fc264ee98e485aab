package ticket

import (
	"errors"
	"testing"

	"vez/fault"
)

var states = []State{None, Remote, Waiting, Called, Serving, Parked, Missed, Done, Cancelled, Expired, Unserved}

func TestMovesOutsideTheTableAreRefusedAndChangeNothing(t *testing.T) {
	legal := map[step]State{}
	for _, r := range Table {
		if _, twice := legal[step{r.From, r.Move}]; twice {
			t.Errorf("%q by %s stands twice", r.From, r.Move)
		}
		legal[step{r.From, r.Move}] = r.To
	}
	for _, s := range states {
		for _, m := range append(Moves(), "", "fly") {
			to, err := Next(s, m)
			if want, ok := legal[step{s, m}]; ok {
				if err != nil || to != want {
					t.Errorf("%q by %s: %q, %v; want %q", s, m, to, err, want)
				}
				continue
			}
			if to != s || !errors.Is(err, fault.New(fault.IllegalMove)) {
				t.Errorf("%q by %s: %q, %v; want it refused", s, m, to, err)
			}
			if p := fault.Of(err).Params; p["move"] != string(m) || p["state"] != string(s) {
				t.Errorf("%q by %s: params %v", s, m, p)
			}
		}
	}
}

func TestOnlyADoneTicketCanGoOnAfterItsEnd(t *testing.T) {
	for _, r := range Table {
		if r.From.Final() && r.Move != Reopen {
			t.Errorf("%q is final and left by %s", r.From, r.Move)
		}
		if r.From == None && r.To.Final() {
			t.Errorf("%s makes a ticket that is over at once", r.Move)
		}
		if len(r.By) == 0 {
			t.Errorf("%q by %s: by whom?", r.From, r.Move)
		}
	}
}

func TestEveryTicketThatIsNotFinalCanEnd(t *testing.T) {
	for _, s := range states[1:] {
		if !ends(s, map[State]bool{}) {
			t.Errorf("%q leads to no final state", s)
		}
	}
}

func ends(s State, seen map[State]bool) bool {
	if s.Final() {
		return true
	}
	seen[s] = true
	for _, r := range Table {
		if r.From == s && !seen[r.To] && ends(r.To, seen) {
			return true
		}
	}
	return false
}

func TestOnlyStaffServeAndOnlyTheHolderSideActivates(t *testing.T) {
	for _, c := range []struct {
		from State
		move Move
		by   Role
		may  bool
	}{
		{Waiting, Call, Clerk, true}, {Waiting, Call, Holder, false}, {Waiting, Call, Manager, false},
		{Remote, Activate, Holder, true}, {Waiting, StepOut, Holder, true}, {Missed, ReturnLate, Holder, false},
		{Missed, Return, Holder, true}, {Serving, Close, Job, true}, {Serving, Close, Clerk, false},
		{Done, Cancel, Manager, false},
	} {
		if May(c.from, c.move, c.by) != c.may {
			t.Errorf("%s %s %s by %s: want %v", c.from, c.move, c.from, c.by, c.may)
		}
	}
}

func TestNumbersHaveAtLeastThreeDigits(t *testing.T) {
	for want, got := range map[string]string{
		"A001": Number("A", 1), "A047": Number("A", 47), "A999": Number("A", 999), "A1000": Number("A", 1000),
		"AA9001": Number("AA", FirstOffline), "B8999": Number("B", LastOnline),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCallReasonsAreAClosedList(t *testing.T) {
	for _, code := range CallReasons {
		if !KnownReason(code) {
			t.Errorf("%s is listed and not known", code)
		}
	}
	for _, code := range []string{"", "because", "Present"} {
		if KnownReason(code) {
			t.Errorf("%q is known", code)
		}
	}
}
