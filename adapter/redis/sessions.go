package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// All sessions of one owner are the fields of one hash: id → the absolute end, the idle end, the value. The ends are
// Unix milliseconds in 13 digits, which compare as text as they do as numbers; the idle end is never after the absolute
// one. Redis 7.0 cannot let a field expire, so the scripts do, by the clock of the server that asks; the hash as a whole
// expires by itself after the last idle end.
const (
	stampDigits = 13
	stampsSize  = 2 * stampDigits

	addScript = `
local ended, kept = ARGV[2], {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
	local id, stored = all[i], all[i + 1]
	if stored:sub(14, 26) <= ended then
		redis.call('HDEL', KEYS[1], id)
	elseif id ~= ARGV[1] then
		kept[#kept + 1] = stored:sub(1, 13) .. id
	end
end
table.sort(kept)
for i = 1, #kept - tonumber(ARGV[3]) + 1 do
	redis.call('HDEL', KEYS[1], kept[i]:sub(14))
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 0`

	endScript = `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
if stored:sub(14, 26) <= ARGV[2] then return 0 end
return 1`

	endAllScript = `
local live = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
	if all[i] ~= ARGV[1] then
		redis.call('HDEL', KEYS[1], all[i])
		if all[i + 1]:sub(14, 26) > ARGV[2] then live = live + 1 end
	end
end
return live`
)

// Sessions keeps opaque values by owner and id. The id is a hash of the token: who reads Redis cannot log in.
type Sessions struct {
	// Max is how many sessions an owner may have; one more ends the oldest. Set it before the first use.
	Max int
	// Kind keeps the sessions of one kind of people from opening anything for another. Set it before the first use.
	Kind string

	client           *Client
	idle, absolute   time.Duration
	now              func() time.Time
	add, end, endAll *goredis.Script
}

// NewSessions makes sessions that end idle after their last use through a Gate, and absolute after they were added.
func NewSessions(c *Client, idle, absolute time.Duration, now func() time.Time) *Sessions {
	return &Sessions{
		Max: 10, Kind: "session", client: c, idle: idle, absolute: absolute, now: now,
		add: goredis.NewScript(addScript), end: goredis.NewScript(endScript), endAll: goredis.NewScript(endAllScript),
	}
}

// Add begins a session. The same owner and id again replaces it.
func (s *Sessions) Add(ctx context.Context, owner, id string, value []byte) error {
	now := s.now()
	stored := stamp(now.Add(s.absolute)) + stamp(now.Add(min(s.idle, s.absolute))) + string(value)
	_, err := s.client.run(ctx, "add session", call{
		s.add, []string{s.key(owner)}, []any{id, stamp(now), max(s.Max, 1), stored, s.lifetime()},
	})
	return err
}

// List is the values of the owner's sessions by id. Looking does not count as use.
func (s *Sessions) List(ctx context.Context, owner string) (map[string][]byte, error) {
	ctx, cancel := s.client.patient(ctx)
	defer cancel()
	all, err := s.client.conn.HGetAll(ctx, s.key(owner)).Result()
	if err != nil {
		return nil, wrap("list sessions", err)
	}
	now, live := stamp(s.now()), make(map[string][]byte, len(all))
	for id, stored := range all {
		if len(stored) >= stampsSize && stored[stampDigits:stampsSize] > now {
			live[id] = []byte(stored[stampsSize:])
		}
	}
	return live, nil
}

// End ends one session and tells whether there was one.
func (s *Sessions) End(ctx context.Context, owner, id string) (bool, error) {
	answers, err := s.client.run(ctx, "end session", call{s.end, []string{s.key(owner)}, []any{id, stamp(s.now())}})
	if err != nil {
		return false, err
	}
	return answers[0].Bool()
}

// EndAll ends the owner's sessions but exceptID ("" for none), and tells how many there were.
func (s *Sessions) EndAll(ctx context.Context, owner, exceptID string) (int, error) {
	answers, err := s.client.run(ctx, "end sessions", call{s.endAll, []string{s.key(owner)}, []any{exceptID, stamp(s.now())}})
	if err != nil {
		return 0, err
	}
	return answers[0].Int()
}

func (s *Sessions) key(owner string) string { return s.client.key(s.Kind, owner) }

// lifetime is how long the owner's hash lives in Redis: a little longer than any session in it, in milliseconds.
func (s *Sessions) lifetime() int64 { return (s.idle + time.Minute).Milliseconds() }

func stamp(t time.Time) string {
	digits := strconv.FormatInt(t.UnixMilli(), 10)
	if len(digits) == stampDigits {
		return digits
	}
	return fmt.Sprintf("%0*d", stampDigits, max(t.UnixMilli(), 0))
}
