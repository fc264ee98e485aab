package queue

import (
	"context"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"
)

// expireEvery is how often the embedded server is told that time goes by.
const expireEvery = time.Second

// Embedded starts a Redis-compatible server within the process, reached
// through memory and by nobody else, and a client for it. Its keys expire by the
// clock given. It forgets everything when it is closed, which is no loss: the ledger is the truth.
func Embedded(clock clockwork.Clock) (redis.UniversalClient, func()) {
	server := miniredis.NewMiniRedis()
	client := single(&redis.Options{Addr: "embedded", Dialer: func(context.Context, string, string) (net.Conn, error) {
		return dialMemory(server)
	}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	last, tick := clock.Now(), clock.NewTicker(expireEvery) // here, so that time counts as soon as the client is given
	go func() {
		defer close(ended)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.Chan():
				now := clock.Now()
				server.FastForward(now.Sub(last))
				last = now
			}
		}
	}()
	return client, func() {
		stop()
		<-ended
		_ = client.Close()
		server.Close()
	}
}

// dialMemory connects to a server in this process.
func dialMemory(server *miniredis.Miniredis) (net.Conn, error) {
	c, err := server.Dial()
	if err != nil {
		return nil, err
	}
	return newPipe(c), nil
}
