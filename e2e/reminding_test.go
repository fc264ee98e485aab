//go:build browser

package e2e

import (
	"strings"
	"testing"

	"vez/reminder/remindertest"
)

// TestAResidentIsReminded books for tomorrow, switches reminders by e-mail on,
// and lets half an hour of the house go by: one mail comes, and the memo list
// says so.
func TestAResidentIsReminded(t *testing.T) {
	server := remindertest.NewServer(t)
	// The browser is there before the house's clock runs: ten o'clock comes 72 s later, and a held time lasts a minute.
	idle := &program{t: t}
	phone := idle.browser("phone-reminded", 360, 740)
	hub := serve(t, []string{"VEZ_MAIL=smtp://" + server.Addr(), "VEZ_MAIL_FROM=vez@vez.example"}, "--speed", "5", "--clock", "2026-11-24T09:54:00+08:00")
	phone.base = hub.url
	phone.open("/book/dsi-bir-renewal/dsi-main/2026-11-25?lang=en")
	phone.click(`button[name="start"][value*="T10:"]`) // a day before that is still to come
	phone.click(`a[href^="/signin"]`)
	phone.click(`button[name="person"][value="resident-2"]`)
	phone.sees(`#confirm`)
	phone.click(`#confirm button`)
	phone.open("/my/memo?lang=en")
	if text := phone.text("main"); strings.Contains(text, "demo.2@") || !strings.Contains(text, "•••@one-account.example") {
		t.Errorf("the address is not masked: %s", text)
	}
	phone.click(`#mail button[value="on"]`)
	phone.sees(`.notice.good`)
	phone.shoot("memo-on")
	within(t, pageWait*4, "a mail comes", func() bool { return len(server.Messages()) > 0 })
	phone.open("/my/memo?lang=en")
	phone.waitText("main", "sent")
	phone.shoot("memo-sent")
	mail := string(server.Messages()[0])
	for _, want := range []string{"To: <demo.2@one-account.example>", "Auto-Submitted: auto-generated", hub.url[strings.LastIndex(hub.url, ":"):] + "/my"} {
		if !strings.Contains(strings.ReplaceAll(mail, "=\r\n", ""), want) {
			t.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	for id, n := range server.IDs(t) {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	for _, line := range strings.Split(hub.log.String(), "\n") {
		if strings.Contains(line, "one-account.example") {
			t.Errorf("the log tells an address: %s", line)
		}
	}
}
