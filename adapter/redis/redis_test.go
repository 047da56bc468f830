//go:build unix

package redis

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"jiamenkou/adapter/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onEvery runs a test on a real Redis, on a cluster, and on the embedded one. No test here is parallel: some flush.
func onEvery(t *testing.T, test func(t *testing.T, c *Client)) {
	t.Run("single", func(t *testing.T) {
		addr, prefix := redistest.Shared(t)
		test(t, mustOpen(t, Options{Mode: Single, Addrs: []string{addr}, Prefix: prefix}))
	})
	t.Run("cluster", func(t *testing.T) {
		addr, prefix := redistest.SharedCluster(t)
		test(t, mustOpen(t, Options{Mode: Cluster, Addrs: []string{addr}, Prefix: prefix}))
	})
	t.Run("embedded", func(t *testing.T) {
		test(t, mustOpen(t, Options{Mode: Embedded, Prefix: "jmk:"}))
	})
}

func mustOpen(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func flush(t *testing.T, c *Client) {
	t.Helper()
	if err := errors.Join(c.conn.FlushAll(t.Context()).Err(), c.conn.ScriptFlush(t.Context()).Err()); err != nil {
		t.Fatal(err)
	}
}

// clock is moved by the test.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// house is everything on one client.
type house struct {
	clock    *clock
	sessions *Sessions
	limiter  *Limiter
	gate     *Gate
	cache    *Cache
	codes    *Codes
}

const (
	week  = 7 * 24 * time.Hour
	month = 30 * 24 * time.Hour
)

func build(t testing.TB, c *Client) house {
	t.Helper()
	clock := newClock()
	limiter, err := NewLimiter(c, map[string]Rate{
		"search":      {Count: 10, Per: time.Hour, Burst: 10},
		"search/ip":   {Count: 15, Per: time.Hour, Burst: 15},
		"booking":     {Count: 3, Per: time.Hour, Burst: 3},
		"quick":       {Count: 20, Per: time.Second, Burst: 2},
		"generous":    {Count: 1_000_000, Per: time.Second, Burst: 1_000_000},
		"unlimited":   {Count: 50_000_000, Per: time.Second, Burst: 1},
		"generous/ip": {Count: 1_000_000, Per: time.Second, Burst: 1_000_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	sessions := NewSessions(c, week, month, clock.now)
	return house{clock, sessions, limiter, NewGate(sessions, limiter), NewCache(c), NewCodes(c)}
}

func (h house) add(t testing.TB, owner, id, value string) {
	t.Helper()
	if err := h.sessions.Add(context.Background(), owner, id, []byte(value)); err != nil {
		t.Fatal(err)
	}
}

// find enters without a limit.
func (h house) find(t testing.TB, owner, id string) (string, bool) {
	t.Helper()
	value, found, wait, err := h.gate.Enter(context.Background(), owner, id, "", "")
	if err != nil || wait != 0 {
		t.Fatalf("wait %v, %v", wait, err)
	}
	return string(value), found
}

func (h house) list(t testing.TB, owner string) map[string][]byte {
	t.Helper()
	live, err := h.sessions.List(context.Background(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// useEverything calls every method once and gives the first error.
func (h house) useEverything(ctx context.Context, owner string) error {
	_, _, _, err1 := h.gate.Enter(ctx, owner, "id", "generous", "10.0.0.1")
	_, err2 := h.limiter.Allow(ctx, "generous", owner)
	_, err3 := h.sessions.List(ctx, owner)
	_, err4 := h.sessions.End(ctx, owner, "id")
	_, err5 := h.sessions.EndAll(ctx, owner, "")
	_, _, err6 := h.cache.Get(ctx, "k")
	_, err7 := h.codes.Find(ctx, "k")
	_, err8 := h.codes.Add(ctx, "k", "v", time.Minute)
	return errors.Join(err1, err2, err3, err4, err5, err6, err7, h.sessions.Add(ctx, owner, "id", nil),
		h.cache.Set(ctx, "k", "v", time.Minute), h.cache.DeleteIf(ctx, "k", "v"), h.codes.Drop(ctx, "k", "v"), err8)
}

func TestOpenRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"no mode":           {Addrs: []string{"a:1"}},
		"unknown mode":      {Mode: "ring", Addrs: []string{"a:1"}},
		"no address":        {Mode: Single},
		"two addresses":     {Mode: Single, Addrs: []string{"a:1", "b:1"}},
		"no master's name":  {Mode: Sentinel, Addrs: []string{"a:1"}},
		"cluster with a DB": {Mode: Cluster, Addrs: []string{"a:1"}, DB: 1},
		"braces":            {Mode: Embedded, Prefix: "{jmk}:"},
	} {
		if _, err := Open(t.Context(), o); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestEverythingWorks(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		if err := c.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := build(t, c).useEverything(t.Context(), "ann"); err != nil {
			t.Error(err)
		}
	})
}

func TestSharedServerByPrefix(t *testing.T) {
	addr, prefix := redistest.Shared(t)
	one := build(t, mustOpen(t, Options{Mode: Single, Addrs: []string{addr}, Prefix: prefix + "1:"}))
	two := build(t, mustOpen(t, Options{Mode: Single, Addrs: []string{addr}, Prefix: prefix + "2:"}))
	one.add(t, "ann", "s", "x")
	if _, found := two.find(t, "ann", "s"); found {
		t.Error("prefixes do not separate")
	}
}

func TestSentinel(t *testing.T) {
	master := redistest.Start(t)
	sentinel := redistest.StartSentinel(t, "house", master)
	h := build(t, mustOpen(t, Options{Mode: Sentinel, Addrs: []string{sentinel.Addr}, MasterName: "house", Prefix: "jmk:"}))
	if err := h.useEverything(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
	h.add(t, "ann", "s", "x")
	master.Stop()
	failFast(t, h)
	master.Restart()
	if err := h.useEverything(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
}

// A flush, with the scripts too: people log in again, and nothing else happens.
func TestFlush(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		flush(t, c)
		if _, found := h.find(t, "ann", "s"); found || len(h.list(t, "ann")) != 0 {
			t.Error("a session survived")
		}
		flush(t, c)
		if err := h.useEverything(t.Context(), "ann"); err != nil {
			t.Error(err)
		}
	})
}

// Every call finds the scripts gone, in a pipeline where one of the two is known and where none is.
func TestUnknownScripts(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		for _, warm := range []bool{false, true} {
			if err := c.conn.ScriptFlush(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			if warm {
				if _, err := h.limiter.Allow(t.Context(), "generous", "bob"); err != nil {
					t.Fatal(err)
				}
			}
			value, found, wait, err := h.gate.Enter(t.Context(), "ann", "s", "search", "10.0.0.1")
			if err != nil || !found || wait != 0 || string(value) != "x" {
				t.Errorf("warm %v: %q %v %v %v", warm, value, found, wait, err)
			}
		}
	})
}

func TestOpensWithoutRedis(t *testing.T) {
	s := redistest.Start(t)
	s.Stop()
	c := mustOpen(t, Options{Mode: Single, Addrs: []string{s.Addr}})
	if err := c.Ping(t.Context()); err == nil {
		t.Error("pinged nobody")
	}
	s.Restart()
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("after the start: %v", err)
	}
}

// Redis is killed under load and comes back: errors come fast, and the service is back at once. More requests fail than
// the pool has places, which is where go-redis would only look once a second.
func TestDownAndBack(t *testing.T) {
	for mode, start := range map[string]func(testing.TB) *redistest.Server{
		Single:  func(t testing.TB) *redistest.Server { return redistest.Start(t) },
		Cluster: redistest.StartCluster,
	} {
		t.Run(mode, func(t *testing.T) {
			s := start(t)
			h := build(t, mustOpen(t, Options{Mode: mode, Addrs: []string{s.Addr}, PoolSize: 8}))
			h.add(t, "ann", "s", "x")
			s.Stop()
			failFast(t, h)
			s.Restart()
			returned := time.Now()
			for {
				_, _, _, err := h.gate.Enter(t.Context(), "ann", "s", "generous", "10.0.0.1")
				if err == nil {
					t.Logf("back after %v", time.Since(returned))
					return
				}
				if time.Since(returned) > time.Second {
					t.Fatalf("not back after %v: %v", time.Since(returned), err)
				}
			}
		})
	}
}

func failFast(t *testing.T, h house) {
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			began := time.Now()
			_, found, _, err := h.gate.Enter(t.Context(), "ann", "s", "generous", "10.0.0.1")
			if took := time.Since(began); err == nil || found || took > 1700*time.Millisecond {
				t.Errorf("found %v, %v after %v", found, err, took)
			}
		})
	}
	all.Wait()
	if err := h.useEverything(t.Context(), "ann"); err == nil {
		t.Error("no error")
	}
}

// A Redis that takes connections and says nothing: frozen, or behind a network that swallows.
func TestSilentRedis(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	h := build(t, mustOpen(t, Options{Mode: Single, Addrs: []string{listener.Addr().String()}, PoolSize: 8}))
	allGiveUp(t, h)
}

func allGiveUp(t *testing.T, h house) {
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			began := time.Now()
			if err := h.sessions.Add(t.Context(), "ann", "s", nil); err == nil || time.Since(began) > 1900*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	}
	all.Wait()
}

// Redis stops in the middle, for longer than anyone waits, and goes on.
func TestFrozenRedis(t *testing.T) {
	s := redistest.Start(t)
	h := build(t, mustOpen(t, Options{Mode: Single, Addrs: []string{s.Addr}}))
	h.add(t, "ann", "s", "x")
	freezer, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer freezer.Close()
	if _, err := io.WriteString(freezer, "DEBUG SLEEP 2.5\r\n"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	allGiveUp(t, h)
	if _, err := io.ReadFull(freezer, make([]byte, len("+OK\r\n"))); err != nil {
		t.Fatal(err)
	}
	if _, found := h.find(t, "ann", "s"); !found {
		t.Error("not found afterwards")
	}
}

// A caller that gives up is not kept waiting, and the connection is not left with an answer for the next one.
func TestCallerGivesUp(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, _, err := h.gate.Enter(ctx, "ann", "s", "search", "10.0.0.1"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if value, found := h.find(t, "ann", "s"); !found || value != "x" {
			t.Errorf("afterwards: %q %v", value, found)
		}
	})
}

func TestTLS(t *testing.T) {
	s := redistest.Start(t)
	front := httptest.NewTLSServer(nil)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	config := &tls.Config{Certificates: front.TLS.Certificates, MinVersion: tls.VersionTLS12}
	front.Close()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", roots)
	addr := tlsInFront(t, config, s.Addr)
	if err := mustOpen(t, Options{Mode: Single, Addrs: []string{addr}, TLS: true}).Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := mustOpen(t, Options{Mode: Single, Addrs: []string{addr}}).Ping(t.Context()); err == nil {
		t.Error("pinged without TLS")
	}
}

func tlsInFront(t *testing.T, config *tls.Config, behind string) string {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { forward(conn, behind) })
		}
	})
	return listener.Addr().String()
}

func forward(front net.Conn, behind string) {
	defer front.Close()
	back, err := net.Dial("tcp", behind)
	if err != nil {
		return
	}
	defer back.Close()
	var answering sync.WaitGroup
	answering.Go(func() { _, _ = io.Copy(front, back) })
	_, _ = io.Copy(back, front)
	_ = back.Close()
	answering.Wait()
}

// recorder sees what goes over the wire.
type recorder struct {
	mu    sync.Mutex
	trips [][]goredis.Cmder
}

func (r *recorder) DialHook(next goredis.DialHook) goredis.DialHook { return next }
func (r *recorder) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		r.record([]goredis.Cmder{cmd})
		return next(ctx, cmd)
	}
}
func (r *recorder) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		r.record(cmds)
		return next(ctx, cmds)
	}
}

func (r *recorder) record(cmds []goredis.Cmder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trips = append(r.trips, cmds)
}

func TestEnterIsOneRoundTrip(t *testing.T) {
	onEvery(t, func(t *testing.T, c *Client) {
		h := build(t, c)
		h.add(t, "ann", "s", "x")
		for range 2 {
			if _, _, _, err := h.gate.Enter(t.Context(), "ann", "s", "search", "10.0.0.1"); err != nil {
				t.Fatal(err)
			}
		}
		wire := &recorder{}
		c.conn.AddHook(wire)
		if _, _, _, err := h.gate.Enter(t.Context(), "ann", "s", "search", "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
		if len(wire.trips) != 1 || len(wire.trips[0]) != 2 {
			t.Errorf("went %v", wire.trips)
		}
	})
}

// All keys of one call lie in one slot, whatever the owner is called; the cluster itself is asked which slot.
func TestKeysOfACallShareASlot(t *testing.T) {
	addr, prefix := redistest.SharedCluster(t)
	c := mustOpen(t, Options{Mode: Cluster, Addrs: []string{addr}, Prefix: prefix})
	h := build(t, c)
	wire := &recorder{}
	c.conn.AddHook(wire)
	owners := []string{"01J9Z3K4M5N6P7Q8R9S0T1V2W3", "", "}", "{", "{}", "}{", "a}b", "%7D", "李", "::1", strings.Repeat("x", 1000)}
	for _, owner := range owners {
		if err := h.useEverything(t.Context(), owner); err != nil {
			t.Errorf("%q: %v", owner, err)
		}
	}
	checked := 0
	for _, keys := range scriptKeys(t, wire.trips) {
		want := c.conn.ClusterKeySlot(t.Context(), keys[0]).Val()
		for _, key := range keys {
			if got := c.conn.ClusterKeySlot(t.Context(), key).Val(); got != want || got != int64(slot(key)) {
				t.Errorf("%q lies in %d (computed %d), %q in %d", key, got, slot(key), keys[0], want)
			}
			checked++
		}
	}
	if checked < 5*len(owners) {
		t.Errorf("saw only %d keys", checked)
	}
}

func scriptKeys(t *testing.T, trips [][]goredis.Cmder) (calls [][]string) {
	for _, trip := range trips {
		for _, cmd := range trip {
			args := cmd.Args()
			if name := cmd.Name(); name != "evalsha" && name != "eval" {
				continue
			}
			count, ok := args[2].(int)
			if !ok {
				t.Fatalf("%v", args)
			}
			var keys []string
			for _, key := range args[3 : 3+count] {
				keys = append(keys, key.(string))
			}
			calls = append(calls, keys)
		}
	}
	return calls
}

// slot is the hash slot as the Redis Cluster specification computes it: CRC16-CCITT (XModem) of the hash tag.
func slot(key string) uint16 {
	if open := strings.IndexByte(key, '{'); open >= 0 {
		if length := strings.IndexByte(key[open+1:], '}'); length > 0 {
			key = key[open+1 : open+1+length]
		}
	}
	var crc uint16
	for _, b := range []byte(key) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc % 16384
}

func TestDifferentNamesHaveDifferentKeys(t *testing.T) {
	c := &Client{prefix: "jmk:"}
	seen := map[string]string{}
	for _, who := range []string{"", "%", "%25", "{", "%7B", "}", "a", "a}", "{a}"} {
		key := c.key("session", who)
		if other, taken := seen[key]; taken {
			t.Errorf("%q and %q are both %s", who, other, key)
		}
		seen[key] = who
	}
}

func TestPassword(t *testing.T) {
	s := redistest.Start(t)
	o := Options{Mode: Single, Addrs: []string{s.Addr}}
	if err := mustOpen(t, o).conn.ConfigSet(t.Context(), "requirepass", "p4ssw0rd").Err(); err != nil {
		t.Fatal(err)
	}
	o.Password = "p4ssw0rd"
	if err := mustOpen(t, o).Ping(t.Context()); err != nil {
		t.Error(err)
	}
	o.Password = "wr0ng"
	if err := mustOpen(t, o).Ping(t.Context()); err == nil || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("got %v", err)
	}
}
