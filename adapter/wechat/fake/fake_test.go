package fake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	appID  = "wxba5fad812f8e6fb9"
	secret = "s3cr3t"
	aesKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

type clockwork struct {
	mu sync.Mutex
	at time.Time
}

func (c *clockwork) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clockwork) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

type world struct {
	*Server
	t     *testing.T
	url   string
	clock *clockwork
}

func open(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	c := &clockwork{at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	o := Options{AppID: appID, AppSecret: secret, PushToken: "AAAAA", PushAESKey: aesKey, Now: c.Now}
	for _, f := range change {
		f(&o)
	}
	s := New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); server.Close() })
	return &world{s, t, server.URL, c}
}

// call makes one call and decodes its answer; code is the errcode, or the HTTP status where that is not 200.
func (w *world) call(method, path, query, body string) (code int, answer map[string]any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path+"?"+query, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Error(err)
		return -3, nil
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Error(err)
	}
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, nil
	}
	_ = json.Unmarshal(all, &answer)
	if found, ok := answer["errcode"].(float64); ok {
		code = int(found)
	}
	if rid, _ := answer["errmsg"].(string); code != 0 && !strings.Contains(rid, "rid: ") {
		w.t.Errorf("no rid in %v", answer)
	}
	return code, answer
}

func (w *world) login(code string) int {
	got, _ := w.call("GET", PathLogin, loginQuery(code), "")
	return got
}

func loginQuery(code string) string {
	return "appid=" + appID + "&secret=" + secret + "&js_code=" + code + "&grant_type=authorization_code"
}

func (w *world) token(force bool) (token string, left, code int) {
	code, answer := w.call("POST", PathToken, "", fmt.Sprintf(
		`{"grant_type":"client_credential","appid":%q,"secret":%q,"force_refresh":%t}`, appID, secret, force))
	token, _ = answer["access_token"].(string)
	seconds, _ := answer["expires_in"].(float64)
	return token, int(seconds), code
}

func (w *world) post(path, body string) int {
	token, _, _ := w.token(false)
	code, _ := w.call("POST", path, "access_token="+token, body)
	return code
}

func TestLoginCodes(t *testing.T) {
	w := open(t)
	code := w.IssueLoginCode("o1")
	for name, c := range map[string]struct {
		query string
		want  int
	}{
		"appid":           {strings.Replace(loginQuery(code), appID, "wxother", 1), 40013},
		"secret":          {strings.Replace(loginQuery(code), secret, "other", 1), 40125},
		"unknown":         {loginQuery("x"), 40029},
		"demo when not":   {loginQuery("demo-anna"), 40029},
		"doubled code":    {loginQuery(code) + "&js_code=" + code, 40029},
		"doubled appid":   {loginQuery(code) + "&appid=x", 40029},
		"grant":           {strings.Replace(loginQuery(code), "authorization_code", "x", 1), 40002},
		"dropped by hash": {"appid=" + appID + "&secret=" + secret + "&js_code=" + code, 40002},
	} {
		if got, _ := w.call("GET", PathLogin, c.query, ""); got != c.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	if first, again := w.login(code), w.login(code); first != 0 || again != 40163 {
		t.Errorf("first %d, again %d", first, again)
	}
	late := w.IssueLoginCode("o1")
	w.clock.pass(codeLife)
	if got := w.login(late); got != 40029 {
		t.Errorf("late: %d", got)
	}
	if got, _ := w.call("POST", PathLogin, loginQuery(code), ""); got != 43001 {
		t.Errorf("POST: %d", got)
	}
}

func TestDemoPeople(t *testing.T) {
	w := open(t, func(o *Options) { o.Demo = true })
	for range 3 {
		code, answer := w.call("GET", PathLogin, loginQuery("demo-anna"), "")
		if code != 0 || answer["openid"] != OpenID("anna") {
			t.Errorf("%d %v", code, answer)
		}
	}
	if OpenID("anna") == OpenID("ben") || len(OpenID("anna")) != 28 {
		t.Error(OpenID("anna"))
	}
	if got := w.post(PathPhone, `{"code":"demo-13800138000"}`); got != 0 {
		t.Error(got)
	}
	if got := w.post(PathPhone, `{"code":"demo-12a"}`); got != 40029 {
		t.Error(got)
	}
	// After a restart the fake knows of no visit.
	if got := w.post(PathCheckText, fmt.Sprintf(`{"version":2,"scene":1,"openid":%q,"content":"x"}`, OpenID("carl"))); got != 0 {
		t.Error(got)
	}
}

func TestStableToken(t *testing.T) {
	w := open(t)
	first, left, _ := w.token(false)
	if again, _, _ := w.token(false); again != first || left != 7200 {
		t.Error("not stable", left)
	}
	w.clock.pass(2*time.Hour - 5*time.Minute)
	if again, left, _ := w.token(false); again != first || left != 300 {
		t.Error("exactly 300 s remain", left)
	}
	w.clock.pass(time.Second)
	second, left, _ := w.token(false)
	if second == first || left != 7200 {
		t.Error("no successor in the last five minutes")
	}
	phone := func(token string) int {
		code, _ := w.call("POST", PathPhone, "access_token="+token, `{"code":"x"}`)
		return code
	}
	if phone(first) != 40029 || phone(second) != 40029 {
		t.Error("both are to be good in the overlap")
	}
	w.clock.pass(5 * time.Minute)
	if phone(first) != 42001 || phone(second) != 40029 {
		t.Error("the old one is to end")
	}
	w.RevokeToken()
	third, _, _ := w.token(false)
	if phone(second) != 40001 || third == second || phone(third) != 40029 || phone("x") != 40001 || phone("") != 41001 {
		t.Error("revoking")
	}
	if code, _ := w.call("POST", PathPhone, "access_token="+third+"&access_token="+third, "{}"); code != 40029 {
		t.Error("doubled token:", code)
	}
}

func TestForcedRefreshIsLimited(t *testing.T) {
	w := open(t)
	before, _, _ := w.token(false)
	for i := range forcedADay {
		if _, _, code := w.token(true); code != 0 {
			t.Fatal(i, code)
		}
		if _, _, code := w.token(true); code != 45009 {
			t.Fatal("within 30 s:", code)
		}
		w.clock.pass(forcedPause)
	}
	if _, _, code := w.token(true); code != 45009 {
		t.Error("the 21st:", code)
	}
	if code, _ := w.call("POST", PathPhone, "access_token="+before, "{}"); code != 40001 {
		t.Error("the old token survived a forced refresh:", code)
	}
	w.clock.pass(24 * time.Hour)
	if _, _, code := w.token(true); code != 0 {
		t.Error("the next day:", code)
	}
}

func TestTokenRefusals(t *testing.T) {
	w := open(t)
	for body, want := range map[string]int{
		"": 47001, `{"grant_type":"x"}`: 40002,
		`{"grant_type":"client_credential","appid":"wxother","secret":"s3cr3t"}`:  40013,
		`{"grant_type":"client_credential","appid":"` + appID + `","secret":"x"}`: 40125,
	} {
		if got, _ := w.call("POST", PathToken, "", body); got != want {
			t.Errorf("%s: %d", body, got)
		}
	}
	if got, _ := w.call("GET", PathToken, "", ""); got != 43002 {
		t.Error(got)
	}
}

func TestPhoneNumbers(t *testing.T) {
	w := open(t)
	for number, want := range map[string][2]string{"13800138000": {"86", "13800138000"}, "+85291234567": {"852", "91234567"}, "+1": {"1", ""}} {
		token, _, _ := w.token(false)
		_, answer := w.call("POST", PathPhone, "access_token="+token, `{"code":"`+w.IssuePhoneCode(number)+`"}`)
		info, _ := answer["phone_info"].(map[string]any)
		if info["countryCode"] != want[0] || info["purePhoneNumber"] != want[1] || info["watermark"].(map[string]any)["appid"] != appID {
			t.Errorf("%s: %v", number, info)
		}
	}
}

func TestConsentsAreCounted(t *testing.T) {
	w := open(t, func(o *Options) { o.Templates = []string{"T", "U"} })
	w.Consent("o1", "T", 1)
	w.Consent("o1", "T", 1)
	good := `{"touser":"o1","template_id":"T","page":"pages/me","data":{"thing1":{"value":"好"}}}`
	for name, c := range map[string]struct {
		old, new string
		want     int
	}{
		"no JSON": {good, "x", 47001}, "nobody": {`"o1"`, `""`, 40003}, "unknown template": {`"T"`, `"V"`, 40037},
		"page": {"pages", "/pages", 41030}, "another person": {`"o1"`, `"o2"`, 43101}, "another template": {`"T"`, `"U"`, 43101},
		"no data": {`"thing1":{"value":"好"}`, "", 47003}, "empty": {"好", "", 47003}, "number": {`"好"`, "7", 47003},
		"too long": {"好", strings.Repeat("好", 21), 47003}, "unknown field": {"thing1", "colour1", 47003},
		"state": {`"page"`, `"miniprogram_state":"x","page"`, 47003},
	} {
		if got := w.post(PathSend, strings.Replace(good, c.old, c.new, 1)); got != c.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	if w.ConsentsLeft("o1", "T") != 2 {
		t.Error("a refusal used up a consent")
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { w.post(PathSend, good) })
	}
	all.Wait()
	if got := w.post(PathSend, good); got != 43101 || len(w.Sent()) != 2 || w.ConsentsLeft("o1", "T") != 0 {
		t.Errorf("%d, %d sent", got, len(w.Sent()))
	}
}

func TestFieldTypes(t *testing.T) {
	for value, fields := range map[string][2]string{ // the fields that take it, those that do not
		"家门口":                   {"thing1 phrase1 name1 car_number1", "letter1 number1 character_string1 symbol1 time1 amount1 phone_number1"},
		"abc":                   {"thing1 name1 letter1 character_string1", "phrase1 number1 time1 amount1"},
		"12.5":                  {"number1 amount1 thing1", "letter1 phrase1 time1"},
		"¥1234567890.50元":       {"amount1", "number1"},
		"¥12345678901":          {"", "amount1"},
		"2026-03-02 09:00":      {"time1 date1", "number1 amount1"},
		"09:00~11:30":           {"time1 date1", ""},
		"2026年3月2日 09:00":       {"time1 date1", ""},
		"09:00至11:30":           {"", "time1 date1"},
		"+86 021-12345":         {"phone_number1", "number1"},
		"123456789012345678":    {"", "phone_number1"},
		"!?":                    {"symbol1", "letter1"},
		"王一二三四五六七八九十":           {"", "name1"},
		"abcdefghijklmnopqrst":  {"name1", ""},
		"abcdefghijklmnopqrstu": {"", "name1 thing1"},
		"沪A·1234567":            {"", "car_number1"},
		"a\nb":                  {"", "thing1 character_string1"},
	} {
		for at, wanted := range []bool{true, false} {
			for _, field := range strings.Fields(fields[at]) {
				if shapeOf(field).MatchString(value) != wanted {
					t.Errorf("%s %q: want %t", field, value, wanted)
				}
			}
		}
	}
}

func TestTextChecks(t *testing.T) {
	w := open(t)
	ask := func(version, scene int, openID, content string) int {
		return w.post(PathCheckText, fmt.Sprintf(`{"version":%d,"scene":%d,"openid":%q,"content":%q}`, version, scene, openID, content))
	}
	if got := ask(2, 1, "o1", "x"); got != 61010 {
		t.Error("never here:", got)
	}
	w.Visit("o1")
	for want, got := range map[int]int{
		40097: ask(1, 1, "o1", "x"), 40003: ask(2, 1, "", "x"), 44004: ask(2, 1, "o1", ""),
		45002: ask(2, 1, "o1", strings.Repeat("长", 2501)), 0: ask(2, 4, "o1", strings.Repeat("长", 2500)),
	} {
		if got != want {
			t.Errorf("want %d, got %d", want, got)
		}
	}
	if ask(2, 0, "o1", "x") != 40097 || ask(2, 5, "o1", "x") != 40097 || w.post(PathCheckText, "x") != 47001 {
		t.Error("scene or JSON")
	}
	w.clock.pass(visitLife + time.Second)
	if got := ask(2, 1, "o1", "x"); got != 61010 {
		t.Error("two hours ago:", got)
	}
	for content, want := range map[string]string{"好": "pass", "a" + RiskyWord: "risky", ReviewWord + "b": "review"} {
		if got, _ := judge(content); got != want {
			t.Errorf("%s: %s", content, got)
		}
	}
}

func TestMediaChecks(t *testing.T) {
	w := open(t)
	w.Visit("o1")
	ask := func(address string, kind int) int {
		return w.post(PathCheckMedia, fmt.Sprintf(`{"version":2,"scene":1,"openid":"o1","media_url":%q,"media_type":%d}`, address, kind))
	}
	if ask("https://example.org/a.jpg", 2) != 0 || ask("a.jpg", 2) != 40066 || ask("file:///etc/passwd", 2) != 40066 || ask("https://example.org/a", 3) != 40004 {
		t.Error("answers")
	}
	if p := w.Pending(); len(p) != 1 || p[0].Suggest != "pass" || p[0].OpenID != "o1" {
		t.Errorf("%+v", p)
	}
}

func TestQRCodes(t *testing.T) {
	w := open(t)
	for body, want := range map[string]int{
		`{"scene":"a=1","page":"pages/x"}`: 0, `{"scene":""}`: 40169, `{"scene":"中"}`: 40169, `{"scene":"a","page":"/x"}`: 41030,
		`{"scene":"a","env_version":"x"}`: 40097, `x`: 47001,
	} {
		if got := w.post(PathQRCode, body); got != want {
			t.Errorf("%s: %d", body, got)
		}
	}
	if string(picture("a")[:3]) != "\xFF\xD8\xFF" || string(picture("a")) == string(picture("b")) {
		t.Error("pictures")
	}
}

func TestUnknownPathsFailClosed(t *testing.T) {
	w := open(t)
	for _, path := range []string{"/", "/cgi-bin/token", "/wxa/msg_sec_check/", PathLogin + "/x"} {
		if got, _ := w.call("GET", path, "", ""); got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
	if calls := w.Calls(); len(calls) != 4 || calls[0].Errcode != 404 {
		t.Error("not recorded")
	}
}

func TestFaultsComeInTurnAndEnd(t *testing.T) {
	w := open(t)
	w.Fail(PathLogin, Fault{Status: 502}, 2)
	w.Fail(PathLogin, Fault{Errcode: -1}, 1)
	code := w.IssueLoginCode("o1")
	var got []int
	for range 4 {
		got = append(got, w.login(code))
	}
	if !slices.Equal(got, []int{502, 502, -1, 0}) {
		t.Error(got)
	}
	w.Fail(PathLogin, Fault{Errcode: 45011}, -1)
	for range 3 {
		if w.login("x") != 45011 {
			t.Error("not for ever")
		}
	}
	w.Heal(PathLogin)
	if w.login("x") != 40029 {
		t.Error("not healed")
	}
}

func TestACutAnswerWasStillDone(t *testing.T) {
	w := open(t)
	w.Consent("o1", "T", 1)
	token, _, _ := w.token(false)
	w.Fail(PathSend, Fault{CutBody: true}, 1)
	resp, err := http.Post(w.url+PathSend+"?access_token="+token, "application/json",
		strings.NewReader(`{"touser":"o1","template_id":"T","data":{"thing1":{"value":"好"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.ReadAll(resp.Body); err == nil || len(w.Sent()) != 1 {
		t.Errorf("%v, %d sent", err, len(w.Sent()))
	}
}

func TestHangingAnswersEndWithTheServer(t *testing.T) {
	s := New(Options{})
	server := httptest.NewServer(s)
	defer server.Close()
	s.Fail(PathLogin, Fault{Hang: true}, 1)
	time.AfterFunc(20*time.Millisecond, s.Close)
	if resp, err := http.Get(server.URL + PathLogin); err == nil {
		_ = resp.Body.Close()
		t.Error("answered")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	w := open(t, func(o *Options) { o.KeepCalls = 3; o.Demo = true })
	for i := range 10 {
		w.login(fmt.Sprintf("demo-%d", i))
	}
	if calls := w.Calls(); len(calls) != 3 || calls[2].Query.Get("js_code") != "demo-9" || len(w.Secrets()) != 3 || len(w.visits) != 0 {
		t.Errorf("%d calls, %d secrets, %d visits", len(calls), len(w.Secrets()), len(w.visits))
	}
}

// TestSealingIsWeChats uses the reply of the official message push guide.
func TestSealingIsWeChats(t *testing.T) {
	w := open(t)
	got, err := w.encrypt([]byte("707722b803182950"), []byte(`{"demo_resp":"good luck"}`))
	const want = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
	if got != want || err != nil {
		t.Errorf("%s %v", got, err)
	}
	if got := sign("AAAAA", "1713424427", "415670741", want); got != "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1" {
		t.Error(got)
	}
	if got := sign("AAAAA", "1714036504", "1514711492"); got != "f464b24fc39322e44b38aa78f5edd27bd1441696" {
		t.Error(got)
	}
	if _, err := New(Options{PushAESKey: "short"}).Seal(nil, false); err == nil {
		t.Error("sealed without a key")
	}
}

// ear takes pushes; it fails the first few.
type ear struct {
	mu     sync.Mutex
	fails  int
	bodies []string
	heard  chan url.Values
}

func (e *ear) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	e.bodies = append(e.bodies, string(body))
	if e.fails > 0 {
		e.fails--
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "success")
	e.heard <- r.URL.Query()
}

func listen(t *testing.T, w *world, fails int) *ear {
	t.Helper()
	e := &ear{fails: fails, heard: make(chan url.Values, 20)}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w.PushTo(server.URL)
	return e
}

func (w *world) askMedia() {
	w.Visit("o1")
	w.post(PathCheckMedia, `{"version":2,"scene":1,"openid":"o1","media_url":"https://example.org/a.jpg","media_type":2}`)
}

func TestVerdictsComeByThemselvesAndAreRetried(t *testing.T) {
	w := open(t, func(o *Options) { o.PushAfter = 10 * time.Millisecond })
	e := listen(t, w, 1)
	w.askMedia()
	select {
	case query := <-e.heard:
		if query.Get("encrypt_type") != "aes" || query.Get("msg_signature") == "" {
			t.Error(query)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
	}
	for deadline := time.Now().Add(10 * time.Second); len(w.Pending()) > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	w.Close()
	if len(w.Pending()) != 0 || len(e.bodies) != 2 {
		t.Errorf("%d pending, %d tries", len(w.Pending()), len(e.bodies))
	}
	w.askMedia() // after Close nothing is started any more
}

func TestDeliverAndReplay(t *testing.T) {
	w := open(t)
	e := listen(t, w, 0)
	for range 2 {
		w.askMedia()
	}
	for _, d := range []Delivery{{BadSignature: true}, {Plaintext: true}, {Plaintext: true, XML: true}} {
		if statuses, err := w.Deliver(t.Context(), d); len(statuses) != 2 || err != nil || len(w.Pending()) != 2 {
			t.Error(d, statuses, err)
		}
	}
	if statuses, err := w.Deliver(t.Context(), Delivery{Twice: true}); len(statuses) != 4 || err != nil || len(w.Pending()) != 0 {
		t.Error(statuses, err)
	}
	before := len(e.bodies)
	if statuses, err := w.Replay(t.Context()); len(statuses) != 4 || err != nil {
		t.Error(statuses, err)
	}
	if !slices.Equal(e.bodies[before-4:before], e.bodies[before:]) {
		t.Error("a replay is not the same")
	}
	w.PushTo("")
	if _, err := w.Post(t.Context(), Envelope{}); err == nil {
		t.Error("posted to nowhere")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	w.PushTo("http://127.0.0.1:1")
	if _, err := w.Replay(gone); err == nil {
		t.Error("posted after the end")
	}
}
