package planning_test

import (
	"fmt"
	"testing"
	"time"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
	"jiamenkou/service/planning"
)

// race is a scene on MariaDB, which does not hide races.
func race(t *testing.T, at time.Time) *scene {
	t.Helper()
	db := modeltest.EmptyMariaDB(t)
	return newScene(t, db, modeltest.NewWorld(t, db.Found(t, founded), sealtest.NewBox(t)), at)
}

// server is another server on the same database, at the same time.
func (s *scene) server() *scene {
	other := newScene(s.t, s.db, s.w, s.now())
	other.Store = s.db.Store(s.t)
	other.bookings.Store = other.Store
	return other
}

// Two keepers at once want one room: one of them has it.
func TestTwoKeepersWantOneRoom(t *testing.T) {
	s := race(t, morning("2026-03-02"))
	servers := []*scene{s.server(), s.server(), s.server()}
	for round := range 5 {
		var told modeltest.Tally
		modeltest.Together(6, func(i int) {
			wish := s.wish(1+round, func(w *planning.Template) { w.StartMinute += 10 * i; w.EndMinute += 10 * i })
			_, err := servers[i%3].AddTemplate(ctx, s.by, fmt.Sprintf("round-%d-%d", round, i), wish)
			told.Add(err)
		})
		if told.Told()["ok"] != 1 || told.Told()["room_taken"] != 5 {
			t.Errorf("told %v, want one ok and five room_taken", told.Told())
		}
	}
	s.w.Sound()
}

// Several generators at once make each slot once and owe each draw once.
func TestGeneratorsAtOnceOweEachDrawOnce(t *testing.T) {
	s := race(t, morning("2026-03-02"))
	s.db.Exec(t, "UPDATE service_policies SET release_mode = 'draw'")
	s.plan()
	servers := []*scene{s.server(), s.server(), s.server(), s.server()}
	made := make([]int, len(servers))
	modeltest.Together(len(servers), func(i int) {
		n, err := servers[i].GenerateSlots(ctx)
		if err != nil {
			t.Error(err)
		}
		made[i] = n
	})
	slots := s.db.Count(t, "SELECT COUNT(*) FROM slots")
	owed := s.db.Count(t, "SELECT COUNT(*) FROM owed_work WHERE kind = 'draw'")
	apart := s.db.Count(t, "SELECT COUNT(DISTINCT subject_id) FROM owed_work WHERE kind = 'draw'")
	if total := made[0] + made[1] + made[2] + made[3]; slots != 11 || owed != 11 || apart != 11 || total != 11 {
		t.Errorf("%d slots, %d draws owed for %d slots, %v made; want 11", slots, owed, apart, made)
	}
	s.w.Sound()
}

// Staff cut places while families book them: never more are taken than there are, and everybody is told clearly.
func TestCutRacesBooking(t *testing.T) {
	s := race(t, morning("2026-03-02"))
	const families = 24
	template := s.add(s.wish(3, func(w *planning.Template) { w.Capacity = families }))
	slot := s.slotsOf(template.ID)["2026-03-04"]
	residents, children := make([]string, families), make([]string, families)
	for i := range families {
		residents[i], children[i] = s.family()
	}
	var booked, cut modeltest.Tally
	modeltest.Together(families+8, func(i int) {
		if i < families {
			_, err := s.bookings.Book(ctx, residents[i], fmt.Sprintf("race-%04d", i), booking.Wish{SlotID: slot.ID, ChildID: children[i]})
			booked.Add(err)
			return
		}
		n := i - families // down to four, by the slot and by the plan
		if n%2 == 0 {
			_, err := s.SetCapacity(ctx, s.by, fmt.Sprintf("cut-%04d", i), s.places(slot.ID, 4+n))
			cut.Add(err)
			return
		}
		capacity := 4 + n
		_, err := s.ChangeTemplate(ctx, s.by, fmt.Sprintf("cut-%04d", i), planning.Change{TemplateID: template.ID, Capacity: &capacity})
		cut.Add(err)
	})
	booked.Only(t, "slot_full")
	cut.Only(t, "capacity_too_small")
	after := s.slotsOf(template.ID)["2026-03-04"]
	if after.Booked != booked.Told()["ok"] || after.Booked > after.Capacity {
		t.Errorf("%d of %d places are booked, %v were told, %v cut", after.Booked, after.Capacity, booked.Told(), cut.Told())
	}
	s.w.Sound()
}

// Staff add places while families give theirs back: who waits is promised all of them.
func TestRaiseRacesCancel(t *testing.T) {
	s := race(t, morning("2026-03-02"))
	const families = 12
	template := s.add(s.wish(3, func(w *planning.Template) { w.Capacity = families }))
	slot := s.slotsOf(template.ID)["2026-03-04"]
	var bookings []model.Booking
	for range families {
		bookings = append(bookings, s.book(slot.ID))
	}
	const waiting = 6
	for range waiting {
		resident, child := s.family()
		_, err := s.bookings.Wait(ctx, resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: child})
		s.must(err)
	}
	var cancelled, raised modeltest.Tally
	modeltest.Together(8, func(i int) {
		if i < 4 {
			_, err := s.bookings.Cancel(ctx, bookings[i].ResidentID, fmt.Sprintf("cancel-%04d", i), bookings[i].ID, "other")
			cancelled.Add(err)
			return
		}
		_, err := s.SetCapacity(ctx, s.by, fmt.Sprintf("raise-%04d", i), s.places(slot.ID, families+i))
		raised.Add(err)
	})
	cancelled.Only(t)
	raised.Only(t)
	for _, w := range s.work(model.WorkPromote) {
		s.must(s.bookings.Promote(ctx, w))
	}
	after := s.slotsOf(template.ID)["2026-03-04"]
	if after.Booked != families-4 || after.Held != waiting || after.Held+after.Booked > after.Capacity {
		t.Errorf("%d booked, %d held of %d places", after.Booked, after.Held, after.Capacity)
	}
	s.w.Sound()
}

// A day is closed while its slots are made and booked: whoever got a place is cancelled by the site, nobody keeps one.
func TestClosingRacesGeneratingAndBooking(t *testing.T) {
	for round := range 2 {
		s := race(t, morning("2026-03-02"))
		s.plan()
		s.generate()
		slots, err := s.Slots(ctx, s.by, s.w.Site.ID, day("2026-03-11"), day("2026-03-11"))
		s.must(err)
		s.db.Exec(t, "DELETE FROM slots WHERE date BETWEEN '2026-03-12' AND '2026-03-16'") // to be made again, during the race
		residents, children := make([]string, 8), make([]string, 8)
		for i := range residents {
			residents[i], children[i] = s.family()
		}
		servers := []*scene{s.server(), s.server()}
		var booked, closed modeltest.Tally
		modeltest.Together(12, func(i int) {
			switch {
			case i < 8:
				_, err := s.bookings.Book(ctx, residents[i], fmt.Sprintf("race-%04d", i), booking.Wish{SlotID: slots[0].ID, ChildID: children[i]})
				booked.Add(err)
			case i < 10:
				if _, err := servers[i-8].GenerateSlots(ctx); err != nil {
					t.Error(err)
				}
			default:
				_, err := servers[i-10].AddException(ctx, s.by, fmt.Sprintf("close-%04d", i), s.closing("2026-03-11", "2026-03-16"))
				closed.Add(err)
			}
		})
		booked.Only(t, "slot_closed")
		closed.Only(t)
		for _, w := range s.work(model.WorkApplyException) {
			s.must(s.ApplyException(ctx, w))
		}
		s.generate()
		if open := s.db.Count(t, "SELECT COUNT(*) FROM slots WHERE status = 'open' AND date BETWEEN '2026-03-11' AND '2026-03-16'"); open != 0 {
			t.Errorf("round %d: %d slots are open on closed days", round, open)
		}
		if live := s.db.Count(t, "SELECT COUNT(*) FROM bookings WHERE status = 'confirmed'"); live != 0 {
			t.Errorf("round %d: %d bookings live on a closed day", round, live)
		}
		s.w.Sound()
	}
}
