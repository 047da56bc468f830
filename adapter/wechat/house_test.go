package wechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"jiamenkou/adapter/wechat/fake"
)

const (
	testAppID     = "wxba5fad812f8e6fb9"
	testSecret    = "canary-AppSecret-93b1"
	testPushToken = "canary-PushToken-77ad"
	testAESKey    = "canaryAESKeyabcdefghijklmnopqrstuvwxyz01234"
	person        = "oPERSON-000000000000000000001"
	template      = "TEMPLATE-1"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// ledger gathers every log line of every test, and every secret that was in play; TestMain compares them.
type ledger struct {
	mu      sync.Mutex
	lines   bytes.Buffer
	secrets []string
}

func (l *ledger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *ledger) add(secrets ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = append(l.secrets, secrets...)
}

func (l *ledger) leaks() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for _, secret := range l.secrets {
		if strings.Contains(l.lines.String(), secret) {
			found = append(found, secret)
		}
	}
	return found
}

var wholeRun = &ledger{}

func TestMain(m *testing.M) {
	status := m.Run()
	if leaks := wholeRun.leaks(); len(leaks) > 0 {
		fmt.Fprintln(os.Stderr, "FAIL: the log of the whole run holds secrets:", leaks)
		status = 1
	}
	os.Exit(status)
}

// house is a client, the fake behind it and the clock of both.
type house struct {
	*Client
	fake  *fake.Server
	clock *clock
	cache *memoryCache
	url   string
	log   *ledger
}

func open(t *testing.T, change ...func(*Options, *fake.Options)) *house {
	t.Helper()
	h := &house{clock: &clock{at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}, log: &ledger{}}
	h.cache = &memoryCache{now: h.clock.Now, values: map[string]cached{}}
	fo := fake.Options{
		AppID: testAppID, AppSecret: testSecret, PushToken: testPushToken, PushAESKey: testAESKey, Now: h.clock.Now,
	}
	o := Options{
		AppID: testAppID, AppSecret: testSecret, PushToken: testPushToken, PushAESKey: testAESKey, Now: h.clock.Now,
		Cache: h.cache, Logger: slog.New(slog.NewJSONHandler(io.MultiWriter(h.log, wholeRun), nil)),
	}
	for _, c := range change {
		c(&o, &fo)
	}
	h.fake = fake.New(fo)
	server := httptest.NewServer(h.fake)
	o.BaseURL, h.url = server.URL, server.URL
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h.Client = client
	t.Cleanup(func() {
		h.Close()
		h.fake.Close()
		server.Close()
		wholeRun.add(h.secrets()...)
	})
	return h
}

func (h *house) secrets() []string {
	return append(h.fake.Secrets(), testSecret, testPushToken, testAESKey)
}

func quick(o *Options, _ *fake.Options) { o.Timeout = 300 * time.Millisecond }

// arrivals counts the calls that reached the fake.
func (h *house) arrivals(path string) int { return len(h.fake.CallsTo(path)) }

// errand is one of the client's calls in its simplest successful form.
type errand struct {
	name, path string
	run        func(context.Context, *house) error
}

func errands() []errand {
	return []errand{
		{callLogin, fake.PathLogin, func(ctx context.Context, h *house) error {
			_, _, err := h.Login(ctx, h.fake.IssueLoginCode(person))
			return err
		}},
		{callToken, fake.PathToken, func(ctx context.Context, h *house) error { return h.Reachable(ctx) }},
		{callPhone, fake.PathPhone, func(ctx context.Context, h *house) error {
			_, err := h.Phone(ctx, h.fake.IssuePhoneCode("13800138000"))
			return err
		}},
		{callSend, fake.PathSend, func(ctx context.Context, h *house) error {
			h.fake.Consent(person, template, 1)
			return h.Send(ctx, person, template, "pages/me", map[string]string{"thing1": "宝宝屋"})
		}},
		{callCheckText, fake.PathCheckText, func(ctx context.Context, h *house) error {
			h.fake.Visit(person)
			_, err := h.CheckText(ctx, person, 2, "好")
			return err
		}},
		{callCheckMedia, fake.PathCheckMedia, func(ctx context.Context, h *house) error {
			h.fake.Visit(person)
			_, err := h.CheckMedia(ctx, person, 2, "https://example.org/a.jpg", "image")
			return err
		}},
		{callQRCode, fake.PathQRCode, func(ctx context.Context, h *house) error {
			_, err := h.QRCode(ctx, "s=1", "pages/site")
			return err
		}},
	}
}

// failed asserts that err is an *Error and returns it.
func failed(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("want a *wechat.Error, got %v", err)
	}
	return e
}

// classes names the predicates that hold, in one fixed order.
func classes(e *Error) string {
	var held []string
	for _, c := range []struct {
		name string
		is   bool
	}{
		{"rejected", e.Rejected()}, {"high-risk", e.HighRisk()}, {"too-often", e.TooOften()},
		{"misconfigured", e.Misconfigured()}, {"temporary", e.Temporary()}, {"no-consent", e.NoConsent()},
		{"invalid", e.Invalid()}, {"not-visited", e.NotVisited()},
	} {
		if c.is {
			held = append(held, c.name)
		}
	}
	return strings.Join(held, " ")
}

type cached struct {
	value string
	until time.Time
}

// memoryCache is a TokenCache that can be down, slow, or forgetful of ends.
type memoryCache struct {
	now func() time.Time

	mu      sync.Mutex
	values  map[string]cached
	down    error
	hang    bool
	endless bool
	sets    []time.Duration
}

func (m *memoryCache) trouble(ctx context.Context) error {
	m.mu.Lock()
	down, hang := m.down, m.hang
	m.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return down
}

func (m *memoryCache) Get(ctx context.Context, key string) (string, time.Duration, error) {
	if err := m.trouble(ctx); err != nil {
		return "", 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.values[key]
	if m.endless {
		return found.value, -1, nil
	}
	if !m.now().Before(found.until) {
		return "", 0, nil
	}
	return found.value, found.until.Sub(m.now()), nil
}

func (m *memoryCache) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	if err := m.trouble(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = cached{value, m.now().Add(ttl)}
	m.sets = append(m.sets, ttl)
	return nil
}

func (m *memoryCache) DeleteIf(ctx context.Context, key, value string) error {
	if err := m.trouble(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[key].value == value {
		delete(m.values, key)
	}
	return nil
}

func (m *memoryCache) put(value string, left time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values["wechat:token:"+testAppID] = cached{value, m.now().Add(left)}
}

func (m *memoryCache) value() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values["wechat:token:"+testAppID].value
}

// deadServer is an address that nobody answers at.
func deadServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}
