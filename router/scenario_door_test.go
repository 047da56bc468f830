package router_test

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
)

// arrival is what the door is told of a booking.
type arrival struct {
	Booking       string `json:"booking_id"`
	Status        string
	Child         string `json:"child_name"`
	Temperature   string
	Remark        string
	GuardianPhone string `json:"guardian_phone"`
	PickupPersons []struct {
		ID, Name  string
		PhoneTail string `json:"phone_tail"`
	} `json:"pickup_persons"`
	Mark *struct{ ID, Kind string }
}

// soon is a session that begins in half an hour, its door open.
func (h *house) soon() model.Slot {
	h.t.Helper()
	return h.world.AddSlot(0, 5, h.startingIn(30*time.Minute, 10*time.Minute))
}

func (h *house) checkIn(keeper *person, booking string) {
	h.t.Helper()
	h.ask("POST", "/console/api/v1/check-ins", as(keeper), h.key(), body(`{"booking_id":%q}`, booking)).is(201)
}

const checkIns = "/console/api/v1/check-ins"

var doorScenarios = []scenario{
	{"pick-up persons", pickupPersons},
	{"a child comes by a code and goes with a named person", comesAndGoes},
	{"a code that is of no use", func(h *house) {
		p, child := h.family()
		keeper, elsewhere := h.keeper(), h.keeperElsewhere()
		b := p.book(h.soon().ID, child)
		var code struct{ Code, QR string }
		h.ask("POST", "/api/v1/bookings/"+b+"/check-in-code", as(p), body(`{"printed":true}`)).is(201).read(&code)
		h.refuses(404, "booking_not_found", "POST", "/api/v1/bookings/"+b+"/check-in-code", as(h.person()), body(`{}`))
		h.refuses(422, "check_in_code_invalid", "POST", checkIns, as(keeper), h.key(), body(`{"code":"ZZZZZZ"}`))
		h.refuses(422, "check_in_code_invalid", "POST", checkIns, as(elsewhere), h.key(), body(`{"code":%q}`, code.Code))
		h.refuses(422, "invalid_request", "POST", checkIns, as(keeper), h.key(), body(`{}`)).names("body.code")
		h.refuses(422, "invalid_request", "POST", checkIns, as(keeper), h.key(), body(`{"code":%q,"booking_id":%q}`, code.Code, b))
		h.refuses(422, "invalid_request", "POST", checkIns, as(keeper), h.key(), body(`{"code":%q,"temperature":"99"}`, code.Code)).names("body.temperature")
		h.refuses(400, "idempotency_key_missing", "POST", checkIns, as(keeper), body(`{"code":%q}`, code.Code))
		h.ask("POST", "/api/v1/bookings/"+b+"/cancellation", as(p), h.key(), body(`{}`)).is(200)
		h.refuses(409, "booking_cancelled", "POST", checkIns, as(keeper), h.key(), body(`{"code":%q}`, code.Code))
		h.refuses(409, "booking_cancelled", "POST", "/api/v1/bookings/"+b+"/check-in-code", as(p), body(`{}`))
		h.refuses(403, "not_permitted", "POST", checkIns, as(h.staff(model.RoleAuditor)), h.key(), body(`{"code":%q}`, code.Code))
	}},
	{"codes are away", func(h *house) {
		apart(h, func(h *house) {
			p, child := h.family()
			b := p.book(h.soon().ID, child)
			h.refuses(503, "check_in_codes_unavailable", "POST", "/api/v1/bookings/"+b+"/check-in-code", as(p), body(`{}`))
			keeper := h.keeper()
			h.refuses(503, "check_in_codes_unavailable", "POST", checkIns, as(keeper), h.key(), body(`{"code":"ABC234"}`))
			h.checkIn(keeper, b)
		}, func(p *plan) { p.codes = noCodes{} })
	}},
	{"too early, and another day", func(h *house) {
		p, child := h.family()
		keeper := h.keeper()
		other := p.book(h.world.AddSlot(4, 5).ID, child)
		h.refuses(409, "check_in_other_day", "POST", checkIns, as(keeper), h.key(), body(`{"booking_id":%q}`, other))
		apart(h, func(h *house) {
			p, child := h.family()
			slot := h.world.AddSlot(2, 5)
			b := p.book(slot.ID, child)
			h.clock.pass(slot.StartAt.Add(-70 * time.Minute).Sub(h.clock.Now()))
			h.refuses(409, "check_in_too_early", "POST", checkIns, as(h.keeper()), h.key(), body(`{"booking_id":%q}`, b))
			h.clock.pass(70*time.Minute + slot.Length())
			h.refuses(409, "check_in_too_late", "POST", checkIns, as(h.keeper()), h.key(), body(`{"booking_id":%q}`, b))
			h.refuses(409, "check_in_too_late", "POST", "/api/v1/bookings/"+b+"/check-in-code", as(p), body(`{}`))
		})
	}},
	{"a child does not come, and its guardian objects", notComing},
	{"lists at the door", doorLists},
	{"somebody without a smartphone", withoutSmartphone},
}

// noCodes is a Redis that is away.
type noCodes struct{}

func (noCodes) Add(context.Context, string, string, time.Duration) (bool, error) {
	return false, errFailing
}
func (noCodes) Find(context.Context, string) (string, error) { return "", errFailing }
func (noCodes) Drop(context.Context, string, string) error   { return errFailing }

// keeperElsewhere is a keeper of another site.
func (h *house) keeperElsewhere() *person {
	h.t.Helper()
	site, _ := h.world.AddSite("310104013", "示例别处", model.Point{Latitude: 31.13, Longitude: 121.42})
	return h.staff(model.RoleKeeper, "site", site.ID)
}

func pickupPersons(h *house) {
	p, child := h.family()
	path := "/api/v1/children/" + child + "/pickup-persons"
	form := body(`{"name":" 示例外婆 ","relation":"grandparent","phone":"13800138000"}`)
	var person struct{ ID, Name, Relation, Phone string }
	h.ask("POST", path, as(p), form).is(201).read(&person)
	if person.Name != "示例外婆" || person.Relation != "grandparent" || person.Phone != "13800138000" {
		h.t.Errorf("named %+v", person)
	}
	h.ask("PUT", path+"/"+person.ID, as(p), body(`{"name":"示例外公","relation":"other","phone":"13900139000"}`)).is(200).read(&person)
	h.ask("POST", path, as(p), form).is(201)
	h.refuses(409, "too_many_pickup_persons", "POST", path, as(p), form)
	h.refuses(422, "phone_invalid", "POST", path, as(p), body(`{"name":"示例","relation":"other","phone":"10086"}`)).names("body.phone")
	h.refuses(422, "invalid_request", "POST", path, as(p), body(`{"name":"　","relation":"other","phone":"13900139000"}`)).names("body.name")
	h.refuses(422, "invalid_request", "POST", path, as(p), body(`{"name":"示例","relation":"friend","phone":"13900139000"}`)).names("body.relation")
	stranger := h.guardian()
	h.refuses(404, "child_not_found", "POST", path, as(stranger), form)
	h.refuses(404, "child_not_found", "GET", path, as(stranger))
	h.refuses(404, "child_not_found", "DELETE", path+"/"+person.ID, as(stranger))
	h.refuses(404, "pickup_person_not_found", "PUT", path+"/none", as(p), form)
	var out struct{ Items []struct{ ID string } }
	h.ask("GET", path, as(p)).is(200).read(&out)
	if len(out.Items) != 2 {
		h.t.Errorf("listed %+v", out.Items)
	}
	if text := string(h.ask("GET", "/api/v1/me/export", as(p)).is(200).body); !strings.Contains(text, "示例外公") {
		h.t.Error("the export has no pick-up persons")
	}
	h.ask("DELETE", path+"/"+person.ID, as(p)).is(204)
	h.refuses(404, "pickup_person_not_found", "DELETE", path+"/"+person.ID, as(p))
}

func comesAndGoes(h *house) {
	p, child := h.family()
	keeper, elsewhere := h.keeper(), h.keeperElsewhere()
	var person struct{ ID string }
	h.ask("POST", "/api/v1/children/"+child+"/pickup-persons", as(p), body(`{"name":"示例外婆","relation":"grandparent","phone":"13800138000"}`)).is(201).read(&person)
	b := p.book(h.soon().ID, child)
	hand := "/console/api/v1/bookings/" + b + "/hand-over"
	h.refuses(409, "not_checked_in", "POST", hand, as(keeper), h.key(), body(`{"to":"guardian"}`))
	var code struct{ Code, QR string }
	h.ask("POST", "/api/v1/bookings/"+b+"/check-in-code", as(p), body(`{}`)).is(201).read(&code)

	key := h.key()
	tap := func() arrival {
		h.t.Helper()
		var a arrival
		h.ask("POST", checkIns, as(keeper), key, body(`{"code":%q,"temperature":"36.5","remark":"有点困"}`, code.QR)).is(201).read(&a)
		return a
	}
	a := tap()
	if a.Booking != b || a.Status != "checked_in" || !strings.HasPrefix(a.Child, "示例宝宝") || a.Temperature != "36.5" || a.Remark != "有点困" ||
		len(a.PickupPersons) != 1 || a.PickupPersons[0].PhoneTail != "8000" || a.PickupPersons[0].Name != "示例外婆" {
		h.t.Errorf("arrived: %+v", a)
	}
	if again := tap(); again.Booking != b || again.Temperature != "36.5" {
		h.t.Errorf("tapped twice: %+v", again)
	}
	h.refuses(409, "already_checked_in", "POST", checkIns, as(keeper), h.key(), body(`{"booking_id":%q}`, b))
	h.refuses(404, "booking_not_found", "POST", checkIns, as(elsewhere), h.key(), body(`{"booking_id":%q}`, b))
	h.refuses(422, "check_in_code_invalid", "POST", checkIns, as(keeper), h.key(), body(`{"code":%q}`, code.Code))
	h.refuses(422, "idempotency_key_reused", "POST", checkIns, as(keeper), key, body(`{"booking_id":%q}`, b))
	h.refuses(409, "already_checked_in", "POST", "/api/v1/bookings/"+b+"/check-in-code", as(p), body(`{}`))
	h.refuses(409, "already_checked_in", "POST", "/console/api/v1/bookings/"+b+"/no-show", as(keeper), h.key())

	h.refuses(404, "booking_not_found", "POST", hand, as(elsewhere), h.key(), body(`{"to":"guardian"}`))
	h.refuses(422, "invalid_request", "POST", hand, as(keeper), h.key(), body(`{"to":"pickup_person"}`)).names("body.pickup_person_id")
	h.refuses(404, "pickup_person_not_found", "POST", hand, as(keeper), h.key(), body(`{"to":"pickup_person","pickup_person_id":"none"}`))
	h.refuses(422, "invalid_request", "POST", hand, as(keeper), h.key(), body(`{"to":"neighbour"}`)).names("body.to")
	var stay struct{ Status, Ending string }
	key = h.key()
	for range 2 {
		h.ask("POST", hand, as(keeper), key, body(`{"to":"pickup_person","pickup_person_id":%q}`, person.ID)).is(200).read(&stay)
		if stay.Status != "completed" || stay.Ending != "pickup_person" {
			h.t.Errorf("handed over: %+v", stay)
		}
	}
	h.refuses(409, "already_left", "POST", hand, as(keeper), h.key(), body(`{"to":"guardian"}`))
	var notices struct{ Items []struct{ Kind string } }
	h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&notices)
	if len(notices.Items) != 3 || notices.Items[0].Kind != "handed_over" || notices.Items[1].Kind != "checked_in" {
		h.t.Errorf("told %+v", notices.Items)
	}
	if text := string(h.ask("GET", "/api/v1/me/export", as(p)).is(200).body); !strings.Contains(text, "有点困") {
		h.t.Error("the export has no stays")
	}
	h.world.Sound()
}

type marksOf struct {
	Items []struct {
		ID, Kind string
		Points   int
		LiftedAt string `json:"lifted_at"`
		Appeal   *struct{ ID, Status, Answer string }
	}
	Blocked []struct{ Until string }
}

func notComing(h *house) {
	apart(h, func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(2, 5)
		b := p.book(slot.ID, child)
		path := "/console/api/v1/bookings/" + b + "/no-show"
		h.clock.pass(slot.StartAt.Sub(h.clock.Now()))
		keeper := h.keeper()
		h.refuses(409, "no_show_too_early", "POST", path, as(keeper), h.key())
		h.clock.pass(31 * time.Minute)
		keeper, elsewhere := h.keeper(), h.keeperElsewhere()
		h.refuses(404, "booking_not_found", "POST", path, as(elsewhere), h.key())
		key := h.key()
		for range 2 {
			h.ask("POST", path, as(keeper), key).is(200)
		}
		h.refuses(409, "already_no_show", "POST", path, as(keeper), h.key())
		marks := func() (m marksOf) {
			h.t.Helper()
			h.ask("GET", "/api/v1/children/"+child+"/marks", as(p)).is(200).read(&m)
			return m
		}
		got := marks()
		if len(got.Items) != 1 || got.Items[0].Kind != "no_show" || got.Items[0].Points != 2 || len(got.Blocked) != 0 {
			h.t.Fatalf("marks: %+v", got)
		}
		mark := got.Items[0].ID
		h.refuses(404, "child_not_found", "GET", "/api/v1/children/"+child+"/marks", as(h.person()))
		objecting(h, p, keeper, elsewhere, mark)
		if got = marks(); got.Items[0].LiftedAt == "" || got.Items[0].Appeal.Status != "upheld" || got.Items[0].Appeal.Answer != "情况属实" {
			h.t.Errorf("marks: %+v", got)
		}
		h.refuses(409, "mark_lifted", "POST", "/console/api/v1/marks/"+mark+"/lifting", as(keeper), body(`{"reason":"再撤一次"}`))
		liftingAndLapsing(h, p, child)
		h.world.Sound()
	})
}

func objecting(h *house, p, keeper, elsewhere *person, mark string) {
	appeal := "/api/v1/marks/" + mark + "/appeal"
	h.refuses(404, "mark_not_found", "POST", appeal, as(h.person()), body(`{"reason":"unwell"}`))
	h.refuses(422, "invalid_request", "POST", appeal, as(p), body(`{"reason":"whatever"}`)).names("body.reason")
	var a struct{ ID, Status string }
	h.ask("POST", appeal, as(p), body(`{"reason":"unwell","note":"示例说明"}`)).is(201).read(&a)
	h.refuses(409, "appeal_exists", "POST", appeal, as(p), body(`{"reason":"unwell"}`))
	var list struct{ Items []struct{ ID string } }
	h.ask("GET", "/console/api/v1/appeals", as(elsewhere)).is(200).read(&list)
	if len(list.Items) != 0 {
		h.t.Errorf("another site's keeper sees %+v", list.Items)
	}
	h.ask("GET", "/console/api/v1/appeals?limit=5", as(keeper)).is(200).read(&list)
	if len(list.Items) != 1 || list.Items[0].ID != a.ID {
		h.t.Errorf("open appeals %+v", list.Items)
	}
	h.refuses(422, "limit_out_of_range", "GET", "/console/api/v1/appeals?limit=0", as(keeper))
	one := "/console/api/v1/appeals/" + a.ID
	h.refuses(404, "appeal_not_found", "GET", one, as(elsewhere))
	h.refuses(404, "appeal_not_found", "POST", one+"/answer", as(elsewhere), body(`{"outcome":"upheld","reason":"示例"}`))
	var opened struct{ Note, Child string }
	h.ask("GET", one, as(keeper)).is(200).read(&opened)
	if opened.Note != "示例说明" {
		h.t.Errorf("opened %+v", opened)
	}
	h.refuses(403, "not_permitted", "GET", one, as(h.staff(model.RoleAuditor)))
	h.refuses(422, "reason_invalid", "POST", one+"/answer", as(keeper), body(`{"outcome":"upheld","reason":""}`)).names("body.reason")
	h.ask("POST", one+"/answer", as(keeper), body(`{"outcome":"upheld","reason":"情况属实"}`)).is(200).read(&a)
	if a.Status != "upheld" {
		h.t.Errorf("answered %+v", a)
	}
	h.refuses(409, "appeal_answered", "POST", one+"/answer", as(keeper), body(`{"outcome":"rejected","reason":"改主意"}`))
}

func liftingAndLapsing(h *house, p *person, child string) {
	late := func() (booking string) {
		h.t.Helper()
		booking = p.book(h.world.AddSlot(0, 5, h.startingIn(4*time.Hour, time.Hour)).ID, child)
		h.ask("POST", "/api/v1/bookings/"+booking+"/cancellation", as(p), h.key(), body(`{}`)).is(200)
		return booking
	}
	keeper, elsewhere := h.keeper(), h.keeperElsewhere()
	var opened arrival
	h.ask("POST", "/console/api/v1/bookings/"+late()+"/opening", as(keeper), body(`{"reason":"appeal"}`)).is(200).read(&opened)
	if opened.Mark == nil || opened.Mark.Kind != "late_cancel" {
		h.t.Fatalf("opened %+v", opened)
	}
	lifting := "/console/api/v1/marks/" + opened.Mark.ID + "/lifting"
	h.refuses(404, "mark_not_found", "POST", lifting, as(elsewhere), body(`{"reason":"示例"}`))
	h.refuses(404, "mark_not_found", "POST", "/console/api/v1/marks/none/lifting", as(keeper), body(`{"reason":"示例"}`))
	h.refuses(422, "reason_invalid", "POST", lifting, as(keeper), body(`{"reason":%q}`, strings.Repeat("长", 201))).names("body.reason")
	h.ask("POST", lifting, as(keeper), body(`{"reason":"示例原因"}`)).is(200)
	h.refuses(409, "mark_lifted", "POST", "/api/v1/marks/"+opened.Mark.ID+"/appeal", as(p), body(`{"reason":"came"}`))
	late()
	var m marksOf
	h.ask("GET", "/api/v1/children/"+child+"/marks", as(p)).is(200).read(&m)
	h.clock.pass(15 * 24 * time.Hour)
	p.signIn()
	h.refuses(409, "appeal_too_late", "POST", "/api/v1/marks/"+m.Items[0].ID+"/appeal", as(p), body(`{"reason":"came"}`))
}

func doorLists(h *house) {
	p, child := h.family()
	h.ask("PUT", "/api/v1/me/phone", as(p), body(`{"number":"13700137123"}`)).is(200)
	keeper, elsewhere := h.keeper(), h.keeperElsewhere()
	slot := h.soon()
	b := p.book(slot.ID, child)
	day, site := slot.Date.String(), "/console/api/v1/sites/"+h.world.Site.ID
	var lines struct {
		Items []struct {
			Booking string `json:"booking_id"`
			Child   string
			Tail    string `json:"phone_tail"`
			Arrived string `json:"checked_in_at"`
		}
	}
	h.checkIn(keeper, b)
	h.ask("GET", "/console/api/v1/slots/"+slot.ID+"/bookings", as(keeper)).is(200).read(&lines)
	if len(lines.Items) != 1 || lines.Items[0].Child != "示*" || lines.Items[0].Tail != "7123" || lines.Items[0].Arrived == "" {
		h.t.Errorf("listed %+v", lines.Items)
	}
	search := func(who *person, tail string) answer {
		h.t.Helper()
		return h.ask("POST", site+"/booking-search", as(who), body(`{"phone_tail":%q,"date":%q}`, tail, day))
	}
	search(keeper, "7123").is(200).read(&lines)
	if len(lines.Items) != 1 || lines.Items[0].Booking != b {
		h.t.Errorf("found %+v", lines.Items)
	}
	search(keeper, "0000").is(200).read(&lines)
	if len(lines.Items) != 0 {
		h.t.Errorf("found %+v", lines.Items)
	}
	var slots struct {
		Items []struct {
			ID        string
			CheckedIn int `json:"checked_in"`
		}
	}
	h.ask("GET", site+"/sessions?date="+day, as(keeper)).is(200).read(&slots)
	seen := false
	for _, s := range slots.Items {
		seen = seen || s.ID == slot.ID && s.CheckedIn == 1
	}
	if !seen {
		h.t.Errorf("the day %+v", slots.Items)
	}
	h.ask("GET", site+"/sessions", as(keeper)).is(200)
	h.refuses(404, "site_not_found", "GET", site+"/sessions", as(elsewhere))
	h.refuses(404, "slot_not_found", "GET", "/console/api/v1/slots/"+slot.ID+"/bookings", as(elsewhere))
	search(elsewhere, "7123").says(404, "site_not_found")
	h.refuses(422, "date_invalid", "GET", site+"/sessions?date=2026-02-30", as(keeper))
	h.refuses(422, "invalid_request", "POST", site+"/booking-search", as(keeper), body(`{"phone_tail":"12"}`)).names("body.phone_tail")
	opening := "/console/api/v1/bookings/" + b + "/opening"
	var a arrival
	h.ask("POST", opening, as(keeper), body(`{"reason":"contact_guardian"}`)).is(200).read(&a)
	if a.GuardianPhone != "13700137123" {
		h.t.Errorf("opened %+v", a)
	}
	h.refuses(404, "booking_not_found", "POST", opening, as(elsewhere), body(`{"reason":"emergency"}`))
	h.refuses(422, "invalid_request", "POST", opening, as(keeper), body(`{"reason":"curious"}`)).names("body.reason")
	h.refuses(403, "not_permitted", "GET", site+"/sessions", as(h.staff(model.RoleAuditor)))
	accesses, err := h.store.ListAccesses(context.Background(), b)
	if err != nil || len(accesses) != 2 || accesses[1].Reason != "contact_guardian" || accesses[1].StaffID != keeper.id {
		h.t.Errorf("accesses %+v, %v", accesses, err)
	}
}

func withoutSmartphone(h *house) {
	keeper := h.keeper()
	const residents = "/console/api/v1/residents"
	var met struct {
		ID, Phone string
		AtDesk    bool `json:"at_desk"`
	}
	h.ask("POST", residents, as(keeper), body(`{"phone":"13600136123"}`)).is(201).read(&met)
	if met.Phone != "136****6123" || !met.AtDesk {
		h.t.Errorf("registered %+v", met)
	}
	h.refuses(422, "phone_invalid", "POST", residents, as(keeper), body(`{"phone":"136"}`)).names("body.phone")
	var found struct{ Items []struct{ ID string } }
	h.ask("POST", "/console/api/v1/resident-search", as(h.keeperElsewhere()), body(`{"phone":"13600136123"}`)).is(200).read(&found)
	if len(found.Items) != 1 || found.Items[0].ID != met.ID {
		h.t.Errorf("found %+v", found.Items)
	}
	mine := residents + "/" + met.ID
	form := body(`{"name":"示例小小","birth_date":%q}`, h.bornBefore(18))
	h.refuses(409, "consent_needed", "POST", mine+"/children", as(keeper), form)
	for _, id := range h.documents() {
		h.ask("PUT", mine+"/consents/"+id, as(keeper)).is(204)
	}
	h.refuses(404, "document_not_found", "PUT", mine+"/consents/none", as(keeper))
	h.ask("POST", mine+"/children", as(keeper), form).is(201)
	h.refuses(409, "child_exists", "POST", mine+"/children", as(keeper), form)
	h.ask("GET", mine+"/children", as(keeper)).is(200).read(&found)
	if len(found.Items) != 1 {
		h.t.Errorf("children %+v", found.Items)
	}
	wechat := h.guardian()
	h.refuses(409, "resident_uses_wechat", "POST", residents+"/"+wechat.id+"/children", as(keeper), form)
	h.refuses(409, "resident_uses_wechat", "PUT", residents+"/"+wechat.id+"/consents/"+h.documents()[0], as(keeper))
	h.refuses(404, "resident_not_found", "GET", residents+"/none/children", as(keeper))
	h.refuses(404, "resident_not_found", "POST", residents+"/none/children", as(keeper), form)
	h.must(h.api.Account.Block(context.Background(), met.ID, "示例", keeper.id))
	h.refuses(403, "account_blocked", "POST", residents, as(keeper), body(`{"phone":"13600136123"}`))
	h.refuses(403, "not_permitted", "POST", residents, as(h.staff(model.RoleAuditor)), body(`{"phone":"13600136123"}`))
}
