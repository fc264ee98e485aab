package live_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/live"
	"vez/queue/queuetest"
)

// FuzzLastEventID comes back to a stream with anything as the id seen last, for
// any place and in any form: known, exactly the changes that were missed come,
// else one whole picture of now; and every frame reads as one event.
func FuzzLastEventID(f *testing.F) {
	ledger, clock := queuetest.NewLedger("e1"), clockwork.NewFakeClockAt(noon)
	hub := live.NewHub(live.Config{Catalogue: queuetest.Catalogue(), Source: ledger, House: clock, Machine: clock})
	f.Cleanup(hub.Close)
	hall := queuetest.NewHall(ledger, queuetest.Office, 1, hub.Committed)
	hall.Open()
	heads := func() event.Head {
		h, err := hub.Head(context.Background(), queuetest.Office)
		if err != nil {
			f.Fatal(err)
		}
		return h
	}
	first := heads()
	sub, err := hub.Subscribe(context.Background(), queuetest.Office, live.Filter{Kind: live.KindBoard}, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(sub.Close)
	hall.Moves(20)
	head := heads()
	changes := told(sub, live.ID(head))
	for _, id := range []string{"", live.ID(first), live.ID(head), "e1.3", "e1.1", "e2.3", "e1.-1", "e1.999", "e1.", ".", "e1.00000003", "e1.+3", "e1.3.3", "e1.9223372036854775808",
		"e1.\u0663", "E1.3", " e1.3", "e1.3\n", "\x00", strings.Repeat("9", 300)} {
		for _, kind := range []live.Kind{live.KindBoard, live.KindQueues, live.KindPosition, live.KindLine, live.KindCounters, live.KindCounter, "nothing"} {
			f.Add(string(kind), "", "dsi-main-ticket-1", "dsi-main-1", id, "")
		}
		f.Add("board", "east", "", "", id, "<p>\r\n澳門\r</p>\nid: 5")
		f.Add("board", "nowhere", "", "", id, "\n\n")
	}
	f.Fuzz(func(t *testing.T, kind, zone, ticket, counter, id, data string) {
		filter := live.Filter{Kind: live.Kind(kind), Zone: zone, Ticket: ticket, Counter: counter, Queues: []string{ticket}}
		if data != "" {
			filter.Form, filter.Encode = "html:"+data, func(string, any) ([]byte, error) { return []byte(data), nil }
		}
		sub, err := hub.Subscribe(context.Background(), queuetest.Office, filter, id)
		if err != nil {
			if fault.CodeOf(err) != fault.UnknownThing {
				t.Fatalf("%s after %q: %v", kind, id, err)
			}
			return
		}
		defer sub.Close()
		got := waiting(sub)
		for _, frame := range got {
			whole(t, frame)
		}
		epoch, seq, ok := live.ParseID(id)
		if known := ok && epoch == head.Epoch && seq >= first.Seq && seq <= head.Seq; kind != "board" || !known {
			if len(got) != 1 || got[0].Event != live.EventSnapshot || got[0].ID != live.ID(head) {
				t.Fatalf("%s after %q: %d frames, first %s %s", kind, id, len(got), got[0].Event, got[0].ID)
			}
			return
		}
		want := slices.Concat([]string{live.EventQueues + " "}, after(changes, seq), []string{live.EventQueues + " " + live.ID(head)})
		if zone == "" && !slices.Equal(idsOf(got), want) {
			t.Fatalf("after %q come %v; there were %v", id, idsOf(got), changes)
		}
	})
}

// told reads the changes that a board is told of until it has that id.
func told(sub *live.Sub, last string) (out []string) {
	for f := range sub.C {
		if f.Event == live.EventChange {
			out = append(out, f.Event+" "+f.ID)
		}
		if f.ID == last && f.Event == live.EventChange {
			return out
		}
	}
	return out
}

// after are the changes after a sequence number.
func after(changes []string, seq int64) (out []string) {
	for _, c := range changes {
		if _, n, _ := live.ParseID(strings.TrimPrefix(c, live.EventChange+" ")); n > seq {
			out = append(out, c)
		}
	}
	return out
}

func waiting(sub *live.Sub) (out []*live.Frame) {
	for {
		select {
		case f := <-sub.C:
			out = append(out, f)
		default:
			return out
		}
	}
}

func idsOf(frames []*live.Frame) (out []string) {
	for _, f := range frames {
		out = append(out, f.Event+" "+f.ID)
	}
	return out
}

// whole reads a frame as a browser does, for which a carriage return ends a line
// as well (WHATWG HTML, section 9.2.5): one event, with all of its data.
func whole(t *testing.T, f *live.Frame) {
	t.Helper()
	text := bytes.NewBuffer(nil)
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(f.Bytes())), "\n")
	for i, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case name == "data":
			text.WriteString(value + "\n")
		case name == "id" && value == f.ID, name == "event" && value == f.Event, line == "data:" || line == "" && i >= len(lines)-2:
		default:
			t.Fatalf("%q has the line %q", f.Bytes(), line)
		}
	}
	if want := strings.TrimSuffix(strings.ReplaceAll(string(f.Data), "\r", ""), "\n"); strings.TrimSuffix(text.String(), "\n") != want {
		t.Fatalf("%q is heard as %q", want, text)
	}
}
