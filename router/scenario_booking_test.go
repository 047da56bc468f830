package router_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"jiamenkou/model"
)

type booked struct {
	ID, Status, Payment string
	PriceCents          int    `json:"price_cents"`
	Site                string `json:"site_name"`
	CancelReason        string `json:"cancel_reason"`
}

var bookingScenarios = []scenario{
	{"a place is booked, seen and given back", func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(3, 5)
		var b booked
		h.ask("POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child)).is(201).read(&b)
		if b.Status != "confirmed" || b.Payment != "allowance" || b.Site != "示例宝宝屋" {
			h.t.Errorf("booked: %+v", b)
		}
		h.ask("GET", "/api/v1/bookings/"+b.ID, as(p)).is(200)
		h.ask("POST", "/api/v1/bookings/"+b.ID+"/cancellation", as(p), h.key(), body(`{"reason":"unwell"}`)).is(200).read(&b)
		if b.Status != "cancelled" || b.CancelReason != "unwell" {
			h.t.Errorf("cancelled: %+v", b)
		}
		h.refuses(409, "booking_ended", "POST", "/api/v1/bookings/"+b.ID+"/cancellation", as(p), h.key(), body(`{}`))
		h.world.Sound()
	}},
	{"a list page by page", func(h *house) {
		p, child := h.family()
		ids := []string{p.book(h.world.AddSlot(3, 5).ID, child), p.book(h.world.AddSlot(4, 5).ID, child), p.book(h.world.AddSlot(5, 5).ID, child)}
		list := func(query string) (got []string) {
			h.t.Helper()
			var out struct{ Items []booked }
			h.ask("GET", "/api/v1/bookings"+query, as(p)).is(200).read(&out)
			for _, b := range out.Items {
				got = append(got, b.ID)
			}
			return got
		}
		want := func(got []string, ids ...string) {
			h.t.Helper()
			if strings.Join(got, " ") != strings.Join(ids, " ") {
				h.t.Errorf("got %v, want %v", got, ids)
			}
		}
		want(list(""), ids[2], ids[1], ids[0])
		want(list("?limit=2"), ids[2], ids[1])
		want(list("?limit=2&after="+ids[1]), ids[0])
		want(list("?child="+child+"&live=false&limit=1"), ids[2])
		want(list("?child=none"))
		h.ask("POST", "/api/v1/bookings/"+ids[2]+"/cancellation", as(p), h.key(), body(`{}`)).is(200)
		want(list("?live=true"), ids[1], ids[0])
		h.refuses(422, "limit_out_of_range", "GET", "/api/v1/bookings?limit=101", as(p)).names("query.limit")
		h.refuses(422, "invalid_request", "GET", "/api/v1/bookings?live=maybe", as(p)).names("query.live")
		h.refuses(422, "invalid_request", "GET", "/api/v1/bookings?after="+strings.Repeat("x", 27), as(p)).names("query.after")
	}},
	{"a slot that cannot be booked", func(h *house) {
		p, child := h.family()
		refused := func(code string, slot model.Slot) {
			h.t.Helper()
			h.refuses(409, code, "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
		}
		refused("slot_full", h.world.AddSlot(3, 0))
		refused("slot_closed", h.world.AddSlot(3, 5, func(s *model.Slot) { s.Status = model.SlotClosed }))
		refused("slot_closed", h.world.AddSlot(3, 5, func(s *model.Slot) { s.Status = model.SlotCancelled }))
		refused("slot_not_released", h.world.AddSlot(16, 5))
		refused("slot_cut_off", h.world.AddSlot(0, 5, h.startingIn(time.Hour, 2*time.Hour)))
		refused("slot_cut_off", h.world.AddSlot(0, 5, h.startingIn(-2*time.Hour, 0)))
		h.refuses(404, "slot_not_found", "POST", "/api/v1/slots/none/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
	}},
	{"a child too young or too old on the day of the slot", func(h *house) {
		p := h.guardian()
		refused := func(code, birth string, ahead int) {
			h.t.Helper()
			var c child
			h.ask("POST", "/api/v1/children", as(p), body(`{"name":"示例","birth_date":%q}`, birth)).is(201).read(&c)
			slot := h.world.AddSlot(ahead, 5)
			h.refuses(409, code, "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, c.ID))
			h.ask("DELETE", "/api/v1/children/"+c.ID, as(p)).is(204)
		}
		accepted := func(birth string, ahead int) {
			h.t.Helper()
			var c child
			h.ask("POST", "/api/v1/children", as(p), body(`{"name":"示例","birth_date":%q}`, birth)).is(201).read(&c)
			b := p.book(h.world.AddSlot(ahead, 5).ID, c.ID)
			h.ask("POST", "/api/v1/bookings/"+b+"/cancellation", as(p), h.key(), body(`{}`)).is(200)
			h.ask("DELETE", "/api/v1/children/"+c.ID, as(p)).is(204)
		}
		anniversary := func(ahead, years int) string { // the day the child is years old is the slot's
			day := h.world.Day(ahead)
			return model.DateOf(time.Date(day.Year-years, day.Month, day.Day, 0, 0, 0, 0, time.UTC)).String()
		}
		accepted(anniversary(5, 1), 5) // eleven months today, twelve on the day
		refused("child_too_young", anniversary(6, 1), 5)
		refused("child_too_old", anniversary(5, 3), 5) // thirty-five months today, thirty-six on the day
		accepted(anniversary(6, 3), 5)
	}},
	{"one place a child and time, and not too many", func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(3, 5)
		p.book(slot.ID, child)
		wish := body(`{"child_id":%q}`, child)
		h.refuses(409, "already_booked", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), wish)
		beside := h.world.AddSlot(3, 5, func(s *model.Slot) { s.StartAt, s.EndAt = s.EndAt.Add(-time.Minute), s.EndAt.Add(time.Hour) })
		h.refuses(409, "booking_overlap", "POST", "/api/v1/slots/"+beside.ID+"/bookings", as(p), h.key(), wish)
		after := h.world.AddSlot(3, 5, func(s *model.Slot) { s.StartAt, s.EndAt = s.EndAt, s.EndAt.Add(time.Hour) })
		p.book(after.ID, child)
		for i := range testMaxLive - 2 {
			p.book(h.world.AddSlot(4+i, 5).ID, child)
		}
		h.refuses(409, "too_many_bookings", "POST", "/api/v1/slots/"+h.world.AddSlot(12, 5).ID+"/bookings", as(p), h.key(), wish)
	}},
	{"the last place goes once", lastPlace},
	{"the allowance is used up", func(h *house) { apart(h, allowanceUsedUp, func(p *plan) { p.liveBookings = 20 }) }},
	{"before a first booking one agrees", func(h *house) {
		p := h.person()
		child := h.world.AddChild(p.id, 18)
		slot := h.world.AddSlot(3, 5)
		h.refuses(409, "consent_needed", "POST", "/api/v1/slots/"+slot.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
	}},
	{"giving back late, too late, and too often", func(h *house) {
		p, child := h.family()
		cancel := func(id string) answer {
			h.t.Helper()
			return h.ask("POST", "/api/v1/bookings/"+id+"/cancellation", as(p), h.key(), body(`{}`))
		}
		var b booked
		late := p.book(h.world.AddSlot(0, 5, h.startingIn(4*time.Hour, time.Hour)).ID, child)
		cancel(late).is(200).read(&b)
		if b.Status != "late_cancelled" {
			h.t.Errorf("four hours before: %s", b.Status)
		}
		begun := p.book(h.world.AddSlot(0, 5, h.startingIn(1500*time.Millisecond, 0)).ID, child)
		time.Sleep(1600 * time.Millisecond)
		h.refuses(409, "booking_started", "POST", "/api/v1/bookings/"+begun+"/cancellation", as(p), h.key(), body(`{}`))
		p.book(h.world.AddSlot(8, 5).ID, child)
		h.refuses(409, "child_has_bookings", "POST", "/api/v1/me/closure", as(p), body(`{"confirm":true}`))
		for range 5 {
			cancel(p.book(h.world.AddSlot(0, 5, h.startingIn(4*time.Hour, time.Hour)).ID, child)).is(200)
		}
		h.refuses(409, "booking_blocked", "POST", "/api/v1/slots/"+h.world.AddSlot(3, 5).ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child))
	}},
	{"someone else's booking", func(h *house) {
		p, child := h.family()
		stranger := h.guardian()
		b := p.book(h.world.AddSlot(3, 5).ID, child)
		h.refuses(404, "booking_not_found", "GET", "/api/v1/bookings/"+b, as(stranger))
		h.refuses(404, "booking_not_found", "POST", "/api/v1/bookings/"+b+"/cancellation", as(stranger), h.key(), body(`{}`))
		h.refuses(404, "booking_not_found", "GET", "/api/v1/bookings/none", as(p))
		var out struct{ Items []booked }
		h.ask("GET", "/api/v1/bookings?child="+child, as(stranger)).is(200).read(&out)
		if len(out.Items) != 0 {
			h.t.Errorf("a stranger sees %+v", out.Items)
		}
	}},
	{"the site closes a slot", func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(3, 5)
		id := p.book(slot.ID, child)
		_, err := h.api.Booking.CloseSlot(context.Background(), slot.ID, "停水", "")
		h.must(err)
		var b booked
		h.ask("GET", "/api/v1/bookings/"+id, as(p)).is(200).read(&b)
		if b.Status != "site_cancelled" || b.CancelReason != "停水" {
			h.t.Errorf("its booking: %+v", b)
		}
		h.refuses(409, "booking_ended", "POST", "/api/v1/bookings/"+id+"/cancellation", as(p), h.key(), body(`{}`))
	}},
	{"a key that is missing or wrong", func(h *house) {
		p, child := h.family()
		slot := h.world.AddSlot(3, 5)
		path, wish := "/api/v1/slots/"+slot.ID+"/bookings", body(`{"child_id":%q}`, child)
		h.refuses(400, "idempotency_key_missing", "POST", path, as(p), wish).names("header.Idempotency-Key")
		h.refuses(400, "idempotency_key_missing", "POST", path, as(p), header("Idempotency-Key", " "), wish)
		h.refuses(400, "idempotency_key_missing", "POST", "/api/v1/bookings/none/cancellation", as(p), body(`{}`))
		for _, key := range []string{"short", strings.Repeat("x", 65), "has space", "钥匙钥匙钥匙", "semi;colon", "' OR 1=1", "\xff\xff\xff\xff\xff\xff\xff\xff"} {
			h.refuses(400, "idempotency_key_invalid", "POST", path, as(p), header("Idempotency-Key", key), wish)
		}
		h.ask("POST", path, as(p), header("Idempotency-Key", strings.Repeat("_", 64)), wish).is(201)
	}},
	{"the same key again", sameKey},
	{"the same key while the first try runs", sameKeyMeanwhile},
	{"a wish that is none", func(h *house) {
		p, child := h.family()
		path := "/api/v1/slots/" + h.world.AddSlot(3, 5).ID + "/bookings"
		h.refuses(422, "invalid_request", "POST", path, as(p), h.key(), body(`{}`)).names("body.child_id")
		h.refuses(422, "invalid_request", "POST", path, as(p), h.key(), body(`{"child_id":null}`)).names("body.child_id")
		h.refuses(422, "invalid_request", "POST", path, as(p), h.key(), body(`{"child_id":%q}`, strings.Repeat("x", 27))).names("body.child_id")
		h.refuses(422, "invalid_request", "POST", path, as(p), h.key(), body(`{"child_id":%q,"accept_self_paid":"yes"}`, child)).names("body.accept_self_paid")
		h.refuses(422, "unknown_field", "POST", path, as(p), h.key(), body(`{"child_id":%q,"payment":"free"}`, child)).names("body.payment")
		h.refuses(400, "body_missing", "POST", path, as(p), h.key())
		h.refuses(404, "child_not_found", "POST", path, as(p), h.key(), body(`{"child_id":""}`))
		b := p.book(h.world.AddSlot(4, 5).ID, child)
		h.refuses(422, "invalid_request", "POST", "/api/v1/bookings/"+b+"/cancellation", as(p), h.key(), body(`{"reason":"孩子水痘"}`)).names("body.reason")
	}},
}

func lastPlace(h *house) {
	slot := h.world.AddSlot(3, 1)
	type try struct {
		p     *person
		child string
	}
	var tries []try
	for range 6 {
		p, child := h.family()
		tries = append(tries, try{p, child})
	}
	statuses := make([]int, len(tries))
	var all sync.WaitGroup
	for i, one := range tries {
		key := h.key()
		all.Go(func() {
			a := h.ask("POST", "/api/v1/slots/"+slot.ID+"/bookings", as(one.p), key, body(`{"child_id":%q}`, one.child))
			statuses[i] = a.status
			if a.status != 201 && a.code != "slot_full" {
				h.t.Errorf("answered %d %s", a.status, a.code)
			}
		})
	}
	all.Wait()
	won := 0
	for _, status := range statuses {
		if status == 201 {
			won++
		}
	}
	if won != 1 {
		h.t.Errorf("%d got the one place", won)
	}
}

func allowanceUsedUp(h *house) {
	p, child := h.family()
	slot := h.world.AddSlot(3, 5)
	earlier := h.world.AddSlot(3, 5, hoursLater(3)) // of the same year's allowance, whatever the date
	h.ask("POST", "/api/v1/slots/"+earlier.ID+"/bookings", as(p), h.key(), body(`{"child_id":%q}`, child)).is(201)
	h.exec("UPDATE allowances SET granted = used WHERE child_id = ?", child)
	path, wish := "/api/v1/slots/"+slot.ID+"/bookings", `{"child_id":%q,"accept_self_paid":%s}`
	h.refuses(409, "allowance_used_up", "POST", path, as(p), h.key(), body(wish, child, "true"))
	h.exec("UPDATE allowance_policies SET beyond = 'self_paid'")
	h.refuses(409, "self_paid_not_accepted", "POST", path, as(p), h.key(), body(wish, child, "false"))
	var b booked
	h.ask("POST", path, as(p), h.key(), body(wish, child, "true")).is(201).read(&b)
	if b.Payment != "self_paid" || b.PriceCents != 25000 { // two and a half hours at ¥100
		h.t.Errorf("self-paid: %+v", b)
	}
	h.world.Sound()
}

func sameKey(h *house) {
	p, child := h.family()
	slot, other := h.world.AddSlot(3, 1), h.world.AddSlot(3, 5, hoursLater(3))
	key := h.key()
	path, wish := "/api/v1/slots/"+slot.ID+"/bookings", body(`{"child_id":%q}`, child)
	first := h.ask("POST", path, as(p), key, wish).is(201)
	before := h.traces()
	for range 3 {
		if again := h.ask("POST", path, as(p), key, wish).is(201); string(again.body) != string(first.body) {
			h.t.Errorf("the same key gave\n%safter\n%s", again.body, first.body)
		}
	}
	if h.traces() != before {
		h.t.Error("a repetition left a trace")
	}
	h.refuses(422, "idempotency_key_reused", "POST", path, as(p), key, body(`{"child_id":%q,"accept_self_paid":true}`, child))
	h.refuses(422, "idempotency_key_reused", "POST", "/api/v1/slots/"+other.ID+"/bookings", as(p), key, wish)
	var b booked
	first.read(&b)
	h.refuses(422, "idempotency_key_reused", "POST", "/api/v1/bookings/"+b.ID+"/cancellation", as(p), key, body(`{}`))
	stranger, theirs := h.family()
	h.ask("POST", "/api/v1/slots/"+other.ID+"/bookings", as(stranger), key, body(`{"child_id":%q}`, theirs)).is(201) // a key is one's own
	cancelKey := h.key()
	cancelled := h.ask("POST", "/api/v1/bookings/"+b.ID+"/cancellation", as(p), cancelKey, body(`{}`)).is(200)
	if again := h.ask("POST", "/api/v1/bookings/"+b.ID+"/cancellation", as(p), cancelKey, body(`{}`)).is(200); string(again.body) != string(cancelled.body) {
		h.t.Errorf("cancelling again gave\n%safter\n%s", again.body, cancelled.body)
	}
	h.ask("POST", path, as(p), key, wish).is(201) // still the answer to the first request
	h.world.Sound()
}

// sameKeyMeanwhile holds the child, so that the first try has to wait in the middle of its transaction.
func sameKeyMeanwhile(h *house) {
	p, child := h.family()
	slot := h.world.AddSlot(3, 5)
	h.ask("GET", "/api/v1/children/"+child+"/allowance", as(p)).is(200)
	path, wish, key := "/api/v1/slots/"+slot.ID+"/bookings", body(`{"child_id":%q}`, child), h.key()
	held, err := h.raw.Begin()
	h.must(err)
	defer func() { _ = held.Rollback() }()
	_, err = held.Exec("SELECT id FROM children WHERE id = ? FOR UPDATE", child)
	h.must(err)
	done := make(chan answer)
	go func() { done <- h.ask("POST", path, as(p), key, wish) }()
	within(h.t, 5*time.Second, func() bool { return h.lockWaits() > 0 })
	a := h.ask("POST", path, as(p), key, wish).says(409, "idempotency_in_progress")
	if a.header.Get("Retry-After") != "1" {
		h.t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	h.must(held.Rollback())
	first := (<-done).is(201)
	if again := h.ask("POST", path, as(p), key, wish).is(201); string(again.body) != string(first.body) {
		h.t.Errorf("the same key gave\n%safter\n%s", again.body, first.body)
	}
}

// lockWaits is how many transactions wait for a row. InnoDB looks anew only when it has not been asked for 0.1 s.
func (h *house) lockWaits() int {
	h.t.Helper()
	n, err := strconv.Atoi(h.column("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")[0])
	h.must(err)
	return n
}
