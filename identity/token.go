package identity

import (
	"context"
	"slices"
	"time"

	"vez/fault"
)

// TokenRequest asks for a demo token.
type TokenRequest struct {
	// Role is one of Roles.
	Role Role
	// Subject is any name at all; the same name is the same person. Empty: a
	// fresh one.
	Subject string
	// Office limits the role to one office; empty: everywhere. It is of no
	// meaning for citizens.
	Office string
	// Kind of a device; empty: kiosk.
	Kind string
}

// DemoToken makes a bearer token to try the API with. Outside the demonstration
// there is no such thing: fault.UnknownThing. An unknown role or a subject over
// 200 bytes is fault.InvalidField. expires is machine time.
func (s *Service) DemoToken(ctx context.Context, r TokenRequest) (token string, expires time.Time, err error) {
	if !s.cfg.Demo {
		return "", time.Time{}, fault.New(fault.UnknownThing, "what", "demo token")
	}
	if !slices.Contains(Roles, r.Role) {
		return "", time.Time{}, fault.New(fault.InvalidField, "field", "role", "why", string(r.Role))
	}
	if len(r.Subject) > 200 {
		return "", time.Time{}, fault.New(fault.InvalidField, "field", "subject", "why", "> 200")
	}
	if r.Subject == "" {
		r.Subject = newSecret()
	}
	p := s.demoPrincipal(r)
	expires = s.now().Add(s.limits.Token)
	token, err = s.start(ctx, p, sortToken, s.limits.Token, "")
	return token, expires, err
}

func (s *Service) demoPrincipal(r TokenRequest) Principal {
	office := r.Office
	if office == "" || r.Role == Citizen {
		office = Any
	}
	p := Principal{Grants: []Grant{{r.Role, Any, office}}}
	kind := "clerk"
	switch r.Role {
	case Citizen:
		kind = "citizen"
	case Device:
		kind, p.Kind = "device", r.Kind
		if p.Kind == "" {
			p.Kind = "kiosk"
		}
	default:
		p.Name = r.Subject
	}
	p.Subject = s.Pseudonym(kind, s.demoIssuer(), r.Subject)
	return p
}

// demoIssuer is that of the citizens' provider if there is one, so that a token
// for a subject is the same person as one who signs in as it.
func (s *Service) demoIssuer() string {
	if s.citizens.offered() {
		return s.citizens.cfg.Issuer
	}
	return "vez-demo"
}
