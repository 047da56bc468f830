package booking_test

import (
	"context"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/service/booking"
)

func (s *shop) several(f family, all bool, slots ...model.Slot) (booking.Several, error) {
	s.t.Helper()
	wishes := booking.Wishes{ChildID: f.child, All: all}
	for _, slot := range slots {
		wishes.SlotIDs = append(wishes.SlotIDs, slot.ID)
	}
	return s.BookSeveral(context.Background(), f.resident, s.key(), wishes)
}

func TestSeveralAllOrNone(t *testing.T) {
	onBothShops(t, func(s *shop) {
		f := s.family()
		a, full, c := s.world.AddSlot(3, 2), s.world.AddSlot(4, 1), s.world.AddSlot(5, 2)
		s.book(s.family(), full)
		_, err := s.several(f, true, a, full, c)
		s.refused(err, booking.ErrNotAllBookable)
		if got := fault.Of(err); len(got.Fields) != 1 || got.Fields[0].Name != "body.slot_ids[1]" || got.Fields[0].Message != model.ErrSlotFull.Message {
			s.t.Errorf("the reasons are %+v", got.Fields)
		}
		s.counts(a, 0, 0, 0)
		done, err := s.several(f, true, c, a)
		s.must(err)
		if len(done.Bookings) != 2 || done.Bookings[0].SlotID != a.ID || len(done.Refused) != 0 {
			s.t.Errorf("done: %+v", done)
		}
	})
}

func TestSeveralWhatFits(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		f := s.family()
		a, full, c := s.world.AddSlot(3, 2), s.world.AddSlot(4, 1), s.world.AddSlot(5, 2)
		beside := s.world.AddSlot(3, 2, func(sl *model.Slot) { sl.StartAt = sl.StartAt.Add(time.Hour) })
		s.book(s.family(), full)
		key := s.key()
		wishes := booking.Wishes{SlotIDs: []string{beside.ID, c.ID, full.ID, a.ID}, ChildID: f.child}
		done, err := s.BookSeveral(ctx, f.resident, key, wishes)
		s.must(err)
		codes := map[string]string{}
		for _, r := range done.Refused {
			codes[r.SlotID] = r.Code
		}
		if len(done.Bookings) != 2 || codes[full.ID] != "slot_full" || codes[beside.ID] != "booking_overlap" {
			s.t.Errorf("done: %+v", done)
		}
		again, err := s.BookSeveral(ctx, f.resident, key, wishes)
		s.must(err)
		if len(again.Bookings) != 2 || again.Bookings[0].ID != done.Bookings[0].ID {
			s.t.Errorf("again: %+v", again)
		}
		_, err = s.several(f, false, full, a)
		s.refused(err, booking.ErrNotAllBookable)
	})
}

// The allowance goes to the earlier sessions; a place that cannot be paid for is not taken.
func TestSeveralUpToTheAllowance(t *testing.T) {
	onBothShops(t, func(s *shop) {
		s.Limits.AtOnce = 14
		f := s.family()
		slots := shortSlots(s.world, 14, 3)
		done, err := s.several(f, false, slots...)
		s.must(err)
		if len(done.Bookings) != 12 || len(done.Refused) != 2 || done.Refused[0].SlotID != slots[12].ID || done.Refused[0].Code != "allowance_used_up" {
			s.t.Errorf("%d booked, refused %+v", len(done.Bookings), done.Refused)
		}
		s.counts(slots[13], 0, 0, 0)
	})
}

func TestSeveralAsksForSense(t *testing.T) {
	onBothShops(t, func(s *shop) {
		f, a := s.family(), s.world.AddSlot(3, 2)
		s.Limits.AtOnce = 1
		_, err := s.several(f, true, a, s.world.AddSlot(4, 1))
		s.refused(err, booking.ErrTooManyAtOnce)
		s.Limits.AtOnce = 2
		_, err = s.several(f, true, a, a)
		s.refused(err, booking.ErrSlotTwice)
		_, err = s.several(family{f.resident, s.family().child}, true, a)
		s.refused(err, model.ErrChildNotFound)
	})
}

func TestMove(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		f, waiting := s.family(), s.family()
		from, to, full := s.world.AddSlot(3, 1), s.world.AddSlot(4, 1), s.world.AddSlot(5, 1)
		s.book(s.family(), full)
		old := s.book(f, from)
		w := s.wait(waiting, from)
		move := func(key string, slot model.Slot) (model.Booking, error) {
			return s.Move(ctx, f.resident, key, old.ID, booking.Wish{SlotID: slot.ID})
		}
		_, err := move(s.key(), full)
		s.refused(err, model.ErrSlotFull)
		s.counts(from, 1, 0, 1)
		key := s.key()
		moved, err := move(key, to)
		s.must(err)
		if moved.MovedFrom == nil || *moved.MovedFrom != old.ID || moved.SlotID != to.ID {
			s.t.Errorf("moved to %+v", moved)
		}
		if again, err := move(key, to); err != nil || again.ID != moved.ID {
			s.t.Errorf("again: %+v, %v", again, err)
		}
		if held, err := s.AllowanceOf(ctx, f.resident, f.child, to.Date); err != nil || held.Used != 1 {
			s.t.Errorf("allowance %+v, %v", held, err)
		}
		s.work()
		s.stands(waiting, w, model.WaitingOffered, 0)
		_, err = move(s.key(), to)
		s.refused(err, model.ErrBookingEnded)
	})
}

// The last free session can be moved, within the hours of one day too, though the child's time overlaps.
func TestMoveTheLastUnit(t *testing.T) {
	onBothShops(t, func(s *shop) {
		s.Limits.AtOnce = 12
		f := s.family()
		slots := shortSlots(s.world, 12, 3)
		done, err := s.several(f, true, slots...)
		s.must(err)
		beside := s.world.AddSlot(3, 1, func(sl *model.Slot) {
			sl.StartAt, sl.EndAt = slots[11].StartAt.Add(time.Minute), slots[11].EndAt.Add(time.Minute)
		})
		_, err = s.Move(context.Background(), f.resident, s.key(), done.Bookings[11].ID, booking.Wish{SlotID: beside.ID})
		s.must(err)
	})
}

func TestMovingLateIsLate(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		f := s.family()
		from, to := s.world.AddSlot(3, 1), s.world.AddSlot(4, 1)
		old := s.book(f, from)
		s.pass(old.FreeCancelUntil.Sub(s.Now()) + time.Minute)
		_, err := s.Move(ctx, f.resident, s.key(), old.ID, booking.Wish{SlotID: to.ID})
		s.must(err)
		marks, err := s.Store.ListMarks(ctx, f.child, time.Time{})
		s.must(err)
		if len(marks) != 1 || marks[0].Kind != model.MarkLateCancel {
			s.t.Errorf("marks %+v", marks)
		}
	})
}

func TestBookingForOthers(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		f := s.family()
		keeper := model.OnDuty{StaffID: s.Store.NewID(), Grants: []model.Grant{{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: s.world.Site.ID}}}
		elsewhere := model.OnDuty{StaffID: s.Store.NewID(), Grants: []model.Grant{{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: "none"}}}
		later := s.world.AddSlot(20, 1, func(sl *model.Slot) { sl.ReleaseAt = sl.StartAt.Add(-24 * time.Hour) })
		wish := booking.Wish{SlotID: later.ID, ChildID: f.child}
		_, err := s.BookFor(ctx, elsewhere, s.key(), f.resident, wish, "家长急事")
		s.refused(err, model.ErrSlotNotFound)
		_, err = s.BookFor(ctx, keeper, s.key(), f.resident, wish, "")
		s.refused(err, model.ErrSlotNotReleased)
		_, err = s.BookFor(ctx, keeper, s.key(), f.resident, wish, " \t")
		s.refused(err, model.ErrReasonInvalid) // a blank sets nothing aside
		b, err := s.BookFor(ctx, keeper, s.key(), f.resident, wish, "家长急事")
		s.must(err)
		events, err := s.Store.ListEvents(ctx, b.ID)
		s.must(err)
		if len(events) != 1 || events[0].Actor != model.ActorStaff || events[0].ActorID != keeper.StaffID || events[0].Reason != "家长急事" {
			s.t.Errorf("events %+v", events)
		}
		_, err = s.BookFor(ctx, keeper, s.key(), s.family().resident, wish, "家长急事")
		s.refused(err, model.ErrSlotFull) // never beyond the places
		_, err = s.CancelFor(ctx, elsewhere, s.key(), b.ID, "other")
		s.refused(err, model.ErrBookingNotFound)
		_, err = s.CancelFor(ctx, keeper, s.key(), b.ID, "other")
		s.must(err)
	})
}
