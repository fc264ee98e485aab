package web

import (
	"encoding/json"
	"hash/maphash"
)

// Parts keeps one open page true: a part or a value of it is sent when it is
// otherwise than what was sent last, which is kept as a sum and not as text, for
// thousands of pages stay open all day. Made for one stream and its goroutine.
type Parts struct {
	ev         *Events
	page, lang string
	sent       map[string]uint64
}

// Parts of a page as [View] knows it, told over this stream in a language.
func (e *Events) Parts(page, lang string) *Parts {
	return &Parts{ev: e, page: page, lang: lang, sent: map[string]uint64{}}
}

// Part sends the element with data-live-fragment=name as a template of the page
// makes it, if it has changed. What is empty is sent once, too.
func (p *Parts) Part(tmpl, name string, data any) error {
	html, err := p.ev.app.Fragment(p.page, tmpl, p.lang, data)
	if err != nil {
		return err
	}
	return p.tell(EventFragment, name, map[string]string{"name": name, "html": html})
}

// Values sends values for elements with data-live-text, -show and -state, if any
// has changed since those about the same were sent.
func (p *Parts) Values(about string, values map[string]any) error {
	return p.tell(EventValues, about, values)
}

var seed = maphash.MakeSeed()

func (p *Parts) tell(event, about string, what any) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	key, sum := event+" "+about, maphash.Bytes(seed, data)
	if old, told := p.sent[key]; told && old == sum {
		return nil
	}
	p.sent[key] = sum
	return p.ev.Send(Event{Name: event, Data: string(data)})
}
