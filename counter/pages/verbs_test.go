package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vez/counter"
	"vez/hall"
	"vez/office"
	"vez/ticket"
)

func TestAVisitFromCallToFinish(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1).h.clerk("anna")

	anna.press(desk1, "next").says(a.Number, "Called", "Why this ticket?", "was called.")
	h.want(a.ID, ticket.Called)
	anna.press(desk1, "recall").says("called again 1 time")
	anna.press(desk1, "start").says("Being served", "Renewal of resident identity card", "中文", "Finish and call next")
	anna.press(desk1, "next", "finish", "served").says(b.Number, "Called")
	if x := h.want(a.ID, ticket.Done); x.Outcome != ticket.Served {
		t.Errorf("outcome %s", x.Outcome)
	}
	h.want(b.ID, ticket.Called)
	anna.press(desk1, "start")
	anna.press(desk1, "next", "finish", "served").says("is finished", "Nobody is waiting")
	h.want(b.ID, ticket.Done)
	anna.press(desk1, "next").says("Nobody can be called at the moment")
}

func TestEveryOutcomeIsRecorded(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	for outcome, says := range map[string]string{
		"incomplete": "The return pass stands on the ticket’s page", "not_served": "not served", "left": "left",
	} {
		x := h.issue(renewal)
		anna.press(desk1, "next")
		anna.press(desk1, "start")
		anna.press(desk1, "finish", "outcome", outcome).says(x.Number, says)
		if x = h.want(x.ID, ticket.Done); string(x.Outcome) != outcome {
			t.Errorf("%s: %s", outcome, x.Outcome)
		}
	}
}

func TestMissOpensAfterAMinuteAndSaysHowLong(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "miss").says("Give them a little longer", "60 seconds", "Called")
	h.want(a.ID, ticket.Called)
	h.Clock.Advance(61 * time.Second)
	anna.press(desk1, "next", "miss", "yes").says(b.Number)
	h.want(a.ID, ticket.Missed)
	h.want(b.ID, ticket.Called)
	anna.press(desk1, "start")
	anna.press(desk1, "finish", "outcome", "served").says("Missed 1", "keeps the place until 10:01")
	anna.press(desk1, "start-missed", "ticket", a.ID).says(a.Number, "Being served")
}

func TestAMissedOneReturnsToTheLine(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	h.Clock.Advance(61 * time.Second)
	anna.press(desk1, "miss").says("is marked as missed")
	anna.picks(desk1, a.ID, "return").says("is back in the line")
	h.want(a.ID, ticket.Waiting)
}

func TestAMissedOneMayComeToAnotherCounter(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	anna.press(desk1, "next")
	h.Clock.Advance(61 * time.Second)
	anna.press(desk1, "miss")
	bea.press(desk2, "here", "ticket", a.ID).says("Being served")
	if x := h.want(a.ID, ticket.Serving); x.Counter != desk2 {
		t.Errorf("served at %s", x.Counter)
	}
}

func TestParkAndResume(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	anna.press(desk1, "park", "minutes", "20").says("is parked", "back at 09:50")
	h.want(a.ID, ticket.Parked)
	bea.press(desk2, "resume", "ticket", a.ID).says("Being served")
	h.want(a.ID, ticket.Serving)
}

func TestReturnPutsTheCalledOneBack(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "return").says("is back in the line")
	if x := h.want(a.ID, ticket.Waiting); !x.Due.Equal(a.Due) {
		t.Errorf("due %s, was %s", x.Due, a.Due)
	}
}

func TestTransferToAQueueACounterAndTheFront(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	h.opened("bea", "dsi-main-12")
	serve := func() ticket.Ticket {
		x := h.issue(renewal)
		anna.press(desk1, "next")
		anna.press(desk1, "start")
		return x
	}
	a := serve()
	anna.press(desk1, "transfer", "to", "queue:dsi-main-cert", "place", "end").says("was transferred")
	if x := h.want(a.ID, ticket.Waiting); x.Queue != "dsi-main-cert" || x.Number != a.Number {
		t.Errorf("%s in %s", x.Number, x.Queue)
	}
	b := serve()
	anna.press(desk1, "transfer", "to", "counter:dsi-main-12", "place", "due")
	if x := h.want(b.ID, ticket.Waiting); x.Queue != "dsi-main-travel" || !x.Due.Equal(b.Due) {
		t.Errorf("%s in %s", x.Number, x.Queue)
	}
	c := serve()
	anna.press(desk1, "transfer", "to", "queue:dsi-main-travel", "place", "front").says("Please choose a reason", "Being served")
	h.want(c.ID, ticket.Serving)
	anna.press(desk1, "transfer", "to", "queue:dsi-main-travel", "place", "front", "reason", "our_mistake").says("was transferred")
	h.want(c.ID, ticket.Waiting)
}

func TestContinueWithAnotherServiceKeepsTheNumber(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	other := h.Catalogue().Queue("dsi-main-travel").Services[0]
	anna.press(desk1, "continue", "service", other).says("goes on to the next service")
	if x := h.want(a.ID, ticket.Waiting); x.Service != other || x.Number != a.Number {
		t.Errorf("%s for %s", x.Number, x.Service)
	}
}

func TestOutOfTurnNeedsANamedReasonAndSaysIt(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.picks(desk1, b.ID, "call").says("Please choose a reason")
	h.want(b.ID, ticket.Waiting)
	anna.picks(desk1, b.ID, "call", "reason", "with_child").says(b.Number, "out of turn", "came with a small child", a.Number)
	h.want(b.ID, ticket.Called)
}

func TestThisOneIsHereServesThePersonAtTheCounter(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.picks(desk1, b.ID, "here").says(b.Number, "Being served")
	h.want(a.ID, ticket.Waiting)
	h.want(b.ID, ticket.Serving)
	anna.press(desk1, "undo")
	h.want(a.ID, ticket.Called)
	h.want(b.ID, ticket.Waiting)
}

func TestServeHereGivesANumberAndStarts(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "serve", "for", renewal, "lang", "pt").says("A001", "Being served", "Português")
	anna.press(desk1, "finish", "outcome", "served")
	anna.press(desk1, "serve", "for", "queue:dsi-main-travel").says("B001", "Being served")
}

func TestReopenByNumber(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	anna.press(desk1, "finish", "outcome", "served")
	p := anna.get("/counter/"+desk1+"?number="+strings.ToLower(a.Number)).says("Finished", "Served", "Reopen")
	form, ok := p.form("/counter/"+desk1+"/reopen", nil)
	if !ok {
		t.Fatal("no form to reopen")
	}
	anna.post("/counter/"+desk1+"/reopen", form).says("Being served")
	h.want(a.ID, ticket.Serving)
	anna.get("/counter/" + desk1 + "?number=Z999").says("No ticket Z999 today")
}

func TestUndoTakesBackTheLastMoveAndMovedOnIsToldInPlace(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	anna.press(desk1, "next")
	form, _ := anna.get("/counter/"+desk1).form("/counter/"+desk1+"/undo", nil)
	anna.post("/counter/"+desk1+"/undo", form).silent("was called", "Undo")
	h.want(a.ID, ticket.Waiting)
	form.Set("_key", "another")
	anna.post("/counter/"+desk1+"/undo", form).says("There is nothing to undo")

	anna.press(desk1, "next")
	anna.press(desk1, "start")
	bea.picks(desk2, a.ID, "take-over").says(a.Number, "Being served")
	anna.press(desk1, "undo").says("It is too late to undo this", "Somebody has already done something")
}

func TestALostCountersTicketIsTakenOver(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	anna.press(desk1, "next")
	if _, ok := bea.get("/counter/" + desk2).byClass("other"); !ok {
		t.Error("the other counter is not shown")
	}
	bea.press(desk2, "take-over", "ticket", a.ID).says(a.Number, "Called")
	anna.get("/counter/" + desk1).says("Call next").silent("Being served")
}

func TestCancelAndUnserve(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	p := anna.picks(desk1, a.ID, "cancel").says("was cancelled")
	h.want(a.ID, ticket.Cancelled)
	if _, ok := p.form("/counter/"+desk1+"/undo", nil); ok {
		t.Error("what the counter did not do is offered to be undone")
	}
	q := anna.get("/counter/" + desk1 + "?ticket=" + b.ID)
	if _, ok := q.form("/counter/"+desk1+"/unserve", nil); ok {
		t.Error("a clerk is offered what only a manager may do")
	}
	form, _ := q.form("/counter/"+desk1+"/cancel", nil)
	if p := anna.post("/counter/"+desk1+"/unserve", form); p.status != http.StatusForbidden {
		t.Errorf("a clerk could end it as unserved: %d", p.status)
	}
	boss := h.browser("manager:dsi:dsi-main|boss")
	boss.press(desk2, "open")
	boss.picks(desk2, b.ID, "unserve").says("has a return pass")
	h.want(b.ID, ticket.Unserved)
}

func TestAWaitingTicketIsCorrected(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	other := h.Catalogue().Queue(cards).Services[0]
	anna.picks(desk1, a.ID, "change", "service", other, "lang", "pt", "priority", "yes", "need", "low_desk").says("was corrected")
	x := h.want(a.ID, ticket.Waiting)
	if x.Service != other || x.Lang != "pt" || x.HeadStart == 0 || len(x.Needs) != 1 || x.Needs[0] != office.NeedLowDesk {
		t.Errorf("%+v", x)
	}
}

func TestBreakAndBack(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "break", "reason", "meal", "minutes", "45").says("on a break", "Meal", "Back at 10:15")
	h.Clock.Advance(50 * time.Minute)
	anna.get("/counter/" + desk1).says("Expected back at 10:15")
	anna.press(desk1, "back").says("Call next")
}

func TestClosingAfterThisOneAndStayingAfterAll(t *testing.T) {
	h := newHouse(t)
	h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "close", "after", "yes").says("closes after this one")
	anna.press(desk1, "back").silent("closes after this one")
	anna.press(desk1, "start")
	anna.press(desk1, "close", "after", "yes")
	anna.press(desk1, "finish", "outcome", "served").says("This counter is closed")
	s, err := h.Read(context.Background()).Shift(desk1)
	if err != nil || s.State != counter.Closed {
		t.Errorf("%s %v", s.State, err)
	}
}

func TestQueuesMayBeChangedWhileOpen(t *testing.T) {
	h := newHouse(t)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "open", "queue", "dsi-main-travel")
	s, err := h.Read(context.Background()).Shift(desk1)
	if err != nil || len(s.Queues) != 1 || s.Queues[0].Queue != "dsi-main-travel" {
		t.Errorf("%+v %v", s.Queues, err)
	}
}

func TestAPausedHallIsSaidAndCallsNobody(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna := h.opened("anna", desk1)
	p := anna.get("/counter/" + desk1)
	form, _ := p.form("/counter/"+desk1+"/next", nil)
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:boss"}, hallID, "fire"); err != nil {
		t.Fatal(err)
	}
	anna.post("/counter/"+desk1+"/next", form).says("The hall is paused since 09:30", "nobody loses their place")
	h.want(a.ID, ticket.Waiting)
}

func TestTheSameFormSentTwiceDoesNothingTwice(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	form, _ := anna.get("/counter/"+desk1).form("/counter/"+desk1+"/next", nil)
	anna.post("/counter/"+desk1+"/next", form).says(a.Number)
	anna.post("/counter/"+desk1+"/next", form).says(a.Number).silent("Finish the open ticket first")
	h.want(a.ID, ticket.Called)
	h.want(b.ID, ticket.Waiting)

	other := url.Values{}
	for name, values := range form {
		other[name] = values
	}
	other.Set("miss", "yes")
	anna.post("/counter/"+desk1+"/next", other).says("This request was sent before with other contents")
}

func TestAFreshFormAtABusyCounterIsRefusedInPlace(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	h.issue(renewal)
	anna := h.opened("anna", desk1)
	p := anna.get("/counter/" + desk1)
	form, _ := p.form("/counter/"+desk1+"/next", nil)
	again, _ := anna.get("/counter/"+desk1).form("/counter/"+desk1+"/next", nil)
	anna.post("/counter/"+desk1+"/next", form)
	q := anna.post("/counter/"+desk1+"/next", again).says("Finish the open ticket first", a.Number+" is still open at this counter")
	if text, ok := q.byClass("notice"); !ok || !strings.Contains(text, "Finish the open ticket first") {
		t.Error("it is not a notice")
	}
	anna.get("/counter/" + desk1).silent("Finish the open ticket first")
}

func TestAReturnPassIsPrintedForWhoWasPromisedOne(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	anna.press(desk1, "finish", "outcome", "incomplete").says("Print return pass")
	anna.press(desk1, "print-pass", "ticket", a.ID).says("The return pass of " + a.Number + " is being printed")
	jobs, err := h.PrintJobs(context.Background(), a.ID)
	if err != nil || len(jobs) != 1 || jobs[0].Kind != "pass" || jobs[0].By != desk1 {
		t.Errorf("papers: %+v, %v", jobs, err)
	}
	anna.picks(desk1, a.ID, "print-pass")
	q := anna.get("/counter/" + desk1 + "?ticket=" + b.ID)
	if _, ok := q.form("/counter/"+desk1+"/print-pass", nil); ok {
		t.Error("a pass is offered for a ticket that waits")
	}
}
