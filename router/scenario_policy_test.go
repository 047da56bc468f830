package router_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"jiamenkou/model"
)

type policySeen struct {
	ID, Name string
	Version  int
	Newest   int `json:"newest_version"`
	Drafted  bool
	Versions []struct {
		Version   int
		Standing  string
		Reason    string
		Staff     string         `json:"staff_name"`
		Service   map[string]any `json:"service"`
		Allowance map[string]any `json:"allowance"`
	}
	Draft *struct {
		Version int
		BasedOn int    `json:"based_on"`
		Staff   string `json:"staff_name"`
	}
}

// ownService adds a service of a scenario's own, offered, with the rules of the world's.
func (h *house) ownService(boss *person, name string) string {
	h.t.Helper()
	var made struct{ ID, Status string }
	form := body(`{"name":%q,"intro":"示例介绍","position":90,"policy_like":%q}`, name, h.world.Services["care-morning"].ID)
	h.ask("POST", console+"/services", as(boss), h.key(), form).is(201).read(&made)
	if made.Status != "withdrawn" {
		h.t.Errorf("a new service is %s", made.Status)
	}
	h.ask("POST", console+"/services/"+made.ID+"/offering", as(boss), body(`{"version":1,"reason":"开办"}`)).is(200)
	return made.ID
}

func (h *house) policy(who *person, id string) (p policySeen) {
	h.t.Helper()
	h.ask("GET", console+"/policies/"+id, as(who)).is(200).read(&p)
	return p
}

// draftOf is the newest version with some numbers changed, as a draft on a version of one.
func draftOf(p policySeen, seen int, changes map[string]any) with {
	newest := p.Versions[0]
	kind, numbers := "service", newest.Service
	if numbers == nil {
		kind, numbers = "allowance", newest.Allowance
	}
	for key, value := range changes {
		numbers[key] = value
	}
	text, _ := json.Marshal(numbers) // numbers and words always marshal
	return body(`{"version":%d,"based_on":%d,%q:%s}`, seen, newest.Version, kind, text)
}

var policyScenarios = []scenario{
	{"a policy is drafted, compared and published", func(h *house) {
		boss, keeper := h.staff(model.RoleAdministrator), h.staff(model.RoleKeeper, "site", h.world.Site.ID)
		id := h.ownService(boss, "示例服务甲")
		at := console + "/policies/" + id
		first := h.policy(keeper, id)
		if first.Version != 1 || first.Newest != 1 || first.Drafted || first.Versions[0].Standing != "in_force" {
			h.t.Errorf("at first %+v", first)
		}
		h.ask("PUT", at+"/draft", as(boss), draftOf(first, 0, map[string]any{"free_cancel_minutes": 360, "strikes_to_block": 2})).is(200)
		h.refuses(409, "changed_meanwhile", "PUT", at+"/draft", as(boss), draftOf(first, 0, nil)) // another has begun one
		h.ask("PUT", at+"/draft", as(boss), draftOf(first, 1, map[string]any{"max_age_months": 40})).is(200)
		var out struct {
			Items []struct {
				Key, Before, Text, Reach string
				Changed                  bool
			}
		}
		h.ask("GET", at+"/comparison?from=1", as(keeper)).is(200).read(&out)
		var said []string
		for _, d := range out.Items {
			if d.Changed {
				said = append(said, d.Key+" "+d.Before+" "+d.Text+" "+d.Reach)
			}
		}
		if got := strings.Join(said, "; "); got != "max_age_months 满36个月 满40个月 new_bookings; free_cancel_minutes 12小时 6小时 new_bookings; strikes_to_block 3次 2次 at_once" {
			h.t.Errorf("the comparison says %s", got)
		}
		publish := func(version int, more string) with { return body(`{"version":%d%s}`, version, more) }
		h.refuses(409, "changed_meanwhile", "POST", at+"/publication", as(boss), h.key(), publish(1, `,"reason":"试"`))
		h.refuses(422, "reason_invalid", "POST", at+"/publication", as(boss), h.key(), publish(2, `,"reason":" "`))
		past := h.clock.Now().Add(-time.Hour).Format(time.RFC3339)
		h.refuses(422, "effective_in_the_past", "POST", at+"/publication", as(boss), h.key(), publish(2, fmt.Sprintf(`,"reason":"试","effective_at":%q`, past))).names("body.effective_at")
		key := h.key()
		h.ask("POST", at+"/publication", as(boss), key, publish(2, `,"reason":"家长要求"`)).is(200)
		h.ask("POST", at+"/publication", as(boss), key, publish(2, `,"reason":"家长要求"`)).is(200)
		h.refuses(422, "idempotency_key_reused", "POST", at+"/publication", as(boss), key, publish(2, `,"reason":"别的"`))
		second := h.policy(keeper, id)
		if len(second.Versions) != 2 || second.Version != 2 || second.Drafted || second.Versions[0].Reason != "家长要求" || second.Versions[0].Staff == "" || second.Versions[1].Standing != "past" {
			h.t.Errorf("after that %+v", second)
		}
		if events := h.column(`SELECT CONCAT(e.from_state, '>', e.to_state, ' ', e.reason) FROM events e JOIN service_policies p ON p.id = e.subject_id WHERE p.service_id = ? AND e.subject = 'policy'`, id); strings.Join(events, ";") != "1>2 家长要求" {
			h.t.Errorf("the history is %v", events)
		}
		h.ask("GET", at+"/comparison?from=1&to=2", as(keeper)).is(200)
		h.refuses(404, "policy_draft_not_found", "GET", at+"/comparison?from=2", as(keeper))
		h.refuses(404, "policy_not_found", "GET", at+"/comparison?from=1&to=3", as(keeper))
		h.refuses(404, "policy_not_found", "GET", console+"/policies/none", as(keeper))
	}},
	{"a booking carries the version it was made under", func(h *house) {
		boss := h.staff(model.RoleAdministrator)
		id := h.ownService(boss, "示例服务乙")
		parent, child := h.family()
		slot := func(ahead int) string {
			return h.world.AddSlot(ahead, 10, func(s *model.Slot) { s.ServiceID = id }).ID
		}
		early, late := slot(5), slot(6)
		before := parent.book(early, child)
		at := console + "/policies/" + id
		h.ask("PUT", at+"/draft", as(boss), draftOf(h.policy(boss, id), 0, map[string]any{"free_cancel_minutes": 0})).is(200)
		h.ask("POST", at+"/publication", as(boss), h.key(), body(`{"version":1,"reason":"试"}`)).is(200)
		after := parent.book(late, child)
		versions := h.column(`SELECT CONCAT(policy_version) FROM bookings WHERE id IN (?, ?) ORDER BY policy_version`, before, after)
		if strings.Join(versions, " ") != "1 2" {
			h.t.Errorf("they carry %v", versions)
		}
	}},
	{"policies that cannot be", func(h *house) {
		boss := h.staff(model.RoleAdministrator)
		id := h.ownService(boss, "示例服务丙")
		at, p := console+"/policies/"+id, h.policy(boss, id)
		h.refuses(422, "policy_invalid", "PUT", at+"/draft", as(boss), draftOf(p, 0, map[string]any{"block_days": -1})).names("body.service.block_days")
		p = h.policy(boss, id)
		h.refuses(422, "policy_invalid", "PUT", at+"/draft", as(boss), draftOf(p, 0, map[string]any{"release_mode": "draw", "draw_minutes": 60})).names("body.service.draw_minutes")
		h.refuses(422, "policy_invalid", "PUT", at+"/draft", as(boss), body(`{"version":0,"based_on":1}`))
		p = h.policy(boss, id)
		h.refuses(409, "changed_meanwhile", "PUT", at+"/draft", as(boss), body(`{"version":0,"based_on":0,"service":%s}`, asJSON(p.Versions[0].Service)))
		h.ask("PUT", at+"/draft", as(boss), draftOf(p, 0, nil)).is(200)
		h.refuses(409, "policy_unchanged", "POST", at+"/publication", as(boss), h.key(), body(`{"version":1,"reason":"试"}`))
		h.refuses(409, "changed_meanwhile", "DELETE", at+"/draft?version=9", as(boss))
		h.ask("DELETE", at+"/draft?version=1", as(boss)).is(204)
		h.refuses(409, "changed_meanwhile", "DELETE", at+"/draft?version=1", as(boss))
		h.refuses(404, "policy_not_found", "DELETE", console+"/policies/none/draft?version=1", as(boss))
		h.refuses(409, "changed_meanwhile", "POST", at+"/publication", as(boss), h.key(), body(`{"version":1,"reason":"试"}`))
		of := h.staff(model.RoleAdministrator, "subdistrict", "310104013")
		h.refuses(403, "not_permitted", "PUT", at+"/draft", as(of), draftOf(p, 0, nil))
	}},
	{"free sessions", func(h *house) {
		boss := h.staff(model.RoleAdministrator)
		parent, child := h.family()
		parent.book(h.world.AddSlot(6, 10).ID, child) // an allowance has been granted
		at := console + "/policies/allowance"
		h.ask("PUT", at+"/draft", as(boss), draftOf(h.policy(boss, "allowance"), 0, map[string]any{"year_start_month": 9})).is(200)
		h.refuses(409, "year_start_settled", "POST", at+"/publication", as(boss), h.key(), body(`{"version":1,"reason":"试"}`))
		h.ask("PUT", at+"/draft", as(boss), draftOf(h.policy(boss, "allowance"), 1, map[string]any{"amount": 24})).is(200)
		next := h.clock.Now().AddDate(0, 1, 0).Format(time.RFC3339)
		h.ask("POST", at+"/publication", as(boss), h.key(), body(`{"version":2,"reason":"新年加倍","effective_at":%q}`, next)).is(200)
		p := h.policy(boss, "allowance")
		if p.Version != 1 || p.Newest != 2 || p.Versions[0].Standing != "to_come" {
			h.t.Errorf("it holds already: %+v", p)
		}
		var cards struct{ Items []policySeen }
		h.ask("GET", console+"/policies", as(boss)).is(200).read(&cards)
		if len(cards.Items) < 4 || cards.Items[0].ID != "allowance" {
			h.t.Errorf("the list is %+v", cards.Items)
		}
	}},
	{"care services", func(h *house) {
		boss := h.staff(model.RoleAdministrator)
		id := h.ownService(boss, "示例服务丁")
		at := console + "/services/" + id
		form := func(version int, name string) with {
			return body(`{"version":%d,"name":%q,"intro":"改过的介绍","position":90}`, version, name)
		}
		h.ask("PUT", at, as(boss), form(2, "示例服务戊")).is(200)
		h.refuses(409, "changed_meanwhile", "PUT", at, as(boss), form(2, "示例服务己"))
		h.refuses(422, "service_incomplete", "PUT", at, as(boss), form(3, " "))
		h.refuses(422, "service_incomplete", "POST", console+"/services", as(boss), h.key(), body(`{"name":" ","intro":"","position":1,"policy_like":%q}`, id))
		h.refuses(404, "service_not_found", "POST", console+"/services", as(boss), h.key(), body(`{"name":"示例","intro":"示例","position":1,"policy_like":"none"}`))
		h.refuses(404, "service_not_found", "PUT", console+"/services/none", as(boss), form(1, "示例"))
		h.refuses(409, "service_status_same", "POST", at+"/offering", as(boss), body(`{"version":3,"reason":"试"}`))
		h.refuses(422, "reason_invalid", "POST", at+"/withdrawal", as(boss), body(`{"version":3,"reason":" "}`))
		parent, child := h.family()
		slot := h.world.AddSlot(7, 10, func(s *model.Slot) { s.ServiceID = id })
		h.ask("POST", at+"/withdrawal", as(boss), body(`{"version":3,"reason":"停办"}`)).is(200)
		h.refuses(409, "slot_closed", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(parent), h.key(), body(`{"child_id":%q}`, child))
		var out struct{ Items []struct{ ID, Status string } }
		h.ask("GET", console+"/services", as(boss)).is(200).read(&out)
		if last := out.Items[len(out.Items)-1]; last.Status != "withdrawn" {
			h.t.Errorf("the list ends with %+v", last)
		}
		if events := h.column(`SELECT CONCAT(from_state, '>', to_state, ' ', reason) FROM events WHERE subject_id = ? ORDER BY id`, id); strings.Join(events, ";") !=
			">withdrawn ;withdrawn>offered 开办;offered>offered 原名示例服务丁，改介绍;offered>withdrawn 停办" {
			h.t.Errorf("the history is %v", events)
		}
	}},
	{"a year of the calendar", func(h *house) {
		boss := h.staff(model.RoleAdministrator)
		form := func(text, more string) with {
			return body(`{"text":%q,"status":"official","source":"示例通知"%s}`, text, more)
		}
		at := console + "/calendar"
		for _, text := range []string{"{", "[]", "2031-01-01,放假", "2031-13-01,放假,元旦", "2031-01-01,放假,元旦\n2031-01-01,放假,元旦", "2031-01-02,调休", "2031-01-01,放假,元旦\n2032-01-01,放假,元旦",
			`{"year":2031,"holidays":[{"name":"元旦","from":"2031-01-03","to":"2031-01-01"}]}`} {
			h.refuses(422, "calendar_unreadable", "POST", at+"/reading", as(boss), form(text, ""))
		}
		h.refuses(422, "calendar_unreadable", "POST", at+"/reading", as(boss), body(`{"text":"2031-01-01,放假,元旦","status":"official","source":" "}`))
		h.refuses(409, "year_official", "POST", at+"/reading", as(boss), body(`{"text":"2026-01-01,放假,元旦","status":"provisional","source":"示例"}`))
		var read struct {
			Seen        int
			Differences []struct{ Date, Before, After string }
		}
		text := "日期,类型,名称\n2031-01-01,放假,元旦\n2031-01-04，调休"
		h.ask("POST", at+"/reading", as(boss), form(text, "")).is(200).read(&read)
		if read.Seen != 0 || len(read.Differences) != 2 || read.Differences[1].After != "makeup" {
			h.t.Errorf("it reads %+v", read)
		}
		h.refuses(422, "reason_invalid", "PUT", at, as(boss), form(text, `,"version":0,"reason":" "`))
		h.ask("PUT", at, as(boss), form(text, `,"version":0,"reason":"新的通知"`)).is(200)
		h.refuses(409, "changed_meanwhile", "PUT", at, as(boss), form(text, `,"version":0,"reason":"再来"`))
		h.ask("PUT", at, as(boss), form("2031-01-01,放假,元旦", `,"version":1,"reason":"更正"`)).is(200)
		if days := h.column(`SELECT CONCAT(date, ' ', kind) FROM calendar_days WHERE date LIKE '2031%'`); strings.Join(days, ";") != "2031-01-01 holiday" {
			h.t.Errorf("the year is %v", days)
		}
		if events := h.column(`SELECT CONCAT(to_state, ' ', reason) FROM events WHERE subject_id = '2031' ORDER BY id`); strings.Join(events, ";") != "1 新的通知;2 更正" {
			h.t.Errorf("the history is %v", events)
		}
		h.ask("GET", at, as(h.staff(model.RoleKeeper, "site", h.world.Site.ID))).is(200)
	}},
	{"a closing says how many wait for the draw", func(h *house) {
		slot := h.drawSlot(6, 1)
		parent, child := h.family()
		parent.apply(slot.ID, child)
		other, another := h.family()
		gone := other.apply(slot.ID, another)
		h.ask("POST", "/api/v1/applications/"+gone.ID+"/withdrawal", as(other), h.key()).is(200)
		var affected struct{ Slots, Live, Applied int }
		h.ask("GET", console+"/slots/"+slot.ID+"/closure", as(h.staff(model.RoleKeeper, "site", h.world.Site.ID))).is(200).read(&affected)
		if affected.Slots != 1 || affected.Live != 0 || affected.Applied != 1 {
			h.t.Errorf("it says %+v", affected)
		}
	}},
}
