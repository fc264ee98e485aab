package catalogue

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"vez/fault/near"
	"vez/office"
)

// The reader below walks the parser's tree instead of decoding into structs:
// so every value keeps its line, and one mistake does not hide the next.

// maxFile bounds a file of the catalogue; the largest of Macao has 40 kB.
const maxFile = 4 << 20

// parse gives the top node of a file, nil when there is none. The parser has
// panicked on odd input before; that must not take the program down.
func (s *source) parse(data []byte) (top ast.Node) {
	defer func() {
		if r := recover(); r != nil {
			s.wrong(1, "write it as plain YAML", "this is no YAML that can be read")
			top = nil
		}
	}()
	if len(data) > maxFile {
		s.wrong(0, "split it", "the file is larger than %d MB", maxFile>>20)
		return nil
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, what := syntax(err)
		s.wrong(line, "correct the YAML; look at the indentation and the line before", "%s", what)
		return nil
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if top != nil {
			s.wrong(lineOf(doc.Body), "keep one document in a file", "a second document begins here")
			break
		}
		top = doc.Body
	}
	if top == nil {
		s.wrong(1, "fill it, or take it out of the lists in catalogue.yaml", "the file is empty")
	}
	return top
}

// syntax gives line and text of a parser's error, which reads "[3:7] what\n excerpt".
func syntax(err error) (int, string) {
	first, _, _ := strings.Cut(err.Error(), "\n")
	line, column := 1, 0
	if n, _ := fmt.Sscanf(first, "[%d:%d]", &line, &column); n == 2 {
		_, first, _ = strings.Cut(first, "] ")
	}
	return max(line, 1), first
}

func lineOf(n ast.Node) int {
	if n == nil {
		return 0
	}
	if pair, ok := n.(*ast.MappingValueNode); ok {
		n = pair.Key
	}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return lineOf(m.Values[0])
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// value is a scalar with its line.
type value struct {
	text string
	line int
}

// scalar gives the text of a plain value; ok is false for anything else, null included.
func scalar(n ast.Node) (v value, ok bool) {
	v.line = lineOf(n)
	switch n := n.(type) {
	case *ast.StringNode:
		v.text = n.Value
	case *ast.LiteralNode:
		v.text = strings.TrimSpace(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		v.text = n.GetToken().Value
	default:
		return v, false
	}
	return v, true
}

// object is a mapping being read: fields are taken by name, and done reports
// what nobody asked for.
type object struct {
	src    *source
	what   string // "the service dsi-bir-renewal", for messages
	line   int
	fields map[string]field
	names  []string // in the order of the file
	asked  map[string]bool
}

type field struct {
	line int
	node ast.Node
}

// object reads a mapping; for anything else it reports and gives an empty one.
func (s *source) object(n ast.Node, line int, what string) *object {
	o := &object{src: s, what: what, line: line, fields: map[string]field{}, asked: map[string]bool{}}
	if got := lineOf(n); got > 0 {
		o.line = got
	}
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		s.wrong(o.line, "write it as \"key: value\" lines", "%s must be a mapping", what)
	}
	for _, pair := range pairs {
		o.put(pair)
	}
	return o
}

func (o *object) put(pair *ast.MappingValueNode) {
	line := lineOf(pair)
	key := pair.Key.GetToken()
	if key == nil {
		o.src.wrong(line, "use a plain word as key", "a key of %s cannot be read", o.what)
		return
	}
	if first, twice := o.fields[key.Value]; twice {
		o.src.wrong(line, "keep one of the two", "%q stands twice in %s, first on line %d", key.Value, o.what, first.line)
		return
	}
	o.fields[key.Value] = field{line, pair.Value}
	o.names = append(o.names, key.Value)
}

// take marks a key as known and gives its field; empty values count as missing.
func (o *object) take(key string) (field, bool) {
	o.asked[key] = true
	f, ok := o.fields[key]
	if _, null := f.node.(*ast.NullNode); null || f.node == nil {
		ok = false
	}
	return f, ok
}

// need reports a missing key.
func (o *object) need(key, remedy string) (field, bool) {
	f, ok := o.take(key)
	if !ok {
		line := o.line
		if f.line > 0 {
			line = f.line
		}
		o.src.wrong(line, remedy, "%s has no %q", o.what, key)
	}
	return f, ok
}

// word gives a scalar, "" and false when missing or no scalar (which is reported).
func (o *object) word(key string) (value, bool) {
	f, ok := o.take(key)
	if !ok {
		return value{line: o.line}, false
	}
	v, ok := scalar(f.node)
	if !ok {
		o.src.wrong(f.line, "write one plain value", "%q of %s must be a single value", key, o.what)
	}
	return v, ok
}

// must is word for keys that may not be missing.
func (o *object) must(key, remedy string) (value, bool) {
	if _, ok := o.need(key, remedy); !ok {
		return value{line: o.line}, false
	}
	return o.word(key)
}

// list gives the scalars of a sequence; one scalar with commas counts as one, too.
func (o *object) list(key string) []value {
	f, ok := o.take(key)
	if !ok {
		return nil
	}
	return o.src.values(f.node, f.line, fmt.Sprintf("%q of %s", key, o.what))
}

func (s *source) values(n ast.Node, line int, what string) (out []value) {
	if seq, ok := n.(*ast.SequenceNode); ok {
		for _, item := range seq.Values {
			v, ok := scalar(item)
			if !ok {
				s.wrong(max(v.line, line), "write plain values", "%s holds something that is no plain value", what)
				continue
			}
			out = append(out, v)
		}
		return out
	}
	v, ok := scalar(n)
	if !ok {
		s.wrong(line, "write a list", "%s must be a list of plain values", what)
		return nil
	}
	for _, part := range strings.Split(v.text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, value{part, v.line})
		}
	}
	return out
}

// each reads a sequence of mappings; name makes the words for messages from the item's id.
func (o *object) each(key, name string, read func(*object)) {
	f, ok := o.take(key)
	if !ok {
		return
	}
	seq, ok := f.node.(*ast.SequenceNode)
	if !ok {
		o.src.wrong(f.line, "write each entry after \"- \"", "%q of %s must be a list", key, o.what)
		return
	}
	for _, item := range seq.Values {
		one := o.src.object(item, max(lineOf(item), f.line), name)
		if id, ok := scalar(one.fields["id"].node); ok {
			one.what = name + " " + id.text
		}
		read(one)
		one.done()
	}
}

// languages are the four of every text, in the order of the files.
var languages = []string{"zh-Hant", "zh-Hans", "pt", "en"}

// text reads a text in all four languages and reports those missing.
func (o *object) text(key string) (t office.Text) {
	f, ok := o.need(key, "write it in the four languages zh-Hant, zh-Hans, pt and en")
	if !ok {
		return t
	}
	in := o.src.object(f.node, f.line, fmt.Sprintf("%q of %s", key, o.what))
	for i, dst := range []*string{&t.ZhHant, &t.ZhHans, &t.PT, &t.EN} {
		v, ok := in.must(languages[i], "add the text in "+languages[i])
		if ok && strings.TrimSpace(v.text) == "" {
			o.src.wrong(v.line, "add the text in "+languages[i], "%q of %s is empty in %s", key, o.what, languages[i])
		}
		*dst = v.text
	}
	in.done()
	return t
}

// done reports the keys that nobody asked for.
func (o *object) done() {
	for _, name := range o.names {
		if o.asked[name] {
			continue
		}
		known := make([]string, 0, len(o.asked))
		for k := range o.asked {
			known = append(known, k)
		}
		o.src.wrong(o.fields[name].line, near.Word(name, known, 3, "docs/catalogue.md"), "%s has no key %q", o.what, name)
	}
}
