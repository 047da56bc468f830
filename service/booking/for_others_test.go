package booking_test

import (
	"context"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// keeperAt is somebody on duty at a site.
func (s *shop) keeperAt(site string) model.OnDuty {
	return model.OnDuty{StaffID: s.Store.NewID(), Grants: []model.Grant{{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: site}}}
}

// byStaff fails the test unless the last event of a subject was written by the member of staff, with the reason.
func (s *shop) byStaff(subject string, by model.OnDuty, reason string) {
	s.t.Helper()
	events, err := s.Store.ListEvents(context.Background(), subject)
	s.must(err)
	last := events[len(events)-1]
	if last.Actor != model.ActorStaff || last.ActorID != by.StaffID || last.Reason != reason {
		s.t.Errorf("the last event is %+v, want %s for %q", last, by.StaffID, reason)
	}
}

// A family rings when the session is full: it waits, is offered the place, and takes it, all by the keeper's hand; the
// guardian's inbox tells of it as if it had been his own. The same key is done once.
func TestWaitingForOthers(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.world.AddSlot(3, 1)
		keeper, elsewhere := s.keeperAt(s.world.Site.ID), s.keeperAt("none")
		holder, f, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		wish, key := booking.Wish{SlotID: slot.ID, ChildID: f.child}, s.key()
		_, err := s.WaitFor(ctx, elsewhere, key, f.resident, wish, "")
		s.refused(err, model.ErrSlotNotFound)
		_, err = s.WaitFor(ctx, keeper, key, f.resident, wish, "  ")
		s.refused(err, model.ErrReasonInvalid)
		w, err := s.WaitFor(ctx, keeper, key, f.resident, wish, "")
		s.must(err)
		again, err := s.WaitFor(ctx, keeper, key, f.resident, wish, "")
		s.must(err)
		if again.ID != w.ID {
			s.t.Errorf("the same key made %s after %s", again.ID, w.ID)
		}
		_, err = s.WaitFor(ctx, keeper, key, f.resident, wish, "家长急事")
		s.refused(err, model.ErrKeyReused)
		s.byStaff(w.ID, keeper, "")
		s.stands(f, w, model.WaitingInLine, 1)
		behind := s.wait(second, slot)
		s.cancel(holder, b)
		s.work()
		s.hasNotice(f, model.NoticePlaceOffered, w.ID)
		_, err = s.AcceptFor(ctx, elsewhere, s.key(), w.ID, false, "")
		s.refused(err, model.ErrWaitingNotFound)
		key = s.key()
		taken, err := s.AcceptFor(ctx, keeper, key, w.ID, false, "")
		s.must(err)
		if again, err := s.AcceptFor(ctx, keeper, key, w.ID, false, ""); err != nil || again.ID != taken.ID {
			s.t.Errorf("the same key made %s after %s: %v", again.ID, taken.ID, err)
		}
		s.byStaff(w.ID, keeper, "")
		s.byStaff(taken.ID, keeper, "")
		s.hasNotice(f, model.NoticeBooked, taken.ID)
		s.counts(slot, 1, 0, 1)
		_, err = s.LeaveLineFor(ctx, elsewhere, s.key(), behind.ID)
		s.refused(err, model.ErrWaitingNotFound)
		_, err = s.LeaveLineFor(ctx, keeper, s.key(), behind.ID)
		s.must(err)
		s.byStaff(behind.ID, keeper, "")
		s.stands(second, behind, model.WaitingLeft, 0)
	})
}

// A place that is held is declined on the telephone, and is the next one's at once.
func TestDecliningForOthers(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 1)
		holder, first, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.cancel(holder, b)
		s.work()
		_, err := s.LeaveLineFor(context.Background(), s.keeperAt(s.world.Site.ID), s.key(), w1.ID)
		s.must(err)
		s.work()
		s.stands(first, w1, model.WaitingDeclined, 0)
		s.stands(second, w2, model.WaitingOffered, 0)
	})
}

// A reason sets age, strikes and the number of lists aside for one step, and stands in its event. Accepting judges anew.
func TestOverridesWhileWaiting(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		keeper := s.keeperAt(s.world.Site.ID)
		slot, free := s.world.AddSlot(3, 1), s.world.AddSlot(4, 1)
		holder, f := s.family(), s.family()
		f.child = s.world.AddChild(f.resident, 3) // months old
		b := s.book(holder, slot)
		wish := booking.Wish{SlotID: slot.ID, ChildID: f.child}
		_, err := s.WaitFor(ctx, keeper, s.key(), f.resident, wish, "")
		s.refused(err, model.ErrTooYoung)
		s.Limits.Waiting = 0
		_, err = s.WaitFor(ctx, keeper, s.key(), f.resident, booking.Wish{SlotID: free.ID, ChildID: f.child}, "父母住院")
		s.refused(err, model.ErrSlotHasPlaces) // nobody waits where there is a place
		w, err := s.WaitFor(ctx, keeper, s.key(), f.resident, wish, "父母住院")
		s.must(err)
		s.byStaff(w.ID, keeper, "父母住院")
		s.cancel(holder, b)
		s.work()
		_, err = s.AcceptFor(ctx, keeper, s.key(), w.ID, false, "")
		s.refused(err, model.ErrTooYoung)
		taken, err := s.AcceptFor(ctx, keeper, s.key(), w.ID, false, "父母还在住院")
		s.must(err)
		s.byStaff(taken.ID, keeper, "父母还在住院")
		s.counts(slot, 1, 0, 0)
	})
}

// A family rings for a session that is drawn: it applies, may withdraw, and takes part in the draw as everybody does.
func TestApplyingForOthers(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		keeper, elsewhere := s.keeperAt(s.world.Site.ID), s.keeperAt("none")
		slot := s.drawSlot(6, 1, threeDays)
		f, other := s.family(), s.family()
		wish, key := booking.Wish{SlotID: slot.ID, ChildID: f.child}, s.key()
		_, err := s.ApplyFor(ctx, elsewhere, key, f.resident, wish, "")
		s.refused(err, model.ErrSlotNotFound)
		a, err := s.ApplyFor(ctx, keeper, key, f.resident, wish, "")
		s.must(err)
		if again, err := s.ApplyFor(ctx, keeper, key, f.resident, wish, ""); err != nil || again.ID != a.ID {
			s.t.Errorf("the same key made %s after %s: %v", again.ID, a.ID, err)
		}
		_, err = s.ApplyFor(ctx, keeper, s.key(), f.resident, wish, "")
		s.refused(err, model.ErrAlreadyApplied)
		s.byStaff(a.ID, keeper, "")
		_, err = s.WithdrawFor(ctx, elsewhere, s.key(), a.ID)
		s.refused(err, model.ErrApplicationNotFound)
		gone, err := s.WithdrawFor(ctx, keeper, s.key(), s.apply(other, slot).ID)
		s.must(err)
		s.byStaff(gone.ID, keeper, "")
		s.drawnBy(slot)
		if a = s.result(f, a); a.Status != model.ApplicationWon {
			s.t.Errorf("drawn, it is %s", a.Status)
		}
		_, err = s.WithdrawFor(ctx, keeper, s.key(), a.ID)
		s.refused(err, model.ErrApplicationEnded)
	})
}

// A booking is moved on the telephone: within the scope alone, whole or not at all; an override is for the new place.
func TestMovingForOthers(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		other, _ := s.world.AddSite("310104003", "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		keeper, there := s.keeperAt(s.world.Site.ID), s.keeperAt(other.ID)
		from, to := s.world.AddSlot(3, 1), s.world.AddSlot(20, 1, func(sl *model.Slot) { sl.ReleaseAt = sl.StartAt.Add(-24 * time.Hour) })
		outside := s.world.AddSlot(4, 1, func(sl *model.Slot) { sl.SiteID = other.ID })
		f := s.family()
		old := s.book(f, from)
		_, err := s.MoveFor(ctx, there, s.key(), old.ID, booking.Wish{SlotID: outside.ID}, "")
		s.refused(err, model.ErrBookingNotFound)
		_, err = s.MoveFor(ctx, keeper, s.key(), old.ID, booking.Wish{SlotID: outside.ID}, "")
		s.refused(err, model.ErrSlotNotFound)
		_, err = s.MoveFor(ctx, keeper, s.key(), old.ID, booking.Wish{SlotID: to.ID}, "")
		s.refused(err, model.ErrSlotNotReleased)
		s.counts(from, 1, 0, 0)
		key := s.key()
		moved, err := s.MoveFor(ctx, keeper, key, old.ID, booking.Wish{SlotID: to.ID}, "家长急事")
		s.must(err)
		if again, err := s.MoveFor(ctx, keeper, key, old.ID, booking.Wish{SlotID: to.ID}, "家长急事"); err != nil || again.ID != moved.ID {
			s.t.Errorf("the same key made %s after %s: %v", again.ID, moved.ID, err)
		}
		s.byStaff(moved.ID, keeper, "家长急事")
		s.byStaff(old.ID, keeper, "moved")
		s.hasNotice(f, model.NoticeMoved, moved.ID)
		s.counts(from, 0, 0, 0)
		s.counts(to, 1, 0, 0)
	})
}

// What a family has under way is shown of the sites within the scope, and of nobody else's.
func TestUnderWay(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		other, _ := s.world.AddSite("310104003", "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		f := s.family()
		late, soon, full, drawn := s.world.AddSlot(5, 1), s.world.AddSlot(3, 1), s.world.AddSlot(4, 1), s.drawSlot(6, 1, threeDays)
		outside := s.world.AddSlot(2, 1, func(sl *model.Slot) { sl.SiteID = other.ID })
		s.book(s.family(), full)
		w, b2, b1, a := s.wait(f, full), s.book(f, late), s.book(f, soon), s.apply(f, drawn)
		gone := s.book(f, outside)
		u, err := s.UnderWayWithin(ctx, s.keeperAt(s.world.Site.ID), f.resident)
		s.must(err)
		if len(u.Bookings) != 2 || u.Bookings[0].ID != b1.ID || u.Bookings[1].ID != b2.ID || u.Bookings[0].Site.ID != s.world.Site.ID {
			s.t.Errorf("booked: %+v", u.Bookings)
		}
		if len(u.Waiting) != 1 || u.Waiting[0].ID != w.ID || u.Waiting[0].Rank != 1 || len(u.Applications) != 1 || u.Applications[0].ID != a.ID {
			s.t.Errorf("waiting %+v, applied %+v", u.Waiting, u.Applications)
		}
		u, err = s.UnderWayWithin(ctx, s.keeperAt(other.ID), f.resident)
		s.must(err)
		if len(u.Bookings) != 1 || u.Bookings[0].ID != gone.ID || len(u.Waiting)+len(u.Applications) != 0 {
			s.t.Errorf("elsewhere: %+v", u)
		}
		s.cancel(f, b1)
		u, err = s.UnderWayWithin(ctx, s.keeperAt(s.world.Site.ID), f.resident)
		s.must(err)
		if len(u.Bookings) != 1 {
			s.t.Errorf("after cancelling: %+v", u.Bookings)
		}
		_, err = s.UnderWayWithin(ctx, s.keeperAt(s.world.Site.ID), "none")
		s.refused(err, model.ErrResidentNotFound)
	})
}

// Nothing is asked for whom the account has been stopped.
func TestNobodyActsForAStoppedAccount(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s := openShop(t, store)
		ctx := context.Background()
		keeper := s.keeperAt(s.world.Site.ID)
		full, drawn, from, to := s.world.AddSlot(3, 1), s.drawSlot(6, 1, threeDays), s.world.AddSlot(4, 1), s.world.AddSlot(5, 1)
		holder, f := s.family(), s.family()
		held := s.book(holder, full)
		old, w := s.book(f, from), s.wait(f, full)
		s.cancel(holder, held)
		s.work()
		who, err := s.Store.FindResident(ctx, f.resident)
		s.must(err)
		who.Status = model.ResidentBlocked
		s.must(s.Store.SaveResident(ctx, who, model.ResidentActive))
		_, err = s.AcceptFor(ctx, keeper, s.key(), w.ID, false, "家长急事")
		s.refused(err, model.ErrAccountBlocked)
		_, err = s.MoveFor(ctx, keeper, s.key(), old.ID, booking.Wish{SlotID: to.ID}, "家长急事")
		s.refused(err, model.ErrAccountBlocked)
		_, err = s.ApplyFor(ctx, keeper, s.key(), f.resident, booking.Wish{SlotID: drawn.ID, ChildID: f.child}, "家长急事")
		s.refused(err, model.ErrAccountBlocked)
		_, err = s.LeaveLineFor(ctx, keeper, s.key(), w.ID) // giving back is always possible
		s.must(err)
	})
}
