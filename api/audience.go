package api

import (
	"slices"
	"strings"

	"vez/fault"
	"vez/identity"
	"vez/office"
)

// place says at which office a role must be held.
type place string

const (
	anywhere place = "anywhere" // the role alone is enough
	own      place = "own"      // the operation itself looks whose the thing is, and where
	here     place = "office"   // at the office that the request names
)

// Audience is who an operation is for. The zero Audience is nobody.
type Audience struct {
	// Public is everybody, signed in or not.
	Public bool `json:"public"`
	// Roles of which one must be held.
	Roles []identity.Role `json:"roles,omitempty"`
	// Where it must be held: anywhere, own or office.
	Where place `json:"where,omitempty"`
}

var public = Audience{Public: true}

// at is staff and devices with a role at the office that the request names.
func at(roles ...identity.Role) Audience { return Audience{Roles: roles, Where: here} }

// of is for things that belong to somebody: the operation looks to whom.
func of(roles ...identity.Role) Audience { return Audience{Roles: roles, Where: own} }

// Declared tells whether the audience names anybody.
func (a Audience) Declared() bool { return a.Public || len(a.Roles) > 0 && a.Where != "" }

// String lists it for a table: "public", "clerk, greeter, kiosk (office)".
func (a Audience) String() string {
	if a.Public {
		return "public"
	}
	names := make([]string, 0, len(a.Roles))
	for _, r := range a.Roles {
		name := string(r)
		if r == identity.Device {
			name = "kiosk" // of devices, nobody else passes: see holds
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ") + " (" + string(a.Where) + ")"
}

// choose gives the first principal that holds one of the roles somewhere.
func (a Audience) choose(all []identity.Principal) (identity.Principal, bool) {
	for _, p := range all {
		if slices.ContainsFunc(a.Roles, func(r identity.Role) bool { return holds(p, r) }) {
			return p, true
		}
	}
	return identity.Principal{}, false
}

// holds tells whether a principal has a role somewhere. Of devices, a board or
// a printer shows and prints; only a kiosk acts.
func holds(p identity.Principal, r identity.Role) bool {
	return p.Holds(r) && (r != identity.Device || p.Kind == "kiosk")
}

// mayAt tells whether one of the roles is held at an office. A citizen's holds everywhere.
func (a Audience) mayAt(p identity.Principal, officeID string) bool {
	return slices.ContainsFunc(a.Roles, func(r identity.Role) bool {
		return holds(p, r) && (r == identity.Citizen || p.May(r, officeID))
	})
}

// placed is an input that names the office it is about. The fault is not_found
// for an id that the catalogue does not have.
type placed interface {
	place(c *office.Catalogue) (officeID string, err error)
}

// officeIn gives the office of an id, or fault.UnknownThing.
func officeIn(c *office.Catalogue, id string) (string, error) {
	if c.Office(id) == nil {
		return "", fault.New(fault.UnknownThing, "what", id)
	}
	return id, nil
}
