package router_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/model"
)

var recordScenarios = []scenario{
	{"a family is found, masked, by those in whose scope it is", familyFound},
	{"one field is opened for a reason", fieldOpened},
	{"a child's bookings, allowance and marks", familyRecords},
	{"an account is exported and closed on a written request", writtenRequests},
	{"nobody reads the district dry", func(h *house) {
		apart(h, func(h *house) {
			p, _ := h.family()
			path, ask := recordOf(p)+"/openings", body(`{"field":"nickname","reason":"verify","note":"核实"}`)
			boss, other := h.staff(model.RoleAdministrator), h.staff(model.RoleAdministrator)
			for range 2 {
				h.refuses(404, "nothing_held", "POST", path, as(boss), ask)
			}
			h.refuses(429, "staff_too_many_requests", "POST", path, as(boss), ask)
			h.refuses(404, "nothing_held", "POST", path, as(other), ask)
		}, func(p *plan) { p.rates["reveal"] = redis.Rate{Count: 1, Per: time.Hour, Burst: 2} })
	}},
}

func recordOf(p *person) string { return console + "/residents/" + p.id }

// record is a family's account as staff see it.
type record struct {
	ID, Status, Phone, Nickname string
	AtDesk                      bool `json:"at_desk"`
	PhoneVerified               bool `json:"phone_verified"`
	Subdistrict                 *struct{ Code string }
	ClosedAt                    string `json:"closed_at"`
	Children                    []struct {
		ID, Name      string
		HasHealthNote bool `json:"has_health_note"`
	}
	PickupPersons []struct {
		ID, Name  string
		Child     string `json:"child_id"`
		PhoneTail string `json:"phone_tail"`
	} `json:"pickup_persons"`
	Agreements []struct {
		Title    string
		InForce  bool   `json:"in_force"`
		AgreedAt string `json:"agreed_at"`
	}
}

func (h *house) searchRecords(who *person, page int, what, value string) (found []record, total int) {
	h.t.Helper()
	var out struct {
		Items []record
		Total int
	}
	h.ask("POST", console+"/residents/search", as(who), body(`{%q:%q,"page":%d,"page_size":1}`, what, value, page)).is(200).read(&out)
	return out.Items, out.Total
}

// named puts a child of that name on the list.
func (p *person) named(name string) string {
	p.h.t.Helper()
	var out struct{ ID string }
	p.h.ask("POST", "/api/v1/children", as(p), body(`{"name":%q,"birth_date":%q}`, name, p.h.bornBefore(18))).is(201).read(&out)
	return out.ID
}

func familyFound(h *house) {
	p := h.guardian()
	child := p.named("示例小满")
	h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"number":"13655512399"}`)).is(200)
	h.ask("POST", "/api/v1/children/"+child+"/pickup-persons", as(p), body(`{"name":"示例外婆","relation":"grandparent","phone":"13800138000"}`)).is(201)
	second := h.person()
	h.ask("PUT", "/api/v1/me/phone", as(second), body(`{"number":"13755512399"}`)).is(200)
	boss := h.staff(model.RoleAdministrator)
	here := h.staff(model.RoleAdministrator, "subdistrict", h.world.Site.SubdistrictCode)
	keeper, elsewhere := h.keeper(), h.keeperElsewhere()

	found, total := h.searchRecords(boss, 1, "phone_tail", "2399")
	next, _ := h.searchRecords(boss, 2, "phone_tail", "2399")
	if total != 2 || len(found) != 1 || found[0].ID != second.id || len(next) != 1 || next[0].ID != p.id {
		h.t.Errorf("found %+v and %+v of %d", found, next, total)
	}
	if one := next[0]; one.Phone != "136****2399" || one.PhoneVerified || one.AtDesk || len(one.Children) != 1 || one.Children[0].Name != "示*" {
		h.t.Errorf("found %+v", one)
	}
	for _, who := range []*person{here, keeper, elsewhere} { // nobody has come there yet, nor lives there
		if found, total := h.searchRecords(who, 1, "phone", "13655512399"); total != 0 {
			h.t.Errorf("found %+v of %d", found, total)
		}
		h.refuses(404, "resident_not_found", "GET", recordOf(p), as(who))
	}
	booked := p.book(h.world.AddSlot(3, 5).ID, child)
	for _, who := range []*person{here, keeper} {
		for _, by := range [][2]string{{"phone", "13655512399"}, {"phone_tail", "2399"}, {"id", p.id}, {"id", child}, {"id", booked}, {"name", "示例 小满"}} {
			if found, total := h.searchRecords(who, 1, by[0], by[1]); total != 1 || found[0].ID != p.id {
				h.t.Errorf("by %s found %+v of %d", by, found, total)
			}
		}
	}
	if found, total := h.searchRecords(elsewhere, 1, "id", booked); total != 0 {
		h.t.Errorf("found %+v of %d", found, total)
	}
	code := h.world.Site.SubdistrictCode
	h.ask("PATCH", "/api/v1/me", as(second), body(`{"subdistrict":%q}`, code)).is(200)
	if _, total := h.searchRecords(here, 1, "id", second.id); total != 1 {
		h.t.Error("who lives in the subdistrict is not found by its administrator")
	}
	if _, total := h.searchRecords(keeper, 1, "id", second.id); total != 0 {
		h.t.Error("who lives in the subdistrict is found by a site's keeper, and never came")
	}
	var r record
	h.ask("GET", recordOf(p), as(keeper)).is(200).read(&r)
	if r.Status != "active" || r.Phone != "136****2399" || len(r.PickupPersons) != 1 || r.PickupPersons[0].Name != "示*" || r.PickupPersons[0].PhoneTail != "8000" ||
		len(r.Agreements) != len(h.documents()) || r.Agreements[0].AgreedAt == "" || !r.Agreements[0].InForce {
		h.t.Errorf("the record is %+v", r)
	}
	r = record{} // what the answer leaves out must not stand there from the one before
	h.ask("GET", recordOf(second), as(boss)).is(200).read(&r)
	if r.Subdistrict == nil || r.Subdistrict.Code != code || r.Agreements[0].AgreedAt != "" {
		h.t.Errorf("the record is %+v", r)
	}
	h.refuses(422, "invalid_request", "POST", console+"/residents/search", as(boss), body(`{}`)).names("body.phone")
	h.refuses(422, "invalid_request", "POST", console+"/residents/search", as(boss), body(`{"phone":"13655512399","phone_tail":"2399"}`)).names("body.phone")
	h.refuses(422, "invalid_request", "POST", console+"/residents/search", as(boss), body(`{"phone_tail":"239"}`)).names("body.phone_tail")
	h.refuses(422, "invalid_request", "POST", console+"/residents/search", as(boss), body(`{"id":"x","page_size":101}`)).names("body.page_size")
	h.refuses(422, "phone_invalid", "POST", console+"/residents/search", as(boss), body(`{"phone":"1365"}`)).names("body.phone")
	h.refuses(403, "not_permitted", "GET", recordOf(p), as(h.staff(model.RoleAuditor)))
	accesses, err := h.store.ListAccesses(context.Background(), p.id)
	if err != nil || len(accesses) != 1 || accesses[0].StaffID != keeper.id || accesses[0].Reason != "record" {
		h.t.Errorf("accesses %+v, %v", accesses, err)
	}
	if n := h.column(`SELECT COUNT(*) FROM data_accesses WHERE staff_id = ? AND subject = 'search'`, boss.id)[0]; n != "2" {
		h.t.Errorf("%s searches were written", n)
	}
}

func fieldOpened(h *house) {
	p := h.guardian()
	h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"number":"13655500001"}`)).is(200)
	h.ask("PATCH", "/api/v1/me", as(p), body(`{"nickname":"示例妈妈"}`)).is(200)
	var child, person struct{ ID string }
	born := h.bornBefore(18)
	h.ask("POST", "/api/v1/children", as(p), body(`{"name":"示例朵朵","birth_date":%q,"health_note":"对鸡蛋过敏"}`, born)).is(201).read(&child)
	h.ask("POST", "/api/v1/children/"+child.ID+"/pickup-persons", as(p), body(`{"name":"示例外婆","relation":"grandparent","phone":"13800138000"}`)).is(201).read(&person)
	booked := p.book(h.world.AddSlot(4, 5).ID, child.ID)
	here := h.staff(model.RoleAdministrator, "subdistrict", h.world.Site.SubdistrictCode)
	away := h.staff(model.RoleAdministrator, "subdistrict", "310104003")
	path := recordOf(p) + "/openings"
	open := func(field, of, note string) with {
		return body(`{"field":%q,"of":%q,"reason":"verify","note":%q}`, field, of, note)
	}
	for _, c := range []struct{ field, of, subject, column, value string }{
		{"phone", "", p.id, "residents.phone", "13655500001"},
		{"nickname", "", p.id, "residents.nickname", "示例妈妈"},
		{"child_name", child.ID, child.ID, "children.name", "示例朵朵"},
		{"birth_date", child.ID, child.ID, "children.birth_date", born},
		{"health_note", child.ID, child.ID, "children.health_note", "对鸡蛋过敏"},
		{"pickup_name", person.ID, person.ID, "pickup_persons.name", "示例外婆"},
		{"pickup_phone", person.ID, person.ID, "pickup_persons.phone", "13800138000"},
	} {
		var out struct {
			Field, Value string
			Until        time.Time
			Seconds      int
		}
		answer := h.ask("POST", path, as(here), open(c.field, c.of, " 家长来电核实 ")).is(200)
		answer.read(&out)
		if left := out.Until.Sub(h.clock.Now()); out.Value != c.value || out.Field != c.field || out.Seconds != 60 || left > time.Minute || left < 30*time.Second {
			h.t.Errorf("opened %+v, %s left", out, left)
		}
		if answer.header.Get("Cache-Control") != "no-store" {
			h.t.Error("a browser may keep what was opened")
		}
		accesses, err := h.store.ListAccesses(context.Background(), c.subject)
		if err != nil || len(accesses) == 0 {
			h.t.Fatalf("accesses %+v, %v", accesses, err)
		}
		if a := accesses[len(accesses)-1]; a.StaffID != here.id || a.Fields != c.column || a.Reason != "verify: 家长来电核实" {
			h.t.Errorf("written: %+v", a)
		}
	}
	before := h.column(`SELECT COUNT(*) FROM data_accesses`)[0]
	h.refuses(422, "reason_invalid", "POST", path, as(here), open("phone", "", "　 ")).names("body.note")
	h.refuses(422, "reason_invalid", "POST", path, as(here), open("phone", "", "看")).names("body.note")
	h.refuses(422, "reason_invalid", "POST", path, as(here), open("phone", "", strings.Repeat("长", 101))).names("body.note")
	h.refuses(422, "invalid_request", "POST", path, as(here), body(`{"field":"phone","reason":"curious","note":"看看"}`)).names("body.reason")
	h.refuses(422, "invalid_request", "POST", path, as(here), open("open_id", "", "看看")).names("body.field")
	h.refuses(404, "resident_not_found", "POST", path, as(away), open("phone", "", "看看"))
	h.refuses(403, "not_permitted", "POST", path, as(h.keeper()), open("phone", "", "看看"))
	h.refuses(404, "child_not_found", "POST", path, as(here), open("child_name", person.ID, "看看"))
	h.refuses(404, "pickup_person_not_found", "POST", path, as(here), open("pickup_phone", child.ID, "看看"))
	stranger, other := h.family()
	h.refuses(404, "child_not_found", "POST", path, as(here), open("child_name", other, "看看"))
	h.refuses(404, "nothing_held", "POST", recordOf(stranger)+"/openings", as(h.staff(model.RoleAdministrator)), open("health_note", other, "看看"))
	if after := h.column(`SELECT COUNT(*) FROM data_accesses`)[0]; after != before {
		h.t.Errorf("refused, and %s openings were written, of %s", after, before)
	}
	h.ask("POST", "/api/v1/bookings/"+booked+"/cancellation", as(p), h.key(), body(`{}`)).is(200)
}

func familyRecords(h *house) {
	p, child := h.family()
	keeper := h.keeper()
	other, _ := h.world.AddSite("310104003", "示例宝宝屋别处", model.Point{Latitude: 31.2, Longitude: 121.44})
	today := func(wait time.Duration, change ...func(*model.Slot)) model.Slot { // and so of one year's allowance
		return h.world.AddSlot(0, 5, append(change, h.startingIn(wait, time.Hour))...)
	}
	p.book(today(6*time.Hour).ID, child)
	p.book(today(8*time.Hour).ID, child)
	p.book(today(10*time.Hour, func(s *model.Slot) { s.SiteID = other.ID }).ID, child)
	late := p.book(today(4*time.Hour).ID, child)
	h.ask("POST", "/api/v1/bookings/"+late+"/cancellation", as(p), h.key(), body(`{}`)).is(200)
	var bookings struct {
		Items []struct {
			ID      string
			Site    string `json:"site_id"`
			StartAt string `json:"start_at"`
		}
		Total int
	}
	for _, c := range []struct {
		who    *person
		query  string
		length int
		total  int
	}{
		{keeper, "", 3, 3}, {keeper, "?page=2&page_size=2&child=" + child, 1, 3}, {keeper, "?child=none", 0, 0}, {h.staff(model.RoleAdministrator), "", 4, 4},
	} {
		h.ask("GET", recordOf(p)+"/bookings"+c.query, as(c.who)).is(200).read(&bookings)
		if len(bookings.Items) != c.length || bookings.Total != c.total {
			h.t.Errorf("%q: %+v", c.query, bookings)
		}
	}
	ofChild := recordOf(p) + "/children/" + child
	var allowance struct {
		Granted, Used, Remaining int
		Items                    []struct {
			Kind     string
			Amount   int
			SiteName string `json:"site_name"`
		}
	}
	h.ask("GET", ofChild+"/allowance", as(keeper)).is(200).read(&allowance)
	sum, untold := 0, 0
	for _, line := range allowance.Items {
		sum += line.Amount
		if line.SiteName == "" {
			untold++
		}
	}
	if len(allowance.Items) != 5 || sum != allowance.Used || allowance.Used != 3 || allowance.Granted-3 != allowance.Remaining || untold != 1 {
		h.t.Errorf("the allowance is %+v", allowance)
	}
	var marks struct {
		Items []struct {
			ID       string
			Kind     string
			SiteName string `json:"site_name"`
			MayLift  bool   `json:"may_lift"`
			LapsesAt string `json:"lapses_at"`
		}
		Blocked []any
	}
	h.ask("GET", ofChild+"/marks", as(keeper)).is(200).read(&marks)
	if len(marks.Items) != 1 || marks.Items[0].Kind != "late_cancel" || !marks.Items[0].MayLift || marks.Items[0].SiteName != h.world.Site.Name || len(marks.Blocked) != 0 {
		h.t.Errorf("the marks are %+v", marks)
	}
	h.ask("POST", console+"/marks/"+marks.Items[0].ID+"/lifting", as(keeper), body(`{"reason":"示例原因"}`)).is(200)
	away := h.staff(model.RoleKeeper, "site", other.ID)
	h.ask("GET", ofChild+"/marks", as(away)).is(200).read(&marks)
	if len(marks.Items) != 1 || marks.Items[0].MayLift || marks.Items[0].SiteName != "" {
		h.t.Errorf("the marks are %+v", marks)
	}
	nowhere, stranger := h.keeperElsewhere(), h.person()
	for _, path := range []string{"/bookings", "/children/" + child + "/allowance", "/children/" + child + "/marks"} {
		h.refuses(404, "resident_not_found", "GET", recordOf(p)+path, as(nowhere))
		if !strings.HasSuffix(path, "bookings") {
			h.refuses(404, "child_not_found", "GET", recordOf(stranger)+path, as(h.staff(model.RoleAdministrator)))
		}
	}
	h.refuses(422, "date_invalid", "GET", ofChild+"/allowance?date=2026-02-30", as(keeper))
	h.refuses(422, "date_out_of_range", "GET", ofChild+"/allowance?date=2001-01-01", as(keeper))
	h.refuses(422, "invalid_request", "GET", recordOf(p)+"/bookings?page=0", as(keeper)).names("query.page")
}

// atDesk is a family without WeChat that a keeper has registered, with its child 示例果果.
func (h *house) atDesk(keeper *person, phone string) (p *person, child string) {
	h.t.Helper()
	var met, added struct{ ID string }
	h.ask("POST", console+"/residents", as(keeper), body(`{"phone":%q}`, phone)).is(201).read(&met)
	p = &person{h: h, id: met.ID}
	for _, id := range h.documents() {
		h.ask("PUT", recordOf(p)+"/consents/"+id, as(keeper)).is(204)
	}
	h.ask("POST", recordOf(p)+"/children", as(keeper), body(`{"name":"示例果果","birth_date":%q}`, h.bornBefore(18))).is(201).read(&added)
	return p, added.ID
}

func writtenRequests(h *house) {
	keeper := h.keeper()
	p, child := h.atDesk(keeper, "13655500077")
	slot := h.world.AddSlot(5, 3)
	var booked struct{ ID, Status string }
	h.ask("POST", console+"/slots/"+slot.ID+"/bookings", as(keeper), h.key(), body(`{"resident_id":%q,"child_id":%q}`, p.id, child)).is(201).read(&booked)

	here := h.staff(model.RoleAdministrator, "subdistrict", h.world.Site.SubdistrictCode)
	away := h.staff(model.RoleAdministrator, "subdistrict", "310104003")
	var r record
	h.ask("GET", recordOf(p), as(here)).is(200).read(&r)
	if !r.AtDesk || r.Subdistrict == nil || r.Subdistrict.Code != h.world.Site.SubdistrictCode {
		h.t.Errorf("registered at a desk: %+v", r)
	}
	paper := body(`{"reference":"档案室第12号","phone":"13655500077"}`)
	var closing struct {
		Bookings, Waiting, Applications, Children int
		Busy                                      bool
	}
	h.ask("GET", recordOf(p)+"/closure", as(here)).is(200).read(&closing)
	if closing.Bookings != 1 || closing.Children != 1 || closing.Waiting != 0 || closing.Applications != 0 || closing.Busy {
		h.t.Errorf("closing would do %+v", closing)
	}
	h.refuses(404, "resident_not_found", "GET", recordOf(p)+"/closure", as(away))
	h.refuses(403, "not_permitted", "GET", recordOf(p)+"/closure", as(keeper))
	for _, what := range []string{"/export", "/closure"} {
		h.refuses(409, "paper_phone_differs", "POST", recordOf(p)+what, as(here), body(`{"reference":"档案室第12号","phone":"13655500078"}`)).names("body.phone")
		h.refuses(409, "paper_phone_differs", "POST", recordOf(p)+what, as(here), body(`{"reference":"档案室第12号"}`))
		h.refuses(422, "reason_invalid", "POST", recordOf(p)+what, as(here), body(`{"reference":"  ","phone":"13655500077"}`)).names("body.reference")
		h.refuses(404, "resident_not_found", "POST", recordOf(p)+what, as(away), paper)
		h.refuses(403, "not_permitted", "POST", recordOf(p)+what, as(keeper), paper)
	}
	exported := h.ask("POST", recordOf(p)+"/export", as(here), paper).is(200)
	for _, want := range []string{"13655500077", "示例果果", booked.ID} {
		if !strings.Contains(string(exported.body), want) {
			h.t.Errorf("the export has no %s", want)
		}
	}
	if got := exported.header.Get("Content-Disposition"); got != fmt.Sprintf(`attachment; filename="%s.json"`, p.id) || exported.header.Get("Cache-Control") != "no-store" {
		h.t.Errorf("the export goes out as %q", got)
	}
	accesses, err := h.store.ListAccesses(context.Background(), p.id)
	if err != nil || accesses[len(accesses)-1].Fields != "everything" || accesses[len(accesses)-1].Reason != "written_request: 档案室第12号" {
		h.t.Errorf("accesses %+v, %v", accesses, err)
	}
	for range 2 { // an answer that was lost is asked for again
		var closed struct {
			Status   string
			ClosedAt string `json:"closed_at"`
		}
		h.ask("POST", recordOf(p)+"/closure", as(here), paper).is(200).read(&closed)
		if closed.Status != "closed" || closed.ClosedAt == "" {
			h.t.Errorf("closed %+v", closed)
		}
	}
	h.refuses(409, "account_closed", "POST", recordOf(p)+"/export", as(here), paper)
	h.refuses(404, "nothing_held", "POST", recordOf(p)+"/openings", as(here), body(`{"field":"phone","reason":"verify","note":"看看"}`))
	r = record{}
	h.ask("GET", recordOf(p), as(here)).is(200).read(&r)
	if r.Status != "closed" || r.ClosedAt == "" || r.Phone != "" || len(r.Children) != 0 {
		h.t.Errorf("the closed record is %+v", r)
	}
	for subject, want := range map[string]string{booked.ID: "cancelled", child: "removed", p.id: "closed"} {
		events, err := h.store.ListEvents(context.Background(), subject)
		if last := events[len(events)-1]; err != nil || last.ToState != want || last.Actor != model.ActorStaff || last.ActorID != here.id {
			h.t.Errorf("events %+v, %v", events, err)
		}
	}
	busy, kid := h.family()
	at := busy.book(h.soon().ID, kid)
	h.checkIn(keeper, at)
	h.ask("GET", recordOf(busy)+"/closure", as(here)).is(200).read(&closing)
	if !closing.Busy {
		h.t.Errorf("a child is there, and closing would do %+v", closing)
	}
	h.refuses(409, "child_has_bookings", "POST", recordOf(busy)+"/closure", as(here), body(`{"reference":"档案室第13号"}`))
	h.ask("POST", console+"/bookings/"+at+"/hand-over", as(keeper), h.key(), body(`{"to":"guardian"}`)).is(200)
	h.world.Sound()
}
