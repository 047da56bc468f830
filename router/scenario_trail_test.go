package router_test

import (
	"encoding/csv"
	"fmt"
	"strings"

	"jiamenkou/model"
)

type trailItem struct {
	Hand, Name, Operation, Summary, Subject, Outcome, Code string
	SubjectID                                              string `json:"subject_id"`
	SiteID                                                 string `json:"site_id"`
}

type trailPage struct {
	Items []trailItem
	Total int
}

// trailOf looks for what somebody finds in the trail.
func (h *house) trailOf(who *person, form string, more ...any) (out trailPage) {
	h.t.Helper()
	h.ask("POST", console+"/trail/search", as(who), body(form, more...)).is(200).read(&out)
	return out
}

var trailScenarios = []scenario{
	{"an auditor finds who did what", func(h *house) {
		auditor := h.staff(model.RoleAuditor)
		keeper := h.staff(model.RoleKeeper, "site", h.world.Site.ID)
		slot := h.world.AddSlot(3, 4)
		h.ask("POST", console+"/slots/"+slot.ID+"/closure", as(keeper), h.key(), body(`{"reason":"示例：停电"}`)).is(200)
		absent := h.world.Store.NewID()
		h.ask("POST", console+"/slots/"+absent+"/closure", as(keeper), h.key(), body(`{"reason":"示例：停电"}`)).is(404)
		h.exec(`DELETE FROM trail_records WHERE part = 'ended' AND status = 404`) // as if the program had been killed
		if early := h.trailOf(auditor, `{"outcome":"under_way","subject_id":%q}`, absent); early.Total != 1 || early.Items[0].Outcome != "under_way" {
			h.t.Errorf("what may still be under way is %+v", early)
		}
		h.clock.pass(model.TrailWait)

		done := h.trailOf(auditor, `{"subject_id":%q}`, slot.ID)
		if done.Total != 1 || done.Items[0].Outcome != "done" || done.Items[0].SiteID != h.world.Site.ID || done.Items[0].Summary == "" {
			h.t.Errorf("what was done is %+v", done)
		}
		unknown := h.trailOf(auditor, `{"outcome":"unknown","subject_id":%q}`, absent)
		if unknown.Total != 1 {
			h.t.Errorf("what was cut off is %+v", unknown)
		}
		h.refuses(403, "not_permitted", "POST", console+"/slots/"+slot.ID+"/closure", as(auditor), h.key(), body(`{"reason":"示例：停电"}`))
		refused := h.trailOf(auditor, `{"outcome":"refused","name":"示例工作人员","subject_id":%q}`, slot.ID)
		if refused.Total != 1 || refused.Items[0].Code != "not_permitted" || refused.Items[0].Name != "示例工作人员" {
			h.t.Errorf("what was refused is %+v", refused)
		}
		if other := h.trailOf(auditor, `{"outcome":"done","site":"none"}`); other.Total != 0 {
			h.t.Errorf("at no site there is %+v", other)
		}
		h.refuses(422, "date_invalid", "POST", console+"/trail/search", as(auditor), body(`{"from":"x"}`))
		h.refuses(422, "period_invalid", "POST", console+"/trail/search", as(auditor), body(`{"from":"2026-01-02","to":"2026-01-01"}`))
	}},
	{"an auditor of a site finds what fell there", func(h *house) {
		mine, other := h.staff(model.RoleAuditor, "site", h.world.Site.ID), h.staff(model.RoleAuditor, "subdistrict", "310104003")
		boss := h.staff(model.RoleAdministrator)
		slot := h.world.AddSlot(3, 4)
		h.ask("POST", console+"/slots/"+slot.ID+"/closure", as(boss), h.key(), body(`{"reason":"示例：停电"}`)).is(200)
		const form = `{"subject_id":%q}`
		if a, b := h.trailOf(mine, form, slot.ID), h.trailOf(other, form, slot.ID); a.Total != 1 || b.Total != 0 {
			h.t.Errorf("at the site there is %+v, elsewhere %+v", a, b)
		}
	}},
	{"the trail as a file, and its chain", func(h *house) {
		auditor := h.staff(model.RoleAuditor)
		h.exec(`DELETE FROM trail_records`)
		h.trailOf(auditor, `{}`)
		a := h.ask("POST", console+"/trail/export", as(auditor), body(`{}`)).is(200)
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.body), "\ufeff"))).ReadAll()
		if err != nil || len(lines) != 3 || len(lines[0]) != len(lines[1]) {
			h.t.Errorf("the file is %v, %v", lines, err)
		}
		for range testMostInFile {
			h.trailOf(auditor, `{}`)
		}
		h.refuses(422, "trail_too_long", "POST", console+"/trail/export", as(auditor), body(`{}`))
		h.refuses(422, "date_invalid", "POST", console+"/trail/export", as(auditor), body(`{"to":"x"}`))
		h.refuses(422, "period_invalid", "POST", console+"/trail/export", as(auditor), body(`{"from":"2020-01-01"}`))
		var chain struct {
			Whole bool
			Loose int
		}
		h.ask("POST", console+"/trail/verification", as(auditor), body(`{}`)).is(200).read(&chain)
		if !chain.Whole || chain.Loose == 0 {
			h.t.Errorf("the chain is %+v", chain)
		}
	}},
	{"an auditor finds who opened what of whom", func(h *house) {
		auditor, elsewhere := h.staff(model.RoleAuditor), h.staff(model.RoleAuditor, "subdistrict", "310104003")
		boss := h.staff(model.RoleAdministrator)
		parent := h.person()
		h.ask("GET", console+"/residents/"+parent.id, as(boss)).is(200)
		var found struct {
			Items []struct{ Name, Fields string }
			Total int
		}
		form := fmt.Sprintf(`{"subject_id":%q,"name":"示例工作人员"}`, parent.id)
		h.ask("POST", console+"/accesses/search", as(auditor), body("%s", form)).is(200).read(&found)
		if found.Total != 1 || found.Items[0].Fields == "" {
			h.t.Errorf("the openings are %+v", found)
		}
		h.ask("POST", console+"/accesses/search", as(elsewhere), body("%s", form)).is(200).read(&found)
		if found.Total != 0 {
			h.t.Errorf("elsewhere the openings are %+v", found)
		}
		h.refuses(422, "date_invalid", "POST", console+"/accesses/search", as(auditor), body(`{"to":"x"}`))
		h.refuses(422, "period_invalid", "POST", console+"/accesses/search", as(auditor), body(`{"from":"2020-01-01"}`))
	}},
}
