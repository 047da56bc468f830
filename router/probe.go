package router

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// probes are for whoever runs the server, and stand beside the API.
func (a *API) probes(engine *gin.Engine) {
	engine.GET("/livez", alive)
	engine.GET("/readyz", a.readiness)
}

// alive says that the process runs; it asks nobody else.
func alive(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// readiness says whether requests can be served, and else which dependency fails.
func (a *API) readiness(c *gin.Context) {
	status, report := http.StatusOK, gin.H{}
	for name, err := range a.Ready(c.Request.Context()) {
		report[name] = "ok"
		if err != nil {
			status, report[name] = http.StatusServiceUnavailable, "failing"
			a.Log.WarnContext(c.Request.Context(), "not ready", "dependency", name, "cause", err.Error())
		}
	}
	c.JSON(status, report)
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
