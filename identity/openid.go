package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"vez/locale"
)

// OpenID names an OpenID Connect provider and us as its client.
type OpenID struct {
	// Issuer must equal the iss of its tokens, letter by letter. Without one the
	// provider is not used.
	Issuer string
	// ClientID and ClientSecret are ours there; the secret may be empty, PKCE is
	// always used.
	ClientID, ClientSecret string
	// Scopes beside openid. Of citizens "email" is asked besides, if the provider
	// has it: who signs in with a verified address can be reminded there.
	Scopes []string
	// Client carries our calls to the provider; default: one that gives up after
	// 10 seconds.
	Client *http.Client
	// Fixed gives the endpoints of a provider in the same program, instead of
	// asking for them at the issuer. An AuthURL that is a path is of this site.
	Fixed *oidc.ProviderConfig
}

// algorithms that a provider may sign with; those with a shared key, and none,
// are not among them.
var algorithms = []string{oidc.ES256, oidc.RS256, oidc.PS256, oidc.EdDSA}

// relyingParty speaks with one provider.
type relyingParty struct {
	cfg OpenID
	now func() time.Time
	log *slog.Logger
	// asks says that the address is asked for.
	asks bool

	mu       sync.Mutex
	provider *oidc.Provider
}

func newRelyingParty(cfg Config, o OpenID, asks bool) *relyingParty {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second}
	}
	return &relyingParty{cfg: o, now: cfg.Clock.Now, log: cfg.Log, asks: asks}
}

func (r *relyingParty) offered() bool { return r.cfg.Issuer != "" }

// known gives the provider's endpoints and keys, found at the first sign-in and
// again after a failure.
func (r *relyingParty) known(ctx context.Context) (*oidc.Provider, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.provider != nil {
		return r.provider, nil
	}
	// The provider keeps the context's client for fetching keys later on.
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), r.cfg.Client)
	if r.cfg.Fixed != nil {
		r.provider = r.cfg.Fixed.NewProvider(ctx)
		return r.provider, nil
	}
	p, err := oidc.NewProvider(ctx, r.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", r.cfg.Issuer, err)
	}
	r.provider = p
	return p, nil
}

func (r *relyingParty) client(p *oidc.Provider, a attempt) *oauth2.Config {
	end := p.Endpoint()
	if strings.HasPrefix(end.AuthURL, "/") {
		end.AuthURL = a.Base + end.AuthURL
	}
	if r.cfg.ClientSecret == "" {
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: r.cfg.ClientID, ClientSecret: r.cfg.ClientSecret, Endpoint: end, RedirectURL: a.Base + "/signin/callback",
		Scopes: r.scopes(p, a),
	}
}

// address is where the browser goes to sign in.
func (r *relyingParty) address(ctx context.Context, a attempt, lang string) (string, error) {
	p, err := r.known(ctx)
	if err != nil {
		return "", err
	}
	return r.client(p, a).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier),
		oauth2.SetAuthURLParam("ui_locales", lang)), nil
}

// claims are what we read of an ID token.
type claims struct {
	Issuer  string   `json:"iss"`
	Subject string   `json:"sub"`
	Azp     string   `json:"azp"`
	Name    string   `json:"name"`
	Locale  string   `json:"locale"`
	Roles   []string `json:"vez_roles"`
	addressClaims
}

// lang is the preferred language, if the provider says one.
func (c claims) lang() string {
	if c.Locale == "" {
		return ""
	}
	return locale.Match(c.Locale)
}

// redeem exchanges a code and checks what comes back: signature with an allowed
// algorithm, issuer, audience and expiry (by go-oidc), then nonce, authorized
// party and the hash of the access token (OpenID Connect Core 1.0, 3.1.3.7).
func (r *relyingParty) redeem(ctx context.Context, code string, a attempt) (claims, error) {
	var got claims
	p, err := r.known(ctx)
	if err != nil {
		return got, err
	}
	ctx = oidc.ClientContext(ctx, r.cfg.Client)
	token, err := r.client(p, a).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return got, fmt.Errorf("exchange: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return got, errors.New("the answer has no ID token")
	}
	verifier := p.VerifierContext(ctx, &oidc.Config{
		ClientID: r.cfg.ClientID, SupportedSigningAlgs: algorithms, Now: r.now,
	})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return got, fmt.Errorf("ID token: %w", err)
	}
	if err := id.Claims(&got); err != nil {
		return got, fmt.Errorf("ID token: %w", err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1:
		return got, errors.New("ID token: another nonce")
	case got.Azp != "" && got.Azp != r.cfg.ClientID, len(id.Audience) > 1 && got.Azp == "":
		return got, errors.New("ID token: another authorized party")
	case got.Subject == "":
		return got, errors.New("ID token: no subject")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return got, fmt.Errorf("ID token: %w", err)
		}
	}
	if r.asks && got.Email == "" {
		got.addressClaims = r.userinfo(ctx, p, token, got.Subject)
	}
	return got, nil
}
