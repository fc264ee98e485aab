package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
)

// guess presents a made-up reference as a kiosk, from a network or from here,
// and gives the status and how long to wait.
func (c *client) guess(from string, i int) (status int, wait string) {
	c.t.Helper()
	body := fmt.Sprintf(`{"office":"dsi-main","reference":"2222%04d"}`, i)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.base+"/api/v1/check-ins", bytes.NewBufferString(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	if from != "" {
		r.Header.Set("X-Forwarded-For", from)
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode, res.Header.Get("Retry-After")
}

// TestWhoeverComesThroughAProxyIsCountedAndTheMachineItselfIsNot guesses
// references at a demonstration behind a proxy that it trusts, then at one that
// trusts none: there the header is only something that the sender wrote.
func TestWhoeverComesThroughAProxyIsCountedAndTheMachineItselfIsNot(t *testing.T) {
	behind := serve(t, []string{"VEZ_TRUSTED_PROXIES=127.0.0.1"})
	kiosk := behind.as("device", "guessing-kiosk", "dsi-main")
	stopped := 0
	for i := 0; i < 200 && stopped == 0; i++ {
		status, wait := kiosk.guess("127.0.0.1, 203.0.113.9", i)
		if status == http.StatusTooManyRequests {
			stopped = i
			if wait == "" || wait == "0" {
				t.Errorf("Retry-After %q", wait)
			}
		}
	}
	if stopped < 20 {
		t.Errorf("stopped after %d", stopped)
	}
	if status, _ := kiosk.guess("", 1); status == http.StatusTooManyRequests {
		t.Error("the machine itself is limited in a demonstration")
	}
	alone := serve(t, nil).as("device", "guessing-kiosk", "dsi-main")
	for i := range 100 {
		if status, _ := alone.guess("203.0.113.9", i); status == http.StatusTooManyRequests {
			t.Fatalf("after %d: a header that anybody can write was believed", i)
		}
	}
}
