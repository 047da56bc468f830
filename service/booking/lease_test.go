package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// lease takes what is due, as one server's runner does.
func (s *shop) lease() []model.Work {
	s.t.Helper()
	due, err := s.Store.LeaseWork(context.Background(), model.LaneHouse, s.Now(), time.Minute, 20)
	s.must(err)
	return due
}

// A server leases a promotion, stops for ten minutes, and comes back when another has done it: what it does then is void.
func TestServerComesBackWithALease(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 1)
		holder, first, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.cancel(holder, b)
		held := s.lease()
		if len(held) != 1 || held[0].Kind != model.WorkPromote {
			s.t.Fatalf("leased %+v", held)
		}
		if again := s.lease(); len(again) != 0 {
			s.t.Fatalf("another server leased %+v meanwhile", again)
		}
		s.pass(10 * time.Minute)
		s.work() // another server's
		if err := s.Promote(context.Background(), held[0]); !errors.Is(err, model.ErrLeaseLost) {
			s.t.Errorf("the server that came back was told %v", err)
		}
		s.stands(first, w1, model.WaitingOffered, 0)
		s.stands(second, w2, model.WaitingInLine, 1)
		s.counts(slot, 0, 1, 1)
	})
}

// daysToNewYear is how far off the next New Year's Day is that leaves time to book, to move and to cancel before its eve.
func daysToNewYear(w *modeltest.World) int {
	today := w.Day(0)
	newYear := model.Date{Year: today.AddDays(10).Year + 1, Month: time.January, Day: 1}
	return today.DaysUntil(newYear)
}

// Two sessions around New Year's midnight are of two allowances, and so is a booking that moves from one to the other.
func TestAllowanceIsOfTheSlotsYear(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		ahead := daysToNewYear(s.world)
		released := func(sl *model.Slot) { sl.ReleaseAt = s.Now().Add(-time.Hour) }
		eve, first := s.world.AddSlot(ahead-1, 2, released), s.world.AddSlot(ahead, 2, released)
		f := s.family()
		used := func(day model.Date) int {
			s.t.Helper()
			a, err := s.AllowanceOf(ctx, f.resident, f.child, day)
			s.must(err)
			return a.Used
		}
		b := s.book(f, eve)
		if used(eve.Date) != 1 || used(first.Date) != 0 {
			s.t.Errorf("used %d of the old year and %d of the new, want 1 and 0", used(eve.Date), used(first.Date))
		}
		moved, err := s.Move(ctx, f.resident, s.key(), b.ID, booking.Wish{SlotID: first.ID})
		s.must(err)
		if used(eve.Date) != 0 || used(first.Date) != 1 {
			s.t.Errorf("moved: used %d of the old year and %d of the new, want 0 and 1", used(eve.Date), used(first.Date))
		}
		back, err := s.Move(ctx, f.resident, s.key(), moved.ID, booking.Wish{SlotID: eve.ID})
		s.must(err)
		s.pass(s.world.Day(0).In(s.Zone).AddDate(0, 0, ahead-1).Add(-48 * time.Hour).Sub(s.Now()))
		s.cancel(f, back)
		if used(eve.Date) != 0 || used(first.Date) != 0 {
			s.t.Errorf("cancelled: used %d of the old year and %d of the new, want none", used(eve.Date), used(first.Date))
		}
	})
}

// The same unit returned and taken by many hands around the new year never passes what was granted.
func TestMovingAcrossTheYearsUnderARush(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	ahead := daysToNewYear(s.world)
	released := func(sl *model.Slot) { sl.ReleaseAt = s.Now().Add(-time.Hour) }
	eve, first := s.world.AddSlot(ahead-1, 10, released), s.world.AddSlot(ahead, 10, released)
	var told modeltest.Tally
	modeltest.Together(8, func(i int) {
		f := s.family()
		here, there := eve, first
		if i%2 == 1 {
			here, there = first, eve
		}
		b := s.book(f, here)
		modeltest.Together(3, func(int) {
			_, err := s.Move(context.Background(), f.resident, s.key(), b.ID, booking.Wish{SlotID: there.ID})
			told.Add(err)
		})
	})
	told.Exactly(t, map[string]int{"ok": 8, "booking_ended": 16})
	s.counts(eve, 4, 0, 0)
	s.counts(first, 4, 0, 0)
	s.world.Sound()
}
