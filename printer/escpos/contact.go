package escpos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vez/fault"
	"vez/printer"
)

// contact reaches the printer and asks it how it is. An error says that it
// cannot be reached.
func (d *Driver) contact(ctx context.Context) (*conn, printer.Status, error) {
	for {
		c, fresh, err := d.connect(ctx)
		if err != nil {
			return nil, printer.Status{}, err
		}
		if d.profile.Status == No || d.mute && !c.heard {
			return c, printer.Status{Silent: true}, nil
		}
		patience := d.pace.answer
		if !d.met {
			patience = d.pace.slow // to call a printer mute that is starting up would be dear
		}
		status, err := d.ask(ctx, c, patience)
		d.met = true
		switch {
		case err == nil:
			return c, status, nil
		case errors.Is(err, errMute) && fresh && d.profile.Status == Auto && !d.talks:
			d.mute = true
			return c, printer.Status{Silent: true}, nil
		}
		d.drop()
		if fresh || ctx.Err() != nil {
			return nil, printer.Status{}, err
		}
		// A connection that was kept can have died meanwhile without a word.
	}
}

// ask asks the printer how it is.
func (d *Driver) ask(ctx context.Context, c *conn, patience time.Duration) (printer.Status, error) {
	a, err := c.ask(ctx, patience)
	switch {
	case errors.Is(err, errQuiet):
		return printer.Status{}, errMute
	case err != nil:
		return printer.Status{}, err
	}
	d.talks, d.mute, d.stuck = true, false, a[2]&cutterError != 0
	return a.Status(), nil
}

// mend tells a knife that is stuck to come home: when whoever freed it has
// closed the cover, that is how the printer learns of it.
func (d *Driver) mend(ctx context.Context, c *conn, status printer.Status) (printer.Status, error) {
	now := d.clock.Now()
	if !d.stuck || status.Problem != fault.PrinterStuck || now.Sub(d.mended) < d.pace.mend {
		return status, nil
	}
	d.mended = now
	if err := c.write(ctx, recoverOrder); err != nil {
		return status, err
	}
	return d.ask(ctx, c, d.pace.answer)
}

// empty has the printer drop what it has buffered, and learns that it did.
func (d *Driver) empty(ctx context.Context, c *conn) {
	if err := c.clear(ctx); err == nil {
		d.buffer = nothing
	}
}

// listen finds out how this printer says that something is done.
func (d *Driver) listen(ctx context.Context, c *conn) error {
	if d.speech != unheard {
		return nil
	}
	if d.profile.Ack == Auto {
		id := idOf(fmt.Sprint("hello ", d.clock.Now().UnixNano()))
		// Where GS ( H is not known, its last bytes are text; ESC @ drops it.
		heard, err := d.probe(ctx, c, append(appendAck(nil, id), esc, '@'), func() bool { return c.acked[id] })
		if err != nil {
			return err
		}
		if heard {
			d.speech = acks
			return nil
		}
	}
	c.sensors = nil
	heard, err := d.probe(ctx, c, sensorOrder, func() bool { return len(c.sensors) >= 2 })
	switch {
	case err != nil:
		return err
	case heard:
		d.speech = sensors
	default:
		d.speech = wordless
	}
	return nil
}

// probe sends a question and waits for its answer. No answer means that the
// printer cannot give it, if it is well: one that is not lets it wait.
func (d *Driver) probe(ctx context.Context, c *conn, question []byte, answered func() bool) (bool, error) {
	if err := c.write(ctx, question); err != nil {
		return false, err
	}
	err := c.await(ctx, d.pace.answer, answered)
	if err == nil || !errors.Is(err, errQuiet) {
		return err == nil, err
	}
	status, err := d.ask(ctx, c, d.pace.answer)
	if err != nil {
		return false, err
	}
	if status.Problem != "" {
		return false, &problem{status.Problem}
	}
	return answered(), nil
}

// problem is what the printer says is wrong with it.
type problem struct{ code fault.Code }

func (p *problem) Error() string { return "escpos: the printer says " + string(p.code) }
