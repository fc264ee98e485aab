package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"vez/fault"
)

// List is one page of a list.
type List[T any] struct {
	Items []T     `json:"items" doc:"In order."`
	Next  *string `json:"next" doc:"Where the next page begins: send it as cursor. Null on the last page."`
}

// Paging is what every list takes.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"64" doc:"The next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"The most items of a page."`
}

// limit is the length of a page.
func (p Paging) limit() int {
	if p.Limit <= 0 {
		return 50
	}
	return p.Limit
}

// from is where the page begins; fault.InvalidField for a cursor that is none of ours.
func (p Paging) from() (int, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	after, ok := strings.CutPrefix(string(text), "after:")
	n, bad := strconv.Atoi(after)
	if err != nil || !ok || bad != nil || n < 0 {
		return 0, fault.New(fault.InvalidField, "field", "cursor", "why", "unknown")
	}
	return n, nil
}

func cursorAfter(n int) *string {
	c := base64.RawURLEncoding.EncodeToString([]byte("after:" + strconv.Itoa(n)))
	return &c
}

// page cuts one page out of all and renders its items.
func page[T, V any](p Paging, all []T, render func(T) V) (List[V], error) {
	out := List[V]{Items: []V{}}
	from, err := p.from()
	if err != nil {
		return out, err
	}
	from = min(from, len(all))
	to := min(from+p.limit(), len(all))
	for _, t := range all[from:to] {
		out.Items = append(out.Items, render(t))
	}
	if to < len(all) {
		out.Next = cursorAfter(to)
	}
	return out, nil
}

// whole is a list of one page.
func whole[T any](items []T) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items}
}
