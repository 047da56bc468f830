package router

import (
	"context"
	"net/http"
	"reflect"
	"runtime/debug"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

var problemType = reflect.TypeFor[Problem]()

func stack() string { return string(debug.Stack()) }

// twoYearsOfTLS is for browsers, in seconds.
const twoYearsOfTLS = "max-age=63072000; includeSubDomains"

// headers that hold for every answer: nothing of it belongs in a cache or under another type, and in production browsers are
// to come over TLS alone. There is one type to each answer, so what the caller would rather have is not looked at.
func (a *API) headers(c *gin.Context) {
	c.Request.Header.Del("Accept")
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	if a.Production {
		h.Set("Strict-Transport-Security", twoYearsOfTLS)
	}
	c.Next()
}

// bounds gives every request a deadline, but the one that stays open, and its body a size.
func (a *API) bounds(c *gin.Context) {
	most, life := a.MaxBody, a.RequestTimeout
	if c.FullPath() == photoRoute && c.Request.Method == http.MethodPost {
		most, life = a.MaxUpload+roomForForm, a.UploadTimeout
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most+1) // huma names the excess itself
	if c.FullPath() == liveRoute {                                         // it lasts as long as somebody looks
		c.Next()
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), life)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

func (a *API) histogram() *prometheus.HistogramVec {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "jiamenkou_http_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"method", "route", "status"})
	a.Metrics.MustRegister(seconds)
	return seconds
}

// serveDocument writes the document the first time somebody asks for it.
func serveDocument(api huma.API) gin.HandlerFunc {
	text := sync.OnceValues(api.OpenAPI().MarshalJSON)
	return func(c *gin.Context) {
		body, err := text()
		if err != nil {
			refuse(c, err)
			return
		}
		c.Data(http.StatusOK, "application/json; charset=utf-8", body)
	}
}
