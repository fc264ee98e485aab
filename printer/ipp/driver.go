package ipp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
)

// Options are how patient a Driver is. Zero values stand for the defaults.
type Options struct {
	// Clock is machine time; default the real one.
	Clock clockwork.Clock
	// Patience is how long a job may stand still because of the printer (no
	// paper, a cover, no answer) before it is taken back; default 20 s. It is
	// also how long the printer may take to give it back.
	Patience time.Duration
	// Poll is the time between two looks at a job at first; it doubles up to
	// 2 s. Default 300 ms.
	Poll time.Duration
	// Send is how long the printer may take to take a document; many stop
	// reading it when they have no paper. Real time; default 60 s.
	Send time.Duration
	// Busy is how long a printer may answer that it is busy with others;
	// default 60 s.
	Busy time.Duration
	// Limit is how long a printer may have a job without a word of trouble or
	// a further sheet before it is taken back, and ten seconds more for each
	// page, because many do not count sheets; default 3 min. Whoever prints may
	// have less patience: see Print.
	Limit time.Duration
}

const slowestPoll = 2 * time.Second

func (o Options) withDefaults() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.Patience, 20*time.Second)
	def(&o.Poll, 300*time.Millisecond)
	def(&o.Send, time.Minute)
	def(&o.Busy, time.Minute)
	def(&o.Limit, 3*time.Minute)
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	return o
}

// Driver is a printer.Driver and printer.Prover. The job's id is its name at
// the printer, by which it is found again.
type Driver struct {
	addr   Address
	client *Client
	opt    Options
	closed context.Context
	close  context.CancelFunc
	// newest is the printer's id of the last job that we know to be there;
	// what was lost later has a higher one.
	newest int
}

var (
	_ printer.Driver = (*Driver)(nil)
	_ printer.Prover = (*Driver)(nil)
)

// New makes the driver of the printer at an address as ParseAddress reads it.
// It connects when it is used.
func New(address string, opt Options) (*Driver, error) {
	addr, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	d := &Driver{addr: addr, client: NewClient(addr), opt: opt.withDefaults()}
	d.closed, d.close = context.WithCancel(context.Background())
	return d, nil
}

// Close ends a Print under way and gives the connection up.
func (d *Driver) Close() error {
	d.close()
	d.client.Close()
	return nil
}

// Status asks the printer, within five seconds.
func (d *Driver) Status(ctx context.Context) printer.Status {
	m, err := d.client.look(ctx)
	if err != nil {
		return printer.Status{Problem: fault.CodeOf(d.refused(err))}
	}
	return m.status()
}

// Check asks the printer and tells what stands in the way, with its cause: a
// CertificateError for an untrusted certificate. nil: it can be used.
func (d *Driver) Check(ctx context.Context) error {
	m, err := d.client.look(ctx)
	if err != nil {
		return d.refused(err)
	}
	if !m.has("document-format-supported", mimePDF) && !m.has("document-format-supported", mimePWG) {
		return fault.New(fault.PrintFailed).Because(errors.New("ipp: the printer takes neither PDF nor PWG raster"))
	}
	return d.trouble(m.problem())
}

// Proves says that the printer remembers a completed job of the job's id.
func (d *Driver) Proves(ctx context.Context, job printer.Job) bool {
	jobs, err := d.client.named(ctx, job.ID)
	if err != nil {
		return false
	}
	for _, s := range jobs {
		if s.state == jobCompleted {
			return true
		}
	}
	return false
}

// trouble is a problem as a fault; nil for none.
func (d *Driver) trouble(code fault.Code) error {
	if code == "" {
		return nil
	}
	return fault.New(code, "printer", d.addr.Host)
}

// refused is the fault of a request that did nothing.
func (d *Driver) refused(err error) error {
	code := fault.PrinterAway
	status := (*StatusError)(nil)
	if errors.As(err, &status) {
		switch {
		case status.Code == StatusNotAccepting || status.Code == StatusBusy:
			code = fault.PrinterStuck
		case status.Code >= firstClientError && status.Code != StatusNotFound:
			code = fault.PrintFailed
		}
	}
	return fault.New(code, "printer", d.addr.Host).Because(err)
}

func unknown(err error) error { return fmt.Errorf("%w: %w", printer.ErrOutcomeUnknown, err) }

// Print brings a document to paper. When ctx ends, the job is taken back within
// four seconds of real time: one that the printer had not begun did not come
// out, one that was at work leaves the outcome unknown.
func (d *Driver) Print(ctx context.Context, job printer.Job, doc printer.Document) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.closed, cancel)()
	if job.ID == "" || len(job.ID) > 255 {
		return fault.New(fault.PrintFailed).Because(fmt.Errorf("ipp: a job with the id %q", job.ID))
	}
	m, err := d.client.look(ctx)
	if err != nil {
		return d.refused(err)
	}
	if err := d.trouble(m.problem()); err != nil {
		return err
	}
	p, err := m.draw(doc)
	if err != nil {
		return err
	}
	w := &watch{Driver: d, name: job.ID, pages: p.pages, before: m}
	s, err := d.submit(ctx, job.ID, p)
	switch {
	case err == nil && s.id > 0:
		d.newest = s.id
		return w.follow(ctx, s)
	case err != nil && certain(err):
		return d.refused(err)
	}
	return w.recover(ctx, err)
}

// submit sends the job until the printer is not busy with another. One that
// announces a paper and then refuses it gets the document without.
func (d *Driver) submit(ctx context.Context, name string, p payload) (sent, error) {
	begun := d.opt.Clock.Now()
	for wait := d.opt.Poll; ; wait = min(2*wait, slowestPoll) {
		s, err := d.send(ctx, name, p)
		refusal := (*StatusError)(nil)
		switch {
		case !errors.As(err, &refusal):
			return s, err
		case refusal.Code == StatusAttributes && p.size != nil:
			p.size = nil
			continue
		case refusal.Code != StatusBusy || d.opt.Clock.Since(begun) > d.opt.Busy:
			return s, err
		}
		if d.pause(ctx, wait) != nil {
			return s, err // the refusal: nothing was sent
		}
	}
}

// send sends Print-Job with the document.
func (d *Driver) send(ctx context.Context, name string, p payload) (sent, error) {
	ctx, cancel := context.WithTimeout(ctx, d.opt.Send)
	defer cancel()
	req := d.client.Request(OpPrintJob)
	req.Add(OperationGroup, user(), Attr(Name, "job-name", name), Attr(Boolean, "ipp-attribute-fidelity", false),
		Attr(MimeType, "document-format", p.mime))
	req.Add(JobGroup, slices.Concat(p.attrs, p.size)...)
	res, err := d.client.Do(ctx, req, bytes.NewReader(p.data))
	if err != nil {
		return sent{}, err
	}
	return readJob(res.Group(JobGroup)), nil
}

// certain says that an error of Print-Job means that no job was made: the
// request never left, or the printer refused it.
func certain(err error) bool {
	var (
		unsent notSent
		web    *HTTPError
		status *StatusError
	)
	switch {
	case errors.As(err, &unsent):
		return true
	case errors.As(err, &web):
		return web.Code >= 300 && web.Code < 500
	case errors.As(err, &status):
		return status.Code >= firstClientError && status.Code < firstServerError || status.Code == statusNotUnderstood ||
			status.Code == StatusVersion || status.Code == StatusNotAccepting || status.Code == StatusBusy
	}
	return false
}

// pause waits; it fails when ctx ends.
func (d *Driver) pause(ctx context.Context, wait time.Duration) error {
	timer := d.opt.Clock.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.Chan():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
