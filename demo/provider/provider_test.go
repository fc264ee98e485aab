package provider

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/jonboulle/clockwork"

	"vez/identity"
	"vez/locale"
)

const (
	house    = "http://127.0.0.1:8080"
	redirect = house + "/signin/callback"
	verifier = "a verifier of more than forty-three characters, as is asked"
)

func newProvider(t *testing.T) (*Provider, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClock()
	p, err := New(Config{URL: house + "/", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return p, clock
}

// granted gives a code for a person at the citizens' client.
func granted(p *Provider) string {
	sum := sha256.Sum256([]byte(verifier))
	return p.give(grant{
		request: request{Client: clientCitizens, Redirect: redirect, Nonce: "n", Challenge: base64.RawURLEncoding.EncodeToString(sum[:])},
		person:  People[1], name: "Demo Resident 2",
	})
}

func redeeming(p *Provider, code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier},
		"client_id": {clientCitizens}, "client_secret": {p.secret[clientCitizens]},
	}
}

func TestACodeIsRedeemedForASignedTokenOnce(t *testing.T) {
	p, clock := newProvider(t)
	form := redeeming(p, granted(p))
	status, body := p.exchange(form, nil)
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, body)
	}
	token, err := jwt.ParseSigned(body.(map[string]any)["id_token"].(string), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var got idClaims
	if err := token.Claims(p.public.Keys[0].Key, &got); err != nil {
		t.Fatal(err)
	}
	want := jwt.Expected{Issuer: house + Path, Subject: "resident-2", AnyAudience: jwt.Audience{clientCitizens}, Time: clock.Now()}
	if err := got.Validate(want); err != nil || got.Nonce != "n" || got.Locale != locale.Pt || got.Roles != nil {
		t.Errorf("%+v (%v)", got, err)
	}
	if status, _ := p.exchange(form, nil); status != http.StatusBadRequest {
		t.Errorf("the second time: %d", status)
	}
}

func TestACodeIsWorthNothingInOtherHands(t *testing.T) {
	p, clock := newProvider(t)
	for name, spoil := range map[string]func(url.Values){
		"another verifier": func(f url.Values) { f.Set("code_verifier", "x") },
		"no verifier":      func(f url.Values) { f.Del("code_verifier") },
		"another redirect": func(f url.Values) { f.Set("redirect_uri", house+"/my") },
		"another client": func(f url.Values) {
			f.Set("client_id", clientStaff)
			f.Set("client_secret", p.secret[clientStaff])
		},
		"a wrong secret": func(f url.Values) { f.Set("client_secret", "x") },
		"no secret":      func(f url.Values) { f.Del("client_secret") },
		"no such client": func(f url.Values) { f.Set("client_id", "x") },
		"another grant":  func(f url.Values) { f.Set("grant_type", "password") },
		"too late":       func(url.Values) { clock.Advance(codeFor + time.Second) },
	} {
		form := redeeming(p, granted(p))
		spoil(form)
		if status, body := p.exchange(form, nil); status == http.StatusOK {
			t.Errorf("%s: %v", name, body)
		}
	}
}

func TestCodesInMemoryAreBounded(t *testing.T) {
	p, _ := newProvider(t)
	for range 3 * grantsMost {
		granted(p)
	}
	if len(p.grants) > grantsMost {
		t.Errorf("%d codes are kept", len(p.grants))
	}
}

func TestEveryLanguageHasAResidentAndEveryRoleIsReal(t *testing.T) {
	ids, langs := map[string]bool{}, map[string]bool{}
	for _, person := range People {
		if ids[person.ID] {
			t.Errorf("two people are %s", person.ID)
		}
		ids[person.ID] = true
		if !person.Staff() {
			langs[person.Lang] = true
		}
		for _, role := range person.Roles {
			if g, err := identity.ParseGrant(role); err != nil || g.String() != role {
				t.Errorf("%s has the role %q (%v)", person.ID, role, err)
			}
		}
		if (person.Office != "") != slices.ContainsFunc(person.Roles, func(r string) bool { return strings.HasSuffix(r, ":"+person.Office) }) {
			t.Errorf("%s is said to work at %q with %v", person.ID, person.Office, person.Roles)
		}
	}
	for _, lang := range locale.Languages {
		if !langs[lang] {
			t.Errorf("no resident prefers %s", lang)
		}
	}
}

func TestDemoPeopleArePlainlyNamedSoInEveryLanguage(t *testing.T) {
	text, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	marks := map[string]string{locale.ZhHant: "示範", locale.Pt: "demonstração", locale.En: "Demo", locale.ZhHans: "演示"}
	p, _ := newProvider(t)
	for _, lang := range locale.Languages {
		seen := map[string]bool{}
		for _, person := range People {
			c := p.choice(text.In(lang), person)
			if !strings.Contains(c.Name, marks[lang]) || seen[c.Name] || strings.Contains(c.Name+c.Note, "⟦") || c.Note == "" || c.Icon == "" {
				t.Errorf("%s in %s: %+v", person.ID, lang, c)
			}
			seen[c.Name] = true
		}
	}
}

// said gives the claims of a person's ID token.
func said(t *testing.T, p *Provider, person Person, email bool) idClaims {
	t.Helper()
	raw, err := p.sign(grant{request: request{Client: clientOf(person), Email: email}, person: person, at: p.cfg.Clock.Now()}, "a")
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var got idClaims
	if err := token.Claims(p.public.Keys[0].Key, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestEveryCaseOfAnAddressCanBeTriedAndNoneIsReal(t *testing.T) {
	p, _ := newProvider(t)
	cases := map[string]int{}
	for _, person := range People {
		if got := said(t, p, person, false); got.Email != "" || got.Verified != nil {
			t.Errorf("%s: an address nobody asked for: %+v", person.ID, got)
		}
		got := said(t, p, person, true)
		switch {
		case got.Email != person.Email || (got.Verified != nil) != (got.Email != ""):
			t.Errorf("%s has %q, the token says %q", person.ID, person.Email, got.Email)
		case got.Email == "":
			cases["none"]++
		case *got.Verified:
			cases["verified"]++
		default:
			cases["unverified"]++
		}
		if got.Email != "" && (person.Staff() || !strings.HasPrefix(got.Email, "demo.") || !strings.HasSuffix(got.Email, ".example")) {
			t.Errorf("%s has the address %s", person.ID, got.Email)
		}
	}
	if cases["verified"] < 3 || cases["unverified"] != 1 || cases["none"] == 0 {
		t.Errorf("%v", cases)
	}
}
