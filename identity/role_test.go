package identity_test

import (
	"strings"
	"testing"

	"vez/fault"
	"vez/identity"
)

// TestEveryRoleAtEveryOffice is the whole matrix: what a grant of a role at one
// office opens there, and that it opens nothing next door.
func TestEveryRoleAtEveryOffice(t *testing.T) {
	holds := map[identity.Role]string{
		identity.Citizen: "citizen",
		identity.Clerk:   "clerk",
		identity.Greeter: "greeter",
		identity.Manager: "clerk greeter manager auditor",
		identity.Admin:   "admin auditor",
		identity.Device:  "device",
		identity.Auditor: "auditor",
	}
	if len(holds) != len(identity.Roles) {
		t.Fatal("a role is missing here")
	}
	for role, want := range holds {
		here := identity.Principal{Grants: []identity.Grant{{Role: role, Department: "dsi", Office: "dsi-main"}}}
		everywhere := identity.Principal{Grants: []identity.Grant{{Role: role, Department: "*", Office: "*"}}}
		for _, asked := range identity.Roles {
			may := strings.Contains(" "+want+" ", " "+string(asked)+" ")
			if here.May(asked, "dsi-main") != may || everywhere.May(asked, "dsi-main") != may || here.Holds(asked) != may {
				t.Errorf("%s as %s: here %v, everywhere %v, want %v", role, asked,
					here.May(asked, "dsi-main"), everywhere.May(asked, "dsi-main"), may)
			}
			if here.May(asked, "hengqin") || here.May(asked, "*") || here.May(asked, "") {
				t.Errorf("%s at dsi-main is %s elsewhere", role, asked)
			}
			if everywhere.May(asked, "*") != may {
				t.Errorf("%s everywhere is not %s everywhere", role, asked)
			}
		}
	}
	if (identity.Principal{}).May(identity.Auditor, "dsi-main") {
		t.Error("nobody may read")
	}
}

func TestAGrantCoversDepartmentAndOfficeTogether(t *testing.T) {
	p := identity.Principal{Grants: []identity.Grant{
		{Role: identity.Clerk, Department: "dsi", Office: "hengqin"}, {Role: identity.Manager, Department: "iam", Office: "*"},
	}}
	for _, c := range []struct {
		role               identity.Role
		department, office string
		want               bool
	}{
		{identity.Clerk, "dsi", "hengqin", true},
		{identity.Clerk, "dsf", "hengqin", false},
		{identity.Clerk, "dsi", "dsi-main", false},
		{identity.Manager, "dsi", "hengqin", false},
		{identity.Manager, "iam", "islands", true},
		{identity.Greeter, "iam", "islands", true},
		{identity.Manager, "*", "islands", false},
		{identity.Manager, "iam", "*", true},
	} {
		if got := p.MayFor(c.role, c.department, c.office); got != c.want {
			t.Errorf("%s for %s at %s: %v", c.role, c.department, c.office, got)
		}
	}
}

func TestOfficesListsWhereARoleIsHeld(t *testing.T) {
	p := identity.Principal{Grants: []identity.Grant{
		{Role: identity.Manager, Department: "*", Office: "islands"}, {Role: identity.Clerk, Department: "dsi", Office: "dsi-main"},
		{Role: identity.Clerk, Department: "dsf", Office: "dsi-main"},
	}}
	if got, all := p.Offices(identity.Clerk); all || strings.Join(got, " ") != "dsi-main islands" {
		t.Errorf("clerk at %v, all %v", got, all)
	}
	p.Grants = append(p.Grants, identity.Grant{Role: identity.Clerk, Department: "*", Office: "*"})
	if _, all := p.Offices(identity.Clerk); !all {
		t.Error("a clerk everywhere is not one everywhere")
	}
}

func TestGrantsAreReadAsWrittenAndNothingElse(t *testing.T) {
	for text, want := range map[string]string{
		"clerk:dsi:dsi-main": "clerk:dsi:dsi-main", "auditor": "auditor:*:*", "manager:iam": "manager:iam:*",
		"citizen:*:*": "", "device:*:dsi-main": "", "": "", "root": "", "clerk:dsi:dsi-main:x": "", "clerk::dsi-main": "", "clerk:": "",
	} {
		g, err := identity.ParseGrant(text)
		switch {
		case want == "" && fault.CodeOf(err) != fault.InvalidField:
			t.Errorf("%q was taken as %v", text, g)
		case want != "" && (err != nil || g.String() != want):
			t.Errorf("%q: %v, %v", text, g, err)
		}
	}
}
