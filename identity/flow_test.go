package identity_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
)

func TestACitizenSignsInAndComesBackToWhereTheyWere(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	p := b.signIn("/my/b-1?step=2", "resident-2")
	if p.status != 200 || p.path != "/my/b-1?step=2" {
		t.Fatalf("came to %d %s", p.status, p.path)
	}
	want := h.identity.Pseudonym("citizen", h.url+provider.Path, "resident-2")
	if p.who() != want || !strings.HasPrefix(want, "citizen:") || strings.Contains(want, "resident") {
		t.Errorf("is %s, want %s", p.who(), want)
	}
	if again := h.browser(t).signIn("/my", "resident-2"); again.who() != want {
		t.Errorf("at the next sign-in is %s", again.who())
	}
	if other := h.browser(t).signIn("/my", "resident-3"); other.who() == want {
		t.Error("two people share a pseudonym")
	}
}

// TestSignInFindsTheProviderByDiscovery runs the flow as in production: endpoints
// and keys are asked for over HTTP.
func TestSignInFindsTheProviderByDiscovery(t *testing.T) {
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Demo = false
		for _, o := range []*identity.OpenID{&cfg.Citizens, &cfg.Staff} {
			o.Fixed, o.Client = nil, nil
		}
	})
	if p := h.browser(t).signIn("/my", "resident-1"); p.status != 200 || p.path != "/my" {
		t.Errorf("citizen came to %d %s", p.status, p.path)
	}
	if p := h.browser(t).signIn("/counter", "clerk-1"); p.status != 200 || p.path != "/counter" {
		t.Errorf("clerk came to %d %s", p.status, p.path)
	}
}

func TestADiscoveryThatFailedIsTriedAgain(t *testing.T) {
	down := &failing{}
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Citizens.Fixed, cfg.Citizens.Client = nil, &http.Client{Transport: down}
	})
	down.set(true)
	b := h.browser(t)
	b.refused(b.get("/signin"), fault.SignInFailed)
	down.set(false)
	if p := b.signIn("/my", "resident-1"); p.status != 200 {
		t.Errorf("afterwards: %d", p.status)
	}
}

func TestStaffAndCitizenLiveInOneBrowserAndLeaveOneByOne(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	citizen, clerk := b.signIn("/my", "resident-1").who(), b.signIn("/counter", "clerk-1").who()
	if !strings.HasPrefix(clerk, "clerk:") || b.get("/my").who() != citizen || b.get("/counter").who() != clerk {
		t.Fatalf("citizen %q, clerk %q", citizen, clerk)
	}
	if p := b.get("/kiosk/dsi-main"); !strings.HasPrefix(p.who(), "device:") {
		t.Errorf("the kiosk page was shown to %q", p.who())
	}
	if b.get("/counter").who() != clerk {
		t.Error("opening a kiosk signed the clerk out")
	}
	shown := b.get("/my")
	b.post("/signout", hidden(shown))
	if p := b.get("/my"); !strings.HasPrefix(p.path, "/demo/id/authorize") {
		t.Errorf("after signing out the citizen is at %s", p.path)
	}
	if b.get("/counter").who() != clerk {
		t.Error("the citizen's sign-out signed the clerk out")
	}
}

func TestWhoIsSignedInForSomethingElseIsAskedToSignInAndWhoMayNotIsTold(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/my", "resident-1")
	if p := b.get("/counter"); !strings.HasPrefix(p.path, "/demo/id/authorize") {
		t.Errorf("a citizen at the counter is at %s", p.path)
	}
	b.signIn("/counter", "clerk-1")
	p := b.get("/admin")
	if p.status != 403 {
		t.Errorf("a clerk at the manager's page: %d %s", p.status, p.path)
	}
}

func TestAnAnswerThatThisBrowserDidNotAskForIsRefused(t *testing.T) {
	h := newHouse(t, nil)
	// begun gives a browser that stands before the callback, and its address.
	begun := func(t *testing.T) (*browser, *url.URL) {
		b := h.browser(t)
		form := hidden(b.get("/signin?return=/my"))
		form.Set("person", "resident-1")
		b.stay()
		back, err := url.Parse(b.post("/demo/id/authorize", form).header.Get("Location"))
		if err != nil || back.Path != "/signin/callback" {
			t.Fatalf("sent back to %v (%v)", back, err)
		}
		return b, back
	}
	change := func(name, value string) func(*testing.T, *browser, url.Values) {
		return func(_ *testing.T, _ *browser, q url.Values) { q.Set(name, value) }
	}
	for name, spoil := range map[string]func(*testing.T, *browser, url.Values){
		"another state":  change("state", "x"),
		"no state":       func(_ *testing.T, _ *browser, q url.Values) { q.Del("state") },
		"another issuer": change("iss", "https://elsewhere.example"),
		"another code":   change("code", "x"),
		"no code":        func(_ *testing.T, _ *browser, q url.Values) { q.Del("code") },
		"a refusal":      change("error", "access_denied"),
		"a forged cookie": func(_ *testing.T, b *browser, _ url.Values) {
			b.setCookie("vez_signin", "AAAA"+b.cookies()["vez_signin"][4:])
		},
		"no cookie, so from another browser": func(_ *testing.T, b *browser, _ url.Values) { b.setCookie("vez_signin", "") },
		"the cookie of another attempt": func(t *testing.T, b *browser, _ url.Values) {
			other, _ := begun(t)
			b.setCookie("vez_signin", other.cookies()["vez_signin"])
		},
		"too late": func(*testing.T, *browser, url.Values) { h.clock.Advance(11 * time.Minute) },
		"the code of somebody else": func(t *testing.T, _ *browser, q url.Values) {
			_, other := begun(t)
			q.Set("code", other.Query().Get("code"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, back := begun(t)
			q := back.Query()
			spoil(t, b, q)
			p := b.get("/signin/callback?" + q.Encode())
			if p.status != 401 || b.cookies()["vez"] != "" {
				t.Errorf("%d, session %q", p.status, b.cookies()["vez"])
			}
			b.refused(p, fault.SignInFailed)
		})
	}
}

func TestACodeCannotBeUsedTwice(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	form := hidden(b.get("/signin?return=/my"))
	form.Set("person", "resident-1")
	b.stay()
	back, _ := url.Parse(b.post("/demo/id/authorize", form).header.Get("Location"))
	attempt := b.cookies()["vez_signin"]
	if p := b.get(back.RequestURI()); p.status != 303 {
		t.Fatalf("the first time: %d", p.status)
	}
	thief := h.browser(t)
	thief.setCookie("vez_signin", attempt)
	p := thief.get(back.RequestURI())
	if p.status != 401 || thief.cookies()["vez"] != "" {
		t.Errorf("the second time, with the same cookie: %d, session %q", p.status, thief.cookies()["vez"])
	}
}

func TestASessionKnownBeforeTheSignInIsWorthNothingAfterIt(t *testing.T) {
	h := newHouse(t, nil)
	victim := h.browser(t)
	victim.setCookie("vez", "chosen-by-the-attacker")
	victim.signIn("/my", "resident-1")
	if victim.cookies()["vez"] == "chosen-by-the-attacker" {
		t.Fatal("the session id was kept at sign-in")
	}
	first := victim.cookies()["vez"]
	victim.signIn("/signin?return=/my", "resident-2")
	if victim.cookies()["vez"] == first {
		t.Error("the id was kept at a second sign-in")
	}
	for _, known := range []string{"chosen-by-the-attacker", first} {
		attacker := h.browser(t)
		attacker.setCookie("vez", known)
		if p := attacker.get("/my"); p.path == "/my" {
			t.Errorf("the id %.8s… still opens the page, for %s", known, p.who())
		}
	}
}

func TestTheReturnAddressNeverLeadsAway(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	for _, back := range []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "javascript:alert(1)",
		"/signin", "/signout", "", "my", "/\r\nLocation: https://evil.example", "/" + strings.Repeat("a", 2000),
	} {
		p := b.signIn("/signin?return="+url.QueryEscape(back), "resident-1")
		if p.path != "/my" {
			t.Errorf("return=%q led to %s", back, p.path)
		}
		p = b.signIn("/signin/staff?return="+url.QueryEscape(back), "clerk-1")
		if p.path != "/counter" {
			t.Errorf("staff: return=%q led to %s", back, p.path)
		}
	}
}

func TestTheProviderSendsNobodyElsewhere(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.stay()
	begin, err := url.Parse(b.get("/signin").header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(url.Values){
		"another host":  func(q url.Values) { q.Set("redirect_uri", "https://evil.example/signin/callback") },
		"another path":  func(q url.Values) { q.Set("redirect_uri", h.url+"/my") },
		"a longer path": func(q url.Values) { q.Set("redirect_uri", h.url+"/signin/callback/../../my") },
		"no client":     func(q url.Values) { q.Set("client_id", "somebody") },
	} {
		q := begin.Query()
		change(q)
		if p := b.get(provider.Path + "/authorize?" + q.Encode()); p.status != 400 || p.header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", name, p.status, p.header.Get("Location"))
		}
		form := hidden(b.get(begin.RequestURI()))
		change(form)
		form.Set("person", "resident-1")
		if p := b.post(provider.Path+"/authorize", form); p.status != 400 || p.header.Get("Location") != "" {
			t.Errorf("%s, posted: %d to %q", name, p.status, p.header.Get("Location"))
		}
	}
	q := begin.Query()
	q.Del("code_challenge")
	if p := b.get(provider.Path + "/authorize?" + q.Encode()); !strings.Contains(p.header.Get("Location"), "error=invalid_request") {
		t.Errorf("without PKCE: %d to %q", p.status, p.header.Get("Location"))
	}
}

func TestTheDoorForCitizensGivesNoStaff(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.refused(b.signIn("/my", "manager"), fault.SignInFailed)
	b.refused(b.signIn("/counter", "resident-1"), fault.SignInFailed)
}

func TestInTheDemonstrationSignInFollowsTheAddressOfTheBrowser(t *testing.T) {
	h := newHouse(t, nil)
	h.url = strings.Replace(h.url, "127.0.0.1", "localhost", 1)
	p := h.browser(t).signIn("/my", "resident-1")
	if p.status != 200 || p.path != "/my" {
		t.Errorf("at localhost: %d %s", p.status, p.path)
	}
}
