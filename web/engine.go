package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"text/template/parse"

	"vez/locale"
)

//go:embed layouts components pages
var ownTemplates embed.FS

// trees are parsed templates by name; they are never executed, only copied.
type trees map[string]*parse.Tree

// engine keeps one template set per page and language. A set holds the page's
// own file, the layouts, and whatever partials and components they reach, so
// that two pages may define the same block without knowing of each other.
type engine struct {
	app     *App
	layouts trees
	shared  trees            // components, by name
	partial map[string]trees // by room: the files that begin with _
	pages   map[string]*page
}

// page is one page with a set for each language, made when first needed.
type page struct {
	name  string
	trees trees
	sets  map[string]*set
}

type set struct {
	once sync.Once
	tmpl *template.Template
	err  error
}

func newEngine(a *App) (*engine, error) {
	e := &engine{app: a, layouts: trees{}, shared: trees{}, partial: map[string]trees{}, pages: map[string]*page{}}
	layouts, err := fs.Glob(ownTemplates, "layouts/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range layouts {
		if err := e.parse(ownTemplates, name, "layout/"+stem(name), e.layouts); err != nil {
			return nil, err
		}
	}
	components, err := fs.Glob(ownTemplates, "components/*/template.html")
	if err != nil {
		return nil, err
	}
	for _, name := range components {
		if err := e.parse(ownTemplates, name, path.Base(path.Dir(name)), e.shared); err != nil {
			return nil, err
		}
	}
	if err := e.add("web", ownTemplates, "pages"); err != nil {
		return nil, err
	}
	e.exhibitAll()
	return e, nil
}

// exhibitAll lets the gallery reach every component.
func (e *engine) exhibitAll() {
	gallery := e.pages["web/gallery"]
	for name, tree := range e.shared {
		if gallery.trees[name] == nil {
			gallery.trees[name] = tree
		}
	}
}

func stem(name string) string { return strings.TrimSuffix(path.Base(name), ".html") }

// parse reads a file into a set of trees; what stands outside its defines gets
// the file's own name.
func (e *engine) parse(fsys fs.FS, file, name string, into trees) error {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	parsed, err := parse.Parse(name, string(text), "{{", "}}", funcNames, builtins)
	if err != nil {
		return fmt.Errorf("template %s: %w", file, err)
	}
	for n, tree := range parsed {
		if old := into[n]; old != nil && !parse.IsEmptyTree(old.Root) {
			return fmt.Errorf("template %s defines %q, which is taken", file, n)
		}
		into[n] = tree
	}
	return nil
}

// Pages registers the templates of a room: each *.html under root becomes the
// page "room/file"; files that begin with _ are partials for all pages of the
// room. A page defines "title" and "main", and may define "head", "summary" and
// "foot". It fails on a template that does not parse or names an unknown one.
func (a *App) Pages(room string, fsys fs.FS, root string) error {
	return a.engine.add(room, fsys, root)
}

func (e *engine) add(room string, fsys fs.FS, root string) error {
	files, err := fs.Glob(fsys, path.Join(root, "*.html"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("room %s has no templates under %q", room, root)
	}
	e.partial[room] = trees{}
	for _, file := range files {
		if strings.HasPrefix(path.Base(file), "_") {
			if err := e.parse(fsys, file, room+"/"+stem(file), e.partial[room]); err != nil {
				return err
			}
		}
	}
	for _, file := range files {
		if !strings.HasPrefix(path.Base(file), "_") {
			if err := e.addPage(room, fsys, file); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *engine) addPage(room string, fsys fs.FS, file string) error {
	name := room + "/" + stem(file)
	own := trees{}
	if err := e.parse(fsys, file, name, own); err != nil {
		return err
	}
	for _, needed := range []string{"title", "main"} {
		if own[needed] == nil {
			return fmt.Errorf("page %s does not define %q", name, needed)
		}
	}
	for _, optional := range []string{"head", "summary", "foot"} {
		if own[optional] == nil {
			own[optional] = &parse.Tree{Name: optional, Root: &parse.ListNode{NodeType: parse.NodeList}}
		}
	}
	all, err := e.reach(own, e.partial[room])
	if err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	p := &page{name: name, trees: all, sets: map[string]*set{}}
	for _, lang := range locale.Languages {
		p.sets[lang] = &set{}
	}
	e.pages[name] = p
	return nil
}

// reach adds to a page's own templates the layouts and all that they call,
// looking first among the partials of the room, then among the components.
func (e *engine) reach(own, partials trees) (trees, error) {
	all, todo := trees{}, []string{}
	take := func(from trees) {
		for name, tree := range from {
			all[name] = tree
			todo = append(todo, name)
		}
	}
	take(e.layouts)
	take(own)
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, called := range calls(all[name].Root) {
			if all[called] != nil {
				continue
			}
			tree := partials[called]
			if tree == nil {
				tree = e.shared[called]
			}
			if tree == nil {
				return nil, fmt.Errorf("template %q calls %q, which nobody defines", name, called)
			}
			all[called] = tree
			todo = append(todo, called)
		}
	}
	return all, nil
}

// calls lists the templates that a node calls.
func calls(node parse.Node) []string {
	switch n := node.(type) {
	case *parse.ListNode:
		var names []string
		if n != nil {
			for _, child := range n.Nodes {
				names = append(names, calls(child)...)
			}
		}
		return names
	case *parse.IfNode:
		return append(calls(n.List), calls(n.ElseList)...)
	case *parse.RangeNode:
		return append(calls(n.List), calls(n.ElseList)...)
	case *parse.WithNode:
		return append(calls(n.List), calls(n.ElseList)...)
	case *parse.TemplateNode:
		return []string{n.Name}
	}
	return nil
}

// set gives the page's templates in a language.
func (e *engine) set(name, lang string) (*template.Template, error) {
	p := e.pages[name]
	if p == nil {
		return nil, fmt.Errorf("there is no page %q", name)
	}
	s := p.sets[lang]
	if s == nil {
		return nil, fmt.Errorf("there is no language %q", lang)
	}
	s.once.Do(func() { s.tmpl, s.err = e.build(p, lang) })
	return s.tmpl, s.err
}

func (e *engine) build(p *page, lang string) (*template.Template, error) {
	t := template.New(p.name).Funcs(e.funcs(e.app.cfg.Text.In(lang)))
	for name, tree := range p.trees {
		if _, err := t.AddParseTree(name, tree.Copy()); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// run executes one template of a page's set.
func (e *engine) run(name, lang, tmpl string, data any) ([]byte, error) {
	t, err := e.set(name, lang)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, tmpl, data); err != nil {
		return nil, fmt.Errorf("page %s in %s: %w", name, lang, err)
	}
	return out.Bytes(), nil
}

// check escapes every page in one language, so that a template that html/template
// refuses is found at the start and not by a visitor.
func (e *engine) check() error {
	names := make([]string, 0, len(e.pages))
	for name := range e.pages {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		t, err := e.set(name, locale.Languages[0])
		if err != nil {
			return err
		}
		var refused *template.Error
		for _, tmpl := range []string{"layout/site", "main"} {
			if err := t.ExecuteTemplate(io.Discard, tmpl, nil); errors.As(err, &refused) {
				return fmt.Errorf("page %s: %w", name, err)
			}
		}
	}
	return nil
}

// CheckPages does what Serve does first, for tests.
func (a *App) CheckPages() error { return a.engine.check() }
