package main

import (
	"io/fs"
	"net/http"

	"jiamenkou/web/apidocs"
	"jiamenkou/web/console"
)

// docsPolicy lets the page load its own files and nothing else; its widgets set styles inline.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// docsPage serves the page to read the API on; when it has not been built it says how.
func docsPage() http.Handler {
	if !apidocs.Built() {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "接口文档页还没有构建：请运行 make web，再重新构建程序。", http.StatusServiceUnavailable)
		})
	}
	files := http.FileServerFS(apidocs.Files())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		files.ServeHTTP(w, r)
	})
}

// consolePages are the staff console's files; nil when they have not been built.
func consolePages() fs.FS {
	if !console.Built() {
		return nil
	}
	return console.Files()
}
