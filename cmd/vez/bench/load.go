package bench

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// caller sends requests over one kept connection.
type caller struct {
	c     *fasthttp.HostClient
	token string
	req   *fasthttp.Request
	res   *fasthttp.Response
}

func newCaller(addr, token string) *caller {
	return &caller{c: &fasthttp.HostClient{Addr: addr, MaxConns: 1}, token: token, req: &fasthttp.Request{}, res: &fasthttp.Response{}}
}

// ask gives the status; the body stays in res until the next call.
func (c *caller) ask(method, path, body string) (int, error) {
	c.req.Reset()
	c.req.Header.SetMethod(method)
	c.req.SetRequestURI("http://vez" + path)
	if c.token != "" {
		c.req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		c.req.Header.SetContentType("application/json")
		c.req.SetBodyString(body)
	}
	err := c.c.Do(c.req, c.res)
	return c.res.StatusCode(), err
}

// want asks and fails on any other status.
func (c *caller) want(status int, method, path, body string) error {
	got, err := c.ask(method, path, body)
	if err == nil && got != status {
		err = fmt.Errorf("%s %s: %d %s", method, path, got, c.res.Body())
	}
	return err
}

// loaded is what a load came to.
type loaded struct {
	PerSecond float64
	P50, P99  time.Duration
}

// work is what one connection does until it is told to stop; it notes how long each call took.
type work func(i int, stop *atomic.Bool, took *[]time.Duration) error

// until does something over and over, once at least however soon stop comes: on
// a busy machine it may come before anybody's turn.
func until(stop *atomic.Bool, do func() error) error {
	for {
		if err := do(); err != nil || stop.Load() {
			return err
		}
	}
}

// load runs work on n connections for a while.
func load(n int, lasts time.Duration, do work) (loaded, error) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	all, errs := make([][]time.Duration, n), make([]error, n)
	begun := time.Now()
	for i := range n {
		wg.Go(func() { errs[i] = do(i, &stop, &all[i]) })
	}
	time.Sleep(lasts)
	stop.Store(true)
	wg.Wait()
	return summary(all, errs, time.Since(begun))
}

func summary(all [][]time.Duration, errs []error, elapsed time.Duration) (loaded, error) {
	var took []time.Duration
	for i := range all {
		if errs[i] != nil {
			return loaded{}, errs[i]
		}
		took = append(took, all[i]...)
	}
	if len(took) == 0 {
		return loaded{}, fmt.Errorf("nothing was done in %s", elapsed)
	}
	return loaded{float64(len(took)) / elapsed.Seconds(), quantile(took, 0.5), quantile(took, 0.99)}, nil
}

// timed makes one call and notes how long it took.
func timed(took *[]time.Duration, call func() error) error {
	begun := time.Now()
	err := call()
	*took = append(*took, time.Since(begun))
	return err
}

// timings are how long do takes, run after run.
func timings(n int, do func()) []time.Duration {
	took := make([]time.Duration, n)
	for i := range took {
		begun := time.Now()
		do()
		took[i] = time.Since(begun)
	}
	return took
}

// medianOf is the load of the median rate among rounds.
func medianOf(rounds []loaded) loaded {
	rates := make([]float64, len(rounds))
	for i, r := range rounds {
		rates[i] = r.PerSecond
	}
	at := middle(rates)
	for _, r := range rounds {
		if r.PerSecond == at {
			return r
		}
	}
	return loaded{}
}

// A duel is two loads measured in turn.
type duel struct{ got, base []loaded }

// turn measures one and then the other.
func (d *duel) turn(do, base func() (loaded, error)) error {
	g, err := do()
	if err != nil {
		return err
	}
	f, err := base()
	d.got, d.base = append(d.got, g), append(d.base, f)
	return err
}

// row compares: the figures are those of the median rounds, the ratio is the
// median of the rounds' own, so that what slows both down for a while does not count.
func (d *duel) row(what string, least float64, against string) Row {
	ratios := make([]float64, len(d.got))
	for i := range ratios {
		ratios[i] = over(d.got[i].PerSecond, d.base[i].PerSecond)
	}
	r := rate(what, medianOf(d.got).PerSecond, medianOf(d.base).PerSecond, least, against)
	r.Ratio, r.Verdict = middle(ratios), ""
	return judged(r)
}
