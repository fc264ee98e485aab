package admin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/may"
	"vez/web"
)

// press is one form sent by a manager.
type press struct {
	*room
	place
	c   *fiber.Ctx
	ctx context.Context
	act hall.Act
}

// deed does something and says what was done: a text admin.done.* with its parameters.
type deed func(p press) (did, error)

type did struct {
	text   string
	params []any
	back   string // the page that shows it; "": the office's
}

// acts by the last part of their address.
var acts = map[string]deed{
	"pause": press.pause, "resume": press.resume, "close-counter": press.closeCounter, "close": press.closeOffice,
	"pair": press.pair, "unpair": press.unpair, "sign-out": press.signOut,
}

func (r *room) act(name string, a deed) fiber.Handler {
	return func(c *fiber.Ctx) error {
		at, err := r.place(c)
		if err != nil {
			return err
		}
		p := press{room: r, place: at, c: c, ctx: c.UserContext(), act: hall.Act{Actor: at.who.Subject, Key: actKey(c, at, name)}}
		done, err := a(p)
		if err != nil {
			return refuse(c, at, err, cmp.Or(done.back, pathOf(at.office.ID)))
		}
		putNote(c, at, note{Tone: "good", Title: web.Text(c).T("admin.done."+done.text, done.params...)})
		return web.Back(c, cmp.Or(done.back, pathOf(at.office.ID)))
	}
}

// actKey is the idempotency key of a form.
func actKey(c *fiber.Ctx, at place, name string) event.Key {
	key := web.Key(c)
	if key == "" {
		return event.Key{}
	}
	h := sha256.New()
	for name, value := range c.Request().PostArgs().All() {
		if n := string(name); n != web.TokenField && n != web.KeyField {
			h.Write([]byte(n + "\x00" + string(value) + "\x00"))
		}
	}
	return event.Key{Principal: at.who.Subject, Route: pathOf(at.office.ID) + "/" + name, Key: key, BodyHash: hex.EncodeToString(h.Sum(nil))}
}

func (p press) field(name string) string { return strings.TrimSpace(p.c.FormValue(name)) }

// pauseReasons are codes; their texts are admin.pause.reason.*, those of
// office.ClosureReasons admin.closure.reason.*.
var pauseReasons = []string{"fire", "power", "system", "order", "other"}

func (p press) pause() (did, error) {
	if !p.Manages {
		return did{}, fault.New(fault.NotAllowed)
	}
	reason := p.field("reason")
	if !slices.Contains(pauseReasons, reason) {
		return did{}, fault.New(fault.ReasonNeeded)
	}
	_, err := p.Hall.PauseHall(p.ctx, p.act, p.office.ID, reason)
	return did{text: "paused"}, err
}

func (p press) resume() (did, error) {
	if !p.Manages {
		return did{}, fault.New(fault.NotAllowed)
	}
	_, err := p.Hall.ResumeHall(p.ctx, p.act, p.office.ID)
	return did{text: "resumed"}, err
}

// closeCounter ends a colleague's shift; an open ticket goes back to its line.
func (p press) closeCounter() (did, error) {
	c := p.cat.Counter(p.field("counter"))
	if c == nil || c.Office != p.office.ID {
		return did{}, fault.New(fault.UnknownThing, "what", "counter")
	}
	s, err := p.Hall.Read(p.ctx).Shift(c.ID)
	if err != nil {
		return did{}, err
	}
	if !may.CloseCounter(p.cat, p.who, c, s) {
		return did{}, fault.New(fault.NotAllowed)
	}
	_, err = p.Hall.CloseCounter(p.ctx, p.act, c.ID, hall.CloseRequest{Manager: true})
	return did{text: "counter_closed", params: []any{"counter", c.Label}}, err
}

// closeOffice shuts the office, or one queue of it, for a time.
func (p press) closeOffice() (did, error) {
	r := hall.CloseRequestOffice{Office: p.office.ID, Queue: p.field("queue"), Reason: p.field("reason")}
	if !may.CloseOffice(p.cat, p.who, r.Office, r.Queue) {
		return did{}, fault.New(fault.NotAllowed)
	}
	if q := p.cat.Queue(r.Queue); r.Queue != "" && (q == nil || q.Office != p.office.ID) {
		return did{}, fault.New(fault.QueueNotHere)
	}
	var err error
	if r.From, err = p.instant("from"); err != nil {
		return did{}, err
	}
	if r.To, err = p.instant("to"); err != nil {
		return did{}, err
	}
	done, err := p.Hall.CloseOffice(p.ctx, p.act, r)
	if fault.CodeOf(err) == fault.InvalidField { // a closure that cannot be is refused for its end
		err = p.wrong("to")
	}
	return did{text: "closed", params: []any{"count", done.Displaced}}, err
}

// instant reads a date and time of the office's clock.
func (p press) instant(name string) (time.Time, error) {
	at, err := time.ParseInLocation("2006-01-02T15:04", p.field(name), p.office.Location())
	if err != nil {
		err = p.wrong(name)
	}
	return at, err
}

func (p press) wrong(name string) error {
	return fault.New(fault.InvalidField, "field", web.Text(p.c).T("admin.closure."+name), "why", p.field(name))
}

// pair lets the device in that shows a code.
func (p press) pair() (did, error) {
	if !p.Pairs {
		return did{}, fault.New(fault.NotAllowed)
	}
	asked, err := p.Devices.Look(p.ctx, p.who, p.field("code"))
	if err != nil {
		return did{}, err
	}
	name := p.field("name")
	if name == "" || len(name) > 80 {
		return did{}, fault.New(fault.InvalidField, "field", web.Text(p.c).T("admin.devices.name"), "why", name)
	}
	if err := p.Devices.Confirm(p.ctx, p.who, p.field("code"), p.office.ID, name); err != nil {
		return did{}, err
	}
	return did{text: "paired", params: []any{"kind", web.Text(p.c).T("admin.devices.kind." + asked.Kind), "name", name}}, nil
}

func (p press) unpair() (did, error) {
	if !p.Pairs {
		return did{}, fault.New(fault.NotAllowed)
	}
	return did{text: "unpaired"}, p.Devices.Unpair(p.ctx, p.who, p.field("device"))
}
