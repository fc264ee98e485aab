package identity_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
)

func earnest(cfg *identity.Config, _ *provider.Provider) { cfg.Demo = false }

func managerOf(office string) identity.Principal {
	return identity.Principal{
		Subject: "clerk:manager-of-" + office, Grants: []identity.Grant{{Role: identity.Manager, Department: "*", Office: office}},
	}
}

var shownCode = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4}`)

func TestADeviceIsLetInByAManagerWhoTypesItsCode(t *testing.T) {
	h := newHouse(t, earnest)
	b := h.browser(t)
	shown := b.get("/kiosk/dsi-main")
	code := shownCode.FindString(shown.body)
	if !strings.HasPrefix(shown.path, "/pair?") || code == "" || shown.header.Get("Refresh") == "" {
		t.Fatalf("at %s with code %q", shown.path, code)
	}
	if again := b.get(shown.path); !strings.Contains(again.body, code) {
		t.Error("the code changes while it is being typed")
	}
	manager := managerOf("dsi-main")
	if asked, err := h.identity.Look(t.Context(), manager, strings.ToLower(code)); err != nil || asked.Kind != "kiosk" || asked.Office != "dsi-main" {
		t.Errorf("the manager sees %+v (%v)", asked, err)
	}
	if err := h.identity.Confirm(t.Context(), manager, strings.ToLower(code), "dsi-main", "By the door"); err != nil {
		t.Fatal(err)
	}
	if p := b.get(shown.path); p.path != "/kiosk/dsi-main" || !strings.HasPrefix(p.who(), "device:") {
		t.Fatalf("after the confirmation: %d %s", p.status, p.path)
	}
	devices, err := h.identity.Devices(t.Context(), "dsi-main")
	if err != nil || len(devices) != 1 || devices[0].Name != "By the door" || devices[0].By != manager.Subject || devices[0].Beat != nil {
		t.Errorf("listed: %+v (%v)", devices, err)
	}
	h.clock.Advance(90 * 24 * time.Hour)
	if !b.signedIn("/kiosk/dsi-main") {
		t.Error("three months later the device has to be paired again")
	}
}

func TestACodeIsOfUseOnceAndForTenMinutesAndToItsDeviceOnly(t *testing.T) {
	h := newHouse(t, earnest)
	ctx, manager := t.Context(), managerOf("dsi-main")
	p, err := h.identity.Pair(ctx, "kiosk", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.identity.Confirm(ctx, manager, p.Code, "dsi-main", ""); err != nil {
		t.Fatal(err)
	}
	if err := h.identity.Confirm(ctx, manager, p.Code, "dsi-main", ""); fault.CodeOf(err) != fault.PairingUnknown {
		t.Errorf("confirmed twice: %v", err)
	}
	if _, _, done, err := h.identity.Collect(ctx, p.Code, "guessed"); done || fault.CodeOf(err) != fault.PairingUnknown {
		t.Errorf("who only saw the code: %v, %v", done, err)
	}
	who, token, done, err := h.identity.Collect(ctx, p.Code, p.Secret)
	if !done || err != nil || token == "" || !who.May(identity.Device, "dsi-main") || who.May(identity.Device, "hengqin") {
		t.Errorf("the device: %+v, %v, %v", who, done, err)
	}
	if _, _, done, err := h.identity.Collect(ctx, p.Code, p.Secret); done || fault.CodeOf(err) != fault.PairingUnknown {
		t.Errorf("collected twice: %v, %v", done, err)
	}
	late, err := h.identity.Pair(ctx, "board", "")
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(10 * time.Minute)
	if err := h.identity.Confirm(ctx, manager, late.Code, "dsi-main", ""); fault.CodeOf(err) != fault.PairingUnknown {
		t.Errorf("confirmed too late: %v", err)
	}
}

func TestOnlyThoseWhoManageAnOfficeLetDevicesIntoIt(t *testing.T) {
	h := newHouse(t, earnest)
	p, err := h.identity.Pair(t.Context(), "kiosk", "")
	if err != nil {
		t.Fatal(err)
	}
	clerk := identity.Principal{Subject: "clerk:c", Grants: []identity.Grant{{Role: identity.Clerk, Department: "*", Office: "*"}}}
	for name, c := range map[string]struct {
		by     identity.Principal
		office string
	}{
		"a clerk": {clerk, "dsi-main"}, "a neighbour's manager": {managerOf("hengqin"), "dsi-main"}, "nobody": {identity.Principal{}, "dsi-main"},
		"for every office": {managerOf("*"), "*"}, "for no office": {managerOf("*"), ""},
	} {
		if err := h.identity.Confirm(t.Context(), c.by, p.Code, c.office, ""); fault.CodeOf(err) != fault.NotAllowed {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, done, _ := h.identity.Collect(t.Context(), p.Code, p.Secret); done {
		t.Error("the device was let in")
	}
}

func TestGuessingCodesIsSlowedDown(t *testing.T) {
	h := newHouse(t, earnest)
	manager := managerOf("dsi-main")
	var last error
	for range 8 {
		last = h.identity.Confirm(t.Context(), manager, "AAAAAAAA", "dsi-main", "")
	}
	if fault.CodeOf(last) != fault.TooOften {
		t.Errorf("after eight wrong codes: %v", last)
	}
	h.clock.Advance(15 * time.Minute)
	if err := h.identity.Confirm(t.Context(), manager, "AAAAAAAA", "dsi-main", ""); fault.CodeOf(err) != fault.PairingUnknown {
		t.Errorf("a quarter of an hour later: %v", err)
	}
}

func TestAnUnpairedDeviceIsShutOut(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	id := b.get("/kiosk/dsi-main").who()
	if err := h.identity.Unpair(t.Context(), managerOf("hengqin"), id); fault.CodeOf(err) != fault.NotAllowed {
		t.Errorf("a stranger: %v", err)
	}
	if err := h.identity.Unpair(t.Context(), managerOf("*"), id); err != nil {
		t.Fatal(err)
	}
	if p := b.get("/kiosk/dsi-main"); p.who() == id {
		t.Error("it is still the same device")
	}
	if err := h.identity.Unpair(t.Context(), managerOf("*"), "device:none"); fault.CodeOf(err) != fault.UnknownThing {
		t.Errorf("an unknown device: %v", err)
	}
}

func TestInTheDemonstrationADevicePairsItselfOnce(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	first := b.get("/kiosk/dsi-main")
	if first.path != "/kiosk/dsi-main" {
		t.Fatalf("at %s", first.path)
	}
	if second := b.get("/kiosk/hengqin"); second.who() != first.who() {
		t.Error("every page makes another device")
	}
	if board := b.get("/board/dsi-main"); board.who() == first.who() || !strings.HasPrefix(board.who(), "device:") {
		t.Errorf("the board is %s", board.who())
	}
	again := b.get("/pair?return=/kiosk/dsi-main")
	if again.who() != first.who() {
		t.Error("pairing again makes another device")
	}
}

func TestAHeartbeatIsKeptWhenItSaysSomethingNew(t *testing.T) {
	h := newHouse(t, nil)
	id := h.browser(t).get("/kiosk/dsi-main").who()
	who := identity.Principal{Subject: id, Grants: []identity.Grant{{Role: identity.Device, Department: "*", Office: "*"}}}
	beat := func(paper string) {
		t.Helper()
		if err := h.identity.Heartbeat(t.Context(), who, identity.Beat{Version: "1", Paper: paper}); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		beat("ok")
		h.clock.Advance(2 * time.Second)
	}
	if n := h.store.Puts("heartbeat"); n != 1 {
		t.Errorf("20 quiet seconds were written down %d times", n)
	}
	beat("out")
	devices, err := h.identity.Devices(t.Context(), "")
	if err != nil || len(devices) != 1 || devices[0].Beat == nil || devices[0].Beat.Paper != "out" {
		t.Errorf("listed: %+v (%v)", devices, err)
	}
	clerk := identity.Principal{Subject: "clerk:c", Grants: []identity.Grant{{Role: identity.Clerk, Department: "*", Office: "*"}}}
	if err := h.identity.Heartbeat(t.Context(), clerk, identity.Beat{}); fault.CodeOf(err) != fault.NotAllowed {
		t.Errorf("a clerk's heart: %v", err)
	}
}

func TestADeviceThatNobodyCouldAskAboutIsTheSameAfterwards(t *testing.T) {
	h := newHouse(t, earnest)
	b := h.browser(t)
	shown := b.get("/kiosk/dsi-main")
	if err := h.identity.Confirm(t.Context(), managerOf("dsi-main"), shownCode.FindString(shown.body), "dsi-main", "By the door"); err != nil {
		t.Fatal(err)
	}
	who := b.get(shown.path).who()
	h.clock.Advance(20 * time.Minute) // longer than anybody is believed unasked
	h.store.Fail(errors.New("disk on fire"))
	if p := b.get("/kiosk/dsi-main"); p.status != 503 || p.path != "/kiosk/dsi-main" {
		t.Errorf("while nobody can be asked: %d %s", p.status, p.path)
	}
	if p := b.get("/pair?return=/kiosk/dsi-main"); p.status != 503 {
		t.Errorf("while nobody can be asked it is let in or shown a code: %d", p.status)
	}
	h.store.Fail(nil)
	if p := b.get("/pair?return=/kiosk/dsi-main"); p.path != "/kiosk/dsi-main" || p.who() != who {
		t.Errorf("afterwards it is %s at %s, not %s", p.who(), p.path, who)
	}
}
