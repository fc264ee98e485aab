package catalogue

import (
	"vez/fault/near"
	"vez/office"
)

// calendar is the holidays of one jurisdiction and the days it knows about.
type calendar struct {
	from, to office.Day
	days     map[office.Day]office.Holiday
}

var holidayKinds = map[string]bool{"public": true, "compensatory": true, "half-day": true}

func (s *source) calendar(o *object) calendar {
	c := calendar{days: map[office.Day]office.Holiday{}}
	c.from, c.to = o.date("from"), o.date("to")
	if c.from != "" && c.to != "" && c.to < c.from {
		s.wrong(o.fields["to"].line, "let it end after it begins", "the calendar ends on %s, before it begins on %s", c.to, c.from)
	}
	lines := map[office.Day]int{}
	o.each("days", "a day shut", func(in *object) {
		h := office.Holiday{Day: in.date("day"), Name: in.text("name")}
		if v, ok := in.must("kind", "write public, compensatory or half-day"); ok {
			h.Kind = v.text
			if !holidayKinds[v.text] {
				s.wrong(v.line, near.Word(v.text, keys(holidayKinds), 3, "docs/catalogue.md"), "%q is no kind of day", v.text)
			}
		}
		if h.Day == "" {
			return
		}
		line := in.fields["day"].line
		switch first := lines[h.Day]; {
		case first > 0:
			s.wrong(line, "keep one of the two", "%s stands twice, first on line %d", h.Day, first)
		case c.from != "" && h.Day < c.from, c.to != "" && h.Day > c.to:
			s.wrong(line, "correct the date, or \"from\" and \"to\" at the top of the file", "%s lies outside of the calendar, which runs from %s to %s", h.Day, c.from, c.to)
		}
		lines[h.Day] = line
		c.days[h.Day] = h
	})
	o.done()
	return c
}

func (o *object) date(key string) office.Day {
	v, ok := o.must(key, "write a date such as 2026-11-24")
	if !ok {
		return ""
	}
	d, err := office.ParseDay(v.text)
	if err != nil {
		o.src.wrong(v.line, "write a date such as 2026-11-24", "%q is no date", v.text)
		return ""
	}
	return d
}
