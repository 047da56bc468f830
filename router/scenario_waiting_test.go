package router_test

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
)

type waitingSeen struct {
	ID, Status     string
	Rank           int
	Booking        string     `json:"booking_id"`
	OfferExpiresAt *time.Time `json:"offer_expires_at"`
}

// handlers are what the runner of owed work calls.
func (h *house) handlers() map[model.WorkKind]func(context.Context, model.Work) error {
	return map[model.WorkKind]func(context.Context, model.Work) error{
		model.WorkPromote: h.api.Booking.Promote, model.WorkExpireOffer: h.api.Booking.ExpireOffer, model.WorkCloseLine: h.api.Booking.CloseLine,
		model.WorkApplyException: h.api.Planning.ApplyException,
		model.WorkDraw:           h.api.Booking.Draw, model.WorkSettleDraw: h.api.Booking.SettleDraw,
	}
}

// work does what the house owes by now.
func (h *house) work() {
	h.t.Helper()
	ctx := context.Background()
	for {
		due, err := h.store.LeaseWork(ctx, model.LaneHouse, h.clock.Now(), time.Minute, 50)
		h.must(err)
		if len(due) == 0 {
			return
		}
		for _, w := range due {
			handle := h.handlers()[w.Kind]
			if handle == nil {
				h.t.Fatalf("nobody does %s", w.Kind)
			}
			h.must(handle(ctx, w))
		}
	}
}

// fill books every place of a slot and gives who holds them, with their bookings.
func (h *house) fill(slot model.Slot) (holders []*person, bookings []string) {
	h.t.Helper()
	for range slot.Capacity {
		p, child := h.family()
		holders, bookings = append(holders, p), append(bookings, p.book(slot.ID, child))
	}
	return holders, bookings
}

func (p *person) cancel(id string) {
	p.h.t.Helper()
	p.h.ask("POST", "/api/v1/bookings/"+id+"/cancellation", as(p), p.h.key(), body(`{}`)).is(200)
}

func (p *person) wait(slot, child string) (w waitingSeen) {
	p.h.t.Helper()
	p.h.ask("POST", "/api/v1/slots/"+slot+"/waiting", as(p), p.h.key(), body(`{"child_id":%q}`, child)).is(201).read(&w)
	return w
}

var waitingScenarios = []scenario{
	{"a full slot, a line, an offer, a booking", func(h *house) {
		slot := h.world.AddSlot(3, 1)
		holders, bookings := h.fill(slot)
		p, child := h.family()
		q, other := h.family()
		w, behind := p.wait(slot.ID, child), q.wait(slot.ID, other)
		if w.Rank != 1 || behind.Rank != 2 || w.Status != "waiting" {
			h.t.Errorf("in line: %+v, then %+v", w, behind)
		}
		h.refuses(409, "place_not_offered", "POST", "/api/v1/waiting/"+w.ID+"/acceptance", as(p), h.key(), body(`{}`))
		holders[0].cancel(bookings[0])
		h.work()
		h.ask("GET", "/api/v1/waiting/"+w.ID, as(p)).is(200).read(&w)
		if w.Status != "offered" || w.Rank != 0 || w.OfferExpiresAt == nil {
			h.t.Errorf("offered: %+v", w)
		}
		var notices struct{ Items []struct{ Kind string } }
		h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&notices)
		if len(notices.Items) != 1 || notices.Items[0].Kind != "place_offered" {
			h.t.Errorf("told %+v", notices)
		}
		var b booked
		h.ask("POST", "/api/v1/waiting/"+w.ID+"/acceptance", as(p), h.key(), body(`{}`)).is(201).read(&b)
		h.refuses(409, "waiting_ended", "POST", "/api/v1/waiting/"+w.ID+"/departure", as(p), h.key())
		var mine struct{ Items []waitingSeen }
		h.ask("GET", "/api/v1/waiting", as(p)).is(200).read(&mine)
		if len(mine.Items) != 1 || mine.Items[0].Booking != b.ID || mine.Items[0].Status != "accepted" {
			h.t.Errorf("mine: %+v", mine)
		}
		h.ask("GET", "/api/v1/waiting?live=true", as(p)).is(200).read(&mine)
		if len(mine.Items) != 0 {
			h.t.Errorf("live: %+v", mine)
		}
		h.refuses(404, "waiting_not_found", "GET", "/api/v1/waiting/"+w.ID, as(q))
		h.refuses(422, "limit_out_of_range", "GET", "/api/v1/waiting?limit=0", as(q))
		h.ask("POST", "/api/v1/waiting/"+behind.ID+"/departure", as(q), h.key()).is(200).read(&behind)
		if behind.Status != "left" {
			h.t.Errorf("left: %+v", behind)
		}
		h.world.Sound()
	}},
	{"an offer that nobody takes in time", func(h *house) {
		apart(h, func(h *house) {
			slot := h.world.AddSlot(3, 1)
			holders, bookings := h.fill(slot)
			p, child := h.family()
			w := p.wait(slot.ID, child)
			holders[0].cancel(bookings[0])
			h.work()
			h.clock.pass(31 * time.Minute)
			h.refuses(409, "offer_expired", "POST", "/api/v1/waiting/"+w.ID+"/acceptance", as(p), h.key(), body(`{}`))
			h.work()
			h.world.Sound()
		})
	}},
	{"who cannot wait", func(h *house) {
		p, child := h.family()
		path, wish := "/waiting", body(`{"child_id":%q}`, child)
		wait := func(code string, slot model.Slot) {
			h.t.Helper()
			status := 409
			if strings.HasSuffix(code, "not_found") {
				status = 404
			}
			h.refuses(status, code, "POST", "/api/v1/slots/"+slot.ID+path, as(p), h.key(), wish)
		}
		wait("slot_not_found", model.Slot{ID: "none"})
		wait("slot_has_places", h.world.AddSlot(3, 1))
		wait("slot_cut_off", h.world.AddSlot(0, 1, h.startingIn(time.Hour, 2*time.Hour)))
		wait("slot_not_released", h.world.AddSlot(3, 1, func(s *model.Slot) { s.ReleaseAt = s.StartAt }))
		wait("slot_in_draw", h.world.AddSlot(3, 1, func(s *model.Slot) { s.ReleaseMode, s.DrawAt = model.ReleaseDraw, &s.CutoffAt }))
		full := h.world.AddSlot(3, 1)
		h.fill(full)
		p.wait(full.ID, child)
		wait("already_waiting", full)
		for range testMaxWaiting {
			another := h.world.AddSlot(4, 1)
			h.fill(another)
			if h.column("SELECT COUNT(*) FROM waiting_entries WHERE child_id = ?", child)[0] == "2" {
				wait("too_many_waiting", another)
				continue
			}
			p.wait(another.ID, child)
		}
		h.refuses(409, "consent_in_use", "DELETE", "/api/v1/consents/"+h.documents()[0], as(p))
		h.ask("DELETE", "/api/v1/children/"+child, as(p)).is(204) // and waits nowhere
		h.world.Sound()
	}},
	{"a draw is not booked", func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(3, 1, func(s *model.Slot) { s.ReleaseMode, s.DrawAt = model.ReleaseDraw, &s.CutoffAt })
		h.refuses(409, "slot_in_draw", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
		var seen struct{ State string }
		h.ask("GET", "/api/v1/slots/"+slot.ID).is(200).read(&seen)
		if seen.State != "drawing" {
			h.t.Errorf("seen as %s", seen.State)
		}
	}},
	{"several at once", func(h *house) {
		p, child := h.family()
		a, full, c := h.world.AddSlot(3, 1), h.world.AddSlot(4, 1), h.world.AddSlot(5, 1)
		h.fill(full)
		h.refuses(409, "not_all_bookable", "POST", "/api/v1/bookings", as(p), h.key(), body(`{"child_id":%q,"slot_ids":[%q,%q]}`, child, a.ID, full.ID)).
			names("body.slot_ids[1]")
		h.refuses(422, "slot_twice", "POST", "/api/v1/bookings", as(p), h.key(), body(`{"child_id":%q,"slot_ids":[%q,%q]}`, child, a.ID, a.ID))
		h.refuses(422, "too_many_at_once", "POST", "/api/v1/bookings", as(p), h.key(), body(`{"child_id":%q,"slot_ids":["1","2","3","4"]}`, child))
		h.refuses(422, "invalid_request", "POST", "/api/v1/bookings", as(p), h.key(), body(`{"child_id":%q,"slot_ids":[]}`, child))
		var out struct {
			Bookings []booked
			Refused  []struct {
				Slot string `json:"slot_id"`
				Code string
			}
		}
		key := h.key()
		wish := body(`{"child_id":%q,"slot_ids":[%q,%q,%q],"mode":"available"}`, child, a.ID, full.ID, c.ID)
		first := h.ask("POST", "/api/v1/bookings", as(p), key, wish).is(201)
		first.read(&out)
		if len(out.Bookings) != 2 || len(out.Refused) != 1 || out.Refused[0].Slot != full.ID || out.Refused[0].Code != "slot_full" {
			h.t.Errorf("several: %+v", out)
		}
		if again := h.ask("POST", "/api/v1/bookings", as(p), key, wish).is(201); string(again.body) != string(first.body) {
			h.t.Errorf("again\n%safter\n%s", again.body, first.body)
		}
		h.world.Sound()
	}},
	{"a booking is moved, or stays", func(h *house) {
		p, child := h.family()
		from, full := h.world.AddSlot(3, 1), h.world.AddSlot(4, 1)
		to := h.world.AddSlot(3, 1, hoursLater(3)) // of the same year's allowance, whatever the date
		h.fill(full)
		id := p.book(from.ID, child)
		h.refuses(409, "slot_full", "POST", "/api/v1/bookings/"+id+"/transfer", as(p), h.key(), body(`{"slot_id":%q}`, full.ID))
		var b struct {
			ID, Status string
			MovedFrom  string `json:"moved_from"`
		}
		h.ask("GET", "/api/v1/bookings/"+id, as(p)).is(200).read(&b)
		if b.Status != "confirmed" {
			h.t.Errorf("after the refusal: %+v", b)
		}
		h.ask("POST", "/api/v1/bookings/"+id+"/transfer", as(p), h.key(), body(`{"slot_id":%q}`, to.ID)).is(201).read(&b)
		if b.MovedFrom != id || b.Status != "confirmed" {
			h.t.Errorf("moved: %+v", b)
		}
		h.ask("GET", "/api/v1/bookings/"+id, as(p)).is(200).read(&b)
		if b.Status != "cancelled" {
			h.t.Errorf("the old one: %+v", b)
		}
		var ledger struct {
			Used  int
			Items []struct {
				Kind   string
				Amount int
			}
		}
		h.ask("GET", "/api/v1/children/"+child+"/allowance/entries?date="+to.Date.String(), as(p)).is(200).read(&ledger)
		if ledger.Used != 1 || len(ledger.Items) != 3 || ledger.Items[0].Kind != "debit" || ledger.Items[1].Amount != -1 {
			h.t.Errorf("the ledger: %+v", ledger)
		}
		stranger, theirs := h.family()
		h.refuses(404, "child_not_found", "GET", "/api/v1/children/"+child+"/allowance/entries", as(stranger))
		h.ask("GET", "/api/v1/children/"+theirs+"/allowance/entries", as(stranger)).is(200).read(&ledger)
		if len(ledger.Items) != 0 {
			h.t.Errorf("nothing used yet: %+v", ledger)
		}
		h.world.Sound()
	}},
	{"bookings in one's calendar", func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(3, 1)
		id := p.book(slot.ID, child)
		a := h.ask("GET", "/api/v1/bookings/"+id+"/calendar", as(p)).is(200)
		text := string(a.body)
		for _, want := range []string{"BEGIN:VCALENDAR\r\n", "UID:" + id + "@jiamenkou", "DTSTART:" + slot.StartAt.UTC().Format("20060102T150405Z"), "SUMMARY:示例宝宝屋", "STATUS:CONFIRMED"} {
			if !strings.Contains(text, want) {
				h.t.Errorf("%q is missing in\n%s", want, text)
			}
		}
		if got := a.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" || strings.Contains(text, "示例宝宝1") {
			h.t.Errorf("%s:\n%s", got, text)
		}
		p.book(h.world.AddSlot(4, 1).ID, child)
		all := string(h.ask("GET", "/api/v1/calendar", as(p)).is(200).body)
		if strings.Count(all, "BEGIN:VEVENT") != 2 {
			h.t.Errorf("all of them:\n%s", all)
		}
		p.cancel(id)
		if text := string(h.ask("GET", "/api/v1/bookings/"+id+"/calendar", as(p)).is(200).body); !strings.Contains(text, "STATUS:CANCELLED") {
			h.t.Errorf("cancelled:\n%s", text)
		}
		h.refuses(404, "booking_not_found", "GET", "/api/v1/bookings/"+id+"/calendar", as(h.person()))
	}},
	{"booking for somebody at the door", func(h *house) {
		p, child := h.family()
		keeper, elsewhere, auditor := h.keeper(), h.staff(model.RoleKeeper, "subdistrict", "310104003"), h.staff(model.RoleAuditor)
		slot := h.world.AddSlot(3, 1, func(s *model.Slot) { s.ReleaseAt = s.StartAt })
		path, wish := "/console/api/v1/slots/"+slot.ID+"/bookings", `{"resident_id":%q,"child_id":%q%s}`
		h.refuses(409, "slot_not_released", "POST", path, as(keeper), h.key(), body(wish, p.id, child, ""))
		h.refuses(404, "slot_not_found", "POST", path, as(elsewhere), h.key(), body(wish, p.id, child, ""))
		h.refuses(403, "not_permitted", "POST", path, as(auditor), h.key(), body(wish, p.id, child, ""))
		h.refuses(404, "child_not_found", "POST", path, as(keeper), h.key(), body(wish, p.id, "none", `,"override_reason":"家长在现场"`))
		var b booked
		h.ask("POST", path, as(keeper), h.key(), body(wish, p.id, child, `,"override_reason":"家长在现场"`)).is(201).read(&b)
		q, other := h.family()
		h.refuses(404, "booking_not_found", "POST", "/console/api/v1/bookings/"+b.ID+"/cancellation", as(elsewhere), h.key(), body(`{}`))
		h.ask("POST", "/console/api/v1/bookings/"+b.ID+"/cancellation", as(keeper), h.key(), body(`{"reason":"unwell"}`)).is(200).read(&b)
		if b.Status != "cancelled" {
			h.t.Errorf("cancelled: %+v", b)
		}
		full := h.world.AddSlot(4, 1)
		h.fill(full)
		q.wait(full.ID, other)
		var line struct {
			Items []struct {
				Turn   int
				Status string
			}
		}
		h.ask("GET", "/console/api/v1/slots/"+full.ID+"/waiting", as(auditor)).is(200).read(&line)
		if len(line.Items) != 1 || line.Items[0].Turn != 1 || line.Items[0].Status != "waiting" {
			h.t.Errorf("the line: %+v", line)
		}
		h.refuses(404, "slot_not_found", "GET", "/console/api/v1/slots/"+full.ID+"/waiting", as(elsewhere))
		h.world.Sound()
	}},
}
