package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// ErrUnknownLimit: no rate of this name was given to NewLimiter. A mistake in the program, not of Redis.
var ErrUnknownLimit = errors.New("redis: unknown limit")

// takeLua is the generic cell rate algorithm (ITU-T I.371) over microseconds of Redis's own clock, so that servers whose
// clocks differ agree. Stored is the theoretical arrival time of the next request; a refused request stores nothing. If
// the clock was set back, or another node's is behind, nobody waits longer than for an empty bucket. %.0f because Lua
// would round 16 digits to 14.
const takeLua = `
local function take(key, interval, burst)
	local time = redis.call('TIME')
	local now = time[1] * 1000000 + time[2]
	local due = tonumber(redis.call('GET', key) or now)
	if due < now then due = now end
	if due > now + burst then due = now + burst end
	local wait = due + interval - burst - now
	if wait > 0 then return wait end
	due = due + interval
	redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
	return 0
end
`

const allowScript = takeLua + `return take(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))`

// Rate lets Count requests through in any Per in the long run, and up to Burst at once.
type Rate struct {
	Count int
	Per   time.Duration
	Burst int
}

func (r Rate) check() error {
	if r.Count < 1 || r.Per <= 0 || r.Burst < 1 {
		return fmt.Errorf("count %d, per %v and burst %d must all be positive", r.Count, r.Per, r.Burst)
	}
	return nil
}

// micros are the time one request takes up and the time a whole burst does, rounded up.
func (r Rate) micros() (interval, burst int64) {
	per, count := r.Per.Microseconds(), int64(r.Count)
	interval = max((per+count-1)/count, 1)
	return interval, interval * int64(r.Burst)
}

// Limiter counts requests by limit and by who makes them.
type Limiter struct {
	client *Client
	rates  map[string]Rate
	allow  *goredis.Script
}

// NewLimiter takes the rates by the names of their limits. Gate reads the rate of an address under the name "<limit>/ip".
func NewLimiter(c *Client, rates map[string]Rate) (*Limiter, error) {
	own := make(map[string]Rate, len(rates))
	for limit, rate := range rates {
		if err := rate.check(); err != nil {
			return nil, fmt.Errorf("redis: limit %q: %w", limit, err)
		}
		if limit == "" || strings.ContainsAny(limit, "{}") {
			return nil, fmt.Errorf("redis: limit %q needs a name without braces", limit)
		}
		own[limit] = rate
	}
	return &Limiter{client: c, rates: own, allow: goredis.NewScript(allowScript)}, nil
}

// Allow counts a request: 0 lets it through, else it is refused and wait is the time until the next would pass.
func (l *Limiter) Allow(ctx context.Context, limit, who string) (wait time.Duration, err error) {
	take, err := l.take(limit, who)
	if err != nil {
		return 0, err
	}
	answers, err := l.client.run(ctx, "limit", take)
	if err != nil {
		return 0, err
	}
	return waitOf(answers[0])
}

func (l *Limiter) take(limit, who string) (call, error) {
	rate, ok := l.rates[limit]
	if !ok {
		return call{}, fmt.Errorf("%w %q", ErrUnknownLimit, limit)
	}
	interval, burst := rate.micros()
	return call{l.allow, []string{l.key(limit, who)}, []any{interval, burst}}, nil
}

func (l *Limiter) key(limit, who string) string { return l.client.key("limit:"+limit, who) }

func waitOf(answer *goredis.Cmd) (time.Duration, error) {
	micros, err := answer.Int64()
	return time.Duration(micros) * time.Microsecond, err
}
