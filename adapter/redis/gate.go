package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// enterScript finds a session, slides its idle end, and counts the request against the owner's limit (interval 0: none).
// Keys: the owner's sessions, the owner's limit. Arguments: id, now, the idle end from now on, the idle end below which
// sliding is worth a write, the hash's lifetime, the limit's interval and burst.
const enterScript = takeLua + `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return {0, '', 0} end
local absolute, idle, value = stored:sub(1, 13), stored:sub(14, 26), stored:sub(27)
if idle <= ARGV[2] then
	redis.call('HDEL', KEYS[1], ARGV[1])
	return {0, '', 0}
end
if idle < ARGV[4] and idle < absolute then
	local slid = ARGV[3]
	if slid > absolute then slid = absolute end
	redis.call('HSET', KEYS[1], ARGV[1], absolute .. slid .. value)
	redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
if ARGV[6] == '0' then return {1, value, 0} end
return {1, value, take(KEYS[2], tonumber(ARGV[6]), tonumber(ARGV[7]))}`

// Gate is what every request passes: session, the owner's limit and the address's limit in one round trip.
type Gate struct {
	client   *Client
	sessions *Sessions
	limiter  *Limiter
	enter    *goredis.Script
}

// NewGate expects sessions and limiter of one Client.
func NewGate(sessions *Sessions, limiter *Limiter) *Gate {
	return &Gate{client: sessions.client, sessions: sessions, limiter: limiter, enter: goredis.NewScript(enterScript)}
}

// Enter finds the session's value and counts the request: against the rate limit of the owner when there is such a
// session, and against the rate limit+"/ip" of the address in any case, if there is one and ip is not "". With wait 0
// the request may pass; else it is refused, found or not, and wait is the longer of the two times. limit "" counts
// nothing.
//
// Use makes the idle end later, in steps of a hundredth of the idle time or a minute, whichever is less: a session may
// end idle by that much early.
func (g *Gate) Enter(ctx context.Context, owner, id, limit, ip string) (value []byte, found bool, wait time.Duration, err error) {
	calls, err := g.calls(owner, id, limit, ip)
	if err != nil {
		return nil, false, 0, err
	}
	answers, err := g.client.run(ctx, "enter", calls...)
	if err != nil {
		return nil, false, 0, err
	}
	if value, found, wait, err = entered(answers[0]); err != nil || len(answers) == 1 {
		return value, found, wait, err
	}
	waitIP, err := waitOf(answers[1])
	return value, found, max(wait, waitIP), err
}

func (g *Gate) calls(owner, id, limit, ip string) ([]call, error) {
	enter, err := g.enterCall(owner, id, limit)
	if err != nil {
		return nil, err
	}
	if limit == "" || ip == "" {
		return []call{enter}, nil
	}
	take, err := g.limiter.take(limit+"/ip", ip)
	if errors.Is(err, ErrUnknownLimit) {
		return []call{enter}, nil
	}
	return []call{enter, take}, err
}

func (g *Gate) enterCall(owner, id, limit string) (call, error) {
	var interval, burst int64
	if limit != "" {
		rate, ok := g.limiter.rates[limit]
		if !ok {
			return call{}, fmt.Errorf("%w %q", ErrUnknownLimit, limit)
		}
		interval, burst = rate.micros()
	}
	s := g.sessions
	now := s.now()
	idle := now.Add(s.idle)
	worth := idle.Add(-min(s.idle/100, time.Minute))
	return call{
		g.enter,
		[]string{s.key(owner), g.limiter.key(limit, owner)},
		[]any{id, stamp(now), stamp(idle), stamp(worth), s.lifetime(), interval, burst},
	}, nil
}

func entered(answer *goredis.Cmd) (value []byte, found bool, wait time.Duration, err error) {
	parts, err := answer.Slice()
	if err != nil {
		return nil, false, 0, err
	}
	if len(parts) != 3 {
		return nil, false, 0, fmt.Errorf("redis: enter: %d parts, want 3", len(parts))
	}
	there, ok1 := parts[0].(int64)
	stored, ok2 := parts[1].(string)
	micros, ok3 := parts[2].(int64)
	if !ok1 || !ok2 || !ok3 {
		return nil, false, 0, errors.New("redis: enter: the answer has other types than the script gives")
	}
	if there == 0 {
		return nil, false, 0, nil
	}
	return []byte(stored), true, time.Duration(micros) * time.Microsecond, nil
}
