package web

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheRatesStandInTheHandbook compares with docs/security.md what residents
// and builders of clients are told.
func TestTheRatesStandInTheHandbook(t *testing.T) {
	page, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Rate{writesOfCitizen, writesOfNetwork, writesOfStaff, writesOfDevice} {
		if line := fmt.Sprintf("| %s | %d in %s |", r.Name, r.N, r.Per); !strings.Contains(string(page), line) {
			t.Errorf("the handbook lacks %s", line)
		}
	}
	for _, bound := range []string{
		fmt.Sprintf("%d KiB and %d lines of headers", headerBytes>>10, headersMost),
		fmt.Sprintf("%d KiB of address with %d parameters", urlMost>>10, queryMost), fmt.Sprintf("%d fields", fieldsMost),
	} {
		if !strings.Contains(string(page), bound) {
			t.Errorf("the handbook lacks %q", bound)
		}
	}
}
