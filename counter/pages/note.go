package pages

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/web"
)

// A console that answers every form with a redirect carries two small notes in
// cookies of its own path: what was refused, for one page, and what was done
// last, for as long as it can be undone.
const (
	refusedCookie = "vez_refused"
	doneCookie    = "vez_done"
)

// refused is a fault shown in place.
type refused struct {
	Title  string `json:"t"`
	Detail string `json:"d"`
	// Verb and Key repeat a move whose outcome is not known: the form of that
	// verb carries the same key once more.
	Verb string `json:"v,omitempty"`
	Key  string `json:"k,omitempty"`
}

// done is the last move of the console.
type done struct {
	Verb   string `json:"v"`
	Number string `json:"n,omitempty"`
	Ticket string `json:"i,omitempty"`
	// At is machine time in Unix milliseconds.
	At int64 `json:"a"`
}

// Undoable says whether it is the counter's to take back.
func (n done) Undoable() bool { return !slices.Contains(notUndone, n.Verb) }

// Passes says whether the holder was promised a return pass, which can be printed.
func (n done) Passes() bool {
	return n.Ticket != "" && (n.Verb == "finish_incomplete" || n.Verb == "unserve")
}

// Left is for how many more milliseconds of machine time it can be undone.
func (n done) Left(now time.Time) int64 {
	return max(time.UnixMilli(n.At).Add(counter.UndoFor).Sub(now).Milliseconds(), 0)
}

// refuse notes a fault for the next page. An error that is no fault, or says
// that somebody may not, has a page of its own.
func (r *room) refuse(c *fiber.Ctx, d desk, verb string, err error) error {
	switch fault.CodeOf(err) {
	case fault.Unexpected, fault.NotAllowed, fault.NotSignedIn:
		return err
	}
	if program(c) {
		return err
	}
	var n refused
	n.Title, n.Detail = web.FaultText(web.Text(c), spoken(d, err))
	if fault.CodeOf(err) == fault.UnknownOutcome {
		n.Verb, n.Key = formName(c, verb), web.Key(c)
	}
	putNote(c, d, refusedCookie, n, time.Minute)
	return web.Back(c, pathOf(d.counter.ID))
}

// formName tells apart the forms of one verb that send different things.
func formName(c *fiber.Ctx, verb string) string {
	switch {
	case verb == "next" && c.FormValue("miss") != "":
		return "next:miss"
	case verb == "next" && c.FormValue("finish") != "":
		return "next:finish"
	case verb == "finish":
		return "finish:" + c.FormValue("outcome")
	}
	return verb
}

// spoken puts the label that stands over a desk in place of a counter's id.
func spoken(d desk, err error) error {
	f := fault.Of(err)
	id, ok := f.Params["counter"].(string)
	if c := d.cat.Counter(id); ok && c != nil {
		params := map[string]any{}
		for name, value := range f.Params {
			params[name] = value
		}
		params["counter"] = c.Label
		return &fault.Error{Code: f.Code, Kind: f.Kind, Params: params, Err: f.Err}
	}
	return err
}

// program says whether the asker reads JSON rather than pages.
func program(c *fiber.Ctx) bool {
	return c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON) == fiber.MIMEApplicationJSON
}

func (r *room) noteDone(c *fiber.Ctx, d desk, n done) {
	n.At = r.Machine.Now().UnixMilli()
	putNote(c, d, doneCookie, n, counter.UndoFor)
}

// lastDone is what was done last, while it can be undone; nil when there is nothing.
func (r *room) lastDone(c *fiber.Ctx) *done {
	var n done
	if !readNote(c, doneCookie, &n) || n.Verb == "" || !counter.CanUndo(time.UnixMilli(n.At), r.Machine.Now()) {
		return nil
	}
	return &n
}

// takeRefused gives the fault to show and forgets it.
func takeRefused(c *fiber.Ctx, d desk) *refused {
	var n refused
	if !readNote(c, refusedCookie, &n) {
		return nil
	}
	dropNote(c, d, refusedCookie)
	return &n
}

func putNote(c *fiber.Ctx, d desk, name string, note any, lasting time.Duration) {
	text, err := json.Marshal(note)
	if err != nil {
		return // it is made of strings and numbers
	}
	c.Cookie(&fiber.Cookie{
		Name: name, Value: base64.RawURLEncoding.EncodeToString(text), Path: pathOf(d.counter.ID), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: c.Secure(), MaxAge: int(lasting / time.Second),
	})
}

func readNote(c *fiber.Ctx, name string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(c.Cookies(name))
	return err == nil && len(text) > 0 && json.Unmarshal(text, into) == nil
}

func dropNote(c *fiber.Ctx, d desk, name string) {
	c.Cookie(&fiber.Cookie{Name: name, Path: pathOf(d.counter.ID), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: c.Secure(), Expires: time.Unix(1, 0)})
}

// actKey is the idempotency key of a form: it belongs to the clerk, the counter and the verb.
func actKey(c *fiber.Ctx, d desk, verb string) event.Key {
	key := web.Key(c)
	if key == "" {
		return event.Key{}
	}
	return event.Key{Principal: d.who.Subject, Route: pathOf(d.counter.ID) + "/" + verb, Key: key, BodyHash: bodyHash(c)}
}
