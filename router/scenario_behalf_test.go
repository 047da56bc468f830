package router_test

import (
	"time"

	"jiamenkou/model"
)

// behalf is a member of staff who asks for a family, under /console/api/v1.
type behalf struct {
	h        *house
	who      *person
	resident *person
	child    string
}

func (h *house) behalf() behalf {
	h.t.Helper()
	p, child := h.family()
	return behalf{h, h.keeper(), p, child}
}

// wish is the body of asking for a place, a turn or a part in a draw.
func (b behalf) wish(more string) with {
	return body(`{"resident_id":%q,"child_id":%q%s}`, b.resident.id, b.child, more)
}

func (b behalf) post(path string, what ...with) answer {
	b.h.t.Helper()
	return b.h.ask("POST", "/console/api/v1"+path, append([]with{as(b.who), b.h.key()}, what...)...)
}

func (b behalf) refused(code, path string, what ...with) {
	b.h.t.Helper()
	status := map[string]int{
		"slot_not_found": 404, "child_not_found": 404, "waiting_not_found": 404, "application_not_found": 404, "booking_not_found": 404, "draw_not_found": 404,
		"account_blocked": 403, "reason_invalid": 422,
	}[code]
	if status == 0 {
		status = 409
	}
	b.h.refuses(status, code, "POST", "/console/api/v1"+path, append([]with{as(b.who), b.h.key()}, what...)...)
}

type underWaySeen struct {
	Bookings     []booked
	Waiting      []waitingSeen
	Applications []applicationSeen
}

func (b behalf) underWay() (u underWaySeen) {
	b.h.t.Helper()
	b.h.ask("GET", "/console/api/v1/residents/"+b.resident.id+"/under-way", as(b.who)).is(200).read(&u)
	return u
}

var behalfScenarios = []scenario{
	{"a family rings when the session is full: it waits, and takes the place that is held", func(h *house) {
		b, elsewhere := h.behalf(), h.staff(model.RoleKeeper, "subdistrict", "310104003")
		slot := h.world.AddSlot(3, 1)
		holders, bookings := h.fill(slot)
		path, key := "/console/api/v1/slots/"+slot.ID+"/waiting", h.key()
		h.refuses(404, "slot_not_found", "POST", path, as(elsewhere), h.key(), b.wish(""))
		var w, again waitingSeen
		h.ask("POST", path, as(b.who), key, b.wish("")).is(201).read(&w)
		h.ask("POST", path, as(b.who), key, b.wish("")).is(201).read(&again)
		if w.Rank != 1 || w.Status != "waiting" || again != w {
			h.t.Errorf("in line: %+v, again %+v", w, again)
		}
		h.refuses(422, "idempotency_key_reused", "POST", path, as(b.who), key, b.wish(`,"accept_self_paid":true`))
		b.refused("already_waiting", "/slots/"+slot.ID+"/waiting", b.wish(""))
		offer := "/waiting/" + w.ID + "/acceptance"
		b.refused("place_not_offered", offer, body(`{}`))
		holders[0].cancel(bookings[0])
		h.work()
		if u := b.underWay(); len(u.Waiting) != 1 || u.Waiting[0].Status != "offered" || u.Waiting[0].OfferExpiresAt == nil {
			h.t.Errorf("under way: %+v", u)
		}
		h.refuses(404, "waiting_not_found", "POST", "/console/api/v1"+offer, as(elsewhere), h.key(), body(`{}`))
		b.refused("reason_invalid", offer, body(`{"override_reason":" "}`))
		var taken booked
		b.post(offer, body(`{}`)).is(201).read(&taken)
		b.refused("waiting_ended", offer, body(`{}`))
		b.refused("waiting_ended", "/waiting/"+w.ID+"/departure")
		if u := b.underWay(); len(u.Bookings) != 1 || u.Bookings[0].ID != taken.ID || len(u.Waiting) != 0 {
			h.t.Errorf("under way: %+v", u)
		}
		var notices struct{ Items []struct{ Kind string } }
		h.ask("GET", "/api/v1/notices", as(b.resident)).is(200).read(&notices)
		if len(notices.Items) != 2 || notices.Items[0].Kind != "booked" || notices.Items[1].Kind != "place_offered" {
			h.t.Errorf("the guardian is told %+v", notices)
		}
		h.refuses(404, "resident_not_found", "GET", "/console/api/v1/residents/none/under-way", as(b.who))
		h.world.Sound()
	}},
	{"a family without WeChat is rung when a place is held for it", func(h *house) {
		keeper := h.keeper()
		met, child := h.atDesk(keeper, "13655500091")
		b := behalf{h, keeper, met, child}
		slot := h.world.AddSlot(3, 1)
		holders, bookings := h.fill(slot)
		var w waitingSeen
		b.post("/slots/"+slot.ID+"/waiting", b.wish("")).is(201).read(&w)
		held, opening := "/console/api/v1/sites/"+h.world.Site.ID+"/held-places", "/console/api/v1/waiting/"+w.ID+"/opening"
		h.refuses(409, "place_not_offered", "POST", opening, as(keeper))
		holders[0].cancel(bookings[0])
		h.work()
		var list struct {
			Items []struct {
				ID, Child string
				Tail      string     `json:"phone_tail"`
				Until     *time.Time `json:"offer_expires_at"`
			}
		}
		h.ask("GET", held, as(keeper)).is(200).read(&list)
		if len(list.Items) != 1 || list.Items[0].ID != w.ID || list.Items[0].Child != "示*" || list.Items[0].Tail != "0091" || list.Items[0].Until == nil {
			h.t.Errorf("to ring about: %+v", list)
		}
		var called struct {
			Child string `json:"child_name"`
			Phone string `json:"guardian_phone"`
		}
		h.ask("POST", opening, as(keeper)).is(200).read(&called)
		if called.Child != "示例果果" || called.Phone != "13655500091" {
			h.t.Errorf("opened %+v", called)
		}
		elsewhere := h.staff(model.RoleKeeper, "subdistrict", "310104003")
		h.refuses(404, "site_not_found", "GET", held, as(elsewhere))
		h.refuses(404, "waiting_not_found", "POST", opening, as(elsewhere))
		b.post("/waiting/"+w.ID+"/acceptance", body(`{}`)).is(201)
		h.refuses(409, "waiting_ended", "POST", opening, as(keeper))
		h.ask("GET", held, as(keeper)).is(200).read(&list)
		if len(list.Items) != 0 {
			h.t.Errorf("still to ring about: %+v", list)
		}
	}},
	{"a place that is held is declined on the telephone, or taken too late", func(h *house) {
		apart(h, func(h *house) {
			b := h.behalf()
			met, child := h.atDesk(b.who, "13655500092")
			c := behalf{h, b.who, met, child}
			slot := h.world.AddSlot(3, 1)
			holders, bookings := h.fill(slot)
			var w, next waitingSeen
			b.post("/slots/"+slot.ID+"/waiting", b.wish("")).is(201).read(&w)
			c.post("/slots/"+slot.ID+"/waiting", c.wish("")).is(201).read(&next)
			holders[0].cancel(bookings[0])
			h.work()
			b.post("/waiting/" + w.ID + "/departure").is(200).read(&w)
			if w.Status != "declined" {
				h.t.Errorf("declined: %+v", w)
			}
			h.work()
			h.clock.pass(31 * time.Minute)
			c.who = h.keeper() // the session before has ended
			c.refused("offer_expired", "/waiting/"+next.ID+"/acceptance", body(`{}`))
			h.refuses(409, "offer_expired", "POST", "/console/api/v1/waiting/"+next.ID+"/opening", as(c.who))
			h.work()
			h.world.Sound()
		})
	}},
	{"whom staff cannot put on a list", func(h *house) {
		b := h.behalf()
		wait := func(code string, slot model.Slot) {
			h.t.Helper()
			b.refused(code, "/slots/"+slot.ID+"/waiting", b.wish(`,"override_reason":"家长在现场"`))
		}
		wait("slot_not_found", model.Slot{ID: "none"})
		wait("slot_has_places", h.world.AddSlot(3, 1))
		wait("slot_cut_off", h.world.AddSlot(0, 1, h.startingIn(time.Hour, 2*time.Hour)))
		wait("slot_not_released", h.world.AddSlot(3, 1, func(s *model.Slot) { s.ReleaseAt = s.StartAt }))
		wait("slot_in_draw", h.drawSlot(6, 1))
		wait("slot_closed", h.world.AddSlot(3, 1, func(s *model.Slot) { s.Status = model.SlotClosed }))
		full, beside := h.world.AddSlot(3, 1), h.world.AddSlot(3, 1, hoursLater(1))
		h.fill(full)
		for range testMaxWaiting {
			other := h.world.AddSlot(3, 1, hoursLater(6))
			h.fill(other)
			b.resident.wait(other.ID, b.child)
		}
		b.refused("too_many_waiting", "/slots/"+full.ID+"/waiting", b.wish(""))
		b.refused("reason_invalid", "/slots/"+full.ID+"/waiting", b.wish(`,"override_reason":" "`))
		b.post("/slots/"+full.ID+"/waiting", b.wish(`,"override_reason":"父母住院"`)).is(201)
		b.resident.book(beside.ID, b.child) // and has left the list for the same time
		b.refused("booking_overlap", "/slots/"+full.ID+"/waiting", b.wish(""))
		b.child = "none"
		b.refused("child_not_found", "/slots/"+full.ID+"/waiting", b.wish(""))
		h.exec("UPDATE residents SET status = 'blocked' WHERE id = ?", b.resident.id)
		b.refused("account_blocked", "/slots/"+full.ID+"/waiting", b.wish(""))
		gone := h.behalf()
		h.ask("POST", "/api/v1/me/closure", as(gone.resident), body(`{"confirm":true}`)).is(204)
		gone.refused("account_closed", "/slots/"+full.ID+"/waiting", gone.wish(""))
		h.world.Sound()
	}},
	{"rules of age, strikes and agreements, and their exceptions, on a family's behalf", func(h *house) {
		b := h.behalf()
		full, draw := h.world.AddSlot(3, 1), h.drawSlot(6, 1)
		h.fill(full)
		infant, big, stranger := b, b, b
		infant.child, big.child = h.world.AddChild(b.resident.id, 3), h.world.AddChild(b.resident.id, 60)
		stranger.resident = h.person()
		stranger.child = h.world.AddChild(stranger.resident.id, 18)
		for _, path := range []string{"/slots/" + full.ID + "/waiting", "/slots/" + draw.ID + "/applications"} {
			infant.refused("child_too_young", path, infant.wish(""))
			big.refused("child_too_old", path, big.wish(""))
			stranger.refused("consent_needed", path, stranger.wish(`,"override_reason":"家长在现场"`)) // agreements are never set aside
			infant.post(path, infant.wish(`,"override_reason":"街道来电，下月满一岁"`)).is(201)
		}
		h.world.Sound()
	}},
	{"a family rings for a session that is drawn", func(h *house) {
		b, elsewhere := h.behalf(), h.staff(model.RoleKeeper, "subdistrict", "310104003")
		slot := h.drawSlot(6, 1)
		path := "/slots/" + slot.ID + "/applications"
		h.refuses(404, "slot_not_found", "POST", "/console/api/v1"+path, as(elsewhere), h.key(), b.wish(""))
		var a applicationSeen
		b.post(path, b.wish("")).is(201).read(&a)
		b.refused("already_applied", path, b.wish(""))
		b.refused("draw_not_found", "/slots/"+h.world.AddSlot(6, 1).ID+"/applications", b.wish(""))
		b.refused("draw_closed", "/slots/"+h.drawSlot(2, 1).ID+"/applications", b.wish(""))
		if u := b.underWay(); len(u.Applications) != 1 || u.Applications[0].ID != a.ID {
			h.t.Errorf("under way: %+v", u)
		}
		back := "/applications/" + a.ID + "/withdrawal"
		h.refuses(404, "application_not_found", "POST", "/console/api/v1"+back, as(elsewhere), h.key())
		b.post(back).is(200).read(&a)
		b.refused("application_ended", back)
		if a.Status != "withdrawn" || len(b.underWay().Applications) != 0 {
			h.t.Errorf("taken back: %+v", a)
		}
		h.world.Sound()
	}},
	{"a booking is moved on the telephone", func(h *house) {
		b, elsewhere := h.behalf(), h.staff(model.RoleKeeper, "subdistrict", "310104003")
		other, _ := h.world.AddSite("310104003", "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		from, full, later := h.world.AddSlot(3, 1), h.world.AddSlot(4, 1), h.world.AddSlot(5, 1, func(s *model.Slot) { s.ReleaseAt = s.StartAt })
		outside := h.world.AddSlot(5, 1, func(s *model.Slot) { s.SiteID = other.ID })
		h.fill(full)
		path := "/bookings/" + b.resident.book(from.ID, b.child) + "/transfer"
		to := func(slot model.Slot, more string) with { return body(`{"slot_id":%q%s}`, slot.ID, more) }
		h.refuses(404, "booking_not_found", "POST", "/console/api/v1"+path, as(elsewhere), h.key(), to(outside, ""))
		b.refused("slot_not_found", path, to(outside, ""))
		b.refused("slot_full", path, to(full, `,"override_reason":"家长急事"`))
		b.refused("slot_in_draw", path, to(h.drawSlot(6, 1), ""))
		b.refused("slot_not_released", path, to(later, ""))
		b.refused("reason_invalid", path, to(later, `,"override_reason":" "`))
		var moved booked
		b.post(path, to(later, `,"override_reason":"家长急事"`)).is(201).read(&moved)
		b.refused("booking_ended", path, to(full, ""))
		if u := b.underWay(); len(u.Bookings) != 1 || u.Bookings[0].ID != moved.ID {
			h.t.Errorf("under way: %+v", u)
		}
		h.world.Sound()
	}},
}
