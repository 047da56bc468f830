package router_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// The way into the console, open to whoever knows something nobody else does.
var openDoors = []string{
	"POST /sessions", "POST /sessions/second-factor", "POST /sessions/passkey", "POST /sessions/passkey/completion",
	"POST /invitations/opening", "POST /invitations/completion",
}

// What everybody on the staff may do, whatever their role: it is about themselves alone.
var ownAffairs = []string{
	"GET /sessions", "DELETE /sessions", "DELETE /sessions/current", "DELETE /sessions/{id}", "GET /me", "PUT /me/password", "GET /me/sign-ins",
	"GET /passkeys", "POST /passkeys", "POST /passkeys/completion", "DELETE /passkeys/{id}",
}

// duties is the one list of what each route takes. A route that is not here, or takes something else, fails the test.
var duties = map[string]model.Permission{
	"POST /accesses/search":                          model.MayAudit,
	"GET /appeals":                                   model.MayJudge,
	"GET /appeals/{id}":                              model.MayJudge,
	"POST /appeals/{id}/answer":                      model.MayJudge,
	"POST /applications/{id}/withdrawal":             model.MayKeep,
	"GET /audit":                                     model.MayOperate,
	"POST /bookings/{id}/cancellation":               model.MayKeep,
	"POST /bookings/{id}/hand-over":                  model.MayKeep,
	"POST /bookings/{id}/no-show":                    model.MayKeep,
	"POST /bookings/{id}/opening":                    model.MayKeep,
	"POST /bookings/{id}/transfer":                   model.MayKeep,
	"GET /calendar":                                  model.MayLook,
	"PUT /calendar":                                  model.MaySet,
	"POST /calendar/reading":                         model.MaySet,
	"PUT /carers/{id}":                               model.MayFurnish,
	"POST /carers/{id}/leaving":                      model.MayFurnish,
	"POST /carers/{id}/return":                       model.MayFurnish,
	"POST /check-ins":                                model.MayKeep,
	"GET /exceptions/{id}":                           model.MayLook,
	"POST /exceptions/{id}/withdrawal":               model.MayPlan,
	"GET /exports":                                   model.MayLook,
	"POST /exports":                                  model.MayLook,
	"GET /exports/{id}":                              model.MayLook,
	"GET /exports/{id}/file":                         model.MayLook,
	"POST /marks/{id}/lifting":                       model.MayJudge,
	"GET /message-templates":                         model.MayLook,
	"GET /message-templates/{kind}":                  model.MayLook,
	"PUT /message-templates/{kind}":                  model.MaySet,
	"POST /message-templates/{kind}/reversion":       model.MaySet,
	"POST /message-templates/{kind}/withdrawal":      model.MaySet,
	"GET /policies":                                  model.MayLook,
	"GET /policies/{id}":                             model.MayLook,
	"GET /policies/{id}/comparison":                  model.MayLook,
	"DELETE /policies/{id}/draft":                    model.MaySet,
	"PUT /policies/{id}/draft":                       model.MaySet,
	"POST /policies/{id}/publication":                model.MaySet,
	"GET /overview":                                  model.MayLook,
	"GET /overview/reach":                            model.MayLook,
	"GET /resets":                                    model.MayManage,
	"POST /resets/{id}/approval":                     model.MayManage,
	"POST /resets/{id}/refusal":                      model.MayManage,
	"POST /resident-search":                          model.MayKeep,
	"POST /residents":                                model.MayKeep,
	"POST /residents/search":                         model.MayKeep,
	"GET /residents/{id}":                            model.MayKeep,
	"GET /residents/{id}/bookings":                   model.MayKeep,
	"GET /residents/{id}/children":                   model.MayKeep,
	"POST /residents/{id}/children":                  model.MayKeep,
	"GET /residents/{id}/children/{child}/allowance": model.MayKeep,
	"GET /residents/{id}/children/{child}/marks":     model.MayKeep,
	"GET /residents/{id}/closure":                    model.MayReveal,
	"POST /residents/{id}/closure":                   model.MayReveal,
	"PUT /residents/{id}/consents/{document}":        model.MayKeep,
	"POST /residents/{id}/export":                    model.MayReveal,
	"POST /residents/{id}/openings":                  model.MayReveal,
	"GET /residents/{id}/under-way":                  model.MayKeep,
	"PUT /rooms/{id}":                                model.MayFurnish,
	"POST /rooms/{id}/restoration":                   model.MayFurnish,
	"POST /rooms/{id}/retirement":                    model.MayFurnish,
	"GET /services":                                  model.MayLook,
	"POST /services":                                 model.MaySet,
	"PUT /services/{id}":                             model.MaySet,
	"POST /services/{id}/offering":                   model.MaySet,
	"POST /services/{id}/withdrawal":                 model.MaySet,
	"GET /site-cards":                                model.MayLook,
	"GET /sites":                                     model.MayLook,
	"POST /sites":                                    model.MayFurnish,
	"GET /sites/{id}":                                model.MayLook,
	"PUT /sites/{id}":                                model.MayFurnish,
	"POST /sites/{id}/booking-search":                model.MayKeep,
	"POST /sites/{id}/carers":                        model.MayFurnish,
	"GET /sites/{id}/choices":                        model.MayLook,
	"GET /sites/{id}/closure":                        model.MayLook,
	"GET /sites/{id}/exceptions":                     model.MayLook,
	"POST /sites/{id}/exceptions":                    model.MayPlan,
	"GET /sites/{id}/live":                           model.MayKeep,
	"POST /sites/{id}/photos":                        model.MayFurnish,
	"PUT /sites/{id}/photos":                         model.MayFurnish,
	"GET /sites/{id}/plan":                           model.MayLook,
	"GET /sites/{id}/held-places":                    model.MayKeep,
	"POST /sites/{id}/reopening":                     model.MayFurnish,
	"POST /sites/{id}/rooms":                         model.MayFurnish,
	"GET /sites/{id}/sessions":                       model.MayKeep,
	"GET /sites/{id}/slots":                          model.MayLook,
	"POST /sites/{id}/suspension":                    model.MayFurnish,
	"GET /sites/{id}/templates":                      model.MayLook,
	"POST /sites/{id}/templates":                     model.MayPlan,
	"GET /slots/{id}":                                model.MayLook,
	"GET /slots/{id}/bookings":                       model.MayKeep,
	"POST /slots/{id}/applications":                  model.MayKeep,
	"POST /slots/{id}/bookings":                      model.MayKeep,
	"PUT /slots/{id}/capacity":                       model.MayPlan,
	"GET /slots/{id}/closure":                        model.MayLook,
	"POST /slots/{id}/closure":                       model.MayPlan,
	"GET /slots/{id}/draw":                           model.MayLook,
	"GET /slots/{id}/draw/document":                  model.MayLook,
	"PUT /slots/{id}/draw/randomness":                model.MayPlan,
	"PUT /slots/{id}/draw/source":                    model.MayPlan,
	"GET /slots/{id}/waiting":                        model.MayLook,
	"POST /slots/{id}/waiting":                       model.MayKeep,
	"POST /trail/export":                             model.MayAudit,
	"POST /trail/search":                             model.MayAudit,
	"POST /trail/verification":                       model.MayAudit,
	"GET /staff":                                     model.MayManage,
	"POST /staff":                                    model.MayManage,
	"GET /staff-choices":                             model.MayManage,
	"POST /staff/search":                             model.MayManage,
	"GET /staff/{id}":                                model.MayManage,
	"PATCH /staff/{id}":                              model.MayManage,
	"POST /staff/{id}/disabling":                     model.MayManage,
	"POST /staff/{id}/enabling":                      model.MayManage,
	"POST /staff/{id}/grants":                        model.MayManage,
	"DELETE /staff/{id}/grants/{grant}":              model.MayManage,
	"POST /staff/{id}/invitation":                    model.MayManage,
	"DELETE /staff/{id}/lock":                        model.MayManage,
	"POST /staff/{id}/password-demand":               model.MayManage,
	"POST /staff/{id}/resets":                        model.MayManage,
	"DELETE /staff/{id}/sessions":                    model.MayManage,
	"GET /staff/{id}/sessions":                       model.MayManage,
	"DELETE /staff/{id}/sessions/{session}":          model.MayManage,
	"GET /staff/{id}/sign-ins":                       model.MayManage,
	"POST /waiting/{id}/opening":                     model.MayKeep,
	"POST /waiting/{id}/acceptance":                  model.MayKeep,
	"POST /waiting/{id}/departure":                   model.MayKeep,
	"PATCH /templates/{id}":                          model.MayPlan,
	"POST /templates/{id}/ending":                    model.MayPlan,
	"GET /work":                                      model.MayOperate,
	"GET /work/dead-letters":                         model.MayOperate,
	"POST /work/{id}/retry":                          model.MayOperate,
}

// anywhere are the routes by which whoever is at a door is served, wherever they were before: parents go where they like;
// and those about what holds for the whole district.
var anywhere = []string{
	"GET /residents/{id}/under-way", "GET /residents/{id}/children", "POST /residents/{id}/children", "PUT /residents/{id}/consents/{document}",
	"GET /policies/{id}", "GET /policies/{id}/comparison", "GET /message-templates/{kind}",
}

// mine are the routes to what one has asked for oneself: anybody else's does not exist, whatever the scope.
var mine = []string{"GET /exports/{id}", "GET /exports/{id}/file"}

// mayDo is what each role may do, spelled out once more, so that a slip in the code's own table is noticed.
var mayDo = map[model.Role][2]string{ // without and with 三员分立
	model.RoleAdministrator: {"look plan keep judge reveal furnish operate settings manage audit", "look plan keep judge reveal furnish"},
	model.RoleKeeper:        {"look plan keep judge", "look plan keep judge"},
	model.RoleSystemAdmin:   {"look operate settings", "look operate settings"},
	model.RoleSecurityAdmin: {"manage", "manage"},
	model.RoleAuditor:       {"look audit", "look audit"},
}

func TestRolesMayWhatTheyMay(t *testing.T) {
	for _, role := range model.Roles {
		for i, split := range []bool{false, true} {
			if got := strings.Trim(fmt.Sprint(model.Allowed(role, split)), "[]"); got != mayDo[role][i] {
				t.Errorf("%s, split %v: %s", role, split, got)
			}
		}
	}
}

// operation is one route of the console as the document has it.
type operation struct {
	name       string // method and address behind /console/api/v1
	method     string
	path       string
	permission model.Permission
	signedIn   bool
	body       *openapi3.Schema
	uploads    bool // a form with a file
	query      string
}

func consoleOperations() (list []operation) {
	for path, item := range theDocument().spec.Paths.Map() {
		if !strings.HasPrefix(path, console+"/") {
			continue
		}
		for method, op := range item.Operations() {
			permission, _ := op.Extensions["x-permission"].(string)
			one := operation{
				name: method + " " + strings.TrimPrefix(path, console), method: method, path: path,
				permission: model.Permission(permission), signedIn: op.Security != nil, query: neededQuery(op),
			}
			if op.RequestBody != nil && op.RequestBody.Value.Content["multipart/form-data"] != nil {
				one.uploads = true
			} else if op.RequestBody != nil {
				one.body = op.RequestBody.Value.Content.Get("application/json").Schema.Value
			}
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.name, b.name) })
	return list
}

func neededQuery(op *openapi3.Operation) string {
	var parts []string
	for _, p := range op.Parameters {
		if p.Value.In == "query" && p.Value.Required {
			parts = append(parts, p.Value.Name+"="+fmt.Sprint(sample(p.Value.Schema.Value)))
		}
	}
	return strings.Join(parts, "&")
}

// fitting are texts for the patterns of the document.
var fitting = map[string]string{`^[0-9]{4}$`: "0000", `^[0-2][0-9]:[0-5][0-9]$`: "09:00", `\S`: "08"}

// sample is the least that a schema takes.
func sample(s *openapi3.Schema) any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Pattern != "":
		return fitting[s.Pattern]
	case s.Type.Includes("object"):
		object := map[string]any{}
		for _, name := range s.Required {
			object[name] = sample(s.Properties[name].Value)
		}
		return object
	case s.Type.Includes("array"):
		list := []any{}
		for range s.MinItems {
			list = append(list, sample(s.Items.Value))
		}
		return list
	case s.Type.Includes("integer"), s.Type.Includes("number"):
		if s.Min != nil {
			return *s.Min
		}
		return 1
	case s.Type.Includes("boolean"):
		return false
	case s.Format == "date":
		return "2026-11-24"
	case s.Format == "date-time":
		return "2026-11-24T09:00:00+08:00"
	}
	return strings.Repeat("x", max(int(s.MinLength), 8))
}

// Every route takes the permission the list gives it, and no route is without a line.
func TestEveryConsoleRouteHasItsDuty(t *testing.T) {
	named := map[string]bool{}
	for _, op := range consoleOperations() {
		named[op.name] = true
		open, own, duty := slices.Contains(openDoors, op.name), slices.Contains(ownAffairs, op.name), duties[op.name]
		switch {
		case !open && !own && duty == "":
			t.Errorf("%s has no line in the lists of this test", op.name)
		case op.permission != duty || op.signedIn == open:
			t.Errorf("%s takes %q, signed in %v; the lists say %q", op.name, op.permission, op.signedIn, duty)
		}
	}
	for _, name := range slices.Concat(openDoors, ownAffairs, slices.Collect(maps.Keys(duties))) {
		if !named[name] {
			t.Errorf("%s stands in the lists for nothing", name)
		}
	}
}

// records are the ids of one of each kind of record, by the address they are found under, within one scope.
type records map[string]string

var collection = regexp.MustCompile(`/([\w-]+)/\{(\w+)\}`)

// fill puts ids into an address; missing is the kind of record nobody has made.
func (r records) fill(path string) (address, missing string) {
	address = collection.ReplaceAllStringFunc(path, func(part string) string {
		name := collection.FindStringSubmatch(part)[1]
		id, known := r[name]
		if !known {
			missing = name
		}
		return "/" + name + "/" + id
	})
	return address, missing
}

// stage makes one of each kind of record at a site.
func (h *house) stage(site model.Site, boss *person) records {
	h.t.Helper()
	parent, child := h.family()
	slot := h.world.AddSlot(3, 10, func(s *model.Slot) { s.SiteID = site.ID })
	booked := parent.book(slot.ID, child)
	full := h.world.AddSlot(4, 1, func(s *model.Slot) { s.SiteID = site.ID })
	h.fill(full)
	waits := parent.wait(full.ID, child)
	applied := parent.apply(h.drawSlot(6, 1, func(s *model.Slot) { s.SiteID = site.ID }).ID, child)
	who := h.staff(model.RoleKeeper, "site", site.ID)
	var reset, grant, exported struct{ ID string }
	h.ask("POST", console+"/exports", as(who), h.key(), body(`{"content":"figures","format":"csv","from":"2026-11-01","to":"2026-11-30"}`)).is(201).read(&exported)
	h.ask("POST", console+"/staff/"+who.id+"/resets", as(boss), body(`{"kind":"second_factor","reason":"试"}`)).is(201).read(&reset)
	grant.ID = h.column(`SELECT id FROM staff_grants WHERE staff_id = ?`, who.id)[0]
	now, ctx := modeltest.Now(), context.Background()
	exception := model.PlanException{ID: h.store.NewID(), SiteID: site.ID, Number: 1, Kind: model.ExceptionClose, FromDate: slot.Date, UntilDate: slot.Date, StaffID: who.id, CreatedAt: now}
	appeal := model.Appeal{ID: h.store.NewID(), ChildID: child, ResidentID: parent.id, BookingID: booked, SiteID: site.ID, Reason: model.AppealOther, Status: model.AppealOpen, CreatedAt: now}
	h.must(h.store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.AddException(ctx, &exception); err != nil {
			return err
		}
		return tx.AddMark(ctx, model.Mark{ChildID: child, BookingID: booked, Kind: model.MarkNoShow, Points: 2, CreatedAt: now})
	}))
	appeal.MarkID = h.column(`SELECT id FROM marks WHERE booking_id = ?`, booked)[0]
	h.must(h.store.InTx(ctx, func(tx *model.Store) error { return tx.AddAppeal(ctx, appeal) }))
	template := h.column(`SELECT id FROM weekly_templates WHERE site_id = ?`, site.ID)[0]
	room := h.column(`SELECT id FROM site_rooms WHERE site_id = ?`, site.ID)[0]
	carer := h.column(`SELECT id FROM carers WHERE site_id = ?`, site.ID)[0]
	return records{
		"rooms": room, "carers": carer, "message-templates": "booked", "policies": slot.ServiceID, "services": slot.ServiceID,
		"sites": site.ID, "templates": template, "exceptions": exception.ID, "marks": appeal.MarkID, "appeals": appeal.ID, "residents": parent.id,
		"waiting": waits.ID, "applications": applied.ID,
		"exports": exported.ID, "work": "none", "consents": "none", "children": child, "slots": slot.ID, "bookings": booked, "staff": who.id, "resets": reset.ID, "grants": grant.ID, "sessions": "none", "passkeys": "none",
	}
}

// Every route of the console × every role × own scope, another's, nobody, and a resident: against the lists above.
func TestPermissionMatrix(t *testing.T) {
	h := newHouse(t)
	boss := h.staff(model.RoleAdministrator)
	other, _ := h.world.AddSite("310104003", "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
	own, elsewhere := h.stage(h.world.Site, boss), h.stage(other, boss)
	resident, tried := h.person(), 0
	for _, op := range consoleOperations() {
		if slices.Contains(openDoors, op.name) {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			h.run(t, func(h *house) {
				tried++
				m := matrix{h, op, own, elsewhere}
				m.send(own).says(401, "staff_sign_in_needed")
				m.send(own, as(resident)).says(401, "staff_sign_in_needed")
				m.send(own, header("Cookie", "__Host-jmk-staff="+resident.token)).says(401, "staff_session_ended")
				if op.permission != "" {
					for _, role := range model.Roles {
						m.asRole(role)
					}
				}
			})
		})
	}
	if tried < 30 {
		t.Errorf("only %d routes were tried", tried)
	}
}

type matrix struct {
	h              *house
	op             operation
	own, elsewhere records
}

// asRole tries the route as somebody whose role is held in one subdistrict, on what lies there and what does not. What
// is tried is the door: what the operation itself says of the least content it takes is its own scenarios' affair.
func (m matrix) asRole(role model.Role) {
	m.h.t.Helper()
	one := m.h.staff(role, "subdistrict", m.h.world.Site.SubdistrictCode)
	if !slices.Contains(strings.Fields(mayDo[role][0]), string(m.op.permission)) {
		m.send(m.own, as(one)).says(403, "not_permitted")
		m.send(m.elsewhere, as(one)).says(403, "not_permitted")
		return
	}
	outside := m.send(m.elsewhere, as(one))
	if m.op.permission == model.MayOperate || m.op.permission == model.MaySet {
		outside.says(403, "not_permitted") // whoever does it does it for the whole district
		return
	}
	if slices.Contains(mine, m.op.name) {
		outside.says(404, "export_not_found")
		m.send(m.own, as(one)).says(404, "export_not_found")
		return
	}
	scoped := strings.Contains(m.op.path, "{") && !slices.Contains(anywhere, m.op.name)
	if scoped && outside.status != http.StatusNotFound {
		m.h.t.Errorf("%s: %s finds what lies outside: %d %s", m.op.name, role, outside.status, outside.code)
	}
	if m.op.method != http.MethodGet { // it would change what the next one tries
		return
	}
	if strings.HasSuffix(m.op.path, "/live") { // an answer without an end
		m.h.listen(one, m.h.world.Site.ID)
		return
	}
	inside := m.send(m.own, as(one))
	if inside.status == http.StatusForbidden || scoped && inside.code != "" && inside.code == outside.code {
		m.h.t.Errorf("%s: %s is refused in the own scope: %d %s", m.op.name, role, inside.status, inside.code)
	}
}

func (m matrix) send(ids records, more ...with) answer {
	m.h.t.Helper()
	address, missing := ids.fill(m.op.path)
	if missing != "" {
		m.h.t.Fatalf("%s: stage makes no record for /%s/", m.op.name, missing)
	}
	if m.op.query != "" {
		address += "?" + m.op.query
	}
	more = append(more, m.h.key())
	if m.op.uploads {
		more = append(more, upload("x", []byte("x")))
	}
	if m.op.body != nil {
		more = append(more, body("%s", asJSON(sample(m.op.body))))
	}
	return m.h.ask(m.op.method, address, more...)
}
