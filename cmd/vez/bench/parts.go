package bench

import (
	"fmt"
	"slices"
	"strings"
)

// A part is measured by itself.
type part struct {
	name string
	run  func(*Bench) ([]Row, error)
}

// parts in the order they are measured.
var parts = []part{
	{"floor", (*Bench).floor},
	{"moves", (*Bench).moves},
	{"projection", (*Bench).projection},
	{"reads", (*Bench).reads},
	{"slots", (*Bench).slots},
	{"boards", (*Bench).boards},
	{"papers", (*Bench).papers},
	{"rivals", (*Bench).rivals},
	{"start", (*Bench).start},
	{"growth", (*Bench).growth},
}

func names() []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.name)
	}
	return out
}

// choose gives the parts of these names, all for none.
func choose(only []string) ([]part, error) {
	if len(only) == 0 {
		return parts, nil
	}
	var out []part
	for _, name := range only {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q; there are %s", name, strings.Join(names(), ", "))
		}
		out = append(out, parts[i])
	}
	return out, nil
}
