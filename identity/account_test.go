package identity_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
)

const password = "correct horse battery"

// withAccount is a house with local accounts and the clerk "ana" at dsi-main.
func withAccount(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.LocalStaff, cfg.Staff = true, identity.OpenID{}
		cfg.Offices = func(department string) []string {
			return map[string][]string{"dsi": {"dsi-main", "hengqin"}}[department]
		}
	})
	h.identity.Accounts().Cheaply()
	account := identity.Account{Name: "Ana", Shown: "Demo Clerk", Grants: []identity.Grant{{Role: identity.Clerk, Department: "dsi", Office: "*"}}}
	if err := h.identity.Accounts().Set(t.Context(), account, password); err != nil {
		t.Fatal(err)
	}
	return h
}

// enter types name and password at the door for staff.
func (b *browser) enter(name, password, back string) page {
	b.t.Helper()
	form := hidden(b.get("/signin/staff?return=" + url.QueryEscape(back)))
	form.Set("name", name)
	form.Set("password", password)
	return b.post("/signin/staff", form)
}

func TestALocalAccountOpensTheCounter(t *testing.T) {
	h := withAccount(t)
	b := h.browser(t)
	if p := b.get("/counter"); !strings.HasPrefix(p.path, "/signin/staff?") {
		t.Fatalf("the counter led to %s", p.path)
	}
	p := b.enter(" ANA ", password, "/counter?x=1")
	if p.path != "/counter?x=1" || p.who() != h.identity.Accounts().Subject("ana") {
		t.Errorf("came to %d %s as %s", p.status, p.path, p.who())
	}
	if p := b.enter("ana", password, "https://evil.example"); p.path != "/counter" {
		t.Errorf("a return address that leads away led to %s", p.path)
	}
}

func TestAGrantForADepartmentHoldsWhereItIsServed(t *testing.T) {
	h := withAccount(t)
	who, err := h.identity.Accounts().Verify(t.Context(), "ana", password)
	if err != nil || !who.MayFor(identity.Clerk, "dsi", "hengqin") || who.MayFor(identity.Clerk, "iam", "hengqin") {
		t.Errorf("%+v (%v)", who, err)
	}
	b := h.browser(t)
	b.enter("ana", password, "/counter")
	seen := h.seenAs(t, b, "vez_staff")
	if !seen.May(identity.Clerk, "hengqin") || seen.May(identity.Clerk, "iam-main") {
		t.Errorf("signed in as %+v", seen)
	}
}

func TestAWrongPasswordAndAnUnknownNameLookTheSame(t *testing.T) {
	h := withAccount(t)
	b := h.browser(t)
	wrong, unknown := b.enter("ana", "not the password", "/counter"), b.enter("eva", password, "/counter")
	if wrong.status != 401 || unknown.status != 401 || b.cookies()["vez_staff"] != "" {
		t.Errorf("%d and %d", wrong.status, unknown.status)
	}
	if !strings.Contains(wrong.body, "do not go together") || !strings.Contains(unknown.body, "do not go together") {
		t.Error("the page does not say what happened")
	}
	if strings.Contains(wrong.body, "not the password") {
		t.Error("the page shows the password")
	}
}

func TestGuessingPasswordsIsSlowedDownAndARightOneForgives(t *testing.T) {
	h := withAccount(t)
	b := h.browser(t)
	for range 6 {
		b.enter("ana", "not the password", "/counter")
	}
	if p := b.enter("ana", password, "/counter"); p.status != 429 {
		t.Errorf("after six wrong ones the right one is answered %d", p.status)
	}
	h.clock.Advance(time.Minute)
	if p := b.enter("ana", password, "/counter"); p.path != "/counter" {
		t.Errorf("a minute later: %d %s", p.status, p.path)
	}
}

func TestWhoLeavesIsSignedOutAtOnce(t *testing.T) {
	h := withAccount(t)
	b := h.browser(t)
	b.enter("ana", password, "/counter")
	if err := h.identity.Accounts().Remove(t.Context(), "ana"); err != nil {
		t.Fatal(err)
	}
	if b.signedIn("/counter") {
		t.Error("the session lives on")
	}
	if _, err := h.identity.Accounts().Verify(t.Context(), "ana", password); fault.CodeOf(err) != fault.SignInFailed {
		t.Errorf("the account is still good: %v", err)
	}
}

func TestAccountsThatCouldNotBeMeantAreRefused(t *testing.T) {
	h := withAccount(t)
	clerk := []identity.Grant{{Role: identity.Clerk, Department: "*", Office: "*"}}
	for name, c := range map[string]struct {
		account  identity.Account
		password string
	}{
		"no name":          {identity.Account{Grants: clerk}, password},
		"a short password": {identity.Account{Name: "eva", Grants: clerk}, "short"},
		"a long password":  {identity.Account{Name: "eva", Grants: clerk}, strings.Repeat("a", 257)},
		"a citizen":        {identity.Account{Name: "eva", Grants: []identity.Grant{{Role: identity.Citizen, Department: "*", Office: "*"}}}, password},
		"half a grant":     {identity.Account{Name: "eva", Grants: []identity.Grant{{Role: identity.Clerk}}}, password},
	} {
		if err := h.identity.Accounts().Set(t.Context(), c.account, c.password); fault.CodeOf(err) != fault.InvalidField {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPasswordsAreNotKept(t *testing.T) {
	h := withAccount(t)
	docs, err := h.store.List(t.Context(), "account", "")
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d accounts (%v)", len(docs), err)
	}
	for _, doc := range docs {
		if strings.Contains(string(doc), password) || !strings.Contains(string(doc), "Hash") {
			t.Errorf("kept: %s", doc)
		}
	}
}

func TestPasswordsCostWhatTheStandardAdvises(t *testing.T) {
	h := newHouse(t, nil)
	account := identity.Account{Name: "eva", Grants: []identity.Grant{{Role: identity.Clerk, Department: "*", Office: "*"}}}
	if err := h.identity.Accounts().Set(t.Context(), account, password); err != nil {
		t.Fatal(err)
	}
	docs, err := h.store.List(t.Context(), "account", "")
	if err != nil || !strings.Contains(string(docs["eva"]), `"Cost":{"Time":3,"Memory":65536,"Threads":4}`) {
		t.Errorf("kept: %s (%v)", docs["eva"], err)
	}
}
