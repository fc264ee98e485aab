package pages

import (
	"strconv"
	"testing"
)

func TestOldLinksAreForgottenFirst(t *testing.T) {
	s := NewLinks(nil, nil)
	for i := range linksMost + 2 {
		n := strconv.Itoa(i)
		s.keep("token"+n, "ticket"+n, "office")
		s.keep("token"+n, "ticket"+n, "office")
	}
	if len(s.to) != linksMost || len(s.tickets) != linksMost || len(s.order) != linksMost {
		t.Errorf("%d links of %d tickets are kept, in an order of %d", len(s.to), len(s.tickets), len(s.order))
	}
	if _, known := s.find("token1"); known || s.knows("ticket1") {
		t.Error("an old one is kept")
	}
	if to, known := s.find("token2"); !known || to != (linked{"ticket2", "office"}) {
		t.Errorf("token2 stands for %v", to)
	}
}
