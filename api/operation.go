package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/identity"
	"vez/locale"
)

// bodyMost is the longest body read, in bytes: no operation needs a tenth of it.
const bodyMost = 64 << 10

// security is the name of the bearer scheme in the document.
const security = "bearer"

// operation is one method and path.
type operation struct {
	id, method, path string
	tag              string
	description      string
	audience         Audience
	// status of success; 200 when 0.
	status int
	// catalogue reads carry an ETag and are answered 304.
	catalogue bool
	// answers are further statuses than status, with what they mean.
	answers map[int]string
	// kept writes an answer that lies ready; false: the operation itself has its turn.
	kept func(ctx context.Context, f *fiber.Ctx, c *call) bool
	// faults that this operation in particular gives, for the document.
	faults []fault.Code
	// shape is that of a body which is written by hand; nil: as Go's type says.
	shape any
	// content is the type of a body that is not JSON.
	content string
}

// text is the key of what it does in one line.
func (o *operation) text() string { return "api.op." + o.id }

// write tells whether the operation changes anything.
func (o *operation) write() bool { return o.method != http.MethodGet }

// add registers an operation. It panics on one without an audience, or whose
// audience needs an office that its input does not name: mistakes in the
// program, found at every start.
func add[I, O any](a *API, o operation, handle func(ctx context.Context, c *call, in *I) (*O, error)) {
	var in any = new(I)
	_, names := in.(placed)
	if !o.audience.Declared() || o.audience.Where == here && !names {
		panic(fmt.Sprintf("api: %s %s declares no audience, or no office", o.method, o.path))
	}
	a.ops = append(a.ops, &o)
	huma.Register(a.huma, a.described(&o), func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		if p, ok := any(in).(placed); ok {
			if err := a.admitAt(c, p); err != nil {
				return nil, a.problem(c, err)
			}
		}
		out, err := handle(ctx, c, in)
		if err != nil {
			return nil, a.problem(c, err)
		}
		return out, nil
	})
}

// admitAt checks the role at the office that the request names.
func (a *API) admitAt(c *call, in placed) error {
	officeID, err := in.place(a.cat)
	if err != nil || c.op.audience.Public || c.op.audience.Where != here {
		return err
	}
	if !c.op.audience.mayAt(c.who, officeID) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

// described is the operation as the document has it.
func (a *API) described(o *operation) huma.Operation {
	h := huma.Operation{
		OperationID: o.id, Method: o.method, Path: Prefix + o.path, Tags: []string{o.tag}, Summary: a.app.Text(locale.En).T(o.text()),
		Description: o.words(), DefaultStatus: o.status, MaxBodyBytes: bodyMost, BodyReadTimeout: -1,
		Metadata: map[string]any{"operation": o, "audience": o.audience}, Responses: map[string]*huma.Response{},
		Errors: o.statuses(), Extensions: map[string]any{"x-audience": o.audience.String()},
	}
	if h.DefaultStatus == 0 {
		h.DefaultStatus = http.StatusOK
	}
	h.Security = []map[string][]string{{}}
	if !o.audience.Public {
		h.Security = []map[string][]string{{security: {}}}
	}
	for status, text := range o.answers {
		h.Responses[strconv.Itoa(status)] = &huma.Response{Description: text}
	}
	if o.shape != nil {
		h.Responses[strconv.Itoa(h.DefaultStatus)] = &huma.Response{
			Description: http.StatusText(h.DefaultStatus),
			Content: map[string]*huma.MediaType{"application/json": {
				Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(o.shape), true, ""),
			}},
		}
	}
	if o.content != "" {
		h.Responses[strconv.Itoa(h.DefaultStatus)] = &huma.Response{
			Description: http.StatusText(h.DefaultStatus),
			Content:     map[string]*huma.MediaType{o.content: {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
		}
	}
	if o.write() {
		most := maxKey
		h.Parameters = append(h.Parameters, &huma.Param{Name: keyHeader, In: "header",
			Description: "Makes a repeat of this request do nothing twice. Any text, one for each act; kept 48 hours.",
			Schema:      &huma.Schema{Type: huma.TypeString, MaxLength: &most}})
	}
	return h
}

// words is the description with the audience and the codes of refusals.
func (o *operation) words() string {
	var b strings.Builder
	if o.description != "" {
		b.WriteString(o.description + "\n\n")
	}
	b.WriteString("For: " + o.audience.String() + ".")
	if len(o.faults) > 0 {
		codes := make([]string, 0, len(o.faults))
		for _, f := range o.faults {
			codes = append(codes, "`"+string(f)+"`")
		}
		b.WriteString(" Refused with: " + strings.Join(codes, ", ") + ".")
	}
	return b.String()
}

// statuses are the statuses of refusals in the document.
func (o *operation) statuses() []int {
	all := map[int]bool{}
	for _, code := range o.faults {
		all[statusOf(code)] = true
	}
	if !o.audience.Public {
		all[http.StatusUnauthorized], all[http.StatusForbidden] = true, true
	}
	if strings.Contains(o.path, "{") {
		all[http.StatusNotFound] = true
	}
	if o.write() {
		for _, s := range []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
			http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			all[s] = true
		}
	}
	out := make([]int, 0, len(all)+1)
	for s := range all {
		out = append(out, s)
	}
	return append(out, http.StatusInternalServerError)
}

type role = identity.Role

// The roles, for short.
const (
	citizen = identity.Citizen
	clerk   = identity.Clerk
	greeter = identity.Greeter
	manager = identity.Manager
	auditor = identity.Auditor
	device  = identity.Device
)
