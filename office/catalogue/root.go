package catalogue

import (
	"vez/office"
)

// root is what catalogue.yaml says: what holds for the whole catalogue.
type root struct {
	sample      bool
	departments []value
	offices     []value
	calendars   []value // jurisdictions
	evidence    map[string]bool
	hours       map[string]office.Week
	rules       layer
	categories  []office.Category
	documents   map[string]office.Text
}

func (s *source) root(o *object) *root {
	r := &root{evidence: map[string]bool{}, hours: map[string]office.Week{}, documents: map[string]office.Text{}}
	if v, ok := o.must("sample", "write \"sample: yes\" for made-up data, or no"); ok {
		r.sample = flag(s, v, "sample")
	}
	r.departments = o.ids("departments")
	r.offices = o.ids("offices")
	r.calendars = o.ids("jurisdictions")
	r.readEvidence(o)
	r.readHours(o)
	r.rules = o.layer(atCatalogue)
	seen := map[string]int{}
	o.each("categories", "the category", func(in *object) {
		c := office.Category{ID: in.id(seen), Name: in.text("name")}
		r.categories = append(r.categories, c)
	})
	seen = map[string]int{}
	o.each("documents", "the document", func(in *object) {
		id := in.id(seen)
		r.documents[id] = in.text("name")
	})
	o.done()
	return r
}

func flag(s *source, v value, key string) bool {
	yes, err := yesNo(v.text)
	if err != nil {
		s.wrong(v.line, err.Error(), "%q is no value for %q", v.text, key)
	}
	return yes
}

// ids reads a list that must be there and names each id once.
func (o *object) ids(key string) (out []value) {
	if _, ok := o.need(key, "list the ids, each the name of a file without .yaml"); !ok {
		return nil
	}
	seen := map[string]bool{}
	for _, v := range o.list(key) {
		switch {
		case !goodID(v.text):
			o.src.wrong(v.line, idRemedy, "%q is no id", v.text)
		case seen[v.text]:
			o.src.wrong(v.line, "keep it once", "%q stands twice in %q", v.text, key)
		default:
			out = append(out, v)
		}
		seen[v.text] = true
	}
	return out
}

// id reads an object's id and reports bad form and repetition.
func (o *object) id(seen map[string]int) string {
	v, ok := o.must("id", "give it an id")
	if !ok {
		return ""
	}
	if !goodID(v.text) {
		o.src.wrong(v.line, idRemedy, "%q is no id", v.text)
	}
	if first := seen[v.text]; first > 0 {
		o.src.wrong(v.line, "give one of the two another id", "the id %q stands twice, first on line %d", v.text, first)
	} else {
		seen[v.text] = v.line
	}
	return v.text
}

func (r *root) readEvidence(o *object) {
	f, ok := o.need("evidence", "name the kinds of evidence, each with what it means")
	if !ok {
		return
	}
	in := o.src.object(f.node, f.line, "\"evidence\"")
	for _, name := range in.names {
		in.word(name)
		r.evidence[name] = true
	}
}

func (r *root) readHours(o *object) {
	f, ok := o.take("hours")
	if !ok {
		return
	}
	in := o.src.object(f.node, f.line, "\"hours\"")
	for _, name := range in.names {
		p, ok := in.need(name, "write the days and openings of the pattern")
		if ok {
			r.hours[name] = o.src.object(p.node, p.line, "the hours "+name).week()
		}
	}
}
