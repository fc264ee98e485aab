package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"testing"
	"time"

	"vez/api/apitest"
)

// sameTheLongWay asks three times: what comes at once, comes again from what is
// kept, and comes the long way, is the same in status, headers and every byte.
func sameTheLongWay(h *apitest.House, who, path string) {
	h.T.Helper()
	first, kept := h.Ask(who, "GET", path, ""), h.Ask(who, "GET", path, "")
	var long apitest.Answer
	h.API.TheLongWay(func() { long = h.Ask(who, "GET", path, "") })
	for _, a := range []apitest.Answer{first, kept, long} {
		a.Header.Del("X-Request-Id")
		if a.Status == http.StatusOK {
			continue
		}
		if a.Status != long.Status || a.Get("code") != long.Get("code") {
			h.T.Fatalf("%s as %q: %d %s, the long way %d %s", path, who, a.Status, a.Body, long.Status, long.Body)
		}
	}
	if long.Status != http.StatusOK {
		return
	}
	if !reflect.DeepEqual(first, long) || !reflect.DeepEqual(kept, long) {
		h.T.Fatalf("%s as %q:\nat once  %+v\nkept     %+v\nlong way %+v", path, who, first, kept, long)
	}
}

// acts are what happens in a hall, at random; refusals are part of it.
func act(h *apitest.House, r *rand.Rand, ids []string) []string {
	desk := r.IntN(3) + 1
	clerk, at := fmt.Sprintf("clerk:c%d@main", desk), fmt.Sprintf("/counters/main-%d/", desk)
	any := ""
	if len(ids) > 0 {
		any = ids[r.IntN(len(ids))]
	}
	do := func(who, path, body string) apitest.Answer { return h.Ask(who, "POST", path, body) }
	switch r.IntN(16) {
	case 0, 1, 2:
		return append(ids, do(kiosk, "/tickets", walkIn).Get("id"))
	case 3:
		return append(ids, do(fmt.Sprintf("citizen:%d", r.IntN(9)), "/tickets", fromAfar).Get("id"))
	case 4:
		return append(ids, do(kiosk, "/tickets", `{"office":"main","service":"quick","priority":true,"needs":["low_desk"],"notice_at":2,"people":2}`).Get("id"))
	case 5:
		do(clerk, at+"open", "")
	case 6, 7, 8:
		do(clerk, at+"next", "{}")
	case 9:
		do(clerk, at+"start", "")
	case 10:
		do(clerk, at+"finish", fmt.Sprintf(`{"outcome":%q}`, []string{"served", "incomplete", "left"}[r.IntN(3)]))
	case 11:
		do(clerk, at+[]string{"recall", "miss", "undo", "break"}[r.IntN(4)], "")
	case 12:
		do(kiosk, "/tickets/"+any+"/"+[]string{"step-out", "come-back"}[r.IntN(2)], "")
	case 13:
		h.Ask(kiosk, "DELETE", "/tickets/"+any, "")
	case 14:
		do("manager:m@main", "/offices/main/"+[]string{"pause", "resume"}[r.IntN(2)], "")
	case 15:
		h.Clock.Advance(time.Duration(r.IntN(240)) * time.Second)
	}
	return ids
}

func TestAKeptAnswerIsByteForByteThatOfTheLongWay(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h, r := apitest.New(t), rand.New(rand.NewPCG(seed, 13))
			kept, ids := h.API.CountKept(), []string(nil)
			for range 60 {
				ids = act(h, r, ids)
				sameTheLongWay(h, "", "/offices/main/queues")
				for range min(len(ids), 2) {
					id := ids[r.IntN(len(ids))]
					for _, who := range []string{kiosk, ana, fmt.Sprintf("citizen:%d", r.IntN(9)), "clerk:bo@across"} {
						sameTheLongWay(h, who, "/tickets/"+id)
					}
				}
			}
			if kept["list-queues"] < 50 || kept["get-ticket"] < 50 {
				t.Errorf("kept answers were hardly given: %v", kept)
			}
		})
	}
}

func TestWhoReadsAKeptTicketIsLookedAtEachTime(t *testing.T) {
	h := apitest.New(t)
	id := h.Must(201, "citizen:one", "POST", "/tickets", fromAfar).Get("id")
	kept := h.API.CountKept()
	for range 3 {
		mine := h.Must(200, "citizen:one", "GET", "/tickets/"+id, "")
		if mine.Get("link") == "" {
			t.Fatalf("its holder has no link: %s", mine.Body)
		}
		if theirs := h.Must(200, ana, "GET", "/tickets/"+id, ""); theirs.Get("link") != "" {
			t.Fatalf("a clerk has its link: %s", theirs.Body)
		}
	}
	if kept["get-ticket"] == 0 {
		t.Fatal("nothing was kept")
	}
	h.Must(404, "citizen:two", "GET", "/tickets/"+id, "")
	h.Must(403, "clerk:bo@across", "GET", "/tickets/"+id, "")
	h.Must(401, "", "GET", "/tickets/"+id, "")
}

func TestWhoHasJustChangedATicketReadsTheChange(t *testing.T) {
	h := apitest.New(t)
	h.Must(200, ana, "POST", "/counters/main-1/open", "")
	for range 30 {
		id := h.Must(201, kiosk, "POST", "/tickets", walkIn).Get("id")
		for _, move := range []struct{ path, body, state string }{
			{"next", "{}", "called"}, {"start", "", "serving"}, {"finish", "{}", "done"},
		} {
			h.Must(200, kiosk, "GET", "/tickets/"+id, "")
			h.Must(200, ana, "POST", "/counters/main-1/"+move.path, move.body)
			if a := h.Must(200, kiosk, "GET", "/tickets/"+id, ""); a.Get("state") != move.state {
				t.Fatalf("after %s: %s", move.path, a.Body)
			}
		}
	}
}

func TestNoKeptTicketIsGivenWithTheLedgerClosed(t *testing.T) {
	h := apitest.New(t)
	id := h.Must(201, kiosk, "POST", "/tickets", walkIn).Get("id")
	for range 2 {
		h.Must(200, kiosk, "GET", "/tickets/"+id, "")
	}
	h.DB.Close()
	if a := h.Ask(kiosk, "GET", "/tickets/"+id, ""); a.Status < 500 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
}
