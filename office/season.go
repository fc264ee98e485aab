package office

// Season is a part of every year, from and to written as month and day
// ("03-01"), both included; with to before from it runs over New Year. The
// zero season is the whole year.
type Season struct{ From, To string }

// Holds tells whether a day lies in the season.
func (s Season) Holds(d Day) bool {
	if s == (Season{}) {
		return true
	}
	if len(d) < len("2026-01-01") {
		return false
	}
	day := string(d)[len("2026-"):]
	if s.From <= s.To {
		return s.From <= day && day <= s.To
	}
	return day >= s.From || day <= s.To
}

// QueueSeason gives the rules of a queue in a season.
type QueueSeason struct {
	Season
	Rules Rules
}

// RulesOn gives the rules of the queue on a day: those of the last season that
// holds, or else the queue's own.
func (q *Queue) RulesOn(d Day) Rules {
	rules := &q.Rules
	for i := range q.Seasons {
		if q.Seasons[i].Holds(d) {
			rules = &q.Seasons[i].Rules
		}
	}
	return *rules
}

// ServiceCase gives the booking rules of a service where they differ from its
// own: in one queue ("" for all) or in a season.
type ServiceCase struct {
	Season
	Queue string
	Rules ServiceRules
}

// RulesAt gives the rules of booking the service in a queue for a start on a
// day: those of the last case that applies, or else the service's own.
func (s *Service) RulesAt(queue string, d Day) ServiceRules { return *s.rulesAt(queue, d) }

// BookableAt tells whether RulesAt lets the service be booked.
func (s *Service) BookableAt(queue string, d Day) bool { return s.rulesAt(queue, d).Bookable }

func (s *Service) rulesAt(queue string, d Day) *ServiceRules {
	rules := &s.Rules
	for i := range s.Cases {
		if c := &s.Cases[i]; (c.Queue == "" || c.Queue == queue) && c.Holds(d) {
			rules = &c.Rules
		}
	}
	return rules
}

// Category is a group of services on the front page.
type Category struct {
	ID   string `json:"id"` // "identity"
	Name Text   `json:"name"`
}
