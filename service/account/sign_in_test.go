package account_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/redis/redistest"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
)

// Sixteen devices of one person sign in for the first time at once: one account, one beginning, sixteen sessions.
func TestFirstSignInsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, residents := context.Background(), make([]string, 16)
		errs := modeltest.TogetherErrors(16, func(i int) error {
			token, who, err := h.SignIn(ctx, h.wechat.IssueLoginCode("oNewcomer"), "示例手机")
			residents[i] = who.ID
			if err == nil {
				_, err = h.Enter(ctx, token, "", "")
			}
			return err
		})
		h.must(errors.Join(errs...))
		for _, id := range residents {
			if id != residents[0] {
				t.Errorf("two accounts: %s and %s", id, residents[0])
			}
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM residents WHERE open_id_index IS NOT NULL"); n != 1 {
			t.Errorf("%d accounts", n)
		}
		if events, err := h.Store.ListEvents(ctx, residents[0]); err != nil || len(events) != 1 || events[0].ToState != "active" {
			t.Errorf("it began %v, %v", events, err)
		}
		if list, err := h.ListSessions(ctx, residents[0]); err != nil || len(list) != 16 {
			t.Errorf("%d sessions, %v", len(list), err)
		}
	})
}

func TestSignInFindsTheAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, first := h.signIn("oMother")
		_, again := h.signIn("oMother")
		_, other := h.signIn("oFather")
		if first != again || first == other {
			t.Errorf("accounts %s, %s and %s", first, again, other)
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM residents WHERE open_id_sealed LIKE '%oMother%'"); n != 0 {
			t.Error("the open id stands in plain text")
		}
	})
}

// The session store learns nothing a token could be made from.
func TestTokenIsNowhereStored(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, resident := h.signIn("oMother")
		secret := strings.TrimPrefix(token, resident+".")
		values, err := h.Sessions.List(context.Background(), resident)
		h.must(err)
		for id, value := range values {
			if strings.Contains(id+string(value), secret) || strings.Contains(token, id) {
				t.Error("the secret is stored")
			}
		}
		if len(values) != 1 || len(secret) != 43 {
			t.Errorf("%d sessions, a secret of %d characters", len(values), len(secret))
		}
	})
}

func TestSignInRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		used := h.wechat.IssueLoginCode("oMother")
		_, _, err := h.SignIn(ctx, used, "")
		h.must(err)
		expired := h.wechat.IssueLoginCode("oMother")
		h.clock.move(5 * time.Minute)
		for name, code := range map[string]string{
			"wrong": "0nonsense", "used": used, "expired": expired, "injected": h.wechat.IssueLoginCode("oMother") + "&js_code=x",
		} {
			if _, _, err := h.SignIn(ctx, code, ""); !errors.Is(err, account.ErrLoginCode) {
				t.Errorf("%s: %v", name, err)
			}
		}
		before := h.db.Count(t, "SELECT COUNT(*) FROM residents")
		for name, c := range map[string]struct {
			fault fake.Fault
			want  error
		}{
			"high risk":      {fake.Fault{Errcode: 40226}, account.ErrWeChatRefused},
			"WeChat is down": {fake.Fault{Status: 502}, account.ErrWeChatUnavailable},
			"half an answer": {fake.Fault{CutBody: true}, account.ErrWeChatUnavailable},
			"no answer":      {fake.Fault{Hang: true}, account.ErrWeChatUnavailable},
		} {
			h.wechat.Fail(fake.PathLogin, c.fault, -1)
			if _, _, err := h.SignIn(ctx, h.wechat.IssueLoginCode("oStranger"), ""); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
			h.wechat.Heal(fake.PathLogin)
		}
		if after := h.db.Count(t, "SELECT COUNT(*) FROM residents"); after != before {
			t.Errorf("%d accounts came of it", after-before)
		}
	})
}

func TestBlockedAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		token, resident := h.signIn("oMother")
		strangersToken, _ := h.signIn("oFather")
		staff := h.Store.NewID()
		h.must(h.Block(ctx, resident, "冒用他人身份", staff))
		h.must(h.Block(ctx, resident, "再停用一次", staff))
		_, err := h.Enter(ctx, token, "", "")
		h.want(err, account.ErrSessionEnded)
		_, err = h.Enter(ctx, strangersToken, "", "")
		h.want(err, nil)
		_, _, err = h.SignIn(ctx, h.wechat.IssueLoginCode("oMother"), "")
		h.want(err, model.ErrAccountBlocked)
		for what, try := range map[string]func() error{
			"reading the profile": func() error { _, err := h.Me(ctx, resident); return err },
			"typing a phone":      func() error { _, err := h.TypePhone(ctx, resident, "13800138000"); return err },
			"adding a child":      func() error { _, err := h.AddChild(ctx, resident, h.form("示例宝宝", 18)); return err },
		} {
			if err := try(); err == nil {
				t.Errorf("%s went on", what)
			}
		}
		events, err := h.Store.ListEvents(ctx, resident)
		h.must(err)
		if last := events[len(events)-1]; len(events) != 2 || last.Reason != "冒用他人身份" || last.ActorID != staff || last.Actor != model.ActorStaff {
			t.Errorf("the history is %+v", events)
		}
	})
}

// late is a session store that lets something happen just before a session is added.
type late struct {
	account.Sessions
	before func()
}

func (l late) Add(ctx context.Context, owner, id string, value []byte) error {
	l.before()
	return l.Sessions.Add(ctx, owner, id, value)
}

// Whoever is stopped, or leaves, in the very moment of signing in has no session afterwards.
func TestBlockedWhileSigningIn(t *testing.T) {
	for name, stop := range map[string]func(h *house, resident string) error{
		"blocked": func(h *house, resident string) error { return h.Block(context.Background(), resident, "冒用", "") },
		"closed":  func(h *house, resident string) error { return h.Close(context.Background(), resident) },
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h *house) {
				ctx := context.Background()
				_, resident := h.signIn("oMother")
				sessions := h.Sessions
				h.Sessions = late{sessions, func() { h.must(stop(h, resident)) }}
				token, _, err := h.SignIn(ctx, h.wechat.IssueLoginCode("oMother"), "")
				h.Sessions = sessions
				if err == nil || token != "" {
					t.Errorf("signed in: %v", err)
				}
				if list, err := h.ListSessions(ctx, resident); err != nil || len(list) != 0 {
					t.Errorf("%d sessions, %v", len(list), err)
				}
			})
		})
	}
}

// Without Redis nobody gets in or is let through, everybody is told the same, and it all comes back with Redis.
func TestRedisDown(t *testing.T) {
	server := redistest.Start(t)
	h := newHouse(t, modeltest.EmptyMariaDB(t), redis.Options{Mode: redis.Single, Addrs: []string{server.Addr}, DialTimeout: 100 * time.Millisecond, ReadTimeout: 300 * time.Millisecond})
	ctx := context.Background()
	token, resident := h.signIn("oMother")
	server.Stop()
	for what, try := range map[string]func() error{
		"sign in":      func() error { _, _, err := h.SignIn(ctx, h.wechat.IssueLoginCode("oMother"), ""); return err },
		"enter":        func() error { _, err := h.Enter(ctx, token, "read", "192.0.2.1"); return err },
		"admit":        func() error { return h.Admit(ctx, "read", "192.0.2.1") },
		"list":         func() error { _, err := h.ListSessions(ctx, resident); return err },
		"end one":      func() error { return h.EndSession(ctx, resident, "x") },
		"end all":      func() error { _, err := h.EndSessions(ctx, resident, ""); return err },
		"close":        func() error { return h.Close(ctx, resident) },
		"unknown code": func() error { _, _, err := h.SignIn(ctx, h.wechat.IssueLoginCode("oNobody"), ""); return err },
	} {
		if err := try(); !errors.Is(err, account.ErrSessionsDown) {
			t.Errorf("%s: %v", what, err)
		}
	}
	server.Restart()
	_, newcomer := h.signIn("oMother") // the closing above was carried out but for the sessions
	if newcomer == resident {
		t.Error("a closed account signed in")
	}
	_, err := h.Enter(ctx, token, "read", "192.0.2.1")
	h.want(err, account.ErrSessionEnded)
}
