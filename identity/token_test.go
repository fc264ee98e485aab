package identity_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
)

// bear asks for a page with a bearer token, and the cookies of a browser.
func (b *browser) bear(path, header string) page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.h.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", header)
	r.Header.Set("Accept", "application/json")
	b.stay()
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{res.StatusCode, path, string(body), res.Header}
}

func TestADemoTokenIsThePersonWhoSignsInUnderThatName(t *testing.T) {
	h := newHouse(t, nil)
	token, expires, err := h.identity.DemoToken(t.Context(), identity.TokenRequest{Role: identity.Citizen, Subject: "resident-4"})
	if err != nil || !expires.Equal(h.clock.Now().Add(24*time.Hour)) {
		t.Fatalf("%v, until %v", err, expires)
	}
	b := h.browser(t)
	got := b.bear("/my", "Bearer "+token)
	if want := h.browser(t).signIn("/my", "resident-4").who(); got.who() != want {
		t.Errorf("the token is %s, the person %s", got.who(), want)
	}
	h.clock.Advance(24*time.Hour + time.Second)
	if p := b.bear("/my", "Bearer "+token); p.status != 401 {
		t.Errorf("a day later: %d", p.status)
	}
}

func TestADemoTokenHoldsAtItsOfficeOnly(t *testing.T) {
	h := newHouse(t, nil)
	for _, role := range identity.Roles {
		r := identity.TokenRequest{Role: role, Subject: "x", Office: "dsi-main"}
		token, _, err := h.identity.DemoToken(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		p := h.browser(t).bear("/counter", "Bearer "+token)
		if opens := role == identity.Clerk || role == identity.Manager; opens != (p.status == 200) {
			t.Errorf("%s at the counter: %d", role, p.status)
		}
		kiosk := h.browser(t).bear("/kiosk/dsi-main", "Bearer "+token)
		if (role == identity.Device) != (kiosk.status == 200) {
			t.Errorf("%s at the kiosk: %d", role, kiosk.status)
		}
	}
}

func TestOutsideTheDemonstrationThereAreNoDemoTokens(t *testing.T) {
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) { cfg.Demo = false })
	_, _, err := h.identity.DemoToken(t.Context(), identity.TokenRequest{Role: identity.Admin})
	if fault.CodeOf(err) != fault.UnknownThing {
		t.Errorf("got %v", err)
	}
}

func TestOddTokenRequestsAreRefused(t *testing.T) {
	h := newHouse(t, nil)
	for _, r := range []identity.TokenRequest{
		{}, {Role: "root"}, {Role: "Clerk"}, {Role: identity.Clerk, Subject: strings.Repeat("a", 201)},
	} {
		if _, _, err := h.identity.DemoToken(t.Context(), r); fault.CodeOf(err) != fault.InvalidField {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestABadTokenIsNotMadeGoodByACookie(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/my", "resident-1")
	for _, header := range []string{
		"Bearer x", "Bearer ", "Bearer", "Basic eDp4", "Bearer " + b.cookies()["vez"], b.cookies()["vez"],
	} {
		if p := b.bear("/my", header); p.status != 401 {
			t.Errorf("%.12q…: %d", header, p.status)
		}
	}
}

func TestATokenIsNoCookieAndADevicesSecretIsBoth(t *testing.T) {
	h := newHouse(t, nil)
	token, _, err := h.identity.DemoToken(t.Context(), identity.TokenRequest{Role: identity.Citizen, Subject: "x"})
	if err != nil {
		t.Fatal(err)
	}
	b := h.browser(t)
	b.setCookie("vez", token)
	if b.signedIn("/my") {
		t.Error("a bearer token was taken as a cookie")
	}
	kiosk := h.browser(t)
	if p := kiosk.get("/kiosk/dsi-main"); p.status != 200 {
		t.Fatalf("the kiosk page: %d", p.status)
	}
	if p := kiosk.bear("/kiosk/dsi-main", "Bearer "+kiosk.cookies()["vez_kiosk"]); p.status != 200 {
		t.Errorf("the device's secret as a token: %d", p.status)
	}
	wrong := h.browser(t)
	wrong.setCookie("vez_board", kiosk.cookies()["vez_kiosk"])
	if wrong.get("/board/dsi-main"); wrong.cookies()["vez_board"] == kiosk.cookies()["vez_kiosk"] {
		t.Error("a kiosk's secret opened a board")
	}
}
