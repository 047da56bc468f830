package router_test

import (
	"encoding/json"
	"strings"

	"jiamenkou/model"
)

type messageSeen struct {
	Kind, Source string
	Version      int
	Staff        string `json:"staff_name"`
	Reason       string
	InForce      shownTemplate `json:"in_force"`
	Settings     shownTemplate
	Versions     []struct {
		shownTemplate
		Version       int
		Source, Staff string
		Reason        string
	}
	Choices []struct {
		Type, Takes string
		Lines       []struct{ Fact, Text string }
	}
	Agreed []struct {
		Template  string `json:"template_id"`
		Residents int
	}
}

type shownTemplate struct {
	Template string `json:"template_id"`
	Page     string
	Lines    []struct{ Name, Fact, Text string }
}

const freshTemplate = "example-template-from-the-console-000000001"

// formOf is a template as staff fill it in, changed by pairs of an old and a new text.
func formOf(version int, change ...string) with {
	form := `{"version":%d,"template_id":"` + freshTemplate + `","page":"pages/bookings/one?id={id}","reason":"示例：微信换了模板",
		"fields":[{"type":"thing","number":4,"fact":"site"},{"type":"time","number":7,"fact":"start"},{"type":"thing","number":2,"fact":"note"}]}`
	return body(strings.NewReplacer(change...).Replace(form), version)
}

var templateScenarios = []scenario{
	{"a template of the console goes before the settings'", func(h *house) {
		boss, p := h.staff(model.RoleAdministrator), h.person()
		at := console + "/message-templates/booked"
		var seen messageSeen
		h.ask("GET", at, as(h.staff(model.RoleKeeper, "site", h.world.Site.ID))).is(200).read(&seen)
		if seen.Source != "settings" || seen.Version != 0 || seen.InForce.Template != testTemplate || seen.Settings.Template != testTemplate || len(seen.Versions) != 0 {
			h.t.Errorf("at first: %+v", seen)
		}
		if seen.Choices[0].Type != "thing" || seen.Choices[0].Lines[0].Text != "示例街道第一居民区党群服务中心二楼示例…" {
			h.t.Errorf("to choose from: %+v", seen.Choices)
		}
		h.ask("POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":[%q]}`, testTemplate)).is(200)
		h.ask("PUT", at, as(boss), formOf(0)).is(200).read(&seen)
		if seen.Source != "console" || seen.Version != 1 || seen.InForce.Template != freshTemplate || seen.Staff != "示例工作人员" {
			h.t.Errorf("changed: %+v", seen)
		}
		if lines := seen.InForce.Lines; len(lines) != 3 || lines[0].Name != "thing4" || lines[1].Text != "2030年1月2日 09:00" || lines[2].Text != "1月1日周二 21:00前可免费取消" {
			h.t.Errorf("it looks like %+v", lines)
		}
		if len(seen.Agreed) == 0 || seen.Agreed[0].Template != testTemplate {
			h.t.Errorf("agreed: %+v", seen.Agreed)
		}
		var asked messageConsents
		h.ask("GET", "/api/v1/message-consents", as(p)).is(200).read(&asked)
		if asked.Items[0].Kind != "booked" || asked.Items[0].Template != freshTemplate || asked.Items[0].Remaining != 0 {
			h.t.Errorf("a resident is asked %+v", asked)
		}
		h.ask("POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":[%q]}`, freshTemplate)).is(200)
		h.ask("POST", at+"/withdrawal", as(boss), body(`{"version":1,"reason":"示例：先不发"}`)).is(200).read(&seen)
		if seen.Source != "off" || seen.InForce.Template != "" || len(seen.InForce.Lines) != 0 || len(seen.Versions) != 2 || seen.Versions[1].Template != freshTemplate {
			h.t.Errorf("off: %+v", seen)
		}
		h.ask("GET", "/api/v1/message-consents", as(p)).is(200).read(&asked)
		if asked.Items[0].Kind != "reminder" {
			h.t.Errorf("a resident is still asked %+v", asked)
		}
		h.ask("POST", at+"/reversion", as(boss), body(`{"version":2,"reason":"示例：照旧"}`)).is(200).read(&seen)
		if seen.Source != "settings" || seen.InForce.Template != testTemplate || seen.Version != 3 || seen.Reason != "示例：照旧" {
			h.t.Errorf("back: %+v", seen)
		}
		if events := h.column(`SELECT CONCAT(from_state, '>', to_state, ' ', reason) FROM events WHERE subject = 'message_template' AND subject_id = 'booked' ORDER BY id`); strings.Join(events, ";") !=
			"0>1 示例：微信换了模板;1>2 示例：先不发;2>3 示例：照旧" {
			h.t.Errorf("the history is %v", events)
		}
		var cards struct{ Items []messageSeen }
		h.ask("GET", console+"/message-templates", as(boss)).is(200).read(&cards)
		if len(cards.Items) != len(model.MessageKinds) || cards.Items[0].Version != 3 || cards.Items[5].InForce.Template != "" || cards.Items[5].Source != "settings" {
			h.t.Errorf("the list is %+v", cards.Items)
		}
	}},
	{"templates that cannot be", func(h *house) {
		boss, at := h.staff(model.RoleAdministrator), console+"/message-templates/strike"
		invalid := func(field string, change ...string) {
			h.t.Helper()
			h.refuses(422, "message_template_invalid", "PUT", at, as(boss), formOf(0, change...)).names(field)
		}
		invalid("body.template_id", freshTemplate, "a b")
		invalid("body.page", "pages/bookings", "/pages/bookings")
		invalid("body.fields[1].number", `"thing","number":2`, `"time","number":7`, `"time","number":7`, `"time","number":0`)
		invalid("body.fields[1].fact", `"start"`, `"result"`)
		h.refuses(422, "reason_invalid", "PUT", at, as(boss), formOf(0, "示例：微信换了模板", " "))
		h.refuses(404, "message_kind_not_found", "PUT", console+"/message-templates/checked_in", as(boss), formOf(0))
		h.refuses(404, "message_kind_not_found", "GET", console+"/message-templates/none", as(boss))
		h.refuses(404, "message_kind_not_found", "POST", console+"/message-templates/none/reversion", as(boss), body(`{"version":0,"reason":"试试"}`))
		h.refuses(409, "message_template_unchanged", "POST", at+"/reversion", as(boss), body(`{"version":0,"reason":"试试"}`))
		h.ask("PUT", at, as(boss), formOf(0)).is(200)
		h.refuses(409, "message_template_unchanged", "PUT", at, as(boss), formOf(1))
		h.refuses(409, "changed_meanwhile", "PUT", at, as(boss), formOf(0, "number\":2", "number\":3"))
		h.refuses(409, "changed_meanwhile", "POST", at+"/withdrawal", as(boss), body(`{"version":7,"reason":"试试"}`))
		h.refuses(422, "reason_invalid", "POST", at+"/withdrawal", as(boss), body(`{"version":1,"reason":" "}`))
		h.refuses(403, "not_permitted", "PUT", at, as(h.staff(model.RoleAdministrator, "subdistrict", "310104013")), formOf(1))
		h.refuses(403, "not_permitted", "PUT", at, as(h.staff(model.RoleKeeper, "site", h.world.Site.ID)), formOf(1))
	}},
}

// factsAreWhole looks at every notice of every scenario: those that go out as messages say all that the console lets a
// template show of their kind.
func (h *house) factsAreWhole() {
	h.t.Helper()
	for _, kind := range append([]model.NoticeKind{model.NoticeMoved}, model.MessageKinds...) {
		for _, text := range h.column(`SELECT facts FROM notices WHERE kind = ?`, string(kind)) {
			var n model.Notice
			h.must(json.Unmarshal([]byte(text), &n.Facts))
			for _, fact := range kind.Message().Facts() {
				said := n.Says(fact) != "" || fact == model.FactNote || fact == model.FactSite && n.Facts[model.FactSiteID] != ""
				if !said {
					h.t.Errorf("a notice that tells %s lacks %s: %s", kind, fact, text)
				}
			}
		}
	}
}
