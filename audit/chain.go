package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"vez/event"
)

// Row is an event as the ledger keeps it.
type Row struct {
	Office string
	Seq    int64
	At     time.Time
	Digest []byte
	Hash   []byte
	// Salt and Payload are both nil where they were erased. Nothing erases any yet,
	// so that is a finding, too.
	Salt, Payload []byte
}

// chain is how far an office's hash chain has been followed.
type chain struct {
	office  string
	seq     int64
	hash    []byte
	anchors map[int64][]byte
}

func (a *Auditor) chain(officeID string) *chain {
	c := a.chains[officeID]
	if c == nil {
		c = &chain{office: officeID, anchors: map[int64][]byte{}}
		a.chains[officeID] = c
	}
	return c
}

// Anchor gives the hash of an event that was kept outside of the ledger, such
// as a head that was sent away: a chain alone does not show that its end was
// cut off or that all of it was written anew. Tell it before its row is fed.
func (a *Auditor) Anchor(officeID string, seq int64, hash []byte) {
	a.chain(officeID).anchors[seq] = bytes.Clone(hash)
}

// Resume lets an auditor go on behind an event that another one came to. The
// chain goes on from its hash; what else that one knew is not known here, so
// events are judged by each other alone until it begins at a snapshot.
func (a *Auditor) Resume(officeID string, seq int64, hash []byte) {
	s := a.site(officeID)
	s.forget()
	s.seq = seq
	c := a.chain(officeID)
	c.seq, c.hash = seq, bytes.Clone(hash)
}

// Reached is how far an office's chain was followed, for [Auditor.Resume]; 0
// where it was not.
func (a *Auditor) Reached(officeID string) (seq int64, hash []byte) {
	if c := a.chains[officeID]; c != nil {
		return c.seq, bytes.Clone(c.hash)
	}
	return 0, nil
}

// FeedRow follows the chain by one row, and then feeds its event. An auditor
// that began at a snapshot takes the first row's hash as it is.
func (a *Auditor) FeedRow(r Row) {
	a.link(r)
	e := event.Event{Office: r.Office, Seq: r.Seq, At: r.At}
	if r.Salt == nil && r.Payload == nil {
		a.unlinked(r, "its salt and payload are gone")
		a.Feed(e)
		return
	}
	if !bytes.Equal(event.Digest(r.Salt, r.Payload), r.Digest) {
		a.unlinked(r, "its digest does not fit its payload")
	}
	var got event.Event
	switch err := json.Unmarshal(r.Payload, &got); {
	case err != nil:
		a.unlinked(r, "its payload cannot be read: "+err.Error())
	case got.Office != r.Office || got.Seq != r.Seq || !got.At.Equal(r.At):
		a.unlinked(r, fmt.Sprintf("its payload is of %s/%d at %s", got.Office, got.Seq, got.At.Format(time.RFC3339Nano)))
	default:
		e = got
	}
	a.Feed(e)
}

// link recomputes a row's hash from the one before it.
func (a *Auditor) link(r Row) {
	c := a.chain(r.Office)
	begun := c.seq == 0 && a.Seq(r.Office) > 0 // at a snapshot
	switch {
	case begun && c.hash == nil:
	case r.Seq != c.seq+1:
		a.unlinked(r, fmt.Sprintf("the chain goes from %d to %d", c.seq, r.Seq))
	case !bytes.Equal(event.Link(c.hash, r.Office, r.Seq, r.At, r.Digest), r.Hash):
		a.unlinked(r, "its hash does not follow from the event before it")
	}
	c.seq, c.hash = r.Seq, bytes.Clone(r.Hash)
	if want, ok := c.anchors[r.Seq]; ok {
		delete(c.anchors, r.Seq)
		if !bytes.Equal(want, r.Hash) {
			a.unlinked(r, "its hash is not the one that was kept outside")
		}
	}
}

func (a *Auditor) unlinked(r Row, what string) {
	a.find(Finding{I10, r.Office, r.Seq, "", what})
}

// end finds anchors that the chain never reached.
func (c *chain) end(a *Auditor) {
	for _, seq := range sortedKeys(c.anchors) {
		a.find(Finding{I10, c.office, seq, "", fmt.Sprintf("its hash was kept outside, and the events end at %d", c.seq)})
	}
	clear(c.anchors)
}
