package board_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vez/board"
	"vez/live"
	"vez/ticket"
)

var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("Macao", 8*3600))

func call(number string, ago time.Duration) board.Call {
	return board.Call{Number: number, Label: "3", State: ticket.Called, Since: now.Add(-ago), Called: now.Add(-ago)}
}

func serving(number string, ago time.Duration) board.Call {
	c := call(number, ago)
	c.State = ticket.Serving
	return c
}

func rows(p board.Picture) []string {
	out := []string{}
	for _, c := range p.Rows {
		out = append(out, c.Number)
	}
	return out
}

func TestTheNewestCallIsTheHeroAndServedOnesFillUp(t *testing.T) {
	p := board.Arrange([]board.Call{
		serving("A001", time.Second), call("A002", time.Minute), call("A003", 2*time.Second), serving("A004", 11*time.Minute), call("A005", 3*time.Second),
	}, 4, now)
	if p.Hero == nil || p.Hero.Number != "A003" || !slices.Equal(rows(p), []string{"A005", "A002", "A001"}) || p.Pages != 1 {
		t.Errorf("it shows %v, %v", p.Hero, rows(p))
	}
	if p := board.Arrange([]board.Call{serving("A001", time.Minute)}, 4, now); p.Hero != nil || len(p.Rows) != 1 {
		t.Errorf("with nobody called it shows %v, %v", p.Hero, rows(p))
	}
}

func TestEveryCalledNumberHasItsTurnOnTheBoard(t *testing.T) {
	var calls []board.Call
	for i := range 10 {
		calls = append(calls, call(fmt.Sprintf("A%03d", i+1), time.Duration(i)*time.Second), serving(fmt.Sprintf("B%03d", i+1), 0))
	}
	seen := map[string]bool{}
	for i := range 3 {
		p := board.Arrange(calls, 4, now.Add(time.Duration(i)*board.PageFor))
		if p.Hero.Number != "A001" || p.Pages != 3 || len(p.Rows) > 4 {
			t.Fatalf("page %d: %+v", i, p)
		}
		for _, n := range rows(p) {
			seen[n] = true
		}
	}
	if len(seen) != 9 || seen["B001"] {
		t.Errorf("seen were %v", seen)
	}
}

func TestANewCallFlashesSixSeconds(t *testing.T) {
	for ago, want := range map[time.Duration]bool{0: true, 5999 * time.Millisecond: true, 6 * time.Second: false, -time.Second: false} {
		if got := board.Flashing(now.Add(-ago), now); got != want {
			t.Errorf("%v ago: %v", ago, got)
		}
	}
	if live.NewFor != board.FlashFor {
		t.Errorf("the stream calls it new for %v, the board flashes %v", live.NewFor, board.FlashFor)
	}
}

func TestBoardsStartedApartChangeLanguageTogether(t *testing.T) {
	langs := []string{"zh-Hant", "pt", "en"}
	at, seen := now, []string{}
	for range 6 {
		seen = append(seen, board.Language(langs, at))
		next := board.NextChange(at, board.LanguageFor)
		if got := board.Language(langs, next.Add(-time.Millisecond)); got != seen[len(seen)-1] {
			t.Errorf("it changes before %v", next)
		}
		at = next
	}
	if seen[0] == seen[1] || seen[1] == seen[2] || seen[0] != seen[3] || seen[2] != seen[5] {
		t.Errorf("the languages were %v", seen)
	}
	if board.Language(nil, now) != "" {
		t.Error("there is a language where there is none")
	}
}

func TestNumbersAreSaidSignBySignInEveryLanguage(t *testing.T) {
	s := board.Announce("A047", "12", "b", []string{"zh-Hant", "pt"})
	if len(s) != 2 || s[0].Lang != "zh-Hant" || s[1].Lang != "pt" {
		t.Fatalf("it says %+v", s)
	}
	var said []string
	for _, p := range s[1].Parts {
		said = append(said, p.Key)
	}
	want := []string{"board.say.number", "board.say.letter.A", "board.say.digit.0", "board.say.digit.4", "board.say.digit.7",
		"board.say.counter", "board.say.digit.1", "board.say.digit.2", "board.say.zone", "board.say.letter.B"}
	if !slices.Equal(said, want) {
		t.Errorf("it says %v", said)
	}
	for _, s := range append(s, board.Retract("Z9", []string{"en"})...) {
		for _, p := range s.Parts {
			if !slices.Contains(board.TextKeys(), p.Key) {
				t.Errorf("%s is not in TextKeys", p.Key)
			}
		}
	}
}

func TestACallIsAnnouncedOnceAndARecallAnew(t *testing.T) {
	one, two, old := call("A001", 2*time.Second), call("A002", time.Second), call("A003", time.Minute)
	calls := []board.Call{two, old, one, serving("A004", 0)}
	got := board.Unsaid(calls, nil, now)
	if len(got) != 2 || got[0].Number != "A001" || got[1].Number != "A002" {
		t.Fatalf("to say are %+v", got)
	}
	said := map[string]bool{one.Mark(): true, two.Mark(): true}
	if got := board.Unsaid(calls, said, now); len(got) != 0 {
		t.Errorf("said again: %+v", got)
	}
	one.Recalls++
	if got := board.Unsaid([]board.Call{one, two}, said, now); len(got) != 1 || got[0].Number != "A001" {
		t.Errorf("after a recall: %+v", got)
	}
	two.Since = two.Since.Add(20 * time.Second)
	if got := board.Unsaid([]board.Call{two}, said, now); len(got) != 1 {
		t.Error("who was sent back and is called again is not announced")
	}
}
