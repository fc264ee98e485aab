package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/identity"
	"vez/web"
)

//go:embed templates assets
var files embed.FS

// Path is where the provider is mounted.
const Path = "/demo/id"

// Config is what the provider is made of.
type Config struct {
	// URL is the house's public address; the issuer is URL + Path.
	URL string
	// Clock is the machine clock; default: the real one.
	Clock clockwork.Clock
	// Office names an office in the languages of the house, for the page;
	// default: its id.
	Office func(id string) map[string]string
}

// Provider signs demo people in.
type Provider struct {
	cfg    Config
	issuer string
	signer jose.Signer
	public jose.JSONWebKeySet
	secret map[string]string // of each client

	mu     sync.Mutex
	grants map[string]grant
}

// New makes a provider with a fresh signing key.
func New(cfg Config) (*Provider, error) {
	if cfg.URL == "" {
		return nil, errors.New("provider: the public address is missing")
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	if cfg.Clock == nil {
		cfg.Clock = clockwork.NewRealClock()
	}
	if cfg.Office == nil {
		cfg.Office = func(string) map[string]string { return nil }
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	id := random()[:8]
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		return nil, err
	}
	public := jose.JSONWebKey{Key: key.Public(), KeyID: id, Algorithm: string(jose.ES256), Use: "sig"}
	return &Provider{
		cfg: cfg, issuer: cfg.URL + Path, signer: signer, public: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}},
		secret: map[string]string{clientCitizens: random(), clientStaff: random()}, grants: map[string]grant{},
	}, nil
}

// random gives 256 bits as text.
func random() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(b)
}

// Citizens and Staff are what identity needs to sign people in here. Its calls
// to the token endpoint and for the keys stay inside the program, whatever
// address and port the house is reached at from outside.
func (p *Provider) Citizens() identity.OpenID { return p.client(clientCitizens) }

// Staff is Citizens for the door of staff.
func (p *Provider) Staff() identity.OpenID { return p.client(clientStaff) }

func (p *Provider) client(id string) identity.OpenID {
	return identity.OpenID{
		Issuer: p.issuer, ClientID: id, ClientSecret: p.secret[id], Scopes: []string{"profile"},
		Client: &http.Client{Transport: within{p}, Timeout: 10 * time.Second},
		Fixed: &oidc.ProviderConfig{
			IssuerURL: p.issuer, AuthURL: Path + "/authorize", TokenURL: p.issuer + "/token", JWKSURL: p.issuer + "/keys",
			Algorithms: []string{string(jose.ES256)},
		},
	}
}

// Register mounts the provider.
func (p *Provider) Register(app *web.App) error {
	if err := app.Pages("demo", files, "templates"); err != nil {
		return err
	}
	if err := app.Assets("demo", files, "assets"); err != nil {
		return err
	}
	for _, r := range []web.Route{
		{Method: "GET", Path: Path + "/.well-known/openid-configuration", Handler: p.discovery},
		{Method: "GET", Path: Path + "/keys", Handler: func(c *fiber.Ctx) error { return c.JSON(p.public) }},
		{Method: "GET", Path: Path + "/authorize", Handler: p.ask},
		{Method: "POST", Path: Path + "/authorize", Handler: p.answer},
		// Programs call it, with a code that is their proof.
		{Method: "POST", Path: Path + "/token", Handler: p.token, CrossSite: true},
	} {
		r.Audience = web.Public
		app.Handle(r)
	}
	return nil
}

// discovery is the metadata of OpenID Connect Discovery 1.0, section 3.
func (p *Provider) discovery(c *fiber.Ctx) error {
	return c.JSON(map[string]any{
		"issuer": p.issuer, "authorization_endpoint": p.issuer + "/authorize", "token_endpoint": p.issuer + "/token",
		"jwks_uri": p.issuer + "/keys", "response_types_supported": []string{"code"},
		"grant_types_supported": []string{"authorization_code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"}, "scopes_supported": []string{"openid", "profile", "email"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
		"claims_supported":                               []string{"sub", "name", "locale", "vez_roles", "email", "email_verified"},
	})
}
