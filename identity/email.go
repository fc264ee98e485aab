package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/oauth2"
)

// scopeEmail asks for the address (OpenID Connect Core 1.0, 5.4).
const scopeEmail = "email"

// addressClaims are the address as a provider says it, in an ID token or at its
// userinfo endpoint.
type addressClaims struct {
	Email    string   `json:"email"`
	Verified verified `json:"email_verified"`
}

// verified is a boolean; some providers write it as text.
type verified bool

// UnmarshalJSON takes true and "true"; whatever else there is means no, and
// never spoils a sign-in.
func (v *verified) UnmarshalJSON(data []byte) error {
	var said any
	if err := json.Unmarshal(data, &said); err != nil {
		return err
	}
	*v = said == true || said == "true"
	return nil
}

// addressMost is the longest address that mail can carry (RFC 5321, 4.5.3.1.3).
const addressMost = 254

// address is the one that may be written to: verified, and nothing but an
// address, of letters that every mail server takes. "" for none.
func (a addressClaims) address() string {
	odd := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"<>(),;:\`, r) }
	if !bool(a.Verified) || len(a.Email) > addressMost || strings.ContainsFunc(a.Email, odd) {
		return ""
	}
	if parsed, err := mail.ParseAddress(a.Email); err != nil || parsed.Address != a.Email {
		return ""
	}
	return a.Email
}

// scopes to ask for. The address is left out where the provider lists its scopes
// without it.
func (r *relyingParty) scopes(p *oidc.Provider, a attempt) []string {
	out := append([]string{oidc.ScopeOpenID}, r.cfg.Scopes...)
	if !r.asks || a.Plain || slices.Contains(out, scopeEmail) {
		return out
	}
	var has struct {
		Scopes []string `json:"scopes_supported"`
	}
	// A provider that was not found by discovery has nothing to say.
	if err := p.Claims(&has); err == nil && len(has.Scopes) > 0 && !slices.Contains(has.Scopes, scopeEmail) {
		return out
	}
	return append(out, scopeEmail)
}

// userinfoFor is how long the sign-in waits for an address: it can do without.
const userinfoFor = 3 * time.Second

// userinfo asks for the address where the ID token does not say it. Whatever
// goes wrong, there is no address, and the person is signed in.
func (r *relyingParty) userinfo(ctx context.Context, p *oidc.Provider, token *oauth2.Token, subject string) addressClaims {
	if p.UserInfoEndpoint() == "" {
		return addressClaims{}
	}
	ctx, cancel := context.WithTimeout(ctx, userinfoFor)
	defer cancel()
	var got addressClaims
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil && info.Subject != subject {
		// OpenID Connect Core 1.0, 5.3.2: it is somebody else's.
		err = errors.New("another subject")
	}
	if err == nil {
		err = info.Claims(&got)
	}
	if err != nil {
		// The provider's words may tell who it is; they stay out of the log.
		r.log.Warn("identity: the provider did not say an e-mail address", "issuer", r.cfg.Issuer)
		return addressClaims{}
	}
	return got
}

// emailOf binds a sealed address to its session.
func emailOf(session string) []byte { return []byte("vez session email " + session) }

func (s *Service) sealEmail(address, session string) ([]byte, error) {
	box, err := boxOf(s.keys.email)
	if err != nil {
		return nil, err
	}
	return box.Seal(nil, nil, []byte(address), emailOf(session)), nil
}

// Email gives the verified e-mail address with which the citizen who sends this
// request has signed in. ok is false for anybody else, for one whose provider
// said no verified address, and while it cannot be read. It is kept nowhere but
// sealed in their session, and goes with it.
func (s *Service) Email(c *fiber.Ctx) (address string, ok bool) {
	p := Of(c)
	if _, citizen := p.Citizen(); !citizen || p.sort != SortCitizen {
		return "", false
	}
	e, ok := s.cache.get(p.session, s.limits.Stale)
	if !ok {
		var err error
		if e, err = s.load(c.UserContext(), p.session, SortCitizen); err != nil {
			return "", false
		}
	}
	if len(e.email) == 0 || e.who.Subject != p.Subject {
		return "", false
	}
	box, err := boxOf(s.keys.email)
	if err != nil {
		return "", false
	}
	plain, err := box.Open(nil, nil, e.email, emailOf(p.session))
	if err != nil {
		s.cfg.Log.Warn("identity: a session's e-mail address cannot be opened")
		return "", false
	}
	return string(plain), true
}
