package event

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// scatter sets what stands below v at random: about half of it stays zero.
func scatter(r *rand.Rand, v reflect.Value) {
	texts := []string{"A047", "dsi-main-3", "申請", `a "quoted" \ text`, "<b>&amp;", "\u2028\x00\x7f\xff", "é"}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		if r.IntN(2) == 0 {
			v.Set(reflect.ValueOf(time.UnixMilli(r.Int64N(1<<42) - 1<<40).In(time.FixedZone("", r.IntN(2)*8*3600))))
		}
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		if r.IntN(2) == 0 {
			v.SetBytes([]byte(`{"why":["<earliest>",1.50]}`))
		}
	case v.Kind() == reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			scatter(r, v.Elem())
		}
	case v.Kind() == reflect.Slice:
		n := r.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			scatter(r, v.Index(i))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			scatter(r, v.Field(i))
		}
	case r.IntN(2) == 0:
	case v.Kind() == reflect.String:
		v.SetString(texts[r.IntN(len(texts))])
	case v.CanInt():
		v.SetInt(r.Int64N(1<<40) - 1<<39)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	}
}

func TestWhatIsWrittenByHandIsWhatEncodingJSONWrites(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	same := func(by string, hand []byte, err error, v any, marshal func(any) ([]byte, error)) {
		t.Helper()
		want, wrong := marshal(v)
		if err != nil || wrong != nil || !bytes.Equal(hand, want) {
			t.Fatalf("%s (%v, %v):\n%s\nencoding/json:\n%s", by, err, wrong, hand, want)
		}
	}
	for i := range 3000 {
		var e Event
		var u Undo
		scatter(r, reflect.ValueOf(&e).Elem())
		scatter(r, reflect.ValueOf(&u).Elem())
		if i == 0 {
			e, u = filled(morning), Undo{Before: filled(morning).Images}
		}
		hand, err := eventJSON(&e)
		same("event", hand, err, e, encode)
		hand, err = UndoJSON(u)
		same("undo", hand, err, u, json.Marshal)
		for _, x := range e.Images.Tickets {
			hand, err = TicketJSON(x)
			same("ticket", hand, err, x, json.Marshal)
		}
		for _, x := range e.Images.Shifts {
			hand, err = ShiftJSON(x)
			same("shift", hand, err, x, json.Marshal)
		}
	}
}

func TestAnInstantThatJSONCannotHoldIsAnError(t *testing.T) {
	e := filled(morning)
	e.Images.Tickets[0].Due = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	if b, err := Payload(e); err == nil {
		t.Errorf("written as %s", b)
	}
}
