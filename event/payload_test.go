package event

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/office"
	"vez/ticket"
)

// fill sets every instant below v to t, every number to 7 and every text to "x".
func fill(v reflect.Value, t time.Time) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(t))
	case v.Type() == reflect.TypeFor[json.RawMessage]():
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), t)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), t)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), t)
		}
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.CanInt():
		v.SetInt(7)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	}
}

func filled(at time.Time) Event {
	var e Event
	fill(reflect.ValueOf(&e).Elem(), at)
	return e
}

func payload(t *testing.T, e Event) []byte {
	t.Helper()
	b, err := Payload(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPayloadIsTheSameForTheSameInstantsInAnyZoneAndPrecision(t *testing.T) {
	utc := payload(t, filled(morning))
	macau := payload(t, filled(morning.Add(123*time.Microsecond).In(time.FixedZone("", 8*3600))))
	if !bytes.Equal(utc, macau) {
		t.Errorf("some instant is written as it came:\n%s\n%s", utc, macau)
	}
	if n := strings.Count(string(utc), "2026-11-24T09:30:00Z"); n < 20 {
		t.Errorf("only %d instants are written", n)
	}
}

func TestPayloadReadBackGivesTheSameBytes(t *testing.T) {
	e := filled(morning.Add(250 * time.Millisecond))
	e.Detail = json.RawMessage(` {"z":[1.50,1e3,"<b>&"], "a":{"y":null,"x":"申"}} `)
	first := payload(t, e)
	var back Event
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	if second := payload(t, back); !bytes.Equal(first, second) {
		t.Errorf("%s\nbecomes\n%s", first, second)
	}
	if !bytes.Contains(first, []byte(`"detail":{"a":{"x":"申","y":null},"z":[1.50,1e3,"<b>&"]}`)) {
		t.Errorf("detail is not in canonical form: %s", first)
	}
}

func TestPayloadSaysNothingOfWhatIsNot(t *testing.T) {
	e := Event{Office: "demo", Seq: 1, At: morning, Kind: KindOpened, Detail: json.RawMessage("null")}
	if got := string(payload(t, e)); got != `{"office":"demo","seq":1,"at":"2026-11-24T09:30:00Z","kind":"office.opened","images":{}}` {
		t.Error(got)
	}
}

func TestPayloadRefusesADetailThatIsNoJSON(t *testing.T) {
	for _, detail := range []string{"{", `{"a":1} {"b":2}`, "no"} {
		if _, err := Payload(Event{Kind: KindOpened, Detail: json.RawMessage(detail)}); err == nil {
			t.Errorf("%q is taken", detail)
		}
	}
}

func TestNormalLeavesItsReceiverAlone(t *testing.T) {
	local := morning.In(time.FixedZone("", 8*3600))
	im := Images{Tickets: []ticket.Ticket{{Due: local}}, Bookings: []booking.Booking{{Start: local}},
		Shifts: []counter.Shift{{Since: local}}, Office: &office.State{PausedAt: local,
			Pauses: []office.Pause{{From: local}}, Closures: []office.Closure{{From: local}}}}
	im.Normal()
	for name, at := range map[string]time.Time{"ticket": im.Tickets[0].Due, "booking": im.Bookings[0].Start,
		"shift": im.Shifts[0].Since, "office": im.Office.PausedAt, "pause": im.Office.Pauses[0].From, "closure": im.Office.Closures[0].From} {
		if at != local {
			t.Errorf("the %s was changed", name)
		}
	}
}

func BenchmarkPayload(b *testing.B) {
	e := filled(morning)
	e.Detail = json.RawMessage(`{"rule":"first_due","due":"2026-11-24T09:30:00Z","passed":[{"ticket":"t","number":"A001","why":"later_due"}]}`)
	for b.Loop() {
		if _, err := Payload(e); err != nil {
			b.Fatal(err)
		}
	}
}
