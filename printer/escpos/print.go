package escpos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vez/fault"
	"vez/printer"
	"vez/printer/raster"
)

// Print brings a document of one page to paper. It keeps the promises of
// printer.Driver; an outcome is unknown only when the cut was ordered and the
// printer did not say that it is done. A printer that says nothing at all has
// printed what it has taken.
func (d *Driver) Print(ctx context.Context, job printer.Job, doc printer.Document) error {
	if !doc.Format.Roll() || len(doc.Pages) != 1 {
		return fault.New(fault.PrintFailed).Because(fmt.Errorf("escpos: %d pages of %s", len(doc.Pages), doc.Format))
	}
	img, err := raster.Mono(doc.Pages[0])
	if err != nil {
		return err
	}
	body, tail, err := encodeParts(img, d.profile)
	if err != nil {
		return err
	}
	d.busy.Lock()
	defer d.busy.Unlock()
	defer d.rest()
	d.papers++
	p := paper{Driver: d, rows: img.Rect.Dy(), body: body, tail: tail}
	for i := range p.ids {
		p.ids[i] = idOf(fmt.Sprint(job.ID, "/", d.clock.Now().UnixNano(), "/", d.papers, "/", i))
	}
	return p.bring(ctx)
}

// paper is one paper on its way.
type paper struct {
	*Driver
	conn       *conn
	rows       int
	body, tail []byte // what makes no paper yet, and what makes it one
	ids        [2]ID  // of both
}

// bring sends the picture, waits until it is burnt, and has it cut.
func (p *paper) bring(ctx context.Context) error {
	if err := p.begin(ctx); err != nil {
		return p.fail(ctx, err)
	}
	if err := p.step(ctx, p.ids[0], p.preface(), p.body); err != nil {
		return p.fail(ctx, err)
	}
	if err := p.step(ctx, p.ids[1], p.tail); err != nil {
		return p.doubt(ctx, err)
	}
	p.buffer, p.strip = nothing, false
	return nil
}

// begin reaches a printer that can print.
func (p *paper) begin(ctx context.Context) error {
	c, status, err := p.contact(ctx)
	if err != nil {
		return err
	}
	p.conn = c
	if status, err = p.mend(ctx, c, status); err != nil {
		return err
	}
	switch {
	case status.Problem != "":
		return &problem{status.Problem}
	case status.Silent:
		return nil
	}
	if p.buffer != nothing {
		p.empty(ctx, c)
	}
	return p.listen(ctx, c)
}

// preface makes an end of what a paper before this one left behind, and puts the
// printer into a known state.
func (p *paper) preface() []byte {
	var out []byte
	if p.buffer == surely {
		out = appendFill(out, p.profile)
	}
	if p.strip {
		out = appendStrike(out, p.profile)
	}
	out = appendStart(out, p.profile)
	if p.answers() {
		out = append(out, watchOrder...)
	}
	return out
}

// answers says that the printer tells how it is.
func (p *paper) answers() bool { return p.profile.Status != No && !p.mute }

// step sends a part of the paper and waits until the printer says that it is
// done.
func (p *paper) step(ctx context.Context, id ID, data ...[]byte) error {
	p.buffer, p.strip = surely, true
	c, speech := p.conn, p.speech
	c.sensors, c.auto = nil, nil
	var done func() bool
	switch speech {
	case acks:
		data, done = append(data, appendAck(nil, id)), func() bool { return c.acked[id] }
	case sensors:
		data, done = append(data, sensorOrder), func() bool { return len(c.sensors) >= 2 }
	default:
		done = func() bool { return false }
	}
	for _, part := range data {
		if err := c.send(ctx, part); err != nil {
			return err
		}
	}
	if speech == unheard {
		if c.drain(); !c.heard || p.profile.Status == No {
			return nil // nothing to wait for
		}
		p.mute, speech = false, wordless // it speaks after all
	}
	return p.wait(ctx, speech, done)
}

// wait waits until a part is done and asks meanwhile how the printer is.
func (p *paper) wait(ctx context.Context, speech speech, done func() bool) error {
	limit := p.pace.print
	if speech == wordless {
		limit = p.pace.settle + time.Duration(p.rows)*rowTime
	}
	for end := p.clock.Now().Add(limit); p.clock.Now().Before(end); {
		err := p.conn.await(ctx, min(p.pace.poll, end.Sub(p.clock.Now())), func() bool { return done() || p.conn.stopped() })
		switch {
		case err == nil && done():
			return p.settled(ctx, speech)
		case err != nil && !errors.Is(err, errQuiet):
			return err
		}
		if err := p.well(ctx, done); err != nil {
			return err
		}
	}
	if speech == wordless {
		return nil
	}
	return errQuiet
}

// rowTime is what a slow printer takes for a row: 60 mm a second.
const rowTime = 2 * time.Millisecond

// settled is called when the printer has said that it is done. One that only
// says that it has read everything may still be burning.
func (p *paper) settled(ctx context.Context, speech speech) error {
	if speech == acks {
		return nil
	}
	err := p.conn.await(ctx, p.pace.settle, p.conn.stopped)
	if err != nil && !errors.Is(err, errQuiet) {
		return err
	}
	return p.well(ctx, func() bool { return false })
}

// well asks how the printer is and gives its problem, unless it turns out to be
// done all the same. What it last told by itself counts where it does not
// answer: a full line lets no question through.
func (p *paper) well(ctx context.Context, done func() bool) error {
	if !p.answers() {
		return nil
	}
	patience := p.pace.slow
	if p.conn.stopped() {
		patience = p.pace.answer
	}
	status, err := p.ask(ctx, p.conn, patience)
	told := p.conn.auto
	p.conn.auto = nil
	switch {
	case done():
		return nil
	case errors.Is(err, errMute) && told != nil && told.Problem != "":
		return &problem{told.Problem}
	case err != nil:
		return err
	case status.Problem != "":
		return &problem{status.Problem}
	}
	return nil
}

// fail is the verdict on a paper that was not cut and will not be: no order to
// cut it was sent. What of it lies in the printer is cleared if that can be.
func (p *paper) fail(ctx context.Context, cause error) error {
	return fault.New(p.retreat(ctx, cause)).Because(cause)
}

// doubt is the verdict on a paper that may have been cut.
func (p *paper) doubt(ctx context.Context, cause error) error {
	code := p.retreat(ctx, cause)
	return fmt.Errorf("%w: %w", printer.ErrOutcomeUnknown, fault.New(code).Because(cause))
}

// retreat clears the printer, learns from it what is wrong if the cause does
// not tell, and gives the code for it.
func (p *paper) retreat(ctx context.Context, cause error) fault.Code {
	if ctx.Err() != nil {
		p.drop()
		return fault.PrintFailed
	}
	var known *problem
	if !errors.As(cause, &known) {
		p.drop() // broken, or out of step
	}
	if p.buffer != surely {
		return codeOf(cause)
	}
	c, status, err := p.contact(ctx)
	if err != nil {
		return codeOf(cause)
	}
	if !status.Silent {
		p.empty(ctx, c)
	}
	if known == nil && status.Problem != "" {
		return status.Problem
	}
	return codeOf(cause)
}

// codeOf names a cause.
func codeOf(cause error) fault.Code {
	var said *problem
	switch {
	case errors.As(cause, &said):
		return said.code
	case errors.Is(cause, errQuiet):
		return fault.PrinterStuck
	}
	return fault.PrinterAway
}
