package spool_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
	"vez/printer/spool/spooltest"
)

var ctx = context.Background()

const office = spooltest.Office

// alone runs a test in a world of its own, from nine o'clock.
func alone(t *testing.T, test func(*testing.T, *spooltest.World, *spooltest.Memory, *spooltest.Hub)) {
	t.Helper()
	spooltest.Alone(t, nine, test)
}

// refused wants invalid_field with a field and why.
func refused(t *testing.T, err error, field, why string) *fault.Error {
	t.Helper()
	f := fault.Of(err)
	if err == nil || f.Code != fault.InvalidField || f.Params["field"] != field || f.Params["why"] != why {
		t.Errorf("got %v, want field=%s why=%s", err, field, why)
		return fault.New(fault.Unexpected)
	}
	return f
}

func TestAPrinterIsUsedOnceItsCodeIsTypedBack(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		w.Machine("tcp://10.0.0.1:9100")
		p, err := h.Fleet.Add(ctx, "staff:m", spool.Draft{Office: office, Name: "  Hall,  left ", Address: "TCP://10.0.0.1", Serves: []string{"device:k1", "device:k1", " "}})
		if err != nil || p.Name != "Hall, left" || p.Address != "tcp://10.0.0.1:9100" || p.Format != printer.Roll80 || p.Confirmed ||
			p.Host != "" || p.AddedBy != "staff:m" || !slices.Equal(p.Serves, []string{"device:k1"}) {
			t.Fatalf("%+v, %v", p, err)
		}
		ticket := m.Add(office, printer.KindTicket, "device:k1")
		w.Becomes(ticket.ID, printer.Printed)
		if got := w.Machine("").Out(); !slices.Equal(got, []string{ticket.ID}) {
			t.Errorf("before it is confirmed the folder prints: %q", got)
		}
		w.Until("its page is out", func() bool { return len(w.Machine(p.Address).Out()) == 1 })
		code := w.Code(p.ID)
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("code %q", code)
		}
		spaced := code[:3] + " " + strings.Map(func(r rune) rune { return '０' + r - '0' }, code[3:])
		if p, err = h.Fleet.Confirm(ctx, p.ID, spaced); err != nil || !p.Confirmed {
			t.Fatalf("%+v, %v", p, err)
		}
		if p, err = h.Fleet.Confirm(ctx, p.ID, "nonsense"); err != nil || !p.Confirmed {
			t.Errorf("confirmed twice: %+v, %v", p, err)
		}
		ticket = m.Add(office, printer.KindTicket, "device:k1")
		w.Becomes(ticket.ID, printer.Printed)
		if got := w.Machine(p.Address).Out(); len(got) != 2 || got[1] != ticket.ID {
			t.Errorf("afterwards it prints: %q", got)
		}
		if _, err := h.Fleet.PrintProbe(ctx, p.ID); err != nil {
			t.Fatal(err)
		}
		w.Until("a test page is out", func() bool { return len(w.Machine(p.Address).Out()) == 3 })
		if code := w.Code(p.ID); code != "" {
			t.Errorf("the test page of a confirmed printer bears the code %s", code)
		}
	})
}

func TestACodeThatIsGuessedAtNeedsANewPage(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		address := "tcp://10.0.0.1:9100"
		w.Machine(address)
		h.Stop() // else its page may be on its way at once
		p, err := h.Fleet.Add(ctx, "staff:m", spool.Draft{Office: office, Name: "a", Address: address})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Fleet.Confirm(ctx, p.ID, "123456")
		refused(t, err, "code", "none")
		h = w.Hub("here")
		w.Until("its page is out", func() bool { return len(w.Machine(address).Out()) == 1 })
		first := w.Code(p.ID)
		if docs, _ := m.List(ctx, "printer-code", ""); len(docs) != 1 || strings.Contains(string(docs[p.ID]), first) {
			t.Errorf("the store tells the code: %s", docs[p.ID])
		}
		for n := range 5 {
			_, err = h.Fleet.Confirm(ctx, p.ID, wrong(first))
			if left := refused(t, err, "code", "wrong").Params["left"]; left != 4-n {
				t.Errorf("%v tries left after %d", left, n+1)
			}
		}
		_, err = h.Fleet.Confirm(ctx, p.ID, first)
		refused(t, err, "code", "none")
		if _, err := h.Fleet.PrintProbe(ctx, p.ID); err != nil {
			t.Fatal(err)
		}
		w.Until("a new page is out", func() bool { return len(w.Machine(address).Out()) == 2 })
		w.Pass(time.Second)
		second := w.Code(p.ID)
		if first != second {
			_, err = h.Fleet.Confirm(ctx, p.ID, first)
			refused(t, err, "code", "wrong")
		}
		w.Clock.Advance(2 * time.Hour)
		_, err = h.Fleet.Confirm(ctx, p.ID, second)
		refused(t, err, "code", "none")
	})
}

// wrong is another code.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestADraftThatCannotBeSaysWhichEntry(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, _ *spooltest.Memory, h *spooltest.Hub) {
		w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		for _, c := range []struct {
			edit       func(*spool.Draft)
			field, why string
		}{
			{func(d *spool.Draft) { d.Office = "" }, "office", "empty"},
			{func(d *spool.Draft) { d.Name = " \t" }, "name", "empty"},
			{func(d *spool.Draft) { d.Name = strings.Repeat("名", 61) }, "name", "long"},
			{func(d *spool.Draft) { d.Address = "10.0.0.2" }, "address", "scheme"},
			{func(d *spool.Draft) { d.Address = "TCP://10.0.0.1/" }, "address", "taken"},
			{func(d *spool.Draft) { d.Format = printer.A4 }, "format", "a4"},
			{func(d *spool.Draft) { d.Format = "b5" }, "format", "b5"},
		} {
			d := spool.Draft{Office: office, Name: "b", Address: "tcp://10.0.0.2:9100"}
			c.edit(&d)
			_, err := h.Fleet.Add(ctx, "staff:m", d)
			refused(t, err, c.field, c.why)
		}
		all, err := h.Fleet.List(ctx, office)
		if err != nil || len(all) != 1 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestAPrinterIsChangedAndRemoved(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		b := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.2:9100", Rank: 1})
		name, rank, serves := "Left", 2, []string{"dsi-main-3"}
		got, err := h.Fleet.Change(ctx, a.ID, spool.Change{Name: &name, Rank: &rank, Serves: &serves})
		if err != nil || got.Name != name || got.Rank != 2 || !got.Stands("dsi-main-3") || !got.Confirmed {
			t.Fatalf("%+v, %v", got, err)
		}
		if all, err := h.Fleet.List(ctx, office); err != nil || len(all) != 2 || all[0].ID != b.ID {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := h.Fleet.Change(ctx, "nothing", spool.Change{}); fault.CodeOf(err) != fault.UnknownThing {
			t.Errorf("got %v", err)
		}
		for range 2 {
			if err := h.Fleet.Remove(ctx, b.ID); err != nil {
				t.Fatal(err)
			}
		}
		j := m.Add(office, printer.KindTicket, "")
		if got := w.Becomes(j.ID, printer.Printed); got.Printer != a.ID {
			t.Errorf("%+v", got)
		}
		w.Until("its line is given up", func() bool { _, open := w.Machine(b.Address).Lines(); return open == 0 })
	})
}

func TestTroubleIsKnownAtOnceAtEveryHub(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, _ *spooltest.Memory, h *spooltest.Hub) {
		other := w.Hub("there")
		p := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Until("both see the printer", func() bool {
			return len(other.Fleet.State(office)) == 1 && other.Fleet.Trouble(office, printer.KindTicket, "") == ""
		})
		w.Until("its folder is seen", func() bool { return !other.Fleet.State("dsf-main")[0].State.KeeperSeen.IsZero() })
		rung, cancel := other.Fleet.Subscribe(office)
		defer cancel()
		far, cancelFar := other.Fleet.Subscribe("dsf-main")
		defer cancelFar()
		for _, code := range []fault.Code{fault.PaperOut, ""} {
			w.Machine(p.Address).Trouble(code)
			w.Until("the other hub is rung", func() bool {
				select {
				case <-rung:
					return other.Fleet.Trouble(office, printer.KindTicket, "") == code
				default:
					return false
				}
			})
			if s := other.Fleet.State(office)[0].State; s.Problem != code || w.Clock.Since(s.Since) > 30*time.Second || s.Hub == "" {
				t.Errorf("%+v", s)
			}
		}
		select {
		case <-far:
			t.Error("another office was rung")
		default:
		}
		if got := other.Fleet.Trouble(office, printer.KindLetters, ""); got != "" {
			t.Errorf("letters of an office with a roll go to the folder: %q", got)
		}
	})
}

func TestAPrinterWithoutAKeeperIsAway(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, _ *spooltest.Memory, h *spooltest.Hub) {
		device := w.Printer(h, spool.Draft{Address: "device:/dev/usb/lp0"})
		if device.Host != "here" {
			t.Errorf("%+v", device)
		}
		other := w.Hub("there") // cannot reach the device
		w.Until("it is seen", func() bool {
			return len(other.Fleet.State(office)) == 1 && other.Fleet.State(office)[0].State.Problem == ""
		})
		h.Kill()
		w.Until("it is away", func() bool { return other.Fleet.Trouble(office, printer.KindTicket, "") == fault.PrinterAway })
		if opened, _ := w.Machine(device.Address).Lines(); opened != 1 {
			t.Errorf("%d lines", opened)
		}
		w.Hub("here")
		w.Until("it is back", func() bool { return other.Fleet.Trouble(office, printer.KindTicket, "") == "" })
	})
}

// TestHubsWhoseClocksDifferSeeTheSamePrinters has each of two hubs keep a printer
// that the other cannot reach, ten minutes apart by their clocks.
func TestHubsWhoseClocksDifferSeeTheSamePrinters(t *testing.T) {
	for name, by := range map[string]time.Duration{"before": 10 * time.Minute, "after": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
				w.Askew = by
				other := w.Hub("there")
				w.Printer(h, spool.Draft{Address: "device:/dev/usb/lp0"})
				w.Printer(other, spool.Draft{Address: "device:/dev/usb/lp1", Serves: []string{"device:k1"}})
				for range 600 {
					w.Step()
					for _, hub := range []*spooltest.Hub{h, other} {
						if why := hub.Fleet.Trouble(office, printer.KindTicket, ""); why != "" {
							t.Fatalf("to %s the printers are %s: %+v", hub.Name, why, hub.Fleet.State(office))
						}
						for _, s := range hub.Fleet.State(office) {
							if s.State.Problem != "" {
								t.Fatalf("%s takes a printer for %s: %+v", hub.Name, s.State.Problem, s)
							}
						}
					}
				}
				j := m.Add(office, printer.KindTicket, "device:k1")
				w.Becomes(j.ID, printer.Printed)
				other.Kill()
				killed := w.Clock.Now()
				w.Until("the printer of the hub that is gone is away", func() bool {
					return slices.ContainsFunc(h.Fleet.State(office), func(s spool.Seen) bool { return s.State.Problem == fault.PrinterAway })
				})
				if waited := w.Clock.Since(killed); waited > time.Minute {
					t.Errorf("that took %s", waited)
				}
			})
		})
	}
}

func TestTheSignOfLifeOfAKeeperIsWrittenSeldom(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Pass(10 * time.Second)
		var docs []string
		for range 300 {
			w.Step()
			all, _ := m.List(ctx, "printer-state", "")
			docs = append(docs, fmt.Sprint(all))
		}
		if n := len(slices.Compact(docs)); n < 2 || n > 5 {
			t.Errorf("%d states in 30 s", n)
		}
	})
}
