package queue

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"
)

// Time-outs of a client; a call that fails is not repeated by the client.
const (
	dialTimeout = time.Second
	readTimeout = time.Second
)

// Dial makes a client for a URL. It connects when first used.
//
//	redis://user:password@host:6379/0      one server; rediss:// with TLS
//	unix:///path/to/socket                 one server on a socket
//	redis+sentinel://host:26379?master_name=m&addr=host2:26379
//	redis+cluster://host:6379?addr=host2:6379
//
// The Sentinel and Cluster forms take rediss+… for TLS; further hosts are given as addr.
// No client retries: a reply that was lost does not tell that nothing was done.
func Dial(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("queue: the address of Redis: %w", err)
	}
	scheme, kind, _ := strings.Cut(u.Scheme, "+")
	u.Scheme = scheme
	switch kind {
	case "":
		o, err := redis.ParseURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("queue: the address of Redis: %w", err)
		}
		return single(o), nil
	case "sentinel":
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("queue: the address of Sentinel: %w", err)
		}
		o.MaxRetries, o.ContextTimeoutEnabled = -1, true
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout = dialTimeout, readTimeout, readTimeout
		return redis.NewFailoverClient(o), nil
	case "cluster":
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("queue: the address of the cluster: %w", err)
		}
		// Redirections are answers, not failures: they must be followed.
		o.MaxRetries, o.ContextTimeoutEnabled = -1, true
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout = dialTimeout, readTimeout, readTimeout
		return redis.NewClusterClient(o), nil
	}
	return nil, fmt.Errorf("queue: the address of Redis: unknown kind %q", kind)
}

// single makes a client for one server.
func single(o *redis.Options) *redis.Client {
	o.MaxRetries, o.ContextTimeoutEnabled = -1, true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = dialTimeout, readTimeout, readTimeout
	o.DialerRetries = 1
	o.DisableIdentity = true
	return redis.NewClient(o)
}

// ownClient makes a client like another, to block on without being in anybody's way.
func ownClient(c redis.UniversalClient) (redis.UniversalClient, error) {
	switch c := c.(type) {
	case *redis.Client:
		o := *c.Options()
		o.PoolSize, o.MinIdleConns = 2, 0
		return redis.NewClient(&o), nil
	case *redis.ClusterClient:
		o := *c.Options()
		return redis.NewClusterClient(&o), nil
	}
	return nil, fmt.Errorf("queue: a client of unknown type %T", c)
}

// expireEvery is how often the embedded server is told that time goes by.
const expireEvery = time.Second

// Embedded starts a Redis-compatible server within the process, reached
// through memory and by nobody else, and a client for it. Its keys expire by the
// clock given. It forgets everything when it is closed, which is no loss: the ledger is the truth.
func Embedded(clock clockwork.Clock) (redis.UniversalClient, func()) {
	server := miniredis.NewMiniRedis()
	client := single(&redis.Options{Addr: "embedded", Dialer: func(context.Context, string, string) (net.Conn, error) {
		return server.Dial()
	}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	tick := clock.NewTicker(expireEvery)
	go func() {
		defer close(ended)
		defer tick.Stop()
		last := clock.Now()
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
		client.Close()
		server.Close()
	}
}
