package escpostest_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vez/printer/escpos/escpostest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host is who talks to the printer, byte by byte.
type host struct {
	*testing.T
	net.Conn
}

func connect(t *testing.T, p *escpostest.Printer) host {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return host{t, conn}
}

func (h host) say(data string) {
	h.Helper()
	if _, err := io.WriteString(h.Conn, data); err != nil {
		h.Fatal(err)
	}
}

// hears fails unless exactly these bytes come next.
func (h host) hears(want string) {
	h.Helper()
	_ = h.SetReadDeadline(time.Now().Add(20 * time.Second))
	got := make([]byte, len(want))
	if n, err := io.ReadFull(h.Conn, got); err != nil || string(got) != want {
		h.Fatalf("heard % x, want % x: %v", got[:n], want, err)
	}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

const (
	twoRows = "\x1b@\x1dv0\x00\x01\x00\x02\x00\x81\xff"
	cut     = "\x1dVB\x00"
)

func TestARowIsPaintedWhereItsBitsAre(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{Width: 16})
	connect(t, p).say(twoRows + "\x1bJ\x03" + cut)
	papers, err := p.Wait(soon(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	img := papers[0].Image
	want := append([]byte{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}, make([]byte, 8+3*16)...)
	if img.Rect.Dx() != 16 || img.Rect.Dy() != 5 || !bytes.Equal(img.Pix, want) {
		t.Errorf("%v % x", img.Rect, img.Pix)
	}
}

func TestWhatAPrinterDoesNotKnowIsAComplaint(t *testing.T) {
	for _, order := range []string{"A", "\x1b!\x00", "\x1dv0\x01\x01\x00\x01\x00", "\x1dv0\x00\x00\x00\x01\x00", "\x1dV\x00\x00\x00", "\x1d(X\x01\x00\x00",
		"\x1d8L\x0c\x00\x00\x000p0\x01\x011\x08\x00\x01\x00\x00", "\x1d(L\x02\x0002", "\x1d(H\x06\x0000\x00abc", "\x10\x04\x09", "\x1dv0\x00\x49\x00\x01\x00"} {
		p := escpostest.Start(t, escpostest.Options{Forgive: true})
		connect(t, p).say(order + "\x10\x04\x01")
		if err := p.WaitComplaint(soon(t)); err != nil {
			t.Errorf("% x was understood: %v", order, err)
		}
	}
}

func TestItAnswersInTheManualsBytes(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	h := connect(t, p)
	h.say("\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")
	h.hears("\x12\x12\x12\x12")
	h.say("\x1d(H\x06\x0000a~ z")
	h.hears("\x37\x22a~ z\x00")
	h.say("\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
	h.hears("\x37\x25\x00")
	h.say("\x1dr\x01")
	h.hears("\x00")
	h.say("\x1da\x0f")
	h.hears("\x10\x00\x00\x00")
	p.NearEnd(true)
	h.hears("\x10\x00\x03\x00")
	p.PaperOut()
	h.hears("\x18\x00\x0f\x00")
	h.say("\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")
	h.hears("\x1a\x32\x12\x7e")
	p.Refill()
	h.hears("\x10\x00\x03\x00\x10\x00\x00\x00")
	p.OpenCover()
	h.hears("\x38\x00\x00\x00")
}

func TestTheRestIsPrintedAfterARefillUnlessItWasCleared(t *testing.T) {
	for name, cleared := range map[string]bool{"kept": false, "cleared": true} {
		t.Run(name, func(t *testing.T) {
			p := escpostest.Start(t, escpostest.Options{})
			h := connect(t, p)
			p.PaperOutAfter(1)
			h.say(twoRows + cut)
			if err := p.WaitRows(soon(t), 1); err != nil {
				t.Fatal(err)
			}
			h.say("\x10\x04\x04")
			h.hears("\x7e")
			if cleared {
				h.say("\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
				h.hears("\x37\x25\x00")
			}
			p.Refill()
			h.say("\x1d(H\x06\x0000abcd")
			h.hears("\x37\x22abcd\x00")
			papers := p.Papers()
			if cleared != (len(papers) == 0) {
				t.Fatalf("%d papers", len(papers))
			}
			if !cleared && papers[0].Image.Rect.Dy() != 2 {
				t.Errorf("%v", papers[0].Image.Rect)
			}
		})
	}
}

func TestAJammedKnifeGoesOnWhereItStoodWhenItIsTold(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	h := connect(t, p)
	h.say("\x1da\x0f")
	h.hears("\x10\x00\x00\x00")
	p.Break(escpostest.Jam)
	h.say(twoRows[2:] + cut)
	h.hears("\x18\x08\x00\x00")
	p.Mend(escpostest.Jam)
	h.say("\x10\x04\x03")
	h.hears("\x1a")
	h.say("\x10\x05\x01")
	if _, err := p.Wait(soon(t), 1); err != nil {
		t.Fatal(err)
	}
}

func TestARestartLosesWhatWasNotPrinted(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	h := connect(t, p)
	p.BreakAfter(escpostest.When{Rows: 1}, escpostest.Power)
	h.say(twoRows + cut)
	if _, err := h.Read(make([]byte, 1)); err == nil {
		t.Fatal("the line lived on")
	}
	h = connect(t, p)
	h.say(cut + "\x1d(H\x06\x0000abcd")
	h.hears("\x37\x22abcd\x00")
	if papers := p.Papers(); len(papers) != 1 || papers[0].Image.Rect.Dy() != 1 {
		t.Errorf("%d papers", len(papers))
	}
}

func TestOneClientAtATime(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	first := connect(t, p)
	first.say("\x10\x04\x01")
	first.hears("\x12")
	second := connect(t, p)
	second.say("\x10\x04\x01")
	if err := p.WaitClients(soon(t), 2); err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	second.hears("\x12")

	p = escpostest.Start(t, escpostest.Options{RefuseSecond: true})
	first = connect(t, p)
	first.say("\x10\x04\x01")
	first.hears("\x12")
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return // refused at once
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a second client was heard")
	}
}
