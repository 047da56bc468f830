package wechat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"jiamenkou/adapter/wechat/fake"
)

// One test for each of the SDK's pitfalls that the project's WeChat notes list, under the same numbers.

// 1: the URI modifier misses QR codes, and it and the HTTP client are unguarded globals.
func TestPitfall01OneHTTPClientSetOnceServesAll(t *testing.T) {
	a := open(t)
	installed := util.DefaultHTTPClient
	b := open(t)
	if util.DefaultHTTPClient != installed {
		t.Error("the SDK's client was swapped")
	}
	var all sync.WaitGroup
	for _, h := range []*house{a, b} {
		for _, e := range errands() {
			for range 4 {
				all.Go(func() {
					if err := e.run(t.Context(), h); err != nil {
						t.Errorf("%s: %v", e.name, err)
					}
				})
			}
		}
	}
	all.Wait()
	for _, h := range []*house{a, b} {
		if h.arrivals(fake.PathQRCode) != 4 || h.arrivals(fake.PathSend) != 4 || h.arrivals(fake.PathLogin) != 4 {
			t.Error("a call went to the other client's fake")
		}
	}
	for _, stray := range []string{
		"https://api.weixin.qq.com/wxa/getwxacodeunlimit?access_token=stolen", a.url + fake.PathLogin, "https://example.org/",
	} {
		if _, err := util.HTTPGet(stray); !errors.Is(err, errUnknownCall) {
			t.Errorf("%s: %v", stray, err)
		}
	}
}

// 1 again: even with a good ticket, no host but the SDK's constant one is gone to.
func TestPitfall01ATicketIsGoodForWeChatsHostOnly(t *testing.T) {
	h := open(t)
	var ticket string
	_, err := h.call(t.Context(), callLogin, "", func(one *call) error {
		ticket = one.ticket
		_, err := util.HTTPGetContext(one.ctx, "https://example.org"+fake.PathLogin+"?secret="+one.ticket)
		return err
	})
	if e := failed(t, err); !e.Temporary() || len(h.fake.Calls()) != 0 {
		t.Error(e)
	}
	if _, err := util.HTTPGet("https://api.weixin.qq.com/sns/jscode2session?secret=" + ticket); !errors.Is(err, errUnknownCall) {
		t.Error("a ticket outlives its call", err)
	}
}

// 2: no timeout, unlimited body.
func TestPitfall02TimeoutAndBodyLimit(t *testing.T) {
	h := open(t, quick)
	limited := open(t, func(o *Options, _ *fake.Options) { o.MaxBody = 64 << 10 })
	for _, e := range errands() {
		h.fake.Fail(e.path, fake.Fault{Hang: true}, 1)
		began := time.Now()
		if err := e.run(t.Context(), h); !failed(t, err).Temporary() || time.Since(began) > 3*time.Second {
			t.Errorf("%s hangs: %v after %s", e.name, err, time.Since(began))
		}
		limited.fake.Fail(e.path, fake.Fault{Oversized: 1 << 40}, 1)
		if err := e.run(t.Context(), limited); !strings.Contains(failed(t, err).Message, errOversized.Error()) {
			t.Errorf("%s oversized: %v", e.name, err)
		}
	}
}

// 3: Send, QRCode and others take no context.
func TestPitfall03EveryCallObeysItsContext(t *testing.T) {
	h := open(t)
	if err := h.Reachable(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, e := range errands() {
		h.fake.Fail(e.path, fake.Fault{Hang: true}, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		began := time.Now()
		if err := e.run(ctx, h); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
			t.Errorf("%s: %v after %s", e.name, err, time.Since(began))
		}
		cancel()
		h.fake.Heal(e.path)
	}
}

// 4: js_code goes into the URL unescaped.
func TestPitfall04CodesCannotRewriteTheCall(t *testing.T) {
	h := open(t)
	for _, code := range []string{
		"", "x&js_code=y", "x#", "x%26", "x y", "x+y", "x=y", "x/../y", "码", "x\n", "x\x00", "x;y", "x?y", strings.Repeat("x", 129),
	} {
		if ValidCode(code) {
			t.Errorf("%q is valid", code)
		}
		if _, _, err := h.Login(t.Context(), code); !failed(t, err).Rejected() {
			t.Errorf("login %q: %v", code, err)
		}
		if _, err := h.Phone(t.Context(), code); !failed(t, err).Rejected() {
			t.Errorf("phone %q: %v", code, err)
		}
	}
	if len(h.fake.Calls()) != 0 {
		t.Error("an ill-formed code was sent")
	}
	for _, code := range []string{"0", "demo-anna", "0a1B_-", strings.Repeat("x", 128)} {
		if !ValidCode(code) {
			t.Errorf("%q is not valid", code)
		}
	}
}

// 5: errors print the whole URL with the AppSecret or the access token.
func TestPitfall05NoErrorOrLogLineHoldsASecret(t *testing.T) {
	h := open(t, quick, func(o *Options, _ *fake.Options) { o.MaxBody = 64 << 10 })
	h.fake.Consent(person, template, 1000)
	var printed []string
	for _, e := range errands() {
		for _, f := range h.everyFault() {
			h.fake.Fail(e.path, f, 1)
			err := e.run(t.Context(), h)
			printed = append(printed, fmt.Sprintf("%s\n%+v\n%#v\n%v", err, err, err, errors.Unwrap(err)))
			h.fake.Heal(e.path)
		}
	}
	text := strings.Join(printed, "\n") + h.log.lines.String()
	for _, secret := range append(h.secrets(), h.codes()...) {
		if strings.Contains(text, secret) {
			t.Errorf("%s is printed", secret)
		}
	}
	if !strings.Contains(text, blot) || !strings.Contains(h.log.lines.String(), "wechat call failed") {
		t.Error("the test saw nothing to redact")
	}
	wholeRun.add(h.codes()...)
}

// everyFault is each way a call can go wrong, with an errmsg that repeats all it was told.
func (h *house) everyFault() []fake.Fault {
	echo := "bad secret=" + testSecret + " " + testSecret + ` {"session_key":"canary-session"} rid: 1-2-3`
	for _, secret := range h.secrets() {
		echo += " access_token=" + secret
	}
	return []fake.Fault{
		{Status: 502}, {Status: 404}, {CutBody: true}, {Oversized: 1 << 20}, {Hang: true}, {Body: "<html>"},
		{Redirect: "https://example.org/?secret=" + testSecret}, {Errcode: 40029, Errmsg: echo}, {Errcode: 40001, Errmsg: echo},
		{Errcode: -1, Errmsg: echo}, {Body: `{"errcode":"odd","errmsg":"` + testSecret + `"}`},
	}
}

// codes are the single-use codes that calls carried.
func (h *house) codes() []string {
	var found []string
	for _, c := range h.fake.CallsTo(fake.PathLogin) {
		found = append(found, c.Query.Get("js_code"))
	}
	return found
}

// 5 again: an unreachable server, whose URL the standard library would print.
func TestPitfall05UnreachableServer(t *testing.T) {
	h := open(t)
	h.base, _ = h.base.Parse(deadServer(t) + "/")
	for _, e := range errands() {
		err := e.run(t.Context(), h)
		if text := fmt.Sprintf("%#v %v", err, err); !failed(t, err).Temporary() || strings.Contains(text, testSecret) || strings.Contains(text, "ticket-") {
			t.Errorf("%s: %s", e.name, text)
		}
	}
}

// 5 again: what the SDK is given to build its URLs from.
func TestPitfall05TheSDKNeverSeesASecret(t *testing.T) {
	h := open(t)
	_, _ = h.call(t.Context(), callLogin, "", func(one *call) error {
		token, err := one.sdk().GetAccessToken()
		if !strings.HasPrefix(token, "ticket-") || one.sdk().AppSecret != token || err != nil {
			t.Errorf("the SDK holds %q and %q, %v", token, one.sdk().AppSecret, err)
		}
		return nil
	})
}

// 6: the errcode shows in three different ways.
func TestPitfall06EveryErrcodeIsSeenInEveryCall(t *testing.T) {
	want := map[int]string{
		40029: "rejected", 40163: "rejected", 40226: "high-risk", 45011: "too-often", 45009: "too-often", -1: "temporary",
		40013: "misconfigured", 40125: "misconfigured", 40037: "misconfigured", 41030: "misconfigured", 40164: "misconfigured",
		48001: "misconfigured", 43101: "no-consent", 47003: "invalid", 40003: "invalid", 40169: "invalid", 61010: "not-visited", 99999: "",
	}
	h := open(t)
	for _, e := range errands() {
		for errcode, class := range want {
			h.fake.Fail(e.path, fake.Fault{Errcode: errcode, Errmsg: "reason"}, 1)
			f := failed(t, e.run(t.Context(), h))
			if f.Errcode != errcode || f.Call != e.name || f.RID == "" || f.Message != "reason" || classes(f) != class {
				t.Errorf("%s %d: %q %+v", e.name, errcode, classes(f), f)
			}
			h.fake.Fail(e.path, fake.Fault{Body: fmt.Sprintf(`{"errcode":"%d","errmsg":"as text"}`, errcode)}, 1)
			if f := failed(t, e.run(t.Context(), h)); f.Errcode != errcode {
				t.Errorf("%s %d: %v", e.name, errcode, f)
			}
		}
	}
}

// 7: no retry on a bad token. See token_test.go for the rest.
func TestPitfall07BadTokenIsReplacedOnce(t *testing.T) {
	h := open(t)
	h.check(t)
	h.fake.RevokeToken()
	h.check(t)
	if h.arrivals(fake.PathCheckText) != 3 || h.arrivals(fake.PathToken) != 2 {
		t.Errorf("%d checks, %d fetches", h.arrivals(fake.PathCheckText), h.arrivals(fake.PathToken))
	}
	h.fake.Fail(fake.PathCheckText, fake.Fault{Errcode: 40001}, -1)
	if suggest, err := h.CheckText(t.Context(), person, 1, "好"); suggest != "review" || err == nil || h.arrivals(fake.PathCheckText) != 5 {
		t.Errorf("%q %v after %d checks", suggest, err, h.arrivals(fake.PathCheckText))
	}
}

// 8: the SDK's token cache fails with Redis, stores short tokens for ever, panics on nil.
func TestPitfall08TokenOutlivesItsCache(t *testing.T) {
	h := open(t)
	h.cache.down = errors.New("redis is down, it held " + testSecret)
	h.check(t)
	short := open(t)
	short.fake.Fail(fake.PathToken, fake.Fault{Body: `{"access_token":"canary-short","expires_in":300}`}, 1)
	if _, err := short.tokens.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	short.clock.pass(300 * time.Second)
	short.check(t)
	if short.lastToken() == "canary-short" {
		t.Error("a token of 300 s was kept beyond its life")
	}
	alone := open(t, func(o *Options, _ *fake.Options) { o.Cache = nil })
	alone.check(t)
}

// 9: the SDK's receiver ignores msg_signature and takes plaintext.
func TestPitfall09PlaintextAndForeignSignaturesAreRefused(t *testing.T) {
	h := open(t)
	v := fake.Verdict{OpenID: person, TraceID: "t", Suggest: "pass"}
	plain := h.fake.VerdictMessage(v, false)
	sealed, err := h.fake.Seal(plain, false)
	if err != nil {
		t.Fatal(err)
	}
	downgraded := h.fake.EchoQuery("")
	for name, query := range map[string]map[string][]string{"as it came": sealed.Query, "rightly signed": downgraded} {
		h.refuses(t, "plaintext "+name, func() error { _, err := h.ReadPush(query, plain); return err })
	}
	// The plain signature is right, the body is another's: only msg_signature tells.
	other, err := h.fake.Seal(h.fake.VerdictMessage(fake.Verdict{OpenID: person, TraceID: "other", Suggest: "pass"}, false), false)
	if err != nil {
		t.Fatal(err)
	}
	h.refuses(t, "swapped body", func() error { _, err := h.ReadPush(sealed.Query, other.Body); return err })
	if push, err := h.ReadPush(sealed.Query, sealed.Body); err != nil || push.Media.TraceID != "t" {
		t.Error(push, err)
	}
}

// 10: the encryptor panics, a numeric country code breaks the phone number, the watermark is not looked at.
func TestPitfall10PhoneAnswersAreReadTolerantlyAndChecked(t *testing.T) {
	h := open(t)
	mark := `"watermark":{"timestamp":1,"appid":"` + testAppID + `"}`
	for body, want := range map[string]string{
		`{"errcode":0,"phone_info":{"purePhoneNumber":"13800138000","countryCode":86,` + mark + `}}`:          "+8613800138000",
		`{"errcode":"0","phone_info":{"purePhoneNumber":13800138000,"countryCode":"86",` + mark + `}}`:        "+8613800138000",
		`{"errcode":0,"phone_info":{"phoneNumber":"13800138000",` + mark + `}}`:                               "+8613800138000",
		`{"errcode":0,"phone_info":{"purePhoneNumber":"13800138000","countryCode":"86"}}`:                     "",
		`{"errcode":0,"phone_info":{"purePhoneNumber":"13800138000","watermark":{"appid":"wxother"}}}`:        "",
		`{"errcode":0,"phone_info":{"purePhoneNumber":{"n":1},` + mark + `}}`:                                 "",
		`{"errcode":0,"phone_info":{` + mark + `}}`:                                                           "",
		`{"errcode":0,"phone_info":{"purePhoneNumber":"<b>13800138000</b>","countryCode":"86",` + mark + `}}`: "",
		`{"errcode":0}`: "",
	} {
		h.fake.Fail(fake.PathPhone, fake.Fault{Body: body}, 1)
		if got, err := h.Phone(t.Context(), "code"); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v", body, got, err)
		}
	}
	for _, dependency := range dependencies(t, "{{.ImportPath}}") {
		if dependency == "github.com/silenceper/wechat/v2/miniprogram/encryptor" || dependency == "github.com/silenceper/wechat/v2" {
			t.Error("imports", dependency)
		}
	}
}

// 11: old indirect dependencies. The floors are the versions known to be without the old ones' holes.
func TestPitfall11DependenciesAreNotTheSDKsOldOnes(t *testing.T) {
	floors := map[string]string{
		"github.com/go-redis/redis/v8": "8.11.5", "github.com/tidwall/gjson": "1.18.0", "golang.org/x/crypto": "0.45.0",
		"github.com/bradfitz/gomemcache": "0.0.0", "github.com/silenceper/wechat/v2": "2.1.14",
	}
	for _, module := range dependencies(t, "{{with .Module}}{{.Path}} {{.Version}}{{end}}") {
		path, version, _ := strings.Cut(module, " ")
		if strings.HasPrefix(path, "github.com/sirupsen/logrus") {
			t.Error("logrus came in with the SDK's root package")
		}
		if floor, known := floors[path]; known && older(version, floor) {
			t.Errorf("%s is at %s, want at least %s", path, version, floor)
		}
	}
}

func dependencies(t *testing.T, format string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", format, ".").Output()
	if err != nil {
		t.Fatal("go list:", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func older(version, floor string) bool {
	have, want := numbersOf(version), numbersOf(floor)
	for i := range want {
		if have[i] != want[i] {
			return have[i] < want[i]
		}
	}
	return false
}

func numbersOf(version string) [3]int {
	var found [3]int
	base, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "-")
	for i, part := range strings.SplitN(base, ".", 3) {
		found[i], _ = strconv.Atoi(part)
	}
	return found
}

func TestAnswersWithOddStatuses(t *testing.T) {
	h := open(t)
	for status, class := range map[int]string{500: "temporary", 502: "temporary", 503: "temporary", 429: "temporary",
		http.StatusNoContent: "misconfigured", 301: "misconfigured", 403: "misconfigured", 404: "misconfigured"} {
		for _, e := range errands() {
			h.fake.Fail(e.path, fake.Fault{Status: status}, 1)
			if f := failed(t, e.run(t.Context(), h)); classes(f) != class {
				t.Errorf("%s %d: %v", e.name, status, f)
			}
			h.fake.Heal(e.path)
		}
	}
}
