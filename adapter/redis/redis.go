// Package redis keeps what may be lost: sessions, rate limits, the WeChat token, one-time codes. Flush it, and people log
// in again; nothing else is gone.
//
// Every method answers within DialTimeout + ReadTimeout, Redis or no Redis. An error means that Redis could not be asked
// and nothing is known; that something is absent is never an error.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// What Options.Mode may be.
const (
	Embedded = "embedded" // inside this process, for one server without Redis; lost when it ends
	Single   = "single"   // one node
	Sentinel = "sentinel" // Addrs are the Sentinels of MasterName
	Cluster  = "cluster"  // Addrs are some of the nodes
)

// Options say where Redis is. Zero durations take the defaults, PoolSize 0 ten connections a CPU.
type Options struct {
	Mode               string
	Addrs              []string // host:port
	MasterName         string   // Sentinel only
	Username, Password string   // of the data nodes; Sentinels are asked without
	DB                 int      // 0 in a cluster
	TLS                bool     // verified against the system's roots, TLS 1.2 or later
	Prefix             string   // before every key, such as "jmk:"; no braces

	DialTimeout  time.Duration // default 500 ms
	ReadTimeout  time.Duration // default 1 s
	WriteTimeout time.Duration // default 1 s
	PoolSize     int           // connections a node
}

// bufferSize suffices: a session and a script's name are some hundred bytes, and each connection holds two buffers.
const bufferSize = 8 << 10

// Client is the way to one Redis. It is safe for use by many goroutines.
type Client struct {
	conn     goredis.UniversalClient
	prefix   string
	patience time.Duration
	embedded *embedded
}

// Open refuses wrong options only. It does not wait for Redis: the server starts without, and Ping says so.
func Open(ctx context.Context, o Options) (*Client, error) {
	if err := errors.Join(ctx.Err(), o.check()); err != nil {
		return nil, err
	}
	o.setDefaults()
	c := &Client{prefix: o.Prefix, patience: o.DialTimeout + o.ReadTimeout}
	if o.Mode == Embedded {
		var err error
		if c.embedded, err = startEmbedded(); err != nil {
			return nil, err
		}
		o.Addrs, o.Password, o.Username, o.DB, o.TLS = []string{c.embedded.addr()}, c.embedded.password, "", 0, false
	}
	c.conn = o.connect()
	return c, nil
}

// Ping tells whether Redis answers.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := c.patient(ctx)
	defer cancel()
	return wrap("ping", c.conn.Ping(ctx).Err())
}

// Close ends the connections, and the embedded Redis with all it holds.
func (c *Client) Close() error {
	err := c.conn.Close()
	if c.embedded != nil {
		c.embedded.stop()
	}
	return wrap("close", err)
}

func (o *Options) check() error {
	switch {
	case strings.ContainsAny(o.Prefix, "{}"):
		return fmt.Errorf("redis: prefix %q must not contain braces", o.Prefix)
	case o.Mode == Embedded:
		return nil
	case o.Mode != Single && o.Mode != Sentinel && o.Mode != Cluster:
		return fmt.Errorf("redis: mode %q, want %s, %s, %s or %s", o.Mode, Embedded, Single, Sentinel, Cluster)
	case len(o.Addrs) == 0:
		return errors.New("redis: no address")
	case o.Mode == Single && len(o.Addrs) > 1:
		return errors.New("redis: mode single takes one address")
	case o.Mode == Sentinel && o.MasterName == "":
		return errors.New("redis: mode sentinel needs the master's name")
	case o.Mode == Cluster && o.DB != 0:
		return errors.New("redis: a cluster has database 0 only")
	}
	return nil
}

func (o *Options) setDefaults() {
	o.DialTimeout = orDefault(o.DialTimeout, 500*time.Millisecond)
	o.ReadTimeout = orDefault(o.ReadTimeout, time.Second)
	o.WriteTimeout = orDefault(o.WriteTimeout, time.Second)
}

func orDefault(d, or time.Duration) time.Duration {
	if d == 0 {
		return or
	}
	return d
}

func (o *Options) connect() goredis.UniversalClient {
	u := o.universal()
	switch o.Mode {
	case Sentinel:
		return goredis.NewFailoverClient(u.Failover())
	case Cluster:
		return goredis.NewClusterClient(u.Cluster())
	}
	return goredis.NewClient(u.Simple())
}

// universal retries once, which heals a connection that died unnoticed; patience ends whatever takes longer.
func (o *Options) universal() *goredis.UniversalOptions {
	return &goredis.UniversalOptions{
		Addrs: o.Addrs, MasterName: o.MasterName, Username: o.Username, Password: o.Password, DB: o.DB,
		Protocol: 2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Dialer:                   o.dialer(), DialerRetries: 1,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		MaxRetries: 1, MinRetryBackoff: 5 * time.Millisecond, MaxRetryBackoff: 20 * time.Millisecond,
		ContextTimeoutEnabled: true, PoolTimeout: o.ReadTimeout, PoolSize: o.PoolSize, PipelinePoolSize: -1,
		ReadBufferSize: bufferSize, WriteBufferSize: bufferSize,
	}
}

func (o *Options) tlsConfig() *tls.Config {
	if !o.TLS {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// patient bounds a call with its retry: a Redis that accepts and never answers must not hold a request for long.
func (c *Client) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.patience)
}

// key names what belongs to one person or address. Braces make it the cluster's hash tag, so all keys of one person are
// on one node; it comes from outside, therefore braces in it are escaped, and "" is written %, for {} is no hash tag.
func (c *Client) key(kind, who string) string {
	if strings.ContainsAny(who, "%{}") {
		who = strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D").Replace(who)
	}
	if who == "" {
		who = "%"
	}
	return c.prefix + kind + ":{" + who + "}"
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("redis: %s: %w", doing, err)
}
