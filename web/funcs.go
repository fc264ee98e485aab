package web

import (
	"errors"
	"fmt"
	"html/template"
	"time"

	"vez/locale"
)

// funcs are the functions of every template, writing in one language. README.md
// lists them for page builders.
func (e *engine) funcs(p locale.Printer) template.FuncMap {
	return template.FuncMap{
		"t": p.T, "has": p.Has, "lang": p.Lang, "write": p.Value,
		"name": func(names map[string]string) string { return locale.Pick(names, p.Lang()) },
		"date": p.Date, "dateLong": p.DateLong, "day": p.Day, "dateNumeric": p.DateNumeric, "month": p.Month,
		"weekday": p.Weekday, "weekdayShort": p.WeekdayShort, "time": p.Time, "clock": p.Clock,
		"dateTime": p.DateTime, "dayTime": p.DayTime, "span": p.Span, "near": p.Near, "duration": p.Duration,
		"iso":    func(t time.Time) string { return t.Format(time.RFC3339) },
		"number": func(n any) string { return p.Value(n) }, "decimal": p.Decimal, "percent": p.Percent, "list": p.List,
		"dict": dict, "array": func(values ...any) []any { return values }, "seq": seq,
		"add": func(a, b int) int { return a + b }, "sub": func(a, b int) int { return a - b },
		"asset": e.app.Asset, "script": e.app.script, "icon": icon,
	}
}

// funcNames and builtins only tell the parser which names are functions.
var (
	funcNames = map[string]any(new(engineStub).funcs())
	builtins  = map[string]any{
		"and": true, "or": true, "not": true, "len": true, "index": true, "slice": true, "print": true, "printf": true,
		"println": true, "html": true, "js": true, "urlquery": true, "call": true, "eq": true, "ge": true, "gt": true,
		"le": true, "lt": true, "ne": true,
	}
)

type engineStub struct{}

func (*engineStub) funcs() template.FuncMap {
	return (&engine{app: &App{}}).funcs(locale.Printer{})
}

var errOddDict = errors.New("dict needs pairs of name and value")

// dict makes the data of a component: dict "text" (t "…") "icon" "ticket".
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errOddDict
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// seq counts from one number to another, both included.
func seq(from, to int) []int {
	var out []int
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}
