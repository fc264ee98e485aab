package identity

import (
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web"
)

// Auth is web.Config.Auth: who sends a request, by bearer token or else by the
// session cookie that the route is for. A request that carries an Authorization
// header is judged by it alone: no page of another site can set one, so forms
// need no token then.
func (s *Service) Auth(c *fiber.Ctx) (web.Principal, error) {
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		p, err := s.bearer(c, header)
		return s.shown(c, p), err
	}
	p, err := s.choose(c)
	return s.shown(c, p), err
}

// shown adds what the visitor is told about themselves: of a citizen we know no
// name.
func (s *Service) shown(c *fiber.Ctx, p Principal) web.Principal {
	w := p.Web()
	if p.session != "" {
		w.Lives = func(ctx context.Context) bool { return s.lives(ctx, p) }
	}
	if w.Known() && w.Name == "" && p.Holds(Citizen) {
		w.Name = web.Text(c).T("identity.resident")
	}
	return w
}

func (s *Service) bearer(c *fiber.Ctx, header string) (Principal, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return Principal{}, fault.New(fault.NotSignedIn)
	}
	p, err := s.find(c.UserContext(), strings.TrimSpace(secret), sortToken)
	if fault.CodeOf(err) == fault.SessionExpired {
		return Principal{}, fault.New(fault.NotSignedIn)
	}
	return p, err
}

// Everyone lists the principals of a request: the bearer of its token, or one
// for each session cookie that is still good, in the order of the place the
// request is for.
func (s *Service) Everyone(c *fiber.Ctx) ([]Principal, error) {
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		p, err := s.bearer(c, header)
		if err != nil {
			return nil, err
		}
		return []Principal{p}, nil
	}
	var all []Principal
	var first error
	for _, sort := range order(c.Path()) {
		secret := s.cookie(c, cookieNames[sort])
		if secret == "" {
			continue
		}
		p, err := s.find(c.UserContext(), secret, sort)
		switch {
		case err == nil:
			all = append(all, p)
		case first == nil || fault.CodeOf(err) == fault.LedgerAway:
			first = err
		}
	}
	if len(all) == 0 {
		return nil, first
	}
	return all, nil
}

// choose takes the first principal that the route admits; else one of the kind
// that it is for, who will be refused; else nobody, who will be asked to sign
// in. On routes for everybody it is the first there is.
func (s *Service) choose(c *fiber.Ctx) (Principal, error) {
	all, err := s.Everyone(c)
	if len(all) == 0 {
		return Principal{}, err
	}
	audience, known := s.audiences()[c.Method()+" "+c.Route().Path]
	if !known || audience.Public() {
		return all[0], nil
	}
	for _, fits := range []func(Principal) bool{
		func(p Principal) bool { return audience.Admits(p.Web()) },
		func(p Principal) bool { return audience.Admits(likes[p.sort]) },
	} {
		if i := slices.IndexFunc(all, fits); i >= 0 {
			return all[i], nil
		}
	}
	return Principal{}, nil
}

// likes are, by sort, somebody who holds all that one of it can hold.
var likes = map[Sort]web.Principal{
	SortCitizen: {ID: "citizen:", Roles: []string{"citizen"}},
	SortStaff:   {ID: "clerk:", Roles: []string{"clerk", "greeter", "manager", "admin", "auditor"}},
	SortKiosk:   {ID: "device:", Roles: []string{"device"}, Device: "kiosk"},
	SortBoard:   {ID: "device:", Roles: []string{"device"}, Device: "board"},
}

// order says which session comes first where several would do.
func order(path string) []Sort {
	place, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch place {
	case "kiosk":
		return []Sort{SortKiosk, SortStaff, SortCitizen, SortBoard}
	case "board":
		return []Sort{SortBoard, SortKiosk, SortStaff, SortCitizen}
	case "counter", "admin":
		return []Sort{SortStaff, SortKiosk, SortBoard, SortCitizen}
	}
	return sorts
}

func audiencesOf(routes []web.Route) map[string]web.Audience {
	out := make(map[string]web.Audience, len(routes))
	for _, r := range routes {
		out[r.Method+" "+r.Path] = r.Audience
		if r.Method == fiber.MethodGet {
			out[fiber.MethodHead+" "+r.Path] = r.Audience
		}
	}
	return out
}
