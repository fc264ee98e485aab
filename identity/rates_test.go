package identity_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"vez/demo/provider"
	"vez/identity"
)

// TestAStolenListOfPasswordsCannotBeTriedOut: each name is tried once only, so
// that no brake on a name would notice; the network that tries them is stopped.
func TestAStolenListOfPasswordsCannotBeTriedOut(t *testing.T) {
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) {
		cfg.LocalStaff, cfg.Staff, cfg.Demo = true, identity.OpenID{}, false
	})
	h.identity.Accounts().Cheaply()
	b := h.browser(t)
	form := hidden(b.get("/signin/staff"))
	for i := range 400 {
		form.Set("name", fmt.Sprintf("name%d", i))
		form.Set("password", "correct horse battery")
		p := b.post("/signin/staff", form)
		if p.status == http.StatusTooManyRequests {
			if i < 100 {
				t.Errorf("a hall of %d cannot sign in", i)
			}
			return
		}
	}
	t.Error("400 names were tried")
}

// TestOneNetworkCannotTakeAllPairings asks for codes and throws them away.
func TestOneNetworkCannotTakeAllPairings(t *testing.T) {
	h := newHouse(t, func(cfg *identity.Config, _ *provider.Provider) { cfg.Demo = false })
	codes := 0
	for range 50 {
		p := h.browser(t).get("/pair?return=" + url.QueryEscape("/kiosk/dsi-main"))
		if p.status == http.StatusTooManyRequests {
			break
		}
		codes++
	}
	if codes < 20 || codes >= 50 {
		t.Errorf("%d codes for one network", codes)
	}
	// Somebody else's device is still let in: the limit for all is not used up.
	if _, err := h.identity.Pair(t.Context(), "board", "dsi-main"); err != nil {
		t.Error(err)
	}
}
