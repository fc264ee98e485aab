package catalogue

import (
	"slices"
	"strings"

	"vez/fault/near"
	"vez/office"
)

// departmentFile is a department with its services as written.
type departmentFile struct {
	src        *source
	department *office.Department
	rules      layer
	seasons    []season
	services   []serviceEntry
}

type serviceEntry struct {
	service *office.Service
	line    int
	rules   layer
	queues  []value
}

var modes = []string{"counter", "kiosk", "remote"}

func (s *source) department(o *object, r *root) *departmentFile {
	d := &office.Department{ID: o.fileID(), Name: o.text("name")}
	f := &departmentFile{src: s, department: d}
	if v, ok := o.must("acronym", "write its letters, such as DSI"); ok {
		d.Acronym = v.text
	}
	d.Category = o.category(r, "")
	if v, ok := o.word("website"); ok {
		d.Website = v.text
		if !strings.HasPrefix(v.text, "https://") && !strings.HasPrefix(v.text, "http://") {
			s.wrong(v.line, "write the whole address, with https://", "%q is no web address", v.text)
		}
	}
	f.rules, f.seasons = o.layer(atDepartment), o.seasons()
	seen := map[string]int{}
	o.each("services", "the service", func(in *object) {
		f.services = append(f.services, f.service(in, r, seen))
	})
	if len(f.services) == 0 {
		s.warn(o.line, "add services, or take the department out", "%s has no services", o.what)
	}
	o.done()
	return f
}

// fileID reads the id of the thing a file is about; it must be the file's name.
func (o *object) fileID() string {
	id := o.id(map[string]int{})
	name := o.src.name[strings.LastIndexByte(o.src.name, '/')+1:]
	if id != "" && id+".yaml" != name {
		o.src.wrong(o.fields["id"].line, "rename the file or correct the id", "the id %q is not the name of the file", id)
	}
	return id
}

// category reads the category; otherwise stands for a missing one, "" makes it required.
func (o *object) category(r *root, otherwise string) string {
	if _, there := o.take("category"); !there && otherwise != "" {
		return otherwise
	}
	v, ok := o.must("category", "name one of the categories of catalogue.yaml")
	if !ok {
		return ""
	}
	known := make([]string, 0, len(r.categories))
	for _, c := range r.categories {
		known = append(known, c.ID)
	}
	if !slices.Contains(known, v.text) {
		o.src.wrong(v.line, near.Word(v.text, known, 3, "docs/catalogue.md"), "there is no category %q", v.text)
	}
	return v.text
}

func (f *departmentFile) service(o *object, r *root, seen map[string]int) serviceEntry {
	dep := f.department
	sv := &office.Service{ID: o.id(seen), Department: dep.ID, Name: o.text("name"), Category: o.category(r, dep.Category)}
	if sv.ID != "" && !strings.HasPrefix(sv.ID, dep.ID+"-") {
		f.src.wrong(o.fields["id"].line, "begin it with \""+dep.ID+"-\"", "the id %q does not begin with its department's", sv.ID)
	}
	sv.Minutes = o.number("minutes", 1, 480)
	sv.Modes = o.modes()
	if v, ok := o.must("evidence", "say where it was found"); ok {
		sv.Evidence = v.text
		if !r.evidence[v.text] {
			f.src.wrong(v.line, near.Word(v.text, keys(r.evidence), 3, "docs/catalogue.md"), "there is no evidence %q", v.text)
		}
	}
	for _, v := range o.list("documents") {
		text, ok := r.documents[v.text]
		if !ok {
			f.src.wrong(v.line, near.Word(v.text, keys(r.documents), 3, "docs/catalogue.md"), "there is no document %q", v.text)
			continue
		}
		sv.Documents = append(sv.Documents, text)
	}
	e := serviceEntry{service: sv, line: o.line, rules: o.layer(atService)}
	if _, ok := o.need("queues", "name the queues that serve it, at most one of an office"); ok {
		e.queues = o.list("queues")
	}
	return e
}

// modes reads how a service is had; the counter when nothing is said.
func (o *object) modes() []string {
	if _, ok := o.take("modes"); !ok {
		return []string{"counter"}
	}
	var out []string
	for _, v := range o.list("modes") {
		if !slices.Contains(modes, v.text) {
			o.src.wrong(v.line, near.Word(v.text, slices.Clone(modes), 3, "docs/catalogue.md"), "%q is no way to have a service", v.text)
			continue
		}
		out = append(out, v.text)
	}
	return out
}
