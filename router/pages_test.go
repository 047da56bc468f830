package router

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// someFiles are those of a console, the script with a smaller copy beside it.
var someFiles = fstest.MapFS{
	"index.html": {Data: []byte("<!DOCTYPE html>")}, "assets/index-1a.js": {Data: []byte("plain")}, "assets/index-1a.js.gz": {Data: []byte("smaller")},
	"assets/icon-2b.svg": {Data: []byte("<svg/>")}, "assets/notes.txt": {Data: []byte("not for anybody")}, ".gitkeep": {},
}

// askPages asks a server with the console's pages, or with none.
func askPages(t *testing.T, files fs.FS, production bool, path, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	api := &API{
		Console: files, Production: production, Metrics: prometheus.NewRegistry(), NewID: func() string { return "1" },
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Docs: http.NotFoundHandler(), RequestTimeout: time.Second, MaxBody: 1,
		Ready: func(context.Context) map[string]error { return nil },
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	request.Header.Set("Accept-Encoding", encoding)
	answer := httptest.NewRecorder()
	api.Handler().ServeHTTP(answer, request)
	return answer
}

func TestPagesOfTheConsole(t *testing.T) {
	for _, c := range []struct {
		path, encoding             string
		status                     int
		kind, cache, body, encoded string
	}{
		{"/console/", "", 200, "text/html; charset=utf-8", "no-cache", "<!DOCTYPE html>", ""},
		{"/console/assets/index-1a.js", "br, gzip", 200, "text/javascript; charset=utf-8", hashedForAYear, "smaller", "gzip"},
		{"/console/assets/index-1a.js", "br", 200, "text/javascript; charset=utf-8", hashedForAYear, "plain", ""},
		{"/console/assets/icon-2b.svg", "gzip", 200, "image/svg+xml", hashedForAYear, "<svg/>", ""},
		{"/console/assets/index-0.js", "gzip", 404, "application/problem+json", "no-store", "route_not_found", ""},
		{"/console/assets/notes.txt", "", 404, "application/problem+json", "no-store", "route_not_found", ""},
		{"/console/assets/index-1a.js.gz", "", 404, "application/problem+json", "no-store", "route_not_found", ""},
		{"/console/assets/..%2Findex.html", "", 404, "application/problem+json", "no-store", "route_not_found", ""},
		{"/console/.gitkeep", "", 404, "application/problem+json", "no-store", "route_not_found", ""},
		{"/console/desk", "", 404, "application/problem+json", "no-store", "route_not_found", ""},
	} {
		answer := askPages(t, someFiles, false, c.path, c.encoding)
		h := answer.Header()
		if answer.Code != c.status || h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.cache ||
			h.Get("Content-Encoding") != c.encoded || !strings.Contains(answer.Body.String(), c.body) {
			t.Errorf("%s (%s): %d %v %s", c.path, c.encoding, answer.Code, h, answer.Body)
		}
	}
}

func TestPagesOfTheConsoleAreGuarded(t *testing.T) {
	for _, path := range []string{"/console/", "/console/assets/index-1a.js"} {
		h := askPages(t, someFiles, true, path, "").Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": consolePolicy, "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	scripts, _, _ := strings.Cut(strings.SplitAfter(consolePolicy, "script-src ")[1], ";")
	if scripts != "'self'" || !strings.Contains(consolePolicy, "frame-ancestors 'none'") {
		t.Error("the policy lets in more than it should: " + consolePolicy)
	}
}

// Whatever is answered, in production, keeps a browser to TLS. On a developer's machine there is none to keep it to.
func TestBrowsersAreKeptToTLS(t *testing.T) {
	for _, path := range []string{"/console/", "/console/assets/index-1a.js", "/api/openapi.json", "/api/v1/me", "/nowhere", "/healthz"} {
		for production, want := range map[bool]string{true: twoYearsOfTLS, false: ""} {
			if got := askPages(t, someFiles, production, path, "").Header().Get("Strict-Transport-Security"); got != want {
				t.Errorf("%s, production %v: %q", path, production, got)
			}
		}
	}
}

func TestTheConsoleSaysWhenItIsNotBuilt(t *testing.T) {
	answer := askPages(t, nil, false, "/console/", "")
	if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), notBuilt) {
		t.Error(answer.Code, answer.Body)
	}
}

func TestTheConsoleIsFoundWithoutItsSlash(t *testing.T) {
	answer := askPages(t, someFiles, false, "/console", "")
	if answer.Code != http.StatusPermanentRedirect || answer.Header().Get("Location") != "/console/" {
		t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
}
