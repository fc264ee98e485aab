//go:build browser

package pages_test

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"vez/hall"
	"vez/web/webtest"
)

// voices is a browser that speaks what it is told to, at no speed: said keeps
// the words, and speaking is as the test says.
const voices = `(() => {
	window.said = [];
	const listeners = [];
	const synth = { speaking: false, pending: false, all: [{ lang: "en_GB" }, { lang: "zh-CN" }],
		getVoices() { return this.all; }, cancel() {}, speak(words) { window.said.push(words.text); },
		addEventListener(_, act) { listeners.push(act); }, found(lang) { this.all.push({ lang }); listeners.forEach((act) => act()); } };
	Object.defineProperty(window, "speechSynthesis", { value: synth });
	window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
})()`

const (
	speakSeen = `document.querySelector("[data-speak]")` + seen
	saidAll   = `window.said.join(" | ")`
)

func TestWhoCannotSeeHearsTheirNumberAndThatItIsTheirTurn(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	ctx := kiosk(t, h, "/queue/dsi-main-card?lang=en", voices)
	webtest.See(ctx, t, chromedp.Click("[data-speak]"))
	webtest.Turn(ctx, t, `form[action$="/queue/dsi-main-card"] button`)
	until(ctx, t, `window.said.includes("A001")`) // the voice goes on from page to page
	// The countdown waits for the voice, and the voice tells the call though it speaks.
	does(ctx, t, `window.said.length = 0, speechSynthesis.speaking = true, pass(70_000)`)
	if left := webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("[data-closing-left]").textContent`)); left != "60" {
		t.Errorf("while the ticket was read it counted to %s", left)
	}
	if _, err := h.Next(context.Background(), hall.Act{Actor: "clerk:1"}, "dsi-main-1", hall.NextRequest{}); err != nil {
		t.Fatal(err)
	}
	until(ctx, t, `window.said.includes("A001") && /Counter 1/.test(`+saidAll+`)`)
}

func TestTheQuestionWaitsForTheVoiceAndIsSpoken(t *testing.T) {
	h := newHouse(t)
	ctx := kiosk(t, h, "/return?lang=en", voices)
	webtest.See(ctx, t, chromedp.Click("[data-speak]"))
	does(ctx, t, `window.said.length = 0, speechSynthesis.speaking = true, pass(60_000)`)
	if open := webtest.See(ctx, t, chromedp.Evaluate[bool](`document.querySelector("[data-idle-dialog]").open`)); open {
		t.Fatal("it asks in the middle of a sentence")
	}
	does(ctx, t, `speechSynthesis.speaking = false, pass(60_000)`)
	until(ctx, t, `document.querySelector("[data-idle-dialog]").open && window.said.includes("Are you still there?")`)
}

func TestAVoiceIsOfferedWhereOneSpeaksTheLanguage(t *testing.T) {
	ctx := kiosk(t, newHouse(t), "/return?lang=en", voices)
	base := webtest.See(ctx, t, chromedp.Evaluate[string]("location.origin"))
	for lang, want := range map[string]bool{"en": true, "pt": false, "zh-Hant": true, "zh-Hans": true} {
		webtest.See(ctx, t, chromedp.Navigate(base+"/kiosk/dsi-main/return?lang="+lang))
		webtest.Loaded(ctx, t)
		if got := webtest.See(ctx, t, chromedp.Evaluate[bool](speakSeen)); got != want {
			t.Errorf("%s: it is offered %v", lang, got)
		}
		does(ctx, t, `speechSynthesis.found("pt-BR")`)
		until(ctx, t, speakSeen)
	}
}
