package router

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/service/account"
	"jiamenkou/service/staff"
)

// table collects operations under a tag.
type table struct {
	api huma.API
	a   *API
	tag string
}

// section begins a part of the document; parts are read in the order of the table.
func (t *table) section(tag string) {
	t.tag = tag
	t.api.OpenAPI().Tags = append(t.api.OpenAPI().Tags, &huma.Tag{Name: tag})
}

// row is one line of the operations table.
type row struct {
	method  string
	path    string
	who     who
	limit   string
	status  int
	summary string
	faults  faults
}

// add registers an operation: it is documented, guarded, and its faults become problems.
func add[I, O any](t *table, r row, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: operationID(r), Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{t.tag},
		DefaultStatus: r.status, Responses: responses(t.api, r),
		MaxBodyBytes:    t.a.MaxBody + 1, // huma refuses a body that reaches its limit
		BodyReadTimeout: t.a.RequestTimeout,
		Middlewares:     huma.Middlewares{t.a.admit(r)},
	}
	if file, is := any(new(O)).(interface{ mediaType() string }); is {
		text := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
		op.Responses[fmt.Sprint(r.status)] = &huma.Response{Content: map[string]*huma.MediaType{file.mediaType(): text}}
	}
	if _, is := any(new(I)).(interface{ uploads() }); is {
		op.MaxBodyBytes, op.BodyReadTimeout = t.a.MaxUpload+roomForForm+1, t.a.UploadTimeout
		op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{}}
		defer func() { op.RequestBody.Content["multipart/form-data"] = uploadForm }() // huma would try to read it by itself
	}
	if r.who.permission != "" {
		op.Extensions = map[string]any{"x-permission": string(r.who.permission)}
	}
	if r.trailed() {
		t.a.summaries[op.OperationID] = r.summary
	}
	if scheme := securityOf[r.who.kind]; scheme != "" {
		op.Security = []map[string][]string{{scheme: {}}}
	}
	huma.Register(t.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}

// operationID names an operation after its address: post-slots-id-bookings.
func operationID(r row) string {
	path := strings.NewReplacer("/console/api/v1/", "console-", "/api/v1/", "", "{", "", "}", "", "/", "-").Replace(r.path)
	return strings.ToLower(r.method) + "-" + path
}

// securityOf names how people of a kind prove who they are.
var securityOf = map[people]string{residents: "session", staffMembers: "staff-session"}

// common are the refusals any operation may answer.
var common = faults{
	ErrInvalidRequest, ErrUnknownField, ErrMalformedQuery, ErrDoubledParameter, ErrInvalidUTF8, ErrInternal,
	model.ErrStoreUnavailable, model.ErrStoreBusy, model.ErrTooSlow,
}

func (r row) refusals() faults {
	all := append(faults{}, common...)
	all = append(all, r.who.refusals()...)
	if r.method != http.MethodGet && r.who.ofConsole() {
		all = append(all, ErrCrossOrigin)
	}
	if r.method != http.MethodGet {
		all = append(all, ErrBodyMissing, ErrBodyType, ErrMalformedBody, ErrDoubledKey, ErrBodyTooLarge, ErrBodyTooSlow, model.ErrOutcomeUnknown)
	}
	return append(all, r.faults...)
}

// refusals are what people of the kind may be told at the door.
func (w who) refusals() faults {
	switch w.kind {
	case staffMembers:
		door := faults{staff.ErrSignInNeeded, staff.ErrSessionEnded, staff.ErrSessionsDown, staff.ErrTooManyRequests}
		if w.permission != "" {
			door = append(door, model.ErrNotPermitted, staff.ErrPasswordDue)
		}
		return door
	case visitors:
		return faults{staff.ErrSessionsDown, staff.ErrTooManyRequests}
	case residents:
		return faults{account.ErrSignInNeeded, account.ErrSessionEnded, account.ErrSessionsDown, account.ErrTooManyRequests}
	case everybody:
	}
	return faults{account.ErrSessionsDown, account.ErrTooManyRequests}
}

// responses documents every refusal with its code, so that an answer with another code breaks the document.
func responses(api huma.API, r row) map[string]*huma.Response {
	byStatus := map[int][]*fault.Error{}
	seen := map[string]bool{}
	for _, f := range r.refusals() {
		if !seen[f.Code] {
			seen[f.Code] = true
			byStatus[statusOf[f.Kind]] = append(byStatus[statusOf[f.Kind]], f)
		}
	}
	all := map[string]*huma.Response{}
	for status, list := range byStatus {
		all[fmt.Sprint(status)] = refusal(api, list)
	}
	return all
}

// refusal documents faults of one status.
func refusal(api huma.API, list []*fault.Error) *huma.Response {
	problem := api.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	var codes []any
	var lines []string
	for _, f := range list {
		codes = append(codes, f.Code)
		lines = append(lines, fmt.Sprintf("`%s` %s", f.Code, f.Message))
	}
	code := &huma.Schema{Type: "string", Enum: codes}
	return &huma.Response{
		Description: strings.Join(lines, "\n\n"), Headers: comeBack(list),
		Content: map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{
			AllOf: []*huma.Schema{problem, {Type: "object", Properties: map[string]*huma.Schema{"code": code}}},
		}}},
	}
}

// comeBack documents Retry-After where every one of the faults sets it.
func comeBack(list []*fault.Error) map[string]*huma.Param {
	for _, f := range list {
		if f.Kind != fault.TooMany && f.Kind != fault.Unavailable {
			return nil
		}
	}
	seconds := &huma.Schema{Type: "integer"}
	return map[string]*huma.Param{"Retry-After": {Description: "多少秒后再试", Required: true, Schema: seconds}}
}

// document prepares the OpenAPI document.
func (a *API) document(engine *gin.Engine) huma.API {
	speakChinese()
	config := huma.DefaultConfig("家门口", a.Version)
	config.Info.Description = "居民小程序（/api/v1）和工作台（/console/api/v1）的接口。错误一律为 application/problem+json，请按 code 判断。"
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema links in answers
	config.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session":       {Type: "http", Scheme: "bearer", Description: "登录时得到的 token"},
		"staff-session": {Type: "apiKey", In: "cookie", Name: staffCookie, Description: "登录工作台时种下的会话 Cookie"},
	}
	return humagin.New(engine, config)
}
