package office

import "testing"

func TestASeasonIncludesItsEndsAndMayRunOverNewYear(t *testing.T) {
	spring, winter := Season{"03-01", "03-31"}, Season{"12-15", "01-15"}
	for _, c := range []struct {
		season Season
		day    Day
		want   bool
	}{
		{spring, "2027-03-01", true}, {spring, "2027-03-31", true}, {spring, "2027-02-28", false}, {spring, "2027-04-01", false},
		{winter, "2026-12-15", true}, {winter, "2027-01-01", true}, {winter, "2027-01-16", false},
		{Season{}, "2027-07-01", true}, {spring, "", false},
	} {
		if got := c.season.Holds(c.day); got != c.want {
			t.Errorf("%v holds %s: %v, want %v", c.season, c.day, got, c.want)
		}
	}
}

func TestTheNearestRuleOfADayWins(t *testing.T) {
	q := Queue{Rules: Rules{WalkInLimit: 50}, Seasons: []QueueSeason{{Season{"01-01", "01-31"}, Rules{WalkInLimit: 100}}}}
	if got := q.RulesOn("2027-01-20").WalkInLimit; got != 100 {
		t.Errorf("in the season: %d, want 100", got)
	}
	if got := q.RulesOn("2027-02-01").WalkInLimit; got != 50 {
		t.Errorf("after the season: %d, want 50", got)
	}
	s := Service{Rules: ServiceRules{HorizonDays: 30}, Cases: []ServiceCase{
		{Season: Season{"03-01", "03-31"}, Rules: ServiceRules{HorizonDays: 7}},
		{Queue: "a-b", Rules: ServiceRules{HorizonDays: 14}},
	}}
	for queue, want := range map[string]int{"a-b": 14, "a-c": 7} {
		if got := s.RulesAt(queue, "2027-03-10").HorizonDays; got != want {
			t.Errorf("%s in March: %d, want %d", queue, got, want)
		}
	}
	if got := s.RulesAt("a-c", "2027-04-10").HorizonDays; got != 30 {
		t.Errorf("all other days: %d, want 30", got)
	}
}
