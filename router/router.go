// Package router is HTTP in, HTTP out: it reads a request, calls a service, and writes what comes back. It holds no
// rules. The tables in operations.go and console.go are the whole of the API.
package router

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/model/fault"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
	"jiamenkou/service/desk"
	"jiamenkou/service/district"
	"jiamenkou/service/notice"
	"jiamenkou/service/overview"
	"jiamenkou/service/planning"
	"jiamenkou/service/premises"
	"jiamenkou/service/staff"
	"jiamenkou/service/trail"
	"jiamenkou/service/work"
)

// API needs all its fields filled in.
type API struct {
	Account  *account.Service
	Booking  *booking.Service
	Planning *planning.Service
	Notice   *notice.Service
	Staff    *staff.Service
	Desk     *desk.Service
	Work     *work.Service
	Site     *premises.Service
	District *district.Service
	Overview *overview.Service
	Trail    *trail.Service

	Zone           *time.Location
	Now            func() time.Time
	Log            *slog.Logger
	Metrics        prometheus.Registerer
	NewID          func() string
	Ready          func(ctx context.Context) map[string]error // by dependency, nil when it is well
	Docs           http.Handler                               // the page to read the document
	Console        fs.FS                                      // the staff console's pages; nil when they have not been built
	Production     bool
	TrustedProxies []string
	ConsoleOrigin  string // the console's address as browsers see it
	RequestTimeout time.Duration
	MaxBody        int64 // bytes
	MaxUpload      int64 // bytes of a picture
	UploadTimeout  time.Duration
	Version        string

	summaries map[string]string // of the operations that leave a record, by their ids
}

// faults is a list of what an operation may answer besides the common refusals.
type faults []*fault.Error

// Handler puts the whole together.
func (a *API) Handler() http.Handler {
	engine := a.engine()
	engine.GET("/api/openapi.json", serveDocument(a.register(engine)))
	engine.GET("/api/docs", func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, "/api/docs/") })
	engine.GET("/api/docs/*page", gin.WrapH(http.StripPrefix("/api/docs", a.Docs)))
	a.pages(engine)
	a.probes(engine)
	return engine
}

// register puts every operation on the engine and into the document.
func (a *API) register(engine *gin.Engine) huma.API {
	api := a.document(engine)
	a.summaries = map[string]string{}
	t := &table{api: api, a: a}
	a.operations(t)
	a.console(t)
	documentProbes(api)
	documentNowhere(api)
	return api
}

func (a *API) engine() *gin.Engine {
	engine := bareEngine()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false           // gin would redirect past everything that follows here
	engine.UseRawPath = true                       // an escaped slash is part of a value
	_ = engine.SetTrustedProxies(a.TrustedProxies) // the settings have been validated
	engine.Use(observe(a.NewID, a.Log, a.histogram()), a.headers, a.bounds, strictAddress)
	engine.NoRoute(func(c *gin.Context) { refuse(c, ErrRouteNotFound) })
	engine.NoMethod(func(c *gin.Context) { refuse(c, ErrMethodNotAllowed) })
	return engine
}

// Document is the OpenAPI document without a running server.
func (a *API) Document() *huma.OpenAPI {
	return a.register(bareEngine()).OpenAPI()
}

func bareEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // before New, which else talks on standard output
	return gin.New()
}
