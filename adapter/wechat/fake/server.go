// Package fake is a WeChat for tests and for the demo mode: the same rules, error codes and moods as the real one, as far
// as the house uses it, behind an http.Handler with a clock that can be moved.
//
// It needs nothing of package wechat, signs and seals on its own, and so also checks it.
package fake

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// The calls it answers. Every other path is 404.
const (
	PathLogin      = "/sns/jscode2session"
	PathToken      = "/cgi-bin/stable_token"
	PathPhone      = "/wxa/business/getuserphonenumber"
	PathSend       = "/cgi-bin/message/subscribe/send"
	PathCheckText  = "/wxa/msg_sec_check"
	PathCheckMedia = "/wxa/media_check_async"
	PathQRCode     = "/wxa/getwxacodeunlimit"
)

const (
	largestRequest   = 1 << 20
	defaultKeepCalls = 4096
	defaultTokenLife = 2 * time.Hour
)

// Options are the account the fake stands for and how it behaves.
type Options struct {
	AppID, AppSecret      string
	PushToken, PushAESKey string
	// Now defaults to time.Now. Codes, tokens and visits age by it.
	Now func() time.Time
	// PushURL is where media verdicts are sent; see Deliver. PushTo sets it later.
	PushURL string
	// PushAfter, if positive, sends each verdict by itself after so much real time, as WeChat does, with retries.
	PushAfter time.Duration
	// Demo accepts login codes demo-<name> and phone codes demo-<digits>, any number of times.
	Demo bool
	// AlwaysConsents lets every message through as if the person had just agreed to it: in the demo nobody can be asked.
	AlwaysConsents bool
	// OnMessage, if given, is told of every message that was delivered. It must not call the fake.
	OnMessage func(Message)
	// TokenLife defaults to two hours.
	TokenLife time.Duration
	// Templates, if given, are the only template ids known; others are 40037.
	Templates []string
	// KeepCalls is how many calls and messages are remembered, the latest; default 4096.
	KeepCalls int
}

// Server is safe for concurrent use.
type Server struct {
	o      Options
	stop   context.CancelFunc
	ctx    context.Context
	pushes sync.WaitGroup
	client *http.Client

	mu       sync.Mutex
	closed   bool
	pushURL  string
	serial   int
	faults   map[string][]*planned
	calls    []Call
	sent     []Message
	logins   map[string]*code
	phones   map[string]*code
	unions   map[string]string
	visits   map[string]time.Time
	consents map[[2]string]int
	tokens   map[string]*token
	current  string
	forced   []time.Time
	secrets  []string
	pending  []Verdict
	last     []Envelope
}

// Call is one request the fake got, and what it answered.
type Call struct {
	Method, Path string
	Query        url.Values
	Body         []byte
	At           time.Time
	// Errcode is the answer's, -2 where a fault left no whole answer, and the HTTP status for an unknown path.
	Errcode int
}

// New makes a fake WeChat. Close it when PushAfter or Deliver is used.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife <= 0 {
		o.TokenLife = defaultTokenLife
	}
	if o.KeepCalls <= 0 {
		o.KeepCalls = defaultKeepCalls
	}
	s := &Server{
		o: o, pushURL: o.PushURL, client: &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second},
		faults: map[string][]*planned{}, logins: map[string]*code{}, phones: map[string]*code{},
		unions: map[string]string{}, visits: map[string]time.Time{}, consents: map[[2]string]int{},
		tokens: map[string]*token{},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends hanging answers and waiting pushes, and waits for the latter.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.pushes.Wait()
	s.client.CloseIdleConnections()
}

// request is what a handler sees. Handlers run with the lock held.
type request struct {
	query url.Values
	body  []byte
	now   time.Time
}

// handler answers one call; its verdict becomes the answer unless it is ok.
type handler func(*Server, request) (reply, verdict)

// route says how a call is to come in.
type route struct {
	method    string
	needToken bool
	handle    handler
}

func routeOf(path string) (route, bool) {
	r, known := map[string]route{
		PathLogin:      {http.MethodGet, false, (*Server).login},
		PathToken:      {http.MethodPost, false, (*Server).grantToken},
		PathPhone:      {http.MethodPost, true, (*Server).phone},
		PathSend:       {http.MethodPost, true, (*Server).send},
		PathCheckText:  {http.MethodPost, true, (*Server).checkText},
		PathCheckMedia: {http.MethodPost, true, (*Server).checkMedia},
		PathQRCode:     {http.MethodPost, true, (*Server).qrCode},
	}[path]
	return r, known
}

// ServeHTTP answers as WeChat would, or as planned by Fail.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "bad query", http.StatusBadRequest)
		return
	}
	out, fault := s.take(r, query, body)
	s.write(w, r, out, fault)
}

// take does everything that needs the lock: the fault due, the handler, the record.
func (s *Server) take(r *http.Request, query url.Values, body []byte) (reply, Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.dueFault(r.URL.Path)
	out := fault.instead(s)
	if out == nil {
		out = s.handle(r, request{query: query, body: body, now: s.o.Now()})
	}
	call := Call{Method: r.Method, Path: r.URL.Path, Query: query, Body: body, At: s.o.Now(), Errcode: out.errcode}
	if fault.spoils() {
		call.Errcode = -2
	}
	s.calls = s.latest(append(s.calls, call))
	return *out, fault
}

func (s *Server) handle(r *http.Request, in request) *reply {
	to, known := routeOf(r.URL.Path)
	if !known {
		return &reply{status: http.StatusNotFound, mediaType: "text/plain", body: []byte("no such call"), errcode: http.StatusNotFound}
	}
	problem := to.check(s, r.Method, in)
	var out reply
	if problem.ok() {
		out, problem = to.handle(s, in)
	}
	if !problem.ok() {
		out = s.refuse(problem)
	}
	return &out
}

func (to route) check(s *Server, method string, in request) verdict {
	switch {
	case method != to.method && to.method == http.MethodGet:
		return verdict{43001, "require GET method"}
	case method != to.method:
		return verdict{43002, "require POST method"}
	case isDoubled(in.query):
		return verdict{40029, "invalid args: a parameter is there twice"}
	case to.needToken:
		return s.checkToken(in)
	}
	return verdict{}
}

func isDoubled(query url.Values) bool {
	for _, values := range query {
		if len(values) != 1 {
			return true
		}
	}
	return false
}

func (s *Server) latest(calls []Call) []Call {
	if len(calls) > s.o.KeepCalls {
		return slices.Delete(calls, 0, len(calls)-s.o.KeepCalls)
	}
	return calls
}

// Calls returns what came in so far, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// CallsTo returns the calls to one path.
func (s *Server) CallsTo(path string) []Call {
	return slices.DeleteFunc(s.Calls(), func(c Call) bool { return c.Path != path })
}

// Secrets returns every access token and session key handed out so far, for tests that look for leaks.
func (s *Server) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.secrets)
}

// secret makes a secret and remembers it, the latest ones only.
func (s *Server) secret(prefix string) string {
	made := prefix + rand.Text()
	s.secrets = append(s.secrets, made)
	if len(s.secrets) > s.o.KeepCalls {
		s.secrets = slices.Delete(s.secrets, 0, 1)
	}
	return made
}
