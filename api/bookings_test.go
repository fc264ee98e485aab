package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/api/apitest"
	"vez/fault"
	"vez/office"
)

func TestBookingsLiveThroughTheirStates(t *testing.T) {
	hold := `{"service":"renew","office":"main","start":"2026-11-25T11:00:00+08:00","hold":true,"lang":"pt","people":2}`
	run(t, []scenario{
		{"a hold is extended and confirmed", []step{
			{who: "citizen:one", do: "POST /bookings", body: hold, want: 201, keep: "b=id", not: []string{`"code":"0`},
				has: []string{`"state":"held"`, `"code":""`, `"held_until":"2026-11-24T10:05:00+08:00"`, `"lang":"pt"`, `"people":2`, `"end":"2026-11-25T11:15:00+08:00"`}},
			{who: "citizen:two", do: "POST /bookings/{b}/confirm", want: 404},
			{who: "citizen:one", do: "POST /bookings/{b}/extend", want: 200, has: []string{`"extended":1`}},
			{who: "citizen:one", do: "POST /bookings/{b}/confirm", want: 200, has: []string{`"state":"confirmed"`, `"change_until":"2026-11-25T09:00:00+08:00"`}, not: []string{"held_until"}},
			{who: "citizen:one", do: "POST /bookings/{b}/extend", want: 409, has: []string{"booking_state"}},
			{who: "citizen:one", do: "GET /bookings", want: 200, has: []string{`"id":"{b}"`, `"next":null`}},
			{who: "citizen:one", do: "GET /bookings?state=cancelled", want: 200, has: []string{`"items":[]`}},
		}},
		{"it moves, keeping its id, and is given up", []step{
			{who: "citizen:one", do: "POST /bookings", body: tomorrow, want: 201, keep: "b=id"},
			{who: "citizen:one", do: "PATCH /bookings/{b}", body: `{"start":"2026-11-25T15:00:00+08:00"}`, want: 200,
				has: []string{`"id":"{b}"`, `"start":"2026-11-25T15:00:00+08:00"`, `"state":"confirmed"`}},
			{who: "citizen:one", do: "PATCH /bookings/{b}", body: `{"start":"2026-11-25T08:00:00+08:00"}`, want: 422, has: []string{"slot_not_offered"}},
			{who: "citizen:one", do: "PATCH /bookings/{b}", body: `{}`, want: 422, has: []string{"invalid_field"}},
			{who: "citizen:one", do: "DELETE /bookings/{b}", want: 200, has: []string{`"state":"cancelled"`, `"code":""`}},
			{who: "citizen:one", do: "DELETE /bookings/{b}", want: 200, has: []string{`"state":"cancelled"`}},
			{who: "citizen:one", do: "GET /bookings/{b}/qr.png", want: 409, has: []string{"booking_state"}},
			{who: "citizen:one", do: "GET /bookings?open=true", want: 200, has: []string{`"items":[]`}},
		}},
		{"the rules refuse", []step{
			{who: "citizen:one", do: "POST /bookings", body: tomorrow, want: 201},
			{who: "citizen:one", do: "POST /bookings", body: strings.Replace(tomorrow, "T11", "T12", 1), want: 409, has: []string{"limit_reached", `"scope":"service"`}},
			{who: "citizen:two", do: "POST /bookings", body: strings.Replace(tomorrow, "2026-11-25", "2027-11-25", 1), want: 422, has: []string{"too_far_ahead"}},
			{who: "citizen:two", do: "POST /bookings", body: strings.Replace(tomorrow, "11:00", "11:01", 1), want: 422, has: []string{"slot_not_offered"}},
			{who: "citizen:two", do: "POST /bookings", body: strings.Replace(tomorrow, "}", `,"people":9}`, 1), want: 422, has: []string{"too_many_people"}},
			{who: "citizen:two", do: "POST /bookings", body: strings.Replace(tomorrow, "}", `,"guaranteed":true}`, 1), want: 403, has: []string{"not_allowed"}},
			{who: "citizen:two", do: "POST /bookings", body: strings.Replace(tomorrow, "renew", "permit", 1), want: 422, has: []string{"service_not_here"}},
		}},
		{"reception books on behalf, after the cut-off too", []step{
			{who: "greeter:eva@main", do: "POST /bookings", body: strings.Replace(slotAt11, "}", `,"guaranteed":true}`, 1), want: 201, keep: "b=id", has: []string{`"class":"guaranteed"`}},
			{who: "citizen:one", do: "GET /bookings/{b}", want: 404},
			{who: "greeter:eva@main", do: "DELETE /bookings/{b}", want: 200, has: []string{`"state":"cancelled"`}},
			{who: "greeter:eva@across", do: "POST /bookings", body: slotAt11, want: 403},
		}},
		{"a kiosk gives out ten bearer slips of a queue a day", append(kioskSlips(10),
			step{who: kiosk, do: "POST /bookings", body: tomorrow, want: 409, has: []string{"kiosk_quota", `"limit":10`}})},
		{"a closed office displaces, and the holder moves without a cut-off", []step{
			{who: "citizen:one", do: "POST /bookings", body: slotAt11, want: 201, keep: "b=id"},
			{who: "citizen:one", do: "DELETE /bookings/{b}", want: 409, has: []string{"cutoff_passed"}},
			{who: "manager:mo@main", do: "POST /offices/main/closures", body: `{"from":"2026-11-24T10:30:00+08:00","to":"2026-11-24T18:00:00+08:00","reason":"typhoon"}`,
				want: 201, has: []string{`"displaced":1`, `"reason":"typhoon"`, `"from":"2026-11-24T10:30:00+08:00"`}},
			{who: "citizen:one", do: "GET /bookings/{b}", want: 200, has: []string{`"state":"displaced"`}},
			{do: "GET /services/renew/slots?office=main&from=2026-11-24&to=2026-11-24", want: 200, not: []string{"T11:00", "T15:00"}, has: []string{"T10:00"}},
			{who: "citizen:one", do: "PATCH /bookings/{b}", body: `{"start":"2026-11-25T11:00:00+08:00"}`, want: 200, has: []string{`"state":"confirmed"`}},
		}},
	})
}

// TestClosuresAreMadeByTheRuleOfTheOffice, which is that of the page of management.
func TestClosuresAreMadeByTheRuleOfTheOffice(t *testing.T) {
	h := apitest.New(t)
	at := func(d time.Duration) string { return apitest.Start.Add(d).Format(time.RFC3339) }
	shut := func(from, to time.Duration, reason string) apitest.Answer {
		return h.Ask("manager:mo@main", "POST", "/offices/main/closures", `{"from":"`+at(from)+`","to":"`+at(to)+`","reason":"`+reason+`"}`)
	}
	for _, reason := range office.ClosureReasons {
		if a := shut(-time.Hour, time.Hour, reason); a.Status != 201 {
			t.Errorf("%s: %d %s", reason, a.Status, a.Body)
		}
	}
	if a := shut(0, office.ClosureMost, "works"); a.Status != 201 {
		t.Errorf("as long as may be: %d %s", a.Status, a.Body)
	}
	for name, c := range map[string]struct {
		from, to time.Duration
		reason   string
		code     fault.Code
	}{
		"too long":         {0, office.ClosureMost + time.Minute, "works", fault.InvalidField},
		"over already":     {-2 * time.Hour, -time.Hour, "works", fault.InvalidField},
		"without a reason": {0, time.Hour, "", fault.ReasonNeeded},
		"off the list":     {0, time.Hour, "alarm", fault.UnknownReason},
	} {
		if a := shut(c.from, c.to, c.reason); a.Status != 422 || a.Get("code") != string(c.code) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

func kioskSlips(n int) []step {
	var all []step
	for i := range n {
		start := time.Date(2026, 11, 25, 9, 15*i, 0, 0, apitest.Start.Location())
		all = append(all, step{who: kiosk, do: "POST /bookings", want: 201,
			body: `{"service":"renew","office":"main","start":"` + start.Format(time.RFC3339) + `"}`})
	}
	return all
}

func TestPapersOfABooking(t *testing.T) {
	h := apitest.New(t)
	id := h.Must(201, "citizen:one", "POST", "/bookings", tomorrow).Get("id")
	for name, want := range map[string][2]string{
		"qr.png":    {"image/png", "\x89PNG"},
		"slip.pdf":  {"application/pdf", "%PDF-"},
		"event.ics": {"text/calendar; charset=utf-8", "BEGIN:VCALENDAR"},
	} {
		a := h.Must(200, "citizen:one", "GET", "/bookings/"+id+"/"+name, "")
		if a.Header.Get("Content-Type") != want[0] || !strings.HasPrefix(a.Body, want[1]) || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v %.40q", name, a.Header, a.Body)
		}
	}
	event := h.Must(200, "citizen:one", "GET", "/bookings/"+id+"/event.ics", "").Body
	for _, line := range []string{"DTSTART:20261125T030000Z", "DTEND:20261125T031500Z", "UID:" + id + "@vez", "SUMMARY:Renewal of resident identity card", "STATUS:CONFIRMED", "TRIGGER:-PT1440M", "TRIGGER:-PT120M"} {
		if !strings.Contains(event, line+"\r\n") {
			t.Errorf("no %s in\n%s", line, event)
		}
	}
}

func TestFreeIsHowManyBookingsSucceed(t *testing.T) {
	for name, options := range map[string][]apitest.Option{"ledger": nil, "cells": {apitest.Cells()}} {
		t.Run(name, func(t *testing.T) {
			h := apitest.New(t, options...)
			const path = "/services/quick/slots?office=main&from=2026-11-25&to=2026-11-25"
			body := `{"service":"quick","office":"main","start":"2026-11-25T10:00:00+08:00"}`
			if a := h.Must(200, "", "GET", path, ""); !strings.Contains(a.Body, `{"start":"2026-11-25T10:00:00+08:00","free":1,"office":"main"}`) {
				t.Fatal(a.Body)
			}
			h.Must(201, "citizen:one", "POST", "/bookings", body)
			if a := h.Must(200, "", "GET", path, ""); strings.Contains(a.Body, "T10:00:00+08:00") || !strings.Contains(a.Body, "T10:30:00+08:00") {
				t.Error("a taken start is still listed, or its neighbour is not", a.Body)
			}
			if a := h.Must(409, "citizen:two", "POST", "/bookings", body); a.Get("code") != "slot_taken" {
				t.Error(a.Body)
			}
		})
	}
}

func TestSlotsKeepToTheDatesAskedFor(t *testing.T) {
	h := apitest.New(t)
	a := h.Must(200, "", "GET", "/services/renew/slots?from=2026-11-20&to=2026-11-28", "")
	for _, day := range []string{"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"} {
		if !strings.Contains(a.Body, `"start":"`+day) {
			t.Error("nothing on", day)
		}
	}
	for _, day := range []string{"2026-11-20", "2026-11-23", "2026-11-28", "2026-11-30", "2026-11-24T09:"} {
		if strings.Contains(a.Body, `"start":"`+day) {
			t.Error("something on", day)
		}
	}
}

func TestFourHundredRivalsForOnePlaceHaveOneWinner(t *testing.T) {
	h := apitest.New(t)
	const rivals = 400
	for i := range rivals {
		h.Token(fmt.Sprintf("citizen:%d", i))
	}
	got := make([]apitest.Answer, rivals)
	var wg sync.WaitGroup
	for i := range rivals {
		wg.Go(func() {
			got[i] = h.Ask(fmt.Sprintf("citizen:%d", i), "POST", "/bookings", `{"service":"quick","office":"main","start":"2026-11-25T10:00:00+08:00"}`)
		})
	}
	wg.Wait()
	won := 0
	for _, a := range got {
		switch {
		case a.Status == 201:
			won++
		case a.Status != 409 || a.Get("code") != "slot_taken":
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if won != 1 {
		t.Errorf("%d winners", won)
	}
}
