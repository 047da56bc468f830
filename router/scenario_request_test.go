package router_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// requestScenarios are about requests that cannot be read, whatever they ask for.
var requestScenarios = []scenario{
	{"addresses and methods that are not there", func(h *house) {
		for _, path := range []string{"/", "/api", "/api/v1", "/api/v2/me", "/api/v1/sites/", "/API/V1/SITES", "/api/v1//sites", "/api/v1/sites/x/y", "/favicon.ico"} {
			h.refuses(404, "route_not_found", "GET", path)
		}
		for method, path := range map[string]string{"PUT": "/api/v1/sites", "HEAD": "/api/v1/sites", "OPTIONS": "/api/v1/me", "DELETE": "/livez", "MADEUP": "/api/v1/sites"} {
			a := h.ask(method, path)
			if a.status != 405 || a.header.Get("Allow") == "" || method != "HEAD" && a.code != "method_not_allowed" {
				h.t.Errorf("%s %s answered %d, Allow %q, code %q", method, path, a.status, a.header.Get("Allow"), a.code)
			}
		}
		h.refuses(405, "method_not_allowed", "PATCH", "/api/v1/sites")
		h.refuses(404, "site_not_found", "GET", "/api/v1/sites/"+h.world.Site.ID+"%2Fslots") // the slash is part of the id
	}},
	{"made-up methods are not counted one by one", func(h *house) {
		for i := range 5 {
			h.ask(fmt.Sprintf("MADEUP%d", i), "/api/v1/sites").is(405)
			h.ask(fmt.Sprintf("MADEUP%d", i), fmt.Sprintf("/nowhere/%d", i)).is(404)
		}
		families, err := h.figures.Gather()
		h.must(err)
		for _, family := range families {
			if strings.Contains(family.String(), "MADEUP") || strings.Contains(family.String(), "nowhere") {
				h.t.Error("what a caller makes up stands in the figures")
			}
		}
	}},
	{"queries", func(h *house) {
		h.refuses(400, "doubled_parameter", "GET", "/api/v1/sites?limit=5&limit=6").names("query.limit")
		h.refuses(400, "doubled_parameter", "GET", "/livez?a=1&a=2")
		h.refuses(422, "unknown_field", "GET", "/api/v1/sites?limti=5").names("query.limti")
		h.refuses(422, "unknown_field", "GET", "/api/v1/subdistricts?x=")
		h.refuses(400, "malformed_query", "GET", "/api/v1/sites?limit=%zz")
		h.refuses(400, "malformed_query", "GET", "/api/v1/sites?limit=5;limit=6")
		h.refuses(400, "malformed_query", "GET", "/nowhere?%")
		h.refuses(400, "invalid_utf8", "GET", "/api/v1/sites?service=%ff")
		h.refuses(400, "invalid_utf8", "GET", "/api/v1/sites?%fe=1")
		h.refuses(400, "invalid_utf8", "GET", "/api/v1/sites?service=a%00b")
		h.refuses(400, "invalid_utf8", "GET", "/api/v1/sites/%ff")
		h.refuses(400, "invalid_utf8", "GET", "/api/v1/slots/%00")
		h.refuses(400, "invalid_utf8", "GET", "/%c3%28")
	}},
	{"headers given twice", func(h *house) {
		p, q := h.person(), h.person()
		h.refuses(400, "doubled_parameter", "GET", "/api/v1/me", as(p), as(q)).names("header.Authorization")
		h.refuses(400, "doubled_parameter", "POST", "/api/v1/slots/x/bookings", as(p), h.key(), h.key(), body(`{"child_id":"x"}`))
		h.refuses(400, "doubled_parameter", "POST", "/api/v1/sessions", header("Content-Type", "application/json"), header("Content-Type", "text/plain"), body(`{"code":"x"}`))
	}},
	{"whatever type the caller would rather have", func(h *house) {
		for _, accept := range []string{"json", "text/html", "application/xml;q=1, application/json;q=0", "*/*", ""} {
			if got := h.ask("GET", "/api/v1/sites", header("Accept", accept)).is(200).header.Get("Content-Type"); got != "application/json" {
				h.t.Errorf("Accept %q got %q", accept, got)
			}
			if got := h.ask("GET", "/api/v1/me", header("Accept", accept)).is(401).header.Get("Content-Type"); got != "application/problem+json" {
				h.t.Errorf("Accept %q got %q", accept, got)
			}
		}
	}},
	{"bodies that cannot be read", bodiesUnread},
	{"bodies that can be read and are wrong", func(h *house) {
		p := h.person()
		wrong := func(code, field, text string) {
			h.t.Helper()
			h.refuses(422, code, "PATCH", "/api/v1/me", as(p), body("%s", text)).names(field)
		}
		wrong("unknown_field", "body.nick", `{"nick":"x"}`)
		wrong("unknown_field", "body.NICKNAME", `{"NICKNAME":"x"}`)
		wrong("unknown_field", "body.__proto__", `{"__proto__":{"a":1}}`)
		wrong("invalid_request", "body.nickname", `{"nickname":1}`)
		wrong("invalid_request", "body.nickname", `{"nickname":["x"]}`)
		wrong("invalid_request", "body.nickname", `{"nickname":"一二三四五六七八九十一二三四五六七八九十一"}`)
		wrong("invalid_request", "body.nickname", `{"nickname":123456789012345678901234567890}`)
		wrong("invalid_request", "body", `{"nickname":1e999}`)
		wrong("invalid_request", "body", `[]`)
		wrong("invalid_request", "body", `null`)
		wrong("invalid_request", "body", `"x"`)
	}},
	{"bodies as large as may be, and larger", func(h *house) {
		p := h.person()
		padded := func(size int) with {
			text := `{"nickname":""` + strings.Repeat(" ", size-len(`{"nickname":""}`)) + `}`
			return body("%s", text)
		}
		h.ask("PATCH", "/api/v1/me", as(p), padded(testMaxBody)).is(200)
		h.refuses(413, "body_too_large", "PATCH", "/api/v1/me", as(p), padded(testMaxBody+1))
		h.refuses(413, "body_too_large", "PATCH", "/api/v1/me", as(p), padded(1<<20))
		h.refuses(413, "body_too_large", "PATCH", "/api/v1/me", as(p), padded(testMaxBody+1), unmeasured)
	}},
	{"bodies that come too slowly or not whole", func(h *house) {
		apart(h, brokenBodies, func(p *plan) { p.requestTimeout = 400 * time.Millisecond })
	}},
	{"a header of two lines", func(h *house) {
		answer := h.talk("GET /api/v1/me HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\r\n b\r\nX-Evil: 1\nX\r\n\r\n")
		answer.is(400)
		echoed := h.ask("GET", "/api/v1/me", header("X-Request-Id", "made-up"), header("X-Evil", "1"))
		if echoed.header.Get("X-Evil") != "" || echoed.header.Get("X-Request-Id") == "made-up" {
			h.t.Errorf("headers of the request came back: %v", echoed.header)
		}
	}},
}

// unmeasured sends the body in chunks, without saying how long it is.
func unmeasured(r *http.Request) { r.ContentLength = -1 }

func bodiesUnread(h *house) {
	p := h.person()
	unread := func(status int, code string, text string, more ...with) {
		h.t.Helper()
		h.refuses(status, code, "PATCH", "/api/v1/me", append(more, as(p), body("%s", text))...)
	}
	for _, text := range []string{`{`, `{"nickname":}`, `{"nickname":"x"`, `{"nickname":"x"}}`, `{"nickname":"x"} {}`, `{'nickname':'x'}`, `{"nickname":"x",}`, `x`, `{"a":NaN}`, `{"a":01}`, "\ufeff{}", `{"nickname":"\x"}`, "{\"nickname\":\"\x01\"}"} {
		unread(400, "malformed_body", text)
	}
	unread(400, "malformed_body", strings.Repeat(`[`, 4000))
	unread(400, "malformed_body", strings.Repeat(`{"a":`, 40)+`1`+strings.Repeat(`}`, 40))
	unread(400, "doubled_key", `{"nickname":"x","nickname":"y"}`)
	unread(400, "doubled_key", `{"nickname":"x","Nickname":"y"}`)
	unread(400, "doubled_key", `{"nickname":"x","nickn\u0061me":"y"}`)
	unread(400, "doubled_key", `{"a":[{"b":1,"b":2}]}`)
	unread(400, "invalid_utf8", "{\"nickname\":\"\xff\"}")
	unread(400, "invalid_utf8", "{\"nickname\":\"\xed\xa0\x80\"}")
	for _, kind := range []string{"text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", ";+", "中文"} {
		unread(415, "body_type_unsupported", `{"nickname":""}`, header("Content-Type", kind))
	}
	for _, kind := range []string{"application/json; charset=utf-8", "APPLICATION/JSON", ""} {
		h.ask("PATCH", "/api/v1/me", as(p), header("Content-Type", kind), body(`{"nickname":""}`)).is(200)
	}
	h.refuses(400, "body_missing", "PATCH", "/api/v1/me", as(p))
	h.refuses(400, "body_missing", "POST", "/api/v1/sessions", header("Content-Type", "application/json"))
}

func brokenBodies(h *house) {
	p := h.person()
	start := "PATCH /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + p.token + "\r\nContent-Type: application/json\r\n"
	before := h.traces()
	for name, text := range map[string]string{
		"too slow":      start + "Content-Length: 99\r\n\r\n{",
		"broken chunks": start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
	} {
		request, err := http.NewRequest(http.MethodPatch, h.url+"/api/v1/me", nil)
		h.must(err)
		h.t.Log(name)
		answer := h.talk(text)
		answer.hold(request, nil)
		answer.says(400, "body_too_slow")
	}
	if h.traces() != before {
		h.t.Error("half a body left a trace")
	}
	h.ask("PATCH", "/api/v1/me", as(p), body(`{}`)).is(200)
}

// talk sends exactly these bytes and reads what comes back; it is not held against the document.
func (h *house) talk(text string) answer {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	h.must(err)
	defer conn.Close()
	h.must(conn.SetDeadline(time.Now().Add(10 * time.Second)))
	_, err = io.WriteString(conn, text)
	h.must(err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	h.must(err)
	defer response.Body.Close()
	return answer{t: h.t, status: response.StatusCode, header: response.Header, body: []byte(readAll(response.Body))}
}
