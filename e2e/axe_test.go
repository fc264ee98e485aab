//go:build browser

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// axeFile is put there by scripts/tools.sh.
const axeFile = "../.tools/axe-core/axe.min.js"

// axe asks the rules of WCAG 2.2 AA of the page that is shown. The rule on the
// size of targets belongs to them, but is off unless it is asked for. The page's
// own policy stays in force: the rules come through the debugger.
const axeEverything = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: {"target-size": {enabled: true}}}`

// axeColours asks the contrast alone, for the dark theme.
const axeColours = `{runOnly: {type: "rule", values: ["color-contrast"]}}`

var axeSource = sync.OnceValues(func() (string, error) {
	b, err := os.ReadFile(axeFile)
	return string(b), err
})

// violation is what axe finds wrong with one element.
type violation struct{ Rule, Help, Target, Why string }

func (v violation) String() string {
	return fmt.Sprintf("%s at %s: %s", v.Rule, v.Target, strings.ReplaceAll(v.Why, "\n", " "))
}

// axe gives what is wrong with the page that is shown.
func (p *person) axe(options string) []violation {
	p.t.Helper()
	source, err := axeSource()
	if err != nil {
		p.t.Fatalf("%v (scripts/tools.sh fetches it)", err)
	}
	var found []violation
	p.read(&found, `(async () => {
		if (!window.axe) { `+source+` }
		const {violations} = await axe.run(document, {resultTypes: ["violations"], ...`+options+`})
		return JSON.stringify(violations.flatMap(v => v.nodes.map(n =>
			({Rule: v.id, Help: v.help, Target: n.target.join(" "), Why: n.failureSummary}))))
	})()`)
	return found
}

// read decodes the JSON that an expression, or its promise, gives. A page that
// loads itself anew in the middle is asked once more.
func (p *person) read(out any, js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
	if err != nil && strings.Contains(err.Error(), "context") && ctx.Err() == nil {
		p.do("wait for the page", chromedp.WaitReady(chromedp.CSS("main")))
		text, err = chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), out)
	}
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", p.name, err, p.body())
	}
}

// prefers sets what the browser says of its owner: the theme, and no motion, so
// that nothing is measured halfway.
func (p *person) prefers(theme string) {
	p.t.Helper()
	p.do("prefer "+theme, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
}

// speaks sends a language with every request, as the browser of somebody who
// reads it does.
func (p *person) speaks(lang string) {
	p.t.Helper()
	p.do("speak "+lang, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"Accept-Language": lang}})
		return err
	}))
}

// console keeps what the browser complains of: exceptions, errors and refusals
// of the content security policy.
type console struct {
	of *person

	mu    sync.Mutex
	said  []chromedp.ConsoleMessage
	marks int
}

// listen begins to keep.
func (p *person) listen() *console {
	c := &console{of: p}
	messages := chromedp.Console(p.tab)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			c.mu.Lock()
			c.said = append(c.said, m)
			c.mu.Unlock()
		}
	}()
	return c
}

// take gives the complaints since the last time. That the page itself was
// answered with a fault, as it should be, is none.
func (c *console) take(url string) []string {
	c.of.t.Helper()
	c.hears()
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, m := range c.said {
		switch m.Type {
		case chromedp.ConsoleError, chromedp.ConsoleException, chromedp.ConsoleWarning:
			if m.Source != "network" || m.URL != url {
				out = append(out, m.String()+" ("+m.URL+")")
			}
		}
	}
	c.said = nil
	return out
}

// hears waits until all that was said before now has been kept.
func (c *console) hears() {
	c.of.t.Helper()
	c.marks++
	mark := fmt.Sprint("mark ", c.marks)
	if _, err := c.of.eval(`(console.debug("` + mark + `"), "")`); err != nil {
		c.of.t.Fatal(err)
	}
	within(c.of.t, pageWait, "the browser's console has spoken", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return slices.ContainsFunc(c.said, func(m chromedp.ConsoleMessage) bool { return m.Text == mark })
	})
}

// sight is what there is to see and hear on a page.
type sight struct {
	URL, Path, Lang string
	Status          int
	// Texts are the words of the page in its own language: what is visible, and
	// the names and hints of controls. Code is the same in every language.
	Texts []string
	// Missing are texts that nobody has written.
	Missing []string
	// Wide is how far the page reaches beyond the window, and what does.
	Wide   int
	Widest []string
	// Links are the paths within the house that the page leads to.
	Links []string
}

const looking = `(() => {
	const page = document.documentElement
	const own = e => e.closest("[lang]") === page && !e.closest("code, pre, kbd, samp, script, style, noscript, svg")
	const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.closest("[aria-hidden=true] [aria-hidden=true]")
	const texts = new Set([document.title])
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement
		if (own(e) && shown(e)) texts.add(walk.currentNode.data)
	}
	for (const name of ["aria-label", "aria-description", "placeholder", "alt", "title"])
		for (const e of document.querySelectorAll("[" + name + "]"))
			if (own(e) && shown(e)) texts.add(e.getAttribute(name))
	const tables = [...document.querySelectorAll(".table-wrap")].filter(e => e.scrollWidth > e.clientWidth + 1)
	const wide = Math.max(page.scrollWidth - innerWidth, ...tables.map(e => e.scrollWidth - e.clientWidth))
	const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + [...e.classList].map(c => "." + c).join("")
	const widest = wide <= 0 ? [] : [...document.querySelectorAll("body *")]
		.filter(e => e.getBoundingClientRect().right > innerWidth + 1).concat(tables).map(name).slice(0, 6)
	const clean = [...texts].map(t => t.replace(/\s+/g, " ").trim()).filter(t => t)
	return JSON.stringify({
		URL: location.href, Path: location.pathname, Lang: page.lang, Status: performance.getEntriesByType("navigation")[0].responseStatus, Texts: [...new Set(clean)],
		Missing: clean.filter(t => t.includes("⟦")), Wide: wide, Widest: widest,
		Links: [...document.links].filter(a => a.origin === location.origin).map(a => a.pathname),
	})
})()`

// see looks at the page that is shown.
func (p *person) see() sight {
	p.t.Helper()
	var s sight
	p.read(&s, looking)
	return s
}

// with gives the program to another test, which fails in its stead.
func (p *program) with(t *testing.T) *program {
	q := *p
	q.t = t
	return &q
}

// TestTheSweepSeesWhatIsWrong shows the looking eyes a page with every mistake.
func TestTheSweepSeesWhatIsWrong(t *testing.T) {
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/throws.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = io.WriteString(w, `console.error("a complaint"); throw new Error("thrown")`)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'")
		_, _ = io.WriteString(w, `<!doctype html><html lang="pt"><title>Wrong</title>
			<style>@media (prefers-color-scheme: dark) { body { background: #222; color: #333 } }</style>
			<main style="width: 900px"><p style="color: #bbb; background: #fff">⟦a.key⟧</p><input><p>Read here</p><p lang="en">Not in Portuguese</p>
			<p hidden>Hidden</p><a href="/elsewhere/B7">go</a> <button style="width: 9px; height: 9px; padding: 0" aria-label="small"></button><button style="width: 9px; height: 9px; padding: 0" aria-label="too"></button>
			</main><script>inline()</script><script src="/throws.js"></script>`)
	}))
	defer bad.Close()
	w := newWalker(&program{t: t, url: bad.URL}, "bad", place{360, 740, [][2]int64{{1280, 800}}})
	w.open("/")
	s, wrong := w.judge("en")
	all := strings.Join(wrong, "\n")
	for _, want := range []string{`is in "pt"`, "missing: ⟦a.key⟧", "wider than its screen of 360", "a complaint", "thrown", "Content Security Policy",
		"axe: color-contrast", "axe: label at input", "axe: target-size", "axe, in the dark: color-contrast"} {
		if !strings.Contains(all, want) {
			t.Errorf("unseen: %s", want)
		}
	}
	if strings.Contains(all, "screen of 1280") {
		t.Error("it fits 1280")
	}
	words := &same{texts: map[string]bool{}}
	found := words.compare(map[string][]string{"en": s.Texts, "pt": s.Texts})
	if want := []string{"Read here (pt, en)", "Wrong (pt, en)", "go (pt, en)", "small (pt, en)", "too (pt, en)", "⟦a.key⟧ (pt, en)"}; !slices.Equal(found, want) {
		t.Errorf("the same in two languages: %q, want %q", found, want)
	}
	if t.Failed() {
		t.Log(all)
	}
}
