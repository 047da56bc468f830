package booking_test

import (
	"cmp"
	"slices"
	"time"

	"jiamenkou/model"
)

// townDraw is how the places of a slot are drawn.
type townDraw struct {
	at, until          time.Time // applications end; the announced randomness is waited for
	announced, entered bool
	status             model.DrawStatus
}

type townApplication struct {
	family, slot    int
	status          model.ApplicationStatus
	listed, visited bool
}

func (s townSlot) drawing() bool { return s.draw != nil && s.draw.status != model.DrawDrawn }

// applying is what is said of a slot to whoever applies to its draw.
func (w *town) applying(slot int) string {
	s := w.slots[slot]
	switch {
	case s.draw == nil:
		return "draw_not_found"
	case s.cancelled:
		return "slot_closed"
	case !w.now.Before(s.cutoff):
		return "slot_cut_off"
	case s.draw.status != model.DrawOpen, !w.now.Before(s.draw.at):
		return "draw_closed"
	}
	return ok
}

func (w *town) apply(family, slot int) string {
	code := cmp.Or(w.applying(slot), w.blocked(family), w.room(family, slot, nil, model.NoLimit))
	if code == ok && slices.ContainsFunc(w.applied, func(a *townApplication) bool {
		return a.family == family && a.slot == slot && a.status == model.ApplicationApplied
	}) {
		code = "already_applied"
	}
	if code == ok {
		w.applied = append(w.applied, &townApplication{family: family, slot: slot, status: model.ApplicationApplied})
	}
	return code
}

func (w *town) withdraw(a *townApplication) string {
	if a.status != model.ApplicationApplied {
		return "application_ended"
	}
	a.status = model.ApplicationWithdrawn
	return ok
}

func (w *town) announce(slot int) string {
	d := w.slots[slot].draw
	switch {
	case d.announced:
		return ok
	case d.status != model.DrawOpen, !w.now.Before(d.at):
		return "draw_source_late"
	}
	d.announced = true
	return ok
}

func (w *town) enter(slot int) string {
	d := w.slots[slot].draw
	switch {
	case d.entered:
		return ok
	case d.status == model.DrawDrawn, d.status == model.DrawVoid:
		return "draw_randomness_given"
	case !d.announced:
		return "draw_source_missing"
	case d.status != model.DrawClosed:
		return "draw_randomness_early"
	}
	d.entered = true
	return ok
}

// applicants are those who are still to be drawn for a slot.
func (w *town) applicants(slot int) (list []*townApplication) {
	for _, a := range w.applied {
		if a.slot == slot && a.status == model.ApplicationApplied {
			list = append(list, a)
		}
	}
	return list
}

func (w *town) callOffDraw(slot int) {
	d := w.slots[slot].draw
	if d == nil || d.status == model.DrawDrawn {
		return
	}
	d.status = model.DrawVoid
	for _, a := range w.applicants(slot) {
		a.status = model.ApplicationVoid
	}
}

// draws takes every draw as far as it can go now, the earliest first; then those who were drawn are booked.
func (w *town) draws(chance func(slot int) []*townApplication) (wrong string) {
	before := len(w.line)
	var due []int
	for i, s := range w.slots {
		if s.draw != nil && (s.draw.status == model.DrawOpen || s.draw.status == model.DrawClosed) && !w.now.Before(s.draw.at) && !w.waits(i) {
			due = append(due, i)
		}
	}
	slices.SortStableFunc(due, func(a, b int) int { return w.slots[a].draw.at.Compare(w.slots[b].draw.at) })
	for _, slot := range due {
		if w.closeDraw(slot); w.slots[slot].draw.status != model.DrawClosed || w.waits(slot) {
			continue
		}
		if wrong := w.drawPlaces(slot, chance(slot)); wrong != ok {
			return wrong
		}
	}
	for _, e := range w.line[before:] {
		if e.status == model.WaitingOffered {
			e.booking, _ = w.accept(e) // what a rule refuses stays held
		}
	}
	return ok
}

// closeDraw leaves out who cannot come any more, and settles the list.
func (w *town) closeDraw(slot int) {
	s, d := w.slots[slot], w.slots[slot].draw
	if !w.now.Before(s.cutoff) {
		w.callOffDraw(slot)
		return
	}
	for _, a := range w.applicants(slot) {
		if slices.ContainsFunc(w.bookings, func(b *townBooking) bool { return b.family == a.family && b.live() && w.overlap(b.slot, slot) }) {
			a.status = model.ApplicationVoid
		}
	}
	if d.status == model.DrawClosed {
		return
	}
	d.status = model.DrawClosed
	for _, a := range w.applicants(slot) {
		a.listed, a.visited = true, w.visited(a.family, s.start)
	}
	if d.announced {
		d.until = d.at.Add(w.limits.drawWait)
		if last := s.cutoff.Add(-w.limits.drawKnown); last.Before(d.until) {
			d.until = last
		}
	}
}

func (w *town) waits(slot int) bool {
	d := w.slots[slot].draw
	return d.status == model.DrawClosed && d.announced && !d.entered && w.now.Before(d.until)
}

// visited reports whether the child has been at a site in the month of a day, in Shanghai.
func (w *town) visited(family int, day time.Time) bool {
	month := func(t time.Time) string { return inShanghai(t).Format("2006-01") }
	return slices.ContainsFunc(w.bookings, func(b *townBooking) bool {
		return b.family == family && (b.status == model.BookingCheckedIn || b.status == model.BookingCompleted) && month(w.slots[b.slot].start) == month(day)
	})
}

// drawPlaces gives the places in the drawn order. Which order is chance, but everybody listed stands in it once, and who has
// not been there this month stands before who has.
func (w *town) drawPlaces(slot int, order []*townApplication) (wrong string) {
	s := w.slots[slot]
	drawn := map[*townApplication]bool{}
	for i, a := range order {
		if a.slot != slot || !a.listed || drawn[a] {
			return "somebody is drawn who is not on the list, or twice"
		}
		if i > 0 && order[i-1].visited && !a.visited {
			return "who has been there is drawn before who has not"
		}
		drawn[a] = true
	}
	for _, a := range w.applied {
		if a.slot == slot && a.listed && !drawn[a] {
			return "somebody on the list is not drawn"
		}
	}
	s.draw.status = model.DrawDrawn
	booked, held, _ := w.counts(slot)
	for places := s.capacity - booked - held; len(order) > 0; order = order[1:] {
		a := order[0]
		if a.status != model.ApplicationApplied {
			continue
		}
		e := &townEntry{family: a.family, slot: slot, status: model.WaitingInLine, application: a}
		w.line = append(w.line, e)
		a.status = model.ApplicationLost
		if places > 0 {
			a.status = model.ApplicationWon
			w.offer(e)
			places--
		}
	}
	return ok
}
