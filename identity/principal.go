package identity

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/web"
)

// Principal is who sends a request. The zero Principal is nobody.
type Principal struct {
	// Subject is a pseudonym: "citizen:…", "clerk:…" for everybody of staff, or
	// "device:…". It is what events name as actor and rows as holder.
	Subject string
	// Grants say which roles are held where.
	Grants []Grant
	// Name is a staff member's or a device's, for themselves and their
	// colleagues. A citizen has none.
	Name string
	// Lang is the language the person prefers, one of locale.Languages, or "".
	Lang string
	// Kind of a device: kiosk, board or printer; else "".
	Kind string

	session string // hash that the session or token is kept under
	sort    Sort
}

// Known says whether it is somebody.
func (p Principal) Known() bool { return p.Subject != "" }

// May says whether a role is held at an office, for any of its departments. An
// office of Any asks whether it is held everywhere.
func (p Principal) May(role Role, office string) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return g.Role.Includes(role) && (g.Office == office || g.Office == Any && g.Department == Any)
	})
}

// MayFor says whether a role is held for a department at an office. What
// concerns a whole hall is asked with the office's host department.
func (p Principal) MayFor(role Role, department, office string) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return g.Role.Includes(role) && g.covers(department, office)
	})
}

// Holds says whether a role is held anywhere.
func (p Principal) Holds(role Role) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role.Includes(role) })
}

// Offices lists where a role is held, sorted; all is true when it is everywhere.
func (p Principal) Offices(role Role) (offices []string, all bool) {
	for _, g := range p.Grants {
		switch {
		case !g.Role.Includes(role):
		case g.Office != Any:
			offices = append(offices, g.Office)
		case g.Department == Any:
			return nil, true
		}
	}
	slices.Sort(offices)
	return slices.Compact(offices), false
}

// Citizen gives the pseudonym under which a citizen's bookings stand, and
// whether the principal is one.
func (p Principal) Citizen() (holder string, ok bool) {
	return p.Subject, strings.HasPrefix(p.Subject, "citizen:")
}

// roles lists all roles held anywhere, with those that they include.
func (p Principal) roles() []string {
	var out []string
	for _, r := range Roles {
		if p.Holds(r) {
			out = append(out, string(r))
		}
	}
	return out
}

// Web is the principal as the frame knows it.
func (p Principal) Web() web.Principal {
	if !p.Known() {
		return web.Principal{}
	}
	return web.Principal{ID: p.Subject, Roles: p.roles(), Device: p.Kind, Name: p.Name, Grants: p}
}

// Of gives the principal of a request; the zero one for nobody.
func Of(c *fiber.Ctx) Principal {
	p, _ := web.Who(c).Grants.(Principal)
	return p
}
