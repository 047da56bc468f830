package router_test

import "strings"

type child struct {
	ID         string
	Name       string
	BirthDate  string `json:"birth_date"`
	AgeMonths  int    `json:"age_months"`
	Gender     string
	HealthNote string `json:"health_note"`
}

var childScenarios = []scenario{
	{"a child is added, read, changed and removed", func(h *house) {
		p := h.guardian()
		var c child
		h.ask("POST", "/api/v1/children", as(p), body(`{"name":" 示例小明 ","birth_date":%q,"health_note":"对花生过敏"}`, h.bornBefore(20))).is(201).read(&c)
		if c.Name != "示例小明" || c.AgeMonths != 20 || c.Gender != "unstated" || c.HealthNote != "对花生过敏" {
			h.t.Errorf("added: %+v", c)
		}
		h.ask("GET", "/api/v1/children/"+c.ID, as(p)).is(200)
		h.ask("PUT", "/api/v1/children/"+c.ID, as(p), body(`{"name":"示例小红","birth_date":%q,"gender":"female"}`, h.bornBefore(21))).is(200).read(&c)
		if c.Name != "示例小红" || c.AgeMonths != 21 || c.Gender != "female" || c.HealthNote != "" {
			h.t.Errorf("changed: %+v", c)
		}
		var list struct{ Items []child }
		h.ask("GET", "/api/v1/children", as(p)).is(200).read(&list)
		if len(list.Items) != 1 || list.Items[0] != c {
			h.t.Errorf("listed: %+v", list.Items)
		}
		h.ask("DELETE", "/api/v1/children/"+c.ID, as(p)).is(204)
		h.refuses(404, "child_not_found", "GET", "/api/v1/children/"+c.ID, as(p))
		var again child
		h.ask("POST", "/api/v1/children", as(p), body(`{"name":"示例小红","birth_date":%q}`, h.bornBefore(21))).is(201).read(&again)
		if again.ID != c.ID {
			h.t.Error("the same child came back as another, with an allowance of its own")
		}
	}},
	{"a child's form that is wrong", func(h *house) {
		p := h.guardian()
		wrong := func(code, field, text string) {
			h.t.Helper()
			h.refuses(422, code, "POST", "/api/v1/children", as(p), body("%s", text)).names(field)
		}
		for _, day := range []string{"2025-02-30", "2025-2-3", "20250203", "昨天", "", "0000-01-01", "1999-01-01", "2999-01-01", "2025-01-01T00:00:00Z"} {
			wrong("birth_date_invalid", "body.birth_date", `{"name":"示例","birth_date":"`+day+`"}`)
		}
		wrong("birth_date_invalid", "body.birth_date", `{"name":"示例","birth_date":null}`)
		wrong("birth_date_invalid", "body.birth_date", `{"name":"示例","birth_date":"`+h.world.Day(1).String()+`"}`)
		wrong("invalid_request", "body.birth_date", `{"name":"示例"}`)
		born := `"birth_date":"` + h.bornBefore(20) + `"`
		wrong("invalid_request", "body.name", `{`+born+`}`)
		for _, name := range []string{"", " ", "\u3000", "\u200b", "\u0000", strings.Repeat("长", 41)} {
			wrong("invalid_request", "body.name", `{"name":`+quoted(name)+`,`+born+`}`)
		}
		wrong("invalid_request", "body.gender", `{"name":"示例","gender":"girl",`+born+`}`)
		wrong("invalid_request", "body.gender", `{"name":"示例","gender":"",`+born+`}`)
		wrong("invalid_request", "body.health_note", `{"name":"示例","health_note":"`+strings.Repeat("长", 301)+`",`+born+`}`)
		h.ask("POST", "/api/v1/children", as(p), body(`{"name":%q,"health_note":%q,%s}`, strings.Repeat("𠮷", 40), strings.Repeat("𠮷", 300), born)).is(201)
	}},
	{"a child without consent, twice, or one too many", func(h *house) {
		newcomer := h.person()
		form := body(`{"name":"示例","birth_date":%q}`, h.bornBefore(20))
		h.refuses(409, "consent_needed", "POST", "/api/v1/children", as(newcomer), form)
		p := h.guardian()
		h.ask("POST", "/api/v1/children", as(p), form).is(201)
		h.refuses(409, "child_exists", "POST", "/api/v1/children", as(p), form)
		h.refuses(409, "child_exists", "POST", "/api/v1/children", as(p), body(`{"name":"示 例","birth_date":%q}`, h.bornBefore(20)))
		second := p.child(18)
		h.refuses(409, "child_exists", "PUT", "/api/v1/children/"+second, as(p), form)
		for range testMaxChildren - 2 {
			p.child(18)
		}
		h.refuses(409, "too_many_children", "POST", "/api/v1/children", as(p), body(`{"name":"又一个","birth_date":%q}`, h.bornBefore(20)))
	}},
	{"someone else's child", func(h *house) {
		p, theirs := h.family()
		stranger := h.guardian()
		form := body(`{"name":"示例","birth_date":%q}`, h.bornBefore(20))
		h.refuses(404, "child_not_found", "GET", "/api/v1/children/"+theirs, as(stranger))
		h.refuses(404, "child_not_found", "PUT", "/api/v1/children/"+theirs, as(stranger), form)
		h.refuses(404, "child_not_found", "DELETE", "/api/v1/children/"+theirs, as(stranger))
		h.refuses(404, "child_not_found", "GET", "/api/v1/children/"+theirs+"/allowance", as(stranger))
		slot := h.world.AddSlot(3, 5)
		h.refuses(404, "child_not_found", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(stranger), h.key(), body(`{"child_id":%q}`, theirs))
		p.book(slot.ID, theirs)
		h.refuses(409, "child_has_bookings", "DELETE", "/api/v1/children/"+theirs, as(p))
	}},
	{"the allowance", func(h *house) {
		p, c := h.family()
		var held struct {
			Year, Granted, Used, Remaining int
			Unit, Beyond                   string
		}
		h.ask("GET", "/api/v1/children/"+c+"/allowance", as(p)).is(200).read(&held)
		if held.Year != h.world.Day(0).Year || held.Granted != 12 || held.Remaining != 12 || held.Unit != "session" || held.Beyond != "refuse" {
			h.t.Errorf("a new allowance: %+v", held)
		}
		slot := h.world.AddSlot(3, 5)
		p.book(slot.ID, c)
		h.ask("GET", "/api/v1/children/"+c+"/allowance?date="+slot.Date.String(), as(p)).is(200).read(&held)
		if held.Used != 1 || held.Remaining != 11 {
			h.t.Errorf("after a booking: %+v", held)
		}
		h.refuses(422, "date_invalid", "GET", "/api/v1/children/"+c+"/allowance?date=2025-02-30", as(p)).names("query.date")
		h.refuses(422, "date_out_of_range", "GET", "/api/v1/children/"+c+"/allowance?date=9999-01-01", as(p))
	}},
}
