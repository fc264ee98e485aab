package drive_test

import (
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/escpos/escpostest"
	"vez/printer/ipp/ipptest"
	"vez/printer/layout"
)

func TestAThermalPrinterIsReachedByItsAddress(t *testing.T) {
	for format, width := range map[printer.Format]int{printer.Roll80: 576, printer.Roll58: 384} {
		p := escpostest.Start(t, escpostest.Options{Width: width})
		d, err := drive.Open("tcp://"+p.Addr(), drive.Options{Format: format, Clock: clockwork.NewRealClock()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		if st := d.Status(ctx); st.Problem != "" {
			t.Errorf("%+v", st)
		}
		doc := printer.Document{Format: format, Pages: []*layout.List{{Title: "x", Width: width, Height: 40, Items: []layout.Item{layout.Rect{X: 8, Y: 8, W: 80, H: 8}}}}}
		if err := d.Print(ctx, printer.Job{ID: "1"}, doc); err != nil {
			t.Fatal(err)
		}
		papers := p.Papers()
		if len(papers) != 2 {
			t.Errorf("%d papers, want what another hub may have left, struck through, and the ticket", len(papers))
		}
		p.PaperOut()
		if err := d.Print(ctx, printer.Job{ID: "2"}, doc); fault.CodeOf(err) != fault.PaperOut {
			t.Errorf("got %v", err)
		}
	}
}

func TestASheetPrinterIsReachedByItsAddress(t *testing.T) {
	for _, opt := range []ipptest.Options{{}, {TLS: true}} {
		p := ipptest.Start(t, opt)
		address := p.Address()
		a, err := drive.Parse(address)
		if err != nil || a.String() != address {
			t.Errorf("%s is %s, %v", address, a, err)
		}
		d, err := drive.Open(address, drive.Options{Format: printer.A4, Clock: clockwork.NewRealClock()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		if err := d.Print(ctx, printer.Job{ID: "job-1"}, page("x")); err != nil || len(p.Papers()) != 1 {
			t.Errorf("%d papers, %v", len(p.Papers()), err)
		}
		if prover, ok := d.(printer.Prover); !ok || !prover.Proves(ctx, printer.Job{ID: "job-1"}) {
			t.Error("it cannot tell what came out")
		}
	}
}
