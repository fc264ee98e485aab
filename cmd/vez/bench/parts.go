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
	{"moves-embedded", movesOver(setup{"SQLite, embedded Redis", "", false, atTheDesk})},
	{"moves-redis", movesOver(setup{"SQLite, redis-server beside it", "child", false, atTheDesk})},
	{"moves-line", movesOver(setup{"SQLite, redis-server, through the line", "child", false, throughTheLine})},
	{"moves-postgres", movesOver(setup{"PostgreSQL, redis-server", "child", true, atTheDesk})},
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

// choose gives the parts of these names, all for none; "moves" means all that begin so.
func choose(only []string) ([]part, error) {
	if len(only) == 0 {
		return parts, nil
	}
	var out []part
	for _, name := range only {
		meant := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.name != name && !strings.HasPrefix(p.name, name+"-") })
		if len(meant) == 0 {
			return nil, fmt.Errorf("there is no part %q; there are %s", name, strings.Join(names(), ", "))
		}
		out = append(out, meant...)
	}
	return out, nil
}
