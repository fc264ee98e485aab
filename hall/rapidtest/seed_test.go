package rapidtest

import (
	"flag"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawn(t *testing.T) (all []uint64) {
	rapid.Check(t, func(t *rapid.T) { all = append(all, rapid.Uint64().Draw(t, "n")) })
	return all
}

func TestTheSameIsDrawnUnlessSomebodyAsksForOther(t *testing.T) {
	now := flag.Lookup("rapid.seed").Value
	before := now.String()
	t.Cleanup(func() { _ = now.Set(before) })
	set := func(s string) {
		if err := now.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	set(seed)
	first := drawn(t)
	if !slices.Equal(first, drawn(t)) {
		t.Error("one seed draws different things")
	}
	set("0")
	if slices.Equal(first, drawn(t)) {
		t.Error("no new things are drawn when asked for")
	}
}
