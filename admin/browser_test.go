package admin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/locale"
	"vez/printer"
	"vez/printer/spool"
	"vez/reminder"
	"vez/web/webtest"
)

// browse opens a headless Chromium on the house as somebody.
func (h *house) browse(who string, options ...chromedp.ExecAllocatorOption) (context.Context, string) {
	h.t.Helper()
	ctx, base := webtest.Browse(h.t, h.app, options...)
	webtest.See(ctx, h.t, chromedp.Navigate(base+"/healthz"))
	webtest.See(ctx, h.t, chromedp.Evaluate[string](`document.cookie = "who=`+who+`;path=/"`))
	return ctx, base
}

func TestTheHallIsLiveOnThePage(t *testing.T) {
	h := newHouse(t)
	ctx, base := h.browse(boss)
	webtest.See(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang=en"))
	x := h.serving()
	webtest.See(ctx, t, chromedp.Poll[bool](`document.querySelector("[data-live-fragment=counters]").textContent.includes("`+x.Number+`")`))
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:other"}, hallID, "fire"); err != nil {
		t.Fatal(err)
	}
	webtest.See(ctx, t, chromedp.WaitVisible(`form[action$="/resume"]`))
	webtest.Loaded(ctx, t) // it has loaded itself again
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{1280, 720}, {360, 640}} {
			webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			webtest.See(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang="+lang))
			webtest.Fits(ctx, t, fmt.Sprintf("%s at %d", lang, size[0]))
		}
	}
}

// TestShots takes pictures of the page for somebody to look at.
func TestShots(t *testing.T) {
	dir := os.Getenv("VEZ_SHOTS")
	if dir == "" {
		t.Skip("no folder for pictures: set VEZ_SHOTS")
	}
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		t.Run(theme, func(t *testing.T) {
			h := newHouse(t)
			h.serving()
			for range 4 {
				if _, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: hallID, Service: renewal}); err != nil {
					t.Fatal(err)
				}
				h.Clock.Advance(4 * time.Minute)
			}
			b := h.browser(boss)
			p, err := h.devices.Pair(context.Background(), "kiosk", hallID)
			if err != nil {
				t.Fatal(err)
			}
			b.press("pair", "code", p.Code, "name", "Entrance")
			if _, _, _, err := h.devices.Collect(context.Background(), p.Code, p.Secret); err != nil {
				t.Fatal(err)
			}
			b.press("close", "from", "2026-11-25T09:00", "to", "2026-11-25T13:00", "reason", "typhoon")
			ctx, base := h.browse(boss, options...)
			webtest.See(ctx, t, chromedp.EmulateViewport(1280, 720))
			for i, lang := range locale.Languages {
				webtest.See(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang="+lang))
				data := webtest.See(ctx, t, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("admin-%s-%d.png", theme, i)), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// furnished is a hall with printers in every state, papers and reminders; it
// gives the page of the printer whose code is waited for.
func furnished(t *testing.T) (*house, string) {
	h := newHouse(t, withPaper, withStaff(signedIn()))
	ctx := context.Background()
	h.serving()
	a, b := h.printer("Kiosk 1", roll, "device:gone", "dsi-main-1"), h.printer("By the entrance", "tcp://10.0.0.7:9100")
	added, err := h.works.hub.Fleet.Add(ctx, "clerk:boss", spool.Draft{Office: hallID, Name: "Reception", Address: "tcp://10.0.0.9:9100", Rank: 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []spool.Printer{a, b} {
		h.works.Machine(x.Address).Trouble(fault.PaperOut)
		h.until(x.ID, fault.PaperOut)
	}
	for range 2 {
		is := h.issue()
		h.settled(is.Ticket.ID, printer.KindTicket, printer.Moved)
	}
	h.printer("Letters", sheet)
	h.works.Machine(b.Address).Trouble("")
	h.until(b.ID, "")
	x, y := h.booked("x", renewal, "10:00"), h.booked("y", renewal, "10:15")
	for i, s := range states {
		h.remind(x.ID, x.Start, time.Duration(i+1)*time.Hour, event.ChannelMail, s, "2026-11-24", "")
		h.remind(y.ID, y.Start, time.Duration(i+1)*day, event.ChannelMemo, s, "2026-11-25", reminder.Overtaken)
	}
	h.remind(y.ID, y.Start, day, event.ChannelPaper, event.RemindSent, "2026-11-24", "")
	ref := reminder.Ref(hallID, "2026-11-24")
	if _, err := h.AskPaper(ctx, hall.Act{Actor: "job:reminders"}, hall.PaperRequest{Office: hallID, Kind: "letters", Ref: ref}); err != nil {
		t.Fatal(err)
	}
	h.settled(ref, printer.KindLetters, printer.Printed)
	return h, printersPath + "/" + added.ID
}

// pagesOf are the addresses of an office's pages.
func pagesOf(h *house, waiting string) []string {
	used := printersPath + "/" + h.works.hub.Fleet.State(hallID)[0].ID
	return []string{pathOf(hallID), printersPath, waiting, used, used + "/remove", papersPath, remindersPath, staffPath}
}

// axeFile is put there by scripts/tools.sh.
const axeFile = "../.tools/axe-core/axe.min.js"

// TestThePagesBreakNoRuleOfAccessibility asks axe in four languages, light and
// dark, of every page and of a refused form; and that nothing is wider than its screen.
func TestThePagesBreakNoRuleOfAccessibility(t *testing.T) {
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		t.Skip("no axe here: scripts/tools.sh fetches it")
	}
	h, waiting := furnished(t)
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		ctx, base := h.browse(boss, options...)
		rules := `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: {"target-size": {enabled: true}}}`
		look := func(what string, width int64) {
			t.Helper()
			webtest.Fits(ctx, t, fmt.Sprintf("%s at %d", what, width))
		}
		judge := func(what string) {
			t.Helper()
			found := webtest.See(ctx, t, chromedp.Evaluate[string](`(async () => { if (!window.axe) { `+string(axe)+` }
				const {violations} = await axe.run(document, `+rules+`);
				return violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.target + ": " + n.failureSummary)).join("\n") })()`,
				chromedp.EvalAwaitPromise))
			if found != "" {
				t.Errorf("%s, %s: %s", theme, what, found)
			}
		}
		languages := locale.Languages
		if theme == "dark" { // what differs are the colours
			languages, rules = languages[:1], `{runOnly: {type: "rule", values: ["color-contrast"]}}`
		}
		for _, lang := range languages {
			for _, path := range pagesOf(h, waiting) {
				webtest.See(ctx, t, chromedp.EmulateViewport(1280, 740))
				webtest.See(ctx, t, chromedp.Navigate(base+path+"?lang="+lang))
				look(lang+" "+path, 1280)
				webtest.See(ctx, t, chromedp.EmulateViewport(360, 740))
				look(lang+" "+path, 360)
				judge(lang + " " + path)
			}
		}
		webtest.See(ctx, t, chromedp.Navigate(base+printersPath+"?lang=pt"))
		webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("[name=name]").value = "X"; document.querySelector("[name=address]").value = "tpc://10.0.0.7"`))
		webtest.Turn(ctx, t, `.office-side .actions button`)
		webtest.See(ctx, t, chromedp.WaitVisible(`.error-summary`))
		judge("refused")
		look("refused", 360)
	}
}

// TestThePrintersAreLiveOnThePages sees trouble, and the page with a code, at
// once, and keeps what somebody is typing.
func TestThePrintersAreLiveOnThePages(t *testing.T) {
	h := newHouse(t, withPaper)
	x := h.printer("Roll", roll)
	h.works.Machine("tcp://10.0.0.9:9100")
	added, err := h.works.hub.Fleet.Add(context.Background(), "clerk:boss", spool.Draft{Office: hallID, Name: "New", Address: "tcp://10.0.0.9:9100"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, base := h.browse(boss)
	shows := func(part, text string) {
		t.Helper()
		webtest.See(ctx, t, chromedp.Poll[bool](`document.querySelector("[data-live-fragment=`+part+`]").textContent.includes("`+text+`")`))
	}
	webtest.See(ctx, t, chromedp.Navigate(base+printersPath+"/"+added.ID+"?lang=en"))
	shows("probe", "printer")
	webtest.See(ctx, t, chromedp.SendKeys("#code", "12"))
	h.settled(added.ID, printer.KindProbe, printer.Printed)
	shows("probe", "The page is out")
	if typed := webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("#code").value`)); typed != "12" {
		t.Errorf("what was typed is now %q", typed)
	}
	webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("#code").value = "`+h.works.Code(added.ID)+`"`))
	webtest.Turn(ctx, t, ".code-form button")
	webtest.See(ctx, t, chromedp.WaitVisible(".notice.good[data-focus]"))
	webtest.See(ctx, t, chromedp.Navigate(base+pathOf(hallID)+"?lang=en"))
	shows("printing", "Printers ready: ")
	h.works.Machine(roll).Trouble(fault.PaperOut)
	h.until(x.ID, fault.PaperOut)
	shows("printing", "Roll: out of paper")
}

// TestShotsOfPrinting takes pictures of the pages for somebody to look at.
func TestShotsOfPrinting(t *testing.T) {
	dir := os.Getenv("VEZ_SHOTS")
	if dir == "" {
		t.Skip("no folder for pictures: set VEZ_SHOTS")
	}
	h, waiting := furnished(t)
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		ctx, base := h.browse(boss, options...)
		for i, path := range pagesOf(h, waiting) {
			for n, lang := range locale.Languages {
				for _, width := range []int64{1280, 360} {
					if theme == "dark" && n > 1 {
						continue
					}
					webtest.See(ctx, t, chromedp.EmulateViewport(width, 800))
					webtest.See(ctx, t, chromedp.Navigate(base+path+"?lang="+lang))
					webtest.See(ctx, t, chromedp.Evaluate[bool](`Promise.all([...document.images].map(x => (x.loading = "eager", x.decode()))).then(() => true)`, chromedp.EvalAwaitPromise))
					data := webtest.See(ctx, t, chromedp.FullScreenshot(90))
					if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%s-%s-%d.png", i, lang, theme, width)), data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}
