package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/net/html"

	"vez/cmd/vez/printjobs"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
	"vez/locale"
	"vez/office"
	"vez/printer"
	"vez/printer/spool"
	"vez/printer/spool/spooltest"
	"vez/web/webtest"
)

// workshop is what a hall prints with: emulated printers, and a spooler whose
// jobs are the hall's.
type workshop struct {
	*spooltest.World
	hub *spooltest.Hub
}

// works opens the workshop of a hall; its printers are reached by the addresses of Machine.
func works(h *halltest.House) *workshop {
	clock := clockwork.NewFakeClockAt(time.Now()) // the times of jobs and printers are the machine's
	memory := spooltest.NewMemory(clock)
	w := spooltest.NewWorld(h.T, clock, spooltest.Backend{Jobs: printjobs.Jobs{Hall: h.Hall}, Store: memory, Leases: memory})
	return &workshop{w, w.Hub("here")}
}

const (
	roll  = "tcp://10.0.0.5:9100"
	sheet = "ipp://10.0.0.6:631/ipp/print"
)

// printer adds one that is confirmed and ready.
func (h *house) printer(name, address string, serves ...string) spool.Printer {
	h.t.Helper()
	h.works.Machine(address)
	p, err := h.works.hub.Fleet.Add(context.Background(), "clerk:boss", spool.Draft{Office: hallID, Name: name, Address: address, Serves: serves})
	if err != nil {
		h.t.Fatal(err)
	}
	h.works.Until("its page is out", func() bool { return len(h.works.Machine(address).Out()) > 0 })
	if p, err = h.works.hub.Fleet.Confirm(context.Background(), p.ID, h.works.Code(p.ID)); err != nil || !p.Confirmed {
		h.t.Fatal(p, err)
	}
	h.until(p.ID, "")
	return p
}

// until waits until the printers are seen with a trouble.
func (h *house) until(id string, problem fault.Code) {
	h.t.Helper()
	h.works.Until("printer is seen as "+string(problem), func() bool {
		return slices.ContainsFunc(h.works.hub.Fleet.State(hallID), func(s spool.Seen) bool {
			return s.ID == id && s.State.Problem == problem && !s.State.KeeperSeen.IsZero()
		})
	})
}

// settled waits until the last paper of a kind and ref is in a state.
func (h *house) settled(ref string, kind printer.Kind, state printer.State) {
	h.t.Helper()
	h.works.Until("paper is "+string(state), func() bool {
		jobs, err := h.PrintJobs(context.Background(), ref)
		if err != nil {
			h.t.Fatal(err)
		}
		last, ok := lastPaper(jobs, kind)
		return ok && last.State == string(state)
	})
}

func (h *house) issue() hall.Issued {
	h.t.Helper()
	is, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: hallID, Service: renewal, Print: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return is
}

// pressFor is the press that prints, where there are fonts.
func pressFor(t testing.TB) *printer.Press {
	t.Helper()
	return printer.NewPress(printer.NewFonts(filepath.Join("..", "fonts")), labels{halltest.Texts()})
}

type labels struct{ b *locale.Bundle }

func (l labels) T(lang, key string, args ...any) string { return l.b.In(lang).T(key, args...) }

func (l labels) DateLong(lang string, at time.Time) string { return l.b.In(lang).DateLong(at) }

// remind writes down a reminder of a booking.
func (h *house) remind(id string, start time.Time, before time.Duration, ch event.Channel, state event.Remind, day office.Day, reason string) {
	h.t.Helper()
	due := start.Add(-before)
	if err := h.DB.PlanReminders(context.Background(), []event.Reminder{{ReminderKey: event.ReminderKey{Booking: id, Start: start, Before: before, Channel: ch},
		State: state, Due: due, Office: hallID, Day: day, At: h.Now(), Reason: reason}}); err != nil {
		h.t.Fatal(err)
	}
}

// submit sends the form with an action of a page, and gives the page that it leads to.
func (b *browser) submit(page, action string, values ...string) answer {
	b.h.t.Helper()
	form, ok := b.get(page).form(action)
	if !ok {
		b.h.t.Fatalf("no form to %s on %s", action, page)
	}
	for i := 0; i+1 < len(values); i += 2 {
		if i > 0 && values[i] == values[i-2] {
			form.Add(values[i], values[i+1])
		} else {
			form.Set(values[i], values[i+1])
		}
	}
	a := b.send("POST", action, form)
	if a.status == http.StatusSeeOther {
		next := b.get(a.header.Get("Location"))
		next.from = a.header.Get("Location")
		return next
	}
	return a
}

// unsaid wants some texts to be nowhere on the page.
func (a answer) unsaid(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.text(), text) {
			a.t.Errorf("the page says %q:\n%s", text, a.text())
		}
	}
	return a
}

// part is what a live part of the page says.
func (a answer) part(name string) string {
	n := webtest.First(a.doc, func(x *html.Node) bool { return webtest.Attr(x, "data-live-fragment") == name })
	if n == nil {
		a.t.Fatalf("no part %s", name)
	}
	return answer{t: a.t, doc: n}.text()
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

var testNow = halltest.At("09:30")

func halltestOffice(t testing.TB) *office.Office {
	t.Helper()
	return halltest.Macao().Office(hallID)
}

func textsIn(lang string) locale.Printer { return halltest.Texts().In(lang) }

func mustBoss(t testing.TB) identity.Principal {
	t.Helper()
	g, err := identity.ParseGrant("manager:dsi:dsi-main")
	if err != nil {
		t.Fatal(err)
	}
	return identity.Principal{Subject: "clerk:boss", Grants: []identity.Grant{g}}
}

// refused is says of a page with another status than 200.
func (a answer) refused(status int, texts ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d: %s", a.status, a.text())
	}
	b := a
	b.status = http.StatusOK
	b.says(texts...)
	return a
}

// plain is what the HTML in a stream's event says.
func plain(data string) string {
	var part struct {
		HTML string `json:"html"`
	}
	if json.Unmarshal([]byte(data), &part) != nil {
		return data
	}
	doc, err := html.Parse(strings.NewReader(part.HTML))
	if err != nil {
		return data
	}
	return answer{doc: doc}.text()
}
