package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
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
	c.req.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		c.req.Header.SetContentType("application/json")
		c.req.SetBodyString(body)
	}
	err := c.c.Do(c.req, c.res)
	return c.res.StatusCode(), err
}

// token asks for a demo token.
func (x *benchHub) token(role, subject, office string) (string, error) {
	body := fmt.Sprintf(`{"role":%q,"subject":%q,"office":%q}`, role, subject, office)
	res, err := http.Post("http://"+x.addr+"/api/v1/demo/token", "application/json", strings.NewReader(body)) //nolint:noctx // a load generator's own short call
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var got struct{ Token string }
	return got.Token, json.NewDecoder(res.Body).Decode(&got)
}

// load runs work on n connections for a while and gives how many calls were
// made a second, and the 99th percentile of one.
func load(n int, lasts time.Duration, work func(i int, stop *atomic.Bool, took *[]time.Duration) error) (perSecond float64, p99 time.Duration, err error) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	all := make([][]time.Duration, n)
	errs := make([]error, n)
	begun := time.Now()
	for i := range n {
		wg.Go(func() { errs[i] = work(i, &stop, &all[i]) })
	}
	time.Sleep(lasts)
	stop.Store(true)
	wg.Wait()
	elapsed := time.Since(begun)
	var took []time.Duration
	for i := range all {
		took = append(took, all[i]...)
		if errs[i] != nil && err == nil {
			err = errs[i]
		}
	}
	if len(took) == 0 {
		return 0, 0, fmt.Errorf("nothing was done: %w", err)
	}
	slices.Sort(took)
	return float64(len(took)) / elapsed.Seconds(), took[len(took)*99/100], err
}

// timed makes one call and notes how long it took.
func timed(took *[]time.Duration, call func() error) error {
	begun := time.Now()
	err := call()
	*took = append(*took, time.Since(begun))
	return err
}

// streamLines opens a live stream and calls hear with each line until it ends.
func streamLines(addr, path, token string, opened func(), hear func(line string) bool) error {
	conn, err := net.Dial("tcp", addr) //nolint:noctx // a load generator's own connection
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: vez\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
	r := bufio.NewReaderSize(conn, 4096)
	opened()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if !hear(line) {
			return nil
		}
	}
}
