package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
)

// failing is a transport that can be switched off.
type failing struct{ down atomic.Bool }

func (f *failing) set(down bool) { f.down.Store(down) }

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.down.Load() {
		return nil, errors.New("no route")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// faulty is a provider whose tokens a test can spoil.
type faulty struct {
	*httptest.Server
	key, other *ecdsa.PrivateKey
	mu         sync.Mutex
	nonce      string
	spoil      func(claims map[string]any) // may be nil
	sign       func(payload []byte) (string, error)
	metadata   map[string]any   // beside what every provider says of itself
	info       http.HandlerFunc // at /userinfo; may be nil
}

// more adds to what the provider says of itself.
func (f *faulty) more(metadata map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(f.metadata, metadata)
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	f := &faulty{metadata: map[string]any{}}
	for _, key := range []**ecdsa.PrivateKey{&f.key, &f.other} {
		var err error
		if *key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		said := map[string]any{
			"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
		}
		f.mu.Lock()
		maps.Copy(said, f.metadata)
		f.mu.Unlock()
		_ = json.NewEncoder(w).Encode(said)
	})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, r *http.Request) { f.info(w, r) })
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: f.key.Public(), KeyID: "k", Algorithm: "ES256"}}})
	})
	mux.HandleFunc("/token", f.token)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// es256 signs with a key.
func es256(key *ecdsa.PrivateKey) func([]byte) (string, error) {
	return func(payload []byte) (string, error) {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
		if err != nil {
			return "", err
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			return "", err
		}
		return signed.CompactSerialize()
	}
}

func (f *faulty) token(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	claims := map[string]any{
		"iss": f.URL, "sub": "somebody", "aud": "vez", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": f.nonce,
		"name": "A Name", "vez_roles": []string{"admin:*:*"},
	}
	if f.spoil != nil {
		f.spoil(claims)
	}
	payload, _ := json.Marshal(claims)
	id, err := f.sign(payload)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": id})
}

// run signs in with spoilt claims and gives where it ended.
func (f *faulty) run(t *testing.T, h *house, spoil func(map[string]any), sign func([]byte) (string, error)) (*browser, page) {
	t.Helper()
	b := h.browser(t)
	b.stay()
	to, err := url.Parse(b.get("/signin?return=/my").header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.nonce, f.spoil, f.sign = to.Query().Get("nonce"), spoil, sign
	f.mu.Unlock()
	return b, b.get("/signin/callback?code=c&state=" + url.QueryEscape(to.Query().Get("state")))
}

func TestTokensThatAreNotForUsAreRefused(t *testing.T) {
	f := newFaulty(t)
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Citizens = identity.OpenID{Issuer: f.URL, ClientID: "vez", ClientSecret: "s"}
	})
	good := es256(f.key)
	if _, p := f.run(t, h, nil, good); p.status != 303 || p.header.Get("Location") != "/my" {
		t.Fatalf("a good token: %d", p.status)
	}
	claim := func(name string, value any) func(map[string]any) { return func(c map[string]any) { c[name] = value } }
	for name, c := range map[string]struct {
		spoil func(map[string]any)
		sign  func([]byte) (string, error)
	}{
		"another nonce":                 {claim("nonce", "x"), good},
		"no nonce":                      {func(c map[string]any) { delete(c, "nonce") }, good},
		"another issuer":                {claim("iss", "https://elsewhere.example"), good},
		"the issuer with a slash":       {claim("iss", f.URL+"/"), good},
		"another audience":              {claim("aud", "somebody"), good},
		"several audiences, no party":   {claim("aud", []string{"vez", "somebody"}), good},
		"another authorized party":      {claim("azp", "somebody"), good},
		"outdated":                      {claim("exp", time.Now().Add(-time.Hour).Unix()), good},
		"no subject":                    {claim("sub", ""), good},
		"another access token's hash":   {claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), good},
		"another key":                   {nil, es256(f.other)},
		"no signature":                  {nil, unsigned},
		"signed with the client secret": {nil, hs256([]byte("s"))},
	} {
		t.Run(name, func(t *testing.T) {
			b, p := f.run(t, h, c.spoil, c.sign)
			if p.status != 401 || b.cookies()["vez"] != "" {
				t.Errorf("%d, session %q", p.status, b.cookies()["vez"])
			}
			b.refused(p, fault.SignInFailed)
		})
	}
}

func TestACitizensProviderCannotMakeStaffAndTheirNameIsNotKept(t *testing.T) {
	f := newFaulty(t)
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.Citizens = identity.OpenID{Issuer: f.URL, ClientID: "vez"}
	})
	b, _ := f.run(t, h, nil, es256(f.key))
	if p := b.get("/admin"); p.status != 303 {
		t.Errorf("a citizen with a role claim at the manager's page: %d", p.status)
	}
	docs, err := h.store.List(t.Context(), "session", "")
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d sessions (%v)", len(docs), err)
	}
	for _, doc := range docs {
		var kept map[string]any
		if err := json.Unmarshal(doc, &kept); err != nil {
			t.Fatal(err)
		}
		if kept["name"] != nil || kept["grants"].([]any)[0].(map[string]any)["role"] != "citizen" {
			t.Errorf("kept: %s", doc)
		}
	}
}

func unsigned(payload []byte) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + ".", nil
}

func hs256(secret []byte) func([]byte) (string, error) {
	return func(payload []byte) (string, error) {
		encode := base64.RawURLEncoding.EncodeToString
		text := encode([]byte(`{"alg":"HS256","kid":"k"}`)) + "." + encode(payload)
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return text + "." + encode(mac.Sum(nil)), nil
	}
}
