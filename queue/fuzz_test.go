package queue

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// FuzzEntry reads anything that a Redis may say of an office's stream and head:
// what is no event is passed over, what is one comes through us unchanged and
// can be put into lines and cells.
func FuzzEntry(f *testing.F) {
	start := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	text, err := encodeEntry([]event.Event{{Office: "dsi-main", Seq: 4, At: start, Kind: "counter.open"}, {Office: "dsi-main", At: start, Kind: "ticket.issue", Counter: "dsi-main-1", Reason: "原因", Images: event.Images{
		Tickets:  []ticket.Ticket{{ID: "t1", Queue: "dsi-main-a", State: ticket.Waiting, Number: "A001", Due: start}, {ID: "t2", State: ticket.Called, Counter: "dsi-main-1"}},
		Bookings: []booking.Booking{{ID: "b1", Queue: "dsi-main-a", Day: "2026-11-24", State: booking.Confirmed, Start: start, End: start.Add(time.Hour)}},
		Office:   &office.State{Office: "dsi-main", Day: "2026-11-24"},
	}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, "5-0", "e1", "e1:5")
	for _, s := range []string{"", "{}", "null", "[]", `{"t":-9223372036854775808}`, `{"bo":[{"d":"x","s":"confirmed","a":0,"e":9e18}]}`, `{"bo":[{"d":"2026-11-24","s":"held","a":-1,"e":9223372036854775807}]}`,
		`{"ti":[null,{}]}`, `{"ti":[{"State":"waiting","Joined":-1,"Due":"0000-01-01T00:00:00Z"}]}`, `{"sh":[{}],"of":null}`, `{"k":"` + "\x00" + `"}`} {
		f.Add(s, "x-1", "", s)
		f.Add(s, "-5", "e:1", ":-1")
	}
	f.Fuzz(func(t *testing.T, text, id, epoch, head string) {
		if h, ok := parseHead("o", head); ok && h.Seq >= 0 {
			if again, ok := parseHead("o", headOf(h)); !ok || again != h {
				t.Fatalf("the head %q is %+v, then %+v", head, h, again)
			}
		}
		at, es := new(Projection).read("dsi-main", redis.XMessage{ID: id, Values: map[string]any{"p": epoch, "e": text}})
		if len(es) == 0 {
			return
		}
		if last := es[len(es)-1]; at.Epoch != epoch || last.Seq != at.Seq || es[0].Seq != at.Seq-int64(len(es))+1 || last.Office != "dsi-main" || last.Actor != "" {
			t.Fatalf("%q is %+v at %+v", text, es, at)
		}
		again, err := encodeEntry(es)
		if err != nil {
			return // an instant that no text can say
		}
		back, err := decodeEntry("dsi-main", at.Seq, again)
		if third, bad := encodeEntry(back); err != nil || bad != nil || third != again {
			t.Fatalf("%q is %s, then %s, %v", text, again, third, err)
		}
		if c, err := commitOf(es, time.UTC); err != nil || len(c.args(epoch)) != 9+2*len(c.tickets)+2*len(c.bookings) {
			t.Fatalf("%q makes %+v, %v", text, c, err)
		}
	})
}
