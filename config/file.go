package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"vez/fault/near"
)

// maxFile bounds a settings file.
const maxFile = 1 << 20

// file reads the scalars of a settings file into values by dotted key.
type file struct {
	name     string
	known    map[string]Field
	values   map[string]string
	lines    map[string]int
	mistakes []Mistake
}

func (f *file) wrong(line int, remedy, what string, args ...any) {
	f.mistakes = append(f.mistakes, Mistake{Error, f.name, line, fmt.Sprintf(what, args...), remedy})
}

func (f *file) parse(data []byte) {
	defer func() {
		if r := recover(); r != nil { // the parser has panicked on odd input before
			f.wrong(1, "write it as plain YAML", "this is no YAML that can be read")
		}
	}()
	if len(data) > maxFile {
		f.wrong(0, "begin again from vez.sample.yaml", "the file is larger than %d MB", maxFile>>20)
		return
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, column := 1, 0
		what, _, _ := strings.Cut(err.Error(), "\n")
		if n, _ := fmt.Sscanf(what, "[%d:%d]", &line, &column); n == 2 {
			_, what, _ = strings.Cut(what, "] ")
		}
		f.wrong(line, "correct the YAML; look at the indentation and the line before", "%s", what)
		return
	}
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			f.walk("", doc.Body)
		}
	}
}

func (f *file) walk(prefix string, n ast.Node) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return
	default:
		f.wrong(line(n), "write \"key: value\" lines", "%q must be a group of settings", strings.TrimSuffix(prefix, "."))
	}
	for _, pair := range pairs {
		f.put(prefix, pair)
	}
}

func (f *file) put(prefix string, pair *ast.MappingValueNode) {
	at := line(pair.Key)
	token := pair.Key.GetToken()
	if token == nil {
		f.wrong(at, "use a plain word as key", "a key cannot be read")
		return
	}
	key := prefix + token.Value
	if f.group(key) {
		f.walk(key+".", pair.Value)
		return
	}
	if _, ok := f.known[key]; !ok {
		f.wrong(at, near.Word(key, keysOf(f.known), 4, ""), "there is no setting %q", key)
		return
	}
	if f.lines[key] > 0 {
		f.wrong(at, "keep one of the two", "%q stands twice, first on line %d", key, f.lines[key])
		return
	}
	text, ok := plain(pair.Value)
	if !ok {
		f.wrong(at, "write a single value", "%q must be a plain value", key)
		return
	}
	f.values[key], f.lines[key] = text, at
}

// group tells whether a key only has settings below it.
func (f *file) group(key string) bool {
	for k := range f.known {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

// plain gives a scalar, or a list of scalars with commas; null is "".
func plain(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "", true
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.SequenceNode:
		var parts []string
		for _, item := range n.Values {
			text, ok := plain(item)
			if _, list := item.(*ast.SequenceNode); !ok || list {
				return "", false
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, ","), true
	}
	return "", false
}

func line(n ast.Node) int {
	if n == nil {
		return 0
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}
