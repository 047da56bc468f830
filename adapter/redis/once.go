package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Once holds values that can be taken one time only, such as the tickets between two steps of signing in.
type Once struct{ client *Client }

// NewOnce needs an open client.
func NewOnce(c *Client) *Once { return &Once{c} }

// Put keeps a value for ttl, at least a millisecond.
func (o *Once) Put(ctx context.Context, key, value string, ttl time.Duration) error {
	return o.client.put(ctx, o.client.key("once", key), value, ttl)
}

// Take is the value, and to one caller only; "" when there is none, or no more. If the answer is lost on the way, so is
// the value.
func (o *Once) Take(ctx context.Context, key string) (value string, err error) {
	ctx, cancel := o.client.patient(ctx)
	defer cancel()
	value, err = o.client.conn.GetDel(ctx, o.client.key("once", key)).Result()
	if errors.Is(err, goredis.Nil) {
		return "", nil
	}
	return value, wrap("take", err)
}
