package may

import (
	"slices"

	"vez/counter"
	"vez/identity"
	"vez/office"
)

// Act tells whether somebody holds a role for a queue of an office: for the
// queue's department there. A queue that the office does not have is nobody's.
func Act(cat *office.Catalogue, who identity.Principal, role identity.Role, queueID, officeID string) bool {
	q := cat.Queue(queueID)
	return q != nil && q.Office == officeID && who.MayFor(role, q.Department, officeID)
}

// ManageHall tells whether somebody manages an office as a whole: for its host department.
func ManageHall(cat *office.Catalogue, who identity.Principal, officeID string) bool {
	o := cat.Office(officeID)
	return o != nil && who.MayFor(identity.Manager, o.Host, officeID)
}

// CloseOffice tells whether somebody may close an office for a time, or one queue
// of it: who manages the hall, and a queue also who manages that.
func CloseOffice(cat *office.Catalogue, who identity.Principal, officeID, queueID string) bool {
	return ManageHall(cat, who, officeID) || Act(cat, who, identity.Manager, queueID, officeID)
}

// CloseCounter tells whether somebody may close the counter of another: who
// manages the hall, and who manages every queue that it serves. A shut one counts
// as serving its own, so that a closing asked twice is answered twice.
func CloseCounter(cat *office.Catalogue, who identity.Principal, n *office.Counter, s counter.Shift) bool {
	if ManageHall(cat, who, n.Office) {
		return true
	}
	queues := n.Queues
	if s.State != counter.Closed && s.State != "" {
		queues = nil
		for _, q := range s.Queues {
			queues = append(queues, q.Queue)
		}
	}
	return len(queues) > 0 && !slices.ContainsFunc(queues, func(id string) bool {
		return !Act(cat, who, identity.Manager, id, n.Office)
	})
}
