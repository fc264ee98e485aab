package escpos_test

import (
	"bytes"
	"reflect"
	"testing"

	"vez/fault"
	"vez/printer"
	"vez/printer/escpos"
)

// read feeds a stream in pieces of n bytes.
func read(stream []byte, n int) []escpos.Event {
	var r escpos.Reader
	var out []escpos.Event
	for len(stream) > 0 {
		n := min(n, len(stream))
		r.Feed(stream[:n], func(e escpos.Event) { out = append(out, e) })
		stream = stream[n:]
	}
	return out
}

func TestAnswersAreFoundInAMixedAndBrokenStream(t *testing.T) {
	ack := func(id string) escpos.Event { return escpos.Event{Kind: escpos.Ack, ID: escpos.ID([]byte(id))} }
	rt := func(b byte) escpos.Event { return escpos.Event{Kind: escpos.RealTime, Byte: b} }
	for name, c := range map[string]struct {
		stream string
		want   []escpos.Event
	}{
		"status":                       {"\x12\x1a\x7e", []escpos.Event{rt(0x12), rt(0x1A), rt(0x7E)}},
		"an acknowledgement":           {"\x37\x22AB~ \x00", []escpos.Event{ack("AB~ ")}},
		"automatic status":             {"\x18\x08\x0f\x0f", []escpos.Event{{Kind: escpos.Auto4, Auto: [4]byte{0x18, 8, 15, 15}}}},
		"cleared":                      {"\x37\x25\x00", []escpos.Event{{Kind: escpos.Cleared}}},
		"a paper status":               {"\x00\x0c", []escpos.Event{{Kind: escpos.Sensor}, {Kind: escpos.Sensor, Byte: 12}}},
		"all of them":                  {"\x12\x10\x00\x00\x00\x37\x22abcd\x00\x16\x37\x25\x00", []escpos.Event{rt(0x12), {Kind: escpos.Auto4, Auto: [4]byte{0x10}}, ack("abcd"), rt(0x16), {Kind: escpos.Cleared}}},
		"flow control in between":      {"\x37\x13\x22a\x11bc\x13d\x11\x00", []escpos.Event{ack("abcd")}},
		"other blocks are passed over": {"\x5fTM-T88V\x00\x37\x2112\x00\x12", []escpos.Event{rt(0x12)}},
		"a block cut short":            {"\x37\x22ab\x12\x37\x22abcd\x00", []escpos.Event{rt(0x12), ack("abcd")}},
		"one that begins twice":        {"\x10\x00\x37\x22abcd\x00", []escpos.Event{ack("abcd")}},
		"an id too long":               {"\x37\x22abcde\x00", []escpos.Event{{Kind: escpos.Sensor}}},
		"a high byte":                  {"\xff\x80\x37\xff\x12", []escpos.Event{rt(0x12)}},
	} {
		for n := 1; n <= len(c.stream); n++ {
			if got := read([]byte(c.stream), n); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s, %d at once: %+v, want %+v", name, n, got, c.want)
			}
		}
	}
}

func TestStatusSaysWhatIsWrongAndTheCoverFirst(t *testing.T) {
	for _, c := range []struct {
		answers escpos.Answers
		want    printer.Status
	}{
		{escpos.Answers{0x12, 0x12, 0x12, 0x12}, printer.Status{}},
		{escpos.Answers{0x16, 0x1A, 0x12, 0x12}, printer.Status{}}, // drawer and feed button are no fault
		{escpos.Answers{0x12, 0x12, 0x12, 0x1E}, printer.Status{PaperLow: true}},
		{escpos.Answers{0x1A, 0x32, 0x12, 0x7E}, printer.Status{Problem: fault.PaperOut, PaperLow: true}},
		{escpos.Answers{0x12, 0x12, 0x12, 0x72}, printer.Status{Problem: fault.PaperOut}},
		{escpos.Answers{0x1A, 0x16, 0x12, 0x12}, printer.Status{Problem: fault.CoverOpen}},
		{escpos.Answers{0x1A, 0x36, 0x5A, 0x7E}, printer.Status{Problem: fault.CoverOpen, PaperLow: true}},
		{escpos.Answers{0x1A, 0x52, 0x1A, 0x12}, printer.Status{Problem: fault.PrinterStuck}},
		{escpos.Answers{0x1A, 0x52, 0x32, 0x12}, printer.Status{Problem: fault.PrinterStuck}},
		{escpos.Answers{0x1A, 0x52, 0x52, 0x12}, printer.Status{Problem: fault.PrinterStuck}},
		{escpos.Answers{0x1A, 0x12, 0x12, 0x12}, printer.Status{Problem: fault.PrinterStuck}},
		{escpos.Answers{0x12}, printer.Status{}},
	} {
		if got := c.answers.Status(); got != c.want {
			t.Errorf("% x: %+v, want %+v", c.answers, got, c.want)
		}
	}
	for _, c := range []struct {
		auto [4]byte
		want printer.Status
	}{
		{[4]byte{0x10}, printer.Status{}},
		{[4]byte{0x14, 0, 3, 0x0F}, printer.Status{PaperLow: true}},
		{[4]byte{0x18, 0, 0x0F}, printer.Status{Problem: fault.PaperOut, PaperLow: true}},
		{[4]byte{0x38, 0, 0x0C}, printer.Status{Problem: fault.CoverOpen}},
		{[4]byte{0x18, 0x08}, printer.Status{Problem: fault.PrinterStuck}},
		{[4]byte{0x18, 0x20}, printer.Status{Problem: fault.PrinterStuck}},
		{[4]byte{0x18, 0x40}, printer.Status{Problem: fault.PrinterStuck}},
	} {
		if got := escpos.AutoStatus(c.auto); got != c.want {
			t.Errorf("% x: %+v, want %+v", c.auto, got, c.want)
		}
	}
}

// Garbage is never an acknowledgement: only its seven bytes in a row are.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x12\x16\x12\x1e\x37\x22abcd\x00\x10\x00\x00\x00"), uint8(3))
	f.Add([]byte("\x37\x22ab\x37\x22abcd\x00\x37\x25\x00"), uint8(1))
	f.Add([]byte("\x5fEPSON\x00\x18\x00\x0c\x0f\x13\x11"), uint8(2))
	f.Add([]byte("\x10\x10\x10\x10\x37\x37\x37\x22\x22\x22\x22\x22\x00"), uint8(5))
	f.Add(bytes.Repeat([]byte("\x5fa"), 200), uint8(7))
	f.Fuzz(func(t *testing.T, stream []byte, n uint8) {
		whole := read(stream, len(stream)+1)
		if pieces := read(stream, int(n)+1); !reflect.DeepEqual(whole, pieces) {
			t.Fatalf("in pieces of %d: %+v, whole: %+v", int(n)+1, pieces, whole)
		}
		var plain []byte
		for _, b := range stream {
			if b != 0x11 && b != 0x13 {
				plain = append(plain, b)
			}
		}
		for _, e := range whole {
			switch e.Kind {
			case escpos.Ack:
				if !bytes.Contains(plain, append(append([]byte{0x37, 0x22}, e.ID[:]...), 0)) {
					t.Fatalf("nobody said %q", e.ID)
				}
			case escpos.Cleared:
				if !bytes.Contains(plain, []byte{0x37, 0x25, 0}) {
					t.Fatal("nobody said cleared")
				}
			case escpos.Auto4:
				_ = escpos.AutoStatus(e.Auto)
			}
		}
	})
}
