package router

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

// pages are the staff console's. Their routes stand behind the # of the address, so that there are only files to serve.
type pages struct {
	files fs.FS // nil when they have not been built
}

// consolePolicy lets the pages load their own files and nothing else. Element Plus sets styles inline; no script is.
const consolePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"

const (
	notBuilt       = "工作台还没有构建：请运行 make web，再重新构建程序。"
	hashedForAYear = "public, max-age=31536000, immutable"
	askEveryTime   = "no-cache"
)

func (a *API) pages(engine *gin.Engine) {
	p := pages{a.Console}
	reading := []string{http.MethodGet, http.MethodHead}
	engine.Match(reading, "/console", func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, "/console/") })
	engine.Match(reading, "/console/", func(c *gin.Context) { p.serve(c, "index.html", askEveryTime) })
	engine.Match(reading, "/console/assets/:file", func(c *gin.Context) {
		p.serve(c, "assets/"+c.Param("file"), hashedForAYear)
	})
}

// serve answers with a file: the smaller copy beside it where the browser takes that.
func (p pages) serve(c *gin.Context, name, cache string) {
	p.secure(c.Writer.Header())
	if p.files == nil {
		c.Data(http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte(notBuilt))
		return
	}
	content, encoding := p.read(name, c.GetHeader("Accept-Encoding"))
	if content == nil {
		refuse(c, ErrRouteNotFound)
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", cache)
	h.Set("Vary", "Accept-Encoding")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	c.Data(http.StatusOK, typeOf[path.Ext(name)], content)
}

// typeOf are the kinds of files there are; http.DetectContentType and the system's table would each know other ones.
var typeOf = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".wasm": "application/wasm",
}

// read gives a file that may be served, and how it is encoded; nil when there is none.
func (p pages) read(name, accepted string) (content []byte, encoding string) {
	if typeOf[path.Ext(name)] == "" {
		return nil, ""
	}
	if strings.Contains(accepted, "gzip") {
		if content, err := fs.ReadFile(p.files, name+".gz"); err == nil {
			return content, "gzip"
		}
	}
	content, err := fs.ReadFile(p.files, name)
	if err != nil {
		return nil, ""
	}
	return content, ""
}

// secure sets what browsers hold the pages to; headers has set the rest.
func (p pages) secure(h http.Header) {
	h.Set("Content-Security-Policy", consolePolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()")
}
