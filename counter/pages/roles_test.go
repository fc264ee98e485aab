package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vez/locale"
	"vez/ticket"
	"vez/web/webtest"
)

func TestWhoIsNoClerkOfTheOfficeIsRefused(t *testing.T) {
	h := newHouse(t)
	for _, who := range []string{
		"clerk:iam:iam-main|ivo", "greeter:dsi:dsi-main|rita", "admin|ada", "auditor|otto", "clerk:dsi:mong-son|mia",
	} {
		b := h.browser(who)
		for _, path := range []string{"/counter/" + desk1, "/counter/" + desk1 + "/live", "/counter?office=" + hallID} {
			if p := b.get(path); p.status != http.StatusForbidden {
				t.Errorf("%s at %s: %d", who, path, p.status)
			}
		}
	}
	if p := h.clerk("anna").get("/counter/nowhere-1"); p.status != http.StatusNotFound {
		t.Errorf("an unknown counter: %d", p.status)
	}
}

func TestVerbsOfAnotherOfficeAreRefusedWhateverTheFormSays(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	ivo := h.browser("clerk:iam:iam-main|ivo")
	form, _ := ivo.get("/counter/iam-main-1").form("/counter/iam-main-1/open", nil)
	form.Set("ticket", a.ID)
	for verb := range verbs {
		if p := ivo.send("POST", "/counter/"+desk1+"/"+verb, form); p.status != http.StatusForbidden {
			t.Errorf("%s at another office: %d", verb, p.status)
		}
	}
	ivo.press("iam-main-1", "open")
	own, _ := ivo.get("/counter/iam-main-1").form("/counter/iam-main-1/next", nil)
	own.Set("ticket", a.ID)
	own.Set("reason", "manager")
	for _, verb := range []string{"call", "here", "cancel", "unserve", "change", "take-over", "print", "return", "resume", "reopen"} {
		own.Set("_key", verb)
		ivo.send("POST", "/counter/iam-main-1/"+verb, own)
		if x := h.at(a.ID); x.State != ticket.Waiting || x.Seq != a.Seq {
			t.Fatalf("%s from another office moved the ticket to %s", verb, x.State)
		}
	}
	anna.get("/counter/" + desk1).says("Waiting 1")
}

func TestAClerkOfOneDepartmentServesItsQueuesOnlyInACentre(t *testing.T) {
	h := newHouse(t)
	b := h.browser("clerk:dsi:mong-son|mia")
	p := b.get("/counter/mong-son-1")
	p.says("Identity cards and travel documents").silent("Municipal licences")
	form, _ := p.form("/counter/mong-son-1/open", nil)
	form.Set("queue", "mong-son-mun-lic")
	if p := b.send("POST", "/counter/mong-son-1/open", form); p.status != http.StatusForbidden {
		t.Errorf("a queue of another department was opened: %d", p.status)
	}
}

func TestNobodyIsLedToTheSignIn(t *testing.T) {
	h := newHouse(t)
	b := h.browser("")
	if p := b.get("/counter/" + desk1); p.status != http.StatusSeeOther || !strings.HasPrefix(p.header.Get("Location"), "/signin") {
		t.Errorf("%d to %s", p.status, p.header.Get("Location"))
	}
}

func TestAFormFromElsewhereIsRefused(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	if p := anna.send("POST", "/counter/"+desk1+"/next", url.Values{"_key": {"x"}}); p.status != http.StatusForbidden {
		t.Errorf("without a token: %d", p.status)
	}
	form, _ := anna.get("/counter/"+desk1).form("/counter/"+desk1+"/next", nil)
	if p := anna.send("POST", "/counter/"+desk1+"/next", form, "Sec-Fetch-Site", "cross-site"); p.status != http.StatusForbidden {
		t.Errorf("from another site: %d", p.status)
	}
	h.want(a.ID, ticket.Waiting)
}

func TestReceptionIsToldThatItHasNoCounter(t *testing.T) {
	newHouse(t).browser("greeter:dsi:dsi-main|rita").get("/counter").says("No counter belongs to your work")
}

func TestAColleaguesCounterIsShownButNotTouched(t *testing.T) {
	h := newHouse(t)
	h.issue(renewal)
	h.opened("anna", desk1)
	bea := h.clerk("bea")
	p := bea.get("/counter/"+desk1).says("A colleague is at this counter", "Waiting 1")
	for verb := range verbs {
		if _, ok := p.form("/counter/"+desk1+"/"+verb, nil); ok {
			t.Errorf("a colleague is offered %s", verb)
		}
	}
	form, _ := bea.get("/counter/"+desk2).form("/counter/"+desk2+"/open", nil)
	bea.post("/counter/"+desk1+"/next", form).says("A colleague is at this counter", "ask your colleague to close this one")
}

func TestTheChooserShowsWhichCountersAreOpen(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	anna.get("/counter").says("Go on at counter 1", "DSI – China Plaza", "yours")
	p := h.clerk("bea").get("/counter").silent("Go on at counter")
	open, closed := 0, 0
	for _, a := range p.all("a") {
		switch {
		case strings.HasPrefix(webtest.Attr(a, "class"), "desk-cell open"):
			open++
		case strings.HasPrefix(webtest.Attr(a, "class"), "desk-cell closed"):
			closed++
		}
	}
	if open != 1 || closed != 34 {
		t.Errorf("%d open, %d closed", open, closed)
	}
	h.browser("clerk|all").get("/counter").says("Where do you work today?", "DSI – China Plaza", "Hengqin")
}

func TestTheConsoleSpeaksFourLanguages(t *testing.T) {
	h := newHouse(t)
	if err := h.app.CheckPages(); err != nil {
		t.Fatal(err)
	}
	h.busy()
	x := h.issue(renewal)
	anna := h.opened("anna", desk1)
	see := func(what string) {
		seen := map[string]string{}
		for _, lang := range locale.Languages {
			for _, path := range []string{"/counter/" + desk1, "/counter/" + desk1 + "?ticket=" + x.ID, "/counter?office=" + hallID, "/counter/dsi-main-4", "/counter/dsi-main-9"} {
				anna.lang = lang
				p := anna.get(path)
				if p.status != http.StatusOK || strings.Contains(p.body, "⟦") {
					t.Errorf("%s in %s (%s): %d\n%s", path, lang, what, p.status, p.text())
				}
				if was, twice := seen[path+p.text()]; twice {
					t.Errorf("%s reads the same in %s and %s", path, lang, was)
				}
				seen[path+p.text()] = lang
			}
		}
		anna.lang = "en"
	}
	see("idle")
	anna.press(desk1, "next")
	see("called")
	anna.press(desk1, "start")
	see("serving")
	anna.press(desk1, "park", "minutes", "")
	see("parked")
	anna.press(desk1, "break")
	see("break")
}
