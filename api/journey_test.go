package api_test

import (
	"strings"
	"testing"

	"vez/api/apitest"
)

func TestAResidentBooksChecksInAndIsServed(t *testing.T) {
	h := apitest.New(t)
	slots := h.Must(200, "", "GET", "/services/renew/slots?office=main&from=2026-11-24&to=2026-11-24", "")
	if !strings.Contains(slots.Body, `{"start":"2026-11-24T10:00:00+08:00","free":`) {
		t.Fatal(slots.Body)
	}
	b := h.Must(201, "citizen:one", "POST", "/bookings", `{"service":"renew","office":"main","start":"2026-11-24T10:00:00+08:00"}`)
	if b.Get("state") != "confirmed" || len(b.Get("code")) != 152 || b.Get("end") != "2026-11-24T10:15:00+08:00" {
		t.Fatal(b.Body)
	}
	in := h.Must(201, "device:k1@main", "POST", "/check-ins", `{"office":"main","code":"`+b.Get("code")+`"}`)
	id := in.Get("ticket", "id")
	if in.Get("ticket", "number") != "A001" || in.Get("print", "state") != "queued" || in.Get("ticket", "ahead") != "0" {
		t.Fatal(in.Body)
	}
	h.Must(200, "clerk:ana@main", "POST", "/counters/main-1/open", "")
	next := h.Must(200, "clerk:ana@main", "POST", "/counters/main-1/next", "{}")
	if next.Get("ticket", "id") != id || next.Get("reason", "rule") != "only_one" || next.Get("ticket", "counter") != "main-1" {
		t.Fatal(next.Body)
	}
	busy := h.Must(409, "clerk:ana@main", "POST", "/counters/main-1/next", "")
	if busy.Get("code") != "counter_busy" || busy.Get("ticket", "id") != id {
		t.Fatal(busy.Body)
	}
	h.Must(200, "clerk:ana@main", "POST", "/counters/main-1/start", "")
	done := h.Must(200, "clerk:ana@main", "POST", "/counters/main-1/finish", `{"outcome":"served"}`)
	if done.Get("state") != "done" || done.Get("id") != id {
		t.Fatal(done.Body)
	}
	h.Must(204, "clerk:ana@main", "POST", "/counters/main-1/next", "")
	if after := h.Must(200, "citizen:one", "GET", "/bookings/"+b.Get("id"), ""); after.Get("state") != "fulfilled" {
		t.Fatal(after.Body)
	}
}
