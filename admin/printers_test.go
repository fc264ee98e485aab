package admin

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vez/fault"
	"vez/locale"
	"vez/printer"
	"vez/printer/ipp/ipptest"
	"vez/printer/spool"
	"vez/web/webtest"
)

const printersPath = "/admin/offices/" + hallID + "/printers"

func TestAPrinterIsAddedAndUsedOnceItsCodeIsTypedBack(t *testing.T) {
	h := newHouse(t, withPaper)
	h.works.Machine(roll)
	b := h.browser(boss)
	b.get(printersPath).says("Folder of papers", "Add a printer")
	a := b.submit(printersPath, printersPath, "name", "By the entrance", "address", "10.0.0.5").says("“By the entrance” is added", "Type the code of its page")
	page := a.from
	id := page[strings.LastIndex(page, "/")+1:]
	h.settled(id, printer.KindProbe, printer.Printed)
	b.get(page).says("The page is out. Please fetch it.", "waits for its code", roll)
	code := h.works.Code(id)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	if a := b.submit(page, page+"/confirm", "code", wrong); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "You have 4 more tries") {
		t.Error(a.status, a.text())
	}
	b.submit(page, page+"/confirm", "code", code[:3]+" "+code[3:]).says("“By the entrance” is used from now on", "Print a test page").unsaid("Type the code")
	h.until(id, "")
	b.get(printersPath).says("By the entrance", "ready", "Strip, 80 mm", "the whole office").unsaid("Folder of papers")
	if all := h.works.hub.Fleet.State(hallID); len(all) != 1 || all[0].AddedBy != "clerk:boss" || !all[0].Confirmed {
		t.Errorf("%+v", all)
	}
}

func TestAWrongCodeIsTriedFiveTimesAndANewPageHelps(t *testing.T) {
	h := newHouse(t, withPaper)
	h.works.Machine(roll)
	b := h.browser(boss)
	page := b.submit(printersPath, printersPath, "name", "Roll", "address", roll).from
	id := page[strings.LastIndex(page, "/")+1:]
	if a := b.submit(page, page+"/confirm", "code", "123456"); !strings.Contains(a.text(), "no code to type any more") && !strings.Contains(a.text(), "not the code") {
		t.Error(a.text())
	}
	h.settled(id, printer.KindProbe, printer.Printed)
	for range 5 {
		b.submit(page, page+"/confirm", "code", "x")
	}
	if a := b.submit(page, page+"/confirm", "code", h.works.Code(id)); !strings.Contains(a.text(), "There is no code to type any more") {
		t.Error("guessed at too often, and still used:", a.text())
	}
	old := h.works.Code(id)
	b.submit(page, page+"/page").says("Type the code")
	h.works.Until("another code", func() bool { return h.works.Code(id) != old })
	h.settled(id, printer.KindProbe, printer.Printed)
	b.submit(page, page+"/confirm", "code", h.works.Code(id)).says("is used from now on")
}

func TestWhatIsWrongWithAnAddressIsSaidWhereItStands(t *testing.T) {
	h := newHouse(t, withPaper)
	h.printer("Roll", roll)
	b := h.browser(boss)
	for name, c := range map[string]struct {
		values []string
		says   []string
	}{
		"nothing":   {[]string{"name", "", "address", ""}, []string{"Please give the printer a name"}},
		"no place":  {[]string{"name", "New", "address", ""}, []string{"Please give the address"}},
		"misspelt":  {[]string{"name", "New", "address", "tpc://10.0.0.7"}, []string{"Did you mean:", "tcp://10.0.0.7"}},
		"raw":       {[]string{"name", "New", "address", "socket://10.0.0.7:9100"}, []string{"begins in a way", "tcp://10.0.0.7:9100"}},
		"no port":   {[]string{"name", "New", "address", "10.0.0.7:22"}, []string{"This port cannot be used"}},
		"no device": {[]string{"name", "New", "kind", "device", "address", "usb/lp0"}, []string{"A device lies under /dev/", "device:/dev/usb/lp0"}},
		"secrets":   {[]string{"name", "New", "kind", "ipp", "address", "ipp://me:pass@10.0.0.7/"}, []string{"leave out user names"}},
		"taken":     {[]string{"name", "New", "address", roll}, []string{"“Roll” (DSI – China Plaza) has this address already"}},
		"paper":     {[]string{"name", "New", "address", "10.0.0.7", "format", "a4"}, []string{"does not take this paper"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.submit(printersPath, printersPath, c.values...)
			if a.status != http.StatusUnprocessableEntity {
				t.Fatal(a.status, a.text())
			}
			a.status = http.StatusOK
			a.says(append(c.says, "One entry needs another look")...)
			wrong := webtest.First(a.doc, func(x *html.Node) bool { return webtest.Attr(x, "aria-invalid") == "true" })
			if wrong == nil || webtest.Attr(wrong, "aria-describedby") == "" {
				t.Error("no entry is marked as wrong")
			}
			if form, _ := a.form(printersPath); form.Get("name") != c.values[1] {
				t.Errorf("what was typed is gone: %v", form)
			}
		})
	}
	if all := h.works.hub.Fleet.State(hallID); len(all) != 1 {
		t.Errorf("%d printers", len(all))
	}
}

func TestWhatWasMeantIsAddedByOneTap(t *testing.T) {
	h := newHouse(t, withPaper)
	h.works.Machine("tcp://10.0.0.7:9100")
	b := h.browser(boss)
	b.submit(printersPath, printersPath, "name", "Roll", "address", "tpc://10.0.0.7", "meant", "tcp://10.0.0.7").says("“Roll” is added")
	if all := h.works.hub.Fleet.State(hallID); all[0].Address != "tcp://10.0.0.7:9100" {
		t.Errorf("%+v", all)
	}
}

func TestAFormSentTwiceAddsOnePrinter(t *testing.T) {
	h := newHouse(t, withPaper)
	h.works.Machine(roll)
	b := h.browser(boss)
	form, _ := b.get(printersPath).form(printersPath)
	form.Set("name", "Roll")
	form.Set("address", roll)
	first, second := b.send("POST", printersPath, form), b.send("POST", printersPath, form)
	if second.status != http.StatusSeeOther || second.header.Get("Location") != first.header.Get("Location") {
		t.Error(second.status, second.header.Get("Location"))
	}
}

func TestAnEncryptedPrinterIsAddedOnceItsCertificateIsCompared(t *testing.T) {
	h := newHouse(t, withPaper)
	p := ipptest.Start(t, ipptest.Options{TLS: true})
	bare, _, _ := strings.Cut(p.Address(), "#")
	h.works.Machine(p.Address())
	b := h.browser(boss)
	groups := certificate{Fingerprint: p.Fingerprint()}.Groups()
	a := b.submit(printersPath, printersPath, "name", "Letters", "kind", "ipps", "address", bare).
		refused(http.StatusUnprocessableEntity, "Is this the right printer?", groups, "It is the same")
	if len(h.works.hub.Fleet.State(hallID)) != 1 {
		t.Fatal("it was added before anybody compared")
	}
	form, _ := a.form(printersPath)
	b.submit(printersPath, printersPath, "name", "Letters", "kind", form.Get("kind"), "address", form.Get("address"), "trust", p.Fingerprint()).
		says("“Letters” is added", "Look at its certificate")
	i := slices.IndexFunc(h.works.hub.Fleet.State(hallID), func(s spool.Seen) bool { return s.Name == "Letters" })
	if got := h.works.hub.Fleet.State(hallID)[i]; got.Address != p.Address() {
		t.Errorf("%s, want %s", got.Address, p.Address())
	}
	other := bare + "#sha256=" + strings.Repeat("ab", 32)
	b.submit(printersPath, printersPath, "name", "Another", "kind", "ipps", "address", other).
		refused(http.StatusUnprocessableEntity, "shows another certificate than the one accepted", groups)
}

func TestANewCertificateIsComparedOnThePrintersPage(t *testing.T) {
	h := newHouse(t, withPaper)
	p := ipptest.Start(t, ipptest.Options{TLS: true})
	bare, _, _ := strings.Cut(p.Address(), "#")
	h.works.Machine(p.Address())
	old := h.printer("Letters", bare+"#sha256="+strings.Repeat("ab", 32), "dsi-main-1")
	b := h.browser(boss)
	page := printersPath + "/" + old.ID
	b.submit(page, page+"/check").says("shows another certificate", certificate{Fingerprint: p.Fingerprint()}.Groups())
	a := b.get(page)
	form, _ := a.form(page + "/check")
	form.Set("fingerprint", p.Fingerprint())
	if a = b.send("POST", page+"/trust", form); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.text())
	}
	next := a.header.Get("Location")
	b.get(next).says("The certificate of “Letters” is accepted", "Type the code of its page", "Counter 1")
	if all := h.works.hub.Fleet.State(hallID); all[0].Address != p.Address() || all[0].ID == old.ID || all[0].Confirmed {
		t.Errorf("%+v", all)
	}
	b.submit(next, next+"/check").says("Its certificate is the one that is accepted")
	p.Away(true)
	b.submit(next, next+"/check").says("does not answer")
}

func TestNameOrderAndPlaceAreChanged(t *testing.T) {
	h := newHouse(t, withPaper)
	x := h.printer("Roll", roll)
	k, err := h.devices.Pair(context.Background(), "kiosk", hallID)
	if err != nil {
		t.Fatal(err)
	}
	b := h.browser(boss)
	b.press("pair", "code", k.Code, "name", "Kiosk one")
	if _, _, _, err := h.devices.Collect(context.Background(), k.Code, k.Secret); err != nil {
		t.Fatal(err)
	}
	devices, err := h.devices.Devices(context.Background(), hallID)
	if err != nil || len(devices) != 1 {
		t.Fatal(devices, err)
	}
	page := printersPath + "/" + x.ID
	b.submit(page, page+"/change", "name", " Hall,  left ", "rank", "7", "serves", devices[0].ID, "serves", "dsi-main-2", "serves", "iam-main-1").
		says("“Hall, left” is changed", "Kiosk one · Counter 2")
	got := h.works.hub.Fleet.State(hallID)[0]
	if got.Name != "Hall, left" || got.Rank != 7 || !slices.Equal(got.Serves, []string{devices[0].ID, "dsi-main-2"}) {
		t.Errorf("%+v", got)
	}
	b.submit(page, page+"/change", "name", "", "rank", "7").refused(422, "Please give the printer a name")
	b.submit(page, page+"/change", "name", "Roll", "rank", "first").refused(422, "a whole number from 0 to 999")
	if err := h.devices.Unpair(context.Background(), mustBoss(t), devices[0].ID); err != nil {
		t.Fatal(err)
	}
	b.get(page).says("a device that is no longer let in")
}

func TestRemovingAPrinterIsAskedFirst(t *testing.T) {
	h := newHouse(t, withPaper)
	x, y := h.printer("Roll", roll), h.printer("Other", "tcp://10.0.0.8:9100")
	b := h.browser(boss)
	page := printersPath + "/" + x.ID
	b.get(page+"/remove").says("Remove “Roll”?", "1 other printer of this office goes on printing")
	if len(h.works.hub.Fleet.State(hallID)) != 2 {
		t.Fatal("looking at the question removed it")
	}
	b.submit(page+"/remove", page+"/remove").says("“Roll” is removed", "Other").unsaid(roll)
	if a := b.get(page); a.status != http.StatusNotFound {
		t.Error(a.status)
	}
	b.get(printersPath + "/" + y.ID + "/remove").says("It is the last one in use here")
}

func TestTroubleComesFirstAndLoud(t *testing.T) {
	h := newHouse(t, withPaper)
	h.printer("Alpha", "tcp://10.0.0.1:9100")
	x := h.printer("Beta", "tcp://10.0.0.2:9100")
	h.works.Machine(x.Address).Trouble(fault.PaperOut)
	h.until(x.ID, fault.PaperOut)
	for _, lang := range locale.Languages {
		b := h.browser(boss)
		b.lang = lang
		list := b.get(printersPath).part("printers")
		if strings.Index(list, "Beta") > strings.Index(list, "Alpha") {
			t.Errorf("%s: what needs a hand is not first: %s", lang, list)
		}
	}
	b := h.browser("auditor|otto")
	b.get(printersPath).says("out of paper", "since ", "Put in paper")
	b.page().says("Beta: out of paper", "Printers")
	if tabs := webtest.First(b.page().doc, func(x *html.Node) bool { return webtest.Attr(x, "class") == "count bad" }); tabs == nil {
		t.Error("the tab does not count it")
	}
}

func TestHowAPrinterIsIsSaidInWords(t *testing.T) {
	p, now := place{office: halltestOffice(t)}, testNow
	for want, s := range map[string]spool.Seen{
		"ready":        {State: spool.State{KeeperSeen: now}},
		"low":          {State: spool.State{KeeperSeen: now, Low: true}},
		"silent":       {State: spool.State{KeeperSeen: now, Silent: true}},
		"unseen":       {},
		"unconfirmed":  {State: spool.State{KeeperSeen: now}},
		"printer_away": {State: spool.State{Problem: fault.PrinterAway}},
		"other":        {State: spool.State{Problem: fault.Unexpected}},
	} {
		s.Confirmed = want != "unconfirmed"
		if got := p.how(s, now); got.Key != want {
			t.Errorf("%s, want %s", got.Key, want)
		}
	}
	for _, code := range append(told, "other") {
		for _, lang := range locale.Languages {
			say := textsIn(lang)
			for _, part := range []string{"how", "remedy"} {
				if key := "admin.printers." + part + "." + string(code); !say.Has(key) {
					t.Errorf("%s is missing in %s", key, lang)
				}
			}
		}
	}
}

func TestPapersThatTicketsDidNotGetAreListed(t *testing.T) {
	h := newHouse(t, withPaper)
	x := h.printer("Roll", roll)
	h.works.Machine(roll).Trouble(fault.PaperOut)
	h.until(x.ID, fault.PaperOut)
	is := h.issue()
	h.settled(is.Ticket.ID, printer.KindTicket, printer.Moved)
	h.browser(boss).page().says("Tickets without their paper", is.Ticket.Number, "is on the phone", "(out of paper)")
}

func TestWhoMayDoWhatWithPrinters(t *testing.T) {
	h := newHouse(t, withPaper)
	x := h.printer("Roll", roll)
	page := printersPath + "/" + x.ID
	token, _ := h.browser(boss).get(page).form(page + "/page")
	for _, c := range []struct {
		who  string
		look int
		may  bool
	}{
		{boss, 200, true},
		{"manager:iam:dsi-main|ivo", 200, true}, // a department of this office
		{"admin:*:dsi-main|ada", 200, true},
		{"auditor|otto", 200, false},
		{"clerk:dsi:dsi-main|anna", 403, false},
		{"greeter:dsi:dsi-main|rita", 403, false},
		{"manager:iam:iam-main|ivo", 403, false},
	} {
		b := h.browser(c.who)
		for _, path := range []string{printersPath, page, pathOf(hallID) + "/papers", pathOf(hallID) + "/reminders"} {
			if a := b.get(path); a.status != c.look {
				t.Errorf("%s sees %s: %d, want %d", c.who, path, a.status, c.look)
			} else if _, form := a.form(path + "/page"); a.status == 200 && path == page && form != c.may {
				t.Errorf("%s is shown a form: %v", c.who, form)
			}
		}
		b.cookies["vez_form"] = token.Get("_token")
		paths := []string{printersPath, pathOf(hallID) + "/reminders/letters"}
		for name := range printerActs {
			if name != "remove" && name != "trust" || !c.may {
				paths = append(paths, page+"/"+name)
			}
		}
		for _, path := range paths {
			a := b.send("POST", path, url.Values{"_token": {token.Get("_token")}, "name": {"Roll"}, "rank": {"1"}, "day": {"2026-11-24"}})
			if allowed := a.status != http.StatusForbidden; allowed != c.may {
				t.Errorf("%s may %s: %v (%d)", c.who, path, allowed, a.status)
			}
		}
	}
	other := h.browser("manager:iam:iam-main|ivo")
	if a := other.get("/admin/offices/iam-main/printers/" + x.ID); a.status != http.StatusNotFound {
		t.Errorf("a printer of another office: %d", a.status)
	}
	other.cookies["vez_form"] = token.Get("_token")
	if a := other.send("POST", "/admin/offices/iam-main/printers/"+x.ID+"/remove", url.Values{"_token": {token.Get("_token")}}); a.status != http.StatusNotFound {
		t.Errorf("a printer of another office is removed: %d", a.status)
	}
}

func TestPagesOfWhatIsNotThereAreNotThere(t *testing.T) {
	h := newHouse(t)
	b := h.browser(boss)
	for _, path := range []string{printersPath, pathOf(hallID) + "/papers", pathOf(hallID) + "/reminders"} {
		if a := b.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	b.page().unsaid("Printers", "Reminders")
}

// TestPrintersAreLive follows the streams of the list, of one printer and of the hall.
func TestPrintersAreLive(t *testing.T) {
	h := newHouse(t, withPaper)
	x := h.printer("Roll", roll)
	base := webtest.Serve(t, h.app)
	list, one, hall := h.listen(base, printersPath+"/live"), h.listen(base, printersPath+"/"+x.ID+"/live?v="), h.listen(base, pathOf(hallID)+"/live")
	list.hears("fragment", "ready")
	one.hears("fragment", "ready")
	hall.hears("fragment", "Printers ready: 1 of 1")
	h.works.Machine(roll).Trouble(fault.CoverOpen)
	h.until(x.ID, fault.CoverOpen)
	list.hears("fragment", "stands open")
	one.hears("fragment", "stands open")
	hall.hears("fragment", "Roll: stands open")
	h.works.Machine(roll).Trouble("")
	h.until(x.ID, "")
	hall.hears("fragment", "Printers ready: 1 of 1")
	if err := h.works.hub.Fleet.Remove(context.Background(), x.ID); err != nil {
		t.Fatal(err)
	}
	one.hears("moved", "")
	list.hears("fragment", "Folder of papers")
}

// ear hears a stream.
type ear struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (h *house) listen(base, path string) ear {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	r.AddCookie(&http.Cookie{Name: "who", Value: boss})
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		h.t.Fatal(res, err)
	}
	h.t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return ear{h.t, lines}
}

// hears waits for an event that says something.
func (e ear) hears(name, text string) {
	e.t.Helper()
	event := ""
	for e.lines.Scan() {
		line := e.lines.Text()
		if n, ok := strings.CutPrefix(line, "event: "); ok {
			event = n
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok && event == name && strings.Contains(plain(data), text) {
			return
		}
	}
	e.t.Fatalf("the stream ended before %s %q: %v", name, text, e.lines.Err())
}
