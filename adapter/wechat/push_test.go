package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jiamenkou/adapter/wechat/fake"
)

// The vector of WeChat's message push guide (消息推送, safe mode, JSON).
const (
	vectorKey    = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	vectorSealed = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsX" +
		"UnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km3" +
		"2IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
	vectorQuery = "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445&nonce=415670741" +
		"&openid=o9AgO5Kd5ggOC-bXrbNODIiE3bGY&encrypt_type=aes&msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
	vectorEcho = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249&timestamp=1714036504&nonce=1514711492"
)

func vectorClient(t *testing.T, at int64) *Client {
	t.Helper()
	c, err := New(Options{
		AppID: "wxba5fad812f8e6fb9", AppSecret: testSecret, PushToken: "AAAAA", PushAESKey: vectorKey,
		Now: func() time.Time { return time.Unix(at, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parsed(t *testing.T, query string) url.Values {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestOfficialVector(t *testing.T) {
	c := vectorClient(t, 1714112445)
	for _, body := range []string{
		`{"ToUserName":"gh_97417a04a28d","Encrypt":"` + vectorSealed + `"}`,
		`<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><Encrypt><![CDATA[` + vectorSealed + `]]></Encrypt></xml>`,
	} {
		push, err := c.ReadPush(parsed(t, vectorQuery), []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if push.To != "gh_97417a04a28d" || push.From != "o9AgO5Kd5ggOC-bXrbNODIiE3bGY" || push.Type != "event" ||
			push.Event != "debug_demo" || push.At.Unix() != 1714112445 || !strings.HasPrefix(push.Key, "event:") {
			t.Errorf("got %+v", push)
		}
	}
	echo, err := vectorClient(t, 1714036504).Echo(parsed(t, vectorEcho))
	if echo != "4375120948345356249" || err != nil {
		t.Errorf("echo %q %v", echo, err)
	}
}

func TestEcho(t *testing.T) {
	h := open(t)
	good := h.fake.EchoQuery("echo123")
	if echo, err := h.Echo(good); echo != "echo123" || err != nil {
		t.Error(echo, err)
	}
	h.refuses(t, "script", func() error { _, err := h.Echo(h.fake.EchoQuery("<script>")); return err })
	h.refuses(t, "empty", func() error { _, err := h.Echo(h.fake.EchoQuery("")); return err })
	for name := range good {
		if name != "echostr" {
			changed := parsed(t, good.Encode())
			changed.Set(name, "1")
			h.refuses(t, name, func() error { _, err := h.Echo(changed); return err })
		}
	}
	h.clock.pass(pushWindow + time.Second)
	h.refuses(t, "late", func() error { _, err := h.Echo(good); return err })
	closed, err := New(Options{AppID: testAppID, AppSecret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	h.refuses(t, "no token", func() error { _, err := closed.Echo(good); return err })
	// Anybody can compute what an empty token would sign.
	now := strconv.FormatInt(time.Now().Unix(), 10)
	unsigned := url.Values{
		"timestamp": {now}, "nonce": {"n"}, "echostr": {"e"}, "encrypt_type": {"aes"},
		"signature": {signatureOf("", now, "n")}, "msg_signature": {signatureOf("", now, "n", vectorSealed)},
	}
	h.refuses(t, "no token", func() error { _, err := closed.Echo(unsigned); return err })
	h.refuses(t, "no token", func() error {
		_, err := closed.ReadPush(unsigned, []byte(`{"Encrypt":"`+vectorSealed+`"}`))
		if err != nil && !strings.Contains(err.Error(), "wrong signature") {
			t.Error("refused for another reason:", err)
		}
		return err
	})
}

func (h *house) refuses(t *testing.T, name string, try func() error) {
	t.Helper()
	if err := try(); !errors.Is(err, ErrPush) {
		t.Errorf("%s: %v", name, err)
	}
}

func (h *house) read(t *testing.T, message string) Push {
	t.Helper()
	e, err := h.fake.Seal([]byte(message), strings.HasPrefix(message, "<"))
	if err != nil {
		t.Fatal(err)
	}
	push, err := h.ReadPush(e.Query, e.Body)
	if err != nil {
		t.Fatalf("%s: %v", message, err)
	}
	return push
}

func TestMediaVerdicts(t *testing.T) {
	h := open(t)
	want := MediaVerdict{TraceID: "t-1", Suggest: "risky", Label: 20006}
	for _, asXML := range []bool{false, true} {
		push := h.read(t, string(h.fake.VerdictMessage(fake.Verdict{OpenID: person, TraceID: "t-1", Suggest: "risky", Label: 20006}, asXML)))
		if push.Media == nil || *push.Media != want || push.Key != "media:t-1" || push.From != person {
			t.Errorf("%+v %+v", push, push.Media)
		}
	}
	for body, want := range map[string]MediaVerdict{
		`"result":{"suggest":"pass","label":100}`:                                {"t", "pass", 100, 0},
		`"result":{"suggest":"pass","label":"100"},"errcode":"0"`:                {"t", "pass", 100, 0},
		`"result":{"suggest":"pass","label":100},"errcode":-1008`:                {"t", "review", 100, -1008},
		`"result":{"suggest":"pass","label":100},"errcode":"odd"`:                {"t", "review", 100, -1},
		`"result":{"suggest":"great"}`:                                           {"t", "review", 0, 0},
		`"result":{}`:                                                            {"t", "review", 0, 0},
		`"detail":[{"suggest":"pass"}]`:                                          {"t", "review", 0, 0},
		`"result":{"suggest":"risky","label":20002},"appid":"` + testAppID + `"`: {"t", "risky", 20002, 0},
	} {
		push := h.read(t, `{"MsgType":"event","Event":"wxa_media_check","trace_id":"t",`+body+`}`)
		if *push.Media != want {
			t.Errorf("%s: %+v", body, *push.Media)
		}
	}
}

func TestStringsAndNumbersAlike(t *testing.T) {
	h := open(t)
	for _, message := range []string{
		`{"CreateTime":1714112445,"MsgId":6542,"MsgType":"text","FromUserName":"o1","ToUserName":"gh","Content":"hi"}`,
		`{"CreateTime":"1714112445","MsgId":"6542","MsgType":"text","FromUserName":"o1","ToUserName":"gh"}`,
		`{"CreateTime":"1714112445","MsgID":"6542","MsgType":"text","FromUserName":"o1","ToUserName":"gh"}`,
		` <xml><CreateTime>1714112445</CreateTime><MsgId>6542</MsgId><MsgType>text</MsgType><FromUserName>o1</FromUserName>
		  <ToUserName><![CDATA[gh]]></ToUserName></xml>`,
	} {
		push := h.read(t, message)
		want := Push{Key: "message:6542", To: "gh", From: "o1", Type: "text", At: time.Unix(1714112445, 0).UTC(), MsgID: "6542"}
		if fmt.Sprint(push) != fmt.Sprint(want) {
			t.Errorf("%s:\n got %+v\nwant %+v", message, push, want)
		}
	}
	for _, created := range []string{`"soon"`, `-1`, `1e9`, `99999999999999999999`, `true`, `{}`} {
		e, _ := h.fake.Seal([]byte(`{"MsgType":"event","CreateTime":`+created+`}`), false)
		h.refuses(t, created, func() error { _, err := h.ReadPush(e.Query, e.Body); return err })
	}
}

func TestSubscriptionLists(t *testing.T) {
	h := open(t)
	accepted := Subscription{TemplateID: "T1", Status: "accept", Scene: "0"}
	for message, want := range map[string][]Subscription{
		`{"MsgType":"event","Event":"subscribe_msg_popup_event","List":{"TemplateId":"T1","SubscribeStatusString":"accept","PopupScene":"0"}}`: {accepted},
		`{"MsgType":"event","Event":"subscribe_msg_popup_event","List":[{"TemplateId":"T1","SubscribeStatusString":"accept","PopupScene":0},` +
			`{"TemplateId":"T2","SubscribeStatusString":"reject"}]}`: {accepted, {TemplateID: "T2", Status: "reject"}},
		`{"MsgType":"event","Event":"subscribe_msg_popup_event","List":[]}`:                                                                                                 nil,
		`{"MsgType":"event","Event":"subscribe_msg_popup_event","List":null}`:                                                                                               nil,
		`{"MsgType":"event","Event":"subscribe_msg_change_event","SubscribeMsgChangeEvent":{"List":{"TemplateId":"T1","PopupScene":"0","SubscribeStatusString":"accept"}}}`: {accepted},
		`<xml><MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId>` +
			`<SubscribeStatusString>accept</SubscribeStatusString><PopupScene>0</PopupScene></List><List><TemplateId>T2</TemplateId></List>` +
			`</SubscribeMsgPopupEvent></xml>`: {accepted, {TemplateID: "T2"}},
		`<xml><MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event><SubscribeMsgSentEvent><List><TemplateId>T1</TemplateId>` +
			`<MsgID>17</MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent></xml>`: {
			{TemplateID: "T1", MsgID: "17", ErrorCode: "0", ErrorStatus: "success"}},
	} {
		if got := h.read(t, message).Subscriptions; !slices.Equal(got, want) {
			t.Errorf("%s: %+v", message, got)
		}
	}
}

func TestUnknownEventsAreReadAsFarAsTheyGo(t *testing.T) {
	h := open(t)
	push := h.read(t, `{"MsgType":"event","Event":"news","List":7,"result":"fine","trace_id":[1],"errcode":{}}`)
	if push.Event != "news" || push.Media != nil || push.Subscriptions != nil {
		t.Errorf("%+v", push)
	}
}

func TestKeyIsTheSameForARepetitionOnly(t *testing.T) {
	h := open(t)
	message := `{"MsgType":"event","Event":"subscribe_msg_popup_event","FromUserName":"o1","CreateTime":7,"List":{"TemplateId":"%s"}}`
	first := h.read(t, fmt.Sprintf(message, "T1"))
	h.clock.pass(15 * time.Second)
	if again := h.read(t, fmt.Sprintf(message, "T1")); again.Key != first.Key {
		t.Error("a repetition has another key")
	}
	if other := h.read(t, fmt.Sprintf(message, "T2")); other.Key == first.Key {
		t.Error("another event of the same second has the same key")
	}
}

func TestTamperedPushesAreRefused(t *testing.T) {
	h := open(t)
	good, err := h.fake.Seal(h.fake.VerdictMessage(fake.Verdict{OpenID: person, TraceID: "t", Suggest: "pass"}, false), false)
	if err != nil {
		t.Fatal(err)
	}
	read := func(query url.Values, body []byte) error { _, err := h.ReadPush(query, body); return err }
	if err := read(good.Query, good.Body); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"msg_signature", "timestamp", "nonce", "encrypt_type"} {
		for what, values := range map[string][]string{"missing": nil, "other": {"1772413201"}, "empty": {""}, "doubled": {good.Query.Get(name), good.Query.Get(name)}} {
			query := parsed(t, good.Query.Encode())
			query[name] = values
			h.refuses(t, name+" "+what, func() error { return read(query, good.Body) })
		}
	}
	for at := range good.Body {
		body := bytes.Clone(good.Body)
		body[at] ^= 1
		push, err := h.ReadPush(good.Query, body)
		if err == nil && push.Key != "media:t" {
			t.Fatalf("byte %d flipped: %+v", at, push)
		}
	}
	upper := parsed(t, good.Query.Encode())
	upper.Set("msg_signature", strings.ToUpper(upper.Get("msg_signature")))
	h.refuses(t, "signature in capitals", func() error { return read(upper, good.Body) })
	for _, d := range []time.Duration{pushWindow + time.Second, -2 * (pushWindow + time.Second)} {
		h.clock.pass(d)
		h.refuses(t, "clock "+d.String(), func() error { return read(good.Query, good.Body) })
	}
}

func TestPushTooLarge(t *testing.T) {
	h := open(t, func(o *Options, _ *fake.Options) { o.MaxBody = 1024 })
	e, _ := h.fake.Seal([]byte(`{"MsgType":"`+strings.Repeat("x", 2048)+`"}`), false)
	h.refuses(t, "large", func() error { _, err := h.ReadPush(e.Query, e.Body); return err })
}

// rawSeal encrypts and signs any bytes, whole blocks, as only the holder of the keys could.
func rawSeal(t testing.TB, h *house, plain []byte) (url.Values, []byte) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(testAESKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Clone(plain)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(data, data)
	sealed := base64.StdEncoding.EncodeToString(data)
	return signedFor(h, sealed), []byte(`{"Encrypt":"` + sealed + `"}`)
}

func signedFor(h *house, sealed string) url.Values {
	timestamp := strconv.FormatInt(h.clock.Now().Unix(), 10)
	return url.Values{
		"timestamp": {timestamp}, "nonce": {"n"}, "encrypt_type": {"aes"},
		"msg_signature": {signatureOf(testPushToken, timestamp, "n", sealed)},
	}
}

// padded lays out a plaintext with the length field and padding byte as given.
func padded(length uint32, message, appID string, pad int) []byte {
	plain := binary.BigEndian.AppendUint32(bytes.Repeat([]byte{'s'}, 16), length)
	plain = append(plain, message+appID...)
	return append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
}

func TestOddPlaintextsAreRefusedWithoutPanic(t *testing.T) {
	h := open(t)
	message := `{"MsgType":"event"}` // 19 bytes; with head and AppID 57
	ok := padded(19, message, testAppID, 7)
	if _, err := h.ReadPush(rawSeal(t, h, ok)); err != nil {
		t.Fatal(err)
	}
	last := len(ok) - 1
	with := func(at int, b byte) []byte { changed := bytes.Clone(ok); changed[at] = b; return changed }
	for name, plain := range map[string][]byte{
		"pad 0":                with(last, 0),
		"pad 33":               with(last, 33),
		"pad 255":              with(last, 255),
		"pad unlike":           with(last-1, 9),
		"length too large":     padded(38, message, testAppID, 7),
		"length 2^32-1":        padded(1<<32-1, message, testAppID, 7),
		"length 2^31":          padded(1<<31, message, testAppID, 7),
		"length too small":     padded(18, message, testAppID, 7),
		"length 0":             padded(0, message, testAppID, 7),
		"another app":          padded(19, message, "wxba5fad812f8e6fb8", 7),
		"no app":               padded(19, message, "", 25),
		"only padding":         bytes.Repeat([]byte{32}, 32),
		"head cut off":         append(bytes.Repeat([]byte{'s'}, 16), bytes.Repeat([]byte{16}, 16)...),
		"empty message":        padded(0, "", testAppID, 26),
		"neither XML nor JSON": padded(5, "hello", testAppID, 21),
		"no type":              padded(2, "{}", testAppID, 24),
		"other appid inside":   padded(31, `{"MsgType":"event","appid":"x"}`, testAppID, 27),
		"verdict on nothing":   padded(44, `{"MsgType":"event","Event":"wxa_media_check"`, testAppID, 14),
	} {
		h.refuses(t, name, func() error { _, err := h.ReadPush(rawSeal(t, h, plain)); return err })
	}
	for _, sealed := range []string{"!", "QUJD", base64.StdEncoding.EncodeToString(make([]byte, 16)), base64.StdEncoding.EncodeToString(make([]byte, 33))} {
		h.refuses(t, sealed, func() error {
			_, err := h.ReadPush(signedFor(h, sealed), []byte(`{"Encrypt":"`+sealed+`"}`))
			return err
		})
	}
}

// receiver is a push endpoint as the router has one: it answers "success", and counts each key once.
type receiver struct {
	mu   sync.Mutex
	h    *house
	seen []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	push, err := r.h.ReadPush(req.URL.Query(), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, push.Media.TraceID)
	_, _ = io.WriteString(w, "success")
}

func TestPushesOverHTTP(t *testing.T) {
	h := open(t)
	r := &receiver{h: h}
	server := httptest.NewServer(r)
	defer server.Close()
	h.fake.PushTo(server.URL)
	h.fake.Visit(person)
	var asked []string
	for _, address := range []string{"https://example.org/1.jpg", "https://example.org/risky.jpg"} {
		traceID, err := h.CheckMedia(t.Context(), person, 2, address, "image")
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, traceID)
	}
	for _, d := range []fake.Delivery{{BadSignature: true}, {Plaintext: true}, {Plaintext: true, XML: true}, {BadSignature: true, XML: true}} {
		if statuses, err := h.fake.Deliver(t.Context(), d); !slices.Equal(statuses, []int{403, 403}) || err != nil {
			t.Errorf("%+v: %v %v", d, statuses, err)
		}
	}
	h.clock.pass(20 * time.Minute)
	statuses, err := h.fake.Deliver(t.Context(), fake.Delivery{Twice: true, Reversed: true, XML: true})
	if !slices.Equal(statuses, []int{200, 200, 200, 200}) || err != nil {
		t.Errorf("%v %v", statuses, err)
	}
	if want := []string{asked[1], asked[1], asked[0], asked[0]}; !slices.Equal(r.seen, want) {
		t.Errorf("saw %v, want %v", r.seen, want)
	}
	h.clock.pass(pushWindow + time.Second)
	if statuses, err = h.fake.Replay(t.Context()); !slices.Equal(statuses, []int{403, 403, 403, 403}) || err != nil {
		t.Errorf("replay: %v %v", statuses, err)
	}
}

// signatureOf is computed here once more, so that the client's own does not vouch for itself.
func signatureOf(parts ...string) string {
	slices.Sort(parts)
	return fmt.Sprintf("%x", sha1.Sum([]byte(strings.Join(parts, ""))))
}
