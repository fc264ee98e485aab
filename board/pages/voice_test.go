//go:build browser

package pages_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"vez/web/webtest"
)

// told is a board that hears what a test tells it and nothing else, with a voice
// that speaks until the test lets it end. No time goes by but what clock tells:
// second 0 is ten in the morning, and two on the board, which is told no zone.
const told = `
performance.now = () => 0;
window.EventSource = class { addEventListener() {} close() {} };
window.at = (s) => new Date(Date.UTC(2026, 10, 24, 2, 0, s)).toISOString();
window.tell = (name, detail) => document.querySelector("[data-board]").dispatchEvent(new CustomEvent("live:" + name, { detail }));
window.clock = (s, queues) => tell("queues", { now: at(s).replace("Z", "+00:00"), queues: queues || [], hall: { day: at(s).slice(0, 10) }, at: "e.1" });
window.called = (number, s, more) => ({ number, label: "1", queue: "q", state: "called", since: at(s), called: at(s), new: true, ...more });
window.call = (...rest) => tell("change", { calls: [called(...rest)], at: "e.1" });
window.withdraw = (number, s) => tell("change", { gone: [number], withdrawn: [{ number, at: at(s) }], at: "e.1" });

window.said = []; window.cancelled = window.tones = 0; window.speaking = []; window.limits = []; window.dropped = [];
const wait = window.setTimeout;
window.setTimeout = (act, ms, ...rest) => {
  const id = wait(act, ms === 1400 ? 0 : ms, ...rest);
  if (ms === 15000) limits.push({ id, act });
  return id;
};
const drop = window.clearTimeout;
window.clearTimeout = (id) => { dropped.push(id); drop(id); };
Object.defineProperties(speechSynthesis, {
  getVoices: { value: () => { window.asked = true; return ["zh-HK", "pt-PT", "en-GB", "zh-CN"].map((lang) => ({ lang })); } },
  cancel: { value: () => { cancelled++; } },
  speak: { value: (words) => { said.push(words); speaking.push(words); } },
});
const tone = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { tones++; return tone.call(this); };
// heard are the languages in which a board has said each number, as "A001: zh pt".
window.heard = () => {
  const out = [];
  for (const w of said) {
    const [, digit] = /(?:zero|零)\s+(?:zero|零)\s+(\S+)/.exec(w.text);
    const n = "A00" + { 一: 1, um: 1, one: 1, 二: 2, dois: 2, two: 2, 三: 3, três: 3, three: 3 }[digit];
    const what = n + (/stay|aguarde|等候/.test(w.text) ? " stay" : "") + ":";
    if (out.at(-1)?.startsWith(what)) out[out.length - 1] += " " + w.lang;
    else out.push(what + " " + w.lang);
  }
  return out.join(", ").replaceAll("zh-HK", "zh").replaceAll("pt-PT", "pt").replaceAll("en-GB", "en").replaceAll("zh-CN", "cn");
};
`

// hearing opens a board that hears only what it is told.
func hearing(t *testing.T, path string) (ctx context.Context, base string) {
	t.Helper()
	ctx, base = webtest.Browse(t, newHouse(t).app)
	webtest.See(ctx, t, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: told})
		return err
	}))
	open(ctx, t, base+path)
	do(ctx, t, `clock(0)`)
	return ctx, base
}

// sounding opens one whose sound is switched on.
func sounding(t *testing.T) context.Context {
	t.Helper()
	ctx, _ := hearing(t, "/board/dsi-main")
	webtest.See(ctx, t, chromedp.Click("[data-sound]"))
	until(ctx, t, `document.querySelector("[data-sound]").getAttribute("aria-pressed") === "true"`)
	return ctx
}

func do(ctx context.Context, t *testing.T, script string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(() => { `+script+`; return true; })()`))
}

func until(ctx context.Context, t *testing.T, is string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Poll[bool](is))
}

// speaks waits until so many sentences were begun in all.
func speaks(ctx context.Context, t *testing.T, n int) {
	t.Helper()
	until(ctx, t, `said.length === `+strconv.Itoa(n))
}

// finish lets the voice end whatever it says, with a last call at a second, and
// gives all that was said.
func finish(ctx context.Context, t *testing.T, second int, last string) string {
	t.Helper()
	do(ctx, t, `call("`+last+`", `+strconv.Itoa(second)+`); window.ending = setInterval(() => speaking.shift()?.onend(), 5)`)
	until(ctx, t, `heard().endsWith("`+last+`: zh pt en cn") && speaking.length === 0`)
	do(ctx, t, `clearInterval(ending)`)
	return webtest.See(ctx, t, chromedp.Evaluate[string](`heard()`))
}

func TestANumberThatIsCalledAnewIsSaidAnew(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `call("A001", 0); withdraw("A001", 1); clock(20); call("A001", 20)`)
	if got := finish(ctx, t, 20, "A002"); got != "A001: zh pt en cn, A002: zh pt en cn" {
		t.Errorf("after it was sent back: %s", got)
	}
	do(ctx, t, `said.length = 0; clock(86400); tell("change", { gone: ["A001", "A002"] }); call("A001", 86400)`)
	do(ctx, t, `call("A001", 86400)`) // the same once more
	if got := finish(ctx, t, 86400, "A002"); got != "A001: zh pt en cn, A002: zh pt en cn" {
		t.Errorf("on the next day: %s", got)
	}
}

func TestWhatIsOverIsNotSpokenAndOnlyACallThatWasHeardIsTakenBack(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `call("A001", 0)`)
	speaks(ctx, t, 1)
	do(ctx, t, `call("A002", 1); call("A003", 1); call("A002", 1, { state: "serving" }); withdraw("A003", 2); withdraw("A001", 2)`)
	if got := finish(ctx, t, 3, "A002"); got != "A001: zh, A001 stay: zh pt en cn, A002: zh pt en cn" {
		t.Errorf("it says %s", got)
	}
}

func TestInARushTheFirstTwoLanguagesMustDo(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `call("A001", 0)`)
	speaks(ctx, t, 1)
	do(ctx, t, `call("A002", 1)`)
	if got := finish(ctx, t, 2, "A003"); got != "A001: zh pt, A002: zh pt en cn, A003: zh pt en cn" {
		t.Errorf("it says %s", got)
	}
}

func TestAnOldCallGivesWayToOneThatWaits(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `call("A001", 0)`)
	speaks(ctx, t, 1)
	do(ctx, t, `call("A002", 1); clock(40)`)
	if got := finish(ctx, t, 40, "A003"); got != "A001: zh pt en cn, A003: zh pt en cn" {
		t.Errorf("it says %s", got)
	}
	do(ctx, t, `said.length = 0; call("A001", 41)`)
	speaks(ctx, t, 1)
	do(ctx, t, `clock(80)`)
	do(ctx, t, `window.ending = setInterval(() => speaking.shift()?.onend(), 5)`)
	until(ctx, t, `heard() === "A001: zh pt en cn"`)
}

func TestAVoiceThatHangsIsCutShort(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `call("A001", 0)`)
	speaks(ctx, t, 1)
	do(ctx, t, `speaking.shift(); limits[0].act()`)
	speaks(ctx, t, 2)
	if n := webtest.See(ctx, t, chromedp.Evaluate[int](`cancelled`)); n != 1 {
		t.Errorf("it is cut %d times", n)
	}
	do(ctx, t, `speaking.shift().onend()`)
	speaks(ctx, t, 3)
	if left := webtest.See(ctx, t, chromedp.Evaluate[bool](`dropped.includes(limits[1].id)`)); !left {
		t.Error("a sentence that ended in time would cut the next one")
	}
}

func TestSoundSwitchedOffAndOnWithinASentenceSpeaksWithOneVoice(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `call("A001", 0)`)
	speaks(ctx, t, 1)
	do(ctx, t, `const b = document.querySelector("[data-sound]"); b.click(); b.click(); call("A002", 1)`)
	if got := finish(ctx, t, 2, "A003"); got != "A001: zh, A002: zh pt en cn, A003: zh pt en cn" {
		t.Errorf("it says %s", got)
	}
	if n := webtest.See(ctx, t, chromedp.Evaluate[int](`tones`)); n != 6 {
		t.Errorf("it chimes with %d tones", n)
	}
}

func TestSoundThatTheBrowserRefusesIsNotShownAsOn(t *testing.T) {
	ctx, base := hearing(t, "/board/dsi-main")
	do(ctx, t, `localStorage.setItem("vez.board.sound", "on")`)
	open(ctx, t, base+"/board/dsi-main") // the machine has started anew
	const state = `(() => { const b = document.querySelector("[data-sound]"); return b.getAttribute("aria-pressed") + " " + [...b.querySelectorAll("[lang=en]")].filter((e) => e.offsetParent).map((e) => e.textContent).join(); })()`
	if got := webtest.See(ctx, t, chromedp.Evaluate[string](state)); got != "false Touch for sound" {
		t.Errorf("the button is %q", got)
	}
	do(ctx, t, `clock(0); call("A001", 0); call("A002", 0); clock(40); call("A003", 40)`)
	if got := webtest.See(ctx, t, chromedp.Evaluate[string](`asked + " " + tones + " " + heard()`)); got != "true 0 " {
		t.Errorf("before it is touched: %q", got)
	}
	webtest.See(ctx, t, chromedp.Click("[data-clock]"))
	until(ctx, t, state+` === "true Sound"`)
	do(ctx, t, `window.ending = setInterval(() => speaking.shift()?.onend(), 5)`)
	until(ctx, t, `heard() === "A003: zh pt en cn"`)
	if n := webtest.See(ctx, t, chromedp.Evaluate[int](`tones`)); n != 2 {
		t.Errorf("it chimes with %d tones for one call", n)
	}
}

func TestAfterAGapACallIsSaidAndShownByItsAge(t *testing.T) {
	ctx := sounding(t)
	do(ctx, t, `tell("connected"); call("A001", -60); withdraw("A001", -50); call("A002", -1)`)
	speaks(ctx, t, 1)
	if got := webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("[data-withdrawn-numbers]").textContent + heard()`)); got != "A002: zh" {
		t.Errorf("after the missed changes: %s", got)
	}
	do(ctx, t, `tell("snapshot", { now: at(40).replace("Z", "+00:00"), hall: { day: at(40).slice(0, 10) }, queues: [], at: "e.2", calls: [called("A003", 30, { new: false }), called("A001", 5, { new: false })] })`)
	if got := finish(ctx, t, 40, "A002"); got != "A002: zh, A003: zh pt en cn, A002: zh pt en cn" {
		t.Errorf("after the hub started anew: %s", got)
	}
}

func TestOldNewsAreDatedByTheClockOfTheHall(t *testing.T) {
	ctx, _ := hearing(t, "/board/dsi-main")
	do(ctx, t, `tell("news", { since: at(-754) })`)
	const banner = `(() => { const b = document.querySelector("[data-live-stale]"); return b.hidden ? "" : b.querySelector("time").textContent; })()`
	if got := webtest.See(ctx, t, chromedp.Evaluate[string](banner)); got != "01:47" { // it is two o'clock
		t.Errorf("it says %q", got)
	}
}

func TestABoardThatLacksAQueueIsLoadedAnewOnce(t *testing.T) {
	ctx, _ := hearing(t, "/board/dsi-main?zone=W")
	const figures = `window.drawn = 0; Math.random = () => { drawn++; return 0; };
		const figure = (queue, zone) => ({ queue, zone, waiting: 1, status: "closed" });`
	do(ctx, t, figures+`clock(0, [figure("elsewhere", "X")])`)
	if n := webtest.See(ctx, t, chromedp.Evaluate[int](`drawn`)); n != 0 {
		t.Error("it is loaded anew for a queue of another zone")
	}
	do(ctx, t, figures+`window.before = true; clock(0, [figure("quite-new", "W")])`)
	webtest.See(ctx, t, chromedp.WaitReady(chromedp.JSPath(`!window.before && document.documentElement.dataset.lang ? document.body : null`)))
	do(ctx, t, figures+`clock(0, [figure("quite-new", "W")])`)
	if n := webtest.See(ctx, t, chromedp.Evaluate[int](`drawn`)); n != 0 {
		t.Error("it is loaded over and over")
	}
}
