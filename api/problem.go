package api

import (
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"vez/fault"
	"vez/web"
)

// Problem is the body of every refusal (RFC 9457), in the language asked for.
type Problem struct {
	Type   string         `json:"type" doc:"A name for the kind of problem: urn:vez:fault: and the code."`
	Title  string         `json:"title" doc:"What happened, for people."`
	Status int            `json:"status" doc:"The HTTP status."`
	Detail string         `json:"detail" doc:"What to do now, for people."`
	Code   string         `json:"code" doc:"The stable code, for programs."`
	Ref    string         `json:"ref" doc:"The reference of this request, which is also in the log."`
	Params map[string]any `json:"params,omitempty" doc:"What the texts were filled with."`
	Ticket *Ticket        `json:"ticket,omitempty" doc:"The ticket that stands in the way."`
}

// Error is the code, for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// huma makes its own refusals through these two variables of its package; they
// hold for the whole process, and ours need nothing but the request.
func init() {
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		f := humafiber.Unwrap(ctx)
		return withRetry(ctx, newProblem(web.ProblemOf(web.Text(f), asFault(status, errs), web.Ref(f))))
	}
}

func newProblem(p web.Problem) *Problem {
	return &Problem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail, Code: p.Code, Ref: p.Ref, Params: p.Params}
}

// withRetry says after how many seconds it is worth asking again.
func withRetry(ctx huma.Context, p *Problem) *Problem {
	ctx.SetHeader("Cache-Control", "no-store")
	if seconds, ok := p.Params["seconds"].(int); ok && p.Status == http.StatusTooManyRequests {
		ctx.SetHeader("Retry-After", strconv.Itoa(seconds))
	}
	return p
}

// problem describes what an operation refused, and logs our own mistakes.
func (a *API) problem(c *call, err error) *Problem {
	p := newProblem(web.ProblemOf(c.text, err, c.ref))
	p.Title, p.Detail = web.FaultText(c.text, a.spoken(err))
	if seconds, ok := p.Params["seconds"].(int); ok && p.Status == http.StatusTooManyRequests {
		c.request.Set("Retry-After", strconv.Itoa(seconds))
	}
	if p.Status >= 500 {
		a.Log.Error("api", "ref", c.ref, "operation", c.op.id, "why", err)
	}
	var busy *busyError
	if errors.As(err, &busy) {
		p.Ticket = &busy.ticket
	}
	return p
}

// spoken puts the label that stands over a desk in place of a counter's id, for
// the texts; programs keep the id.
func (a *API) spoken(err error) error {
	f := fault.Of(err)
	id, _ := f.Params["counter"].(string)
	n := a.cat.Counter(id)
	if n == nil {
		return f
	}
	told := *f
	told.Params = maps.Clone(f.Params)
	told.Params["counter"] = n.Label
	return &told
}

// refuse answers before the operation's own turn.
func (a *API) refuse(ctx huma.Context, c *call, err error) {
	_ = huma.WriteErr(a.huma, ctx, a.problem(c, err).Status, "", err) // what cannot be written is logged there
}

// asFault turns what huma found wrong with a request into one of our faults.
func asFault(status int, errs []error) error {
	for _, err := range errs {
		var f *fault.Error
		if errors.As(err, &f) {
			return f
		}
	}
	switch status {
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.BodyTooLarge)
	case http.StatusUnprocessableEntity:
		return invalid(errs)
	case http.StatusUnsupportedMediaType:
		return fault.New(fault.WrongType).Because(errors.Join(errs...))
	case http.StatusBadRequest, http.StatusRequestTimeout, http.StatusNotAcceptable:
		return fault.New(fault.BadRequest, "what", "body").Because(errors.Join(errs...))
	}
	return fault.New(fault.Unexpected).Because(errors.Join(errs...))
}

// invalid names the first field that is wrong.
func invalid(errs []error) error {
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			return fault.New(fault.InvalidField, "field", fieldOf(d.ErrorDetail()), "why", d.ErrorDetail().Message)
		}
	}
	return fault.New(fault.InvalidField, "field", "body", "why", "")
}

// fieldOf is a place such as "body.start" as the caller knows it: "start". A
// property that is missing is named by the message alone.
func fieldOf(d *huma.ErrorDetail) string {
	_, field, found := strings.Cut(d.Location, ".")
	if name, missing := strings.CutPrefix(d.Message, "expected required property "); missing {
		name, _, _ = strings.Cut(name, " ")
		if found {
			return field + "." + name
		}
		return name
	}
	if !found {
		return d.Location
	}
	return field
}

func statusOf(code fault.Code) int { return web.StatusOf(fault.New(code).Kind) }
