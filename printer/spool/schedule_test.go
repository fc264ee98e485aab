package spool_test

import (
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/printer/spool/spooltest"
)

func TestTheStoreInMemoryKeepsTheContract(t *testing.T) {
	spooltest.Contract(t, func(*testing.T) spooltest.Backend {
		return spooltest.NewMemory(clockwork.NewRealClock()).Backend()
	})
}

func inMemory(_ *testing.T, clock *clockwork.FakeClock) spooltest.Backend {
	return spooltest.NewMemory(clock).Backend()
}

func TestATicketIsOnPaperAtMostOnceAndNeverForgotten(t *testing.T) {
	spooltest.Schedules(t, spooltest.Plan{Seed: 1, N: 50, Alone: true, Open: inMemory})
}
