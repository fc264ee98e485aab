//go:build browser

package e2e

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// ways remembers which pages were looked at and where their links lead, so that
// a page that somebody adds later cannot stay unseen.
type ways struct {
	ids   map[string]bool // of the catalogue
	mu    sync.Mutex
	seen  map[string]bool   // shapes of paths
	leads map[string]string // shape of a link → a page that has it
}

func newWays(t *testing.T) *ways {
	w := &ways{ids: map[string]bool{}, seen: map[string]bool{}, leads: map[string]string{}}
	eachFileOfTheCatalogue(t, func(_ string, content map[string]any) { w.collect(content) })
	return w
}

// collect finds ids anywhere in the catalogue.
func (w *ways) collect(thing any) {
	switch v := thing.(type) {
	case []any:
		for _, x := range v {
			w.collect(x)
		}
	case map[string]any:
		if id, is := v["id"].(string); is {
			w.ids[id] = true
		}
		for _, x := range v {
			w.collect(x)
		}
	}
}

var word = regexp.MustCompile(`^[a-z-]+$`)

// shape is a path without what is particular to a day's content.
func (w *ways) shape(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part != "" && (!word.MatchString(part) || w.ids[part]) && !strings.Contains(part, ".") {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// been notes a page that was looked at.
func (w *ways) been(s sight) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[w.shape(s.Path)] = true
	for _, link := range s.Links {
		w.leads[w.shape(link)] = s.Path
	}
}

// files and doors are no pages: what they give is not HTML, or leads on.
var files = regexp.MustCompile(`\.(png|pdf|ics|json)$|^/signin|^/api/try/`)

// check fails on a link that leads to a kind of page that nobody looked at.
func (w *ways) check(t *testing.T) {
	for _, to := range slices.Sorted(maps.Keys(w.leads)) {
		if !w.seen[to] && !files.MatchString(to) {
			t.Errorf("%s leads to %s, which was not looked at", w.leads[to], to)
		}
	}
	t.Logf("%d kinds of pages: %v", len(w.seen), slices.Sorted(maps.Keys(w.seen)))
}
