package queue_test

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/queue"
)

func TestNoClientRetriesByItself(t *testing.T) {
	for _, address := range []string{
		"redis://user:secret@127.0.0.1:6379/3", "rediss://127.0.0.1:6379", "unix:///run/redis.sock",
		"redis+sentinel://127.0.0.1:26379?master_name=vez&addr=127.0.0.2:26379",
		"redis+cluster://127.0.0.1:6379?addr=127.0.0.2:6379", "rediss+cluster://127.0.0.1:6379",
		"redis://127.0.0.1:6379?max_retries=3",
	} {
		c, err := queue.Dial(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		retries, deadlines := 0, false
		switch c := c.(type) {
		case *redis.Client: // the client turns -1 into 0: none
			retries, deadlines = c.Options().MaxRetries, c.Options().ContextTimeoutEnabled
		case *redis.ClusterClient:
			retries, deadlines = c.Options().MaxRetries, c.Options().ContextTimeoutEnabled
		}
		if retries > 0 || !deadlines {
			t.Errorf("%s: %d retries, deadlines %v", address, retries, deadlines)
		}
		c.Close()
	}
	for _, address := range []string{"", "http://127.0.0.1", "redis+other://127.0.0.1", "redis://127.0.0.1:port"} {
		if c, err := queue.Dial(address); err == nil {
			c.Close()
			t.Errorf("%q is taken for an address", address)
		}
	}
}

func TestEmbeddedKeysExpireByTheClockGiven(t *testing.T) {
	clock := clockwork.NewFakeClock()
	c, end := queue.Embedded(clock)
	defer end()
	c.Set(t.Context(), "vez:short", "1", 30*time.Second)
	c.Set(t.Context(), "vez:long", "1", time.Hour)
	clock.Advance(31 * time.Second)
	for deadline := time.Now().Add(10 * time.Second); c.Exists(t.Context(), "vez:short").Val() != 0; {
		if time.Now().After(deadline) {
			t.Fatal("it does not expire")
		}
	}
	if c.Exists(t.Context(), "vez:long").Val() != 1 {
		t.Error("it expired too early")
	}
}
