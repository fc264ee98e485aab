package demo

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// script answers in turn, and repeats the last answer.
type script struct {
	mu      sync.Mutex
	answers []func(w http.ResponseWriter)
	keys    []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, r.Header.Get("Idempotency-Key"))
	s.answers[min(len(s.keys), len(s.answers))-1](w)
}

func status(code int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// ask posts to a scripted server; waited is what it waited between its tries.
func ask(t *testing.T, answers ...func(http.ResponseWriter)) (keys []string, waited []time.Duration, out map[string]any, err error) {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	sim, err := newSim(Config{URL: server.URL, Clock: newHub(t, 1).clock, Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	sim.client.pause = func(_ context.Context, d time.Duration) bool {
		waited = append(waited, d)
		return true
	}
	err = sim.client.as("", "", "").post(context.Background(), "/x", map[string]int{"a": 1}, &out)
	return s.keys, waited, out, err
}

func TestARequestIsRepeatedWithTheSameKeyUntilTheHubAnswers(t *testing.T) {
	cut := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	tooOften := func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	keys, waited, out, err := ask(t, cut, status(503, `{"code":"unknown_outcome"}`), tooOften, status(200, `{"b":2}`))
	if err != nil || out["b"] != 2.0 {
		t.Fatal(out, err)
	}
	if len(keys) != 4 || keys[0] == "" || keys[3] != keys[0] {
		t.Errorf("keys %q", keys)
	}
	if len(waited) != 3 || waited[2] != 3*time.Second || waited[1] <= waited[0] {
		t.Errorf("waited %v", waited)
	}
}

func TestARefusalIsNotAskedAgain(t *testing.T) {
	keys, _, _, err := ask(t, status(409, `{"code":"miss_too_soon","detail":"wait","params":{"seconds":12}}`))
	var r *refusal
	if !errors.As(err, &r) || r.Code != "miss_too_soon" || r.Seconds != 12 || r.Status != 409 || len(keys) != 1 {
		t.Errorf("%v after %d", err, len(keys))
	}
	if keys, _, _, err := ask(t, status(500, "oops")); len(keys) != 1 || err == nil || codeOf(err) != "" {
		t.Errorf("a mistake of the hub: %v after %d", err, len(keys))
	}
}

func TestAnEmptyAnswerLeavesTheResultAlone(t *testing.T) {
	if _, _, out, err := ask(t, status(204, "")); err != nil || out != nil {
		t.Error(out, err)
	}
}

func TestATokenThatIsNeverAcceptedIsGivenUp(t *testing.T) {
	keys, _, _, err := ask(t, status(401, ""))
	if codeOf(err) != "not_signed_in" || len(keys) != 3 {
		t.Errorf("%v after %d", err, len(keys))
	}
}
