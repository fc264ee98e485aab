package fault

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind is the family of a fault; the web room maps each to one HTTP status.
type Kind int

// The kinds, with the HTTP status each is answered with.
const (
	Internal        Kind = iota // 500: our own mistake
	Invalid                     // 422: the request cannot be understood or breaks a rule of form
	Malformed                   // 400: the body or a parameter cannot be parsed
	Unauthenticated             // 401: nobody is signed in
	Forbidden                   // 403: signed in, but may not
	NotFound                    // 404: no such thing, or none that may be seen
	Conflict                    // 409: the present state forbids it
	Gone                        // 410: it was there and is no more
	TooLarge                    // 413: more than we read
	TooMany                     // 429: too often
	Unavailable                 // 503: a part we need is away; try again
	WrongMethod                 // 405: the address is there, but takes other methods
	Unsupported                 // 415: a body of a kind that is not read here
)

// Error is a fault. Its zero value means nothing; make one with New.
type Error struct {
	// Code is stable and snake_case, such as "wrong_office".
	Code Code
	// Kind decides the status.
	Kind Kind
	// Params fill the placeholders of the text for people.
	Params map[string]any
	// Err is the cause, for the log only; it never reaches a page.
	Err error
}

// New makes a fault with a code of the table in codes.go and pairs of
// parameter names and values for its text. An unknown code is Internal.
func New(code Code, pairs ...any) *Error {
	e := &Error{Code: code, Kind: kinds[code]}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]any, len(pairs)/2)
		}
		e.Params[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return e
}

// Because returns a copy of the fault that wraps its cause.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Error gives the code, the parameters in order, and the cause: for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	keys := make([]string, 0, len(e.Params))
	for k := range e.Params {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, e.Params[k])
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, fault.New(code)) compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf gives the code of the first fault in err's chain, or "" when err is
// nil, or Unexpected for an error that is no fault.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Unexpected
}

// Of gives the first fault in err's chain, or wraps err as Unexpected.
// It gives nil for nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Unexpected).Because(err)
}
