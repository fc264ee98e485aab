package spool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
	"vez/printer/spool/spooltest"
)

func TestATicketIsPrintedSoonAfterItWasAskedFor(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		p := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Pass(2 * time.Second)
		j := m.Add(office, printer.KindTicket, "")
		h.Nudge(office)
		asked := w.Clock.Now()
		got := w.Becomes(j.ID, printer.Printed)
		if got.Printer != p.ID || got.Hub != h.Name || got.Reason != "" || got.At.Sub(asked) > time.Second {
			t.Errorf("%+v after %s", got, got.At.Sub(asked))
		}
		j = m.Add(office, printer.KindTicket, "") // recorded by somebody else, who cannot nudge
		w.Becomes(j.ID, printer.Printed)
	})
}

func TestWhatDidNotComeOutGoesToTheNextPrinter(t *testing.T) {
	for name, upset := range map[string]func(*spooltest.Machine){
		"paper out":   func(m *spooltest.Machine) { m.Trouble(fault.PaperOut) },
		"line cut":    func(m *spooltest.Machine) { m.Cut(true) },
		"no reason":   func(m *spooltest.Machine) { m.Refuse(errors.New("jam")) },
		"print fault": func(m *spooltest.Machine) { m.Refuse(fault.New(fault.PrintFailed)) },
	} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
				a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100", Serves: []string{"device:k1"}})
				b := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.2:9100"})
				upset(w.Machine(a.Address))
				j := m.Add(office, printer.KindTicket, "device:k1")
				h.Nudge(office)
				if got := w.Becomes(j.ID, printer.Printed); got.Printer != b.ID {
					t.Errorf("%+v", got)
				}
				if slices.Contains(w.Machine(a.Address).Out(), j.ID) {
					t.Error("it is on paper twice")
				}
			})
		})
	}
}

func TestWhenNothingCanPrintTheTicketGoesToThePhoneAndOtherPapersSayWhy(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "ipp://10.0.0.1:631/ipp/print"})
		w.Machine(a.Address).Trouble(fault.PaperOut)
		w.Until("the trouble is known", func() bool { return h.Fleet.Trouble(office, printer.KindTicket, "") == fault.PaperOut })
		asked := w.Clock.Now()
		for _, c := range []struct {
			kind printer.Kind
			by   string
			want printer.State
		}{
			{printer.KindTicket, "", printer.Moved},
			{printer.KindPass, "dsi-main-1", printer.Moved},
			{printer.KindReminder, "", printer.Moved},
			{printer.KindSlip, "device:k1", printer.Moved},
			{printer.KindSlip, "dsi-main-1", printer.Failed},
		} {
			j := m.Add(office, c.kind, c.by)
			got := w.Becomes(j.ID, c.want)
			if got.Reason != string(fault.PaperOut) || got.At.Sub(asked) < 8*time.Second {
				t.Errorf("%s: %+v after %s", c.kind, got, got.At.Sub(asked))
			}
			asked = w.Clock.Now()
		}
		letters := m.Add(office, printer.KindLetters, "")
		w.Until("letters say what they wait for", func() bool {
			t, _ := m.Job(ctx, letters.ID)
			return t.State == printer.Queued && t.Reason == string(fault.PaperOut)
		})
		w.Machine(a.Address).Trouble("")
		if got := w.Becomes(letters.ID, printer.Printed); got.Reason != "" {
			t.Errorf("%+v", got)
		}
		w.Machine(a.Address).Refuse(fault.New(fault.PrintFailed))
		letters = m.Add(office, printer.KindLetters, "")
		if got := w.Becomes(letters.ID, printer.Failed); got.Reason != string(fault.PrintFailed) {
			t.Errorf("%+v", got)
		}
	})
}

func TestLettersOfAnOfficeWithoutSheetsGoToTheFolder(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		roll := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		letters := m.Add(office, printer.KindLetters, "")
		if got := w.Becomes(letters.ID, printer.Printed); got.Printer != spool.BuiltIn || got.Reason != "" {
			t.Errorf("%+v", got)
		}
		if why := h.Fleet.Trouble(office, printer.KindLetters, ""); why != "" {
			t.Errorf("trouble %s", why)
		}
		// All else stays the strip printer's, even while it cannot print.
		w.Machine(roll.Address).Trouble(fault.PaperOut)
		slip := m.Add(office, printer.KindSlip, "dsi-main-1")
		if got := w.Becomes(slip.ID, printer.Failed); got.Reason != string(fault.PaperOut) {
			t.Errorf("%+v", got)
		}
		sheets := w.Printer(h, spool.Draft{Address: "ipp://10.0.0.2:631/ipp/print"})
		letters = m.Add(office, printer.KindLetters, "")
		if got := w.Becomes(letters.ID, printer.Printed); got.Printer != sheets.ID {
			t.Errorf("%+v", got)
		}
		if out := w.Machine("").Out(); len(out) != 1 {
			t.Errorf("in the folder: %q", out)
		}
	})
}

func TestLettersThatWaitedForADayFailWithTheReason(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		sheets := w.Printer(h, spool.Draft{Address: "ipp://10.0.0.1:631/ipp/print"})
		w.Machine(sheets.Address).Trouble(fault.PaperOut)
		letters := m.Add(office, printer.KindLetters, "")
		added := w.Clock.Now()
		w.Until("they say what they wait for", func() bool { t, _ := m.Job(ctx, letters.ID); return t.Reason == string(fault.PaperOut) })
		w.Clock.Advance(23*time.Hour + 50*time.Minute)
		w.Pass(5 * time.Minute)
		if got, _ := m.Job(ctx, letters.ID); got.State != printer.Queued {
			t.Fatalf("given up after %s: %+v", w.Clock.Since(added), got)
		}
		if got := w.Becomes(letters.ID, printer.Failed); got.Reason != string(fault.PaperOut) || got.At.Sub(added) > 24*time.Hour+time.Minute {
			t.Errorf("%+v after %s", got, got.At.Sub(added))
		}
	})
}

func TestAPrinterThatIsRefilledInTimePrints(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Machine(a.Address).Trouble(fault.PaperOut)
		j := m.Add(office, printer.KindTicket, "")
		w.Until("it was tried", func() bool { t, _ := m.Job(ctx, j.ID); return len(t.Tries) == 1 })
		w.Pass(2 * time.Second)
		w.Machine(a.Address).Trouble("")
		if got := w.Becomes(j.ID, printer.Printed); got.Printer != a.ID || got.Reason != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnUnknownOutcomeIsNeverSentAgain(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Printer(h, spool.Draft{Address: "tcp://10.0.0.2:9100"})
		w.Machine(a.Address).Takes = 3 * time.Second
		j := m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Printing)
		w.Until("the printer has it", func() bool { return w.Machine(a.Address).Holds() == 1 })
		w.Machine(a.Address).Cut(true)
		if got := w.Becomes(j.ID, printer.Unknown); got.Printer != a.ID {
			t.Errorf("%+v", got)
		}
		w.Machine(a.Address).Cut(false)
		w.Machine(a.Address).Takes = 0
		w.Pass(time.Minute)
		if got := w.Becomes(j.ID, printer.Unknown); got.Hub != h.Name {
			t.Errorf("%+v", got)
		}
		if out := slices.Concat(w.Machine(a.Address).Out(), w.Machine("tcp://10.0.0.2:9100").Out()); count(out, j.ID) != 1 {
			t.Errorf("%d papers", count(out, j.ID))
		}
	})
}

func count(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

func TestAPanicOfTheDriverMayHavePrintedAndOneOfTheArtworkHasNot(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Machine(a.Address).Panic(true)
		j := m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Unknown)
		w.Machine(a.Address).Panic(false)
		j = m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Printed)
	})
}

func TestWithoutADocumentTheJobFailsAndSaysWhy(t *testing.T) {
	for want, docs := range map[string]func() (printer.Document, error){
		"fonts_missing": func() (printer.Document, error) { return printer.Document{}, fault.New(fault.FontsMissing) },
		"print_failed":  func() (printer.Document, error) { panic("artwork") },
	} {
		t.Run(want, func(t *testing.T) {
			alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
				h.Stop()
				w.Documents = printer.DocumentsFunc(func(context.Context, printer.Job, printer.Format) (printer.Document, error) { return docs() })
				w.Hub("here")
				j := m.Add(office, printer.KindTicket, "")
				if got := w.Becomes(j.ID, printer.Failed); got.Reason != want {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestAStoreThatDoesNotAnswerForgetsNoTicket(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		away := true
		h.Stop()
		w.Documents = printer.DocumentsFunc(func(context.Context, printer.Job, printer.Format) (printer.Document, error) {
			if away {
				away = false
				return printer.Document{}, fault.New(fault.LedgerAway)
			}
			return spooltest.Page(printer.Roll80), nil
		})
		w.Hub("here")
		w.Becomes(m.Add(office, printer.KindTicket, "").ID, printer.Printed)
	})
}

func TestOfTwoHubsOneKeepsAPrinterAndTheOtherTakesItOver(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		other := w.Hub("there")
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		if opened, _ := w.Machine(a.Address).Lines(); opened != 1 {
			t.Errorf("%d hubs speak to one printer", opened)
		}
		keeper, left := h, other
		w.Until("the keeper is known", func() bool { return h.Fleet.State(office)[0].State.Hub != "" })
		if h.Fleet.State(office)[0].State.Hub == other.Name {
			keeper, left = other, h
		}
		w.Machine(a.Address).Takes = time.Minute
		j := m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Printing)
		keeper.Kill()
		w.Machine(a.Address).Restart() // what it had is gone
		killed := w.Clock.Now()
		got := w.Becomes(j.ID, printer.Unknown)
		if waited := w.Clock.Since(killed); waited > time.Minute {
			t.Errorf("it took %s to ask about a dead hub's paper", waited)
		}
		if got.Hub != keeper.Name {
			t.Errorf("%+v", got)
		}
		w.Machine(a.Address).Takes = 0
		j = m.Add(office, printer.KindTicket, "")
		if got := w.Becomes(j.ID, printer.Printed); got.Hub != left.Name {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatADeadHubPrintedIsPrintedWhereTheDriverCanProveIt(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		address := "ipp://10.0.0.1:631/ipp/print"
		w.Machine(address).Proves = true
		a := w.Printer(h, spool.Draft{Address: address})
		w.Machine(address).Takes = 2 * time.Second
		j := m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Printing)
		w.Until("the printer has it", func() bool { return w.Machine(address).Holds() == 1 })
		h.Kill()
		w.Hub("here")
		if got := w.Becomes(j.ID, printer.Printed); got.Printer != a.ID || got.Hub != h.Name || count(w.Machine(address).Out(), j.ID) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestAHubThatStopsEndsItsPaperAndGivesItsPrintersUp(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		other := w.Hub("there")
		w.Printer(h, spool.Draft{Address: "device:/dev/usb/lp0"})
		w.Machine("device:/dev/usb/lp0").Takes = 2 * time.Second
		j := m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Printing)
		h.Stop()
		if got, err := m.Job(ctx, j.ID); err != nil || got.State != printer.Printed {
			t.Errorf("%+v, %v", got, err)
		}
		for _, name := range []string{"spool:" + h.Name, "printer:" + h.Fleet.State(office)[0].ID} {
			if got, err := m.Lease(ctx, name, "anybody", nine); !got || err != nil {
				t.Errorf("%s is still its: %v", name, err)
			}
		}
		_ = other
	})
}

func TestManyHubsPrintTheFolderOfAnOfficeOnce(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, _ *spooltest.Hub) {
		for n := range 3 {
			w.Hub(fmt.Sprint("host", n))
		}
		var want []string
		for range 40 {
			want = append(want, m.Add(office, printer.KindTicket, "").ID)
		}
		for _, id := range want {
			w.Becomes(id, printer.Printed)
		}
		got := w.Machine("").Out()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%d papers of %d", len(got), len(want))
		}
	})
}

func TestAKioskThatWaitsItsTurnDoesNotPrintAcrossTheHall(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100", Serves: []string{"device:k1"}})
		b := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.2:9100", Rank: 1})
		c := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.3:9100", Rank: 2})
		for _, p := range []spool.Printer{a, b} {
			w.Machine(p.Address).Takes = 30 * time.Second
		}
		beside := []string{m.Add(office, printer.KindTicket, "device:k1").ID, m.Add(office, printer.KindTicket, "device:k1").ID}
		anywhere := []string{m.Add(office, printer.KindTicket, "").ID, m.Add(office, printer.KindTicket, "").ID}
		w.Becomes(anywhere[1], printer.Printed)
		if !slices.Contains(w.Machine(c.Address).Out(), anywhere[1]) && !slices.Contains(w.Machine(a.Address).Out(), anywhere[1]) {
			t.Error("who may be served anywhere waits for a busy printer")
		}
		for _, id := range beside {
			if got := w.Becomes(id, printer.Printed); got.Printer != a.ID {
				t.Errorf("%+v", got)
			}
		}
	})
}

func TestADriverThatDoesNotEndIsLeftBehind(t *testing.T) {
	alone(t, func(t *testing.T, w *spooltest.World, m *spooltest.Memory, h *spooltest.Hub) {
		a := w.Printer(h, spool.Draft{Address: "tcp://10.0.0.1:9100"})
		w.Machine(a.Address).Takes = time.Hour
		j := m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Unknown)
		w.Machine(a.Address).Takes = 0
		j = m.Add(office, printer.KindTicket, "")
		w.Becomes(j.ID, printer.Printed)
	})
}
