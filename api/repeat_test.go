package api_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"vez/api/apitest"
)

// Promise 2: a repeated request does nothing twice.
func TestARepeatIsAnsweredWithTheSameStatusAndIDs(t *testing.T) {
	h := apitest.New(t)
	again := func(id, who, do, body string, want int) {
		t.Helper()
		method, path, _ := strings.Cut(do, " ")
		key := []string{"Idempotency-Key", "key of " + do + body}
		first := h.Must(want, who, method, path, body, key...)
		second := h.Must(want, who, method, path, body, key...)
		at := strings.Split(id, "/")
		if id != "" && (first.Get(at...) == "" || first.Get(at...) != second.Get(at...)) {
			t.Errorf("%s: %q, then %q", do, first.Get(at...), second.Get(at...))
		}
	}
	again("id", kiosk, "POST /tickets", walkIn, 201)
	again("id", "citizen:one", "POST /tickets", fromAfar, 201)
	again("id", "citizen:two", "POST /tickets", walkIn, 201)
	again("id", "citizen:one", "POST /bookings", tomorrow, 201)
	again("id", kiosk, "POST /bookings", strings.Replace(tomorrow, "T11", "T12", 1), 201)
	again("id", ana, "POST /counters/main-1/open", "", 200)
	again("ticket/id", ana, "POST /counters/main-1/next", "", 200)
	again("id", ana, "POST /counters/main-1/recall", "", 200)
	again("id", ana, "POST /counters/main-1/start", "", 200)
	again("id", ana, "POST /counters/main-1/finish", "{}", 200)
	again("id", "manager:mo@main", "POST /offices/main/closures", `{"from":"2026-11-30T09:00:00+08:00","to":"2026-11-30T12:00:00+08:00","reason":"works"}`, 201)
	again("office", "manager:mo@main", "POST /offices/main/pause", "", 200)
	if q := h.Must(200, "", "GET", "/offices/main/queues", ""); !strings.Contains(q.Body, `"issued":3`) {
		t.Error("three tickets were asked for", q.Body)
	}
	if l := h.Must(200, ana, "GET", "/offices/main/line", ""); strings.Count(l.Body, `"state":"waiting"`) != 0 || strings.Count(l.Body, `"state":"remote"`) != 2 {
		t.Error(l.Body)
	}
}

func TestAKeyWithAnotherBodyIsRefused(t *testing.T) {
	h := apitest.New(t)
	key := []string{"Idempotency-Key", "k"}
	h.Must(201, kiosk, "POST", "/tickets", walkIn, key...)
	other := h.Must(422, kiosk, "POST", "/tickets", `{"office":"main","service":"collect"}`, key...)
	if other.Get("code") != "key_reused" {
		t.Error(other.Body)
	}
	h.Must(200, ana, "POST", "/counters/main-1/open", "", key...)
	h.Must(200, ana, "POST", "/counters/main-1/next", "", key...)
	if elsewhere := h.Must(422, ana, "POST", "/counters/main-2/next", "", key...); elsewhere.Get("code") != "key_reused" {
		t.Error("the same key at another counter is no repeat", elsewhere.Body)
	}
	h.Must(201, "device:k2@main", "POST", "/tickets", walkIn, key...) // the key of somebody else
	if long := h.Must(422, kiosk, "POST", "/tickets", walkIn, "Idempotency-Key", strings.Repeat("k", 129)); long.Get("params", "field") != "Idempotency-Key" {
		t.Error(long.Body)
	}
}

func TestARefusalLeavesNoKeyBehind(t *testing.T) {
	h := apitest.New(t)
	key := []string{"Idempotency-Key", "k"}
	h.Must(409, ana, "POST", "/counters/main-1/next", "", key...)
	h.Must(200, ana, "POST", "/counters/main-1/open", "")
	h.Must(201, kiosk, "POST", "/tickets", walkIn)
	h.Must(200, ana, "POST", "/counters/main-1/next", "", key...)
}

func TestNobodyWaitsIsRepeatedToo(t *testing.T) {
	h := apitest.New(t)
	key := []string{"Idempotency-Key", "k"}
	h.Must(200, ana, "POST", "/counters/main-1/open", "")
	h.Must(204, ana, "POST", "/counters/main-1/next", "", key...)
	h.Must(201, kiosk, "POST", "/tickets", walkIn)
	if a := h.Must(204, ana, "POST", "/counters/main-1/next", "", key...); a.Body != "" {
		t.Error(a.Body)
	}
}

func TestTenRepeatsAtOnceMakeOneTicket(t *testing.T) {
	h := apitest.New(t)
	h.Token(kiosk)
	ids := make([]string, 10)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i] = h.Ask(kiosk, "POST", "/tickets", walkIn, "Idempotency-Key", "double tap").Get("id") })
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatal(ids)
		}
	}
}

func TestARepeatIsRecognisedAfterTheTicketMovedOn(t *testing.T) {
	h := apitest.New(t)
	key := []string{"Idempotency-Key", "k"}
	first := h.Must(201, "citizen:one", "POST", "/bookings", slotAt10, key...)
	h.Must(201, kiosk, "POST", "/check-ins", `{"office":"main","code":"`+first.Get("code")+`"}`)
	h.Clock.Advance(time.Hour)
	if again := h.Must(201, "citizen:one", "POST", "/bookings", slotAt10, key...); again.Get("id") != first.Get("id") || again.Get("state") != "checked_in" {
		t.Error(again.Body)
	}
}

func TestAKeyOpensNoWayAroundALimit(t *testing.T) {
	h := apitest.New(t)
	h.Must(201, "citizen:one", "POST", "/tickets", walkIn, "Idempotency-Key", "a")
	if a := h.Must(409, "citizen:one", "POST", "/tickets", walkIn, "Idempotency-Key", "b"); a.Get("code") != "already_in_line" {
		t.Error(a.Body)
	}
	for i, s := range kioskSlips(10) {
		h.Must(201, kiosk, "POST", "/bookings", s.body, "Idempotency-Key", string(rune('a'+i)))
	}
	if a := h.Must(409, kiosk, "POST", "/bookings", tomorrow, "Idempotency-Key", "k"); a.Get("code") != "kiosk_quota" {
		t.Error(a.Body)
	}
	h.Must(201, kiosk, "POST", "/bookings", kioskSlips(1)[0].body, "Idempotency-Key", "a")
	if l := h.Must(200, ana, "GET", "/offices/main/line", ""); strings.Count(l.Body, `"state":"remote"`) != 1 {
		t.Error(l.Body)
	}
}
