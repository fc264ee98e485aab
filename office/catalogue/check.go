package catalogue

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sort"
	"time"

	"vez/fault/near"
	"vez/office"
)

// checkOffices compares offices with the departments there are.
func (l *loader) checkOffices() {
	known := map[string]bool{}
	for _, v := range l.root.departments {
		known[v.text] = true
	}
	for _, of := range l.offices {
		for _, v := range of.departments {
			if !known[v.text] {
				of.src.wrong(v.line, near.Word(v.text, keys(known), 3, "docs/catalogue.md"), "there is no department %q", v.text)
			}
			if !slices.ContainsFunc(of.queues, func(e queueEntry) bool { return e.queue.Department == v.text }) {
				of.src.warn(v.line, "give it a queue, or take it out", "the department %q has no queue here", v.text)
			}
		}
		if of.host.text != "" && !slices.Contains(of.office.Departments, of.host.text) {
			of.src.wrong(of.host.line, "name one of the office's departments", "the host %q is not one of the office's departments", of.host.text)
		}
		soundAlike(of)
	}
}

// checkWhole looks at what only the whole catalogue shows.
func (l *loader) checkWhole(queues map[string]place) {
	for _, of := range l.offices {
		for _, e := range of.queues {
			if len(e.queue.Services) == 0 && !l.unread["departments/"+e.queue.Department] {
				of.src.warn(e.line, "name it in a service, or take it out", "the queue %s serves no service", e.queue.ID)
			}
		}
	}
	l.collisions(queues)
}

// collisions finds ids that a QR code could not tell apart: it carries four
// bytes of the SHA-256 of the office's and of the queue's id (design, section 7).
func (l *loader) collisions(queues map[string]place) {
	remedy := "change one of the two ids a little"
	offices := map[[4]byte]string{}
	for _, of := range l.offices {
		id := of.office.ID
		if other := offices[short(id)]; other != "" && other != id {
			of.src.wrong(of.line, remedy, "QR codes cannot tell the offices %s and %s apart", other, id)
		}
		offices[short(id)] = id
	}
	ids := keys(queues)
	sort.Strings(ids)
	seen := map[[4]byte]string{}
	for _, id := range ids {
		if other := seen[short(id)]; other != "" {
			p := queues[id]
			p.office.src.wrong(p.entry.line, remedy, "QR codes cannot tell the queues %s and %s apart", other, id)
		}
		seen[short(id)] = id
	}
}

func short(id string) [4]byte {
	sum := sha256.Sum256([]byte(id))
	return [4]byte(sum[:4])
}

// checkQueueRules finds rules that contradict each other once all levels are settled.
func checkQueueRules(s *source, e *queueEntry, r office.Rules) {
	if r.LateRefused < r.LateBehind {
		s.wrong(e.line, "let late-refused be the longer one", "%s refuses the late after %s, but puts them behind only after %s", e.queue.ID, minutes(r.LateRefused), minutes(r.LateBehind))
	}
	if r.SameDayShare+r.GuaranteedShare > 1 {
		s.wrong(e.line, "let same-day-share and guaranteed-share be 100% together at most", "%s gives away more than all its booked places", e.queue.ID)
	}
	if r.MissAfterMore < r.MissAfter {
		s.wrong(e.line, "let miss-after-more be the longer one", "%s gives people who need more time less of it", e.queue.ID)
	}
	if !r.WalkIn && r.BookedShare == 0 {
		s.wrong(e.line, "take walk-ins, or give a booked-share", "nobody can come to %s: no walk-ins, no booked places", e.queue.ID)
	}
}

func checkServiceRules(s *source, e serviceEntry) {
	r, id := e.service.Rules, e.service.ID
	if r.Bookable && (r.MaxPeople < 1 || r.LimitService < 1 || r.LimitOpen < 1 || r.LimitDay < 1) {
		s.wrong(e.line, "let the limits be 1 or more, or write \"bookable: no\"", "%s can be booked, but a limit of 0 forbids it", id)
	}
	if r.LateBehind > 0 && r.LateRefused > 0 && r.LateRefused < r.LateBehind {
		s.wrong(e.line, "let late-refused be the longer one", "%s refuses the late after %s, but puts them behind only after %s", id, minutes(r.LateRefused), minutes(r.LateBehind))
	}
	if r.NoShowLimit > 0 && (r.NoShowDays < 1 || r.PauseDays < 1) {
		s.wrong(e.line, "write no-show-days and pause-days, or no-show-limit 0", "%s counts missed bookings, but over no days", id)
	}
}

func minutes(d time.Duration) string { return fmt.Sprintf("%d min", int(d/time.Minute)) }

// alike are letters whose names differ by one sound only, in English or in
// Portuguese, and are confused over a loudspeaker: the voiced and unvoiced
// plosives, the nasals, the sibilants.
var alike = map[[2]byte]bool{
	{'B', 'P'}: true, {'B', 'V'}: true, {'D', 'T'}: true, {'M', 'N'}: true, {'F', 'S'}: true, {'C', 'Z'}: true,
}

// soundAlike warns of prefixes that are called in the same zone and differ in
// one letter that sounds like the other.
func soundAlike(of *officeFile) {
	for i, a := range of.queues {
		for _, b := range of.queues[:i] {
			if a.queue.Zone == b.queue.Zone && confusable(a.queue.Prefix, b.queue.Prefix) {
				of.src.warn(a.prefixLine, "choose another letter, or call them in different zones",
					"the prefixes %s and %s sound alike", b.queue.Prefix, a.queue.Prefix)
			}
		}
	}
}

func confusable(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	sounds := 0
	for i := range len(a) {
		if a[i] == b[i] {
			continue
		}
		x, y := min(a[i], b[i]), max(a[i], b[i])
		if !alike[[2]byte{x, y}] {
			return false
		}
		sounds++
	}
	return sounds == 1
}
