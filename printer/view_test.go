package printer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vez/printer"
)

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
				png, err := printer.PNG(list, 1)
				if err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("ticket-%s-large%v-booked%v.png", strings.Join(langs, "+"), large, booked)
				if err := os.WriteFile(filepath.Join(dir, name), png, 0o600); err != nil {
					t.Fatal(err)
				}
				fmt.Println(name, float64(list.Height)/8, "mm", list.Missing)
			}
		}
	}
	for _, langs := range [][]string{{"zh-Hant", "pt"}, {"zh-Hant", "pt", "en"}, {"zh-Hans", "pt"}, {"en"}} {
		for _, pass := range []bool{false, true} {
			s := sampleSlip(langs...)
			s.Pass = pass
			list, err := p.Slip(s)
			if err != nil {
				t.Fatal(err)
			}
			png, err := printer.PNG(list, 0.5)
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("slip-%s-pass%v.png", strings.Join(langs, "+"), pass)
			if err := os.WriteFile(filepath.Join(dir, name), png, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
