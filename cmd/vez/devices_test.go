package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"vez/identity"
	"vez/printer/spool"
)

// deviceMay is everything that a device's token is good for, beside what is for
// everybody: pages by the beginning of their path, operations by their id. What
// is added for devices is entered here, or the test fails.
var deviceMay = map[string][]string{
	"kiosk": {"/kiosk/:office", "/live/kiosk/:office",
		"book", "take-ticket", "get-ticket", "cancel-ticket", "step-out", "come-back", "check-in", "heartbeat"},
	"board":   {"/board/:office", "/live/board/:office"},
	"printer": {},
}

// operationsFor reads from the document what is for whom.
func operationsFor(t *testing.T, h *hub) map[string]string {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			ID       string `json:"operationId"`
			Audience string `json:"x-audience"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(h.ask(t, "GET", "/api/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, methods := range doc.Paths {
		for _, o := range methods {
			out[o.ID] = o.Audience
		}
	}
	return out
}

// TestADevicesTokenIsGoodForItsOwnWorkAlone walks every page and operation of
// the house as it runs: what admits a kiosk, a board or a printer stands on a
// list, and nothing on the list is gone.
func TestADevicesTokenIsGoodForItsOwnWorkAlone(t *testing.T) {
	h, _ := demoHub(t, "VEZ_MAIL=smtp://127.0.0.1:9", "VEZ_MAIL_FROM=vez@vez.test")
	used := map[string]bool{}
	may := func(kind, name string) bool {
		for _, own := range deviceMay[kind] {
			if name == own || strings.HasPrefix(own, "/") && strings.HasPrefix(name, own+"/") {
				used[kind+own] = true
				return true
			}
		}
		return false
	}
	for kind := range deviceMay {
		who := identity.Principal{Subject: "device:x", Kind: kind, Grants: []identity.Grant{{Role: identity.Device, Department: identity.Any, Office: ours}}}
		for _, r := range h.app.Routes() {
			if !r.Audience.Public() && r.Audience.Admits(who.Web()) != may(kind, r.Path) {
				t.Errorf("%s %s admits %s; a %s may %v", r.Method, r.Path, r.Audience, kind, deviceMay[kind])
			}
		}
		for id, audience := range operationsFor(t, h) {
			roles, _, _ := strings.Cut(audience, " (")
			if admits := kind == "kiosk" && slices.Contains(strings.Split(roles, ", "), "kiosk"); admits != may(kind, id) {
				t.Errorf("%s is for %s; a %s may %v", id, audience, kind, deviceMay[kind])
			}
		}
	}
	for kind, own := range deviceMay {
		for _, name := range own {
			if !used[kind+name] {
				t.Errorf("a %s may %s, which is not there", kind, name)
			}
		}
	}
}

// TestAManagerReachesNoDeviceOfAnotherOffice: under the address of their own
// office a manager finds, changes and removes neither its printers nor its
// kiosks, and under its address nothing at all.
func TestAManagerReachesNoDeviceOfAnotherOffice(t *testing.T) {
	h, _ := demoHub(t)
	ctx := t.Context()
	stranger := ""
	for _, v := range visitors(t, h) {
		if v.role == identity.Manager && v.at == theirs {
			stranger = v.bearer
		}
	}
	printer, err := h.fleet.Add(ctx, "test", spool.Draft{Office: ours, Name: "P", Address: "tcp://127.0.0.1:9100"})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := h.who.Pair(ctx, "kiosk", ours)
	if err != nil {
		t.Fatal(err)
	}
	admin := identity.Principal{Subject: "m", Grants: []identity.Grant{{Role: identity.Manager, Department: identity.Any, Office: ours}}}
	if err := h.who.Confirm(ctx, admin, asked.Code, ours, "K"); err != nil {
		t.Fatal(err)
	}
	if _, _, done, err := h.who.Collect(ctx, asked.Code, asked.Secret); err != nil || !done {
		t.Fatal(done, err)
	}
	state := func() string {
		p, _ := h.fleet.Printer(ctx, printer.ID)
		devices, _ := h.who.Devices(ctx, ours)
		text, _ := json.Marshal([]any{p, len(devices)})
		return string(text)
	}
	devices, err := h.who.Devices(ctx, ours)
	if err != nil || len(devices) == 0 {
		t.Fatal(devices, err)
	}
	before, tried := state(), 0
	body := "device=" + devices[0].ID + "&name=Q&address=tcp%3A%2F%2F127.0.0.1%3A9101&rank=9&code=1234&sure=yes&confirm=yes"
	for _, r := range h.app.Routes() {
		if !strings.HasPrefix(r.Path, "/admin/offices/:office") || strings.HasSuffix(r.Path, "/live") {
			continue
		}
		named := strings.Contains(r.Path, ":printer")
		for _, office := range []string{ours, theirs} {
			if office == theirs && !named && !strings.HasSuffix(r.Path, "/unpair") {
				continue // it is their own
			}
			at := address(map[string]string{"office": office, "printer": printer.ID, "paper": "ticket", "job": "none"}, r.Path)
			sent := body
			if r.Method == "GET" {
				sent = ""
			}
			a := h.ask(t, r.Method, at, sent, "Authorization", stranger, "Accept", "application/json")
			tried++
			if a.status < 400 || a.status >= 500 {
				t.Errorf("%s %s: %d %s", r.Method, at, a.status, a.header.Get("Location"))
			}
		}
	}
	if after := state(); after != before {
		t.Errorf("it was %s and is %s", before, after)
	}
	if tried < 20 {
		t.Errorf("only %d tried", tried)
	}
}
