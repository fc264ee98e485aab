package catalogue

import (
	"errors"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml/ast"

	"vez/office"
)

const rootName = "catalogue.yaml"

// Load reads a catalogue folder. It reports every mistake it finds, ordered by
// file and line; when one of them is an error there is no catalogue (nil).
func Load(fsys fs.FS) (*office.Catalogue, []Mistake) {
	l := &loader{fsys: fsys, sources: map[string]*source{}, unread: map[string]bool{}}
	c := l.load()
	var all []Mistake
	for _, s := range l.sources {
		all = append(all, s.mistakes...)
	}
	order(all)
	if Failed(all) {
		return nil, all
	}
	return c, all
}

type loader struct {
	fsys        fs.FS
	sources     map[string]*source
	root        *root
	departments []*departmentFile
	offices     []*officeFile
	calendars   map[string]calendar
	// unread are the ids of listed files that could not be read: what refers to
	// them is not reported as well.
	unread map[string]bool
}

func (l *loader) source(name string) *source {
	if l.sources[name] == nil {
		l.sources[name] = &source{name: name}
	}
	return l.sources[name]
}

func (l *loader) load() *office.Catalogue {
	s := l.source(rootName)
	top := read(l.fsys, s)
	if top == nil {
		return nil
	}
	l.root = s.root(s.object(top, 1, rootName))
	files := l.readAll()
	l.calendars = map[string]calendar{}
	for _, v := range l.root.calendars {
		name := "holidays/" + v.text + ".yaml"
		if o := l.object(files, name, v); o != nil {
			l.calendars[v.text] = l.source(name).calendar(o)
		}
	}
	for _, v := range l.root.departments {
		name := "departments/" + v.text + ".yaml"
		if o := l.object(files, name, v); o != nil {
			l.departments = append(l.departments, l.source(name).department(o, l.root))
		}
	}
	for _, v := range l.root.offices {
		name := "offices/" + v.text + ".yaml"
		if o := l.object(files, name, v); o != nil {
			l.offices = append(l.offices, l.source(name).office(o, l.root))
		}
	}
	l.strangers(files)
	return l.join()
}

// object gives the mapping of a listed file; nil when it is missing (which is reported) or unreadable.
func (l *loader) object(files map[string]ast.Node, name string, listed value) *object {
	top, there := files[name]
	if top == nil {
		l.unread[strings.TrimSuffix(name, ".yaml")] = true
	}
	if !there {
		l.source(rootName).wrong(listed.line, "write the file, or take the id out of the list", "%q is listed, but there is no file %s", listed.text, name)
		return nil
	}
	if top == nil {
		return nil
	}
	return l.source(name).object(top, 1, strings.TrimSuffix(path.Base(name), ".yaml"))
}

// readAll parses the files of the three folders, several at a time: parsing is
// nearly all of the work.
func (l *loader) readAll() map[string]ast.Node {
	var names []string
	for _, dir := range []string{"departments", "offices", "holidays"} {
		entries, err := fs.ReadDir(l.fsys, dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.source(dir).wrong(0, "make it readable", "the folder cannot be read: %v", err)
		}
		for _, e := range entries {
			names = append(names, dir+"/"+e.Name())
		}
	}
	tops := make([]ast.Node, len(names))
	next := make(chan int)
	var wg sync.WaitGroup
	for _, name := range names { // before the workers start: the map is not theirs
		l.source(name)
	}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				if strings.HasSuffix(names[i], ".yaml") {
					tops[i] = read(l.fsys, l.sources[names[i]])
				}
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	wg.Wait()
	out := map[string]ast.Node{}
	for i, name := range names {
		out[name] = tops[i]
	}
	return out
}

func read(fsys fs.FS, s *source) ast.Node {
	data, err := fs.ReadFile(fsys, s.name)
	if err != nil {
		what := "the file cannot be read"
		if errors.Is(err, fs.ErrNotExist) {
			what = "there is no such file"
		}
		s.wrong(0, "point VEZ_CATALOGUE to a folder with a readable "+rootName, "%s", what)
		return nil
	}
	return s.parse(data)
}

// strangers warns of files that no list names: somebody may think that they count.
func (l *loader) strangers(files map[string]ast.Node) {
	listed := map[string]bool{}
	for dir, ids := range map[string][]value{"departments/": l.root.departments, "offices/": l.root.offices, "holidays/": l.root.calendars} {
		for _, v := range ids {
			listed[dir+v.text+".yaml"] = true
		}
	}
	for name := range files {
		if !listed[name] {
			l.source(name).warn(0, "add it to the list in "+rootName+", or take it away", "the file is not part of the catalogue")
		}
	}
}

// zone loads a time zone; the names "" and "Local" would be the machine's own.
func zone(name string) (*time.Location, error) {
	if slices.Contains([]string{"", "Local"}, name) {
		return nil, errors.New("not a named zone")
	}
	return time.LoadLocation(name)
}
