package web

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
)

// StatusOf maps the kind of a fault to its HTTP status: the only place that does.
func StatusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return fiber.StatusUnprocessableEntity
	case fault.Malformed:
		return fiber.StatusBadRequest
	case fault.Unauthenticated:
		return fiber.StatusUnauthorized
	case fault.Forbidden:
		return fiber.StatusForbidden
	case fault.NotFound:
		return fiber.StatusNotFound
	case fault.Conflict:
		return fiber.StatusConflict
	case fault.Gone:
		return fiber.StatusGone
	case fault.TooLarge:
		return fiber.StatusRequestEntityTooLarge
	case fault.TooMany:
		return fiber.StatusTooManyRequests
	case fault.Unavailable:
		return fiber.StatusServiceUnavailable
	case fault.WrongMethod:
		return fiber.StatusMethodNotAllowed
	case fault.Unsupported:
		return fiber.StatusUnsupportedMediaType
	}
	return fiber.StatusInternalServerError
}

// Problem is the body of problem+json (RFC 9457) for programs.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Code   string         `json:"code"`
	Ref    string         `json:"ref"`
	Params map[string]any `json:"params,omitempty"`
}

// ProblemOf describes any error in a language. An error that is no fault
// becomes the neutral one: its own text never leaves the house.
func ProblemOf(p locale.Printer, err error, ref string) Problem {
	f := fault.Of(fromFiber(err))
	title, detail := FaultText(p, f)
	return Problem{
		Type: "urn:vez:fault:" + string(f.Code), Title: title, Status: StatusOf(f.Kind), Detail: detail,
		Code: string(f.Code), Ref: ref, Params: f.Params,
	}
}

// FaultText gives what happened and what to do now, for notices inside a page.
func FaultText(p locale.Printer, err error) (title, detail string) {
	f := fault.Of(fromFiber(err))
	code := f.Code
	if !p.Has("fault." + string(code) + ".title") {
		code = fault.Unexpected
	}
	key := "fault." + string(code)
	return p.T(key+".title", f.Params), p.T(key+".detail", f.Params)
}

// fromFiber makes faults of Fiber's own refusals.
func fromFiber(err error) error {
	var fe *fiber.Error
	if !errors.As(err, &fe) || fault.CodeOf(err) != fault.Unexpected {
		return err
	}
	switch fe.Code {
	case fiber.StatusNotFound:
		return fault.New(fault.UnknownThing).Because(err)
	case fiber.StatusMethodNotAllowed:
		return fault.New(fault.MethodUnknown).Because(err)
	case fiber.StatusRequestEntityTooLarge:
		return fault.New(fault.BodyTooLarge).Because(err)
	case fiber.StatusUnsupportedMediaType:
		return fault.New(fault.WrongType).Because(err)
	case fiber.StatusServiceUnavailable:
		return fault.New(fault.ShuttingDown).Because(err)
	}
	if fe.Code >= 400 && fe.Code < 500 {
		return fault.New(fault.BadRequest).Because(err)
	}
	return err
}

// answerFault writes the answer to an error: problem+json for programs, a page
// in the layout of the route for people.
func (a *App) answerFault(c *fiber.Ctx, err error) {
	s := stateOf(c)
	s.failure = err
	c.Response().ResetBody()
	p := a.cfg.Text.In(s.lang)
	problem := ProblemOf(p, err, s.ref)
	c.Status(problem.Status)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if seconds, ok := problem.Params["seconds"].(int); ok && problem.Status >= 429 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
	}
	if wantsJSON(c) {
		_ = c.JSON(problem)
		c.Set(fiber.HeaderContentType, "application/problem+json")
		return
	}
	page := faultPage{Problem: problem, Waits: passes(fault.Code(problem.Code))}
	options := []Option{Layout(s.route.Layout), Status(problem.Status)}
	if page.Waits && c.Method() == fiber.MethodGet {
		options = append(options, Refresh(faultRefresh))
	}
	if renderErr := Render(c, "web/fault", page, options...); renderErr != nil {
		a.cfg.Log.Error("the fault page failed", "ref", s.ref, "why", renderErr)
		_ = c.SendString(problem.Title + "\n\n" + problem.Detail + "\n\n" + s.ref + "\n")
	}
}

// faultRefresh is how often a fault that passes is looked at again where scripts are off.
const faultRefresh = 10 * time.Second

// faultPage is the data of the page web/fault.
type faultPage struct {
	Problem
	// Waits: the fault passes by itself, and the page looks whether it has.
	Waits bool
}

// passes says whether a fault goes by itself: the page waits for it.
func passes(code fault.Code) bool {
	switch code {
	case fault.LedgerAway, fault.LedgerUnusable, fault.UnknownOutcome, fault.DiskFull, fault.ShuttingDown:
		return true
	}
	return false
}

// lastResort answers what failed before our middleware ran, such as a body over
// the limit or a request that is no HTTP.
func (a *App) lastResort(c *fiber.Ctx, err error) error {
	if stateOf(c).app != nil {
		a.answerFault(c, err)
		return nil
	}
	var fe *fiber.Error
	if errors.As(err, &fe) && fe.Code == fiber.StatusRequestTimeout {
		// Nobody asked anything: a browser opened a connection ahead of need and
		// left it idle. By this very status it knows to ask again on a fresh one.
		return c.SendStatus(fiber.StatusRequestTimeout)
	}
	c.Locals(stateKey, &state{
		app: a, ref: random(5), lang: locale.Match(c.Get(fiber.HeaderAcceptLanguage)), route: Route{Layout: "site"},
		asked: true,
	})
	a.fence(c)
	a.answerFault(c, err)
	return nil
}
