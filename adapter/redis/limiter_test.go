//go:build unix

package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/redis/redistest"
)

// crowd lets n goroutines ask at once and counts who passes.
func crowd(t *testing.T, n int, ask func() (time.Duration, error)) int64 {
	t.Helper()
	var passed atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			wait, err := ask()
			if err != nil {
				t.Error(err)
			}
			if wait == 0 {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	return passed.Load()
}

func TestLimiterIsExact(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		ask := func() (time.Duration, error) { return h.limiter.Allow(t.Context(), "search", "ann") }
		if got := crowd(t, 64, ask); got != 10 {
			t.Errorf("%d of 64 passed, want 10", got)
		}
		for name, other := range map[string][2]string{"another person": {"search", "bob"}, "another limit": {"booking", "ann"}} {
			if wait, err := h.limiter.Allow(t.Context(), other[0], other[1]); wait != 0 || err != nil {
				t.Errorf("%s waits %v, %v", name, wait, err)
			}
		}
	})
}

func TestGateIsExact(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		ask := func() (time.Duration, error) {
			value, found, wait, err := h.gate.Enter(t.Context(), "ann", "s", "search", "")
			if !found || string(value) != "x" {
				t.Errorf("found %q, %v", value, found)
			}
			return wait, err
		}
		if got := crowd(t, 64, ask); got != 10 {
			t.Errorf("%d of 64 passed, want 10", got)
		}
	})
}

// Refused requests do not prolong the wait, and who waits as told passes.
func TestWaitIsHonest(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		ask := func() time.Duration {
			wait, err := h.limiter.Allow(t.Context(), "quick", "ann")
			if err != nil {
				t.Fatal(err)
			}
			return wait
		}
		for range 3 {
			for ask() == 0 {
			}
			wait := ask()
			if wait > 50*time.Millisecond {
				t.Errorf("waits %v, more than an interval", wait)
			}
			time.Sleep(wait)
			if wait := ask(); wait != 0 {
				t.Errorf("still waits %v", wait)
			}
		}
	})
}

func TestAddressLimitHoldsWithoutSession(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		ask := func() (time.Duration, error) {
			_, found, wait, err := h.gate.Enter(t.Context(), "ann", "guessed", "search", "10.0.0.1")
			if found {
				t.Error("found")
			}
			return wait, err
		}
		if got := crowd(t, 64, ask); got != 15 {
			t.Errorf("%d of 64 passed, want 15", got)
		}
		h.add(t, "ann", "s", "x")
		if _, _, wait, err := h.gate.Enter(t.Context(), "ann", "s", "search", "10.0.0.2"); wait != 0 || err != nil {
			t.Errorf("guesses used up the owner's limit: %v, %v", wait, err)
		}
		value, found, wait, err := h.gate.Enter(t.Context(), "ann", "s", "search", "10.0.0.1")
		if string(value) != "x" || !found || wait == 0 || err != nil {
			t.Errorf("from the limited address: %q %v %v %v", value, found, wait, err)
		}
	})
}

func TestUnknownLimit(t *testing.T) {
	h := build(t, mustOpen(t, Options{Mode: Embedded}))
	if _, err := h.limiter.Allow(t.Context(), "serach", "ann"); !errors.Is(err, ErrUnknownLimit) {
		t.Errorf("allow: %v", err)
	}
	if _, _, _, err := h.gate.Enter(t.Context(), "ann", "s", "serach", ""); !errors.Is(err, ErrUnknownLimit) {
		t.Errorf("enter: %v", err)
	}
	h.add(t, "ann", "s", "x")
	if _, found, wait, err := h.gate.Enter(t.Context(), "ann", "s", "booking", "10.0.0.1"); !found || wait != 0 || err != nil {
		t.Errorf("a limit without one for addresses: %v %v %v", found, wait, err)
	}
}

func TestNewLimiterRefuses(t *testing.T) {
	for limit, rate := range map[string]Rate{
		"count": {0, time.Hour, 1}, "per": {1, 0, 1}, "burst": {1, time.Hour, 0}, "": {1, time.Hour, 1}, "{a}": {1, time.Hour, 1},
	} {
		if _, err := NewLimiter(nil, map[string]Rate{limit: rate}); err == nil {
			t.Errorf("%q: took %+v", limit, rate)
		}
	}
}

// Redis's clock was an hour ahead and is set right, or another node takes over: nobody is locked out for an hour.
func TestClockSetBack(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		ahead := fmt.Sprint(time.Now().Add(24 * time.Hour).UnixMicro())
		if err := c.conn.Set(t.Context(), h.limiter.key("search", "ann"), ahead, time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
		if wait, err := h.limiter.Allow(t.Context(), "search", "ann"); err != nil || wait <= 0 || wait > 6*time.Minute {
			t.Errorf("waits %v, %v", wait, err)
		}
	})
}

// A limit lies in Redis no longer than it matters, and is stored to the microsecond.
func TestLimitExpires(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		if _, err := h.limiter.Allow(t.Context(), "search", "ann"); err != nil {
			t.Fatal(err)
		}
		key := h.limiter.key("search", "ann")
		if ttl := c.conn.PTTL(t.Context(), key).Val(); ttl <= 5*time.Minute || ttl > 6*time.Minute {
			t.Errorf("lives %v", ttl)
		}
		if stored := c.conn.Get(t.Context(), key).Val(); len(stored) != 16 {
			t.Errorf("stored %q", stored)
		}
	})
}

func TestRateOverAnInterval(t *testing.T) {
	if interval, burst := (Rate{Count: 7, Per: time.Second, Burst: 3}).micros(); interval != 142_858 || burst != 3*142_858 {
		t.Errorf("interval %d, burst %d", interval, burst)
	}
	if interval, _ := (Rate{Count: 50_000_000, Per: time.Second, Burst: 1}).micros(); interval != 1 {
		t.Errorf("interval %d", interval)
	}
}

func TestCache(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h, ctx := build(t, c), t.Context()
		get := func() (string, time.Duration) {
			value, remaining, err := h.cache.Get(ctx, "token")
			if err != nil {
				t.Fatal(err)
			}
			return value, remaining
		}
		if value, remaining := get(); value != "" || remaining != 0 {
			t.Errorf("absent: %q %v", value, remaining)
		}
		if err := h.cache.Set(ctx, "token", "t1", time.Hour); err != nil {
			t.Fatal(err)
		}
		if value, remaining := get(); value != "t1" || remaining <= 59*time.Minute || remaining > time.Hour {
			t.Errorf("set: %q %v", value, remaining)
		}
		if err := h.cache.DeleteIf(ctx, "token", "t0"); err != nil {
			t.Fatal(err)
		}
		if value, _ := get(); value != "t1" {
			t.Errorf("another's value was deleted: %q", value)
		}
		if err := h.cache.DeleteIf(ctx, "token", "t1"); err != nil {
			t.Fatal(err)
		}
		if value, _ := get(); value != "" {
			t.Errorf("not deleted: %q", value)
		}
		if err := h.cache.Set(ctx, "token", "t", 0); err == nil {
			t.Error("kept a value for ever")
		}
	})
}

// Time really passes, in the embedded Redis too.
func TestValuesExpire(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h, ctx := build(t, c), t.Context()
		if err := h.cache.Set(ctx, "k", "v", 300*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if added, err := h.codes.Add(ctx, "k", "v", 300*time.Millisecond); !added || err != nil {
			t.Fatal(added, err)
		}
		time.Sleep(300*time.Millisecond + 2*tick)
		if value, _, err := h.cache.Get(ctx, "k"); value != "" || err != nil {
			t.Errorf("cache: %q, %v", value, err)
		}
		if owner, err := h.codes.Find(ctx, "k"); owner != "" || err != nil {
			t.Errorf("codes: %q, %v", owner, err)
		}
	})
}

// A code stands for one owner, an owner has one code, and neither takes anything from others.
func TestCodesStandForOne(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h, ctx := build(t, c), t.Context()
		add := func(code, owner string, want bool) {
			t.Helper()
			if added, err := h.codes.Add(ctx, code, owner, time.Minute); added != want || err != nil {
				t.Errorf("%s for %s: %v, %v", code, owner, added, err)
			}
		}
		stands := func(code, want string) {
			t.Helper()
			if owner, err := h.codes.Find(ctx, code); owner != want || err != nil {
				t.Errorf("%s stands for %q, %v; want %q", code, owner, err, want)
			}
		}
		taken := crowd(t, 64, func() (time.Duration, error) {
			added, err := h.codes.Add(ctx, "ABC234", rand.Text(), time.Minute)
			if added {
				return 0, err
			}
			return 1, err
		})
		if taken != 1 {
			t.Errorf("given to %d", taken)
		}
		add("DEF567", "ann", true)
		add("DEF567", "bob", false)
		stands("DEF567", "ann")
		add("GHJ234", "ann", true)
		stands("DEF567", "")
		if err := h.codes.Drop(ctx, "GHJ234", "bob"); err != nil {
			t.Error(err)
		}
		stands("GHJ234", "ann")
		if err := h.codes.Drop(ctx, "GHJ234", "ann"); err != nil {
			t.Error(err)
		}
		stands("GHJ234", "")
	})
}

func BenchmarkEnter(b *testing.B) {
	c := mustOpen(b, Options{Mode: Single, Addrs: []string{redistest.Start(b).Addr}, Prefix: "bench:"})
	h := build(b, c)
	h.add(b, "ann", "s", "a value of some eighty bytes, as a session has: who, when, device, version.....")
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			c.conn.Get(context.Background(), "k")
		}
	})
	b.Run("enter", func(b *testing.B) {
		for b.Loop() {
			if _, found, _, err := h.gate.Enter(context.Background(), "ann", "s", "generous", "10.0.0.1"); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
}
