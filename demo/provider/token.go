package provider

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/gofiber/fiber/v2"
)

// idClaims are what an ID token says (OpenID Connect Core 1.0, section 2).
type idClaims struct {
	jwt.Claims
	Nonce  string           `json:"nonce,omitempty"`
	Azp    string           `json:"azp"`
	AuthAt *jwt.NumericDate `json:"auth_time"`
	AtHash string           `json:"at_hash"`
	Name   string           `json:"name"`
	Locale string           `json:"locale"`
	Roles  []string         `json:"vez_roles,omitempty"`
	Email  string           `json:"email,omitempty"`
	// Verified is said where there is an address.
	Verified *bool `json:"email_verified,omitempty"`
}

// tokenFor is how long an ID token may be shown.
const tokenFor = 5 * time.Minute

// token answers POST /demo/id/token.
func (p *Provider) token(c *fiber.Ctx) error {
	form, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		form = url.Values{}
	}
	status, body := p.exchange(form, http.Header{"Authorization": {c.Get(fiber.HeaderAuthorization)}})
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).JSON(body)
}

// exchange redeems a code (RFC 6749, 4.1.3 and 5; RFC 7636, 4.6).
func (p *Provider) exchange(form url.Values, header http.Header) (int, any) {
	client, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := (&http.Request{Header: header}).BasicAuth(); ok {
		client, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(password)
	}
	if want, ok := p.secret[client]; !ok || !same(want, secret) {
		return http.StatusUnauthorized, map[string]string{"error": "invalid_client"}
	}
	if form.Get("grant_type") != "authorization_code" {
		return http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"}
	}
	g, ok := p.take(form.Get("code"))
	proof := sha256.Sum256([]byte(form.Get("code_verifier")))
	if !ok || g.Client != client || g.Redirect != form.Get("redirect_uri") ||
		!same(g.Challenge, base64.RawURLEncoding.EncodeToString(proof[:])) {
		return http.StatusBadRequest, map[string]string{"error": "invalid_grant"}
	}
	access := random()
	id, err := p.sign(g, access)
	if err != nil {
		return http.StatusInternalServerError, map[string]string{"error": "server_error"}
	}
	return http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(tokenFor / time.Second), "id_token": id,
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (p *Provider) sign(g grant, access string) (string, error) {
	now := p.cfg.Clock.Now()
	half := sha256.Sum256([]byte(access))
	claims := idClaims{
		Claims: jwt.Claims{
			Issuer: p.issuer, Subject: g.person.ID, Audience: jwt.Audience{g.Client}, IssuedAt: jwt.NewNumericDate(now),
			Expiry: jwt.NewNumericDate(now.Add(tokenFor)),
		},
		Nonce: g.Nonce, Azp: g.Client, AuthAt: jwt.NewNumericDate(g.at), Name: g.name, Locale: g.person.Lang,
		AtHash: base64.RawURLEncoding.EncodeToString(half[:16]), Roles: g.person.Roles,
	}
	if g.request.Email && g.person.Email != "" {
		proved := !g.person.Unverified
		claims.Email, claims.Verified = g.person.Email, &proved
	}
	return jwt.Signed(p.signer).Claims(claims).Serialize()
}

// within carries the calls of a client in the same program.
type within struct{ p *Provider }

// RoundTrip answers the token endpoint and the keys, and nothing else.
func (w within) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusNotFound, any(map[string]string{"error": "not_found"})
	switch r.Method + " " + r.URL.String() {
	case "GET " + w.p.issuer + "/keys":
		status, body = http.StatusOK, w.p.public
	case "POST " + w.p.issuer + "/token":
		sent, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(sent))
		if err != nil {
			return nil, err
		}
		status, body = w.p.exchange(form, r.Header)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text)),
		ContentLength: int64(len(text)),
	}, nil
}
