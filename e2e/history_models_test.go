package e2e

import (
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// never is when an operation returned whose outcome was not learned: it may
// have happened at any time since, or not at all.
const never = math.MaxInt64

// opsMost keeps a check within memory: a failing history of more takes all there is.
const opsMost = 10_000

// asked is what a client wanted.
type asked struct {
	verb    string
	thing   string // id of the ticket or booking that was meant; a slot's start
	counter string
	express bool // with declared priority
	number  int  // of the ticket that was meant, where it is known
}

// answered is what it was told.
type answered struct {
	unknown bool
	code    string // of a refusal
	thing   string // id of the ticket or booking
	number  int
	express bool
	state   string
	counter string
}

func (a answered) ok() bool { return !a.unknown && a.code == "" }

// operation makes an operation of what a client did.
func operation(client int, call, done int64, in asked, out answered) porcupine.Operation {
	if out.unknown {
		done = never
	}
	return porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: done}
}

func described(input, output any) string {
	in, out := input.(asked), output.(answered)
	words := []string{in.verb, brief(in.thing), in.counter}
	if in.express {
		words = append(words, "with priority")
	}
	words = append(words, "→")
	switch {
	case out.unknown:
		words = append(words, "?")
	case out.code != "":
		words = append(words, out.code)
	default:
		words = append(words, brief(out.thing), out.state)
		if out.number > 0 {
			words = append(words, fmt.Sprintf("#%d", out.number))
		}
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// brief is the end of an id, where ids of one moment differ.
func brief(id string) string { return id[max(0, len(id)-6):] }

func hashed(s fmt.Stringer) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s.String()))
	return h.Sum64()
}

// byThing partitions a history by what the operations are about.
func byThing(history []porcupine.Operation) [][]porcupine.Operation {
	parts := map[string][]porcupine.Operation{}
	for _, op := range history {
		id := op.Input.(asked).thing
		if out := op.Output.(answered); out.thing != "" {
			id = out.thing // what it was about in the end
		}
		if id != "" {
			parts[id] = append(parts[id], op)
		}
	}
	out := make([][]porcupine.Operation, 0, len(parts))
	for _, part := range parts {
		out = append(out, part)
	}
	return out
}

// A line is a queue of numbers: express ones first, each kind by number. Two
// bytes a number, those of express ones smaller.
type line struct {
	last    int
	waiting string
}

func (l line) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", l.last)
	for i := 0; i < len(l.waiting); i += 2 {
		n := int(l.waiting[i])<<8 | int(l.waiting[i+1])
		fmt.Fprintf(&b, " %d", n&^plain)
		if n&plain == 0 {
			b.WriteString("!")
		}
	}
	return b.String()
}

const plain = 1 << 15

func numberOf(n int, express bool) string {
	if !express {
		n |= plain
	}
	return string([]byte{byte(n >> 8), byte(n)})
}

func (l line) find(at string) (int, bool) {
	i := 0
	for ; i < len(l.waiting); i += 2 {
		if l.waiting[i:i+2] >= at {
			return i, l.waiting[i:i+2] == at
		}
	}
	return i, false
}

func (l line) with(at string) line {
	if i, there := l.find(at); !there {
		l.waiting = l.waiting[:i] + at + l.waiting[i:]
	}
	return l
}

func (l line) without(at string) line {
	if i, there := l.find(at); there {
		l.waiting = l.waiting[:i] + l.waiting[i+2:]
	}
	return l
}

// lineModel is a queue whose every number is known: issue gives the next one,
// next calls the first by due, nobody is called who does not wait. The numbers
// that somebody was told are nobody else's: an issue without an answer can have
// none of them, which spares the search for it all places but the gaps.
func lineModel(limit int, history []porcupine.Operation) porcupine.Model {
	told := map[int]bool{}
	for _, op := range history {
		if out := op.Output.(answered); op.Input.(asked).verb == "issue" && out.ok() {
			told[out.number] = true
		}
	}
	return porcupine.Model{
		Init: func() any { return line{} },
		Step: func(state, input, output any) (bool, any) {
			l, in, out := state.(line), input.(asked), output.(answered)
			if in.verb == "issue" && out.unknown && told[l.last+1] {
				return false, l
			}
			ok, l := l.step(in, out, limit)
			return ok, l
		},
		Hash:              func(state any) uint64 { return hashed(state.(line)) },
		DescribeOperation: described,
		DescribeState:     func(state any) string { return state.(line).String() },
	}
}

// onTheLine leaves out what no line can tell true from false: what a ticket's own history judges.
func onTheLine(history []porcupine.Operation) []porcupine.Operation {
	return slices.DeleteFunc(slices.Clone(history), func(op porcupine.Operation) bool {
		in, out := op.Input.(asked), op.Output.(answered)
		switch in.verb {
		case "issue":
			return out.code != "" && out.code != "queue_full"
		case "next", "call", "return", "undo", "cancel":
			return out.code != ""
		}
		return true
	})
}

func (l line) step(in asked, out answered, limit int) (bool, line) {
	if out.unknown {
		return true, l.perhaps(in)
	}
	at := numberOf(out.number, out.express)
	_, waits := l.find(at)
	switch {
	case in.verb == "issue" && out.code == "queue_full":
		return l.last >= limit, l
	case out.code != "":
		return true, l // about a ticket or a counter: the ticket's own history judges it
	case in.verb == "issue":
		ok := out.number == l.last+1
		l.last = out.number
		return ok, l.with(numberOf(out.number, in.express))
	case in.verb == "next" && out.thing == "":
		return l.waiting == "", l
	case in.verb == "next":
		return waits && strings.HasPrefix(l.waiting, at), l.without(at)
	case in.verb == "call":
		return waits, l.without(at)
	case in.verb == "return":
		return !waits, l.with(at)
	case in.verb == "undo" && out.state == "waiting":
		return !waits, l.with(at)
	case in.verb == "cancel" || in.verb == "undo":
		return true, l.without(at)
	}
	return true, l
}

// perhaps is what an operation does whose answer nobody saw. Where it cannot be
// known whom it concerned, a first one is taken; it may stand at the very end.
func (l line) perhaps(in asked) line {
	switch in.verb {
	case "issue":
		l.last++
		return l.with(numberOf(l.last, in.express))
	case "next":
		if l.waiting != "" {
			l.waiting = l.waiting[2:]
		}
	case "cancel", "call":
		return l.without(numberOf(in.number, in.express))
	}
	return l
}

// seat is one ticket: its state, and the counter that has it open; and what it
// was before the last move, if a counter made it and may take it back.
type seat struct{ state, counter, was, wasAt, by string }

func (s seat) String() string { return strings.TrimSpace(s.state + " " + s.counter) }

// seatModel is a ticket as a state machine: each move needs the state that the
// table of the design names, and a refusal needs that it was not in it.
func seatModel() porcupine.Model {
	return porcupine.Model{
		Partition: byThing,
		Init:      func() any { return seat{state: "waiting"} }, // whether it was issued is for the line's model
		Step: func(state, input, output any) (bool, any) {
			ok, s := state.(seat).step(input.(asked), output.(answered))
			return ok, s
		},
		DescribeOperation: described,
		DescribeState:     func(state any) string { return state.(seat).String() },
	}
}

// seatMoves gives the states a verb starts from and the one it leads to.
var seatMoves = map[string]struct {
	from []string
	to   string
	mine bool // of the counter that has it open, where one has
	open bool // at that counter afterwards
}{
	"next":      {[]string{"waiting"}, "called", false, true},
	"call":      {[]string{"waiting"}, "called", false, true},
	"start":     {[]string{"called"}, "serving", true, true},
	"finish":    {[]string{"serving"}, "done", true, false},
	"park":      {[]string{"serving"}, "parked", true, false},
	"resume":    {[]string{"parked"}, "serving", false, true},
	"take_over": {[]string{"called", "serving"}, "", false, true},
	"return":    {[]string{"called", "serving", "parked"}, "waiting", true, false},
	"cancel":    {[]string{"waiting", "called", "parked"}, "cancelled", false, false},
}

func (s seat) step(in asked, out answered) (bool, seat) {
	if in.verb == "read" {
		return !out.ok() || out.state == s.state && out.counter == s.counter, s
	}
	switch in.verb {
	case "issue":
		return true, s
	case "undo":
		return s.back(in, out)
	}
	move := seatMoves[in.verb]
	legal := slices.Contains(move.from, s.state)
	mine := !move.mine || s.counter == "" || s.counter == in.counter
	next := seat{state: move.to, was: s.state, wasAt: s.counter, by: in.counter}
	if next.state == "" {
		next.state = s.state
	}
	if move.open {
		next.counter = in.counter
	}
	switch {
	case out.unknown && (!legal || !mine):
		return true, s
	case out.unknown:
		return true, next
	case out.code == "illegal_move":
		return !legal, s
	case out.code == "not_yours":
		return legal && !mine, s
	case out.code != "":
		return true, s // about the counter
	}
	return legal && mine, next
}

// back takes the last move back, if it was this counter's.
func (s seat) back(in asked, out answered) (bool, seat) {
	mine := s.by != "" && s.by == in.counter
	switch {
	case out.code == "moved_on":
		return !mine, s
	case out.code != "" || out.unknown && !mine:
		return true, s
	}
	return mine && (out.unknown || out.state == s.was), seat{state: s.was, counter: s.wasAt}
}

// slotState is how many places a start has left, and what became of its bookings.
type slotState struct {
	free int
	held string // ids of holds, each with a space
}

func (s slotState) String() string { return fmt.Sprintf("%d free, held %s", s.free, s.held) }

// slotModel counts the places of a start: a hold or booking takes one, a hold
// that is given up gives it back at once, a cancelled booking not within the
// time of a test.
func slotModel(places func(start string) int) porcupine.Model {
	return porcupine.Model{
		Partition: byThing,
		Init:      func() any { return slotState{free: -1} },
		Step: func(state, input, output any) (bool, any) {
			s, in := state.(slotState), input.(asked)
			if s.free < 0 {
				s.free = places(in.thing)
			}
			ok, s := s.step(in, output.(answered))
			return ok, s
		},
		DescribeOperation: described,
		DescribeState:     func(state any) string { return state.(slotState).String() },
	}
}

// step takes the id of a hold to be given up or confirmed in the counter's place.
func (s slotState) step(in asked, out answered) (bool, slotState) {
	word := in.counter + " "
	held := strings.Contains(s.held, word)
	switch in.verb {
	case "hold", "book":
		if out.code != "" {
			return out.code != "slot_taken" || s.free == 0, s
		}
		if out.unknown && s.free == 0 {
			return true, s
		}
		if ok := s.free > 0; !ok {
			return false, s
		}
		s.free--
		if in.verb == "hold" && !out.unknown {
			s.held = sortedWords(s.held + out.counter + " ")
		}
	case "release":
		if out.ok() && !held {
			return false, s
		}
		if held && out.code == "" {
			s.free++
			s.held = strings.Replace(s.held, word, "", 1)
		}
	case "confirm":
		if out.ok() && !held {
			return false, s
		}
		if out.code == "" {
			s.held = strings.Replace(s.held, word, "", 1)
		}
	}
	return true, s
}

func sortedWords(s string) string {
	w := strings.Fields(s)
	slices.Sort(w)
	return strings.Join(w, " ") + " "
}

// linear fails unless a history can be explained by a model; it leaves a page
// that draws the history and names it.
func linear(t *testing.T, name string, m porcupine.Model, history []porcupine.Operation) {
	t.Helper()
	if len(history) > opsMost {
		t.Fatalf("%s: %d operations are too many for one check", name, len(history))
	}
	result, info := porcupine.CheckOperationsVerbose(m, history, 2*time.Minute)
	if result == porcupine.Ok {
		return
	}
	dir := filepath.Join("..", "artefacts")
	file := filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+"-"+name+".html")
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		err = porcupine.VisualizePath(m, info, file)
	}
	full, _ := filepath.Abs(file)
	t.Errorf("the history of the %s cannot be explained (%s, %d operations); it is drawn in %s (%v)", name, result, len(history), full, err)
}

// legal tells whether a model explains a history.
func legal(m porcupine.Model, history []porcupine.Operation) bool {
	return porcupine.CheckOperationsTimeout(m, history, time.Minute) == porcupine.Ok
}

// turns makes a history of operations one after the other.
func turns(list ...[2]any) []porcupine.Operation {
	var out []porcupine.Operation
	for i, op := range list {
		out = append(out, operation(0, int64(10*i), int64(10*i+5), op[0].(asked), op[1].(answered)))
	}
	return out
}

// TestEachModelCatchesItsSeededBugs spoils a good history in the ways that
// systems of this kind fail; a model that explains one of them proves nothing.
func TestEachModelCatchesItsSeededBugs(t *testing.T) {
	got := func(id string, n int) answered { return answered{thing: id, number: n} }
	refused := func(code string) answered { return answered{code: code} }
	two := func(string) int { return 2 }
	for name, c := range map[string]struct {
		model porcupine.Model
		good  []porcupine.Operation
		bugs  map[string]func(h []porcupine.Operation) []porcupine.Operation
	}{
		"line": {lineModel(3, nil), turns(
			[2]any{asked{verb: "issue"}, got("a", 1)},
			[2]any{asked{verb: "issue"}, got("b", 2)},
			[2]any{asked{verb: "issue", express: true}, got("c", 3)},
			[2]any{asked{verb: "issue"}, refused("queue_full")},
			[2]any{asked{verb: "next"}, answered{thing: "c", number: 3, express: true}},
			[2]any{asked{verb: "next"}, got("a", 1)},
			[2]any{asked{verb: "return"}, got("a", 1)},
			[2]any{asked{verb: "next"}, got("a", 1)},
			[2]any{asked{verb: "cancel"}, got("b", 2)},
			[2]any{asked{verb: "next"}, answered{}},
		), map[string]func([]porcupine.Operation) []porcupine.Operation{
			"a number given twice":        edited(1, func(o *answered) { o.number = 1 }),
			"a number left out":           edited(1, func(o *answered) { o.number = 3 }),
			"full before it is":           edited(2, func(o *answered) { *o = refused("queue_full") }),
			"called to two counters":      edited(7, func(o *answered) { o.number, o.thing = 3, "c" }),
			"the later one called first":  edited(5, func(o *answered) { o.number, o.thing = 2, "b" }),
			"priority passed over":        edited(4, func(o *answered) { *o = got("a", 1) }),
			"nobody waits, though one is": edited(5, func(o *answered) { *o = answered{} }),
			"called after it was cancelled": func(h []porcupine.Operation) []porcupine.Operation {
				h[9].Output = got("b", 2)
				return h
			},
			"a lost ticket": func(h []porcupine.Operation) []porcupine.Operation { return append(h[:8:8], h[9]) },
		}},
		"ticket": {seatModel(), turns(
			[2]any{asked{verb: "issue", thing: "a"}, got("a", 1)},
			[2]any{asked{verb: "next", counter: "1"}, got("a", 1)},
			[2]any{asked{verb: "start", thing: "a", counter: "1"}, got("a", 1)},
			[2]any{asked{verb: "take_over", thing: "a", counter: "2"}, got("a", 1)},
			[2]any{asked{verb: "park", thing: "a", counter: "1"}, refused("nothing_open")},
			[2]any{asked{verb: "park", thing: "a", counter: "2"}, got("a", 1)},
			[2]any{asked{verb: "resume", thing: "a", counter: "1"}, got("a", 1)},
			[2]any{asked{verb: "resume", thing: "a", counter: "2"}, refused("illegal_move")},
			[2]any{asked{verb: "read", thing: "a"}, answered{thing: "a", state: "serving", counter: "1"}},
			[2]any{asked{verb: "finish", thing: "a", counter: "1"}, got("a", 1)},
			[2]any{asked{verb: "cancel", thing: "a"}, refused("illegal_move")},
			[2]any{asked{verb: "undo", thing: "a", counter: "2"}, refused("moved_on")},
			[2]any{asked{verb: "undo", thing: "a", counter: "1"}, answered{thing: "a", state: "serving"}},
		), map[string]func([]porcupine.Operation) []porcupine.Operation{
			"resumed at two counters":  edited(7, func(o *answered) { *o = got("a", 1) }),
			"cancelled after the end":  edited(10, func(o *answered) { *o = got("a", 1) }),
			"refused without a reason": edited(6, func(o *answered) { *o = refused("illegal_move") }),
			"served where it is not":   edited(4, func(o *answered) { *o = got("a", 1) }),
			"a stale read":             edited(8, func(o *answered) { o.state = "parked" }),
			"a lost move":              func(h []porcupine.Operation) []porcupine.Operation { return append(h[:5:5], h[6:]...) },
			"undone by another": func(h []porcupine.Operation) []porcupine.Operation {
				h[11].Output = answered{thing: "a", state: "parked"}
				return h
			},
			"undone to what it was not": edited(12, func(o *answered) { o.state = "waiting" }),
			"another counter's":         edited(3, func(o *answered) { *o = refused("not_yours") }),
		}},
		"slot": {slotModel(two), turns(
			[2]any{asked{verb: "hold", thing: "9:00"}, answered{counter: "x"}},
			[2]any{asked{verb: "book", thing: "9:00"}, answered{counter: "y"}},
			[2]any{asked{verb: "book", thing: "9:00"}, refused("slot_taken")},
			[2]any{asked{verb: "release", thing: "9:00", counter: "x"}, answered{}},
			[2]any{asked{verb: "hold", thing: "9:00"}, answered{counter: "z"}},
			[2]any{asked{verb: "confirm", thing: "9:00", counter: "z"}, answered{}},
			[2]any{asked{verb: "book", thing: "9:00"}, refused("slot_taken")},
		), map[string]func([]porcupine.Operation) []porcupine.Operation{
			"oversold":             edited(2, func(o *answered) { *o = answered{counter: "w"} }),
			"refused though free":  edited(4, func(o *answered) { *o = refused("slot_taken") }),
			"confirmed what is up": func(h []porcupine.Operation) []porcupine.Operation { return append(h[:4:4], h[5:]...) },
			"given back twice": func(h []porcupine.Operation) []porcupine.Operation {
				return append(h[:4:4], append([]porcupine.Operation{h[3]}, h[4:]...)...)
			},
		}},
	} {
		if !legal(c.model, c.good) {
			t.Errorf("%s: the good history is refused", name)
		}
		for bug, seed := range c.bugs {
			if legal(c.model, seed(slices.Clone(c.good))) {
				t.Errorf("%s: not caught: %s", name, bug)
			}
		}
	}
}

// edited changes the answer of the n-th operation.
func edited(n int, edit func(*answered)) func([]porcupine.Operation) []porcupine.Operation {
	return func(h []porcupine.Operation) []porcupine.Operation {
		out := h[n].Output.(answered)
		edit(&out)
		h[n].Output = out
		return h
	}
}
