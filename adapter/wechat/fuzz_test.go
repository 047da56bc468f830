package wechat

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"jiamenkou/adapter/wechat/fake"
)

// FuzzLoginCode: a code that is let through stands in the SDK's URL as one value and nothing else.
func FuzzLoginCode(f *testing.F) {
	for _, seed := range []string{"0a1B_-", "demo-anna", "x&js_code=y", "x#", "%26", "", "码", strings.Repeat("x", 129), "a\n"} {
		f.Add(seed)
	}
	c, err := New(Options{AppID: testAppID, AppSecret: testSecret})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if !ValidCode(code) {
			_, _, err := c.Login(t.Context(), code)
			if e := failed(t, err); !e.Rejected() || code != "" && len(code) > 8 && strings.Contains(e.Error(), code) {
				t.Fatal(e)
			}
			return
		}
		raw := fmt.Sprintf("https://api.weixin.qq.com/sns/jscode2session?appid=%s&secret=%s&js_code=%s&grant_type=authorization_code", "a", "b", code)
		address, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if query := address.Query(); len(query) != 4 || !slices.Equal(query["js_code"], []string{code}) || address.Fragment != "" {
			t.Fatalf("%q became %v", code, query)
		}
	})
}

// FuzzReadPush gives data as the request's body, as the ciphertext, as the plaintext's blocks, and as the message.
func FuzzReadPush(f *testing.F) {
	h := &house{clock: &clock{at: time.Unix(1772413200, 0)}}
	h.fake = fake.New(fake.Options{AppID: testAppID, PushToken: testPushToken, PushAESKey: testAESKey, Now: h.clock.Now})
	var err error
	h.Client, err = New(Options{
		AppID: testAppID, AppSecret: testSecret, PushToken: testPushToken, PushAESKey: testAESKey, Now: h.clock.Now, MaxBody: 64 << 10,
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range pushSeeds(h) {
		for _, way := range []byte{0, 1, 2, 3, 4} {
			f.Add(way, seed)
		}
	}
	f.Fuzz(func(t *testing.T, way byte, data []byte) {
		query, body := asPush(t, h, way, data)
		push, err := h.ReadPush(query, body)
		switch {
		case err != nil && !errors.Is(err, ErrPush):
			t.Fatal("another kind of error:", err)
		case err != nil && len(data) > 16 && strings.Contains(err.Error(), string(data)):
			t.Fatal("the error repeats the message")
		case err == nil && (push.Key == "" || push.Type == ""):
			t.Fatalf("an empty push: %+v", push)
		case err == nil && push.Media != nil && !slices.Contains([]string{"pass", "review", "risky"}, push.Media.Suggest):
			t.Fatalf("an odd verdict: %+v", push.Media)
		}
	})
}

func pushSeeds(h *house) [][]byte {
	v := fake.Verdict{OpenID: person, TraceID: "t", Suggest: "pass", Label: 100}
	return [][]byte{
		nil, []byte("<"), []byte("{"), []byte("[[[["), []byte(`{"Encrypt":"QUJD"}`), []byte("<xml><Encrypt>QUJD</Encrypt></xml>"),
		h.fake.VerdictMessage(v, false), h.fake.VerdictMessage(v, true), []byte(vectorSealed),
		[]byte(`{"Encrypt":"` + vectorSealed + `"}`), padded(19, `{"MsgType":"event"}`, testAppID, 7),
		[]byte(`{"MsgType":"event","Event":"subscribe_msg_popup_event","List":[{"TemplateId":"T"}]}`),
		[]byte(`{"MsgType":"event","Event":"subscribe_msg_popup_event","List":{"TemplateId":"T"},"CreateTime":"1"}`),
		[]byte(`<xml><MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event><SubscribeMsgSentEvent><List><MsgID>1</MsgID></List></SubscribeMsgSentEvent></xml>`),
		[]byte(`<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType></xml>`), []byte(strings.Repeat("<a>", 2000)),
		[]byte(strings.Repeat(`{"a":`, 2000)),
	}
}

func asPush(t *testing.T, h *house, way byte, data []byte) (url.Values, []byte) {
	switch way % 5 {
	case 0:
		return signedFor(h, string(data)), data
	case 1:
		sealed := base64.StdEncoding.EncodeToString(data)
		return signedFor(h, sealed), []byte(`<xml><Encrypt>` + sealed + `</Encrypt></xml>`)
	case 2:
		return rawSeal(t, h, data[:len(data)/16*16])
	}
	e, err := h.fake.Seal(data, way%5 == 4)
	if err != nil {
		t.Fatal(err)
	}
	return e.Query, e.Body
}
