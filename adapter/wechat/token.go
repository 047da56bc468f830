package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	callToken = "token"
	pathToken = "/cgi-bin/stable_token"
	// WeChat hands out the successor in a token's last five minutes, and both are good meanwhile.
	renewBefore = 5 * time.Minute
	// cachePatience bounds one look into the shared cache, so that a hanging one costs little of a call's time.
	cachePatience = 500 * time.Millisecond
)

// tokenSource keeps the access token: in this process, behind it in the shared cache, behind that at WeChat. Stable
// tokens need no lock between replicas: two that fetch at once get the same token.
type tokenSource struct {
	key     string
	cache   TokenCache
	fetch   func(context.Context) (token string, life time.Duration, err error)
	timeout time.Duration
	now     func() time.Time
	log     *slog.Logger
	redact  redactor
	flight  singleflight.Group

	mu    sync.Mutex
	token string
	until time.Time
	// bad is the last token WeChat refused: a cache that could not be told of it must not bring it back.
	bad string
}

func newTokenSource(c *Client, cache TokenCache) *tokenSource {
	return &tokenSource{
		key: "wechat:token:" + c.appID, cache: cache, fetch: c.fetchToken,
		timeout: c.timeout, now: c.now, log: c.log, redact: c.redact,
	}
}

// get returns a usable token. Callers that find none share one renewal, which outlives whoever gives up waiting.
func (s *tokenSource) get(ctx context.Context) (string, error) {
	if token, _ := s.held(); token != "" {
		return token, nil
	}
	renewed := s.flight.DoChan(s.key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
		defer cancel()
		return s.renew(ctx)
	})
	select {
	case <-ctx.Done():
		return "", &Error{Call: callToken, Message: ctx.Err().Error(), nature: temporary, cause: ctx.Err()}
	case result := <-renewed:
		token, _ := result.Val.(string)
		return token, result.Err
	}
}

// drop forgets a token that WeChat refused, here and in the shared cache, unless a newer one has taken its place.
func (s *tokenSource) drop(ctx context.Context, token string) {
	s.mu.Lock()
	s.bad = token
	if s.token == token {
		s.token = ""
	}
	s.mu.Unlock()
	if s.cache == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	s.warn(ctx, "delete", token, s.cache.DeleteIf(ctx, s.key, token))
}

func (s *tokenSource) held() (token, bad string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.now().Before(s.until) {
		s.token = ""
	}
	return s.token, s.bad
}

func (s *tokenSource) renew(ctx context.Context) (string, error) {
	if token, _ := s.held(); token != "" {
		return token, nil
	}
	if token, left := s.cached(ctx); token != "" {
		s.keep(token, left)
		return token, nil
	}
	token, life, err := s.fetch(ctx)
	if err != nil {
		return "", err
	}
	s.keep(token, usable(life))
	s.share(ctx, token, usable(life))
	return token, nil
}

func (s *tokenSource) keep(token string, left time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.until = token, s.now().Add(left)
}

// cached looks into the shared cache; a value without an end is not trusted.
func (s *tokenSource) cached(ctx context.Context) (string, time.Duration) {
	if s.cache == nil {
		return "", 0
	}
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	token, left, err := s.cache.Get(ctx, s.key)
	s.warn(ctx, "get", token, err)
	if _, bad := s.held(); err != nil || left <= 0 || token == bad {
		return "", 0
	}
	return token, left
}

func (s *tokenSource) share(ctx context.Context, token string, left time.Duration) {
	if s.cache == nil || left <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	s.warn(ctx, "set", token, s.cache.Set(ctx, s.key, token, left))
}

func (s *tokenSource) warn(ctx context.Context, what, token string, err error) {
	if err != nil {
		s.log.WarnContext(ctx, "wechat token cache failed, going on without", "what", what,
			"reason", s.redact.clean(err.Error(), token))
	}
}

// usable is how long a token of this remaining life is used: until its successor can be had, or half of a short life.
func usable(life time.Duration) time.Duration {
	if life > 2*renewBefore {
		return life - renewBefore
	}
	return max(life/2, 0)
}

// fetchToken asks WeChat for the stable token and what remains of its life. It never forces a refresh: that is limited
// to 20 a day and breaks the other replicas' token.
func (c *Client) fetchToken(ctx context.Context) (string, time.Duration, error) {
	got := c.askToken(ctx)
	if err := c.judge(callToken, got); err != nil {
		return "", 0, err
	}
	var granted struct {
		Token   string `json:"access_token"`
		Expires scalar `json:"expires_in"`
	}
	err := json.Unmarshal(got.body, &granted)
	seconds, nan := strconv.ParseInt(string(granted.Expires), 10, 32)
	if err != nil || nan != nil || granted.Token == "" {
		return "", 0, c.fault(callToken, temporary, "the answer cannot be read")
	}
	return granted.Token, time.Duration(seconds) * time.Second, nil
}

func (c *Client) askToken(ctx context.Context) answer {
	body, err := json.Marshal(map[string]any{
		"grant_type": "client_credential", "appid": c.appID, "secret": c.appSecret, "force_refresh": false,
	})
	if err != nil {
		return answer{err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.aim(pathToken).String(), bytes.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	return c.exchange(req)
}
