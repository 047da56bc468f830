package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const deleteIfScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

// Cache holds what can be fetched again, such as WeChat's access token.
type Cache struct {
	client   *Client
	deleteIf *goredis.Script
}

// NewCache needs an open client.
func NewCache(c *Client) *Cache {
	return &Cache{client: c, deleteIf: goredis.NewScript(deleteIfScript)}
}

// Get is the value and how long it is still good; "" when there is none.
func (c *Cache) Get(ctx context.Context, key string) (value string, remaining time.Duration, err error) {
	ctx, cancel := c.client.patient(ctx)
	defer cancel()
	pipe := c.client.conn.TxPipeline()
	get, ttl := pipe.Get(ctx, c.name(key)), pipe.PTTL(ctx, c.name(key))
	_, err = pipe.Exec(ctx)
	if errors.Is(err, goredis.Nil) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, wrap("get", err)
	}
	return get.Val(), max(ttl.Val(), 0), nil
}

// Set keeps a value for ttl, at least a millisecond.
func (c *Cache) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	return c.client.put(ctx, c.name(key), value, ttl)
}

// DeleteIf deletes only that value: one that another server has put there meanwhile stays.
func (c *Cache) DeleteIf(ctx context.Context, key, value string) error {
	_, err := c.client.run(ctx, "delete", call{c.deleteIf, []string{c.name(key)}, []any{value}})
	return err
}

func (c *Cache) name(key string) string { return c.client.key("cache", key) }

func (c *Client) put(ctx context.Context, name, value string, ttl time.Duration) error {
	if ttl < time.Millisecond {
		return fmt.Errorf("redis: set: a value cannot be kept for %v", ttl)
	}
	ctx, cancel := c.patient(ctx)
	defer cancel()
	return wrap("set", c.conn.Set(ctx, name, value, ttl).Err())
}
