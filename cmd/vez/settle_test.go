package main

import (
	"runtime/debug"
	"testing"
)

// percent is what the collector is set to.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

func TestTheCollectorRestsOnlyWhileAHubOpens(t *testing.T) {
	t.Setenv("GOGC", "")
	usual := percent()
	end := roomToStart()
	if percent() != startPercent {
		t.Errorf("%d while it opens", percent())
	}
	if end(); percent() != usual {
		t.Errorf("%d afterwards, %d before", percent(), usual)
	}
}

func TestWhoSetTheCollectorHasTheSay(t *testing.T) {
	t.Setenv("GOGC", "50")
	usual := percent()
	defer roomToStart()()
	if percent() != usual {
		t.Errorf("%d, set was %d", percent(), usual)
	}
}
