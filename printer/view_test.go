package printer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vez/printer"
	"vez/printer/layout"
)

// see writes a picture.
func see(t *testing.T, dir, name string, list *layout.List, scale float64) {
	t.Helper()
	png, err := printer.PNG(list, scale)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %.1f mm", name, float64(list.Height)/layout.DotsPerMM)
}

// TestView writes pictures of every paper into the folder named by VEZ_VIEW,
// for people to look at; without it nothing is done.
func TestView(t *testing.T) {
	dir := os.Getenv("VEZ_VIEW")
	if dir == "" {
		t.Skip("set VEZ_VIEW to a folder to get pictures")
	}
	p := press(t)
	for _, langs := range [][]string{{"zh-Hant", "pt"}, {"zh-Hant", "pt", "en"}, {"zh-Hans", "pt"}, {"zh-Hant", "pt", "zh-Hans"}, {"en"}} {
		for _, large := range []bool{false, true} {
			for _, booked := range []bool{false, true} {
				tk := sampleTicket(langs...)
				tk.Large, tk.Booked = large, booked
				if booked {
					tk.Copy, tk.Number = 1, "A047"
				}
				list, err := p.Ticket(tk)
				if err != nil {
					t.Fatal(err)
				}
				see(t, dir, fmt.Sprintf("ticket-%s-large%v-booked%v", strings.Join(langs, "+"), large, booked), list, 1)
			}
		}
	}
	for _, langs := range [][]string{{"zh-Hant", "pt"}, {"zh-Hant", "pt", "en"}, {"zh-Hans", "pt"}, {"en"}} {
		for _, pass := range []bool{false, true} {
			for roll, scale := range map[bool]float64{false: 0.5, true: 1} {
				s := sampleSlip(langs...)
				s.Pass, s.Roll = pass, roll
				list, err := p.Slip(s)
				if err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("slip-%s-pass%v-roll%v", strings.Join(langs, "+"), pass, roll)
				see(t, dir, name, list, scale)
			}
		}
	}
}
