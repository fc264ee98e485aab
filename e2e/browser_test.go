//go:build browser

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/web/webtest"
)

// person is somebody with a browser of their own.
type person struct {
	t    *testing.T
	tab  context.Context
	base string
	name string
}

// browser starts a Chromium with a window of a size.
func (p *program) browser(name string, width, height int64) *person {
	p.t.Helper()
	someone := &person{t: p.t, tab: webtest.Chromium(p.t), base: p.url, name: name}
	if err := chromedp.Do(someone.tab, chromedp.EmulateViewport(width, height)); err != nil {
		p.t.Fatal(err)
	}
	return someone
}

// pageWait is how long a step of a page may take on a busy machine.
const pageWait = 30 * time.Second

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	p.must(what, chromedp.Do(ctx, steps...))
}

// must fails the test with what the person sees, if what they did failed.
func (p *person) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.shoot("failed")
		p.t.Fatalf("%s, %s: %v\n%s", p.name, what, err, p.body())
	}
}

func (p *person) open(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.base+path))
}

// click follows a link or presses a button and waits for the next page.
func (p *person) click(css string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	p.must("click "+css, webtest.Turns(ctx, css))
}

func (p *person) sees(css string) {
	p.t.Helper()
	p.do("look for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

func (p *person) eval(js string) (string, error) {
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](js))
}

func (p *person) text(css string) string {
	p.t.Helper()
	got, err := p.eval(`(document.querySelector(` + quote(css) + `)?.innerText ?? "").trim()`)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

func (p *person) body() string {
	got, err := p.eval(`location.href + "\n" + document.body.innerText.slice(0, 1500)`)
	if err != nil {
		return err.Error()
	}
	return got
}

// waitText waits until an element says something.
func (p *person) waitText(css, want string) {
	p.t.Helper()
	end := time.Now().Add(pageWait)
	for !strings.Contains(p.text(css), want) {
		if time.Now().After(end) {
			p.shoot("failed")
			p.t.Fatalf("%s never saw %q in %s\n%s", p.name, want, css, p.body())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "\\`") + "`" }

// shoot keeps a picture of the page among the artefacts.
func (p *person) shoot(name string) string {
	dir, err := filepath.Abs("../artefacts")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	path := filepath.Join(dir, p.name+"-"+name+".png")
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		p.t.Errorf("screenshot %s: %v", name, err)
	}
	return path
}

// decode reads a QR code in a picture with an independent decoder.
func decode(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("zbarimg", "-q", "--raw", "--nodbus", path).Output()
	if err != nil {
		t.Fatalf("zbarimg reads nothing in %s: %v", path, err)
	}
	return strings.TrimSpace(string(out))
}
