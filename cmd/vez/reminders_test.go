package main

import (
	"net/http"
	"strings"
	"testing"

	"vez/reminder"
)

func TestAHubWithoutAMailServerWarnsThatPeopleHaveLeftAddresses(t *testing.T) {
	h, log := demoHub(t)
	h.ask(t, http.MethodGet, "/", "") // a server that was never asked may not hear that it is to stop
	warned := func() int {
		t.Helper()
		before := strings.Count(log.String(), "VEZ_MAIL is not set")
		if err := h.openReminders(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.Count(log.String(), "VEZ_MAIL is not set") - before
	}
	if warned() != 0 {
		t.Error("it warns though nobody has left an address")
	}
	if err := h.contacts.Set(t.Context(), "holder", reminder.Address{Email: "demo-1@example.org", Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	if warned() != 1 {
		t.Error("nobody hears that there is no mail server")
	}
	h.s.Mail.Server, h.s.Mail.From = "smtp://127.0.0.1:9", "vez@vez.test"
	if warned() != 0 {
		t.Error("it warns though there is a mail server")
	}
	if strings.Contains(log.String(), "demo-1") {
		t.Error("the log tells an address")
	}
}
