package identity

import (
	"fmt"
	"slices"
	"strings"

	"vez/fault"
)

// Role is what somebody does here.
type Role string

// The roles. A manager holds clerk, greeter and auditor too, an admin holds
// auditor; no other role holds another one. Who sets up machines is thereby not
// also somebody who moves tickets, and reception does not call them.
const (
	Citizen Role = "citizen" // books and follows their own visits
	Clerk   Role = "clerk"   // calls and serves at a counter
	Greeter Role = "greeter" // reception: checks in, issues, books on behalf
	Manager Role = "manager" // pauses, closes, confirms devices, reads reports
	Admin   Role = "admin"   // set-up, calendars, staff, devices
	Device  Role = "device"  // a kiosk, board or printer
	Auditor Role = "auditor" // reads reports and events, changes nothing
)

// Roles lists all roles.
var Roles = []Role{Citizen, Clerk, Greeter, Manager, Admin, Device, Auditor}

var held = map[Role][]Role{
	Manager: {Clerk, Greeter, Auditor},
	Admin:   {Auditor},
}

// Includes says whether who holds the role may do what the other one may.
func (r Role) Includes(other Role) bool {
	return r == other || slices.Contains(held[r], other)
}

// Staff says whether the role is one of people who work here.
func (r Role) Staff() bool { return r != Citizen && r != Device && slices.Contains(Roles, r) }

// Any stands for every department or every office in a grant.
const Any = "*"

// Grant is a role for a department at an office; either may be Any.
type Grant struct {
	Role       Role   `json:"role"`
	Department string `json:"department"`
	Office     string `json:"office"`
}

// String writes a grant as role:department:office.
func (g Grant) String() string { return string(g.Role) + ":" + g.Department + ":" + g.Office }

// covers says whether the grant holds for a department at an office.
func (g Grant) covers(department, office string) bool {
	return (g.Department == Any || g.Department == department) && (g.Office == Any || g.Office == office)
}

// ParseGrant reads "role:department:office". Parts left out are Any, so that
// "auditor" is one who reads everything. It refuses unknown roles, and those of
// citizens and devices, which no provider gives: fault.InvalidField.
func ParseGrant(text string) (Grant, error) {
	parts := strings.Split(text, ":")
	g := Grant{Role: Role(parts[0]), Department: Any, Office: Any}
	if len(parts) > 3 || !g.Role.Staff() || slices.Contains(parts, "") {
		return Grant{}, fault.New(fault.InvalidField, "field", "role", "why", fmt.Sprintf("%q", text))
	}
	if len(parts) > 1 {
		g.Department = parts[1]
	}
	if len(parts) > 2 {
		g.Office = parts[2]
	}
	return g, nil
}

// parseGrants reads a role claim. What it does not know is left out: a provider
// may name roles that are meant for other programs.
func parseGrants(texts []string) []Grant {
	var out []Grant
	for _, text := range texts {
		if g, err := ParseGrant(text); err == nil {
			out = append(out, g)
		}
	}
	return out
}
