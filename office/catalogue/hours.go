package catalogue

import (
	"fmt"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"vez/fault/near"
	"vez/office"
)

// hours reads the opening hours of an object: the name of a pattern, or the
// days themselves. ok is false when the key is missing.
func (o *object) hours(patterns map[string]office.Week) (w office.Week, ok bool) {
	f, ok := o.take("hours")
	if !ok {
		return w, false
	}
	if v, plain := scalar(f.node); plain {
		w, known := patterns[v.text]
		if !known {
			o.src.wrong(v.line, near.Word(v.text, keys(patterns), 3, "docs/catalogue.md"), "there is no pattern of hours %q", v.text)
		}
		return w, true
	}
	return o.src.object(f.node, f.line, "the hours of "+o.what).week(), true
}

// week reads openings by weekday.
func (o *object) week() (w office.Week) {
	said := map[int]string{}
	for _, name := range o.names {
		f, ok := o.need(name, "write openings such as 09:00-13:00, or shut")
		days, err := daysOf(name)
		if err != nil {
			o.src.wrong(f.line, err.Error(), "%q of %s is no day", name, o.what)
			continue
		}
		if !ok {
			continue
		}
		spans := o.openings(name, f)
		for _, day := range days {
			if before := said[int(day)]; before != "" {
				o.src.wrong(f.line, "name each day once", "%s of %s stands in %q already", weekdays[day], o.what, before)
			}
			said[int(day)] = name
			w[day] = spans
		}
	}
	return w
}

func (o *object) openings(name string, f field) (spans []office.Span) {
	if _, empty := f.node.(*ast.NullNode); empty {
		return nil
	}
	for _, v := range o.src.values(f.node, f.line, fmt.Sprintf("%q of %s", name, o.what)) {
		if strings.EqualFold(v.text, "shut") {
			continue
		}
		span, err := opening(v.text)
		if err != nil {
			o.src.wrong(v.line, err.Error(), "%q is no opening", v.text)
			continue
		}
		spans = append(spans, span)
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].From < spans[j].From })
	for i := 1; i < len(spans); i++ {
		if spans[i].From < spans[i-1].To {
			o.src.wrong(f.line, "let the openings follow each other", "openings of %q of %s overlap", name, o.what)
		}
	}
	return spans
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
