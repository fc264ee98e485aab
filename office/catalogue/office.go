package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vez/fault/near"
	"vez/office"
)

// officeFile is an office with its queues as written.
type officeFile struct {
	src         *source
	office      *office.Office
	line        int
	rules       layer
	seasons     []season
	queues      []queueEntry
	departments []value
	host        value
	zoneOf      map[int]string // by counter number
}

type queueEntry struct {
	queue      *office.Queue
	line       int
	prefixLine int
	department value
	rules      layer
	first      int // its first counter's number
}

// maxCounters bounds an office, so that a slip of the finger does not make a million desks.
const maxCounters = 999

func (s *source) office(o *object, r *root) *officeFile {
	of := &office.Office{ID: o.fileID(), Name: o.text("name"), Address: o.text("address")}
	f := &officeFile{src: s, office: of, line: o.line, zoneOf: map[int]string{}}
	f.place(o, r)
	f.departments = o.ids("departments")
	for _, v := range f.departments {
		of.Departments = append(of.Departments, v.text)
	}
	if v, ok := o.must("host", "name the department that answers for the hall"); ok {
		f.host, of.Host = v, v.text
	}
	if w, ok := o.hours(r.hours); ok {
		of.Hours = w
	} else {
		s.wrong(o.line, "name a pattern of catalogue.yaml, or write the days", "%s has no \"hours\"", o.what)
	}
	total := o.number("counters", 1, maxCounters)
	f.zones(o, total)
	offers := f.offers(o, total)
	f.rules, f.seasons = o.layer(atOffice), o.seasons()
	seen := map[string]int{}
	o.each("queues", "the queue", func(in *object) {
		f.queues = append(f.queues, f.queue(in, r, seen))
	})
	f.counters(o, total, offers)
	o.done()
	return f
}

// place reads where an office is: jurisdiction, clock and languages.
func (f *officeFile) place(o *object, r *root) {
	of := f.office
	if v, ok := o.must("jurisdiction", "name one of the jurisdictions of catalogue.yaml"); ok {
		of.Jurisdiction = v.text
		known := make([]string, 0, len(r.calendars))
		for _, c := range r.calendars {
			known = append(known, c.text)
		}
		if !slices.Contains(known, v.text) {
			f.src.wrong(v.line, near.Word(v.text, known, 3, "docs/catalogue.md"), "there is no jurisdiction %q", v.text)
		}
	}
	if v, ok := o.must("time-zone", "name the zone as in the IANA data, such as Asia/Macau"); ok {
		of.TimeZone = v.text
		loc, err := zone(v.text)
		if err != nil {
			f.src.wrong(v.line, "name the zone as in the IANA data, such as Asia/Macau", "there is no time zone %q", v.text)
		} else {
			of.WithLocation(loc)
		}
	}
	if _, ok := o.need("languages", "list the languages in the order in which they are shown"); !ok {
		return
	}
	for _, v := range o.list("languages") {
		switch {
		case !slices.Contains(languages, v.text):
			f.src.wrong(v.line, near.Word(v.text, slices.Clone(languages), 3, "docs/catalogue.md"), "there is no language %q", v.text)
		case slices.Contains(of.Languages, v.text):
			f.src.wrong(v.line, "keep it once", "the language %q stands twice", v.text)
		default:
			of.Languages = append(of.Languages, v.text)
		}
	}
}

var zoneForm = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)

func (f *officeFile) zones(o *object, total int) {
	lines := map[string]int{}
	o.each("zones", "the zone", func(in *object) {
		var z office.Zone
		if v, ok := in.must("id", "give it a letter"); ok {
			z.ID = v.text
			if !zoneForm.MatchString(v.text) {
				f.src.wrong(v.line, "use one to three capital letters or digits", "%q is no zone", v.text)
			}
			if lines[v.text] > 0 {
				f.src.wrong(v.line, "give one of the two another letter", "the zone %q stands twice, first on line %d", v.text, lines[v.text])
			}
			lines[v.text] = v.line
		}
		z.Name = in.text("name")
		if v, ok := in.word("far"); ok {
			z.Far = flag(f.src, v, "far")
		}
		line := in.line
		if at, ok := in.need("counters", "name its counters, such as 1-9"); ok {
			line = at.line
		}
		for _, n := range in.numbers("counters", total) {
			if other, taken := f.zoneOf[n]; taken {
				f.src.wrong(line, "let each counter be in one zone", "counter %d is in the zones %s and %s", n, other, z.ID)
			}
			f.zoneOf[n] = z.ID
		}
		f.office.Zones = append(f.office.Zones, z)
	})
	if len(f.office.Zones) == 0 {
		return
	}
	for n := 1; n <= total; n++ {
		if f.zoneOf[n] == "" {
			f.src.wrong(o.fields["zones"].line, "put every counter into a zone, or have no zones", "counter %d is in no zone", n)
		}
	}
}

// numbers reads a list of counters' numbers.
func (o *object) numbers(key string, total int) (out []int) {
	for _, v := range o.list(key) {
		ns, err := numbers(v.text, total)
		if err != nil {
			o.src.wrong(v.line, err.Error(), "%q names no counters of this office", v.text)
		}
		out = append(out, ns...)
	}
	return out
}

var needs = []string{string(office.NeedLowDesk), string(office.NeedSign), string(office.NeedLoop), string(office.NeedMoreTime),
	"language:zh-Hant", "language:zh-Hans", "language:pt", "language:en"}

// offers reads which counters can meet a need.
func (f *officeFile) offers(o *object, total int) map[int][]office.Need {
	out := map[int][]office.Need{}
	at, ok := o.take("offers")
	if !ok {
		return out
	}
	in := f.src.object(at.node, at.line, "the offers of "+o.what)
	for _, need := range in.names {
		in.asked[need] = true
		if !slices.Contains(needs, need) {
			f.src.wrong(in.fields[need].line, near.Word(need, slices.Clone(needs), 3, "docs/catalogue.md"), "there is no need %q", need)
			continue
		}
		for _, n := range in.numbers(need, total) {
			out[n] = append(out[n], office.Need(need))
		}
	}
	return out
}

var prefixForm = regexp.MustCompile(`^[A-HJ-NPR-Z]{1,2}$`)

func (f *officeFile) queue(o *object, r *root, seen map[string]int) queueEntry {
	q := &office.Queue{ID: o.id(seen), Office: f.office.ID, Name: o.text("name")}
	e := queueEntry{queue: q, line: o.line}
	if q.ID != "" && !strings.HasPrefix(q.ID, q.Office+"-") {
		f.src.wrong(o.fields["id"].line, "begin it with \""+q.Office+"-\"", "the id %q does not begin with its office's", q.ID)
	}
	if v, ok := o.must("department", "name the department whose queue it is"); ok {
		e.department, q.Department = v, v.text
		if !slices.Contains(f.office.Departments, v.text) {
			f.src.wrong(v.line, "add it to \"departments\", or correct it", "the department %q is not one of this office", v.text)
		}
	}
	if v, ok := o.must("prefix", "give its tickets one or two letters"); ok {
		q.Prefix, e.prefixLine = v.text, v.line
		if !prefixForm.MatchString(v.text) {
			f.src.wrong(v.line, "use one or two capital letters, but not I, O or Q, which are read as 1 and 0", "%q is no prefix", v.text)
		}
		for _, before := range f.queues {
			if before.queue.Prefix == v.text {
				f.src.wrong(v.line, "give one of the two another prefix", "the prefix %q stands twice, first on line %d", v.text, before.prefixLine)
			}
		}
	}
	q.Counters = o.number("counters", 1, maxCounters)
	if w, ok := o.hours(r.hours); ok {
		q.Hours = &w
	}
	e.rules = o.layer(atQueue)
	return e
}

// number reads a whole number within bounds; 0 when missing or wrong.
func (o *object) number(key string, low, high int) int {
	v, ok := o.must(key, fmt.Sprintf("write a whole number from %d to %d", low, high))
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(v.text)
	if err != nil || n < low || n > high {
		o.src.wrong(v.line, fmt.Sprintf("write a whole number from %d to %d", low, high), "%q is no value for %q", v.text, key)
		return 0
	}
	return n
}

// counters makes the desks: numbered from 1, each queue's in catalogue order.
// A desk serves its own queue first, then the others of the same department.
func (f *officeFile) counters(o *object, total int, offers map[int][]office.Need) {
	n := 0
	for i := range f.queues {
		e := &f.queues[i]
		e.first = n + 1
		n += e.queue.Counters
	}
	if n != total && total > 0 {
		f.src.wrong(o.fields["counters"].line, "correct the counters of the office or of its queues", "the office has %d counters, its queues have %d together", total, n)
		return
	}
	if len(f.queues) == 0 {
		f.src.wrong(o.line, "add a queue", "%s has no queues", o.what)
	}
	for _, e := range f.queues {
		served := f.servedBy(e.queue)
		for n := e.first; n < e.first+e.queue.Counters; n++ {
			f.office.Counters = append(f.office.Counters, office.Counter{
				ID: fmt.Sprintf("%s-%d", f.office.ID, n), Label: strconv.Itoa(n), Office: f.office.ID,
				Zone: f.zoneOf[n], Queues: served, Offers: offers[n],
			})
		}
		f.placeQueue(e)
	}
}

func (f *officeFile) servedBy(own *office.Queue) []string {
	out := []string{own.ID}
	for _, e := range f.queues {
		if e.queue != own && e.queue.Department == own.Department {
			out = append(out, e.queue.ID)
		}
	}
	return out
}

// placeQueue puts a queue into the zone of its counters.
func (f *officeFile) placeQueue(e queueEntry) {
	e.queue.Zone = f.zoneOf[e.first]
	for n := e.first; n < e.first+e.queue.Counters; n++ {
		if f.zoneOf[n] != e.queue.Zone {
			f.src.warn(e.line, "keep a queue in one zone, so that people wait where they are called",
				"the counters of %s lie in the zones %s and %s", e.queue.ID, e.queue.Zone, f.zoneOf[n])
			return
		}
	}
}
