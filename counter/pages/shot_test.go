package pages

import (
	"testing"
)

func TestFirst(t *testing.T) {
	h := newHouse(t)
	if err := h.app.CheckPages(); err != nil {
		t.Fatal(err)
	}
	a := h.issue(renewal)
	b := h.opened("anna", desk1)
	p := b.press(desk1, "next").says(a.Number, "Start")
	t.Log(p.text())
	p = b.press(desk1, "start").says(a.Number, "Finish")
	t.Log(p.text())
	p = b.press(desk1, "finish", "outcome", "served")
	t.Log(p.text())
}
