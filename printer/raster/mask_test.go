package raster

import (
	"os"
	"path/filepath"
	"testing"

	"vez/printer/font"
)

func TestMasksAreKeptWithinABound(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "fonts", "NotoSansHK-Regular.ttf"))
	if err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatal(err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	face, err := font.Parse("hk", data, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := maskCache{most: 20_000}
	for r := rune(0x4E00); r < 0x4E00+1000; r++ {
		fresh, err := drawn(maskKey{face, r, 28, r%2 == 0})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := c.of(maskKey{face, r, 28, r%2 == 0})
		if err != nil || len(kept.spans) != len(fresh.spans) || kept.advance != fresh.advance {
			t.Fatalf("%c: %v", r, err)
		}
		if c.spans > c.most || len(c.kept) == 0 {
			t.Fatalf("%d spans are kept", c.spans)
		}
	}
}
