package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// answer is what came back from WeChat, whole and within the body limit, or err.
type answer struct {
	status    int
	mediaType string
	body      []byte
	err       error
}

var errOversized = errors.New("the answer is larger than the limit")

// newWire makes the connection pool. With onlyFake it goes past every proxy and dials the base's address or nothing.
func newWire(base *url.URL, onlyFake bool) *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}
	wire := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		MaxIdleConns: 32, MaxIdleConnsPerHost: 32, IdleConnTimeout: 60 * time.Second,
		TLSHandshakeTimeout: 3 * time.Second, MaxResponseHeaderBytes: 64 << 10,
	}
	if onlyFake {
		wire.Proxy = nil
		wire.DialContext = dialOnly(addressOf(base), dialer)
	}
	return wire
}

func dialOnly(address string, dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, wanted string) (net.Conn, error) {
		if wanted != address {
			return nil, fmt.Errorf("demo mode refuses to dial %s", wanted)
		}
		return dialer.DialContext(ctx, network, wanted)
	}
}

func addressOf(base *url.URL) string {
	port := base.Port()
	if port == "" && base.Scheme == "https" {
		port = "443"
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(base.Hostname(), port)
}

// aim puts an API path under the base address.
func (c *Client) aim(path string) *url.URL { return c.base.JoinPath(path) }

// exchange sends one request and reads the answer to its end. Redirects are answers like any other.
func (c *Client) exchange(req *http.Request) answer {
	resp, err := c.wire.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.maxBody+1))
	if err != nil {
		return answer{err: fmt.Errorf("the answer was cut off: %w", err)}
	}
	if int64(len(body)) > c.maxBody {
		return answer{err: errOversized}
	}
	return answer{status: resp.StatusCode, mediaType: resp.Header.Get("Content-Type"), body: body}
}

// judge turns an answer into its error, or nil when WeChat agreed.
func (c *Client) judge(name string, a answer, secrets ...string) error {
	switch {
	case a.err != nil:
		return c.unanswered(name, a.err, secrets...)
	case a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests:
		return c.fault(name, temporary, fmt.Sprintf("HTTP status %d", a.status))
	case a.status != http.StatusOK:
		return c.fault(name, misconfigured, fmt.Sprintf("HTTP status %d: is the address WeChat's?", a.status))
	case a.isJPEG():
		return nil
	}
	var said struct {
		Errcode scalar `json:"errcode"`
		Errmsg  scalar `json:"errmsg"`
	}
	if err := json.Unmarshal(a.body, &said); err != nil {
		return c.fault(name, temporary, "the answer cannot be read")
	}
	return c.refusal(name, said.Errcode, string(said.Errmsg), secrets...)
}

// saysOK asks for errcode 0 in so many words; calls that answer nothing else are not done without it.
func (a answer) saysOK() bool {
	var said struct {
		Errcode scalar `json:"errcode"`
	}
	return json.Unmarshal(a.body, &said) == nil && said.Errcode == "0"
}

func (a answer) isJPEG() bool { return bytes.HasPrefix(a.body, []byte{0xFF, 0xD8, 0xFF}) }

// scalar is a JSON string or number, as WeChat is not steady about which it sends.
type scalar string

// UnmarshalJSON takes a string, a number or null.
func (s *scalar) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(s))
	}
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	*s = scalar(number)
	return nil
}
