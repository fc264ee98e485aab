package apitest

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/identity"
	"vez/office"
)

// grantScheme begins the Authorization header of staff with a grant of their own.
const grantScheme = "Grant "

// granted lets staff in by a header "Grant manager:safp|mo", their grant and
// their name: a token of the demonstration always holds for all departments.
type granted struct {
	*identity.Service
	cat *office.Catalogue
}

// Everyone lists the principals of a request.
func (g granted) Everyone(c *fiber.Ctx) ([]identity.Principal, error) {
	text, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), grantScheme)
	if !ok {
		return g.Service.Everyone(c)
	}
	text, name, _ := strings.Cut(text, "|")
	grant, err := identity.ParseGrant(text)
	if err != nil {
		return nil, err
	}
	p := identity.Principal{Subject: "clerk:" + strings.Clone(name), Name: strings.Clone(name), Grants: []identity.Grant{{
		Role: grant.Role, Department: strings.Clone(grant.Department), Office: strings.Clone(grant.Office)}}}
	if grant.Office == identity.Any && grant.Department != identity.Any { // as sessions are read
		for _, o := range g.cat.Offices {
			if slices.Contains(o.Departments, grant.Department) {
				p.Grants = append(p.Grants, identity.Grant{Role: grant.Role, Department: p.Grants[0].Department, Office: o.ID})
			}
		}
	}
	return []identity.Principal{p}, nil
}
