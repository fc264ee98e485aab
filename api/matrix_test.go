package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vez/api"
	"vez/api/apitest"
	"vez/identity"
)

// stranger is somebody of the matrix: a role at an office, and of devices a kind.
type stranger struct {
	role         identity.Role
	subject, at  string
	kind, bearer string
}

func (s stranger) String() string {
	if s.role == "" {
		return "nobody"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s@%s", s.kind, s.role, s.subject, s.at))
}

// everybody is nobody, two citizens, and each role of staff and kind of device
// at the office that everything belongs to, and at another one.
func everybody(h *apitest.House) []stranger {
	all := []stranger{{}, {role: identity.Citizen, subject: "one"}, {role: identity.Citizen, subject: "two"}}
	for _, at := range []string{"main", "across"} {
		for _, r := range []identity.Role{identity.Clerk, identity.Greeter, identity.Manager, identity.Admin, identity.Auditor} {
			all = append(all, stranger{role: r, subject: "s", at: at})
		}
		for _, kind := range []string{"kiosk", "board", "printer"} {
			all = append(all, stranger{role: identity.Device, subject: kind, at: at, kind: kind})
		}
	}
	for i, s := range all[1:] {
		token, _, err := h.Who.DemoToken(h.T.Context(), identity.TokenRequest{Role: s.role, Subject: s.subject, Office: s.at, Kind: s.kind})
		if err != nil {
			h.T.Fatal(err)
		}
		all[i+1].bearer = "Bearer " + token
	}
	return all
}

// mayBy reckons from the declared audience and the office rule alone whether
// an operation on the citizen one's things at the office main is for somebody.
func mayBy(o api.Operation, s stranger) bool {
	return o.Audience.Public || slices.ContainsFunc(o.Audience.Roles, func(r identity.Role) bool {
		switch {
		case !s.role.Includes(r), s.role == identity.Device && s.kind != "kiosk":
			return false
		case o.Audience.Where == "anywhere":
			return true
		case r == identity.Citizen:
			return o.Audience.Where != "own" || s.subject == "one"
		}
		return s.at == "main"
	})
}

// things are what the operations are tried on: all of the citizen one, at main.
type things struct{ booking, ticket string }

func (x things) path(o api.Operation) string {
	id := map[string]string{"bookings": x.booking, "tickets": x.ticket, "counters": "main-1", "offices": "main", "services": "renew",
		"departments": "dsi"}[strings.Split(strings.TrimPrefix(o.Path, api.Prefix+"/"), "/")[0]]
	return strings.ReplaceAll(o.Path, "{id}", id)
}

// body is what an operation is sent: enough to get past its form.
func (x things) body(o api.Operation) string {
	switch o.ID {
	case "book":
		return tomorrow
	case "reschedule":
		return `{"start":"2026-11-26T11:00:00+08:00"}`
	case "take-ticket":
		return walkIn
	case "check-in":
		return `{"office":"main","reference":"2222 2222"}`
	case "close-office":
		return `{"from":"2026-12-01T09:00:00+08:00","to":"2026-12-01T10:00:00+08:00","reason":"typhoon"}`
	case "pause-hall":
		return `{"reason":"alarm"}`
	}
	if o.Method == http.MethodGet {
		return ""
	}
	return `{"ticket":"none","service":"renew"}`
}

// try sends an operation as somebody.
func (x things) try(h *apitest.House, o api.Operation, s stranger) apitest.Answer {
	var head []string
	if s.bearer != "" {
		head = []string{"Authorization", s.bearer}
	}
	return h.Ask("", o.Method, x.path(o), x.body(o), head...)
}

// TestEveryOperationRefusesEverybodyItIsNotFor tries all operations as
// everybody, first those who must be refused and then those who must not, and
// compares with what the declared audience and the office rule say. A new
// operation is tried without a line here.
func TestEveryOperationRefusesEverybodyItIsNotFor(t *testing.T) {
	h := apitest.New(t)
	one := "citizen:one"
	x := things{h.Must(201, one, "POST", "/bookings", tomorrow).Get("id"), h.Must(201, one, "POST", "/tickets", fromAfar).Get("id")}
	all, tried := everybody(h), 0
	for _, wanted := range []bool{false, true} {
		for _, o := range h.API.Operations() {
			welcome := 0
			for _, s := range all {
				if mayBy(o, s) != wanted {
					continue
				}
				tried++
				a := x.try(h, o, s)
				refused := slices.Contains([]int{401, 403, 404}, a.Status)
				switch {
				case a.Status >= 500 && !strings.Contains(a.Body, `"fonts_missing"`):
					t.Errorf("%s as %s: %d %s", o.ID, s, a.Status, a.Body)
				case !wanted && !refused:
					t.Errorf("%s answers %s with %d, but is for %s", o.ID, s, a.Status, o.Audience)
				case !wanted && s.role == "" && a.Status != 401:
					t.Errorf("%s answers nobody with %d", o.ID, a.Status)
				case wanted && (a.Status == 401 || a.Status == 403):
					t.Errorf("%s refuses %s, but is for %s: %s", o.ID, s, o.Audience, a.Body)
				}
				if !refused {
					welcome++
				}
			}
			// check-in is tried with a reference that nobody has.
			if wanted && welcome == 0 && o.ID != "check-in" {
				t.Errorf("%s was answered to nobody at all: the matrix tries it on nothing", o.ID)
			}
		}
	}
	t.Logf("%d operations, %d kinds of people and devices, %d requests", len(h.API.Operations()), len(all), tried)
}
