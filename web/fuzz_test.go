package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"vez/locale"
)

// told is what the frame has understood of a request.
type told struct{ Lang, Client, Key, Last string }

// fuzzedApp has a page, a form, a page for citizens, and /told for everything
// that the frame reads of headers. It stands behind a proxy.
func fuzzedApp(f *testing.F) *App {
	f.Helper()
	text, err := locale.Load()
	if err != nil {
		f.Fatal(err)
	}
	a, err := New(Config{Text: text, URL: "https://vez.example", Demo: true, TrustedProxies: []string{"0.0.0.0", "10.0.0.0/8"}})
	if err != nil {
		f.Fatal(err)
	}
	if err := a.Pages("test", fstest.MapFS{"plain.html": {Data: []byte(plainPage)}}, "."); err != nil {
		f.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/page", Audience: Public, Handler: say("well")})
	a.Handle(Route{Method: "GET", Path: "/my", Audience: Citizen, Handler: say("well")})
	a.Handle(Route{Method: "POST", Path: "/form", Audience: Public, Handler: func(c *fiber.Ctx) error { return Back(c, c.FormValue("to")) }})
	a.Handle(Route{Method: "GET", Path: "/told", Audience: Public, Handler: func(c *fiber.Ctx) error {
		return c.JSON(told{Lang(c), Client(c).String(), Key(c), LastEventID(c)})
	}})
	a.Fiber().Handler() // begins
	return a
}

// wire is a connection that brings some bytes and ends.
type wire struct {
	io.Reader
	bytes.Buffer
}

func (w *wire) Read(p []byte) (int, error)     { return w.Reader.Read(p) }
func (*wire) Close() error                     { return nil }
func (*wire) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4zero} }
func (*wire) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4zero} }
func (*wire) SetDeadline(time.Time) error      { return nil }
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }
func (w *wire) answers() *bufio.Reader         { return bufio.NewReader(&w.Buffer) }

// ours are the headers that an answer may have.
var ours = []string{
	"Cache-Control", "Connection", "Content-Language", "Content-Length", "Content-Security-Policy", "Content-Type", "Cross-Origin-Opener-Policy",
	"Cross-Origin-Resource-Policy", "Date", "Location", "Permissions-Policy", "Referrer-Policy", "Retry-After", "Server", "Set-Cookie",
	"Strict-Transport-Security", "Vary", "X-Content-Type-Options", "X-Request-Id", "Allow",
}

// FuzzWire sends any bytes over a connection: what comes back is whole answers
// with headers of ours alone, never our own mistake, and never more answers than
// there are request lines.
func FuzzWire(f *testing.F) {
	for _, raw := range []string{
		"GET /page HTTP/1.1\r\nHost: vez.example\r\n\r\n", "GET /told?last=e1.5&lang=pt HTTP/1.1\r\nHost: x\r\nAccept-Language: zh-HK\r\nLast-Event-ID: e1.7\r\n\r\n",
		"GET /my?a=%0d%0aX-Evil:1 HTTP/1.1\r\nHost: x\r\n\r\n", "POST /form HTTP/1.1\r\nHost: vez.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\nto=//evil&b=",
		"POST /form HTTP/1.1\r\nHost: vez.example\r\nOrigin: https://vez.example\r\nCookie: __Host-vez_form=aa\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n_toke\r\n0\r\n\r\nGET /page HTTP/1.1\r\n\r\n",
		"GET /page HTTP/1.1\r\nHost: x\r\nCookie: vez_lang=pt; vez_lang=%zz; =;;\r\nIf-None-Match: W/\"a\", *\r\n\r\nHEAD /page HTTP/1.1\r\nHost: y\r\n\r\n",
		"\x16\x03\x01\x02\x00", "GET", "GET /\x00 HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET http://evil.example/page HTTP/1.0\r\n\r\n",
		"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4, [::1]:80\r\n\r\n", "POST /form HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
		"GET /page HTTP/1.1\r\nHost: x\r\n X: folded\r\n\r\n", "TRACE /page HTTP/1.1\r\nHost: x\r\n\r\n", "GET /page HTTP/1.1\nHost: x\n\n",
	} {
		f.Add([]byte(raw))
	}
	a := fuzzedApp(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		w := &wire{Reader: bytes.NewReader(raw)}
		_ = a.Fiber().Server().ServeConn(w) // an error is told to nobody but us
		answers, lines := w.answers(), bytes.Count(raw, []byte("\n"))+1
		for n := 0; answers.Size() > 0; n++ {
			if _, err := answers.Peek(1); err != nil {
				return
			}
			method := "GET"
			if bytes.HasPrefix(bytes.TrimLeft(raw, "\r\n"), []byte("HEAD ")) || n > 0 && bytes.Contains(raw, []byte("HEAD ")) {
				return // which answer has no body cannot be told from outside
			}
			res, err := http.ReadResponse(answers, &http.Request{Method: method})
			if err != nil || n > lines {
				t.Fatalf("answer %d of %d lines cannot be read: %v", n, lines, err)
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Fatalf("answer %d is not whole: %v", n, err)
			}
			if res.StatusCode != http.StatusContinue {
				proper(t, res)
			}
		}
	})
}

// proper looks at an answer as a browser gets it.
func proper(t *testing.T, res *http.Response) {
	t.Helper()
	if res.StatusCode >= 500 {
		t.Fatalf("our own mistake: %s", res.Status)
	}
	for name := range res.Header {
		if !slices.Contains(ours, name) {
			t.Fatalf("a header of somebody else: %q", name)
		}
	}
	if to := res.Header.Get("Location"); to != "" && !strings.HasPrefix(to, "/signin") && LocalPath(to) != to {
		t.Fatalf("it leads away, to %q", to)
	}
	if lang := res.Header.Get("Content-Language"); lang != "" && !locale.Valid(lang) {
		t.Fatalf("it speaks %q", lang)
	}
}

// FuzzHeaders sends any value in every header that the frame reads: the address
// that counts is the one that the nearest proxy saw, whatever stands further
// left; a key is at most 128 bytes; the language is one of the four.
func FuzzHeaders(f *testing.F) {
	for _, lang := range []string{"pt-PT,pt;q=0.9", "zh-HK", "en", "zh-CN,zh;q=0.5", "\xff"} {
		f.Add(lang, "vez_lang="+lang, "203.0.113.9", "198.51.100.7, 10.1.2.3", "0190a1b2-key", "e1.7", "application/json", "vez.example")
		f.Add(lang, "vez_lang=pt; vez_lang=en", "unknown, ::1", "[2001:db8::1]:443", strings.Repeat("k", 200), "e1.-1", "text/html;q=0.9", "evil.example")
		f.Add(lang, ";=;", "127.0.0.1", "nobody", "", "", "", "")
	}
	a := fuzzedApp(f)
	handle := a.Fiber().Handler()
	f.Fuzz(func(t *testing.T, lang, cookie, far, near, key, last, accept, host string) {
		ask := func(forwarded ...string) (got told) {
			var c fasthttp.RequestCtx
			var r fasthttp.Request
			r.SetRequestURI("/told")
			for name, value := range map[string]string{"Accept-Language": lang, "Cookie": cookie, "Idempotency-Key": key, "Last-Event-ID": last,
				"Accept": accept, "Host": host, "If-None-Match": key, "Sec-Fetch-Site": accept, "Origin": "https://" + host} {
				r.Header.Set(name, value)
			}
			for _, value := range forwarded {
				r.Header.Add("X-Forwarded-For", value)
			}
			c.Init(&r, &net.TCPAddr{IP: net.IPv4zero}, nil)
			handle(&c)
			if status := c.Response.StatusCode(); status != 200 && (status < 400 || status >= 500) {
				t.Fatalf("%d %s", status, c.Response.Body())
			}
			_ = json.Unmarshal(c.Response.Body(), &got) // or it was refused: for a host that is none
			return got
		}
		got := ask(near)
		if got == (told{}) {
			return
		}
		if !locale.Valid(got.Lang) || len(got.Key) > 128 || !strings.HasPrefix(strings.ToValidUTF8(key, "\ufffd"), got.Key) && len(key) <= 128 && key == strings.TrimSpace(key) && clean(key) {
			t.Fatalf("%+v of key %q", got, key)
		}
		from, err := netip.ParseAddr(got.Client)
		if err != nil || from.Zone() != "" {
			t.Fatalf("%q says that it comes from %q", near, got.Client)
		}
		if a.trusted.has(from) {
			return // nobody but proxies is known
		}
		for _, other := range []told{ask(far + "," + near), ask(far, near), ask(far, far, near)} {
			if other.Client != got.Client {
				t.Fatalf("behind %q, who writes %q comes from %s, not %s", near, far, other.Client, got.Client)
			}
		}
	})
}

// clean tells that a text goes through a header as it is.
func clean(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// FuzzSend writes any event and reads it back as a browser does (WHATWG HTML,
// section 9.2.6): one event with this name, id and data, and nothing more.
func FuzzSend(f *testing.F) {
	f.Add("e1.5", "change", `{"number":"A047"}`)
	f.Add("", "fragment", "<p>\r\n澳門\r</p>\n")
	f.Add("e1.5\nid: 6", "a\r\nevent: b", "x\n\ndata: y\r\rid: 7\n:")
	f.Add("\x00", "", "\n")
	f.Fuzz(func(t *testing.T, id, name, data string) {
		got := hear(string(Event{ID: id, Name: name, Data: data}.Bytes()))
		want := Event{ID: oneLine(id), Name: oneLine(name), Data: strings.ReplaceAll(data, "\r", "")}
		if len(got) != 1 || got[0] != want {
			t.Fatalf("%q is heard as %q", want, got)
		}
	})
}

// hear reads a stream as a browser does; an event's id is only that which it
// brings itself.
func hear(stream string) (out []Event) {
	var e Event
	var data []string
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream), "\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "" && data != nil:
			e.Data = strings.Join(data, "\n")
			out, e, data = append(out, e), Event{}, nil
		case line == "":
			e = Event{}
		case name == "data":
			data = append(data, value)
		case name == "event":
			e.Name = value
		case name == "id":
			e.ID = value
		}
	}
	return out
}
