package printer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vez/printer"
	"vez/printer/layout"
)

// TestView writes pictures of every paper into the folder named by VEZ_VIEW,
// for people to look at; without it nothing is done.
func TestView(t *testing.T) {
	dir := os.Getenv("VEZ_VIEW")
	if dir == "" {
		t.Skip("set VEZ_VIEW to a folder to get pictures")
	}
	each(t, func(t *testing.T, name string, _ paper, format printer.Format, _ []string, doc printer.Document) {
		scale := 1.0
		if !format.Roll() {
			scale = 0.5
		}
		for i, page := range doc.Pages {
			png, err := printer.PNG(page, scale)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, i+1)), png, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %.1f mm", name, float64(page.Height)/layout.DotsPerMM)
		}
	})
}
