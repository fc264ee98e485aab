package escpos_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/fault"
	_ "vez/hall/rapidtest" // the same programs in every run
	"vez/printer/escpos"
	"vez/printer/escpos/escpostest"
)

func blank(w, h int) *image.Paletted {
	return image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black})
}

// noise is a picture with dense, sparse, empty and full parts.
func noise(r *rand.Rand, w, h int) *image.Paletted {
	img := blank(w, h)
	for y := 0; y < h; {
		rows, ink := 1+r.IntN(120), []float64{0, 0, 0.002, 0.1, 0.5, 1}[r.IntN(6)]
		for ; rows > 0 && y < h; rows, y = rows-1, y+1 {
			for x := range w {
				if r.Float64() < ink {
					img.Pix[y*img.Stride+x] = 1
				}
			}
		}
	}
	return img
}

// onPaper sends bytes to an emulated printer and gives the paper.
func onPaper(t *testing.T, width int, data []byte) escpostest.Paper {
	t.Helper()
	p := escpostest.Start(t, escpostest.Options{Width: width, DPI: 203})
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(data); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	papers, err := p.Wait(ctx, 1)
	if err != nil {
		t.Fatalf("no paper: %v", err)
	}
	return papers[0]
}

// packed gives the dots as bytes, the slow way.
func packed(img *image.Paletted) []byte {
	var out []byte
	for y := range img.Rect.Dy() {
		for x := 0; x < img.Rect.Dx(); x += 8 {
			var b byte
			for i := range 8 {
				b <<= 1
				if x+i < img.Rect.Dx() && img.Pix[y*img.Stride+x+i] == 1 {
					b |= 1
				}
			}
			out = append(out, b)
		}
	}
	return out
}

// same says whether the paper shows the picture, but for dots that the guard
// against real-time commands may turn over.
func same(t *testing.T, paper, img *image.Paletted) {
	t.Helper()
	if paper.Rect.Dy() != img.Rect.Dy() {
		t.Fatalf("%d rows came out of %d", paper.Rect.Dy(), img.Rect.Dy())
	}
	part := paper.SubImage(img.Rect).(*image.Paletted)
	got, want := packed(part), packed(img)
	for i := range want {
		guarded := i > 0 && want[i-1] == 0x10 && escpos.StartsRealTime(want[i])
		if got[i] != want[i] && (!guarded || got[i] != want[i]^0x02) {
			t.Fatalf("byte %d is %02x, want %02x", i, got[i], want[i])
		}
	}
}

func TestEveryPictureComesOutAsItIs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name          string
		profile       escpos.Profile
		width, height int
	}{
		{"80 mm", escpos.Profile{}, 576, 891},
		{"80 mm with feeds in dots", escpos.Profile{DPI: 203}, 576, 500},
		{"80 mm, graphics", escpos.Profile{Raster: escpos.GS8L}, 576, 891},
		{"58 mm", escpos.Profile{Width: 384}, 384, 637},
		{"58 mm, graphics", escpos.Profile{Width: 384, Raster: escpos.GS8L}, 384, 637},
		{"512 dots", escpos.Profile{Width: 512}, 512, 300},
		{"odd and narrow", escpos.Profile{}, 101, 77},
		{"odd and narrow, graphics", escpos.Profile{Raster: escpos.GS8L}, 101, 77},
		{"one band", escpos.Profile{}, 576, 255},
		{"a band and a row", escpos.Profile{}, 576, 256},
		{"a dot", escpos.Profile{}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 4 {
				img := noise(r, c.width, c.height)
				data, err := escpos.Encode(img, c.profile)
				if err != nil {
					t.Fatal(err)
				}
				width := c.profile.Width
				if width == 0 {
					width = 576
				}
				same(t, onPaper(t, width, data).Image, img)
			}
		})
	}
}

func TestBlankPaperIsFedAndNotSentAsDots(t *testing.T) {
	img := blank(576, 900)
	for x := range 576 {
		img.Pix[450*img.Stride+x] = 1
	}
	data, err := escpos.Encode(img, escpos.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 200 {
		t.Errorf("%d bytes for one row of ink", len(data))
	}
	same(t, onPaper(t, 576, data).Image, img)
}

func TestTheCommandsAreThoseOfTheManual(t *testing.T) {
	img := blank(16, 2)
	img.Pix[0], img.Pix[15], img.Pix[16+7] = 1, 1, 1
	for _, c := range []struct {
		profile escpos.Profile
		want    []byte
	}{
		{escpos.Profile{}, []byte("\x1b@\x1dv0\x00\x02\x00\x02\x00\x80\x01\x01\x00\x1dVB\x00")},
		{escpos.Profile{DPI: 203, Feed: 24}, []byte("\x1b@\x1dP\xcb\xcb\x1dv0\x00\x02\x00\x02\x00\x80\x01\x01\x00\x1dVB\x18")},
		{escpos.Profile{Raster: escpos.GS8L}, []byte("\x1b@\x1d8L\x0e\x00\x00\x000p0\x01\x011\x10\x00\x02\x00\x80\x01\x01\x00\x1d(L\x02\x0002\x1dVB\x00")},
		{escpos.Profile{NoCutter: true}, []byte("\x1b@\x1dv0\x00\x02\x00\x02\x00\x80\x01\x01\x00\x1bJ\x78")},
	} {
		got, err := escpos.Encode(img, c.profile)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%+v:\n% x\n% x, %v", c.profile, got, c.want, err)
		}
	}
}

// Old printers count the rows of a picture in one byte.
func TestNoBandIsHigherThanAByteCanSay(t *testing.T) {
	img := blank(8, 900)
	for i := range img.Pix {
		img.Pix[i] = 1
	}
	data, err := escpos.Encode(img, escpos.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, band := range bytes.Split(data, []byte("\x1dv0\x00"))[1:] {
		rows += int(band[2])
		if band[3] != 0 {
			t.Errorf("a band of %d rows", int(band[2])|int(band[3])<<8)
		}
	}
	if rows != 900 {
		t.Errorf("%d rows", rows)
	}
}

func TestAPictureThatDoesNotFitTheHeadIsRefused(t *testing.T) {
	for _, c := range []struct{ width, w, h int }{{0, 577, 10}, {384, 576, 10}, {512, 576, 10}, {0, 0, 10}, {0, 10, 0}} {
		if _, err := escpos.Encode(blank(c.w, c.h), escpos.Profile{Width: c.width}); fault.CodeOf(err) != fault.PrintFailed {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// A printer obeys 10 04, 10 05 and 10 14 even inside a picture.
func TestNoPictureSpellsARealTimeCommand(t *testing.T) {
	letters := []byte{0x10, 0x04, 0x05, 0x14, 0x00, 0xFF, 0x10}
	rapid.Check(t, func(rt *rapid.T) {
		w, h := rapid.IntRange(1, 9).Draw(rt, "bytes"), rapid.IntRange(1, 520).Draw(rt, "rows")
		seed := rapid.Uint64().Draw(rt, "seed")
		r := rand.New(rand.NewPCG(seed, 0))
		img := blank(w*8, h)
		for y := range h {
			for i := range w {
				b := letters[r.IntN(len(letters))]
				for x := range 8 {
					img.Pix[y*img.Stride+i*8+x] = b >> (7 - x) & 1
				}
			}
		}
		p := escpos.Profile{Raster: rapid.SampledFrom([]escpos.Raster{escpos.GSv0, escpos.GS8L}).Draw(rt, "raster"),
			DPI: rapid.SampledFrom([]int{0, 180, 203}).Draw(rt, "dpi"), Feed: rapid.IntRange(0, 255).Draw(rt, "feed"), NoCutter: rapid.Bool().Draw(rt, "torn")}
		data, err := escpos.Encode(img, p)
		if err != nil {
			rt.Fatal(err)
		}
		for i := 1; i < len(data); i++ {
			if data[i-1] == 0x10 && (data[i] == 0x04 || data[i] == 0x05 || data[i] == 0x14) {
				rt.Fatalf("% x at %d of %d", data[i-1:i+1], i, len(data))
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	img := noise(rand.New(rand.NewPCG(3, 4)), 576, 891)
	for _, raster := range []escpos.Raster{escpos.GSv0, escpos.GS8L} {
		b.Run("raster"+string(raster), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := escpos.Encode(img, escpos.Profile{Raster: raster}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
