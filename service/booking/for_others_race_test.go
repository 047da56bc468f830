package booking_test

import (
	"context"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// Staff accept on the telephone at the very moment at which the offer ends: either it is booked, or it is the next one's.
func TestAcceptingForOthersRacesExpiry(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	keeper := s.keeperAt(s.world.Site.ID)
	for round := range 12 {
		slot := s.world.AddSlot(3, 1)
		holder, first, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.cancel(holder, b)
		s.work()
		s.pass(30*time.Minute - time.Millisecond)
		var told modeltest.Tally
		stop := s.hurry(2)
		modeltest.Together(2, func(i int) {
			if i == 0 {
				_, err := s.AcceptFor(context.Background(), keeper, s.key(), w1.ID, false, "")
				told.Add(err)
				return
			}
			s.pass(time.Millisecond)
		})
		stop()
		s.pass(time.Minute)
		s.work()
		switch place, err := s.FindWaitingOf(context.Background(), first.resident, w1.ID); {
		case err != nil:
			t.Fatal(err)
		case place.Status == model.WaitingAccepted:
			told.Exactly(t, map[string]int{"ok": 1})
			s.stands(second, w2, model.WaitingInLine, 1)
		case place.Status == model.WaitingExpired:
			told.Exactly(t, map[string]int{"offer_expired": 1})
			s.stands(second, w2, model.WaitingOffered, 0)
		default:
			t.Fatalf("round %d: it stands as %s", round, place.Status)
		}
		s.world.Sound()
	}
}

// offered gives a family for whom the only place of a slot is held.
func (s *shop) offered() (model.Slot, family, model.WaitingEntry) {
	s.t.Helper()
	slot := s.world.AddSlot(3, 1)
	holder, f := s.family(), s.family()
	b := s.book(holder, slot)
	w := s.wait(f, slot)
	s.cancel(holder, b)
	s.work()
	return slot, f, w
}

// Staff and the guardian accept at once, under keys of their own: one place, one booking, one free session.
func TestStaffAndGuardianAcceptAtOnce(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	keeper := s.keeperAt(s.world.Site.ID)
	for range 8 {
		slot, f, w := s.offered()
		var told modeltest.Tally
		modeltest.Together(6, func(i int) {
			var err error
			if i%2 == 0 {
				_, err = s.AcceptFor(context.Background(), keeper, s.key(), w.ID, false, "")
			} else {
				_, err = s.Accept(context.Background(), f.resident, s.key(), w.ID, false)
			}
			told.Add(err)
		})
		if told.Told()["ok"] != 1 {
			t.Errorf("accepted: %v", told.Told())
		}
		told.Among(t, "already_booked", "waiting_ended")
		s.counts(slot, 1, 0, 0)
		if held := liveBookings(t, s.Store, f.resident); len(held) != 1 {
			t.Errorf("the family holds %v", held)
		}
	}
	s.world.Sound()
}

// Staff accept while the guardian declines in the mini-program: one of the two holds.
func TestStaffAcceptWhileTheGuardianDeclines(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	keeper := s.keeperAt(s.world.Site.ID)
	for range 8 {
		_, f, w := s.offered()
		var told modeltest.Tally
		modeltest.Together(2, func(i int) {
			var err error
			if i == 0 {
				_, err = s.AcceptFor(context.Background(), keeper, s.key(), w.ID, false, "")
			} else {
				_, err = s.Leave(context.Background(), f.resident, s.key(), w.ID)
			}
			told.Add(err)
		})
		told.Exactly(t, map[string]int{"ok": 1, "waiting_ended": 1})
		s.work()
	}
	s.world.Sound()
}

func TestMovingForOthersWhileTheTargetFills(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	keeper := s.keeperAt(s.world.Site.ID)
	s.movesWhileTheTargetFills(func(_ family, old model.Booking, to model.Slot) error {
		_, err := s.MoveFor(context.Background(), keeper, s.key(), old.ID, booking.Wish{SlotID: to.ID}, "")
		return err
	})
}

// A lost connection at the desk: one key is sent many times at once, and is done once.
func TestOneKeySentManyTimesForOthers(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	keeper := s.keeperAt(s.world.Site.ID)
	slot, drawn := s.world.AddSlot(3, 1), s.drawSlot(6, 1, threeDays)
	s.book(s.family(), slot)
	f := s.family()
	waiting, applying := s.key(), s.key()
	var told modeltest.Tally
	modeltest.Together(8, func(i int) {
		var err error
		if i%2 == 0 {
			_, err = s.WaitFor(context.Background(), keeper, waiting, f.resident, booking.Wish{SlotID: slot.ID, ChildID: f.child}, "")
		} else {
			_, err = s.ApplyFor(context.Background(), keeper, applying, f.resident, booking.Wish{SlotID: drawn.ID, ChildID: f.child}, "")
		}
		told.Add(err)
	})
	told.Among(t, "idempotency_in_progress")
	s.counts(slot, 1, 0, 1)
	u, err := s.UnderWayWithin(context.Background(), keeper, f.resident)
	s.must(err)
	if len(u.Waiting) != 1 || len(u.Applications) != 1 {
		t.Errorf("it stands as %+v", u)
	}
	s.world.Sound()
}
