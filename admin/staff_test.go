package admin

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vez/fault"
	"vez/hall/halltest"
	"vez/identity"
	"vez/web/webtest"
)

const staffPath = "/admin/offices/" + hallID + "/staff"

// people are some who are signed in.
type people struct {
	all  []identity.Present
	gone string
}

func (p *people) Present(context.Context, string) ([]identity.Present, error) { return p.all, nil }

func (p *people) SignOut(_ context.Context, by identity.Principal, office, subject string) (identity.Present, error) {
	for _, one := range p.all {
		if one.Subject == subject && one.Yields(by, office) {
			p.gone = subject
			return one, nil
		}
	}
	return identity.Present{}, fault.New(fault.UnknownThing, "what", "session")
}

func signedIn() *people {
	at := halltest.At("08:50")
	return &people{all: []identity.Present{
		{Subject: "clerk:ana", Name: "Demo Ana", Roles: []identity.Role{identity.Clerk, identity.Greeter}, Since: at, Seen: at.Add(30 * time.Minute), Browsers: 2},
		{Subject: "clerk:boss", Name: "Demo Boss", Roles: []identity.Role{identity.Manager}, Since: at.Add(-24 * time.Hour), Seen: at, Browsers: 1},
		{Subject: "clerk:set-up", Name: "Demo Set-up", Roles: []identity.Role{identity.Admin}, Since: at, Seen: at, Browsers: 1},
	}}
}

func withStaff(p *people) func(*house, *Deps) { return func(_ *house, d *Deps) { d.Staff = p } }

func TestWhoIsSignedInIsListedAndSignedOut(t *testing.T) {
	p := signedIn()
	h := newHouse(t, withStaff(p))
	b := h.browser(boss)
	page := b.get(staffPath + "?lang=en")
	for _, want := range []string{"Demo Ana", "Clerk, Reception", "Demo Boss", "Demo Set-up", "only by set-up staff", "Sign out everywhere"} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the page lacks %q: %s", want, page.text())
		}
	}
	forms := webtest.All(page.doc, func(n *html.Node) bool {
		return n.Data == "form" && webtest.Attr(n, "action") == pathOf(hallID)+"/sign-out"
	})
	if len(forms) != 2 {
		t.Errorf("%d forms", len(forms))
	}
	if a := b.submit(staffPath, pathOf(hallID)+"/sign-out", "who", "clerk:ana"); p.gone != "clerk:ana" || a.from != staffPath || !strings.Contains(a.text(), "Demo Ana") {
		t.Errorf("%q is gone, at %s", p.gone, a.from)
	}
	if a := b.submit(staffPath, pathOf(hallID)+"/sign-out", "who", "clerk:set-up"); p.gone != "clerk:ana" || a.from != staffPath {
		t.Errorf("%q is gone, at %s", p.gone, a.from)
	}
	reader := h.browser("auditor:dsi:dsi-main|reader")
	if a := reader.get(staffPath); a.status != http.StatusForbidden {
		t.Errorf("an auditor is answered %d", a.status)
	}
	if a := reader.get(pathOf(hallID)); len(webtest.All(a.doc, func(n *html.Node) bool { return webtest.Attr(n, "href") == staffPath })) > 0 {
		t.Error("an auditor is shown the way")
	}
}
