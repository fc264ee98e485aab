package identity_test

import (
	"testing"
	"time"

	"vez/fault"
	"vez/identity"
)

// TestAManagerSeesWhoIsSignedInAndSignsThemOut has a clerk at two browsers, the
// demonstration's manager, who is of the set-up staff too, and a resident.
func TestAManagerSeesWhoIsSignedInAndSignsThemOut(t *testing.T) {
	h := newHouse(t, nil)
	one, two, upper, resident := h.browser(t), h.browser(t), h.browser(t), h.browser(t)
	began := h.clock.Now()
	clerk := one.signIn("/counter", "clerk-1").who()
	h.clock.Advance(20 * time.Minute)
	two.signIn("/counter", "clerk-1")
	boss := upper.signIn("/admin", "manager").who()
	citizen := resident.signIn("/my", "resident-1").who()
	ctx, ours, theirs := t.Context(), managerOf("dsi-main"), managerOf("iam-main")
	present := func(want ...string) map[string]identity.Present {
		t.Helper()
		all, err := h.identity.Present(ctx, "dsi-main")
		if err != nil || len(all) != len(want) {
			t.Fatalf("%d are there, want %d: %+v, %v", len(all), len(want), all, err)
		}
		out := map[string]identity.Present{}
		for _, p := range all {
			out[p.Subject] = p
		}
		return out
	}
	all := present(clerk, boss)
	if p := all[clerk]; p.Browsers != 2 || !p.Since.Equal(began) || p.Seen.Before(began.Add(20*time.Minute)) || p.Name == "" || len(p.Roles) != 1 || p.Roles[0] != identity.Clerk {
		t.Errorf("the clerk is %+v", p)
	}
	if p := all[boss]; p.Browsers != 1 || p.Yields(ours, "dsi-main") || !all[clerk].Yields(ours, "dsi-main") || all[clerk].Yields(theirs, "dsi-main") {
		t.Errorf("the manager is %+v", p)
	}
	for _, c := range []struct {
		by      identity.Principal
		subject string
		want    fault.Code
	}{{theirs, clerk, fault.NotAllowed}, {ours, boss, fault.NotAllowed}, {ours, citizen, fault.UnknownThing}, {ours, "", fault.UnknownThing}, {identity.Principal{}, clerk, fault.NotAllowed}} {
		if _, err := h.identity.SignOut(ctx, c.by, "dsi-main", c.subject); fault.CodeOf(err) != c.want {
			t.Errorf("%q by %q: %v, want %s", c.subject, c.by.Subject, err, c.want)
		}
	}
	if !one.signedIn("/counter") || !upper.signedIn("/admin") || !resident.signedIn("/my") {
		t.Fatal("a refusal signed somebody out")
	}
	if p, err := h.identity.SignOut(ctx, ours, "dsi-main", clerk); err != nil || p.Name != all[clerk].Name {
		t.Fatalf("%+v, %v", p, err)
	}
	if one.signedIn("/counter") || two.signedIn("/counter") || !upper.signedIn("/admin") {
		t.Error("the wrong ones are signed out")
	}
	present(boss)
	h.clock.Advance(24 * time.Hour)
	present()
}
