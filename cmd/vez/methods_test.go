package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// asked are the methods that a server should know what to say to.
var asked = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}

// addresses gives every address of the hub with the methods it takes, pages and
// API alike, as Fiber has them.
func addresses(h *hub) map[string][]string {
	out := map[string][]string{}
	for _, r := range h.app.Fiber().GetRoutes(true) {
		if !slices.Contains(out[r.Path], r.Method) {
			out[r.Path] = append(out[r.Path], r.Method)
		}
	}
	return out
}

// like tells whether two patterns may be the same address: /book/:service and
// /book/hold are.
func like(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(x), len(y)) {
		switch {
		case x[i] == "*" || y[i] == "*":
			return true
		case x[i] != y[i] && !strings.HasPrefix(x[i], ":") && !strings.HasPrefix(y[i], ":"):
			return false
		}
	}
	return len(x) == len(y)
}

// TestEveryAddressSaysWhichMethodsItTakes walks the whole house: a method that
// an address does not take is 405 with Allow, OPTIONS is answered with it, HEAD
// is answered where GET is, and what is not there is 404 by whatever method.
func TestEveryAddressSaysWhichMethodsItTakes(t *testing.T) {
	h, _ := demoHub(t)
	all := addresses(h)
	for path, methods := range all {
		if slices.Contains(methods, "GET") && !slices.Contains(methods, "HEAD") {
			t.Errorf("%s answers GET and not HEAD", path)
		}
		var taken []string
		for other, m := range all {
			if like(path, other) {
				taken = append(taken, m...)
			}
		}
		at := address(map[string]string{"hash": "h", "*": "x"}, path)
		for _, method := range asked {
			if method != "OPTIONS" && slices.Contains(taken, method) {
				continue
			}
			a := h.ask(t, method, at, "", "Accept", "application/json")
			allow := strings.Split(strings.ReplaceAll(a.header.Get("Allow"), " ", ""), ",")
			want := http.StatusMethodNotAllowed
			if method == "OPTIONS" {
				want = http.StatusNoContent
			}
			if a.status != want || !slices.Contains(allow, "OPTIONS") || slices.ContainsFunc(methods, func(m string) bool { return !slices.Contains(allow, m) }) {
				t.Errorf("%s %s: %d, allow %s; it takes %s", method, at, a.status, allow, methods)
			}
			if method != "HEAD" && want == http.StatusMethodNotAllowed && !strings.Contains(a.body, `"code":"method_unknown"`) {
				t.Errorf("%s %s: %s", method, at, a.body)
			}
			if a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("X-Content-Type-Options") == "" {
				t.Errorf("%s %s: %v", method, at, a.header)
			}
		}
	}
	for _, path := range []string{"/nowhere", "/api/v1/nowhere", "/counter/x/nowhere", "/admin/offices/x/nowhere/at/all", "/live/nowhere/x/y"} {
		for _, method := range asked {
			a := h.ask(t, method, path, "", "Accept", "application/json")
			if a.status != http.StatusNotFound || method != "HEAD" && !strings.Contains(a.body, `"code":"not_found"`) {
				t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
			}
		}
	}
	t.Logf("%d addresses", len(all))
}

// TestHEADIsGETWithoutItsBody asks every page for everybody and every public
// operation by both; a stream ends at once, because nothing of it is wanted.
func TestHEADIsGETWithoutItsBody(t *testing.T) {
	h, _ := demoHub(t)
	kept := map[string]string{"office": ours, "service": "dsi-bir-renewal", "day": "2026-11-26", "id": "dsi-bir-renewal"}
	tried := 0
	for path, methods := range addresses(h) {
		at := address(kept, path)
		if !slices.Contains(methods, fiber.MethodGet) || strings.HasPrefix(path, "/live/") || strings.HasPrefix(path, "/demo/") {
			continue
		}
		get, head := h.ask(t, "GET", at, ""), h.ask(t, "HEAD", at, "")
		if get.endless {
			continue
		}
		tried++
		if get.status == http.StatusOK && (head.status != get.status || head.body != "" || head.header.Get("Content-Type") != get.header.Get("Content-Type")) {
			t.Errorf("%s: GET %d %s, HEAD %d %s with %d bytes", at, get.status, get.header.Get("Content-Type"), head.status,
				head.header.Get("Content-Type"), len(head.body))
		}
	}
	t.Logf("%d addresses", tried)
}
