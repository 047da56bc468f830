package router_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/wechat/fake"
)

var sessionScenarios = []scenario{
	{"signing in, twice, on two devices", func(h *house) {
		p := h.person()
		first := p.token
		id := p.id
		p.signIn()
		if p.id != id || p.token == first {
			h.t.Errorf("the second sign-in gave resident %s, token the same: %v", p.id, p.token == first)
		}
		var out struct {
			Items []struct {
				ID, Device string
				Current    bool
			}
		}
		h.ask("GET", "/api/v1/sessions", as(p)).is(200).read(&out)
		if len(out.Items) != 2 || out.Items[0].Current == out.Items[1].Current || out.Items[0].Device != "测试手机" {
			h.t.Fatalf("sessions: %+v", out.Items)
		}
		for _, s := range out.Items {
			if strings.Contains(first+p.token, s.ID) {
				h.t.Error("a session's id tells its token")
			}
		}
	}},
	{"a login code that is wrong, used, expired or injected", func(h *house) {
		signIn := func(code string) {
			h.t.Helper()
			h.refuses(422, "login_code_invalid", "POST", "/api/v1/sessions", body(`{"code":%s}`, quoted(code)))
		}
		signIn("0never-issued")
		used := h.wechat.IssueLoginCode("openid-used")
		h.ask("POST", "/api/v1/sessions", body(`{"code":%q}`, used)).is(201)
		signIn(used)
		expired := h.wechat.IssueLoginCode("openid-expired")
		h.fakes.pass(6 * time.Minute)
		signIn(expired)
		calls := len(h.wechat.CallsTo(fake.PathLogin))
		for _, code := range []string{"x&appid=evil", "x#", "../x", "a b", "中文", "x\r\nHost: evil", "%26", "\u0000"} {
			signIn(code)
		}
		if reached := len(h.wechat.CallsTo(fake.PathLogin)) - calls; reached != 0 {
			h.t.Errorf("%d injected codes reached WeChat", reached)
		}
	}},
	{"a login body that is no login", func(h *house) {
		h.refuses(422, "invalid_request", "POST", "/api/v1/sessions", body(`{"code":""}`)).names("body.code")
		h.refuses(422, "invalid_request", "POST", "/api/v1/sessions", body(`{"code":%q}`, strings.Repeat("x", 129))).names("body.code")
		h.refuses(422, "invalid_request", "POST", "/api/v1/sessions", body(`{"code":null}`)).names("body.code")
		h.refuses(422, "invalid_request", "POST", "/api/v1/sessions", body(`{}`)).names("body.code")
		h.refuses(422, "invalid_request", "POST", "/api/v1/sessions", body(`{"code":"x","device":%q}`, strings.Repeat("长", 41))).names("body.device")
	}},
	{"WeChat refuses or is away", func(h *house) {
		code := func() with { return body(`{"code":%q}`, h.wechat.IssueLoginCode("openid-unlucky")) }
		h.wechat.Fail(fake.PathLogin, fake.Fault{Errcode: 40226}, 1)
		h.refuses(403, "wechat_high_risk", "POST", "/api/v1/sessions", code())
		for _, fault := range []fake.Fault{{Status: 502}, {CutBody: true}, {Body: "<html>"}, {Errcode: -1}, {Errcode: 45011}} {
			h.wechat.Fail(fake.PathLogin, fault, -1)
			h.refuses(503, "wechat_unavailable", "POST", "/api/v1/sessions", code())
			h.wechat.Heal(fake.PathLogin)
		}
		h.ask("POST", "/api/v1/sessions", code()).is(201)
	}},
	{"no session, or none of ours", func(h *house) {
		h.refuses(401, "sign_in_needed", "GET", "/api/v1/me")
		h.refuses(401, "sign_in_needed", "GET", "/api/v1/me", header("Authorization", "Basic eDp5"))
		h.refuses(401, "sign_in_needed", "GET", "/api/v1/me", header("Authorization", "Bearer "))
		p, q := h.person(), h.person()
		_, secret, _ := strings.Cut(q.token, ".")
		for _, token := range []string{"x", ".", p.id + ".", p.id + "." + secret, p.token + "x", strings.ToLower(p.id) + p.token[26:], "{" + p.token} {
			h.refuses(401, "session_ended", "GET", "/api/v1/me", header("Authorization", "Bearer "+token))
		}
		h.ask("GET", "/api/v1/me", header("Authorization", "bearer  "+p.token)).is(200)
	}},
	{"ending sessions", endingSessions},
	{"sessions end by themselves", func(h *house) { apart(h, sessionsEnd) }},
	{"a blocked account loses its sessions at once", func(h *house) {
		p := h.person()
		h.must(h.api.Account.Block(context.Background(), p.id, "测试停用", "staff"))
		h.refuses(401, "session_ended", "GET", "/api/v1/me", as(p))
		h.refuses(403, "account_blocked", "POST", "/api/v1/sessions", body(`{"code":%q}`, h.wechat.IssueLoginCode(p.openID)))
	}},
	{"an account that is blocked or gone behind a session that is still there", func(h *house) {
		p, _ := h.family()
		document := h.documents()[0]
		h.exec("UPDATE residents SET status = 'blocked' WHERE id = ?", p.id)
		for _, try := range []func(code string){
			func(code string) { h.refuses(401, code, "GET", "/api/v1/me", as(p)) },
			func(code string) { h.refuses(401, code, "PATCH", "/api/v1/me", as(p), body(`{"nickname":"新名"}`)) },
			func(code string) { h.refuses(401, code, "PUT", "/api/v1/consents/"+document, as(p)) },
			func(code string) {
				h.refuses(401, code, "POST", "/api/v1/children", as(p), body(`{"name":"示例","birth_date":%q}`, h.bornBefore(20)))
			},
		} {
			try("session_ended")
		}
		h.exec("DELETE FROM residents WHERE id = ?", p.id)
		h.refuses(401, "session_ended", "GET", "/api/v1/me", as(p))
		h.refuses(401, "session_ended", "DELETE", "/api/v1/consents/"+document, as(p))
	}},
	{"rate limits", func(h *house) { rateLimits(h) }},
	{"Redis goes and comes back", func(h *house) { apart(h, redisGoes) }},
}

// apart plays in a house of its own.
func apart(h *house, play func(h *house), changes ...func(*plan)) {
	h.t.Helper()
	play(newHouse(h.t, changes...))
}

func endingSessions(h *house) {
	p, stranger := h.person(), h.person()
	phone := *p
	p.signIn()
	tablet := *p
	p.signIn()
	current := func(d *person) string {
		var out struct {
			Items []struct {
				ID      string
				Current bool
			}
		}
		h.ask("GET", "/api/v1/sessions", as(d)).is(200).read(&out)
		for _, s := range out.Items {
			if s.Current {
				return s.ID
			}
		}
		h.t.Fatal("no session is the current one")
		return ""
	}
	h.refuses(404, "session_not_found", "DELETE", "/api/v1/sessions/"+current(stranger), as(p))
	h.refuses(404, "session_not_found", "DELETE", "/api/v1/sessions/none", as(p))
	h.ask("DELETE", "/api/v1/sessions/"+current(&phone), as(p)).is(204)
	h.refuses(401, "session_ended", "GET", "/api/v1/me", as(&phone))
	h.ask("GET", "/api/v1/me", as(&tablet)).is(200)
	h.ask("DELETE", "/api/v1/sessions", as(p)).is(204)
	h.refuses(401, "session_ended", "GET", "/api/v1/me", as(&tablet))
	h.ask("DELETE", "/api/v1/sessions/current", as(p)).is(204)
	h.refuses(401, "session_ended", "DELETE", "/api/v1/sessions/current", as(p))
	h.ask("GET", "/api/v1/me", as(stranger)).is(200)
}

// sessionsEnd: idle after seven days, absolutely after thirty, however busy.
func sessionsEnd(h *house) {
	idle, busy := h.person(), h.person()
	for day := 1; day <= 29; day++ {
		h.clock.pass(24 * time.Hour)
		h.ask("GET", "/api/v1/me", as(busy)).is(200)
		switch day {
		case 6:
			h.ask("GET", "/api/v1/sessions", as(idle)).is(200)
		case 14:
			h.refuses(401, "session_ended", "GET", "/api/v1/me", as(idle))
		}
	}
	h.clock.pass(25 * time.Hour)
	h.refuses(401, "session_ended", "GET", "/api/v1/me", as(busy))
}

// rateLimits: of each limit, the resident's own and the address's; what a caller claims of his address changes nothing.
func rateLimits(h *house) {
	slow := redis.Rate{Count: 1, Per: time.Minute, Burst: 2}
	limited := func(name string, play func(h *house)) {
		apart(h, play, func(p *plan) { p.rates[name] = slow })
	}
	tooMany := func(h *house, method, path string, more ...with) {
		h.t.Helper()
		a := h.refuses(429, "too_many_requests", method, path, append(more, header("X-Forwarded-For", "203.0.113.7"), header("X-Real-IP", "203.0.113.8"))...)
		if wait := a.header.Get("Retry-After"); wait == "" || wait == "0" || len(wait) > 2 {
			h.t.Errorf("Retry-After is %q", wait)
		}
	}
	limited("login/ip", func(h *house) {
		h.person()
		h.person()
		tooMany(h, "POST", "/api/v1/sessions", body(`{"code":%q}`, h.wechat.IssueLoginCode("openid-more")))
	})
	limited("login", func(h *house) {
		p := h.person()
		p.signIn()
		tooMany(h, "POST", "/api/v1/sessions", body(`{"code":%q}`, h.wechat.IssueLoginCode(p.openID)))
		h.person()
	})
	limited("search/ip", func(h *house) {
		h.ask("GET", "/api/v1/sites").is(200)
		h.ask("GET", "/api/v1/sites").is(200)
		tooMany(h, "GET", "/api/v1/sites")
		h.ask("GET", "/api/v1/subdistricts").is(200)
	})
	limited("booking", func(h *house) {
		p, child := h.family()
		slots := []string{h.world.AddSlot(3, 5).ID, h.world.AddSlot(4, 5).ID, h.world.AddSlot(5, 5).ID}
		p.book(slots[0], child)
		p.book(slots[1], child)
		tooMany(h, "POST", "/api/v1/slots/"+slots[2]+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
		other, theirs := h.family()
		other.book(slots[2], theirs)
	})
}

func redisGoes(h *house) {
	p, child := h.family()
	slot := h.world.AddSlot(3, 5)
	wish := body(`{"child_id":%q}`, child)
	h.redis.Stop()
	for _, try := range []struct {
		method, path string
		more         []with
	}{
		{"GET", "/api/v1/me", []with{as(p)}},
		{"POST", "/api/v1/slots/" + slot.ID + "/bookings", []with{as(p), h.key(), wish}},
		{"GET", "/api/v1/sites", nil},
		{"POST", "/api/v1/sessions", []with{body(`{"code":"0abc"}`)}},
		{"POST", "/api/v1/me/closure", []with{as(p), body(`{"confirm":true}`)}},
	} {
		if wait := h.refuses(503, "session_store_unavailable", try.method, try.path, try.more...).header.Get("Retry-After"); wait != "1" {
			h.t.Errorf("Retry-After is %q", wait)
		}
	}
	h.redis.Restart()
	within(h.t, time.Second, func() bool { return h.ask("GET", "/api/v1/sites").status == 200 })
	h.refuses(401, "session_ended", "GET", "/api/v1/me", as(p))
	p.signIn()
	p.book(slot.ID, child)
	h.world.Sound()
}

func within(t *testing.T, most time.Duration, try func() bool) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < most; time.Sleep(120 * time.Millisecond) {
		if try() {
			return
		}
	}
	t.Fatalf("not within %v", most)
}
