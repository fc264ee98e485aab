package identity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
)

// none is what the pages of a test show where there is no address.
const none = " false"

func TestAVerifiedAddressIsKnownToItsCitizenAlone(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	if p := b.signIn("/email", "resident-1"); p.who() != "demo.1@one-account.example true" {
		t.Errorf("resident 1 has %q", p.who())
	}
	for who, why := range map[string]string{"resident-5": "has none", "resident-6": "has one that is not verified"} {
		if p := h.browser(t).signIn("/email", who); p.status != 200 || p.who() != none {
			t.Errorf("%s, who %s: %d %q", who, why, p.status, p.who())
		}
	}
	// A clerk in the same browser: their pages know of no address, whoever else is signed in.
	if p := b.signIn("/counter/email", "clerk-1"); p.who() != none {
		t.Errorf("a clerk has %q", p.who())
	}
	if p := h.browser(t).get("/everybody"); p.who() != none {
		t.Errorf("nobody has %q", p.who())
	}
	// Another hub opens it, one with another secret does not.
	h.clock.Advance(time.Minute)
	if p := b.get("/everybody"); p.who() != "demo.1@one-account.example true" {
		t.Errorf("read anew from the store: %q", p.who())
	}
	other := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Store, cfg.Clock, cfg.Secret = h.store, h.clock, []byte("another secret, also of 32 bytes..")
	})
	there := other.browser(t)
	there.setCookie("vez", b.cookies()["vez"])
	if p := there.get("/email"); p.status != 200 || p.who() != none {
		t.Errorf("a house with another secret: %d %q", p.status, p.who())
	}
}

func TestTheAddressStandsSealedInTheSessionAndNowhereElse(t *testing.T) {
	var log bytes.Buffer
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	one, two := h.browser(t), h.browser(t)
	one.signIn("/my", "resident-1")
	two.signIn("/my", "resident-2")
	sealed := map[string]string{}
	for _, kind := range []string{"session", "seen", "token", "device", "heartbeat", "pairing", "account"} {
		docs, err := h.store.List(t.Context(), kind, "")
		if err != nil {
			t.Fatal(err)
		}
		for id, doc := range docs {
			if strings.Contains(string(doc), "resident") || strings.Contains(string(doc), "one-account.example") {
				t.Errorf("a document of kind %s can be read: %s", kind, doc)
			}
			var kept struct{ Email []byte }
			if err := json.Unmarshal(doc, &kept); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(kept.Email, []byte("one-account")) {
				t.Errorf("what is sealed can be read: %q", kept.Email)
			}
			if kept.Email != nil {
				sealed[id] = string(doc)
			}
		}
	}
	if len(sealed) != 2 {
		t.Fatalf("%d documents have an address sealed in", len(sealed))
	}
	if strings.Contains(log.String(), "one-account.example") {
		t.Errorf("the log has it: %s", log.String())
	}
	if who := h.seenAs(t, one, "vez"); strings.Contains(fmt.Sprintf("%+v", who), "one-account") {
		t.Errorf("the principal carries it: %+v", who)
	}
}

func TestASealedAddressOpensInItsOwnSessionOnly(t *testing.T) {
	h := newHouse(t, nil)
	one, two := h.browser(t), h.browser(t)
	one.signIn("/my", "resident-1")
	two.signIn("/my", "resident-2")
	docs, err := h.store.List(t.Context(), "session", "")
	if err != nil || len(docs) != 2 {
		t.Fatalf("%d sessions (%v)", len(docs), err)
	}
	var ids []string
	var read []map[string]any
	for id, doc := range docs {
		var kept map[string]any
		if err := json.Unmarshal(doc, &kept); err != nil {
			t.Fatal(err)
		}
		ids, read = append(ids, id), append(read, kept)
	}
	read[0]["email"], read[1]["email"] = read[1]["email"], read[0]["email"]
	for i, id := range ids {
		data, _ := json.Marshal(read[i])
		if err := h.store.Put(t.Context(), "session", id, read[i]["subject"].(string), data, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.Advance(time.Minute)
	for _, b := range []*browser{one, two} {
		if p := b.get("/email"); p.status != 200 || p.who() != none {
			t.Errorf("with the other's address in its session: %d %q", p.status, p.who())
		}
	}
}

func TestTheAddressGoesWithTheSession(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	form := hidden(b.signIn("/my", "resident-1"))
	b.post("/signout", form)
	if docs, err := h.store.List(t.Context(), "session", ""); err != nil || len(docs) != 0 {
		t.Errorf("%d sessions are left (%v)", len(docs), err)
	}
	if p := b.get("/everybody"); p.who() != none {
		t.Errorf("after signing out: %q", p.who())
	}
	left := h.browser(t)
	left.signIn("/email", "resident-1")
	h.clock.Advance(31 * time.Minute)
	if p := left.get("/everybody"); p.who() != none {
		t.Errorf("after the session ended by itself: %q", p.who())
	}
}

// provides is a provider with an address in its ID token, at its userinfo
// endpoint, or at neither.
func provides(t *testing.T, more map[string]any, info http.HandlerFunc) (*faulty, *house) {
	t.Helper()
	f := newFaulty(t)
	f.more(more)
	if info != nil {
		f.more(map[string]any{"userinfo_endpoint": f.URL + "/userinfo"})
		f.info = info
	}
	return f, newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Citizens = identity.OpenID{Issuer: f.URL, ClientID: "vez", Scopes: []string{"profile"}}
		cfg.Staff = identity.OpenID{Issuer: f.URL, ClientID: "vez"}
	})
}

func TestAnAddressCountsOnlyWhenItIsVerifiedAndOne(t *testing.T) {
	f, h := provides(t, nil, nil)
	long := strings.Repeat("a", 250) + "@x.example"
	for name, c := range map[string]struct {
		email, verified any
		want            string
	}{
		"verified":                {"a@x.example", true, "a@x.example"},
		"verified, said as text":  {"a@x.example", "true", "a@x.example"},
		"not verified":            {"a@x.example", false, ""},
		"not verified, as text":   {"a@x.example", "false", ""},
		"nothing said of it":      {"a@x.example", nil, ""},
		"something odd said":      {"a@x.example", []any{1}, ""},
		"no address":              {"a", true, ""},
		"a name beside it":        {"A <a@x.example>", true, ""},
		"two addresses":           {"a@x.example,b@x.example", true, ""},
		"a second line":           {"a@x.example\r\nBcc: b@x.example", true, ""},
		"a quoted part":           {`"a b"@x.example`, true, ""},
		"not in ASCII":            {"鄭@x.example", true, ""},
		"too long":                {long, true, ""},
		"verified, but not there": {nil, true, ""},
	} {
		b, p := f.run(t, h, func(claims map[string]any) {
			for claim, value := range map[string]any{"email": c.email, "email_verified": c.verified} {
				if value != nil {
					claims[claim] = value
				}
			}
		}, es256(f.key))
		if p.status != 303 {
			t.Errorf("%s: the sign-in ended with %d", name, p.status)
			continue
		}
		if got := b.get("/email").who(); got != fmt.Sprint(c.want, " ", c.want != "") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheAddressIsAskedForWhereTheTokenDoesNotSayIt(t *testing.T) {
	var mu sync.Mutex
	var answer map[string]any
	status := http.StatusOK
	f, h := provides(t, nil, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer a" {
			t.Errorf("asked with %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	})
	for name, c := range map[string]struct {
		status int
		answer map[string]any
		want   string
	}{
		"there":            {200, map[string]any{"sub": "somebody", "email": "a@x.example", "email_verified": true}, "a@x.example true"},
		"not verified":     {200, map[string]any{"sub": "somebody", "email": "a@x.example", "email_verified": false}, none},
		"of somebody else": {200, map[string]any{"sub": "another", "email": "a@x.example", "email_verified": true}, none},
		"of nobody":        {200, map[string]any{"email": "a@x.example", "email_verified": true}, none},
		"out of order":     {500, map[string]any{}, none},
	} {
		mu.Lock()
		status, answer = c.status, c.answer
		mu.Unlock()
		b, p := f.run(t, h, nil, es256(f.key))
		if p.status != 303 {
			t.Errorf("%s: the sign-in ended with %d", name, p.status)
		} else if got := b.get("/email").who(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTheAddressIsAskedOfCitizensAloneAndWhereTheProviderHasIt(t *testing.T) {
	scopes := func(h *house, path string) string {
		b := h.browser(t)
		b.stay()
		to := b.get(path).header.Get("Location")
		_, after, _ := strings.Cut(to, "scope=")
		scope, _, _ := strings.Cut(after, "&")
		return scope
	}
	_, h := provides(t, nil, nil)
	if got := scopes(h, "/signin"); got != "openid+profile+email" {
		t.Errorf("citizens: %s", got)
	}
	if got := scopes(h, "/signin/staff"); got != "openid" {
		t.Errorf("staff: %s", got)
	}
	_, h = provides(t, map[string]any{"scopes_supported": []string{"openid", "profile"}}, nil)
	if got := scopes(h, "/signin"); got != "openid+profile" {
		t.Errorf("a provider without: %s", got)
	}
	_, h = provides(t, map[string]any{"scopes_supported": []string{"openid", "email"}}, nil)
	if got := scopes(h, "/signin"); got != "openid+profile+email" {
		t.Errorf("a provider with: %s", got)
	}
}

func TestAProviderThatRefusesTheScopeStillSignsIn(t *testing.T) {
	f, h := provides(t, nil, nil)
	b := h.browser(t)
	b.stay()
	refuse := func(at string) string {
		_, after, _ := strings.Cut(at, "state=")
		state, _, _ := strings.Cut(after, "&")
		return b.get("/signin/callback?error=invalid_scope&state=" + state).header.Get("Location")
	}
	again := refuse(b.get("/signin?return=/my").header.Get("Location"))
	if !strings.HasPrefix(again, f.URL+"/authorize?") || !strings.Contains(again, "scope=openid+profile&") {
		t.Fatalf("led to %q", again)
	}
	// It is tried once, not round and round.
	_, after, _ := strings.Cut(again, "state=")
	state, _, _ := strings.Cut(after, "&")
	b.refused(b.get("/signin/callback?error=invalid_scope&state="+state), fault.SignInFailed)
	// A state that is not of this browser leads nowhere.
	b.refused(b.get("/signin/callback?error=invalid_scope&state=x"), fault.SignInFailed)
}

func TestWhileTheStoreIsAwayAnAddressIsNotMadeUp(t *testing.T) {
	h := newHouse(t, nil)
	b := h.browser(t)
	b.signIn("/email", "resident-1")
	h.store.Fail(errors.New("disk on fire"))
	h.clock.Advance(11 * time.Minute)
	if p := b.get("/everybody"); strings.Contains(p.body, "@") {
		t.Errorf("%d %q", p.status, p.who())
	}
}
