package wechat

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"jiamenkou/adapter/wechat/fake"
)

func TestNewRefusesWrongSettings(t *testing.T) {
	good := Options{AppID: "wx1", AppSecret: "s3cr3t"}
	for name, change := range map[string]func(*Options){
		"no app id":             func(o *Options) { o.AppID = "" },
		"app id with a query":   func(o *Options) { o.AppID = "wx1&secret=x" },
		"no secret":             func(o *Options) { o.AppSecret = "" },
		"state":                 func(o *Options) { o.MiniProgramState = "release" },
		"push token alone":      func(o *Options) { o.PushToken = "t" },
		"push key alone":        func(o *Options) { o.PushAESKey = testAESKey },
		"short push key":        func(o *Options) { o.PushToken, o.PushAESKey = "t", "abc" },
		"demo without base":     func(o *Options) { o.OnlyFake = true },
		"demo at WeChat":        func(o *Options) { o.OnlyFake, o.BaseURL = true, "https://API.weixin.QQ.com" },
		"demo at WeChat, dot":   func(o *Options) { o.OnlyFake, o.BaseURL = true, "https://api.weixin.qq.com." },
		"http to a far host":    func(o *Options) { o.BaseURL = "http://192.0.2.1" },
		"base without host":     func(o *Options) { o.BaseURL = "/wechat" },
		"base with a password":  func(o *Options) { o.BaseURL = "https://u:p@example.org" },
		"base with a query":     func(o *Options) { o.BaseURL = "https://example.org?a=1" },
		"base that cannot be":   func(o *Options) { o.BaseURL = "https://exa mple.org" },
		"base of another sort":  func(o *Options) { o.BaseURL = "ftp://localhost" },
		"base nearly localhost": func(o *Options) { o.BaseURL = "http://localhost.example.org" },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			if _, err := New(o); err == nil {
				t.Error("accepted")
			} else if strings.Contains(err.Error(), good.AppSecret) {
				t.Errorf("secret in %q", err)
			}
		})
	}
	if c, err := New(good); err != nil || c.base.String() != "https://api.weixin.qq.com/" {
		t.Errorf("good settings: %v", err)
	}
}

func TestEveryCallSucceeds(t *testing.T) {
	h := open(t)
	for _, e := range errands() {
		if err := e.run(t.Context(), h); err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}

func TestLogin(t *testing.T) {
	h := open(t)
	h.fake.SetUnionID("o-united", "u-1")
	openID, unionID, err := h.Login(t.Context(), h.fake.IssueLoginCode("o-united"))
	if openID != "o-united" || unionID != "u-1" || err != nil {
		t.Errorf("got %q %q %v", openID, unionID, err)
	}
	used := h.fake.IssueLoginCode(person)
	if openID, unionID, err = h.Login(t.Context(), used); openID != person || unionID != "" || err != nil {
		t.Errorf("got %q %q %v", openID, unionID, err)
	}
	late := h.fake.IssueLoginCode(person)
	h.clock.pass(5 * time.Minute)
	for code, errcode := range map[string]int{used: 40163, late: 40029, "unknown": 40029, "demo-anna": 40029} {
		_, _, err := h.Login(t.Context(), code)
		if e := failed(t, err); e.Errcode != errcode || !e.Rejected() || e.RID == "" || strings.Contains(e.Message, "rid") {
			t.Errorf("%s: %v", code, e)
		}
	}
}

func TestLoginWithoutAnOpenIDIsNobody(t *testing.T) {
	h := open(t)
	for _, body := range []string{`{}`, `null`, `{"openid":""}`, `{"session_key":"x"}`, `[]`, `"oPERSON"`, `{"openid":17}`} {
		h.fake.Fail(fake.PathLogin, fake.Fault{Body: body}, 1)
		openID, _, err := h.Login(t.Context(), "code")
		if openID != "" || !failed(t, err).Temporary() {
			t.Errorf("%s: %q %v", body, openID, err)
		}
	}
}

func TestDemoCodes(t *testing.T) {
	h := open(t, func(o *Options, fo *fake.Options) { o.OnlyFake, fo.Demo = true, true })
	for range 2 {
		openID, _, err := h.Login(t.Context(), "demo-anna")
		if openID != fake.OpenID("anna") || len(openID) != 28 || err != nil {
			t.Errorf("got %q %v", openID, err)
		}
		number, err := h.Phone(t.Context(), "demo-13800138000")
		if number != "+8613800138000" || err != nil {
			t.Errorf("got %q %v", number, err)
		}
	}
	if other, _, err := h.Login(t.Context(), "demo-ben"); other == fake.OpenID("anna") || err != nil {
		t.Errorf("ben is %q, %v", other, err)
	}
	if suggest, err := h.CheckText(t.Context(), fake.OpenID("carl"), 1, "好"); suggest != "pass" || err != nil {
		t.Errorf("got %q %v", suggest, err)
	}
	for _, code := range []string{"demo-", "demo"} {
		if _, _, err := h.Login(t.Context(), code); !failed(t, err).Rejected() {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := h.Phone(t.Context(), "demo-anna"); !failed(t, err).Rejected() {
		t.Error(err)
	}
}

func TestOnlyFakeDialsNobodyElse(t *testing.T) {
	h := open(t, func(o *Options, _ *fake.Options) { o.OnlyFake = true })
	stranger := open(t)
	elsewhere := *h.base
	elsewhere.Host = strings.TrimPrefix(stranger.url, "http://")
	h.base = &elsewhere
	_, _, err := h.Login(t.Context(), "code")
	if e := failed(t, err); !strings.Contains(e.Message, "refuses to dial") || len(stranger.fake.Calls()) != 0 {
		t.Errorf("got %v", e)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	h, stranger := open(t), open(t)
	for _, e := range errands() {
		h.fake.Fail(e.path, fake.Fault{Redirect: stranger.url + e.path}, 1)
		if err := e.run(t.Context(), h); !failed(t, err).Misconfigured() {
			t.Errorf("%s: %v", e.name, err)
		}
		h.fake.Heal(e.path)
	}
	if len(stranger.fake.Calls()) != 0 {
		t.Error("a redirect was followed")
	}
}

func TestBaseURLMayHaveAPath(t *testing.T) {
	h := open(t)
	h.base = h.base.JoinPath("/wechat/")
	_, _, err := h.Login(t.Context(), "code")
	if !failed(t, err).Misconfigured() || h.arrivals("/wechat"+fake.PathLogin) != 1 {
		t.Error("the path was lost", h.fake.Calls())
	}
}

func TestPhone(t *testing.T) {
	h := open(t)
	for issued, want := range map[string]string{
		"13800138000": "+8613800138000", "+85291234567": "+85291234567", "+4915112345678": "+4915112345678",
	} {
		code := h.fake.IssuePhoneCode(issued)
		if got, err := h.Phone(t.Context(), code); got != want || err != nil {
			t.Errorf("%s: %q %v", issued, got, err)
		}
		if _, err := h.Phone(t.Context(), code); failed(t, err).Errcode != 40163 {
			t.Error(err)
		}
	}
	if _, err := h.Phone(t.Context(), "a b"); !failed(t, err).Rejected() {
		t.Error(err)
	}
}

func TestE164(t *testing.T) {
	for _, c := range []struct{ country, pure, full, want string }{
		{"86", "13800138000", "13800138000", "+8613800138000"},
		{"", "13800138000", "", "+8613800138000"},
		{"+86", "", "13800138000", "+8613800138000"},
		{"0086", "", "+8613800138000", "+8613800138000"},
		{"852", "91234567", "+85291234567", "+85291234567"},
		{"1", "2125550123", "", "+12125550123"},
		{"86", "", "", ""},
		{"86", "138 0013", "", ""},
		{"86", "123456789012345", "", ""},
		{"8x", "13800138000", "", ""},
		{"86", "138;DROP", "", ""},
		{"86", "", "+85291234567", ""},
	} {
		if got := e164(c.country, c.pure, c.full); got != c.want {
			t.Errorf("%v: got %q", c, got)
		}
	}
}

func TestSend(t *testing.T) {
	h := open(t)
	h.fake.Consent(person, template, 2)
	fields := map[string]string{"thing1": strings.Repeat("宝", 30), "date2": "2026-03-02 09:00至2026-03-02 11:30"}
	for range 2 {
		if err := h.Send(t.Context(), person, template, "/pages/booking", fields); err != nil {
			t.Fatal(err)
		}
	}
	err := h.Send(t.Context(), person, template, "pages/booking", fields)
	if e := failed(t, err); !e.NoConsent() || e.Temporary() {
		t.Error(e)
	}
	sent := h.fake.Sent()
	if len(sent) != 2 || sent[0].Page != "pages/booking" || sent[0].State != "formal" ||
		sent[0].Data["thing1"] != strings.Repeat("宝", 19)+"…" || sent[0].Data["date2"] != "2026-03-02 09:00~2026-03-02 11:30" {
		t.Errorf("sent %+v", sent)
	}
}

func TestSendRefusesWhatCannotBeSent(t *testing.T) {
	h := open(t, func(_ *Options, fo *fake.Options) { fo.Templates = []string{template} })
	h.fake.Consent(person, template, 1)
	ok := map[string]string{"thing1": "好"}
	for name, c := range map[string]struct {
		to, template string
		fields       map[string]string
		class        string
	}{
		"nobody":        {"", template, ok, "invalid"},
		"no template":   {person, "", ok, "invalid"},
		"no fields":     {person, template, nil, "invalid"},
		"empty field":   {person, template, map[string]string{"thing1": " \n"}, "invalid"},
		"no Han":        {person, template, map[string]string{"phrase1": "ok"}, "invalid"},
		"sum too large": {person, template, map[string]string{"amount1": "¥12345678901"}, "invalid"},
		"unknown field": {person, template, map[string]string{"colour1": "red"}, "invalid"},
		"unknown form":  {person, "other", ok, "misconfigured"},
	} {
		err := h.Send(t.Context(), c.to, c.template, "", c.fields)
		if got := classes(failed(t, err)); got != c.class {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if h.fake.ConsentsLeft(person, template) != 1 || len(h.fake.Sent()) != 0 {
		t.Error("a failed message used up a consent")
	}
}

func TestSendBelievesOnlyAnExplicitOK(t *testing.T) {
	h := open(t)
	for _, body := range []string{`{}`, `null`, `{"errmsg":"ok"}`, "\xFF\xD8\xFF"} {
		h.fake.Fail(fake.PathSend, fake.Fault{Body: body}, 1)
		err := h.Send(t.Context(), person, template, "", map[string]string{"thing1": "好"})
		if !failed(t, err).Temporary() {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Unsent is what makes it safe to send again: nothing that WeChat may have carried out is.
func TestUnsent(t *testing.T) {
	fields := map[string]string{"thing1": "好"}
	for _, c := range []struct {
		name   string
		path   string
		fault  fake.Fault
		times  int
		unsent bool
	}{
		{"busy", fake.PathSend, fake.Fault{Errcode: -1}, 1, false},
		{"bad gateway", fake.PathSend, fake.Fault{Status: 502}, 1, false},
		{"cut", fake.PathSend, fake.Fault{CutBody: true}, 1, false},
		{"unreadable", fake.PathSend, fake.Fault{Body: "<html>"}, 1, false},
		{"no OK", fake.PathSend, fake.Fault{Body: "{}"}, 1, false},
		{"unheard of", fake.PathSend, fake.Fault{Errcode: 99999}, 1, false},
		{"no consent", fake.PathSend, fake.Fault{Errcode: 43101}, 1, true},
		{"too often", fake.PathSend, fake.Fault{Errcode: 45009}, 1, true},
		{"bad field", fake.PathSend, fake.Fault{Errcode: 47003}, 1, true},
		{"bad template", fake.PathSend, fake.Fault{Errcode: 40037}, 1, true},
		{"bad token twice", fake.PathSend, fake.Fault{Errcode: 40001}, 2, true},
		{"no token", fake.PathToken, fake.Fault{Status: 502}, 1, true},
		{"busy with tokens", fake.PathToken, fake.Fault{Errcode: -1}, 1, true},
	} {
		h := open(t)
		h.fake.Fail(c.path, c.fault, c.times)
		err := h.Send(t.Context(), person, template, "", fields)
		if e := failed(t, err); e.Unsent() != c.unsent || c.unsent && len(h.fake.Sent()) != 0 {
			t.Errorf("%s: unsent is %v, %v", c.name, e.Unsent(), e)
		}
	}
	if e := failed(t, open(t).Send(t.Context(), person, template, "", nil)); !e.Unsent() {
		t.Error(e)
	}
}

// What WeChat says of a person stays out of the error, which people on the staff read.
func TestSendErrorsNameNobody(t *testing.T) {
	h := open(t)
	h.fake.Fail(fake.PathSend, fake.Fault{Errcode: 40003, Errmsg: "invalid openid " + person}, 1)
	err := h.Send(t.Context(), person, template, "", map[string]string{"thing1": "好"})
	if e := failed(t, err); strings.Contains(e.Error(), person) || !e.Invalid() {
		t.Error(e)
	}
}

func TestTheDemoAlwaysConsents(t *testing.T) {
	var told []fake.Message
	h := open(t, func(_ *Options, fo *fake.Options) {
		fo.AlwaysConsents, fo.OnMessage = true, func(m fake.Message) { told = append(told, m) }
	})
	for range 2 {
		if err := h.Send(t.Context(), person, template, "", map[string]string{"time1": "2026年11月24日 09:00~11:30"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 2 || told[1].Data["time1"] != "2026年11月24日 09:00~11:30" || h.fake.ConsentsLeft(person, template) != 0 {
		t.Errorf("told of %+v", told)
	}
}

func TestFit(t *testing.T) {
	long := strings.Repeat("家", 40)
	for _, c := range []struct{ field, value, want string }{
		{"thing1", "宝宝屋", "宝宝屋"},
		{"thing1", long[:60], long[:60]},
		{"thing1", long, long[:57] + "…"},
		{"thing12", " 两\n行\t字 ", "两 行 字"},
		{"thing1", "坏\xff字", "坏字"},
		{"phrase3", "预约成功了吗", "预约成功了"},
		{"phrase3", "已OK预约！", "已预约"},
		{"name1", strings.Repeat("王", 12), strings.Repeat("王", 10)},
		{"name1", strings.Repeat("a", 25), strings.Repeat("a", 20)},
		{"name1", "王Abcdefghijk", "王Abcdefghi"},
		{"letter1", "a1b2-C", "abC"},
		{"character_string1", "编号A-17", "A-17"},
		{"character_string1", strings.Repeat("x", 40), strings.Repeat("x", 32)},
		{"symbol1", "a!?…¥+-", "!?…¥+"},
		{"phone_number1", "电话021-12345678901234567", "021-1234567890123"},
		{"car_number1", "沪A·12345678", "沪A·12345"},
		{"number1", "1,234.5", "1234.5"},
		{"number1", strings.Repeat("1", 31) + ".25", strings.Repeat("1", 31)},
		{"amount1", "¥1,234.50", "¥1234.50"},
		{"amount1", "¥1234567890.50元", "¥1234567890元"},
		{"amount1", "¥12345678901", "¥12345678901"},
		{"time1", "09:00–11:30", "09:00~11:30"},
		{"date1", "2026年3月2日 至 2026年3月4日", "2026年3月2日 ~ 2026年3月4日"},
		{"unknown1", long, long},
		{"", "x", "x"},
		{"thing1", "", ""},
	} {
		if got := Fit(c.field, c.value); got != c.want {
			t.Errorf("Fit(%q, %q) = %q, want %q", c.field, c.value, got, c.want)
		}
		if got := Fit(c.field, Fit(c.field, c.value)); got != c.want {
			t.Errorf("Fit(%q, %q) is not stable: %q", c.field, c.value, got)
		}
	}
}

func TestCheckTextNeverPassesByDefault(t *testing.T) {
	h := open(t)
	h.fake.Visit(person)
	for text, want := range map[string]string{"好": "pass", "有违规内容": "risky", "有存疑内容": "review", strings.Repeat("长", 2500): "pass"} {
		if got, err := h.CheckText(t.Context(), person, 2, text); got != want || err != nil {
			t.Errorf("%.20s: %q %v", text, got, err)
		}
	}
	for _, body := range []string{
		`{}`, `null`, `{"errcode":0}`, `{"errcode":0,"result":{"suggest":"fine"}}`, `{"errcode":0,"result":{"suggest":""}}`,
		`{"errcode":-1,"result":{"suggest":"pass"}}`, `{"errcode":"x","result":{"suggest":"pass"}}`, `{"result":{"suggest":"pass"`,
		`{"errcode":87014,"errmsg":"risky content"}`,
	} {
		h.fake.Fail(fake.PathCheckText, fake.Fault{Body: body}, 1)
		if got, err := h.CheckText(t.Context(), person, 2, "好"); got != "review" || err == nil {
			t.Errorf("%s: %q %v", body, got, err)
		}
	}
	for name, c := range map[string]struct {
		openID string
		scene  int
		text   string
	}{
		"empty": {person, 2, ""}, "too long": {person, 2, strings.Repeat("长", 2501)}, "broken": {person, 2, "\xff"},
		"no scene": {person, 0, "好"}, "scene 5": {person, 5, "好"}, "nobody": {"", 2, "好"},
	} {
		if got, err := h.CheckText(t.Context(), c.openID, c.scene, c.text); got != "review" || !failed(t, err).Invalid() {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	h.clock.pass(2*time.Hour + time.Second)
	if got, err := h.CheckText(t.Context(), person, 2, "好"); got != "review" || !failed(t, err).NotVisited() {
		t.Errorf("61010: %q %v", got, err)
	}
}

func TestCheckMedia(t *testing.T) {
	h := open(t)
	h.fake.Visit(person)
	for address, want := range map[string]string{"https://example.org/a.jpg": "pass", "https://example.org/risky.jpg": "risky"} {
		traceID, err := h.CheckMedia(t.Context(), person, 2, address, "image")
		if err != nil {
			t.Fatal(err)
		}
		pending := h.fake.Pending()
		if last := pending[len(pending)-1]; last.TraceID != traceID || last.Suggest != want {
			t.Errorf("%s: %+v", address, last)
		}
	}
	if _, err := h.CheckMedia(t.Context(), person, 2, "https://example.org/a.mp3", "audio"); err != nil {
		t.Error(err)
	}
	if _, err := h.CheckMedia(t.Context(), person, 2, "https://example.org/a.mp4", "film"); !failed(t, err).Invalid() {
		t.Error(err)
	}
	h.fake.Fail(fake.PathCheckMedia, fake.Fault{Body: `{"errcode":0}`}, 1)
	if _, err := h.CheckMedia(t.Context(), person, 2, "https://example.org/a.jpg", "image"); !failed(t, err).Temporary() {
		t.Error(err)
	}
}

func TestQRCode(t *testing.T) {
	h := open(t)
	for _, scene := range []string{"a", "!#$&'()*+,/:;=?@-._~", strings.Repeat("z", 32)} {
		made, err := h.QRCode(t.Context(), scene, "/pages/site")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jpeg.Decode(bytes.NewReader(made)); err != nil {
			t.Error(err)
		}
	}
	before := h.arrivals(fake.PathQRCode)
	for _, c := range [][2]string{{"", "p"}, {strings.Repeat("z", 33), "p"}, {"中", "p"}, {"a b", "p"}, {"100%", "p"}, {"a", "p?x=1"}} {
		if _, err := h.QRCode(t.Context(), c[0], c[1]); !failed(t, err).Invalid() {
			t.Errorf("%q: %v", c, err)
		}
	}
	if h.arrivals(fake.PathQRCode) != before {
		t.Error("a hopeless code was asked for")
	}
	for _, f := range []fake.Fault{{Body: `{"errcode":0}`}, {Body: "GIF89a", MediaType: "image/jpeg"}, {CutBody: true}} {
		h.fake.Fail(fake.PathQRCode, f, 1)
		if _, err := h.QRCode(t.Context(), "a", "p"); !failed(t, err).Temporary() {
			t.Error(err)
		}
	}
}

func TestQRCodeTakesAPictureByItsBytes(t *testing.T) {
	h := open(t)
	h.fake.Fail(fake.PathQRCode, fake.Fault{Body: "\xFF\xD8\xFF\xE0rest", MediaType: "image/jpeg; charset=binary"}, 1)
	if made, err := h.QRCode(t.Context(), "a", "p"); string(made) != "\xFF\xD8\xFF\xE0rest" || err != nil {
		t.Errorf("%q %v", made, err)
	}
}

func TestReachable(t *testing.T) {
	h := open(t)
	if err := h.Reachable(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := open(t, func(o *Options, _ *fake.Options) { o.AppSecret = "canary-wrong-secret" })
	if e := failed(t, wrong.Reachable(t.Context())); !e.Misconfigured() || e.Errcode != 40125 {
		t.Error(e)
	}
	other := open(t, func(o *Options, _ *fake.Options) { o.AppID = "wxother" })
	if e := failed(t, other.Reachable(t.Context())); !e.Misconfigured() || e.Errcode != 40013 {
		t.Error(e)
	}
	h.base, _ = h.base.Parse(deadServer(t) + "/")
	if e := failed(t, h.Reachable(t.Context())); !e.Temporary() {
		t.Error(e)
	}
}

func TestContextErrorsShowThrough(t *testing.T) {
	h := open(t, quick)
	for _, e := range errands() {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := e.run(gone, h); !errors.Is(err, context.Canceled) || !failed(t, err).Temporary() {
			t.Errorf("%s cancelled: %v", e.name, err)
		}
		h.fake.Fail(e.path, fake.Fault{Hang: true}, 1)
		if err := e.run(t.Context(), h); !errors.Is(err, context.DeadlineExceeded) || !failed(t, err).Temporary() {
			t.Errorf("%s late: %v", e.name, err)
		}
		h.fake.Heal(e.path)
	}
}

// TestServicesClassifyWithoutThisPackage is how a service reads our errors.
func TestServicesClassifyWithoutThisPackage(t *testing.T) {
	h := open(t)
	_, _, err := h.Login(t.Context(), "unknown")
	var refusal interface{ Rejected() bool }
	if !errors.As(err, &refusal) || !refusal.Rejected() {
		t.Error(err)
	}
}
