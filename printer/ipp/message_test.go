package ipp_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"vez/printer/ipp"
)

// everything is a message with values of every kind.
func everything() *ipp.Message {
	m := &ipp.Message{Major: 2, Minor: 0, Code: ipp.OpPrintJob, ID: 77}
	m.Add(ipp.OperationGroup,
		ipp.Attr(ipp.Charset, "attributes-charset", "utf-8"),
		ipp.Attr(ipp.Language, "attributes-natural-language", "en"),
		ipp.Attr(ipp.URIValue, "printer-uri", "ipp://localhost:631/ipp/print"),
		ipp.Attr(ipp.NameLang, "job-name", ipp.Localized{Lang: "pt", Text: "Marcação"}))
	m.Add(ipp.JobGroup,
		ipp.Attr(ipp.Integer, "copies", int32(1)), ipp.Attr(ipp.Enum, "finishings", int32(3), int32(4)),
		ipp.Attr(ipp.Boolean, "yes", true, false), ipp.Attr(ipp.OctetString, "octets", "\x00\xff"),
		ipp.Attr(ipp.DateTime, "at", time.Date(2026, 11, 24, 9, 42, 7, 3e8, time.FixedZone("", 8*3600)),
			time.Date(2026, 11, 24, 9, 42, 7, 0, time.FixedZone("", -3*3600-1800))),
		ipp.Attr(ipp.ResolutionTag, "printer-resolution", ipp.Resolution{X: 203, Y: 203, Units: 3}),
		ipp.Attr(ipp.RangeTag, "page-ranges", ipp.Range{Low: -1, High: 1 << 30}),
		ipp.Attr(ipp.TextLang, "message", ipp.Localized{Lang: "zh-Hant", Text: "無紙"}),
		ipp.Attribute{Name: "none", Values: []ipp.Value{{Tag: ipp.NoValue}, {Tag: ipp.UnknownValue}, {Tag: ipp.Unsupported}}},
		ipp.Attr(ipp.CollectionTag, "media-col", ipp.Collection{
			ipp.Attr(ipp.CollectionTag, "media-size", ipp.Collection{
				ipp.Attr(ipp.Integer, "x-dimension", int32(21000)), ipp.Attr(ipp.RangeTag, "y-dimension", ipp.Range{Low: 1, High: 29700})}),
			ipp.Attr(ipp.Keyword, "media-source", "main", "auto"),
		}, ipp.Collection{}))
	return m
}

func decode(data []byte) (*ipp.Message, error) {
	return ipp.Decode(bufio.NewReader(bytes.NewReader(data)))
}

func TestEveryKindOfValueComesBackAsItWas(t *testing.T) {
	m := everything()
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(strings.NewReader(string(data) + "%PDF"))
	got, err := ipp.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, m)
	if rest, _ := r.ReadString(0); rest != "%PDF" {
		t.Errorf("the document is %q", rest)
	}
}

// same compares messages; dates by their instant and offset.
func same(t *testing.T, got, want *ipp.Message) {
	t.Helper()
	for _, m := range []*ipp.Message{got, want} {
		for _, g := range m.Groups {
			for _, a := range g.Attrs {
				for i, v := range a.Values {
					if at, ok := v.Data.(time.Time); ok {
						a.Values[i].Data = at.Format(time.RFC3339Nano)
					}
				}
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// The bytes of RFC 8010, appendix A.1, shortened: written by hand from the standard.
func TestTheBytesAreThoseOfTheStandard(t *testing.T) {
	want := "0200" + "0002" + "00000001" + "01" +
		"47" + "0012" + hex.EncodeToString([]byte("attributes-charset")) + "0005" + hex.EncodeToString([]byte("utf-8")) +
		"02" +
		"21" + "0006" + hex.EncodeToString([]byte("copies")) + "0004" + "00000014" +
		"44" + "0005" + hex.EncodeToString([]byte("sides")) + "0013" + hex.EncodeToString([]byte("two-sided-long-edge")) +
		"44" + "0000" + "0009" + hex.EncodeToString([]byte("one-sided")) +
		"34" + "0009" + hex.EncodeToString([]byte("media-col")) + "0000" +
		"4a" + "0000" + "000b" + hex.EncodeToString([]byte("x-dimension")) +
		"21" + "0000" + "0004" + "00005208" +
		"37" + "0000" + "0000" + "03"
	m := &ipp.Message{Major: 2, Code: ipp.OpPrintJob, ID: 1}
	m.Add(ipp.OperationGroup, ipp.Attr(ipp.Charset, "attributes-charset", "utf-8"))
	m.Add(ipp.JobGroup, ipp.Attr(ipp.Integer, "copies", int32(20)), ipp.Attr(ipp.Keyword, "sides", "two-sided-long-edge", "one-sided"),
		ipp.Attr(ipp.CollectionTag, "media-col", ipp.Collection{ipp.Attr(ipp.Integer, "x-dimension", int32(21000))}))
	data, err := m.Encode()
	if got := hex.EncodeToString(data); err != nil || got != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
}

func TestWhatTheEncodingCannotHoldIsRefused(t *testing.T) {
	for name, a := range map[string]ipp.Attribute{
		"too long":        ipp.Attr(ipp.Text, "text", strings.Repeat("x", 32768)),
		"no name":         ipp.Attr(ipp.Text, "", "x"),
		"no value":        {Name: "text"},
		"wrong tag":       ipp.Attr(ipp.Integer, "text", "x"),
		"unknown type":    ipp.Attr(ipp.Integer, "n", 1.5),
		"member no value": ipp.Attr(ipp.CollectionTag, "c", ipp.Collection{{Name: "x"}}),
	} {
		m := &ipp.Message{Major: 2}
		m.Add(ipp.JobGroup, a)
		if _, err := m.Encode(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHalfAMessageIsNone(t *testing.T) {
	data, err := everything().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := decode(data[:n]); !errors.Is(err, ipp.ErrMessage) {
			t.Fatalf("%d of %d bytes: %v", n, len(data), err)
		}
	}
}

func TestNoMessageGrowsWithoutBound(t *testing.T) {
	head := "\x02\x00\x00\x00\x00\x00\x00\x01\x04"
	deep := head + "\x34\x00\x01a\x00\x00" + strings.Repeat("\x4a\x00\x00\x00\x01b\x34\x00\x00\x00\x00", 500)
	many := head + "\x21\x00\x01a\x00\x04\x00\x00\x00\x01" + strings.Repeat("\x21\x00\x00\x00\x04\x00\x00\x00\x01", 200_000)
	long := head + "\x41\x00\x01a\x00\x01x" + strings.Repeat("\x41\x00\x00\x7f\xff"+strings.Repeat("x", 32767), 200)
	for name, text := range map[string]string{"deep": deep, "many": many, "long": long} {
		if _, err := decode([]byte(text + "\x03")); !errors.Is(err, ipp.ErrMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADateOfAPrinterWithoutAClockDoesNotSpoilTheRest(t *testing.T) {
	m := &ipp.Message{Major: 2}
	m.Add(ipp.PrinterGroup, ipp.Attr(ipp.DateTime, "printer-current-time", strings.Repeat("\x00", 11)), ipp.Attr(ipp.Enum, "printer-state", int32(3)))
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := got.Group(ipp.PrinterGroup).Int("printer-state"); !ok || n != 3 {
		t.Errorf("printer-state %d, %v", n, ok)
	}
}

// Whatever comes over the wire is refused, or read and written back the same.
func FuzzMessage(f *testing.F) {
	data, err := everything().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("\x01\x01\x05\x07\x00\x00\x00\x01\x01\x03"))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x01\x04\x34\x00\x01c\x00\x00\x4a\x00\x00\x00\x01m\x21\x00\x00\x00\x04\x00\x00\x00\x01\x37\x00\x00\x00\x00\x03"))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x01\x04\x35\x00\x01t\x00\x08\x00\x02en\x00\x02ok\x13\x00\x01n\x00\x00\x03"))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x01\x02\x31\x00\x01d\x00\x0b\x07\xea\x0b\x18\x09\x2a\x07\x03+\x08\x00\x7f\x00\x01x\x00\x02ab\x03"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode(data)
		if err != nil {
			if !errors.Is(err, ipp.ErrMessage) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		back, err := decode(again)
		if err != nil {
			t.Fatalf("written but not read: %v", err)
		}
		same(t, back, m)
	})
}
