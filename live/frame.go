package live

import (
	"bytes"
	"encoding/json"
)

// Names of events on a stream.
const (
	EventSnapshot = "snapshot" // the whole view: Board, Queues, Position, Line, Counters or Counter
	EventChange   = "change"   // on boards: a Change
	EventQueues   = "queues"   // on boards: Queues, at most four a second
	// EventStale carries a Stale on boards. Pages keep the word "stale" for their own connection.
	EventStale = "news"
)

// Stale says since when nothing is known, in house time, for it stands beside a
// hall's clock; nil: all is well again.
type Stale struct {
	Since any `json:"since"`
}

// Frame is one message of an event stream, encoded once for all who get it.
type Frame struct {
	ID    string // "epoch.seq"; "" leaves the browser's last id as it is
	Event string
	Data  []byte
	text  []byte
}

// Bytes is the message as it goes over the wire (WHATWG HTML, section 9.2.5).
func (f *Frame) Bytes() []byte { return f.text }

func newFrame(id, event string, data []byte) *Frame {
	var b bytes.Buffer
	b.Grow(len(id) + len(event) + len(data) + 32)
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("event: " + event + "\n")
	// A browser takes a carriage return for the end of a line, too, and what follows for another field.
	for line := range bytes.Lines(bytes.ReplaceAll(data, []byte{'\r'}, nil)) {
		b.WriteString("data: ")
		b.Write(bytes.TrimSuffix(line, []byte{'\n'}))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return &Frame{ID: id, Event: event, Data: data, text: b.Bytes()}
}

// Encode writes a view as the data of an event. The default is JSON; pages may
// give one that renders a fragment. It is called once for all subscribers of a form.
type Encode func(event string, view any) ([]byte, error)

func asJSON(_ string, view any) ([]byte, error) { return json.Marshal(view) }
