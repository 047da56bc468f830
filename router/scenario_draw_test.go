package router_test

import (
	"encoding/json"
	"slices"
	"time"

	"jiamenkou/model"
)

type applicationSeen struct {
	ID, Status string
	Turn       int
	Waiting    string `json:"waiting_id"`
}

type drawSeen struct {
	Status, Commitment, Source, Digest, Result string
	Applications, Winners                      int
}

// drawSlot adds a slot whose places are drawn three days before its start.
func (h *house) drawSlot(ahead, capacity int, change ...func(*model.Slot)) model.Slot {
	return h.world.AddSlot(ahead, capacity, append([]func(*model.Slot){func(s *model.Slot) {
		at := s.StartAt.Add(-72 * time.Hour)
		s.ReleaseMode, s.DrawAt = model.ReleaseDraw, &at
	}}, change...)...)
}

func (p *person) apply(slot, child string) (a applicationSeen) {
	p.h.t.Helper()
	p.h.ask("POST", "/api/v1/slots/"+slot+"/applications", as(p), p.h.key(), body(`{"child_id":%q}`, child)).is(201).read(&a)
	return a
}

func (p *person) application(id string) (a applicationSeen) {
	p.h.t.Helper()
	p.h.ask("GET", "/api/v1/applications/"+id, as(p)).is(200).read(&a)
	return a
}

func (h *house) draw(slot model.Slot) (d drawSeen) {
	h.t.Helper()
	h.ask("GET", "/api/v1/slots/"+slot.ID+"/draw").is(200).read(&d)
	return d
}

// verified reads the document of a draw as a file is read, and recomputes it.
func (h *house) verified(address string, who ...with) model.DrawDocument {
	h.t.Helper()
	var text json.RawMessage
	h.ask("GET", address, who...).is(200).read(&text)
	d, err := model.ReadDrawDocument(text)
	h.must(err)
	findings, err := d.Verify()
	h.must(err)
	for _, f := range findings {
		if !f.Matches() {
			h.t.Errorf("%s does not match", f.Part)
		}
	}
	return d
}

var drawScenarios = []scenario{
	{"families apply, the places are drawn, and anyone recomputes it", func(h *house) {
		apart(h, func(h *house) {
			slot := h.drawSlot(6, 1)
			before := h.draw(slot)
			p, child := h.family()
			q, other := h.family()
			a, b := p.apply(slot.ID, child), q.apply(slot.ID, other)
			h.refuses(409, "already_applied", "POST", "/api/v1/slots/"+slot.ID+"/applications", as(p), h.key(), body(`{"child_id":%q}`, child))
			h.refuses(409, "slot_in_draw", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
			h.refuses(409, "draw_not_drawn", "GET", "/api/v1/slots/"+slot.ID+"/draw/document")
			if a.Status != "applied" || before.Status != "open" || h.draw(slot).Applications != 2 {
				h.t.Errorf("applied %+v to %+v", a, before)
			}
			h.clock.pass(slot.DrawAt.Sub(h.clock.Now()) + time.Second)
			h.refuses(409, "draw_closed", "POST", "/api/v1/slots/"+slot.ID+"/applications", as(p), h.key(), body(`{"child_id":%q}`, child))
			h.work()
			d := h.verified("/api/v1/slots/" + slot.ID + "/draw/document")
			after := h.draw(slot)
			if d.Commitment != before.Commitment || after.Status != "drawn" || after.Winners != 1 || after.Result != d.Result || len(d.Order) != 2 {
				h.t.Errorf("committed to %s, drawn %+v", before.Commitment, d)
			}
			a, b = p.application(a.ID), q.application(b.ID)
			if (a.Status == "won") != slices.Contains(d.Winners, a.ID) || (a.Status == "won") == (b.Status == "won") || a.Waiting == "" {
				h.t.Errorf("one is %+v, the other %+v", a, b)
			}
			h.refuses(409, "application_ended", "POST", "/api/v1/applications/"+a.ID+"/withdrawal", as(p), h.key())
			h.world.Sound()
		})
	}},
	{"an application is taken back", func(h *house) {
		slot := h.drawSlot(6, 1)
		p, child := h.family()
		q := h.person()
		a := p.apply(slot.ID, child)
		var out struct{ Items []applicationSeen }
		h.ask("GET", "/api/v1/applications?live=true", as(p)).is(200).read(&out)
		if len(out.Items) != 1 || out.Items[0].ID != a.ID {
			h.t.Errorf("the list is %+v", out.Items)
		}
		h.refuses(404, "application_not_found", "GET", "/api/v1/applications/"+a.ID, as(q))
		h.refuses(404, "application_not_found", "POST", "/api/v1/applications/"+a.ID+"/withdrawal", as(q), h.key())
		h.ask("POST", "/api/v1/applications/"+a.ID+"/withdrawal", as(p), h.key()).is(200).read(&a)
		if a.Status != "withdrawn" {
			h.t.Errorf("taken back, it is %s", a.Status)
		}
		h.ask("GET", "/api/v1/applications?live=true", as(p)).is(200).read(&out)
		if len(out.Items) != 0 {
			h.t.Errorf("the list is %+v", out.Items)
		}
		h.refuses(404, "draw_not_found", "GET", "/api/v1/slots/"+h.world.AddSlot(6, 1).ID+"/draw")
		h.refuses(404, "draw_not_found", "POST", "/api/v1/slots/"+h.world.AddSlot(6, 1).ID+"/applications", as(p), h.key(), body(`{"child_id":%q}`, child))
	}},
	{"staff announce a source and enter what it gave", func(h *house) {
		apart(h, func(h *house) {
			slot := h.drawSlot(6, 1)
			address := "/console/api/v1/slots/" + slot.ID + "/draw"
			p, child := h.family()
			p.apply(slot.ID, child)
			keeper := h.keeper()
			enter := func(who *person, numbers string) (with, with) { return as(who), body(`{"randomness":%q}`, numbers) }
			one, two := enter(keeper, "08 15")
			h.refuses(409, "draw_source_missing", "PUT", address+"/randomness", one, two)
			var d drawSeen
			h.ask("PUT", address+"/source", as(keeper), body(`{"source":"某日福利彩票开奖号"}`)).is(200).read(&d)
			if d.Source != "某日福利彩票开奖号" || h.draw(slot).Source != d.Source {
				h.t.Errorf("announced %+v", d)
			}
			h.refuses(409, "draw_randomness_early", "PUT", address+"/randomness", one, two)
			h.refuses(409, "draw_not_drawn", "GET", address+"/document", as(keeper))
			h.clock.pass(slot.DrawAt.Sub(h.clock.Now()) + time.Second)
			h.work()
			keeper = h.keeper()
			if d = h.draw(slot); d.Status != "closed" || d.Digest == "" {
				h.t.Errorf("after applications ended %+v", d)
			}
			h.refuses(409, "draw_source_late", "PUT", address+"/source", as(keeper), body(`{"source":""}`))
			h.refuses(422, "invalid_request", "PUT", address+"/randomness", as(keeper), body(`{"randomness":" "}`))
			one, two = enter(keeper, "08 15")
			h.ask("PUT", address+"/randomness", one, two).is(200)
			one, two = enter(keeper, "08 16")
			h.refuses(409, "draw_randomness_given", "PUT", address+"/randomness", one, two)
			h.work()
			if drawn := h.verified(address+"/document", as(keeper)); drawn.Randomness != "08 15" || len(drawn.Winners) != 1 {
				h.t.Errorf("drawn %+v", drawn)
			}
			var seen struct {
				Draw       drawSeen
				Places     int
				Randomness string
			}
			h.ask("GET", address, as(keeper)).is(200).read(&seen)
			if seen.Draw.Status != "drawn" || seen.Places != 1 || seen.Randomness != "08 15" {
				h.t.Errorf("staff see %+v", seen)
			}
			h.world.Sound()
		})
	}},
	{"a draw outside the scope is not there, and who only looks changes nothing", func(h *house) {
		slot := h.drawSlot(6, 1)
		address := "/console/api/v1/slots/" + slot.ID + "/draw"
		elsewhere, _ := h.world.AddSite("310104011", "另一个示例宝宝屋", model.Point{Latitude: 31.1759, Longitude: 121.4211})
		stranger, auditor := h.staff(model.RoleKeeper, "site", elsewhere.ID), h.staff(model.RoleAuditor)
		h.refuses(404, "slot_not_found", "GET", address, as(stranger))
		h.refuses(404, "slot_not_found", "PUT", address+"/source", as(stranger), body(`{"source":"某日"}`))
		h.ask("GET", address, as(auditor)).is(200)
		h.refuses(403, "not_permitted", "PUT", address+"/source", as(auditor), body(`{"source":"某日"}`))
		h.refuses(403, "not_permitted", "PUT", address+"/randomness", as(auditor), body(`{"randomness":"08"}`))
	}},
}
