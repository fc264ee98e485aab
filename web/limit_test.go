package web

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"
)

// TestForwardingHeadersAreBelievedOfTrustedProxiesAlone: what is asked in
// memory comes from 0.0.0.0.
func TestForwardingHeadersAreBelievedOfTrustedProxiesAlone(t *testing.T) {
	for _, c := range []struct {
		name    string
		trusted []string
		chain   string
		want    string
	}{
		{"nobody is trusted", nil, "203.0.113.9", "0.0.0.0"},
		{"another is trusted", []string{"10.0.0.1"}, "203.0.113.9", "0.0.0.0"},
		{"a proxy", []string{"0.0.0.0"}, "203.0.113.9", "203.0.113.9"},
		{"a proxy that says nothing", []string{"0.0.0.0"}, "", "0.0.0.0"},
		{"the sender wrote the left part", []string{"0.0.0.0"}, "127.0.0.1, 10.0.0.1, 203.0.113.9", "203.0.113.9"},
		{"two proxies", []string{"0.0.0.0", "10.0.0.0/8"}, "127.0.0.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"},
		{"all are ours", []string{"0.0.0.0", "10.0.0.0/8"}, "10.9.9.9, 10.1.2.3", "10.9.9.9"},
		{"with a port", []string{"0.0.0.0"}, "203.0.113.9:4711", "203.0.113.9"},
		{"of IPv6, with a port", []string{"0.0.0.0"}, "[2001:db8::1]:4711", "2001:db8::1"},
		{"of IPv6", []string{"0.0.0.0"}, "2001:db8::1", "2001:db8::1"},
		{"mapped", []string{"0.0.0.0"}, "::ffff:203.0.113.9", "203.0.113.9"},
		{"no address at all", []string{"0.0.0.0"}, "203.0.113.9, unknown", "0.0.0.0"},
		{"rubbish", []string{"0.0.0.0"}, "<script>", "0.0.0.0"},
	} {
		a := newTestApp(t, func(cfg *Config) { cfg.TrustedProxies = c.trusted })
		a.Handle(Route{Method: "GET", Path: "/seen", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString(Client(c).String()) }})
		got := ask(t, a, "GET", "/seen", "", "X-Forwarded-For", c.chain, "X-Real-IP", "192.0.2.1", "Forwarded", "for=192.0.2.1").body
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestAHeaderInTwoLinesIsOneChain: a proxy may add a line of its own below the
// sender's.
func TestAHeaderInTwoLinesIsOneChain(t *testing.T) {
	a := newTestApp(t, func(cfg *Config) { cfg.TrustedProxies = []string{"0.0.0.0"} })
	a.Handle(Route{Method: "GET", Path: "/seen", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString(Client(c).String()) }})
	r := httptest.NewRequest("GET", "/seen", nil)
	r.Header["X-Forwarded-For"] = []string{"127.0.0.1", "203.0.113.9"}
	res, err := a.Fiber().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || string(got) != "203.0.113.9" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestTheSchemeIsBelievedOfTrustedProxiesAlone(t *testing.T) {
	for _, trusted := range [][]string{nil, {"0.0.0.0"}} {
		a := newTestApp(t, func(cfg *Config) { cfg.TrustedProxies = trusted })
		res := ask(t, a, "GET", "/gallery?lang=pt", "", "X-Forwarded-Proto", "https")
		if got, want := res.header.Get("Strict-Transport-Security") != "", trusted != nil; got != want {
			t.Errorf("trusting %v: %v", trusted, res.header)
		}
		for _, k := range res.cookies {
			if k.Secure != (trusted != nil) {
				t.Errorf("trusting %v: %v", trusted, k)
			}
		}
	}
}

// limitedApp counts acts at POST /do under the header X-Who.
func limitedApp(t *testing.T, r Rate, change func(*Config)) (*App, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClockAt(clockwork.NewRealClock().Now())
	a := newTestApp(t, func(c *Config) {
		c.Clock, c.Demo, c.TrustedProxies = clock, false, []string{"0.0.0.0"}
		if change != nil {
			change(c)
		}
	})
	a.Handle(Route{Method: "POST", Path: "/do", Audience: Public, Handler: func(c *fiber.Ctx) error {
		if who := c.Get("X-Who"); who != "" {
			return Limit(c, r, who)
		}
		return LimitClient(c, r)
	}})
	return a, clock
}

func try(t *testing.T, a *App, headers ...string) int {
	t.Helper()
	res := ask(t, a, "POST", "/do", "", append(headers, "Accept", "application/json")...)
	if res.status == 429 && (res.header.Get("Retry-After") == "" || !strings.Contains(res.body, `"too_often"`) ||
		res.header.Get("Content-Type") != "application/problem+json") {
		t.Errorf("%v %s", res.header, res.body)
	}
	return res.status
}

func TestAnActIsCountedByNameAndByNetwork(t *testing.T) {
	a, clock := limitedApp(t, Rate{Name: "do", N: 3, Per: time.Minute, Guess: true}, nil)
	for i, c := range []struct {
		headers []string
		want    int
	}{
		{[]string{"X-Who", "one"}, 200}, {[]string{"X-Who", "one"}, 200}, {[]string{"X-Who", "one"}, 200}, {[]string{"X-Who", "one"}, 429},
		{[]string{"X-Who", "two"}, 200},
		{[]string{"X-Forwarded-For", "2001:db8::1"}, 200}, {[]string{"X-Forwarded-For", "2001:db8::2"}, 200},
		{[]string{"X-Forwarded-For", "2001:db8::3"}, 200}, {[]string{"X-Forwarded-For", "2001:db8::4"}, 429},
		{[]string{"X-Forwarded-For", "1.1.1.1, 2001:db8::5"}, 429}, // what the sender wrote is no way around
		{[]string{"X-Forwarded-For", "2001:db8:0:1::1"}, 200},
	} {
		if got := try(t, a, c.headers...); got != c.want {
			t.Errorf("%d, %v: %d, want %d", i, c.headers, got, c.want)
		}
	}
	clock.Advance(21 * time.Second)
	if first, second := try(t, a, "X-Who", "one"), try(t, a, "X-Who", "one"); first != 200 || second != 429 {
		t.Errorf("a third of the time later: %d, %d", first, second)
	}
}

// TestWithRedisAwayGuessesStayBoundedAndWritesStayOpen: the shared limiter
// allows everything when it cannot ask.
func TestWithRedisAwayGuessesStayBoundedAndWritesStayOpen(t *testing.T) {
	away := func(c *Config) {
		c.Allow = func(context.Context, string, int, time.Duration) (bool, time.Duration) { return true, 0 }
	}
	for guess, want := range map[bool]int{true: 429, false: 200} {
		a, _ := limitedApp(t, Rate{Name: "do", N: 2, Per: time.Hour, Guess: guess}, away)
		for range 2 {
			try(t, a, "X-Who", "one")
		}
		if got := try(t, a, "X-Who", "one"); got != want {
			t.Errorf("guess %v: %d, want %d", guess, got, want)
		}
	}
}

func TestTheSharedLimiterIsAskedWithoutNamesOrAddresses(t *testing.T) {
	var keys []string
	a, _ := limitedApp(t, Rate{Name: "do", N: 2, Per: time.Hour}, func(c *Config) {
		c.Allow = func(_ context.Context, key string, n int, per time.Duration) (bool, time.Duration) {
			keys = append(keys, key)
			return n != 2 || per != time.Hour, 1500 * time.Millisecond
		}
	})
	res := ask(t, a, "POST", "/do", "", "X-Who", "citizen:someone", "X-Forwarded-For", "203.0.113.9")
	if res.status != 429 || res.header.Get("Retry-After") != "2" {
		t.Errorf("%d %v", res.status, res.header)
	}
	if all := strings.Join(keys, " "); strings.Contains(all, "someone") || strings.Contains(all, "203.0.113") || !strings.Contains(all, "do:") {
		t.Error(all)
	}
}

func TestNoLimitAppliesToTheMachineItselfInADemonstration(t *testing.T) {
	a, _ := limitedApp(t, Rate{Name: "do", N: 1, Per: time.Hour, Guess: true}, func(c *Config) { c.Demo = true })
	for _, from := range []string{"127.0.0.1", "::1"} {
		for range 5 {
			if got := try(t, a, "X-Forwarded-For", from); got != 200 {
				t.Errorf("%s: %d", from, got)
			}
		}
	}
	if first, second := try(t, a, "X-Forwarded-For", "203.0.113.9"), try(t, a, "X-Forwarded-For", "203.0.113.9"); first != 200 || second != 429 {
		t.Errorf("from afar: %d, %d", first, second)
	}
}

func TestCountingManyNamesTakesBoundedMemory(t *testing.T) {
	b := newBuckets(clockwork.NewFakeClock())
	r := Rate{Name: "do", N: 1, Per: time.Hour}
	for i := range 3 * bucketsMost {
		b.take(fmt.Sprint(i), r)
	}
	if n := len(b.full); n > bucketsMost {
		t.Errorf("%d are kept", n)
	}
}

func TestEveryWriteOfAPageIsCounted(t *testing.T) {
	counted := map[string]int{}
	a := newTestApp(t, func(c *Config) {
		c.Demo, c.Clock = false, clockwork.NewFakeClock()
		c.Auth = func(c *fiber.Ctx) (Principal, error) {
			if who := c.Get("X-Who"); who != "" {
				return Principal{ID: who, Roles: []string{who}}, nil
			}
			return Principal{}, nil
		}
		c.Allow = func(_ context.Context, key string, _ int, _ time.Duration) (bool, time.Duration) {
			counted[key[:strings.Index(key, ":")]]++
			return true, 0
		}
	})
	for _, method := range []string{"GET", "POST"} {
		a.Handle(Route{Method: method, Path: "/do", Audience: Public, CrossSite: true, Handler: func(c *fiber.Ctx) error { return nil }})
	}
	for _, who := range []string{"", "citizen", "clerk"} {
		ask(t, a, "GET", "/do", "", "X-Who", who)
		ask(t, a, "POST", "/do", "", "X-Who", who)
	}
	if counted["write citizen"] != 1 || counted["write network"] != 2 || len(counted) != 2 {
		t.Error(counted)
	}
	for range writesOfStaff.N - 1 {
		ask(t, a, "POST", "/do", "", "X-Who", "clerk")
	}
	if got := ask(t, a, "POST", "/do", "", "X-Who", "clerk").status; got != 429 {
		t.Errorf("a clerk's program that runs away: %d", got)
	}
}

// TestACookieLacksNothingWhateverARoomForgets sets one with nothing but a name.
func TestACookieLacksNothingWhateverARoomForgets(t *testing.T) {
	for url, secure := range map[string]bool{"https://vez.test": true, "http://vez.test": false} {
		a := newTestApp(t, func(c *Config) { c.URL = url })
		a.Handle(Route{Method: "GET", Path: "/set", Audience: Public, Handler: func(c *fiber.Ctx) error {
			c.Cookie(&fiber.Cookie{Name: "bare", Value: "1", SameSite: "None"})
			c.Cookie(&fiber.Cookie{Name: "strict", Value: "2", SameSite: "Strict", Path: "/set", MaxAge: 60})
			c.Set("X-Other", "1")
			return nil
		}})
		res := ask(t, a, "GET", "/set", "")
		if len(res.cookies) != 2 {
			t.Fatal(res.cookies)
		}
		for _, k := range res.cookies {
			if !k.HttpOnly || k.Secure != secure || k.SameSite < 2 || k.SameSite > 3 {
				t.Errorf("%s: %v", url, k)
			}
			if k.Name == "strict" && (k.SameSite != 3 || k.MaxAge != 60 || k.Path != "/set") {
				t.Errorf("%s: %v", url, k)
			}
		}
	}
}

// TestNobodyAsksFiberWhereARequestComesFrom: behind a proxy its answer is the
// proxy, and every limit by address would hold for all residents together.
func TestNobodyAsksFiberWhereARequestComesFrom(t *testing.T) {
	asks := regexp.MustCompile(`\b(c|f|ctx)\.(IP|IPs|IsFromLocal)\(\)`)
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if line := asks.Find(text); line != nil {
			t.Errorf("%s: %s; ask web.Client", path, line)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
