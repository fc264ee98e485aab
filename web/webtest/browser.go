package webtest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// App is what can be served; *web.App is one.
type App interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
}

// Serve lets an app answer on loopback until the test ends, and gives its
// address as "http://127.0.0.1:port".
func Serve(t testing.TB, app App) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Serve(ln) }()
	t.Cleanup(func() {
		// The server takes a connection that has sent nothing for a busy one, for five seconds.
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := app.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

// Dark makes a browser ask for dark pages.
var Dark = []chromedp.ExecAllocatorOption{
	chromedp.Flag("blink-settings", "preferredColorScheme=0"), chromedp.Flag("force-dark-mode", true),
}

// Browse serves an app and opens a headless Chromium, for three minutes at
// most. It gives the browser's context and the app's address; the test is
// skipped where there is no Chromium.
func Browse(t testing.TB, app App, options ...chromedp.ExecAllocatorOption) (context.Context, string) {
	t.Helper()
	base := Serve(t, app)
	ctx, done := context.WithTimeout(Chromium(t, options...), 3*time.Minute)
	t.Cleanup(done)
	return ctx, base
}

// Chromium starts a headless Chromium with an empty profile and gives the
// context of its first tab; the test is skipped where there is none.
func Chromium(t testing.TB, options ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine")
	}
	all := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Env("TMPDIR="+scratch(t)),
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), // a profile of its own is made and removed, however long its processes linger
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(all, options...)...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	return tab
}

// beyond names what reaches out of the window, or of the frame of a table.
const beyond = `[[document.documentElement, innerWidth], ...[...document.querySelectorAll(".table-wrap")].map(e => [e, e.clientWidth + 1])]
	.filter(([e, room]) => e.scrollWidth > room)
	.map(([e, room]) => e.scrollWidth - room + " pixels too wide in " + e.tagName + ": " + [...e.querySelectorAll("*")]
		.filter(x => x.getBoundingClientRect().right > e.getBoundingClientRect().left + room).slice(0, 4).map(x => x.outerHTML.slice(0, 90)).join(" | ")).join("\n")`

// Fits fails the test when the page that is shown, or a table on it, reaches
// beyond its window; what names the page.
func Fits(ctx context.Context, t testing.TB, what string) {
	t.Helper()
	if found := See(ctx, t, chromedp.Evaluate[string](beyond)); found != "" {
		t.Errorf("%s is %s", what, found)
	}
}

// scratch is where a browser makes its temporary folders, which it leaves behind when it is stopped. Its path is short,
// for the browser makes a socket in it.
func scratch(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vez-web-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// See runs an action in the browser, gives what it found, and fails the test
// with it.
func See[T any](ctx context.Context, t testing.TB, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Loaded waits until the scripts of the page that is shown have run: what is on
// it can be seen before. A page that loads itself again meanwhile is waited for.
func Loaded(ctx context.Context, t testing.TB) {
	t.Helper()
	See(ctx, t, chromedp.WaitReady(chromedp.JSPath(`document.readyState === "complete" ? document.body : null`)))
}

// Turn follows a link or presses a button, and waits until the next page and its
// scripts are there; what is on the page already is not taken for it.
func Turn(ctx context.Context, t testing.TB, css string) {
	t.Helper()
	if err := Turns(ctx, css); err != nil {
		t.Fatal(err)
	}
}

// Turns is Turn for who has more to say about a failure.
func Turns(ctx context.Context, css string) error {
	return Next(ctx, chromedp.Click(chromedp.CSS(css)))
}

// Next does what brings the next page, and waits until that and its scripts are there.
func Next(ctx context.Context, do chromedp.Action[chromedp.Void]) error {
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.dataset.here = "yes"`)); err != nil {
		return err
	}
	const next = `document.readyState === "complete" && !document.documentElement.dataset.here ? document.body : null`
	return chromedp.Do(ctx, do, chromedp.WaitReady(chromedp.JSPath(next)))
}
