package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Codes hold what a short code stands for. Looking does not use a code up, so that a request whose answer was lost can be
// repeated; whoever has done what the code was for drops it.
type Codes struct {
	client   *Client
	deleteIf *goredis.Script
}

// NewCodes needs an open client.
func NewCodes(c *Client) *Codes {
	return &Codes{client: c, deleteIf: goredis.NewScript(deleteIfScript)}
}

// Add keeps an owner under a code for ttl, at least a millisecond, and reports false when the code stands for somebody
// already. The code the owner had before stands for nothing any more.
func (c *Codes) Add(ctx context.Context, code, owner string, ttl time.Duration) (bool, error) {
	ctx, cancel := c.client.patient(ctx)
	defer cancel()
	_, err := c.client.conn.SetArgs(ctx, c.name(code), owner, goredis.SetArgs{Mode: "NX", TTL: ttl}).Result()
	if errors.Is(err, goredis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, wrap("add", err)
	}
	former, err := c.client.conn.SetArgs(ctx, c.client.key("code-of", owner), code, goredis.SetArgs{Get: true, TTL: ttl}).Result()
	if err != nil && !errors.Is(err, goredis.Nil) {
		return false, wrap("add", err)
	}
	if former == "" || former == code {
		return true, nil
	}
	return true, c.Drop(ctx, former, owner)
}

// Find is whom a code stands for; "" when nobody, or nobody any more.
func (c *Codes) Find(ctx context.Context, code string) (owner string, err error) {
	ctx, cancel := c.client.patient(ctx)
	defer cancel()
	owner, err = c.client.conn.Get(ctx, c.name(code)).Result()
	if errors.Is(err, goredis.Nil) {
		return "", nil
	}
	return owner, wrap("find", err)
}

// Drop forgets a code of the owner; one that stands for somebody else meanwhile stays.
func (c *Codes) Drop(ctx context.Context, code, owner string) error {
	_, err := c.client.run(ctx, "drop", call{c.deleteIf, []string{c.name(code)}, []any{owner}})
	return err
}

func (c *Codes) name(code string) string { return c.client.key("code", code) }
