package booking_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// hurry does owed work from several hands until stopped, as runners on several servers do.
func (s *shop) hurry(hands int) (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				due, err := s.Store.LeaseWork(context.Background(), model.LaneHouse, s.Now(), time.Minute, 5)
				if err != nil {
					s.t.Error(err)
					return
				}
				for _, w := range due {
					if err := s.handlers()[w.Kind](context.Background(), w); err != nil && !errors.Is(err, model.ErrLeaseLost) {
						s.t.Errorf("%s: %v", w.Kind, err)
					}
				}
				if len(due) == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	return func() { close(done); all.Wait() }
}

// The guardian accepts on the very moment at which the offer ends: either it is booked, or it is the next one's.
func TestAcceptRacesExpiry(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	for round := range 12 {
		slot := s.world.AddSlot(3, 1)
		holder, first, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.cancel(holder, b)
		s.work()
		s.pass(30*time.Minute - time.Millisecond)
		var told modeltest.Tally
		modeltest.Together(4, func(i int) {
			switch i {
			case 0:
				_, err := s.Accept(context.Background(), first.resident, s.key(), w1.ID, false)
				told.Add(err)
			case 1:
				s.pass(time.Millisecond)
			default:
				due, err := s.Store.LeaseWork(context.Background(), model.LaneHouse, s.Now(), time.Minute, 5)
				s.must(err)
				for _, w := range due {
					s.must(s.handlers()[w.Kind](context.Background(), w))
				}
			}
		})
		s.pass(time.Minute)
		s.work()
		place, err := s.FindWaitingOf(context.Background(), first.resident, w1.ID)
		s.must(err)
		switch place.Status {
		case model.WaitingAccepted:
			told.Exactly(t, map[string]int{"ok": 1})
			s.stands(second, w2, model.WaitingInLine, 1)
		case model.WaitingExpired:
			told.Exactly(t, map[string]int{"offer_expired": 1})
			s.stands(second, w2, model.WaitingOffered, 0)
		default:
			t.Fatalf("round %d: it stands as %s", round, place.Status)
		}
		s.world.Sound()
	}
}

// A booking is cancelled by many hands at once: once, with one place freed and one child offered it.
func TestDoubleCancelFreesOnePlace(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	slot := s.world.AddSlot(3, 2)
	holder := s.family()
	b := s.book(holder, slot)
	s.book(s.family(), slot)
	var waiting []model.WaitingEntry
	for range 3 {
		waiting = append(waiting, s.wait(s.family(), slot))
	}
	var told modeltest.Tally
	modeltest.Together(16, func(int) {
		_, err := s.Cancel(context.Background(), holder.resident, s.key(), b.ID, "")
		told.Add(err)
	})
	told.Exactly(t, map[string]int{"ok": 1, "booking_ended": 15})
	s.work()
	s.counts(slot, 1, 1, len(waiting)-1)
	s.world.Sound()
}

func TestMovingWhileTheTargetFills(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	s.movesWhileTheTargetFills(func(f family, old model.Booking, to model.Slot) error {
		_, err := s.Move(context.Background(), f.resident, s.key(), old.ID, booking.Wish{SlotID: to.ID})
		return err
	})
}

// movesWhileTheTargetFills moves bookings to slots that fill at the same moment: each ends up in exactly one of the two.
func (s *shop) movesWhileTheTargetFills(move func(f family, old model.Booking, to model.Slot) error) {
	t := s.t
	t.Helper()
	for range 8 {
		from, to := s.world.AddSlot(3, 1), s.world.AddSlot(4, 1)
		f, rival := s.family(), s.family()
		old := s.book(f, from)
		var moving, filling modeltest.Tally
		modeltest.Together(2, func(i int) {
			if i == 0 {
				moving.Add(move(f, old, to))
				return
			}
			_, err := s.Book(context.Background(), rival.resident, s.key(), booking.Wish{SlotID: to.ID, ChildID: rival.child})
			filling.Add(err)
		})
		held := liveBookings(t, s.Store, f.resident)
		if len(held) != 1 {
			t.Errorf("the family holds %d places", len(held))
		}
		if moving.Told()["ok"]+filling.Told()["ok"] != 1 || moving.Told()["slot_full"]+filling.Told()["slot_full"] != 1 {
			t.Errorf("moving: %v, booking: %v", moving.Told(), filling.Told())
		}
		if _, there := held[from.ID]; there != (moving.Told()["ok"] == 0) {
			t.Errorf("moving: %v, and the family holds %v", moving.Told(), held)
		}
	}
	s.world.Sound()
}

// Two families swap their places round and round, which locks the same slots from both sides: nobody sees a deadlock.
func TestMovingAgainstEachOther(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	a, b := s.world.AddSlot(3, 8), s.world.AddSlot(4, 8)
	var told modeltest.Tally
	modeltest.Together(12, func(i int) {
		f := s.family()
		here, there := a, b
		if i%2 == 1 {
			here, there = b, a
		}
		held := s.book(f, here)
		for range 6 {
			moved, err := s.Move(context.Background(), f.resident, s.key(), held.ID, booking.Wish{SlotID: there.ID})
			told.Add(err)
			if err == nil {
				held, here, there = moved, there, here
			}
		}
	})
	told.Among(t, "slot_full")
	s.world.Sound()
}

// The last free session is wanted by booking and by accepting at once, at two sites: it is used once.
func TestLastUnitAcceptedAndBooked(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	for range 6 {
		f, holder := s.family(), s.family()
		other, _ := s.world.AddSite("310104003", "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		slot := s.world.AddSlot(3, 1)
		free := s.world.AddSlot(4, 1, func(sl *model.Slot) { sl.SiteID = other.ID })
		b := s.book(holder, slot)
		w := s.wait(f, slot)
		s.Limits.AtOnce = 11
		_, err := s.several(f, true, shortSlots(s.world, 11, 1, 5)...) // eleven of twelve
		s.must(err)
		s.cancel(holder, b)
		s.work()
		var told modeltest.Tally
		modeltest.Together(2, func(i int) {
			var err error
			if i == 0 {
				_, err = s.Accept(context.Background(), f.resident, s.key(), w.ID, false)
			} else {
				_, err = s.Book(context.Background(), f.resident, s.key(), booking.Wish{SlotID: free.ID, ChildID: f.child})
			}
			told.Add(err)
		})
		told.Exactly(t, map[string]int{"ok": 1, "allowance_used_up": 1})
	}
	s.world.Sound()
}

// Everybody does everything at once, with several servers doing the owed work: at the end all adds up, and whoever
// waited longest at a slot with a place was offered it.
func TestLinesUnderAStorm(t *testing.T) {
	s := openShop(t, modeltest.Open(t))
	slots := []model.Slot{s.world.AddSlot(3, 2), s.world.AddSlot(3, 2, func(sl *model.Slot) { sl.StartAt = sl.StartAt.Add(time.Hour) }), s.world.AddSlot(4, 2)}
	var families []family
	for range 16 {
		families = append(families, s.family())
	}
	stop := s.hurry(3)
	var told modeltest.Tally
	modeltest.Together(len(families), func(i int) {
		random := rand.New(rand.NewPCG(uint64(i), 26))
		for range 25 {
			told.Add(s.anything(random, families[i], slots))
		}
	})
	stop()
	s.work()
	told.Among(t, "slot_full", "slot_has_places", "already_booked", "booking_overlap", "already_waiting", "booking_ended", "waiting_ended",
		"place_not_offered", "offer_expired", "too_many_bookings")
	s.world.Sound()
}

// anything is one of the things a guardian can do.
func (s *shop) anything(random *rand.Rand, f family, slots []model.Slot) error {
	ctx := context.Background()
	slot := slots[random.IntN(len(slots))]
	wish := booking.Wish{SlotID: slot.ID, ChildID: f.child}
	held, err := s.Store.ListBookingsOf(ctx, f.resident, model.BookingFilter{LiveAt: s.Now()}, "", 10)
	if err != nil {
		return err
	}
	waiting, err := s.Store.ListWaitingOf(ctx, f.resident, true, "", 10)
	if err != nil {
		return err
	}
	switch choice := random.IntN(7); {
	case choice == 0 && len(held) > 0:
		_, err = s.Cancel(ctx, f.resident, s.key(), held[random.IntN(len(held))].ID, "")
	case choice == 1 && len(held) > 0:
		_, err = s.Move(ctx, f.resident, s.key(), held[random.IntN(len(held))].ID, wish)
	case choice == 2 && len(waiting) > 0:
		_, err = s.Leave(ctx, f.resident, s.key(), waiting[random.IntN(len(waiting))].ID)
	case choice <= 4 && len(waiting) > 0:
		_, err = s.Accept(ctx, f.resident, s.key(), waiting[random.IntN(len(waiting))].ID, false)
	case choice == 5:
		_, err = s.Book(ctx, f.resident, s.key(), wish)
	default:
		_, err = s.Wait(ctx, f.resident, s.key(), wish)
	}
	return err
}
