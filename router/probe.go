package router

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"
)

// probes are for whoever runs the server, and stand beside the API.
func (a *API) probes(engine *gin.Engine) {
	engine.GET("/livez", alive)
	engine.GET("/readyz", (&watch{a: a}).readiness)
}

// alive says that the process runs; it asks nobody else.
func alive(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// lookAge is how long one look at the dependencies answers everyone. However many strangers ask, the database is asked
// twice a second; and a server that can serve again says so within a second.
const lookAge = 500 * time.Millisecond

// watch keeps the last look at the dependencies.
type watch struct {
	a       *API
	last    atomic.Pointer[look]
	looking singleflight.Group
}

// look is what the dependencies said. It is never changed after it was made.
type look struct {
	at     time.Time
	status int
	report map[string]string
}

// readiness says whether requests can be served, and else which dependency fails.
func (w *watch) readiness(c *gin.Context) {
	seen := w.fresh()
	if seen == nil {
		shared, _, _ := w.looking.Do("", func() (any, error) { return w.look(c.Request.Context()), nil })
		seen = shared.(*look) //nolint:forcetypeassert // the line above made it
	}
	c.JSON(seen.status, seen.report)
}

// fresh is the last look, or nil when it is too old, or from a time to come after the clock was set back.
func (w *watch) fresh() *look {
	last := w.last.Load()
	if last == nil || w.a.Now().Sub(last.at).Abs() >= lookAge {
		return nil
	}
	return last
}

// look asks every dependency, unless somebody just has. Others get this answer too: it must not die with the one who
// asked first.
func (w *watch) look(ctx context.Context) *look {
	if last := w.fresh(); last != nil {
		return last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.a.RequestTimeout)
	defer cancel()
	seen := &look{at: w.a.Now(), status: http.StatusOK, report: map[string]string{}}
	for name, err := range w.a.Ready(ctx) {
		seen.report[name] = "ok"
		if err != nil {
			seen.status, seen.report[name] = http.StatusServiceUnavailable, "failing"
			w.a.Log.WarnContext(ctx, "not ready", "dependency", name, "cause", err.Error())
		}
	}
	w.last.Store(seen)
	return seen
}

func documentProbes(api huma.API) {
	text := map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: "string"}}}
	report := map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
		Type: "object", AdditionalProperties: &huma.Schema{Type: "string", Enum: []any{"ok", "failing"}},
	}}}
	probe(api, "/livez", "进程是否在运行", map[string]*huma.Response{"200": {Description: "在运行", Content: text}})
	probe(api, "/readyz", "是否可以服务", map[string]*huma.Response{
		"200": {Description: "可以", Content: report}, "503": {Description: "不可以，并说明缺什么", Content: report},
	})
}

func probe(api huma.API, path, summary string, responses map[string]*huma.Response) {
	responses["400"] = refusal(api, faults{ErrMalformedQuery, ErrDoubledParameter, ErrInvalidUTF8})
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "get-" + path[1:], Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"运行"},
		Responses: responses,
	})
}

// documentNowhere describes what any other address answers, and any other method at a known one.
func documentNowhere(api huma.API) {
	allow := &huma.Param{Description: "可用的请求方式", Required: true, Schema: &huma.Schema{Type: "string"}}
	wrongMethod := refusal(api, faults{ErrMethodNotAllowed})
	wrongMethod.Headers = map[string]*huma.Param{"Allow": allow}
	api.OpenAPI().Components.Responses = map[string]*huma.Response{
		"NoSuchAddress": refusal(api, faults{ErrRouteNotFound}), "WrongMethod": wrongMethod,
	}
}
