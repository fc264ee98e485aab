package raster

import (
	"image"
	"slices"
	"sync"

	"vez/printer/font"
	"vez/printer/layout"
)

// span is a stretch of black dots in a row.
type span struct{ y, from, to int16 }

// mask is a character in black and white, its origin on the baseline at 0, 0.
type mask struct {
	spans   []span
	advance float64
}

type maskKey struct {
	face  *font.Face
	char  rune
	size  int
	heavy bool
}

// maskSpans bounds all masks kept, to some 6 MB: a hall prints a few hundred
// characters, but text comes from outside too.
const maskSpans = 1_000_000

// masks are shared by all who draw. When they are too many all are dropped; the
// few that a hall prints are soon there again.
var masks = maskCache{most: maskSpans}

type maskCache struct {
	mu    sync.RWMutex
	kept  map[maskKey]mask
	spans int
	most  int
}

func (c *maskCache) of(key maskKey) (mask, error) {
	c.mu.RLock()
	m, ok := c.kept[key]
	c.mu.RUnlock()
	if ok {
		return m, nil
	}
	m, err := drawn(key)
	if err != nil {
		return mask{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cost := len(m.spans) + 16
	if c.kept == nil || c.spans+cost > c.most {
		c.kept, c.spans = make(map[maskKey]mask), 0
	}
	if _, ok := c.kept[key]; !ok {
		c.kept[key] = m
		c.spans += cost
	}
	return m, nil
}

// drawn draws one character.
func drawn(key maskKey) (mask, error) {
	size := float64(key.size)
	m := mask{advance: key.face.Width(key.char) * size}
	half := maxSide / 2
	f := newFrame(-size/2, -1.3*size, m.advance+size/2, size/2, 1, image.Rect(-half, -half, half, half))
	strikes := []float64{0}
	if key.heavy {
		strikes = append(strikes, layout.Text{Size: key.size}.Strike())
	}
	f.em = size
	for _, dx := range strikes {
		f.x = dx
		if err := key.face.Outline(key.char, f); err != nil {
			return mask{}, err
		}
	}
	m.spans = slices.Clip(f.spans())
	return m, nil
}
