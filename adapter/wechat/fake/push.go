package fake

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- the signature WeChat prescribes
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Account is the original id that pushes are addressed to.
const Account = "gh_fake00000000"

const (
	// pushTries and pushPause are how WeChat repeats a push that is not answered with "success".
	pushTries = 3
	pushPause = time.Second
)

// Verdict is a media verdict WeChat owes us.
type Verdict struct {
	OpenID, TraceID, Suggest string
	Label                    int
}

// Envelope is a push ready to be sent: the query and body of its POST.
type Envelope struct {
	Query     url.Values
	Body      []byte
	MediaType string
}

// Delivery is how pending verdicts are sent. The zero value is as WeChat does: in order, once, JSON, safe mode.
type Delivery struct {
	Twice        bool
	Reversed     bool
	XML          bool
	BadSignature bool // msg_signature does not fit
	Plaintext    bool // a downgrade: not encrypted, the plain signature right
}

// PushTo sets the address of pushes.
func (s *Server) PushTo(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushURL = address
}

// Pending returns the verdicts not delivered yet.
func (s *Server) Pending() []Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pending)
}

// Deliver sends all pending verdicts now and returns the HTTP status each POST met. They are delayed until then. With
// BadSignature or Plaintext they stay pending: nobody is to have taken them.
func (s *Server) Deliver(ctx context.Context, d Delivery) (statuses []int, err error) {
	s.mu.Lock()
	owed := slices.Clone(s.pending)
	if !d.BadSignature && !d.Plaintext {
		s.pending = nil
	}
	s.mu.Unlock()
	if d.Reversed {
		slices.Reverse(owed)
	}
	var envelopes []Envelope
	for _, v := range owed {
		e, err := s.wrap(v, d)
		if err != nil {
			return nil, err
		}
		envelopes = append(envelopes, e)
		if d.Twice {
			envelopes = append(envelopes, e)
		}
	}
	return s.postAll(ctx, envelopes)
}

// Replay sends what the last Deliver sent once more, byte for byte, as someone who listened in would.
func (s *Server) Replay(ctx context.Context) (statuses []int, err error) {
	s.mu.Lock()
	again := slices.Clone(s.last)
	s.mu.Unlock()
	return s.postAll(ctx, again)
}

// Post sends one push and returns the HTTP status it met.
func (s *Server) Post(ctx context.Context, e Envelope) (status int, err error) {
	status, _, err = s.post(ctx, e)
	return status, err
}

// Seal wraps any message the way safe mode does, JSON unless asXML, with the clock's timestamp.
func (s *Server) Seal(message []byte, asXML bool) (Envelope, error) {
	encrypted, err := s.encrypt([]byte(rand.Text()[:16]), message)
	if err != nil {
		return Envelope{}, err
	}
	query := s.signedQuery()
	query.Set("encrypt_type", "aes")
	query.Set("msg_signature", sign(s.o.PushToken, query.Get("timestamp"), query.Get("nonce"), encrypted))
	fields := [][2]string{{"ToUserName", Account}, {"Encrypt", encrypted}}
	if asXML {
		return Envelope{Query: query, Body: xmlOf(fields), MediaType: "text/xml"}, nil
	}
	return Envelope{Query: query, Body: jsonOf(fields), MediaType: "application/json"}, nil
}

// EchoQuery is the query of the GET by which WeChat tests the push address.
func (s *Server) EchoQuery(echostr string) url.Values {
	query := s.signedQuery()
	query.Set("echostr", echostr)
	return query
}

// VerdictMessage is the text of a media verdict before it is sealed.
func (s *Server) VerdictMessage(v Verdict, asXML bool) []byte {
	at := s.o.Now().Unix()
	if asXML {
		return fmt.Appendf(nil, "<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName>"+
			"<CreateTime>%d</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[wxa_media_check]]></Event>"+
			"<appid><![CDATA[%s]]></appid><trace_id><![CDATA[%s]]></trace_id><version>2</version><errcode>0</errcode>"+
			"<result><suggest><![CDATA[%s]]></suggest><label>%d</label></result></xml>",
			Account, v.OpenID, at, s.o.AppID, v.TraceID, v.Suggest, v.Label)
	}
	return said(map[string]any{
		"ToUserName": Account, "FromUserName": v.OpenID, "CreateTime": at, "MsgType": "event", "Event": "wxa_media_check",
		"appid": s.o.AppID, "trace_id": v.TraceID, "version": 2, "errcode": 0, "errmsg": "ok",
		"result": map[string]any{"suggest": v.Suggest, "label": v.Label},
	}).body
}

// promise owes a verdict, and with PushAfter sees to its delivery. The lock is held.
func (s *Server) promise(v Verdict) {
	s.pending = append(s.pending, v)
	if s.o.PushAfter <= 0 || s.closed {
		return
	}
	s.pushes.Go(func() { s.pushLater(v) })
}

func (s *Server) pushLater(v Verdict) {
	for wait, tries := s.o.PushAfter, 0; tries < pushTries; wait, tries = pushPause, tries+1 {
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(wait):
		}
		if s.pushOnce(v) {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = slices.DeleteFunc(s.pending, func(p Verdict) bool { return p.TraceID == v.TraceID })
}

func (s *Server) pushOnce(v Verdict) bool {
	e, err := s.wrap(v, Delivery{})
	if err != nil {
		return false
	}
	status, answer, err := s.post(s.ctx, e)
	return err == nil && status == http.StatusOK && strings.TrimSpace(answer) == "success"
}

func (s *Server) wrap(v Verdict, d Delivery) (Envelope, error) {
	message := s.VerdictMessage(v, d.XML)
	if d.Plaintext {
		return Envelope{Query: s.signedQuery(), Body: message, MediaType: mediaTypeOf(d.XML)}, nil
	}
	e, err := s.Seal(message, d.XML)
	if d.BadSignature && err == nil {
		e.Query.Set("msg_signature", sign("another token", e.Query.Get("timestamp"), e.Query.Get("nonce")))
	}
	return e, err
}

func (s *Server) postAll(ctx context.Context, envelopes []Envelope) ([]int, error) {
	s.mu.Lock()
	s.last = envelopes
	s.mu.Unlock()
	var statuses []int
	for _, e := range envelopes {
		status, _, err := s.post(ctx, e)
		if err != nil {
			return statuses, err
		}
		statuses = append(statuses, status)
	}
	return statuses, nil
}

func (s *Server) post(ctx context.Context, e Envelope) (int, string, error) {
	s.mu.Lock()
	address := s.pushURL
	s.mu.Unlock()
	if address == "" {
		return 0, "", errors.New("fake wechat: no PushURL")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"?"+e.Query.Encode(), bytes.NewReader(e.Body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", e.MediaType)
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	return resp.StatusCode, string(answer), err
}

func (s *Server) signedQuery() url.Values {
	timestamp, nonce := strconv.FormatInt(s.o.Now().Unix(), 10), rand.Text()[:10]
	return url.Values{
		"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sign(s.o.PushToken, timestamp, nonce)},
	}
}

// sign is WeChat's signature: the SHA-1 of the sorted parts in a row.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // #nosec G401 -- the signature WeChat prescribes
	return hex.EncodeToString(sum[:])
}

// encrypt is WeChat's: AES-256-CBC with the key's first half as IV, over salt, length, message, AppID and padding to 32.
func (s *Server) encrypt(salt, message []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(s.o.PushAESKey + "=")
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	plain := binary.BigEndian.AppendUint32(slices.Clone(salt), uint32(len(message)))
	plain = slices.Concat(plain, message, []byte(s.o.AppID))
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

func mediaTypeOf(asXML bool) string {
	if asXML {
		return "text/xml"
	}
	return "application/json"
}

func jsonOf(fields [][2]string) []byte {
	object := map[string]string{}
	for _, f := range fields {
		object[f[0]] = f[1]
	}
	out, err := json.Marshal(object)
	if err != nil {
		panic(err) // strings only
	}
	return out
}

func xmlOf(fields [][2]string) []byte {
	var out bytes.Buffer
	out.WriteString("<xml>")
	for _, f := range fields {
		fmt.Fprintf(&out, "<%s>", f[0])
		_ = xml.EscapeText(&out, []byte(f[1])) // writing to memory cannot fail
		fmt.Fprintf(&out, "</%s>", f[0])
	}
	out.WriteString("</xml>")
	return out.Bytes()
}
