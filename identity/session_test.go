package identity_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
	"vez/identity/identitytest"
)

// signedIn tells whether the browser's session of a page is still good.
func (b *browser) signedIn(path string) bool {
	p := b.get(path)
	return p.path == path && p.status == http.StatusOK
}

func TestASessionEndsWhenItIsLeftAlone(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/my", "resident-1")
	for i := range 5 {
		h.clock.Advance(20 * time.Minute)
		if !b.signedIn("/my") {
			t.Fatalf("it ended in use, at round %d", i)
		}
	}
	h.clock.Advance(31 * time.Minute)
	if b.signedIn("/my") {
		t.Error("it lived on after 31 idle minutes")
	}
}

func TestASessionEndsAtTheLatestAfterItsTimeHoweverBusy(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/counter", "clerk-1")
	for at := 30 * time.Minute; at < 12*time.Hour; at += 30 * time.Minute {
		h.clock.Advance(30 * time.Minute)
		if !b.signedIn("/counter") {
			t.Fatalf("it ended in use after %v", at)
		}
	}
	h.clock.Advance(30 * time.Minute)
	if b.signedIn("/counter") {
		t.Error("it lived on after 12 hours")
	}
}

func TestUseIsNotedSeldom(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/my", "resident-1")
	for range 30 {
		h.clock.Advance(time.Minute)
		b.get("/my")
	}
	if n := h.store.Puts("seen"); n < 4 || n > 8 {
		t.Errorf("30 minutes of use were written down %d times", n)
	}
}

func TestSigningOutEndsTheSessionAtTheServer(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	form := hidden(b.signIn("/my", "resident-1"))
	kept := b.cookies()["vez"]
	h.clock.Advance(10 * time.Minute)
	b.get("/my")
	if p := b.post("/signout", form); p.path != "/" || b.cookies()["vez"] != "" {
		t.Errorf("signing out led to %s, cookie %q", p.path, b.cookies()["vez"])
	}
	thief := h.browser(t)
	thief.setCookie("vez", kept)
	if thief.signedIn("/my") {
		t.Error("the old cookie still opens the page")
	}
}

func TestSigningOutNeedsTheFormOfOurOwnPage(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/my", "resident-1")
	b.refused(b.post("/signout", nil), fault.FormExpired)
	if !b.signedIn("/my") {
		t.Error("a form without our token signed somebody out")
	}
}

func TestEndAllEndsWhatAPersonHasOpenAtOnce(t *testing.T) {
	h := newHouse(t, nil)
	one, two, other := h.browser(t), h.browser(t), h.browser(t)
	who := one.signIn("/counter", "clerk-1").who()
	two.signIn("/counter", "clerk-1")
	other.signIn("/counter", "manager")
	if err := h.identity.EndAll(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if one.signedIn("/counter") || two.signedIn("/counter") {
		t.Error("a session of the clerk lives on")
	}
	if !other.signedIn("/counter") {
		t.Error("somebody else was signed out")
	}
}

func TestWhoeverHasLeftLivesNoMore(t *testing.T) {
	h := newHouse(t, nil)
	b, idle := h.browser(t), h.browser(t)
	form := hidden(b.signIn("/my", "resident-1"))
	lives := h.lives.Load().(func(context.Context) bool)
	idle.signIn("/my", "resident-2")
	left := h.lives.Load().(func(context.Context) bool)
	if !lives(t.Context()) || !left(t.Context()) {
		t.Fatal("somebody who is there lives no more")
	}
	h.store.Fail(errors.New("disk on fire"))
	h.clock.Advance(time.Minute)
	if !lives(t.Context()) {
		t.Error("while the store is away somebody was sent off")
	}
	h.store.Fail(nil)
	b.post("/signout", form)
	if lives(t.Context()) {
		t.Error("somebody lives who is signed out")
	}
	for range 4 { // being asked is no use
		h.clock.Advance(8 * time.Minute)
		left(t.Context())
	}
	if left(t.Context()) {
		t.Error("somebody lives who has done nothing for half an hour")
	}
}

func TestAnotherHubLearnsOfASignOutWithinSeconds(t *testing.T) {
	h := newHouse(t, nil)
	other := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) { cfg.Store, cfg.Clock = h.store, h.clock })
	b, there := h.browser(t), other.browser(t)
	form := hidden(b.signIn("/my", "resident-1"))
	there.setCookie("vez", b.cookies()["vez"])
	if !there.signedIn("/my") {
		t.Fatal("the other hub does not know the session")
	}
	b.post("/signout", form)
	h.clock.Advance(6 * time.Second)
	if there.signedIn("/my") {
		t.Error("the other hub has not noticed")
	}
}

func TestWhileTheLedgerIsAwayWhoWasThereStays(t *testing.T) {
	h := newHouse(t, nil)
	b, late := h.browser(t), h.browser(t)
	b.signIn("/counter", "clerk-1")
	b.get("/counter")
	late.setCookie("vez_staff", "of-whom-we-know-nothing")
	h.store.Fail(errors.New("disk on fire"))
	h.clock.Advance(time.Minute)
	if !b.signedIn("/counter") {
		t.Error("a clerk at work was shut out")
	}
	if late.signedIn("/counter") {
		t.Error("somebody unknown was let in")
	}
	h.clock.Advance(10 * time.Minute)
	if b.signedIn("/counter") {
		t.Error("it was believed for too long")
	}
}

func TestOnHTTPSCookiesAreBoundToTheHost(t *testing.T) {
	url := "https://vez.example"
	p, err := provider.New(provider.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{url: url, provider: p, store: identitytest.NewStore(), clock: clockwork.NewFakeClock()}
	h.build(t, identity.Config{Store: h.store, Secret: secret, URL: url, Citizens: p.Citizens(), Staff: p.Staff()})
	r := httptest.NewRequest(http.MethodGet, "/signin?return=/my", nil)
	res, err := h.app.Fiber().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-vez") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %+v", c)
		}
	}
	if len(res.Cookies()) != 1 {
		t.Errorf("%d cookies", len(res.Cookies()))
	}
	if to := res.Header.Get("Location"); !strings.HasPrefix(to, url+"/demo/id/authorize?") || !strings.Contains(to, "code_challenge_method=S256") {
		t.Errorf("led to %s", to)
	}
}

func TestInEarnestSignInIgnoresTheHostOfTheRequest(t *testing.T) {
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) { cfg.Demo = false })
	r := httptest.NewRequest(http.MethodGet, "/signin", nil)
	r.Host = "evil.example"
	res, err := h.app.Fiber().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if to := res.Header.Get("Location"); strings.Contains(to, "evil") || !strings.HasPrefix(to, h.url) {
		t.Errorf("led to %s", to)
	}
}
