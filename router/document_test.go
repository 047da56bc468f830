package router_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"jiamenkou/router"
)

// The document is sound by the rules of OpenAPI 3.1: among others, every {name} of an address has its parameter.
func TestDocumentIsSound(t *testing.T) {
	spec := theDocument().spec
	if !spec.IsOpenAPI31OrLater() {
		t.Errorf("version %s; answers would not be checked by JSON Schema 2020-12", spec.OpenAPI)
	}
	if err := spec.Validate(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestEveryRouteIsInTheDocument(t *testing.T) {
	api := &router.API{MaxBody: 1, Docs: http.NotFoundHandler(), Metrics: prometheus.NewRegistry()}
	routes := api.Handler().(*gin.Engine).Routes()
	for _, route := range routes {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(route.Path, "{$1}")
		if item := theDocument().spec.Paths.Value(path); !outside.MatchString(path) && (item == nil || item.GetOperation(route.Method) == nil) {
			t.Errorf("%s %s is not in the document", route.Method, path)
		}
	}
	if len(routes) < 30 {
		t.Errorf("only %d routes", len(routes))
	}
}

func TestEveryCodeIsInTheDocument(t *testing.T) {
	text, err := theDocument().spec.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	hidden := []string{"account_closed", "lease_lost"} // see elsewhere
	for code, place := range declaredCodes(t, "../model", "../service", "../router") {
		if !slices.Contains(hidden, code) && !strings.Contains(string(text), `"`+code+`"`) {
			t.Errorf("%s, declared at %s, is in no operation's refusals", code, place)
		}
	}
}

func TestParametersAndTheirDefaults(t *testing.T) {
	for _, want := range []struct {
		method, path, in, name string
		required               bool
		otherwise              any
	}{
		{"GET", "/api/v1/sites", "query", "limit", false, 20.0},
		{"GET", "/api/v1/sites", "query", "coord", false, "gcj02"},
		{"GET", "/api/v1/bookings", "query", "limit", false, 20.0},
		{"GET", "/api/v1/bookings", "query", "after", false, nil},
		{"GET", "/api/v1/notices", "query", "limit", false, 20.0},
		{"GET", "/api/v1/slots/{id}", "path", "id", true, nil},
		{"POST", "/api/v1/slots/{id}/bookings", "header", "Idempotency-Key", true, nil},
		{"POST", "/api/v1/bookings/{id}/cancellation", "header", "Idempotency-Key", true, nil},
	} {
		p := theDocument().spec.Paths.Value(want.path).GetOperation(want.method).Parameters.GetByInAndName(want.in, want.name)
		if p == nil || p.Required != want.required || p.Schema.Value.Default != want.otherwise {
			t.Errorf("%s %s: %s %s is %+v", want.method, want.path, want.in, want.name, p)
		}
	}
	if form := theDocument().spec.Components.Schemas["ChildForm"].Value; form.Properties["gender"].Value.Default != "unstated" {
		t.Error("the default gender is not documented")
	}
}

// What an address may hold goes into logs, histories and caches: of the console, ids, days, pages and words of the house.
// Whoever looks for people sends that in the body. Another parameter is judged here before it is there.
func TestAddressesOfTheConsoleHoldNobody(t *testing.T) {
	harmless := []string{
		"path id", "path child", "path document", "path grant", "path session",
		"path kind", // of messages
		"query after", "query limit", "query page", "query page_size", "query from", "query to", "query until", "query date", "query version",
		"query site", "query subdistrict", "query room", "query template_id", "query status", "query child",
		"query text", // of sites' names
	}
	for path, item := range theDocument().spec.Paths.Map() {
		if !strings.HasPrefix(path, console) {
			continue
		}
		for method, op := range item.Operations() {
			for _, p := range op.Parameters {
				if p.Value.In != "header" && !slices.Contains(harmless, p.Value.In+" "+p.Value.Name) {
					t.Errorf("%s %s takes %s in its %s: is that anything of a person?", method, path, p.Value.Name, p.Value.In)
				}
				if p.Value.Name == "text" && path != console+"/site-cards" {
					t.Errorf("%s %s looks for text in its address", method, path)
				}
			}
		}
	}
}

// TestTheCheckChecks holds made-up answers against the document, each wrong in one way.
func TestTheCheckChecks(t *testing.T) {
	const booking = `{"id":"x","child_id":"x","slot_id":"x","site_id":"x","site_name":"x","address":"x","room":"x","service_name":"x",
		"start_at":"2026-11-24T09:00:00+08:00","end_at":"2026-11-24T11:30:00+08:00","status":"confirmed","free_cancel_until":"2026-11-23T21:00:00+08:00",
		"payment":"allowance","allowance_units":1,"price_cents":0,"policy_version":1,"cancel_reason":"","created_at":"2026-11-20T08:00:00Z"}`
	const problem = `{"title":"Conflict","status":409,"code":"slot_full","detail":"满","request_id":"x"}`
	change := strings.NewReplacer
	for name, c := range map[string]struct {
		path   string
		status int
		kind   string
		body   string
		right  bool
	}{
		"a booking":                  {"/slots/x/bookings", 201, "application/json", booking, true},
		"a refusal":                  {"/slots/x/bookings", 409, "application/problem+json", problem, true},
		"a member too many":          {"/slots/x/bookings", 201, "application/json", change(`{"id"`, `{"more":1,"id"`).Replace(booking), false},
		"a member missing":           {"/slots/x/bookings", 201, "application/json", change(`"room":"x",`, "").Replace(booking), false},
		"a null":                     {"/slots/x/bookings", 201, "application/json", change(`"room":"x"`, `"room":null`).Replace(booking), false},
		"a number for a text":        {"/slots/x/bookings", 201, "application/json", change(`"room":"x"`, `"room":1`).Replace(booking), false},
		"an unknown status":          {"/slots/x/bookings", 201, "application/json", change(`"confirmed"`, `"maybe"`).Replace(booking), false},
		"a time that is none":        {"/slots/x/bookings", 201, "application/json", change(`"2026-11-20T08:00:00Z"`, `"2026-11-20 08:00"`).Replace(booking), false},
		"another status of success":  {"/slots/x/bookings", 200, "application/json", booking, false},
		"another media type":         {"/slots/x/bookings", 201, "text/html", booking, false},
		"a code of others":           {"/slots/x/bookings", 409, "application/problem+json", change("slot_full", "child_exists").Replace(problem), false},
		"a refusal as plain JSON":    {"/slots/x/bookings", 409, "application/json", problem, false},
		"an undocumented status":     {"/slots/x/bookings", 418, "application/problem+json", problem, false},
		"no Retry-After":             {"/slots/x/bookings", 429, "application/problem+json", change("slot_full", "too_many_requests").Replace(problem), false},
		"an address nobody knows":    {"/none", 404, "application/problem+json", change("slot_full", "route_not_found").Replace(problem), true},
		"another code at no address": {"/none", 404, "application/problem+json", problem, false},
	} {
		request, err := http.NewRequest(http.MethodPost, "http://x/api/v1"+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := &answer{status: c.status, header: http.Header{"Content-Type": {c.kind}}, body: []byte(c.body)}
		if _, err := theDocument().check(request, a); (err == nil) != c.right {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every refusal of an operation is described in words, and what a person must have is on the list of each.
func TestRefusalsAreDescribed(t *testing.T) {
	for path, item := range theDocument().spec.Paths.Map() {
		for method, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				if !described(response.Value) {
					t.Errorf("%s %s %s has no description", method, path, status)
				}
			}
			if operation.Security != nil && operation.Responses.Value("401") == nil {
				t.Errorf("%s %s asks for a session and does not say what comes without", method, path)
			}
		}
	}
}

func described(r *openapi3.Response) bool { return r.Description != nil && *r.Description != "" }
