package escpostest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// PNG is the paper as a picture file.
func (p Paper) PNG() ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, p.Image)
	return out.Bytes(), err
}

// Shows says whether the paper shows the picture (index 1 is black) and nothing
// else: from its first row on, at the left edge, and blank beyond it.
func (p Paper) Shows(img *image.Paletted) bool {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if p.Image.Rect.Dx() < w || p.Image.Rect.Dy() < h {
		return false
	}
	for y := range p.Image.Rect.Dy() {
		row := p.Image.Pix[y*p.Image.Stride:][:p.Image.Rect.Dx()]
		if y < h {
			if !bytes.Equal(row[:w], img.Pix[y*img.Stride:][:w]) {
				return false
			}
			row = row[w:]
		}
		if bytes.IndexByte(row, 1) >= 0 {
			return false
		}
	}
	return true
}

// Codes reads the printed codes with zbarimg, which must be installed.
func (p Paper) Codes(ctx context.Context) ([]string, error) {
	picture, err := p.PNG()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "paper")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "paper.png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "zbarimg", "-q", "--raw", "--nodbus", file).Output()
	if err != nil {
		return nil, fmt.Errorf("zbarimg: %w", err)
	}
	return strings.Fields(string(out)), nil
}
