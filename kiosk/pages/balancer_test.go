//go:build browser

package pages_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/web/webtest"
)

func TestAKioskThatMeetsABalancerWithoutHubsComesBackByItself(t *testing.T) {
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		t.Skip("no caddy on this machine")
	}
	file, err := os.ReadFile("../../deploy/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	site, hub, alone := free(t), free(t), free(t)
	config := strings.NewReplacer("{$SITE_NAME:localhost}", "http://"+site, "{$HUBS:hub-1:8080 hub-2:8080}", hub, "admin 127.0.0.1:2019", "admin off",
		"reverse_proxy 127.0.0.1:2080", "reverse_proxy "+alone, "http://:2080", "http://:"+alone[strings.LastIndex(alone, ":")+1:]).Replace(string(file))
	at := filepath.Join(t.TempDir(), "Caddyfile")
	if err := os.WriteFile(at, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	up, err := net.Listen("tcp", "127.0.0.1:0") // it calls back when it listens
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = up.Close() })
	balancer := exec.CommandContext(ctx, caddy, "run", "--config", at, "--adapter", "caddyfile", "--pingback", up.Addr().String())
	balancer.Stdin = strings.NewReader("up")
	balancer.Env = append(os.Environ(), "XDG_DATA_HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
	if err := balancer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = balancer.Wait() })
	if c, err := up.Accept(); err != nil {
		t.Fatal(err)
	} else {
		_ = c.Close()
	}
	tab, done := context.WithTimeout(webtest.Chromium(t), 2*time.Minute)
	t.Cleanup(done)
	webtest.See(tab, t, chromedp.Navigate("http://"+site+"/kiosk/dsi-main/take?lang=en"))
	until(tab, t, `document.querySelector('p[lang="pt"]')`)
	h := newHouse(t)
	ln, err := net.Listen("tcp", hub)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.app.Serve(ln) }()
	t.Cleanup(func() {
		done() // its live page would be waited for
		over, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.app.Shutdown(over); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	until(tab, t, nowHome)
}

// free is an address of this machine that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
