package locale

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// Printer writes in one language. It is a small value, safe to copy and for
// concurrent use; the zero Printer is of no use, take one from Bundle.In.
type Printer struct{ c *catalogue }

// Lang is the printer's language, one of Languages.
func (p Printer) Lang() string { return p.c.lang }

// Has says whether there is a text for key.
func (p Printer) Has(key string) bool {
	_, ok := p.c.entries[key]
	return ok
}

// T gives the text of a key. The arguments are pairs of placeholder name and
// value, or one map of them; whole numbers, times and maps of names are written
// in the printer's language. The argument "count" chooses the plural form; a
// text with one placeholder is counted by that one. A
// key that is missing, or an argument that the text needs and was not given, is
// shown as ⟦key⟧, so that tests and people see it.
func (p Printer) T(key string, args ...any) string {
	e, ok := p.c.entries[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if e.plain() {
		return e.forms["other"]
	}
	values := pairs(args)
	text, err := p.c.localizer.Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: values, PluralCount: count(e.counted(values)), TemplateParser: braces{p},
	})
	if err != nil {
		return "⟦" + key + "⟧"
	}
	return text
}

// pairs makes a map of the arguments of T.
func pairs(args []any) map[string]any {
	if len(args) == 1 {
		switch m := args[0].(type) {
		case map[string]any:
			return m
		case map[string]string:
			values := make(map[string]any, len(m))
			for name, value := range m {
				values[name] = value
			}
			return values
		}
	}
	values := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		values[fmt.Sprint(args[i])] = args[i+1]
	}
	return values
}

// count gives what go-i18n takes as a plural count, or nil.
func count(v any) any {
	switch n := v.(type) {
	case int, int8, int16, int32, int64, string:
		return n
	case uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(n)
	}
	return nil
}

// Value writes any argument as T would: whole numbers with separators, times
// as date and time, maps of names by Pick, everything else as it prints.
func (p Printer) Value(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case int:
		return p.Number(int64(x))
	case int32:
		return p.Number(int64(x))
	case int64:
		return p.Number(x)
	case time.Time:
		return p.DateTime(x)
	case time.Duration:
		return p.Duration(x)
	case map[string]string:
		return Pick(x, p.c.lang)
	case []string:
		return p.List(x)
	}
	return fmt.Sprint(v)
}

// braces is the template language of the catalogues: {name} and {name:form}.
type braces struct{ p Printer }

// Cacheable is false because a parsed text writes through one printer.
func (b braces) Cacheable() bool { return false }

// Parse keeps the text; it is cheap to fill.
func (b braces) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	return filled{b.p, src}, nil
}

type filled struct {
	p   Printer
	src string
}

var errUnclosed = errors.New("a brace is not closed")

// Execute fills the placeholders with data, a map of names to values.
func (f filled) Execute(data any) (string, error) {
	values, _ := data.(map[string]any)
	var out strings.Builder
	rest := f.src
	for {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		place, tail, closed := strings.Cut(after, "}")
		if !closed {
			return "", errUnclosed
		}
		out.WriteString(f.p.fill(place, values))
		rest = tail
	}
}

func (p Printer) fill(place string, values map[string]any) string {
	name, form, _ := strings.Cut(place, ":")
	value, ok := values[name]
	if !ok {
		return "⟦" + name + "⟧"
	}
	if t, isTime := value.(time.Time); isTime {
		return p.timeForm(form, t)
	}
	return p.Value(value)
}

func (p Printer) timeForm(form string, t time.Time) string {
	switch form {
	case "date":
		return p.Date(t)
	case "day":
		return p.Day(t)
	case "time":
		return p.Time(t)
	case "clock":
		return p.Clock(t)
	case "weekday":
		return p.Weekday(t)
	}
	return p.DateTime(t)
}
