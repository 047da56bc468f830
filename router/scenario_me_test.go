package router_test

import (
	"encoding/json"
	"strings"

	"jiamenkou/adapter/wechat/fake"
)

type profile struct {
	ID            string
	Nickname      string
	Phone         string
	PhoneVerified bool                         `json:"phone_verified"`
	Subdistrict   *struct{ Code, Name string } `json:"subdistrict"`
}

var meScenarios = []scenario{
	{"the profile", func(h *house) {
		p := h.person()
		var me profile
		h.ask("GET", "/api/v1/me", as(p)).is(200).read(&me)
		if me.ID != p.id || me.Nickname != "" || me.Phone != "" || me.Subdistrict != nil {
			h.t.Errorf("a new profile: %+v", me)
		}
		h.ask("PATCH", "/api/v1/me", as(p), body(`{"nickname":"小满妈妈","subdistrict":"310104017"}`)).is(200).read(&me)
		if me.Nickname != "小满妈妈" || me.Subdistrict == nil || me.Subdistrict.Name != "漕河泾街道" {
			h.t.Errorf("a changed profile: %+v", me)
		}
		h.ask("PATCH", "/api/v1/me", as(p), body(`{"nickname":""}`)).is(200).read(&me)
		if me.Nickname != "" || me.Subdistrict == nil {
			h.t.Errorf("a nickname cleared: %+v", me)
		}
	}},
	{"a profile that is refused", func(h *house) {
		p := h.person()
		h.refuses(422, "nickname_refused", "PATCH", "/api/v1/me", as(p), body(`{"nickname":"违规昵称"}`))
		h.refuses(422, "nickname_refused", "PATCH", "/api/v1/me", as(p), body(`{"nickname":"存疑昵称"}`))
		h.refuses(404, "subdistrict_not_found", "PATCH", "/api/v1/me", as(p), body(`{"subdistrict":"310104999"}`))
		h.refuses(422, "invalid_request", "PATCH", "/api/v1/me", as(p), body(`{"subdistrict":"310104"}`)).names("body.subdistrict")
		h.wechat.Fail(fake.PathCheckText, fake.Fault{Status: 500}, -1)
		h.refuses(503, "wechat_unavailable", "PATCH", "/api/v1/me", as(p), body(`{"nickname":"好名字"}`))
		h.wechat.Heal(fake.PathCheckText)
	}},
	{"the phone, typed and vouched for", func(h *house) {
		p := h.person()
		var me profile
		h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"number":"13800138000"}`)).is(200).read(&me)
		if me.Phone != "138****8000" || me.PhoneVerified {
			h.t.Errorf("typed: %+v", me)
		}
		typed := h.column("SELECT HEX(phone_index) FROM residents WHERE id = ?", p.id)
		h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"code":%q}`, h.wechat.IssuePhoneCode("13800138000"))).is(200).read(&me)
		if me.Phone != "138****8000" || !me.PhoneVerified {
			h.t.Errorf("vouched for: %+v", me)
		}
		if vouched := h.column("SELECT HEX(phone_index) FROM residents WHERE id = ?", p.id); vouched[0] != typed[0] {
			h.t.Error("one number is found under two indexes")
		}
		h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"code":%q}`, h.wechat.IssuePhoneCode("+85291234567"))).is(200).read(&me)
		if me.Phone != "+85****4567" {
			h.t.Errorf("a foreign number: %+v", me)
		}
	}},
	{"a phone that is refused", func(h *house) {
		p := h.person()
		for _, number := range []string{"", "1380013800", "138001380000", "12800138000", "+8613800138000", "１３８００１３８０００", "13800138000 "} {
			h.refuses(422, "phone_invalid", "PUT", "/api/v1/me/phone", as(p), body(`{"number":%q}`, number)).names("body.number")
		}
		h.refuses(422, "phone_invalid", "PUT", "/api/v1/me/phone", as(p), body(`{}`))
		used := h.wechat.IssuePhoneCode("13800138000")
		h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"code":%q}`, used)).is(200)
		h.refuses(422, "phone_code_invalid", "PUT", "/api/v1/me/phone", as(p), body(`{"code":%q}`, used))
		h.refuses(422, "phone_code_invalid", "PUT", "/api/v1/me/phone", as(p), body(`{"code":"a&b"}`))
		h.wechat.Fail(fake.PathPhone, fake.Fault{Status: 502}, -1)
		h.refuses(503, "wechat_unavailable", "PUT", "/api/v1/me/phone", as(p), body(`{"code":%q}`, h.wechat.IssuePhoneCode("13800138000")))
		h.wechat.Heal(fake.PathPhone)
	}},
	{"everything held is handed out, and then erased", exportAndLeave},
	{"leaving by a slip of the finger", func(h *house) {
		p := h.person()
		h.refuses(422, "closure_unconfirmed", "POST", "/api/v1/me/closure", as(p), body(`{"confirm":false}`))
		h.refuses(422, "invalid_request", "POST", "/api/v1/me/closure", as(p), body(`{}`)).names("body.confirm")
		h.refuses(422, "invalid_request", "POST", "/api/v1/me/closure", as(p), body(`{"confirm":"yes"}`)).names("body.confirm")
		h.ask("GET", "/api/v1/me", as(p)).is(200)
	}},
	{"documents and consents", consents},
	{"notices", func(h *house) {
		p, child := h.family()
		stranger := h.person()
		booking := p.book(h.world.AddSlot(3, 5).ID, child)
		var out struct {
			Items []struct {
				ID, Kind, Body string
				Booking        string  `json:"booking_id"`
				ReadAt         *string `json:"read_at"`
			}
		}
		h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&out)
		if len(out.Items) != 1 || out.Items[0].Kind != "booked" || out.Items[0].Booking != booking || out.Items[0].ReadAt != nil {
			h.t.Fatalf("notices: %+v", out.Items)
		}
		reading := "/api/v1/notices/" + out.Items[0].ID + "/reading"
		h.refuses(404, "notice_not_found", "PUT", reading, as(stranger))
		h.ask("PUT", reading, as(p)).is(204)
		h.ask("PUT", reading, as(p)).is(204)
		h.ask("GET", "/api/v1/notices?limit=1", as(p)).is(200).read(&out)
		if out.Items[0].ReadAt == nil {
			h.t.Error("read, and not marked as read")
		}
		h.refuses(422, "limit_out_of_range", "GET", "/api/v1/notices?limit=0", as(p)).names("query.limit")
	}},
}

func exportAndLeave(h *house) {
	p, child := h.family()
	other := *p
	p.signIn()
	h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"number":"13912345678"}`)).is(200)
	slot := h.world.AddSlot(5, 1)
	p.book(slot.ID, child)
	var out struct {
		Phone                                 string
		Children, Consents, Bookings, Notices []json.RawMessage
	}
	h.ask("GET", "/api/v1/me/export", as(p)).is(200).read(&out)
	if out.Phone != "13912345678" || len(out.Children) != 1 || len(out.Consents) == 0 || len(out.Bookings) != 1 || len(out.Notices) != 1 {
		h.t.Errorf("the export: %+v", out)
	}
	h.ask("POST", "/api/v1/me/closure", as(p), body(`{"confirm":true}`)).is(204)
	h.refuses(401, "session_ended", "GET", "/api/v1/me", as(p))
	h.refuses(401, "session_ended", "GET", "/api/v1/me", as(&other))
	if left := h.column("SELECT COUNT(*) FROM children WHERE resident_id = ? AND (name_sealed IS NOT NULL OR status = 'listed')", p.id); left[0] != "0" {
		h.t.Error("a child is still there")
	}
	closed := p.id
	p.signIn()
	if p.id == closed {
		h.t.Error("a closed account opened again")
	}
	someone, theirs := h.family()
	someone.book(slot.ID, theirs) // the one place is free again
	h.world.Sound()
}

func consents(h *house) {
	p := h.person()
	var standing struct {
		Items []struct {
			Document string `json:"document_id"`
			Code     string
			Agreed   bool
		}
	}
	h.ask("GET", "/api/v1/consents", as(p)).is(200).read(&standing)
	if len(standing.Items) < 3 || standing.Items[0].Agreed {
		h.t.Fatalf("consents of a newcomer: %+v", standing.Items)
	}
	document := standing.Items[0].Document
	h.refuses(404, "document_not_found", "PUT", "/api/v1/consents/none", as(p))
	h.refuses(404, "document_not_found", "DELETE", "/api/v1/consents/"+document, as(p))
	for range 2 {
		h.ask("PUT", "/api/v1/consents/"+document, as(p)).is(204)
	}
	h.ask("GET", "/api/v1/consents", as(p)).is(200).read(&standing)
	if !standing.Items[0].Agreed {
		h.t.Error("agreed, and not noted")
	}
	h.ask("DELETE", "/api/v1/consents/"+document, as(p)).is(204)
	guardian, _ := h.family()
	h.refuses(409, "consent_in_use", "DELETE", "/api/v1/consents/"+document, as(guardian))
	apart(h, newVersion)
}

// newVersion: a text that has been replaced cannot be agreed to, and everyone is asked again.
func newVersion(h *house) {
	p, child := h.family()
	old := h.column("SELECT id FROM documents WHERE needed_for = 'booking' LIMIT 1")[0]
	h.exec(`INSERT INTO documents SELECT ?, code, version + 1, title, body, needed_for, published_at FROM documents WHERE id = ?`, h.store.NewID(), old)
	h.refuses(409, "document_outdated", "PUT", "/api/v1/consents/"+old, as(p))
	slot := h.world.AddSlot(3, 5)
	a := h.refuses(409, "consent_needed", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
	if len(a.fields) != 1 {
		h.t.Errorf("it names %v, want the one new text", a.fields)
	}
	for name := range a.fields {
		if !strings.HasPrefix(name, "document.") {
			h.t.Errorf("it names %s", name)
		}
	}
}
