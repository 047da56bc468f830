package wechat

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"jiamenkou/adapter/wechat/fake"
)

func (h *house) check(t *testing.T) {
	t.Helper()
	h.fake.Visit(person)
	if suggest, err := h.CheckText(t.Context(), person, 1, "好"); suggest != "pass" || err != nil {
		t.Fatalf("got %q %v", suggest, err)
	}
}

// lastToken is the access token of the newest call to the text check.
func (h *house) lastToken() string {
	made := h.fake.CallsTo(fake.PathCheckText)
	return made[len(made)-1].Query.Get("access_token")
}

func TestTokenIsFetchedOnceForManyCallers(t *testing.T) {
	h := open(t)
	h.fake.Visit(person)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if _, err := h.CheckText(t.Context(), person, 1, "好"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if h.arrivals(fake.PathToken) != 1 || h.arrivals(fake.PathCheckText) != 64 {
		t.Errorf("%d fetches, %d checks", h.arrivals(fake.PathToken), h.arrivals(fake.PathCheckText))
	}
}

func TestTokenIsSharedBetweenReplicas(t *testing.T) {
	h := open(t)
	h.check(t)
	replica, err := New(Options{AppID: testAppID, AppSecret: testSecret, BaseURL: h.url, Cache: h.cache, Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	if _, err := replica.CheckText(t.Context(), person, 1, "好"); err != nil {
		t.Error(err)
	}
	if h.arrivals(fake.PathToken) != 1 {
		t.Error("the replica fetched a token of its own")
	}
}

func TestTokenLivesAsLongAsWeChatSays(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   time.Duration
	}{
		{`{"access_token":"canary-t","expires_in":7200}`, 115 * time.Minute},
		{`{"access_token":"canary-t","expires_in":"7200"}`, 115 * time.Minute},
		{`{"access_token":"canary-t","expires_in":601}`, 301 * time.Second},
		{`{"access_token":"canary-t","expires_in":600}`, 300 * time.Second},
		{`{"access_token":"canary-t","expires_in":300}`, 150 * time.Second},
		{`{"access_token":"canary-t","expires_in":1}`, 500 * time.Millisecond},
		{`{"access_token":"canary-t","expires_in":0}`, 0},
		{`{"access_token":"canary-t","expires_in":-5}`, 0},
	} {
		h := open(t)
		h.fake.Fail(fake.PathToken, fake.Fault{Body: c.answer}, -1)
		if token, err := h.tokens.get(t.Context()); token != "canary-t" || err != nil {
			t.Fatalf("%s: %q %v", c.answer, token, err)
		}
		held, _ := h.tokens.held()
		if left := h.tokens.until.Sub(h.clock.Now()); left != c.want || (held == "") != (c.want == 0) {
			t.Errorf("%s: kept for %s", c.answer, left)
		}
		if c.want == 0 && len(h.cache.sets) != 0 || c.want > 0 && h.cache.sets[0] != c.want {
			t.Errorf("%s: shared for %v", c.answer, h.cache.sets)
		}
		h.clock.pass(c.want)
		if held, _ := h.tokens.held(); held != "" {
			t.Errorf("%s: kept beyond its time", c.answer)
		}
	}
}

func TestTokenAnswersThatAreNone(t *testing.T) {
	h := open(t)
	for _, body := range []string{`{}`, `{"access_token":"","expires_in":7200}`, `{"access_token":"x"}`, `[]`,
		`{"access_token":"x","expires_in":"soon"}`, `{"access_token":"x","expires_in":1e99}`, `{"access_token":7,"expires_in":1}`} {
		h.fake.Fail(fake.PathToken, fake.Fault{Body: body}, 1)
		if token, err := h.tokens.get(t.Context()); token != "" || !failed(t, err).Temporary() {
			t.Errorf("%s: %q %v", body, token, err)
		}
	}
}

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	h := open(t)
	h.check(t)
	first := h.lastToken()
	h.clock.pass(115*time.Minute - time.Second)
	h.check(t)
	if h.lastToken() != first || h.arrivals(fake.PathToken) != 1 {
		t.Error("renewed too early")
	}
	// At exactly 300 s WeChat still hands out the old one; it is used for half of what remains.
	h.clock.pass(time.Second)
	h.check(t)
	if h.lastToken() != first || h.arrivals(fake.PathToken) != 2 {
		t.Error("at 300 s the old token is still the right one")
	}
	h.clock.pass(150 * time.Second)
	h.check(t)
	if h.lastToken() == first || h.arrivals(fake.PathToken) != 3 {
		t.Error("not renewed in time")
	}
}

func TestTokenSurvivesTheCacheBeingDown(t *testing.T) {
	h := open(t)
	h.cache.down = errors.New("dial tcp: connection refused")
	for range 3 {
		h.check(t)
	}
	if h.arrivals(fake.PathToken) != 1 {
		t.Error("the copy in the process was not used")
	}
	h.fake.RevokeToken()
	h.check(t)
	if h.arrivals(fake.PathToken) != 2 {
		t.Error("no new token without the cache")
	}
}

func TestTokenSurvivesAHangingCache(t *testing.T) {
	h := open(t)
	h.cache.hang = true
	h.check(t)
	h.check(t)
}

func TestTokenWithoutAnyCache(t *testing.T) {
	h := open(t, func(o *Options, _ *fake.Options) { o.Cache = nil })
	h.check(t)
	h.fake.RevokeToken()
	h.check(t)
	if h.arrivals(fake.PathToken) != 2 {
		t.Error("want two fetches")
	}
}

func TestBadTokenIsReplacedAndTheCallRetriedOnce(t *testing.T) {
	for _, errcode := range []int{40001, 40014, 42001} {
		for _, e := range errands() {
			if e.path == fake.PathLogin || e.path == fake.PathToken {
				continue
			}
			h := open(t)
			h.check(t)
			before := h.arrivals(e.path)
			h.fake.RevokeToken()
			h.fake.Fail(e.path, fake.Fault{Errcode: errcode}, 1)
			if err := e.run(t.Context(), h); err != nil {
				t.Errorf("%s %d: %v", e.name, errcode, err)
			}
			if h.arrivals(e.path)-before != 2 || h.arrivals(fake.PathToken) != 2 {
				t.Errorf("%s %d: %d calls, %d fetches", e.name, errcode, h.arrivals(e.path)-before, h.arrivals(fake.PathToken))
			}
			h.fake.Fail(e.path, fake.Fault{Errcode: errcode}, -1)
			err := e.run(t.Context(), h)
			if f := failed(t, err); !f.Temporary() || f.Misconfigured() || h.arrivals(e.path)-before != 4 {
				t.Errorf("%s %d: %d calls, %v", e.name, errcode, h.arrivals(e.path)-before, f)
			}
		}
	}
}

func TestOtherErrorsAreNotRetried(t *testing.T) {
	h := open(t)
	for _, f := range []fake.Fault{{Errcode: -1}, {Errcode: 45009}, {Status: 502}, {CutBody: true}} {
		for _, e := range errands() {
			before := h.arrivals(e.path)
			if e.path == fake.PathToken {
				continue
			}
			h.fake.Fail(e.path, f, 1)
			if err := e.run(t.Context(), h); err == nil || h.arrivals(e.path)-before != 1 {
				t.Errorf("%s %+v: %d calls, %v", e.name, f, h.arrivals(e.path)-before, err)
			}
		}
	}
}

func TestAFailingTokenFetchIsNotRetried(t *testing.T) {
	h := open(t)
	h.fake.Fail(fake.PathToken, fake.Fault{Errcode: 40001}, -1)
	_, err := h.Phone(t.Context(), "code")
	if e := failed(t, err); e.Call != callToken || !e.Misconfigured() || e.Temporary() {
		t.Error(e)
	}
	if h.arrivals(fake.PathToken) != 1 || h.arrivals(fake.PathPhone) != 0 {
		t.Error("tried again")
	}
}

func TestBadTokenIsDroppedOnlyIfStillTheCachedOne(t *testing.T) {
	h := open(t)
	h.check(t)
	old := h.lastToken()
	h.fake.RevokeToken()
	// Another replica has already replaced it.
	replacement, life, err := h.fetchToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.cache.put(replacement, life)
	fetches := h.arrivals(fake.PathToken)
	h.check(t)
	if h.lastToken() != replacement || h.cache.value() != replacement || h.arrivals(fake.PathToken) != fetches {
		t.Error("the other replica's token was thrown away")
	}
	// A straggler comes back with the old one.
	h.tokens.drop(t.Context(), old)
	if held, _ := h.tokens.held(); held != replacement || h.cache.value() != replacement {
		t.Error("a straggler threw the new token away")
	}
	h.tokens.drop(t.Context(), replacement)
	if held, _ := h.tokens.held(); held != "" || h.cache.value() != "" {
		t.Error("the bad token is still there")
	}
}

func TestACacheThatCouldNotForgetIsNotBelieved(t *testing.T) {
	h := open(t)
	h.check(t)
	old := h.lastToken()
	h.fake.RevokeToken()
	h.cache.down = errors.New("down")
	h.tokens.drop(t.Context(), old)
	h.cache.down = nil
	if h.cache.value() != old {
		t.Fatal("the test needs the bad token in the cache")
	}
	h.check(t)
	if h.lastToken() == old || h.arrivals(fake.PathCheckText) != 2 || h.cache.value() == old {
		t.Error("the bad token came back from the cache")
	}
}

func TestACachedTokenWithoutAnEndIsNotBelieved(t *testing.T) {
	h := open(t)
	h.cache.put("canary-endless", time.Hour)
	h.cache.endless = true
	h.check(t)
	if h.lastToken() == "canary-endless" || h.arrivals(fake.PathCheckText) != 1 {
		t.Error("believed")
	}
}

func TestOneCallersEndIsNotTheOthers(t *testing.T) {
	h := open(t)
	h.fake.Visit(person)
	h.fake.Fail(fake.PathToken, fake.Fault{Hang: true}, 1)
	hasty, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := h.CheckText(hasty, person, 1, "好")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}

	h = open(t)
	h.cache.hang = true // makes the renewal take its time
	hasty, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := h.tokens.get(hasty); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hasty: %v", err)
		}
	})
	both.Go(func() {
		time.Sleep(10 * time.Millisecond)
		if token, err := h.tokens.get(t.Context()); token == "" || err != nil {
			t.Errorf("patient: %v", err)
		}
	})
	both.Wait()
	if h.arrivals(fake.PathToken) != 1 {
		t.Errorf("%d fetches", h.arrivals(fake.PathToken))
	}
}
