package router_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"

	"jiamenkou/router"
)

// with says one thing more about a request.
type with func(*http.Request)

func header(name, value string) with { return func(r *http.Request) { r.Header.Add(name, value) } }

// as says who asks: a resident by token, a member of staff by cookie.
func as(p *person) with {
	if p.staff != nil {
		return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "__Host-jmk-staff", Value: p.token}) }
	}
	return header("Authorization", "Bearer "+p.token)
}

func body(format string, args ...any) with { return bytesBody([]byte(fmt.Sprintf(format, args...))) }

func bytesBody(text []byte) with {
	return func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		if len(r.Header["Content-Type"]) == 0 {
			r.Header.Set("Content-Type", "application/json")
		}
	}
}

// answer is what came back, already held against the document.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	code   string // of a problem
	fields map[string]string
}

// ask sends a request and holds the answer against the document and the promises that hold for every answer.
func (h *house) ask(method, address string, more ...with) answer {
	h.t.Helper()
	request, err := http.NewRequest(method, h.url+address, nil)
	h.must(err)
	for _, w := range more {
		w(request)
	}
	sent := sentBody(request)
	response, err := noRedirects.Do(request)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer response.Body.Close()
	a := answer{t: h.t, status: response.StatusCode, header: response.Header, body: []byte(readAnswer(response))}
	a.hold(request, sent)
	return a
}

func init() { //nolint:gochecknoinits // the validator keeps its decoders for the whole process
	openapi3filter.RegisterBodyDecoder("text/calendar", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder("image/jpeg", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.PlainBodyDecoder)
}

// readAnswer reads an answer to its end; of a stream, which has none, the beginning.
func readAnswer(r *http.Response) string {
	if r.Header.Get("Content-Type") != "text/event-stream" {
		return readAll(r.Body)
	}
	beginning := make([]byte, 10)
	n, _ := io.ReadFull(r.Body, beginning)
	return string(beginning[:n])
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func sentBody(r *http.Request) []byte {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength <= 0 {
		return nil
	}
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	return text
}

func (a *answer) hold(request *http.Request, sent []byte) {
	a.t.Helper()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": a.cache(request), "Referrer-Policy": "no-referrer"} {
		if got := a.header.Get(name); got != want {
			a.t.Errorf("%s %s: header %s is %q", request.Method, request.URL, name, got)
		}
	}
	if request.Method != http.MethodHead && a.status >= 400 && a.header.Get("Content-Type") == "application/problem+json" {
		a.holdProblem(sent)
	}
	operation, err := theDocument().check(request, a)
	if err != nil {
		a.t.Errorf("%s %s answered %d against the document: %v\n%s", request.Method, request.URL, a.status, err, a.body)
	}
	heard.note(operation, a.status, a.code)
}

// cache is what an answer says of caches: nothing may be kept but pictures, which never change.
func (a *answer) cache(request *http.Request) string {
	if a.status == http.StatusOK && strings.HasPrefix(request.URL.Path, "/api/v1/photos/") {
		return "public, max-age=2592000, immutable"
	}
	return "no-store"
}

// holdProblem checks what every problem promises: people can read it, and nothing that was sent comes back in it.
func (a *answer) holdProblem(sent []byte) {
	a.t.Helper()
	var p router.Problem
	a.read(&p)
	a.code, a.fields = p.Code, map[string]string{}
	if p.Status != a.status || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		a.t.Errorf("the problem says status %d and request %q, the headers %d and %q", p.Status, p.RequestID, a.status, a.header.Get("X-Request-Id"))
	}
	a.forPeople(p.Detail, sent)
	for _, f := range p.Errors {
		a.fields[f.Field] = f.Message
		a.forPeople(f.Message, sent)
	}
}

// foreign are the words without a Chinese name; those of formats of pictures are what telephones and computers call them.
var foreign = regexp.MustCompile(`JSON|UTF-8|Idempotency-Key|application/json|JPEG|PNG|WebP`)

var (
	latin = regexp.MustCompile(`[A-Za-z]{2}|%!`)
	han   = regexp.MustCompile(`\p{Han}`)
)

func (a *answer) forPeople(text string, sent []byte) {
	a.t.Helper()
	if !han.MatchString(text) || latin.MatchString(foreign.ReplaceAllString(text, "")) {
		a.t.Errorf("%s: not a sentence for a parent: %q", a.code, text)
	}
	for _, value := range texts(sent) {
		if strings.Contains(text, value) {
			a.t.Errorf("%s: %q repeats %q, which was sent", a.code, text, value)
		}
	}
}

// texts are the strings in a JSON body that are long enough to be recognised.
func texts(sent []byte) (all []string) {
	var value any
	if json.Unmarshal(sent, &value) != nil {
		return nil
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= 4 {
				all = append(all, v)
			}
		case map[string]any:
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(value)
	return all
}

// is demands a status.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("answered %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// says demands a refusal with a code.
func (a answer) says(status int, code string) answer {
	a.t.Helper()
	if a.status != status || a.code != code {
		a.t.Fatalf("answered %d %s, want %d %s: %s", a.status, a.code, status, code, a.body)
	}
	return a
}

// names demands that a field is named.
func (a answer) names(field string) answer {
	a.t.Helper()
	if a.fields[field] == "" {
		a.t.Errorf("%s does not name %s: %s", a.code, field, a.body)
	}
	return a
}

func (a answer) read(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
}

// refuses demands a refusal that leaves every table as it was.
func (h *house) refuses(status int, code, method, address string, more ...with) answer {
	h.t.Helper()
	before := h.traces()
	a := h.ask(method, address, more...).says(status, code)
	if after := h.traces(); after != before {
		h.t.Errorf("%s left a trace: %s", code, cmp.Diff(before, after))
	}
	return a
}

// document is the OpenAPI document as answers are held against it.
type document struct {
	spec  *openapi3.T
	paths routers.Router
}

// theDocument reads the document the server hands out.
var theDocument = sync.OnceValue(func() *document {
	text, err := (&router.API{MaxBody: 1, Version: "v1"}).Document().MarshalJSON()
	if err != nil {
		panic(err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		panic(err)
	}
	paths, err := gorillamux.NewRouter(spec)
	if err != nil {
		panic(err)
	}
	return &document{spec, paths}
})

// outside are addresses that are about the document and so not in it.
var outside = regexp.MustCompile(`^/(api/(openapi\.json|docs(/.*)?)|console(/|/assets/\{file\})?)$`)

// check names the operation that answered and says what of the answer is not as documented. It refuses statuses,
// media types, headers and members the document does not know.
func (d *document) check(request *http.Request, a *answer) (operation string, err error) {
	route, parameters, err := d.paths.FindRoute(request)
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route}
	switch {
	case err == nil:
		operation = route.Operation.OperationID
	case outside.MatchString(request.URL.Path):
		return "", nil
	default:
		input.Route = d.nowhere(err)
	}
	return operation, openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

// nowhere stands for the addresses and methods that are not there; the document says what those answer too.
func (d *document) nowhere(err error) *routers.Route {
	status, name := "404", "NoSuchAddress"
	if err.Error() == routers.ErrMethodNotAllowed.Error() {
		status, name = "405", "WrongMethod"
	}
	responses := openapi3.NewResponsesWithCapacity(1)
	responses.Set(status, d.spec.Components.Responses[name])
	responses.Set("400", d.spec.Paths.Value("/livez").Get.Responses.Value("400")) // a bad query is noticed anywhere
	return &routers.Route{Spec: d.spec, Operation: &openapi3.Operation{Responses: responses}}
}

// heard is every operation that succeeded and every code that was answered in this run.
var heard = &ledger{done: map[string]bool{}, codes: map[string]bool{}}

type ledger struct {
	mu          sync.Mutex
	done, codes map[string]bool
}

func (l *ledger) note(operation string, status int, code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if status < 300 {
		l.done[operation] = true
	}
	l.codes[code] = true
}
