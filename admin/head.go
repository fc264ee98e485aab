package admin

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"vez/printer/spool"
)

// head is what every page of an office shows over its own part.
type head struct {
	ID   string
	Name names
	// Tab is the page's own: hall, printers, papers, reminders or staff.
	Tab  string
	Tabs []string
	// Pairs devices and printers.
	Pairs bool
	// Troubled counts the printers that cannot print.
	Troubled int
	Note     *note
}

func (r *room) head(c *fiber.Ctx, p place, tab string) head {
	h := head{ID: p.office.ID, Name: p.office.Name.Names(), Tab: tab, Tabs: []string{"hall"}, Pairs: p.Pairs, Note: takeNote(c, p)}
	if r.Printers != nil {
		h.Tabs = append(h.Tabs, "printers")
		for _, s := range r.Printers.State(p.office.ID) {
			if inTrouble(s) {
				h.Troubled++
			}
		}
	}
	if r.Papers != nil {
		h.Tabs = append(h.Tabs, "papers")
	}
	if r.Reminders != nil {
		h.Tabs = append(h.Tabs, "reminders")
	}
	if r.Staff != nil && p.Pairs {
		h.Tabs = append(h.Tabs, "staff")
	}
	return h
}

// Path is that of the office's page.
func (h head) Path() string { return pathOf(h.ID) }

// TabPath is the page that a tab leads to.
func (h head) TabPath(tab string) string {
	if tab == "hall" {
		return h.Path()
	}
	return h.Path() + "/" + tab
}

// inTrouble tells of a printer that is used and cannot print.
func inTrouble(s spool.Seen) bool { return s.Confirmed && s.State.Problem != "" }

// firstTroubled puts printers in trouble first, then those whose code is waited for.
func firstTroubled(seen []spool.Seen) []spool.Seen {
	rank := func(s spool.Seen) int {
		switch {
		case inTrouble(s):
			return 0
		case !s.Confirmed:
			return 1
		case s.State.Low:
			return 2
		}
		return 3
	}
	out := slices.Clone(seen)
	slices.SortStableFunc(out, func(a, b spool.Seen) int { return rank(a) - rank(b) })
	return out
}

// Head is the head itself, for the templates that the pages share.
func (h head) Head() head { return h }
