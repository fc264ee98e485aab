package counter

import (
	"reflect"
	"testing"
	"time"

	"vez/fault"
	"vez/ticket"
)

func TestMovesOutsideTheTableAreRefusedAndChangeNothing(t *testing.T) {
	type step struct {
		from State
		move Move
	}
	legal := map[step]State{}
	refusedIn := map[State]fault.Code{Closed: fault.CounterClosed, Open: fault.CounterOpen, Break: fault.CounterOnBreak,
		Closing: fault.CounterClosing, Lost: fault.IllegalMove}
	for _, r := range Table {
		if _, twice := legal[step{r.From, r.Move}]; twice {
			t.Errorf("%s by %s stands twice", r.From, r.Move)
		}
		legal[step{r.From, r.Move}] = r.To
	}
	for _, s := range []State{Closed, Open, Break, Closing, Lost} {
		for _, m := range []Move{MoveOpen, MoveBreak, MoveBack, MoveClosing, MoveClose, "sleep"} {
			to, err := Next(s, m)
			want, ok := legal[step{s, m}]
			switch {
			case ok && (err != nil || to != want):
				t.Errorf("%s by %s: %s, %v; want %s", s, m, to, err, want)
			case !ok && (fault.CodeOf(err) != refusedIn[s] || to != s):
				t.Errorf("%s by %s: %s, %v; want it refused", s, m, to, err)
			}
		}
	}
}

func TestACounterThatWasNeverOpenedIsClosed(t *testing.T) {
	if to, err := Next("", MoveOpen); to != Open || err != nil {
		t.Errorf("%s, %v", to, err)
	}
	if _, err := Next("", MoveBreak); fault.CodeOf(err) != fault.CounterClosed {
		t.Errorf("break: %v", err)
	}
}

func TestLostIsNeverEnteredByAMove(t *testing.T) {
	for _, r := range Table {
		if r.To == Lost || r.From == Lost {
			t.Errorf("%s by %s to %s", r.From, r.Move, r.To)
		}
	}
}

func TestACounterBelongsToItsClerkUntilItIsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		shift Shift
		code  fault.Code
	}{
		"never opened":        {Shift{}, ""},
		"closed by another":   {Shift{State: Closed, Clerk: "clerk:b"}, ""},
		"open, their own":     {Shift{State: Open, Clerk: "clerk:a"}, ""},
		"open, another's":     {Shift{State: Open, Clerk: "clerk:b"}, fault.CounterTaken},
		"on break, another's": {Shift{State: Break, Clerk: "clerk:b"}, fault.CounterTaken},
	} {
		if err := CanOpen(c.shift, "clerk:a"); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func TestOnlyAnOpenAndFreeCounterCallsTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		shift Shift
		code  fault.Code
	}{
		"free":         {Shift{State: Open}, ""},
		"writing up":   {Shift{State: Open, WritingUp: true}, ""},
		"busy":         {Shift{State: Open, Ticket: "t"}, fault.CounterBusy},
		"never opened": {Shift{}, fault.CounterClosed},
		"closed":       {Shift{State: Closed}, fault.CounterClosed},
		"on a break":   {Shift{State: Break}, fault.CounterOnBreak},
		"closing":      {Shift{State: Closing, Ticket: "t"}, fault.CounterClosing},
	} {
		if err := CanCall(c.shift); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func TestABreakTakesNobodyByAnyMove(t *testing.T) {
	for _, m := range []ticket.Move{ticket.Call, ticket.CallThis, ticket.Start, ticket.Serve, ticket.Resume, ticket.Reopen, ticket.TakeOver} {
		for state, code := range map[State]fault.Code{"": fault.CounterClosed, Closed: fault.CounterClosed, Open: "", Break: fault.CounterOnBreak,
			Closing: fault.CounterClosing} {
			if err := CanTake(Shift{State: state, Ticket: "t"}, m); fault.CodeOf(err) != code {
				t.Errorf("%s at a counter that is %q: %v, want %q", m, state, err, code)
			}
		}
	}
}

func TestPolicyIsWhatIsAskedForOrTheCountersOwn(t *testing.T) {
	own := []string{"q1", "q2"}
	for name, c := range map[string]struct {
		asked, want []Served
	}{
		"nothing asked": {nil, []Served{{Queue: "q1"}, {Queue: "q2"}}},
		"asked":         {[]Served{{"q9", time.Minute}, {"q1", 0}}, []Served{{"q9", time.Minute}, {"q1", 0}}},
		"each once":     {[]Served{{"q2", 0}, {"q1", 0}, {"q2", time.Hour}}, []Served{{"q2", 0}, {"q1", 0}}},
		"no limit":      {[]Served{{"q2", -time.Minute}, {"", time.Minute}}, []Served{{"q2", 0}}},
	} {
		if got := Policy(own, c.asked); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	s := Shift{Queues: Policy(own, nil)}
	if !s.Serves("q2") || s.Serves("q3") {
		t.Error("a shift does not know its queues")
	}
}

func TestUndoIsOpenForFifteenSeconds(t *testing.T) {
	made := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]bool{
		0: true, 15 * time.Second: true, 15*time.Second + 1: false, time.Hour: false, -time.Second: true,
	} {
		if got := CanUndo(made, made.Add(after)); got != want {
			t.Errorf("after %s: %v", after, got)
		}
	}
	if CanUndo(time.Time{}, made) {
		t.Error("what was never made can be undone")
	}
}

func TestASilentCounterIsLostAndItsTicketIsToldAbout(t *testing.T) {
	heard := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		shift  Shift
		silent time.Duration
		seen   State
		tell   bool
	}{
		"a minute":                 {Shift{State: Open, Ticket: "t"}, time.Minute, Open, false},
		"over a minute":            {Shift{State: Open, Ticket: "t"}, time.Minute + 1, Lost, false},
		"two minutes lost":         {Shift{State: Open, Ticket: "t"}, 3 * time.Minute, Lost, true},
		"two minutes lost, free":   {Shift{State: Open}, 3 * time.Minute, Lost, false},
		"on a break":               {Shift{State: Break}, time.Hour, Lost, false},
		"closed counters are shut": {Shift{State: Closed}, time.Hour, Closed, false},
		"never opened":             {Shift{}, time.Hour, Closed, false},
	} {
		now := heard.Add(c.silent)
		if got := Seen(c.shift, heard, now); got != c.seen {
			t.Errorf("%s: %s, want %s", name, got, c.seen)
		}
		if got := TellManager(c.shift, heard, now); got != c.tell {
			t.Errorf("%s: tell the manager: %v", name, got)
		}
	}
}
