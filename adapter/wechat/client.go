// Package wechat speaks to WeChat for the mini-program: login, phone number, subscription messages, content checks,
// QR codes and the pushes WeChat sends back.
//
// Calls go through the SDK (silenceper/wechat v2), with one twist: the SDK never sees a secret. Where it expects the
// AppSecret or an access token it is handed a ticket, good for one call, and the transport swaps the ticket for the real
// thing on the way out. So no URL and no error of the SDK can leak one, every call obeys its context, time limit and
// body limit, and several Clients share the SDK's process-wide HTTP client without knowing of each other.
package wechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	officialURL    = "https://api.weixin.qq.com"
	defaultTimeout = 5 * time.Second
	defaultMaxBody = 2 << 20
)

// TokenCache shares the access token between replicas. Losing it costs one more token fetch, never a failed call.
type TokenCache interface {
	// Get returns the value and the time it may still be used; an empty value means absent.
	Get(ctx context.Context, key string) (value string, remaining time.Duration, err error)
	// Set stores value for ttl.
	Set(ctx context.Context, key, value string, ttl time.Duration) error
	// DeleteIf removes key only while it still holds value.
	DeleteIf(ctx context.Context, key, value string) error
}

// Options are the settings of a Client. AppID and AppSecret are required.
type Options struct {
	AppID, AppSecret string
	// PushToken and PushAESKey open WeChat's pushes; without them every push is refused.
	PushToken, PushAESKey string
	// BaseURL replaces https://api.weixin.qq.com. Plain http is taken only on loopback or with OnlyFake.
	BaseURL string
	// Timeout bounds one call, its token fetch and its one retry included. Default 5 s.
	Timeout time.Duration
	// MaxBody bounds an answer and a push, in bytes. Default 2 MiB.
	MaxBody int64
	// OnlyFake is the demo mode: BaseURL is required, may not be Tencent's, and no other address is ever dialled.
	OnlyFake bool
	// MiniProgramState is "formal" (default), "trial" or "developer": which client messages and QR codes open.
	MiniProgramState string
	// Cache may be nil: then the token lives in this process only.
	Cache  TokenCache
	Logger *slog.Logger
	Now    func() time.Time
}

// Client is safe for concurrent use.
type Client struct {
	appID, appSecret string
	state            string
	base             *url.URL
	timeout          time.Duration
	maxBody          int64
	wire             *http.Transport
	tokens           *tokenSource
	push             pushKeys
	redact           redactor
	log              *slog.Logger
	now              func() time.Time
}

// New checks the settings and makes a Client. The first New of a process also gives the SDK its HTTP client for good.
func New(o Options) (*Client, error) {
	o = withDefaults(o)
	base, err := baseOf(o)
	if err != nil {
		return nil, err
	}
	push, err := newPushKeys(o.PushToken, o.PushAESKey)
	if err := errors.Join(err, checkOptions(o)); err != nil {
		return nil, err
	}
	install()
	c := &Client{
		appID: o.AppID, appSecret: o.AppSecret, state: o.MiniProgramState, base: base, timeout: o.Timeout,
		maxBody: o.MaxBody, wire: newWire(base, o.OnlyFake), push: push, log: o.Logger, now: o.Now,
		redact: newRedactor(o.AppSecret, o.PushToken, o.PushAESKey),
	}
	c.tokens = newTokenSource(c, o.Cache)
	return c, nil
}

// Close lets go of idle connections. Calls under way are not disturbed.
func (c *Client) Close() { c.wire.CloseIdleConnections() }

// Reachable fetches an access token from WeChat itself, past all caches: it proves network, AppID and AppSecret.
func (c *Client) Reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, _, err := c.fetchToken(ctx)
	return err
}

func withDefaults(o Options) Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.MiniProgramState == "" {
		o.MiniProgramState = "formal"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// appIDShape guards the SDK's URLs, into which the AppID goes unescaped.
var appIDShape = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

func checkOptions(o Options) error {
	var problems []error
	if !appIDShape.MatchString(o.AppID) {
		problems = append(problems, errors.New("wechat: AppID is missing or malformed"))
	}
	if o.AppSecret == "" {
		problems = append(problems, errors.New("wechat: AppSecret is missing"))
	}
	if _, known := codeVersions[o.MiniProgramState]; !known {
		problems = append(problems, errors.New("wechat: MiniProgramState must be formal, trial or developer"))
	}
	return errors.Join(problems...)
}

func baseOf(o Options) (*url.URL, error) {
	if o.BaseURL == "" && o.OnlyFake {
		return nil, errors.New("wechat: OnlyFake needs a BaseURL")
	}
	if o.BaseURL == "" {
		o.BaseURL = officialURL
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" {
		return nil, errors.New("wechat: BaseURL must be scheme://host[/path] and nothing more")
	}
	if base.Path == "" {
		base.Path = "/" // else JoinPath makes relative paths
	}
	return base, checkBase(base, o.OnlyFake)
}

func checkBase(base *url.URL, onlyFake bool) error {
	host := strings.ToLower(base.Hostname())
	switch {
	case onlyFake && (host == "qq.com" || strings.HasSuffix(strings.TrimSuffix(host, "."), ".qq.com")):
		return fmt.Errorf("wechat: OnlyFake refuses %s", host)
	case base.Scheme == "https":
		return nil
	case base.Scheme == "http" && (onlyFake || isLoopback(host)):
		return nil
	}
	return errors.New("wechat: BaseURL must be https, the AppSecret travels on it")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
