package content

import (
	"strings"

	"vez/fault"
	"vez/office"
	"vez/printer"
)

func texts(t office.Text) printer.Text { return printer.Text(t.Names()) }

// place is where a paper is of.
type place struct {
	office *office.Office
	queue  *office.Queue
	cat    *office.Catalogue
}

func placeOf(cat *office.Catalogue, officeID, queueID string) (place, error) {
	p := place{cat: cat, office: cat.Office(officeID), queue: cat.Queue(queueID)}
	if p.office == nil {
		return p, fault.New(fault.UnknownThing, "what", officeID)
	}
	return p, nil
}

// zone is the part of the hall to wait in; "" where the hall has none.
func (p place) zone() string {
	for _, z := range p.office.Zones {
		if p.queue != nil && z.ID == p.queue.Zone {
			return z.ID
		}
	}
	return ""
}

// department is whose service it is, or else whose queue.
func (p place) department(s *office.Service) printer.Text {
	id := ""
	switch {
	case s != nil:
		id = s.Department
	case p.queue != nil:
		id = p.queue.Department
	}
	if d := p.cat.Department(id); d != nil {
		return texts(d.Name)
	}
	return nil
}

// naming is how a service may be spoken of on paper.
type naming struct {
	service  *office.Service // nil: not known, or none
	discreet bool
}

func (p place) naming(s *office.Service, day office.Day) naming {
	if s == nil {
		return naming{}
	}
	queue := ""
	if p.queue != nil {
		queue = p.queue.ID
	}
	return naming{s, s.RulesAt(queue, day).Discreet}
}

// name is nil for a service that is discreet.
func (n naming) name() printer.Text {
	if n.service == nil || n.discreet {
		return nil
	}
	return texts(n.service.Name)
}

// hides tells of a text that bears a discreet service's name in any language.
func (n naming) hides(t office.Text) bool {
	if n.service == nil || !n.discreet {
		return false
	}
	for lang, name := range n.service.Name.Names() {
		if name != "" && strings.Contains(strings.ToLower(t.Names()[lang]), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// bring lists the documents to have ready; nil for a service that is discreet,
// for what one must bring tells what one comes for.
func (n naming) bring() []printer.Text {
	if n.service == nil || n.discreet {
		return nil
	}
	out := make([]printer.Text, 0, len(n.service.Documents))
	for _, d := range n.service.Documents {
		out = append(out, texts(d))
	}
	return out
}
