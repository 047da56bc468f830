package booking_test

import (
	"cmp"
	"slices"
	"time"

	"jiamenkou/model"
)

// town is what the house should be like: the rules of the domain, written once more in memory, without locks, SQL or
// retries. It knows slots, families and staff by small numbers.
type town struct {
	now      time.Time
	quiet    func(time.Time) time.Time
	limits   townLimits
	slots    []*townSlot
	families []*townFamily
	bookings []*townBooking
	line     []*townEntry       // in the order of joining, over all slots
	applied  []*townApplication // to draws, in the order of applying
}

type townLimits struct {
	live, waiting, granted int
	offer                  time.Duration
	drawWait, drawKnown    time.Duration
}

type townSlot struct {
	start, end, cutoff, release time.Time
	capacity                    int
	cancelled                   bool
	draw                        *townDraw // nil: first come, first served
}

type townFamily struct{ marks []*townMark }

// townMark is a wasted place.
type townMark struct {
	booking *townBooking
	points  int
	lifted  bool
}

func (f *townFamily) points() (sum int) {
	for _, m := range f.marks {
		if !m.lifted {
			sum += m.points
		}
	}
	return sum
}

type townBooking struct {
	family, slot int
	freeUntil    time.Time
	status       model.BookingStatus
}

type townEntry struct {
	family, slot int
	status       model.WaitingStatus
	expires      time.Time
	application  *townApplication // of the draw it comes from
	booking      *townBooking     // that the house itself has made of it
}

func (b townBooking) live() bool {
	return b.status == model.BookingConfirmed || b.status == model.BookingCheckedIn
}

func (e townEntry) live() bool {
	return e.status == model.WaitingInLine || e.status == model.WaitingOffered
}

// counts are the places of a slot that are booked and held, and the children that wait.
func (w *town) counts(slot int) (booked, held, waiting int) {
	for _, b := range w.bookings {
		if b.slot == slot && slices.Contains([]model.BookingStatus{model.BookingConfirmed, model.BookingCheckedIn, model.BookingCompleted, model.BookingNoShow}, b.status) {
			booked++
		}
	}
	for _, e := range w.line {
		switch {
		case e.slot == slot && e.status == model.WaitingOffered:
			held++
		case e.slot == slot && e.status == model.WaitingInLine:
			waiting++
		}
	}
	return booked, held, waiting
}

func (w *town) used(family int) int {
	n := 0
	for _, b := range w.bookings {
		if b.family == family && b.status != model.BookingCancelled && b.status != model.BookingLateCancelled && b.status != model.BookingSiteCancelled {
			n++
		}
	}
	return n
}

func (w *town) overlap(a, b int) bool {
	return w.slots[a].start.Before(w.slots[b].end) && w.slots[b].start.Before(w.slots[a].end)
}

const ok = ""

// open is what is said of a slot before anything else is asked.
func (w *town) open(slot int) string {
	s := w.slots[slot]
	booked, held, waiting := w.counts(slot)
	switch {
	case s.cancelled:
		return "slot_closed"
	case !w.now.Before(s.end):
		return "slot_cut_off"
	case w.now.Before(s.release):
		return "slot_not_released"
	case !w.now.Before(s.cutoff):
		return "slot_cut_off"
	case s.drawing():
		return "slot_in_draw"
	case booked+held+waiting >= s.capacity:
		return "slot_full"
	}
	return ok
}

// ahead, full, offered and waitedFor are where something is likely to happen: slots, entries and bookings by number.
func (w *town) ahead() (slots []int) {
	for i, s := range w.slots {
		if w.now.Before(s.cutoff) && !s.cancelled {
			slots = append(slots, i)
		}
	}
	return slots
}

func (w *town) full() (slots []int) {
	for i := range w.slots {
		if w.open(i) == "slot_full" {
			slots = append(slots, i)
		}
	}
	return slots
}

func (w *town) offered() (entries []int) {
	for i, e := range w.line {
		if e.status == model.WaitingOffered {
			entries = append(entries, i)
		}
	}
	return entries
}

func (w *town) waitedFor() (bookings []int) {
	for i, b := range w.bookings {
		if _, _, waiting := w.counts(b.slot); waiting > 0 && b.live() {
			bookings = append(bookings, i)
		}
	}
	return bookings
}

func (w *town) blocked(family int) string {
	if w.families[family].points() >= 6 {
		return "booking_blocked"
	}
	return ok
}

// room judges the child's live bookings, but for one that ends at the same time.
func (w *town) room(family, slot int, instead *townBooking, most int) string {
	live := 0
	var mine []*townBooking
	for _, b := range w.bookings {
		if b.family == family && b != instead && b.live() && w.now.Before(w.slots[b.slot].end) {
			live++
			mine = append(mine, b)
		}
	}
	slices.SortFunc(mine, func(a, b *townBooking) int { return w.slots[a.slot].start.Compare(w.slots[b.slot].start) })
	for _, b := range mine {
		if b.slot == slot {
			return "already_booked"
		}
		if w.overlap(b.slot, slot) {
			return "booking_overlap"
		}
	}
	if live >= most {
		return "too_many_bookings"
	}
	return ok
}

func (w *town) pay(family int, returned int) string {
	if w.used(family)-returned >= w.limits.granted {
		return "allowance_used_up"
	}
	return ok
}

// take makes the booking, and takes the child off the lists for the time.
func (w *town) take(family, slot int) *townBooking {
	b := &townBooking{family, slot, w.slots[slot].start.Add(-12 * time.Hour), model.BookingConfirmed}
	w.bookings = append(w.bookings, b)
	for _, e := range w.line {
		if e.family == family && e.live() && w.overlap(e.slot, slot) {
			e.status = model.WaitingLeft
		}
	}
	return b
}

func (w *town) book(family, slot int) (*townBooking, string) {
	code := cmp.Or(w.open(slot), w.blocked(family), w.room(family, slot, nil, w.limits.live), w.pay(family, 0))
	if code != ok {
		return nil, code
	}
	return w.take(family, slot), ok
}

// override books for somebody at the door, with a reason.
func (w *town) override(family, slot int) (*townBooking, string) {
	s := w.slots[slot]
	booked, held, waiting := w.counts(slot)
	code := ok
	switch {
	case s.cancelled:
		code = "slot_closed"
	case !w.now.Before(s.end):
		code = "slot_cut_off"
	case s.drawing():
		code = "slot_in_draw"
	case booked+held+waiting >= s.capacity:
		code = "slot_full"
	}
	if code = cmp.Or(code, w.room(family, slot, nil, model.NoLimit), w.pay(family, 0)); code != ok {
		return nil, code
	}
	return w.take(family, slot), ok
}

func (w *town) ending(b *townBooking) string {
	switch {
	case b.status != model.BookingConfirmed:
		return "booking_ended"
	case !w.now.Before(w.slots[b.slot].start):
		return "booking_started"
	}
	return ok
}

func (w *town) end(b *townBooking) {
	b.status = model.BookingCancelled
	if w.now.After(b.freeUntil) {
		b.status = model.BookingLateCancelled
		w.mark(b, 1)
	}
}

func (w *town) cancel(b *townBooking) string {
	if code := w.ending(b); code != ok {
		return code
	}
	w.end(b)
	return ok
}

func (w *town) move(b *townBooking, slot int) (*townBooking, string) {
	code := cmp.Or(w.ending(b), w.open(slot), w.blocked(b.family), w.room(b.family, slot, b, w.limits.live), w.pay(b.family, 1))
	if code != ok {
		return nil, code
	}
	w.end(b)
	return w.take(b.family, slot), ok
}

func (w *town) wait(family, slot int) (*townEntry, string) {
	code := w.open(slot)
	switch code {
	case ok:
		code = "slot_has_places"
	case "slot_full":
		code = ok
	}
	code = cmp.Or(code, w.blocked(family), w.room(family, slot, nil, model.NoLimit))
	lists := 0
	for _, e := range w.line {
		if e.family == family && e.live() {
			if lists++; e.slot == slot && code == ok {
				code = "already_waiting"
			}
		}
	}
	if code == ok && lists >= w.limits.waiting {
		code = "too_many_waiting"
	}
	if code != ok {
		return nil, code
	}
	e := &townEntry{family: family, slot: slot, status: model.WaitingInLine}
	w.line = append(w.line, e)
	return e, ok
}

func (w *town) leave(e *townEntry) string {
	switch e.status {
	case model.WaitingInLine:
		e.status = model.WaitingLeft
	case model.WaitingOffered:
		e.status = model.WaitingDeclined
	default:
		return "waiting_ended"
	}
	return ok
}

func (w *town) accept(e *townEntry) (*townBooking, string) {
	code := ok
	switch {
	case e.status == model.WaitingInLine:
		code = "place_not_offered"
	case e.status == model.WaitingExpired, e.status == model.WaitingOffered && !w.now.Before(e.expires):
		code = "offer_expired"
	case e.status != model.WaitingOffered:
		code = "waiting_ended"
	}
	code = cmp.Or(code, w.blocked(e.family), w.room(e.family, e.slot, nil, w.limits.live), w.pay(e.family, 0))
	if code != ok {
		return nil, code
	}
	e.status = model.WaitingAccepted
	return w.take(e.family, e.slot), ok
}

func (w *town) close(slot int) string {
	s := w.slots[slot]
	if s.cancelled || !w.now.Before(s.end) {
		return "slot_closed"
	}
	for _, b := range w.bookings {
		if b.slot == slot && b.status == model.BookingCheckedIn {
			return "slot_in_session"
		}
	}
	s.cancelled = true
	for _, b := range w.bookings {
		if b.slot == slot && b.live() {
			b.status = model.BookingSiteCancelled
		}
	}
	for _, e := range w.line {
		if e.slot == slot && e.live() {
			e.status = model.WaitingLeft
		}
	}
	w.callOffDraw(slot)
	return ok
}

// capacity gives a slot another number of places.
func (w *town) capacity(slot, places int) string {
	s := w.slots[slot]
	booked, held, _ := w.counts(slot)
	switch {
	case s.cancelled:
		return "slot_closed"
	case !w.now.Before(s.start):
		return "session_over"
	case booked+held > places:
		return "capacity_too_small"
	}
	s.capacity = places
	return ok
}

// awaited is why a child is not awaited any more.
func (b townBooking) awaited() string {
	switch b.status {
	case model.BookingConfirmed:
		return ok
	case model.BookingCheckedIn:
		return "already_checked_in"
	case model.BookingCompleted:
		return "already_left"
	case model.BookingNoShow:
		return "already_no_show"
	}
	return "booking_cancelled"
}

// inShanghai it is eight hours later all year.
func inShanghai(t time.Time) time.Time { return t.UTC().Add(8 * time.Hour) }

func sameDay(a, b time.Time) bool {
	return inShanghai(a).Format(time.DateOnly) == inShanghai(b).Format(time.DateOnly)
}

// arrive checks a child in at the door, also one that was given up.
func (w *town) arrive(b *townBooking) string {
	s, missed := w.slots[b.slot], b.status == model.BookingNoShow
	if code := b.awaited(); code != ok && !missed {
		return code
	}
	if missed && s.cancelled {
		return "slot_closed"
	}
	early, late := w.now.Before(s.start.Add(-time.Hour)), !w.now.Before(s.end)
	switch {
	case (early || late) && !sameDay(s.start, w.now):
		return "check_in_other_day"
	case early:
		return "check_in_too_early"
	case late:
		return "check_in_too_late"
	}
	if missed {
		if code := w.room(b.family, b.slot, b, model.NoLimit); code != ok {
			return "booking_overlap"
		}
		for _, m := range w.families[b.family].marks {
			m.lifted = m.lifted || m.booking == b
		}
		for _, e := range w.line {
			if e.family == b.family && e.live() && w.overlap(e.slot, b.slot) {
				e.status = model.WaitingLeft
			}
		}
	}
	b.status = model.BookingCheckedIn
	return ok
}

func (w *town) handOver(b *townBooking) string {
	switch b.status {
	case model.BookingCheckedIn:
		b.status = model.BookingCompleted
		return ok
	case model.BookingConfirmed, model.BookingNoShow:
		return "not_checked_in"
	}
	return b.awaited()
}

func (w *town) miss(b *townBooking) string {
	if code := b.awaited(); code != ok {
		return code
	}
	if w.now.Before(w.slots[b.slot].start.Add(30 * time.Minute)) {
		return "no_show_too_early"
	}
	b.status = model.BookingNoShow
	w.mark(b, 2)
	return ok
}

func (w *town) mark(b *townBooking, points int) {
	f := w.families[b.family]
	f.marks = append(f.marks, &townMark{booking: b, points: points})
}

func (w *town) lift(m *townMark) string {
	if m.lifted {
		return "mark_lifted"
	}
	m.lifted = true
	return ok
}

// several books what can be booked, earlier sessions first; all is all or none. It gives the bookings and the refusals by
// slot.
func (w *town) several(family int, slots []int, all bool) (refused map[int]string, code string) {
	refused = map[int]string{}
	inTime := slices.Clone(slots)
	slices.SortFunc(inTime, func(a, b int) int { return w.slots[a].start.Compare(w.slots[b].start) })
	before, line := len(w.bookings), []model.WaitingStatus{}
	for _, e := range w.line {
		line = append(line, e.status)
	}
	for _, s := range inTime {
		if _, code := w.book(family, s); code != ok {
			refused[s] = code
		}
	}
	if len(refused) == len(slots) || all && len(refused) > 0 {
		w.bookings = w.bookings[:before]
		for i, e := range w.line {
			e.status = line[i]
		}
		return nil, "not_all_bookable"
	}
	return refused, ok
}

// sweep brings in line what is over.
func (w *town) sweep() {
	for _, b := range w.bookings {
		end := w.slots[b.slot].end
		switch {
		case b.status == model.BookingConfirmed && !w.now.Before(end):
			b.status = model.BookingNoShow
			w.mark(b, 2)
		case b.status == model.BookingCheckedIn && !w.now.Before(end.Add(12*time.Hour)):
			b.status = model.BookingCompleted
		}
	}
}

// work does what is owed: offers that are over end, lists close at the cut-off, places are drawn, vacant ones are offered. What
// chance says in a draw is asked of chance.
func (w *town) work(chance func(slot int) []*townApplication) (wrong string) {
	for _, e := range w.line {
		s := w.slots[e.slot]
		if e.status == model.WaitingOffered && !w.now.Before(e.expires) || e.live() && !w.now.Before(s.cutoff) {
			e.status = model.WaitingExpired
		}
	}
	if wrong = w.draws(chance); wrong != ok {
		return wrong
	}
	for i, s := range w.slots {
		booked, held, _ := w.counts(i)
		for _, e := range w.line {
			if e.slot == i && e.status == model.WaitingInLine && booked+held < s.capacity && !s.cancelled {
				w.offer(e)
				held++
			}
		}
	}
	return ok
}

// offer holds a place for an entry.
func (w *town) offer(e *townEntry) {
	e.status, e.expires = model.WaitingOffered, w.quiet(w.now).Add(w.limits.offer)
	if cutoff := w.slots[e.slot].cutoff; cutoff.Before(e.expires) {
		e.expires = cutoff
	}
}
