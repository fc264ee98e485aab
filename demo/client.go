package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// together is how many requests are under way at once: the public must not
	// take the machine away from people.
	together = 6
	// answerWithin is how long one answer may take, machine time.
	answerWithin = 15 * time.Second
	// bodyMost bounds an answer, in bytes.
	bodyMost = 8 << 20
)

// refusal is an answer of the API that asking again would not change.
type refusal struct {
	Status  int
	Code    string  `json:"code"`
	Detail  string  `json:"detail"`
	Seconds float64 // from the parameters: how long to wait
	Minutes float64
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Detail) }

// codeOf is the code of a refusal, "" for anything else.
func codeOf(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// client talks to the hub.
type client struct {
	url  string
	http *http.Client
	// pause waits for machine time; false when the end came first.
	pause func(ctx context.Context, d time.Duration) bool
	gate  chan struct{}
	run   string // tells the keys and names of this run from those of others
	keys  atomic.Int64
	away  atomic.Bool
	log   *slog.Logger
}

// caller is somebody with a demo token, made at the first request.
type caller struct {
	*client
	role, subject, office string
	mu                    sync.Mutex
	token                 string
}

func (c *client) as(role, subject, office string) *caller {
	return &caller{client: c, role: role, subject: subject, office: office}
}

func (c *caller) get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, nil, out)
}

func (c *caller) post(ctx context.Context, path string, body, out any) error {
	return c.do(ctx, http.MethodPost, path, body, out)
}

// do sends a request and decodes the answer into out, which may be nil; with a
// 204 out stays as it is. It asks again, with the same key, until the hub has
// made up its mind; the error is a *refusal or that of ctx.
func (c *caller) do(ctx context.Context, method, path string, body, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		raw = nil
	}
	key := ""
	if method != http.MethodGet {
		key = c.run + "-" + strconv.FormatInt(c.keys.Add(1), 36)
	}
	renewed := 0
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		after, err := c.try(ctx, method, path, key, raw, out)
		if after == nil {
			return err
		}
		if errors.Is(err, errToken) {
			if renewed++; renewed > 2 {
				return err
			}
		} else if c.away.CompareAndSwap(false, true) {
			c.log.Info("the simulated public waits for the hub", "why", err)
		}
		if !c.pause(ctx, max(wait, *after)) {
			return ctx.Err()
		}
	}
}

// errToken tells that a token is of no use any more.
var errToken = &refusal{Status: http.StatusUnauthorized, Code: "not_signed_in"}

// try sends a request once. after is nil when that was it, else the least time
// to wait before the next try, which err explains.
func (c *caller) try(ctx context.Context, method, path, key string, body []byte, out any) (after *time.Duration, err error) {
	again := func(d time.Duration, err error) (*time.Duration, error) { return &d, err }
	token, after, err := c.signed(ctx)
	if err != nil {
		return after, err
	}
	res, raw, err := c.send(ctx, method, path, key, token, body) //nolint:bodyclose // send has read and closed it
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return again(0, err)
	case res.StatusCode < 300:
		c.answers()
		if out == nil || len(raw) == 0 {
			return nil, nil
		}
		return nil, json.Unmarshal(raw, out)
	}
	no := refused(res.StatusCode, raw)
	switch res.StatusCode {
	case http.StatusUnauthorized:
		c.forget(token)
		return again(0, errToken)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return again(retryAfter(res), no)
	}
	c.answers()
	return nil, no
}

// answers notes that the hub is there.
func (c *client) answers() {
	if c.away.CompareAndSwap(true, false) {
		c.log.Info("the hub answers again")
	}
}

func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, 60)) * time.Second
}

func refused(status int, raw []byte) *refusal {
	var p struct {
		refusal
		Params struct {
			Seconds float64 `json:"seconds"`
			Minutes float64 `json:"minutes"`
		} `json:"params"`
	}
	_ = json.Unmarshal(raw, &p) // what is no problem+json has no code
	r := p.refusal
	r.Status, r.Seconds, r.Minutes = status, p.Params.Seconds, p.Params.Minutes
	return &r
}

// send makes one exchange, when it is its turn.
func (c *client) send(ctx context.Context, method, path, key, token string, body []byte) (*http.Response, []byte, error) {
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept-Language", "en")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, bodyMost))
	return res, raw, err
}

// signed gives the caller's token, asking for one where it has none. Nobody in
// particular needs none.
func (c *caller) signed(ctx context.Context) (token string, after *time.Duration, err error) {
	if c.role == "" {
		return "", nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" {
		return c.token, nil, nil
	}
	var got struct{ Token string }
	ask, err := json.Marshal(map[string]string{"role": c.role, "subject": c.subject, "office": c.office})
	if err != nil {
		return "", nil, err
	}
	after, err = c.client.as("", "", "").try(ctx, http.MethodPost, "/api/v1/demo/token", "", ask, &got)
	c.token = got.Token
	return c.token, after, err
}

// forget drops a token that was not accepted, unless it was renewed meanwhile.
func (c *caller) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == token {
		c.token = ""
	}
}
