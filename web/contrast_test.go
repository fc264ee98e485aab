package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tokensOf reads the colours of each theme from the style sheet.
func tokensOf(t *testing.T) map[string]map[string]string {
	t.Helper()
	body, err := ownStyles.ReadFile("css/10-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colour := regexp.MustCompile(`--([a-z-]+): (#[0-9A-F]{6});`)
	themes := map[string]map[string]string{}
	for name, start := range map[string]string{"light": ":root {", "dark by choice": `:root[data-theme="dark"] {`, "dark by system": ":root:not("} {
		_, block, _ := strings.Cut(string(body), start)
		block, _, _ = strings.Cut(block, "\n  }")
		if name != "dark by system" {
			block, _, _ = strings.Cut(block, "\n}")
		}
		themes[name] = map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(block, -1) {
			themes[name][m[1]] = m[2]
		}
	}
	return themes
}

// luminance and contrast are those of WCAG 2.2.
func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + .05) / (math.Min(x, y) + .05)
}

func TestTextCanBeReadInBothThemes(t *testing.T) {
	for theme, c := range tokensOf(t) {
		for _, pair := range []struct {
			on, text string
			least    float64
		}{
			{"ground", "ink", 7}, {"surface", "ink", 7}, {"sunk", "ink", 7}, {"act-ground", "ink", 7}, {"turn-ground", "ink", 7},
			{"ground", "quiet", 5.5}, {"surface", "quiet", 5.5}, {"sunk", "quiet", 4.5}, {"act-ground", "quiet", 4.5}, {"turn-ground", "quiet", 4.5},
			{"ground", "act", 6}, {"surface", "act", 6}, {"act", "on-act", 7}, {"act-strong", "on-act", 7}, {"act-ground", "act", 4.5},
			{"turn-ground", "turn", 4.5}, {"turn", "on-turn", 4.5}, {"turn", "turn-ground", 4.5}, {"surface", "turn", 4.5},
			{"good-ground", "good", 4.5}, {"warn-ground", "warn", 4.5}, {"bad-ground", "bad", 4.5}, {"surface", "bad", 4.5},
			{"surface", "warn", 4.5}, {"good-ground", "ink", 7}, {"warn-ground", "ink", 7}, {"bad-ground", "ink", 7},
			{"ground", "focus", 3}, {"surface", "focus", 3},
		} {
			if c[pair.on] == "" || c[pair.text] == "" {
				t.Fatalf("%s: no colour %s or %s", theme, pair.on, pair.text)
			}
			if got := contrast(c[pair.on], c[pair.text]); got < pair.least {
				t.Errorf("%s: %s on %s is %.2f, under %.1f", theme, pair.text, pair.on, got, pair.least)
			}
		}
	}
}

func TestBothDarkThemesAreTheSame(t *testing.T) {
	themes := tokensOf(t)
	for name, colour := range themes["dark by system"] {
		if themes["dark by choice"][name] != colour {
			t.Errorf("--%s differs", name)
		}
	}
	if len(themes["dark by choice"]) != len(themes["light"]) {
		t.Errorf("dark has %d colours, light %d", len(themes["dark by choice"]), len(themes["light"]))
	}
}
