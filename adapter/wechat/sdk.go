package wechat

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/miniprogram/config"
	sdkcontext "github.com/silenceper/wechat/v2/miniprogram/context"
	"github.com/silenceper/wechat/v2/util"
)

// sdkHost is where the SDK aims every call: its addresses are constants.
const sdkHost = "api.weixin.qq.com"

// The SDK sends everything through one unguarded package variable, so these two cannot be fields of anything.
var (
	installOnce sync.Once
	calls       switchboard
)

// install gives the SDK its HTTP client. It happens once and before any call, so nobody reads the variable while it is
// written. The SDK's URI modifier stays unset: QR codes bypass it, the transport does not.
func install() {
	installOnce.Do(func() {
		util.DefaultHTTPClient = &http.Client{Transport: &calls}
	})
}

// switchboard is the SDK's transport: it knows the calls under way by their tickets and refuses anything else.
type switchboard struct {
	open sync.Map // ticket → *call
}

var errUnknownCall = errors.New("wechat: the SDK tried a call that nobody opened")

// RoundTrip hands the request to the call whose ticket it carries.
func (s *switchboard) RoundTrip(req *http.Request) (*http.Response, error) {
	one := s.find(req.URL.Query())
	if one == nil || req.URL.Host != sdkHost {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errUnknownCall
	}
	return one.roundTrip(req)
}

func (s *switchboard) find(query url.Values) *call {
	for _, name := range []string{"access_token", "secret"} {
		if found, ok := s.open.Load(query.Get(name)); ok {
			return found.(*call)
		}
	}
	return nil
}

// call is one API call under way. It keeps its context because half of the SDK's functions take none.
type call struct {
	ctx    context.Context
	client *Client
	name   string
	ticket string
	// code is the caller's single-use code, kept out of every error text.
	code string
	// token is the access token the call went out with, empty for calls that need none.
	token    string
	tokenErr error
	sent     bool
	answer   answer
}

// call runs use, one SDK call, under the client's time limit. A bad access token is dropped and the call made once more.
func (c *Client) call(ctx context.Context, name, code string, use func(*call) error) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	began := c.now()
	one, err := c.attempt(ctx, name, code, use)
	if one.token != "" && isBadToken(err) {
		c.tokens.drop(ctx, one.token)
		one, err = c.attempt(ctx, name, code, use)
	}
	c.report(ctx, name, c.now().Sub(began), err)
	return one.answer, err
}

func (c *Client) attempt(ctx context.Context, name, code string, use func(*call) error) (*call, error) {
	one := &call{ctx: ctx, client: c, name: name, code: code, ticket: "ticket-" + rand.Text()}
	calls.open.Store(one.ticket, one)
	defer calls.open.Delete(one.ticket)
	return one, one.verdict(use(one))
}

func (c *Client) report(ctx context.Context, name string, took time.Duration, err error) {
	if failed, ok := errors.AsType[*Error](err); ok {
		c.log.WarnContext(ctx, "wechat call failed", "call", name, "errcode", failed.Errcode,
			"rid", failed.RID, "reason", failed.Message, "took", took)
	}
}

// verdict reads the answer itself: the SDK shows an errcode in three different ways, and in some not at all.
func (o *call) verdict(sdkErr error) error {
	switch {
	case o.tokenErr != nil:
		return o.tokenErr
	case !o.sent:
		failed := o.client.fault(o.name, temporary, "not sent: "+textOf(sdkErr), o.code)
		failed.unsent = true
		return failed
	}
	if err := o.client.judge(o.name, o.answer, o.code); err != nil {
		return err
	}
	if sdkErr != nil {
		return o.client.fault(o.name, temporary, "the answer cannot be read")
	}
	return nil
}

// sdk is the context the SDK's functions want: our ticket stands in for the AppSecret.
func (o *call) sdk() *sdkcontext.Context {
	return &sdkcontext.Context{
		Config:                   &config.Config{AppID: o.client.appID, AppSecret: o.ticket},
		AccessTokenContextHandle: o,
	}
}

// GetAccessToken serves the SDK's functions without a context; the call's own still holds.
func (o *call) GetAccessToken() (string, error) { return o.GetAccessTokenContext(o.ctx) }

// GetAccessTokenContext keeps the real token for the transport and hands out the ticket.
func (o *call) GetAccessTokenContext(context.Context) (string, error) {
	o.token, o.tokenErr = o.client.tokens.get(o.ctx) //nolint:contextcheck // the SDK drops the context; the call kept it
	return o.ticket, o.tokenErr
}

func (o *call) roundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(o.ctx)
	out.Host = ""
	out.URL = o.client.aim(req.URL.Path)
	out.URL.RawQuery = o.credentials(req.URL.Query()).Encode()
	o.sent, o.answer = true, o.client.exchange(out)
	if o.answer.err != nil {
		return nil, o.answer.err
	}
	return o.answer.response(req), nil
}

func (o *call) credentials(query url.Values) url.Values {
	if query.Has("access_token") {
		query.Set("access_token", o.token)
	}
	if query.Has("secret") {
		query.Set("secret", o.client.appSecret)
	}
	return query
}

// response is the answer in the form the SDK wants. Headers are left behind, Location above all: no redirect is followed.
func (a answer) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {a.mediaType}},
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)), Request: req,
	}
}
