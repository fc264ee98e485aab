package admin

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"vez/cmd/vez/printjobs"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/hall/halltest"
	"vez/locale"
	"vez/printer"
	"vez/reminder"
	"vez/ticket"
	"vez/web/webtest"
)

// withLost opens the page of papers where nothing prints by itself.
func withLost(h *house, d *Deps) {
	d.Papers, d.Lost = noFonts{SamplePapers(h.Hall, nil)}, printjobs.Lost{Records: h.DB}
}

// comesOut says what became of a paper.
func (h *house) comesOut(j hall.PrintJob, state printer.State, reason fault.Code) hall.PrintJob {
	h.t.Helper()
	next := j
	next.State, next.Reason, next.At = string(state), string(reason), time.Now()
	if ok, err := h.MarkPrint(context.Background(), j, next); !ok || err != nil {
		h.t.Fatal(ok, err)
	}
	return next
}

func (h *house) asks(office string, kind printer.Kind, ref string) hall.PrintJob {
	h.t.Helper()
	j, err := h.AskPaper(context.Background(), hall.Act{Actor: "device:k1"}, hall.PaperRequest{Office: office, Kind: string(kind), Ref: ref})
	if err != nil {
		h.t.Fatal(err)
	}
	return j
}

func rowsOf(a answer) (out []string) {
	for _, x := range webtest.All(a.doc, func(x *html.Node) bool { return x.Data == "tr" }) {
		out = append(out, strings.Join(strings.Fields(answer{doc: x}.text()), " "))
	}
	return out[min(1, len(out)):]
}

func TestPapersOfEveryKindThatDidNotComeOutAreListedAndPrintedAgain(t *testing.T) {
	h := newHouse(t, withLost)
	b := h.browser(boss)
	if rows := rowsOf(b.get(papersPath)); len(rows) != 0 {
		t.Fatalf("nothing was lost: %q", rows)
	}
	booked := h.booked("x", renewal, "10:00")
	first, second, third, fine := h.issue(), h.issue(), h.issue(), h.issue()
	h.comesOut(first.Print, printer.Failed, fault.PrinterStuck)
	h.comesOut(second.Print, printer.Unknown, "")
	h.comesOut(third.Print, printer.Moved, fault.NoPrinter) // on the phone: nobody lacks it
	h.comesOut(fine.Print, printer.Printed, "")
	h.comesOut(h.asks("", printer.KindSlip, booked.ID), printer.Failed, fault.NoPrinter)
	h.comesOut(h.asks("", printer.KindPass, third.Ticket.ID), printer.Unknown, "")
	h.comesOut(h.asks(hallID, printer.KindLetters, hallID+"/2026-11-24"), printer.Failed, fault.FontsMissing)
	h.comesOut(h.asks(hallID, printer.KindProbe, "printer"), printer.Failed, fault.PrinterAway)
	h.comesOut(h.asks("iam-main", printer.KindLetters, "iam-main/2026-11-24"), printer.Failed, fault.NoPrinter)

	a := b.get(papersPath).says("Papers that did not come out")
	for i, want := range []string{"Reminder letters ", "Return pass " + third.Ticket.Number, "Booking slip " + booked.Reference,
		"Ticket " + second.Ticket.Number + " perhaps did not come out", "Ticket " + first.Ticket.Number + " did not come out"} {
		if rows := rowsOf(a); len(rows) != 5 || !strings.HasPrefix(rows[i], want) || !strings.Contains(rows[i], "Print again") {
			t.Fatalf("row %d is not of %q: %q", i, want, rows)
		}
	}
	for _, lang := range locale.Languages {
		in := h.browser(boss)
		in.lang = lang
		in.get(papersPath).says(halltest.Texts().In(lang).T("admin.papers.missing.title"), halltest.Texts().In(lang).T("admin.papers.missing.lead"))
	}

	b.submit(papersPath, papersPath+"/again").says("is printed again") // the latest, the letters
	if rows := rowsOf(b.get(papersPath)); len(rows) != 4 || strings.HasPrefix(rows[0], "Reminder letters") {
		t.Errorf("what is printed again is listed: %q", rows)
	}
	jobs, err := h.PrintJobs(context.Background(), hallID+"/2026-11-24")
	if last, ok := lastPaper(jobs, printer.KindLetters); err != nil || !ok || last.Copy != 1 || last.State != string(printer.Queued) {
		t.Errorf("%+v %v", jobs, err)
	}
	form, _ := b.get(papersPath).form(papersPath + "/again")
	form.Set("job", first.Print.ID)
	if a := b.send("POST", papersPath+"/again", form); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	form.Set("job", first.Print.ID)
	form.Del("_key")
	b.send("POST", papersPath+"/again", form)
	b.get(papersPath).says("printed again by somebody else")
	if jobs, _ := h.PrintJobs(context.Background(), first.Ticket.ID); len(jobs) != 2 {
		t.Errorf("printed %d times", len(jobs))
	}
}

// race lets somebody else be faster by the moment between a look and an act.
type race struct {
	Hall
	faster func()
}

func (r *race) AskPaper(ctx context.Context, act hall.Act, req hall.PaperRequest) (hall.PrintJob, error) {
	if faster := r.faster; faster != nil {
		r.faster = nil
		faster()
	}
	return r.Hall.AskPaper(ctx, act, req)
}

func TestWhatTwoManagersPrintAgainAtOnceComesOutOnce(t *testing.T) {
	var both *race
	h := newHouse(t, withPaper, withLost, func(h *house, d *Deps) {
		both = &race{Hall: d.Hall}
		d.Hall = both
	})
	is := h.issue()
	h.comesOut(is.Print, printer.Failed, fault.PrinterStuck)
	x := h.booked("x", renewal, "10:00")
	h.remind(x.ID, x.Start, day, event.ChannelPaper, event.RemindSent, "2026-11-24", "")
	letters := reminder.Ref(hallID, "2026-11-24")
	h.comesOut(h.asks(hallID, printer.KindLetters, letters), printer.Printed, "")
	one, other := h.browser(boss), h.browser(strings.Replace(boss, "|", "|two-", 1))
	for _, c := range []struct{ page, action, ref string }{
		{papersPath, papersPath + "/again", is.Ticket.ID},
		{remindersPath, remindersPath + "/letters", letters},
	} {
		late := h.browser(boss)
		stale, ok := late.get(c.page).form(c.action)
		if !ok {
			t.Fatalf("no form on %s", c.page)
		}
		both.faster = func() { other.submit(c.page, c.action) }
		one.submit(c.page, c.action)
		if jobs, err := h.PrintJobs(context.Background(), c.ref); err != nil || len(jobs) != 2 {
			t.Errorf("%s: %d papers, want a second one: %v", c.page, len(jobs), err)
		}
		// Who looked before comes when the second is out.
		jobs, _ := h.PrintJobs(context.Background(), c.ref)
		h.comesOut(jobs[len(jobs)-1], printer.Printed, "")
		late.send("POST", c.action, stale)
		late.get(c.page).says("printed again by somebody else")
		if jobs, err := h.PrintJobs(context.Background(), c.ref); err != nil || len(jobs) != 2 {
			t.Errorf("%s: %d papers after a late press: %v", c.page, len(jobs), err)
		}
	}
}

func TestAPaperThatNobodyNeedsAnyMoreIsNotPrintedAgain(t *testing.T) {
	h := newHouse(t, withLost)
	is := h.issue()
	h.comesOut(is.Print, printer.Failed, fault.NoPrinter)
	b := h.browser(boss)
	form, ok := b.get(papersPath).form(papersPath + "/again")
	if !ok {
		t.Fatal("it cannot be printed again")
	}
	if _, err := h.CancelTicket(context.Background(), hall.Act{Actor: "clerk:c"}, is.Ticket.ID); err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(b.get(papersPath)); len(rows) != 1 || strings.Contains(rows[0], "Print again") || !strings.Contains(rows[0], "no paper is needed") {
		t.Errorf("%q", rows)
	}
	b.send("POST", papersPath+"/again", form)
	if jobs, _ := h.PrintJobs(context.Background(), is.Ticket.ID); len(jobs) != 1 {
		t.Errorf("printed %d times", len(jobs))
	}
	if now, err := h.Ticket(context.Background(), is.Ticket.ID); err != nil || now.State != ticket.Cancelled {
		t.Fatal(now, err)
	}
}

func TestWhoOnlyLooksPrintsNoPaperAgain(t *testing.T) {
	h := newHouse(t, withLost)
	is := h.issue()
	h.comesOut(is.Print, printer.Failed, fault.NoPrinter)
	auditor := h.browser("auditor:dsi:dsi-main|ana")
	if rows := rowsOf(auditor.get(papersPath)); len(rows) != 1 || strings.Contains(rows[0], "Print again") {
		t.Errorf("%q", rows)
	}
	form, _ := h.browser(boss).get(papersPath).form(papersPath + "/again")
	if a := auditor.send("POST", papersPath+"/again", form); a.status != http.StatusForbidden {
		t.Errorf("status %d", a.status)
	}
}

// TestPapersThatDidNotComeOutFitEveryScreen looks at the list in a browser.
func TestPapersThatDidNotComeOutFitEveryScreen(t *testing.T) {
	h := newHouse(t, withLost)
	for i, state := range []printer.State{printer.Failed, printer.Unknown, printer.Failed} {
		is := h.issue()
		h.comesOut(is.Print, state, []fault.Code{fault.PrinterStuck, "", fault.NoPrinter}[i])
		if i == 2 {
			if _, err := h.CancelTicket(context.Background(), hall.Act{Actor: "clerk:c"}, is.Ticket.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.comesOut(h.asks("", printer.KindSlip, h.booked("x", renewal, "10:00").ID), printer.Failed, fault.NoPrinter)
	h.comesOut(h.asks(hallID, printer.KindLetters, hallID+"/2026-11-24"), printer.Failed, fault.FontsMissing)
	ctx, base := h.browse(boss)
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{1280, 720}, {360, 640}} {
			webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			webtest.See(ctx, t, chromedp.Navigate(base+papersPath+"?lang="+lang))
			webtest.Fits(ctx, t, fmt.Sprintf("%s at %d", lang, size[0]))
			if dir := os.Getenv("VEZ_SHOTS"); dir != "" {
				picture := webtest.See(ctx, t, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("lost-%s-%d.png", lang, size[0])), picture, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
