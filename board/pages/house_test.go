package pages_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"vez/board/pages"
	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
	"vez/web"
	"vez/web/webtest"
)

// house is the boards on a real hall with a ledger of its own.
type house struct {
	*halltest.House
	t   testing.TB
	app *web.App
}

// newHouse opens the boards at 10:00 in Macao.
func newHouse(t testing.TB, change ...func(*web.Config, *pages.Deps)) *house {
	t.Helper()
	h := &house{House: halltest.New(t, halltest.Config{Start: halltest.At("10:00")}), t: t}
	cfg := web.Config{Auth: boardOf(identity.Any)}
	deps := pages.Deps{Catalogue: h.Catalogue(), Live: h.Live}
	for _, f := range change {
		f(&cfg, &deps)
	}
	h.app = h.App(cfg)
	if err := pages.Register(h.app, deps); err != nil {
		t.Fatal(err)
	}
	return h
}

// boardOf lets every request be a paired board of an office.
func boardOf(office string) func(*fiber.Ctx) (web.Principal, error) {
	p := identity.Principal{Subject: "device:b1", Kind: "board", Grants: []identity.Grant{{Role: identity.Device, Department: identity.Any, Office: office}}}
	return func(*fiber.Ctx) (web.Principal, error) {
		return web.Principal{ID: p.Subject, Roles: []string{"device"}, Device: "board", Grants: p}, nil
	}
}

// clerk opens counter n of an office and gives who stands there.
func (h *house) clerk(officeID string, n int) (hall.Act, string) {
	h.t.Helper()
	act, id := hall.Act{Actor: fmt.Sprintf("clerk:%d", n)}, fmt.Sprintf("%s-%d", officeID, n)
	if _, err := h.OpenCounter(context.Background(), act, id, nil); err != nil {
		h.t.Fatal(err)
	}
	return act, id
}

// issue gives walk-ins tickets.
func (h *house) issue(queue string, n int) {
	h.t.Helper()
	q := h.Catalogue().Queue(queue)
	for range n {
		if _, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: q.Office, Queue: queue}); err != nil {
			h.t.Fatal(err)
		}
	}
}

// call opens a counter and calls its next ticket, served at once if wanted.
func (h *house) call(officeID string, n int, served bool) string {
	h.t.Helper()
	act, id := h.clerk(officeID, n)
	d, err := h.Next(context.Background(), act, id, hall.NextRequest{})
	if err != nil {
		h.t.Fatal(err)
	}
	if served {
		if _, err := h.Start(context.Background(), act, id); err != nil {
			h.t.Fatal(err)
		}
	}
	h.Settle()
	return d.Ticket.Number
}

// page is what a board without scripts shows.
type page struct {
	status int
	body   string
	doc    *html.Node
	header http.Header
}

func (h *house) get(path string, headers ...string) page {
	h.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := h.app.Fiber().Test(r, -1)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		h.t.Fatal(err)
	}
	return page{res.StatusCode, string(body), doc, res.Header}
}

// numbers lists the calls, the newest marked with a star.
func (g page) numbers() []string {
	var out []string
	for _, li := range webtest.All(g.doc, func(n *html.Node) bool {
		return n.Data == "li" && webtest.Has(n, "data-number") && webtest.Attr(n, "data-number") != ""
	}) {
		number := webtest.Attr(li, "data-number")
		if strings.Contains(webtest.Attr(li, "class"), "newest") {
			number = "*" + number
		}
		out = append(out, number)
	}
	return out
}
