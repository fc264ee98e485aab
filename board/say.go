package board

import (
	"slices"
	"strconv"
	"time"

	"vez/ticket"
)

// Text keys of announcements. A sentence is made of them in order, so that it
// can be spoken by a voice or put together from recordings.
const (
	SayNumber  = "board.say.number"  // "Ticket" / "Senha" / "籌號"
	SayCounter = "board.say.counter" // "please go to counter"
	SayLetter  = "board.say.letter"  // a letter's name; the part's Text is the letter
	SayDigit   = "board.say.digit"   // a digit's name; the part's Text is the digit
	SayZone    = "board.say.zone"    // "in zone"; the part's Text is the zone
	SayStay    = "board.say.stay"    // a call was taken back: "not yet, please stay"
)

// TextKeys lists every key that a catalogue must have; of letters and digits
// each has its own, such as board.say.letter.A and board.say.digit.0.
func TextKeys() []string {
	out := []string{SayNumber, SayCounter, SayZone, SayStay}
	for r := 'A'; r <= 'Z'; r++ {
		out = append(out, SayLetter+"."+string(r))
	}
	for d := range 10 {
		out = append(out, SayDigit+"."+strconv.Itoa(d))
	}
	return out
}

// Part of a sentence: a key, and what it names.
type Part struct {
	Key  string `json:"key"`
	Text string `json:"text,omitempty"`
}

// Sentence in one language.
type Sentence struct {
	Lang  string `json:"lang"`
	Parts []Part `json:"parts"`
}

// Announce says a call once in each language: the number and the counter, each
// sign by sign, for "forty-seven" is heard wrongly in a loud hall and leading
// zeros are on the paper too. zone "" is not said.
func Announce(number, counter, zone string, languages []string) []Sentence {
	parts := append([]Part{{Key: SayNumber}}, spell(number)...)
	parts = append(append(parts, Part{Key: SayCounter}), spell(counter)...)
	if zone != "" {
		parts = append(append(parts, Part{Key: SayZone}), spell(zone)...)
	}
	return inEach(parts, languages)
}

// Retract says in each language that a call was taken back.
func Retract(number string, languages []string) []Sentence {
	return inEach(append(append([]Part{{Key: SayNumber}}, spell(number)...), Part{Key: SayStay}), languages)
}

func inEach(parts []Part, languages []string) []Sentence {
	out := make([]Sentence, 0, len(languages))
	for _, l := range languages {
		out = append(out, Sentence{Lang: l, Parts: parts})
	}
	return out
}

// spell names every letter and digit; other signs are silent.
func spell(s string) []Part {
	var out []Part
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			out = append(out, Part{SayDigit + "." + string(r), string(r)})
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
			fallthrough
		case r >= 'A' && r <= 'Z':
			out = append(out, Part{SayLetter + "." + string(r), string(r)})
		}
	}
	return out
}

// SayFor is how old a call may be to be announced still: a loudspeaker that
// comes back does not read out the past. Machine time.
const SayFor = 30 * time.Second

// Mark tells one call from the next: a recall, or another counter, is announced
// anew. So is who was called, sent back and called again, and the number when it
// is given once more on another day: recalls are counted from nought for both.
func (c Call) Mark() string {
	return c.Number + "@" + c.Label + "#" + strconv.Itoa(c.Recalls) + "~" + strconv.FormatInt(c.Since.UnixMilli(), 10)
}

// Unsaid lists the calls that are yet to be announced, oldest first; said holds
// the marks of those that were.
func Unsaid(calls []Call, said map[string]bool, now time.Time) []Call {
	var out []Call
	for _, c := range calls {
		if c.State == ticket.Called && !said[c.Mark()] && now.Sub(c.Called) < SayFor {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Call) int { return newest(b, a) })
	return out
}
