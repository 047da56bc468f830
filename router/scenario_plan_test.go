package router_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"jiamenkou/model"
)

// plannedSite is a site of a scenario's own, with who keeps it.
type plannedSite struct {
	*house
	model.Site
	carer  model.Carer
	keeper *person
}

func (h *house) plannedSite() plannedSite {
	h.t.Helper()
	site, carer := h.world.AddSite("310104013", fmt.Sprintf("示例宝宝屋%d", h.people.Add(1)), h.world.Site.Where())
	return plannedSite{h, site, carer, h.staff(model.RoleKeeper, "site", site.ID)}
}

// address is one of the site's own.
func (p plannedSite) address(more string) string { return console + "/sites/" + p.Site.ID + more }

// day is a day so far ahead, as it is written.
func (p plannedSite) day(ahead int) string { return p.world.Day(ahead).String() }

// template is a plan for the weekday that comes so many days from now, rest day or not; more goes into the body.
func (p plannedSite) template(ahead int, room, start, end, more string) with {
	weekday := int(p.world.Day(ahead).Weekday()+6)%7 + 1
	return body(`{"service_id":%q,"carer_id":%q,"room":%q,"weekday":%d,"start":%q,"end":%q,"on_rest_days":true,"valid_from":%q%s}`,
		p.world.Services["care-morning"].ID, p.carer.ID, room, weekday, start, end, p.day(0), more)
}

type templateSeen struct {
	ID, Room, Start, End string
	Capacity             int
	Carer                string `json:"carer_id"`
	ValidUntil           string `json:"valid_until"`
	Exception            string `json:"exception_id"`
	Behind               []struct {
		Slot     string `json:"slot_id"`
		Capacity int
	}
}

type slotSeen struct {
	ID, Date, Status, State, Room, Reason string
	Capacity, Booked, Held, Waiting, Live int
	Ended                                 int    `json:"ended_by_site"`
	Template                              string `json:"template_id"`
	Exception                             string `json:"exception_id"`
}

type outcomeSeen struct {
	ID, Kind string
	Pending  bool
	Slots    []slotSeen
}

// plan adds a plan and gives it with its first slot.
func (p plannedSite) plan(ahead int, room string, capacity int) (t templateSeen, slot slotSeen) {
	p.t.Helper()
	p.ask("POST", p.address("/templates"), as(p.keeper), p.key(), p.template(ahead, room, "09:00", "11:30", fmt.Sprintf(`,"capacity":%d`, capacity))).is(201).read(&t)
	for _, s := range p.slots(ahead) {
		if s.Template == t.ID {
			return t, s
		}
	}
	p.t.Fatalf("the plan has no slot on %s", p.day(ahead))
	return t, slot
}

func (p plannedSite) slots(ahead int) []slotSeen {
	p.t.Helper()
	var out struct{ Items []slotSeen }
	p.ask("GET", p.address(fmt.Sprintf("/slots?from=%s&to=%s", p.day(ahead), p.day(ahead))), as(p.keeper)).is(200).read(&out)
	return out.Items
}

// exception asks for an exception on a day; more goes into the body.
func (p plannedSite) exception(kind string, ahead int, more string) with {
	return body(`{"kind":%q,"from":%q,"reason":"消防演练"%s}`, kind, p.day(ahead), more)
}

var planScenarios = []scenario{
	{"a keeper plans a week", func(h *house) {
		p := h.plannedSite()
		var sites struct{ Items []struct{ ID string } }
		h.ask("GET", console+"/sites", as(p.keeper)).is(200).read(&sites)
		if len(sites.Items) != 1 || sites.Items[0].ID != p.Site.ID {
			h.t.Errorf("the keeper's sites are %+v", sites)
		}
		key, wish := h.key(), p.template(3, "示例活动室", "09:00", "11:30", `,"capacity":2`)
		var first, again templateSeen
		h.ask("POST", p.address("/templates"), as(p.keeper), key, wish).is(201).read(&first)
		h.ask("POST", p.address("/templates"), as(p.keeper), key, wish).is(201).read(&again)
		if again.ID != first.ID || first.Start != "09:00" || first.End != "11:30" || first.Capacity != 2 {
			h.t.Errorf("the plan is %+v, then %+v", first, again)
		}
		var choices struct {
			Rooms            []string
			Carers, Services []struct{ ID, Name string }
		}
		h.ask("GET", p.address("/choices"), as(p.keeper)).is(200).read(&choices)
		if len(choices.Rooms) != 2 || len(choices.Carers) != 1 || len(choices.Services) != 3 {
			h.t.Errorf("there is to choose from %+v", choices)
		}
		var templates struct{ Items []templateSeen }
		h.ask("GET", p.address("/templates"), as(p.keeper)).is(200).read(&templates)
		if len(templates.Items) != 2 { // the world's own too
			h.t.Errorf("the plans are %+v", templates)
		}
		var plan struct {
			Items []struct {
				Template, Verdict string
				Slot              string `json:"slot_id"`
			}
			Until string `json:"made_until"`
		}
		h.ask("GET", p.address("/plan?from="+p.day(3)+"&to="+p.day(3)), as(p.keeper)).is(200).read(&plan)
		if n := len(plan.Items); n == 0 || plan.Items[n-1].Verdict != "made" || plan.Items[n-1].Slot == "" || plan.Until != p.day(14) {
			h.t.Errorf("the plan comes to %+v", plan)
		}
		h.refuses(422, "date_invalid", "GET", p.address("/plan?from=gestern"), as(p.keeper))
		h.refuses(422, "date_out_of_range", "GET", p.address("/slots?from=1999-01-01"), as(p.keeper))
	}},
	{"plans that cannot be", func(h *house) {
		p, other := h.plannedSite(), h.plannedSite()
		p.plan(3, "示例活动室", 2)
		refused := func(status int, code, room, start, end, more string) {
			h.t.Helper()
			h.refuses(status, code, "POST", p.address("/templates"), as(p.keeper), h.key(), p.template(3, room, start, end, more))
		}
		refused(409, "room_taken", "示例活动室", "11:00", "12:00", `,"capacity":2`)
		refused(422, "room_unnamed", " ", "11:00", "12:00", `,"capacity":2`)
		refused(422, "session_times_invalid", "阅读角", "12:00", "12:00", `,"capacity":2`)
		refused(422, "session_times_invalid", "阅读角", "12:00", "24:01", `,"capacity":2`)
		refused(422, "capacity_negative", "阅读角", "12:00", "13:00", `,"capacity":-1`)
		refused(422, "plan_dates_invalid", "阅读角", "12:00", "13:00", `,"capacity":2,"valid_until":"2020-01-01"`)
		refused(422, "invalid_request", "阅读角", "12:00", "1:00", `,"capacity":2`)
		past := strings.Replace(`{"service_id":"x","carer_id":"x","room":"阅读角","weekday":1,"start":"12:00","end":"13:00","capacity":1,"valid_from":"DAY"}`, "DAY", p.day(-1), 1)
		h.refuses(422, "plan_date_past", "POST", p.address("/templates"), as(p.keeper), h.key(), body("%s", past))
		nobody := strings.Replace(past, p.day(-1), p.day(0), 1)
		h.refuses(404, "carer_not_found", "POST", p.address("/templates"), as(p.keeper), h.key(), body("%s", nobody))
		nothing := strings.Replace(nobody, `"carer_id":"x"`, fmt.Sprintf(`"carer_id":%q`, p.carer.ID), 1)
		h.refuses(404, "service_not_found", "POST", p.address("/templates"), as(p.keeper), h.key(), body("%s", nothing))
		h.refuses(400, "idempotency_key_missing", "POST", p.address("/templates"), as(p.keeper), body("%s", nothing))
		stranger := strings.Replace(nobody, `"carer_id":"x"`, fmt.Sprintf(`"carer_id":%q`, other.carer.ID), 1)
		h.refuses(404, "carer_not_found", "POST", p.address("/templates"), as(p.keeper), h.key(), body("%s", stranger))
	}},
	{"a plan changes and ends", func(h *house) {
		p := h.plannedSite()
		t, slot := p.plan(3, "示例活动室", 3)
		for range 2 {
			family, child := h.family()
			family.book(slot.ID, child)
		}
		var changed templateSeen
		h.ask("PATCH", console+"/templates/"+t.ID, as(p.keeper), h.key(), body(`{"capacity":1}`)).is(200).read(&changed)
		if changed.Capacity != 1 || len(changed.Behind) != 1 || changed.Behind[0].Slot != slot.ID || changed.Behind[0].Capacity != 2 {
			h.t.Errorf("it changed to %+v", changed)
		}
		h.refuses(422, "capacity_negative", "PATCH", console+"/templates/"+t.ID, as(p.keeper), h.key(), body(`{"capacity":-1}`))
		h.refuses(404, "carer_not_found", "PATCH", console+"/templates/"+t.ID, as(p.keeper), h.key(), body(`{"carer_id":"x"}`))
		end := func(last, reason string) []with {
			return []with{as(p.keeper), h.key(), body(`{"last_day":%q,"reason":%q}`, last, reason)}
		}
		h.refuses(422, "plan_date_past", "POST", console+"/templates/"+t.ID+"/ending", end(p.day(-1), "改到下午")...)
		h.refuses(422, "reason_invalid", "POST", console+"/templates/"+t.ID+"/ending", end(p.day(1), " ")...)
		var ended templateSeen
		h.ask("POST", console+"/templates/"+t.ID+"/ending", end(p.day(1), "改到下午")...).is(200).read(&ended)
		if ended.ValidUntil != p.day(1) || ended.Exception == "" {
			h.t.Errorf("it ended as %+v", ended)
		}
		h.refuses(422, "plan_dates_invalid", "POST", console+"/templates/"+t.ID+"/ending", end(p.day(2), "改到下午")...)
		var o outcomeSeen
		h.ask("GET", console+"/exceptions/"+ended.Exception, as(p.keeper)).is(200).read(&o)
		if o.Pending || o.Kind != "close" || len(o.Slots) != 2 || o.Slots[0].Status != "cancelled" || o.Slots[0].Ended != 2 || o.Slots[0].Reason != "改到下午" {
			h.t.Errorf("its slots came to %+v", o)
		}
		h.exec("UPDATE weekly_templates SET valid_until = '2021-01-01' WHERE id = ?", t.ID)
		h.refuses(409, "template_ended", "PATCH", console+"/templates/"+t.ID, as(p.keeper), h.key(), body(`{"capacity":1}`))
		h.work()
	}},
	{"a day is closed, and another opened", func(h *house) {
		p := h.plannedSite()
		t, slot := p.plan(3, "示例活动室", 1)
		family, child := h.family()
		family.book(slot.ID, child)
		waiting, second := h.family()
		waiting.wait(slot.ID, second)
		var preview struct {
			Slots, Live, Held, Waiting int
			Items                      []slotSeen
		}
		h.ask("GET", p.address("/closure?room=%E7%A4%BA%E4%BE%8B%E6%B4%BB%E5%8A%A8%E5%AE%A4&from="+p.day(3)), as(p.keeper)).is(200).read(&preview)
		if preview.Slots != 1 || preview.Live != 1 || preview.Waiting != 1 || len(preview.Items) != 1 {
			h.t.Errorf("closing would reach %+v", preview)
		}
		h.refuses(422, "plan_dates_invalid", "GET", p.address("/closure?from="+p.day(3)+"&until="+p.day(2)), as(p.keeper))
		h.refuses(422, "date_invalid", "GET", p.address("/closure?until=morgen"), as(p.keeper))
		h.refuses(422, "exception_scope_invalid", "GET", p.address("/closure?room=x&template_id="+t.ID), as(p.keeper))
		key := h.key()
		var o, again outcomeSeen
		h.ask("POST", p.address("/exceptions"), as(p.keeper), key, p.exception("close", 3, "")).is(201).read(&o)
		h.ask("POST", p.address("/exceptions"), as(p.keeper), key, p.exception("close", 3, "")).is(201).read(&again)
		if o.Pending || len(o.Slots) == 0 || again.ID != o.ID {
			h.t.Errorf("it came to %+v, then %+v", o, again)
		}
		var lines struct {
			Items []struct{ Kind, Title string }
		}
		h.ask("GET", "/api/v1/notices", as(family)).is(200).read(&lines)
		if len(lines.Items) == 0 || lines.Items[0].Kind != "site_cancelled" {
			h.t.Errorf("the family was told %+v", lines)
		}
		session := fmt.Sprintf(`,"service_id":%q,"carer_id":%q,"room":"阅读角","start":"14:00","end":"16:00","capacity":3`, p.world.Services["care-afternoon"].ID, p.carer.ID)
		h.ask("POST", p.address("/exceptions"), as(p.keeper), h.key(), p.exception("open", 3, session)).is(201).read(&o)
		if o.Kind != "open" || len(o.Slots) != 1 || o.Slots[0].Exception != o.ID || o.Slots[0].State != "open" {
			h.t.Errorf("opening came to %+v", o)
		}
		family.book(o.Slots[0].ID, child)
		refused := func(status int, code, kind string, ahead int, more string) {
			h.t.Helper()
			h.refuses(status, code, "POST", p.address("/exceptions"), as(p.keeper), h.key(), p.exception(kind, ahead, more))
		}
		refused(409, "room_taken", "open", 3, session)
		refused(404, "carer_not_found", "open", 4, strings.Replace(session, p.carer.ID, "x", 1))
		refused(422, "session_times_invalid", "open", 4, strings.Replace(session, "16:00", "14:00", 1))
		refused(422, "plan_date_past", "close", -1, "")
		refused(422, "plan_dates_invalid", "close", 3, fmt.Sprintf(`,"until":%q`, p.day(2)))
		refused(422, "exception_scope_invalid", "close", 3, fmt.Sprintf(`,"room":"阅读角","template_id":%q`, t.ID))
		refused(404, "template_not_found", "close", 3, `,"template_id":"x"`)
		refused(409, "no_session_then", "capacity", 4, fmt.Sprintf(`,"capacity":2,"template_id":%q`, t.ID))
		h.ask("POST", p.address("/exceptions"), as(p.keeper), h.key(), p.exception("capacity", 10, fmt.Sprintf(`,"capacity":2,"template_id":%q`, t.ID))).is(201).read(&o)
		if len(o.Slots) != 1 || o.Slots[0].Capacity != 2 {
			h.t.Errorf("another number of places came to %+v", o)
		}
		h.ask("POST", console+"/exceptions/"+o.ID+"/withdrawal", as(p.keeper), h.key()).is(200)
		h.refuses(409, "exception_stands", "POST", console+"/exceptions/"+o.ID+"/withdrawal", as(p.keeper), h.key())
		var list struct{ Items []struct{ Kind string } }
		h.ask("GET", p.address("/exceptions?from="+p.day(3)+"&to="+p.day(3)), as(p.keeper)).is(200).read(&list)
		if len(list.Items) != 2 {
			h.t.Errorf("the day's exceptions are %+v", list)
		}
		h.work()
	}},
	{"one slot gets more places, fewer, and none", func(h *house) {
		p := h.plannedSite()
		_, slot := p.plan(3, "示例活动室", 1)
		family, child := h.family()
		booked := family.book(slot.ID, child)
		capacity := func(slot string, n int) []with {
			return []with{as(p.keeper), h.key(), body(`{"capacity":%d,"reason":"调整人手"}`, n)}
		}
		address := console + "/slots/" + slot.ID
		var seen slotSeen
		h.ask("PUT", address+"/capacity", capacity(slot.ID, 4)...).is(200).read(&seen)
		if seen.Capacity != 4 || seen.Live != 1 {
			h.t.Errorf("it is %+v", seen)
		}
		h.refuses(409, "capacity_too_small", "PUT", address+"/capacity", capacity(slot.ID, 0)...)
		h.refuses(422, "capacity_negative", "PUT", address+"/capacity", capacity(slot.ID, -1)...)
		h.refuses(422, "reason_invalid", "PUT", address+"/capacity", as(p.keeper), h.key(), body(`{"capacity":3,"reason":""}`))
		h.ask("GET", address, as(p.keeper)).is(200).read(&seen)
		if seen.Booked != 1 || seen.Status != "open" {
			h.t.Errorf("it is %+v", seen)
		}
		var affected struct{ Slots, Live, Held, Waiting int }
		h.ask("GET", address+"/closure", as(p.keeper)).is(200).read(&affected)
		if affected.Slots != 1 || affected.Live != 1 {
			h.t.Errorf("closing would reach %+v", affected)
		}
		h.refuses(422, "reason_invalid", "POST", address+"/closure", as(p.keeper), h.key(), body(`{"reason":" "}`))
		h.exec("UPDATE bookings SET status = 'checked_in' WHERE id = ?", booked)
		h.refuses(409, "slot_in_session", "POST", address+"/closure", as(p.keeper), h.key(), body(`{"reason":"老师生病"}`))
		h.exec("UPDATE bookings SET status = 'confirmed' WHERE id = ?", booked)
		key := h.key()
		var o, again outcomeSeen
		h.ask("POST", address+"/closure", as(p.keeper), key, body(`{"reason":"老师生病"}`)).is(200).read(&o)
		h.ask("POST", address+"/closure", as(p.keeper), key, body(`{"reason":"老师生病"}`)).is(200).read(&again)
		if o.Pending || again.ID != o.ID || len(o.Slots) != 1 || o.Slots[0].Status != "cancelled" || o.Slots[0].Ended != 1 {
			h.t.Errorf("closing came to %+v, then %+v", o, again)
		}
		h.refuses(409, "slot_closed", "POST", address+"/closure", as(p.keeper), h.key(), body(`{"reason":"老师生病"}`))
		h.refuses(409, "slot_closed", "PUT", address+"/capacity", capacity(slot.ID, 4)...)
		begun := h.world.AddSlot(0, 2, h.startingIn(-10*time.Minute, time.Hour), func(s *model.Slot) { s.SiteID = p.Site.ID })
		h.refuses(409, "session_over", "PUT", console+"/slots/"+begun.ID+"/capacity", capacity(begun.ID, 4)...)
		h.work()
	}},
	{"another site's plan is not there", func(h *house) {
		p, other := h.plannedSite(), h.plannedSite()
		t, slot := p.plan(3, "示例活动室", 1)
		var o outcomeSeen
		h.ask("POST", p.address("/exceptions"), as(p.keeper), h.key(), p.exception("close", 20, "")).is(201).read(&o)
		gone := func(code, method, address string, more ...with) {
			h.t.Helper()
			h.refuses(404, code, method, address, append(more, as(other.keeper))...)
		}
		for _, part := range []string{"/choices", "/plan", "/templates", "/exceptions", "/closure", "/slots"} {
			gone("site_not_found", "GET", p.address(part))
		}
		gone("site_not_found", "POST", p.address("/templates"), h.key(), p.template(3, "阅读角", "09:00", "10:00", `,"capacity":1`))
		gone("site_not_found", "POST", p.address("/exceptions"), h.key(), p.exception("close", 3, ""))
		gone("template_not_found", "PATCH", console+"/templates/"+t.ID, h.key(), body(`{"capacity":1}`))
		gone("template_not_found", "POST", console+"/templates/"+t.ID+"/ending", h.key(), body(`{"last_day":%q,"reason":"结束"}`, p.day(1)))
		gone("exception_not_found", "GET", console+"/exceptions/"+o.ID)
		gone("exception_not_found", "GET", console+"/exceptions/x")
		gone("exception_not_found", "POST", console+"/exceptions/"+o.ID+"/withdrawal", h.key())
		gone("slot_not_found", "GET", console+"/slots/"+slot.ID)
		gone("slot_not_found", "PUT", console+"/slots/"+slot.ID+"/capacity", h.key(), body(`{"capacity":1,"reason":"一"}`))
		gone("slot_not_found", "GET", console+"/slots/"+slot.ID+"/closure")
		gone("slot_not_found", "POST", console+"/slots/"+slot.ID+"/closure", h.key(), body(`{"reason":"一"}`))
		auditor := h.staff(model.RoleAuditor)
		h.ask("GET", p.address("/templates"), as(auditor)).is(200)
		h.refuses(403, "not_permitted", "POST", p.address("/exceptions"), as(auditor), h.key(), p.exception("close", 3, ""))
		subdistrict := h.staff(model.RoleAdministrator, "subdistrict", "310104013")
		h.ask("GET", console+"/slots/"+slot.ID, as(subdistrict)).is(200)
		h.work()
	}},
	{"what is owed of a closing is done", func(h *house) {
		p := h.plannedSite()
		_, slot := p.plan(3, "示例活动室", 1)
		closer := h.api.Planning.Closer
		h.api.Planning.Closer = failing{}
		var o outcomeSeen
		h.ask("POST", p.address("/exceptions"), as(p.keeper), h.key(), p.exception("close", 3, "")).is(201).read(&o)
		h.api.Planning.Closer = closer
		if !o.Pending {
			h.t.Errorf("it came to %+v although nothing could be closed", o)
		}
		h.work()
		var seen slotSeen
		h.ask("GET", console+"/slots/"+slot.ID, as(p.keeper)).is(200).read(&seen)
		h.ask("GET", console+"/exceptions/"+o.ID, as(p.keeper)).is(200).read(&o)
		if o.Pending || seen.Status != "cancelled" {
			h.t.Errorf("the slot is %s, %+v", seen.Status, o)
		}
	}},
}

type failing struct{}

func (failing) CloseSlot(context.Context, string, string, string) ([]model.Booking, error) {
	return nil, errFailing
}
