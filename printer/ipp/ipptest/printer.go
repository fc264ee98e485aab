package ipptest

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"vez/printer/ipp"
)

// Options are what a printer is. Zero values: a printer of A4 and A5 that takes
// PDF and PWG raster.
type Options struct {
	// Formats are the MIME types that it takes.
	Formats []string
	// Media are the names of its papers.
	Media []string
	// TLS: its address is ipps://, with a certificate that nobody vouches for.
	TLS bool
	// Attrs are added to what it says of itself; one of a name that is there replaces it.
	Attrs []ipp.Attribute
	// Old: it speaks IPP 1.1 only.
	Old bool
	// RefuseMedia: it refuses a job that asks for a paper, with 0x040b.
	RefuseMedia bool
	// Countless: it does not say how many sheets of a job came out.
	Countless bool
	// OnRequest, if set, hears of every request before it is answered, with
	// its operation. It may call the printer's methods.
	OnRequest func(op uint16)
}

// Paper is a document that came out.
type Paper struct {
	// Job is the job's name, User whose it is, ID the printer's number of it.
	Job, User string
	ID        int
	// Format is the document's MIME type, Data the document.
	Format string
	Data   []byte
	// Attrs is the job ticket: media, copies, sides …
	Attrs ipp.Group
}

// Printer is a printer. Its methods may be called at any time.
type Printer struct {
	opt    Options
	server *httptest.Server

	mu     sync.Mutex
	jobs   []*job
	papers []Paper
	last   int // number of the last job
	up     int // seconds it has been running, one for each job
	faults faults
}

// faults is what is wrong with the printer.
type faults struct {
	out, open, low, away, refusing, lateCancel, occupied bool
	slow, busy, abort, loseReply, loseRequest            int
	reasons                                              []string
}

// job is a document on its way.
type job struct {
	Paper
	state   int32
	created int
	looks   int // to be looked at as often before it is done
	late    bool
	begun   bool
}

// States of a job.
const (
	pending    int32 = 3
	processing int32 = 5
	stopped    int32 = 6
	cancelled  int32 = 7
	aborted    int32 = 8
	completed  int32 = 9
)

// New starts a printer; Close ends it.
func New(opt Options) *Printer {
	if opt.Formats == nil {
		opt.Formats = []string{"application/pdf", "image/pwg-raster"}
	}
	if opt.Media == nil {
		opt.Media = []string{"iso_a4_210x297mm", "iso_a5_148x210mm"}
	}
	p := &Printer{opt: opt, up: 1}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are broken off are meant
	if opt.TLS {
		p.server.StartTLS()
	} else {
		p.server.Start()
	}
	return p
}

// Start starts a printer that ends with the test.
func Start(t testing.TB, opt Options) *Printer {
	t.Helper()
	p := New(opt)
	t.Cleanup(p.Close)
	return p
}

// Close switches the printer off.
func (p *Printer) Close() {
	p.server.CloseClientConnections()
	p.server.Close()
}

// URI is the printer's address, without the fingerprint.
func (p *Printer) URI() string {
	_, host, _ := strings.Cut(p.server.URL, "://")
	if p.opt.TLS {
		return "ipps://" + host + "/ipp/print"
	}
	return "ipp://" + host + "/ipp/print"
}

// Address is the printer's address as a manager enters it, with the fingerprint.
func (p *Printer) Address() string {
	if !p.opt.TLS {
		return p.URI()
	}
	return p.URI() + "#sha256=" + p.Fingerprint()
}

// Fingerprint is the SHA-256 of its certificate in hex; "" without TLS.
func (p *Printer) Fingerprint() string {
	if !p.opt.TLS {
		return ""
	}
	sum := sha256.Sum256(p.server.Certificate().Raw)
	return hex.EncodeToString(sum[:])
}

// Papers are the documents that came out, in order.
func (p *Printer) Papers() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.papers)
}

// Count is how many papers of a job's name came out.
func (p *Printer) Count(name string) int {
	n := 0
	for _, paper := range p.Papers() {
		if paper.Job == name {
			n++
		}
	}
	return n
}

func (p *Printer) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.advance(false)
}

// PaperOut takes the paper away, or puts paper in: then waiting jobs print.
func (p *Printer) PaperOut(out bool) { p.change(func() { p.faults.out = out }) }

// CoverOpen opens or closes the cover.
func (p *Printer) CoverOpen(open bool) { p.change(func() { p.faults.open = open }) }

// PaperLow makes the paper run low.
func (p *Printer) PaperLow(low bool) { p.change(func() { p.faults.low = low }) }

// Reasons sets further printer-state-reasons; they hold up no job.
func (p *Printer) Reasons(reasons ...string) { p.change(func() { p.faults.reasons = reasons }) }

// Refuse makes it accept no jobs.
func (p *Printer) Refuse(refuse bool) { p.change(func() { p.faults.refusing = refuse }) }

// Away cuts every connection without an answer.
func (p *Printer) Away(away bool) { p.change(func() { p.faults.away = away }) }

// LateCancel makes it keep a cancelled job for as long as it has no paper, and then print it.
func (p *Printer) LateCancel(late bool) { p.change(func() { p.faults.lateCancel = late }) }

// Occupied makes it print for a stranger: all our jobs wait, and print when that ends.
func (p *Printer) Occupied(is bool) { p.change(func() { p.faults.occupied = is }) }

// Slow makes each further job take as many looks at it.
func (p *Printer) Slow(looks int) { p.change(func() { p.faults.slow = looks }) }

// Busy refuses the next n jobs as busy.
func (p *Printer) Busy(n int) { p.change(func() { p.faults.busy = n }) }

// Abort makes the next n jobs end aborted, without paper.
func (p *Printer) Abort(n int) { p.change(func() { p.faults.abort = n }) }

// LoseReply accepts the next n jobs and cuts the connection before it says so.
func (p *Printer) LoseReply(n int) { p.change(func() { p.faults.loseReply = n }) }

// LoseRequest cuts the next n connections that bring a job in the middle of it.
func (p *Printer) LoseRequest(n int) { p.change(func() { p.faults.loseRequest = n }) }

// Restart switches it off and on: it knows no job any more, and counts from one again.
func (p *Printer) Restart() {
	p.change(func() { p.jobs, p.last, p.up = nil, 0, 1 })
}

// advance lets jobs go on; looked: somebody looks at them.
func (p *Printer) advance(looked bool) {
	for _, j := range p.jobs {
		if j.state >= cancelled {
			continue
		}
		if p.faults.out || p.faults.open {
			j.state, j.begun = stopped, true
			continue
		}
		if p.faults.occupied && !j.begun {
			j.state = pending
			continue
		}
		j.state, j.begun = processing, true
		if looked {
			j.looks--
		}
		if j.looks > 0 && !j.late {
			continue
		}
		p.papers = append(p.papers, j.Paper)
		j.state = completed
		if j.late {
			j.state = cancelled // and yet it came out
		}
	}
}

func (p *Printer) serve(w http.ResponseWriter, r *http.Request) {
	body := bufio.NewReader(r.Body)
	req, err := ipp.Decode(body)
	if err != nil || r.Method != http.MethodPost {
		http.Error(w, "IPP is expected", http.StatusBadRequest)
		return
	}
	if p.opt.OnRequest != nil {
		p.opt.OnRequest(req.Code)
	}
	res, ok := p.answer(req, body)
	if !ok {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	data, err := res.Encode()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/ipp")
	_, _ = w.Write(data) // who asked may be gone
}
