package queue

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
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
		o.Protocol = 2
		quiet()
		return redis.NewFailoverClient(o), nil
	case "cluster":
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, fmt.Errorf("queue: the address of the cluster: %w", err)
		}
		// Redirections are answers, not failures: they must be followed.
		o.MaxRetries, o.ContextTimeoutEnabled = -1, true
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout = dialTimeout, readTimeout, readTimeout
		o.Protocol = 2
		o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
		quiet()
		return redis.NewClusterClient(o), nil
	}
	return nil, fmt.Errorf("queue: the address of Redis: unknown kind %q", kind)
}

// quiet keeps the client's own log off the terminal: what matters of it,
// whether Redis answers, the projection logs once.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silence{}) })

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// single makes a client for one server.
func single(o *redis.Options) *redis.Client {
	o.MaxRetries, o.ContextTimeoutEnabled = -1, true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = dialTimeout, readTimeout, readTimeout
	o.DialerRetries, o.DisableIdentity, o.Protocol = 1, true, 2
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	quiet()
	return redis.NewClient(o)
}

// ownClient makes a client like another, on which so many may block without being in anybody's way.
func ownClient(c redis.UniversalClient, readers int) (redis.UniversalClient, error) {
	switch c := c.(type) {
	case *redis.Client:
		o := *c.Options()
		o.PoolSize, o.MinIdleConns = 2, 0
		return redis.NewClient(&o), nil
	case *redis.ClusterClient:
		o := *c.Options()
		o.PoolSize, o.MinIdleConns = readers+1, 0
		return redis.NewClusterClient(&o), nil
	}
	return nil, fmt.Errorf("queue: a client of unknown type %T", c)
}
