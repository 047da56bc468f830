package booking_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// shop is a service whose clock stands still until it is moved, with its owed work done by hand.
type shop struct {
	*booking.Service
	world *modeltest.World
	t     testing.TB
	ahead atomic.Int64 // of the real clock's moment at which the shop was opened
	from  time.Time
	keys  atomic.Int64
}

func openShop(t testing.TB, store *model.Store) *shop {
	t.Helper()
	s, w := newService(t, store)
	sh := &shop{Service: s, world: w, t: t, from: modeltest.Now()}
	s.Now = func() time.Time { return sh.from.Add(time.Duration(sh.ahead.Load())) }
	return sh
}

func (s *shop) pass(d time.Duration) { s.ahead.Add(int64(d)) }

func (s *shop) key() string { return fmt.Sprintf("key-%06d", s.keys.Add(1)) }

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) refused(err error, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Errorf("got %v, want %v", err, want)
	}
}

// handlers are what the runner of owed work calls.
func (s *shop) handlers() map[model.WorkKind]func(context.Context, model.Work) error {
	return map[model.WorkKind]func(context.Context, model.Work) error{
		model.WorkPromote: s.Promote, model.WorkExpireOffer: s.ExpireOffer, model.WorkCloseLine: s.CloseLine,
		model.WorkDraw: s.Draw, model.WorkSettleDraw: s.SettleDraw,
	}
}

// work does what is due, and what comes of it.
func (s *shop) work() {
	s.t.Helper()
	for {
		due, err := s.Store.LeaseWork(context.Background(), model.LaneHouse, s.Now(), time.Minute, 20)
		s.must(err)
		if len(due) == 0 {
			return
		}
		for _, w := range due {
			s.must(s.handlers()[w.Kind](context.Background(), w))
		}
	}
}

// family is a child with its guardian.
type family struct{ resident, child string }

func (s *shop) family() family {
	s.t.Helper()
	resident, child := s.world.Family()
	return family{resident, child}
}

func (s *shop) book(f family, slot model.Slot) model.Booking {
	s.t.Helper()
	b, err := s.Book(context.Background(), f.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: f.child})
	s.must(err)
	return b
}

func (s *shop) wait(f family, slot model.Slot) model.WaitingEntry {
	s.t.Helper()
	w, err := s.Wait(context.Background(), f.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: f.child})
	s.must(err)
	return w
}

func (s *shop) cancel(f family, b model.Booking) {
	s.t.Helper()
	_, err := s.Cancel(context.Background(), f.resident, s.key(), b.ID, "mistake")
	s.must(err)
}

// stands fails the test unless an entry is in the state, with the rank.
func (s *shop) stands(f family, w model.WaitingEntry, status model.WaitingStatus, rank int) booking.Place {
	s.t.Helper()
	seen, err := s.FindWaitingOf(context.Background(), f.resident, w.ID)
	s.must(err)
	if seen.Status != status || seen.Rank != rank {
		s.t.Errorf("the entry is %s with rank %d, want %s with %d", seen.Status, seen.Rank, status, rank)
	}
	return seen
}

// counts fails the test unless the slot has so many places booked, held and waited for.
func (s *shop) counts(slot model.Slot, booked, held, waiting int) {
	s.t.Helper()
	got, err := s.Store.FindSlot(context.Background(), slot.ID)
	s.must(err)
	if got.Booked != booked || got.Held != held || got.Waiting != waiting {
		s.t.Errorf("booked %d, held %d, waiting %d; want %d, %d, %d", got.Booked, got.Held, got.Waiting, booked, held, waiting)
	}
}

func onBothShops(t *testing.T, test func(s *shop)) {
	t.Helper()
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s := openShop(t, store)
		test(s)
		s.world.Sound()
	})
}

// A freed place is held for who waits longest: nobody else gets it, however fast.
func TestFreedPlaceIsHeld(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.world.AddSlot(3, 1)
		holder, first, second, quick := s.family(), s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.stands(first, w1, model.WaitingInLine, 1)
		s.stands(second, w2, model.WaitingInLine, 2)
		s.cancel(holder, b)
		_, err := s.Book(ctx, quick.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: quick.child})
		s.refused(err, model.ErrSlotFull) // already before the offer
		_, err = s.Accept(ctx, first.resident, s.key(), w1.ID, false)
		s.refused(err, model.ErrNotOffered)
		s.work()
		s.counts(slot, 0, 1, 1)
		offered := s.stands(first, w1, model.WaitingOffered, 0)
		if until := s.Now().Add(30 * time.Minute); !offered.OfferExpiresAt.Equal(until) {
			t := s.t
			t.Errorf("held until %s, want %s", offered.OfferExpiresAt, until)
		}
		s.stands(second, w2, model.WaitingInLine, 1)
		_, err = s.Book(ctx, quick.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: quick.child})
		s.refused(err, model.ErrSlotFull)
		key := s.key()
		got, err := s.Accept(ctx, first.resident, key, w1.ID, false)
		s.must(err)
		again, err := s.Accept(ctx, first.resident, key, w1.ID, false)
		s.must(err)
		if got.ID != again.ID || got.SlotID != slot.ID || got.AllowanceUnits != 1 {
			s.t.Errorf("accepted as %+v, then as %+v", got, again)
		}
		_, err = s.Accept(ctx, first.resident, s.key(), w1.ID, false)
		s.refused(err, model.ErrWaitingEnded)
		s.counts(slot, 1, 0, 1)
	})
}

func TestDeclinedAndExpiredOffersGoOn(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.world.AddSlot(3, 1)
		holder := s.family()
		b := s.book(holder, slot)
		var families []family
		var entries []model.WaitingEntry
		for range 3 {
			f := s.family()
			families, entries = append(families, f), append(entries, s.wait(f, slot))
		}
		s.cancel(holder, b)
		s.work()
		key := s.key()
		for range 2 {
			left, err := s.Leave(ctx, families[0].resident, key, entries[0].ID)
			s.must(err)
			if left.Status != model.WaitingDeclined {
				s.t.Errorf("declining made it %s", left.Status)
			}
		}
		_, err := s.Leave(ctx, families[0].resident, s.key(), entries[0].ID)
		s.refused(err, model.ErrWaitingEnded)
		s.work()
		s.stands(families[1], entries[1], model.WaitingOffered, 0)
		s.pass(30 * time.Minute)
		_, err = s.Accept(ctx, families[1].resident, s.key(), entries[1].ID, false)
		s.refused(err, model.ErrOfferExpired) // on the moment, whether or not the job has run
		s.work()
		s.stands(families[1], entries[1], model.WaitingExpired, 0)
		s.stands(families[2], entries[2], model.WaitingOffered, 0)
		left, err := s.Leave(ctx, families[2].resident, s.key(), entries[2].ID)
		s.must(err)
		if left.Status != model.WaitingDeclined {
			s.t.Errorf("declining made it %s", left.Status)
		}
		s.work()
		s.counts(slot, 0, 0, 0)
		s.book(s.family(), slot) // nobody waits: public at once
	})
}

func TestLeavingTheLine(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 1)
		s.book(s.family(), slot)
		first, second := s.family(), s.family()
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		left, err := s.Leave(context.Background(), first.resident, s.key(), w1.ID)
		s.must(err)
		if left.Status != model.WaitingLeft {
			s.t.Errorf("leaving made it %s", left.Status)
		}
		s.stands(second, w2, model.WaitingInLine, 1)
		w3 := s.wait(first, slot) // again, behind
		s.stands(first, w3, model.WaitingInLine, 2)
		s.counts(slot, 1, 0, 2)
	})
}

// At the cut-off nobody waits any longer, and no place is held beyond it.
func TestCutOffEndsTheLine(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.world.AddSlot(3, 1)
		holder, first, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.pass(slot.CutoffAt.Sub(s.Now()) - 10*time.Minute)
		s.cancel(holder, b)
		s.work()
		offered := s.stands(first, w1, model.WaitingOffered, 0)
		if !offered.OfferExpiresAt.Equal(slot.CutoffAt) {
			s.t.Errorf("held until %s, beyond the cut-off %s", offered.OfferExpiresAt, slot.CutoffAt)
		}
		s.pass(10 * time.Minute)
		_, err := s.Accept(ctx, first.resident, s.key(), w1.ID, false)
		s.refused(err, model.ErrOfferExpired)
		s.work()
		s.stands(first, w1, model.WaitingExpired, 0)
		s.stands(second, w2, model.WaitingExpired, 0)
		s.counts(slot, 0, 0, 0)
		_, err = s.Wait(ctx, first.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: first.child})
		s.refused(err, model.ErrSlotCutOff)
	})
}

// Nobody is woken: what is offered at night is held until half an hour after the quiet hours.
func TestOffersAtNight(t *testing.T) {
	onBothShops(t, func(s *shop) {
		s.Limits.Quiet = model.QuietHours{From: 21*60 + 30, Until: 7*60 + 30}
		slot := s.world.AddSlot(3, 1)
		holder, first := s.family(), s.family()
		b := s.book(holder, slot)
		w := s.wait(first, slot)
		night := s.world.Day(1).At(23, 0, s.Zone)
		s.pass(night.Sub(s.Now()))
		s.cancel(holder, b)
		s.work()
		offered := s.stands(first, w, model.WaitingOffered, 0)
		if want := s.world.Day(2).At(8, 0, s.Zone); !offered.OfferExpiresAt.Equal(want) {
			s.t.Errorf("held until %s, want %s", offered.OfferExpiresAt.In(s.Zone), want)
		}
	})
}

func TestWhoMayWait(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		s.Limits.Waiting = 2
		free, full := s.world.AddSlot(3, 1), s.world.AddSlot(4, 1)
		f := s.family()
		wait := func(slot model.Slot) error {
			_, err := s.Wait(ctx, f.resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: f.child})
			return err
		}
		s.refused(wait(free), model.ErrSlotHasPlaces)
		s.book(s.family(), full)
		s.must(wait(full))
		s.refused(wait(full), model.ErrAlreadyWaiting)
		beside := s.world.AddSlot(4, 1, func(sl *model.Slot) { sl.StartAt = sl.StartAt.Add(time.Hour) })
		s.book(s.family(), beside)
		s.must(wait(beside)) // lists for overlapping times are fine, bookings are not
		third := s.world.AddSlot(5, 1)
		s.book(s.family(), third)
		s.refused(wait(third), model.ErrTooManyWaiting)
		held := s.world.AddSlot(6, 2)
		s.book(f, held)
		s.book(s.family(), held)
		s.refused(wait(held), model.ErrAlreadyBooked)
		over := s.world.AddSlot(6, 1, func(sl *model.Slot) { sl.StartAt = sl.StartAt.Add(time.Hour) })
		s.book(s.family(), over)
		s.refused(wait(over), model.ErrOverlap)
		young := s.world.AddChild(f.resident, 1)
		_, err := s.Wait(ctx, f.resident, s.key(), booking.Wish{SlotID: full.ID, ChildID: young})
		s.refused(err, model.ErrTooYoung)
		stranger := s.family()
		_, err = s.Wait(ctx, stranger.resident, s.key(), booking.Wish{SlotID: full.ID, ChildID: f.child})
		s.refused(err, model.ErrChildNotFound)
	})
}

// Whoever gets a place leaves all lists for the same time, with a place held elsewhere given on.
func TestBookingLeavesOverlappingLines(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		f, other := s.family(), s.family()
		hour := func(sl *model.Slot) { sl.StartAt = sl.StartAt.Add(time.Hour) }
		a, b, c, far := s.world.AddSlot(3, 1), s.world.AddSlot(3, 1, hour), s.world.AddSlot(3, 1, hour), s.world.AddSlot(4, 1)
		holders := map[string]family{}
		booked := map[string]model.Booking{}
		for _, slot := range []model.Slot{a, b, c, far} {
			holders[slot.ID] = s.family()
			booked[slot.ID] = s.book(holders[slot.ID], slot)
		}
		wa, wb, wc, wfar := s.wait(f, a), s.wait(f, b), s.wait(f, c), s.wait(f, far)
		wother := s.wait(other, b)
		s.cancel(holders[a.ID], booked[a.ID])
		s.cancel(holders[b.ID], booked[b.ID])
		s.work()
		s.stands(f, wb, model.WaitingOffered, 0)
		_, err := s.Accept(ctx, f.resident, s.key(), wa.ID, false)
		s.must(err)
		s.stands(f, wb, model.WaitingLeft, 0)
		s.stands(f, wc, model.WaitingLeft, 0)
		s.stands(f, wfar, model.WaitingInLine, 1)
		s.work()
		s.stands(other, wother, model.WaitingOffered, 0)
		s.counts(b, 0, 1, 0)
		s.counts(c, 1, 0, 0)
	})
}

// A capacity that grows is offered in the order of the line, and only what nobody waits for is anyone's.
func TestMorePlacesThanPeopleWait(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 3)
		var booked []model.Booking
		var holders []family
		for range 3 {
			f := s.family()
			holders, booked = append(holders, f), append(booked, s.book(f, slot))
		}
		waiting := s.family()
		w := s.wait(waiting, slot)
		s.cancel(holders[0], booked[0])
		s.cancel(holders[1], booked[1])
		s.book(s.family(), slot) // two are free and one waits
		_, err := s.Book(context.Background(), holders[0].resident, s.key(), booking.Wish{SlotID: slot.ID, ChildID: holders[0].child})
		s.refused(err, model.ErrSlotFull)
		s.work()
		s.stands(waiting, w, model.WaitingOffered, 0)
	})
}

func TestClosingEndsTheLine(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 1)
		holder, first, second := s.family(), s.family(), s.family()
		b := s.book(holder, slot)
		w1, w2 := s.wait(first, slot), s.wait(second, slot)
		s.cancel(holder, b)
		s.work()
		_, err := s.CloseSlot(context.Background(), slot.ID, "停水", "")
		s.must(err)
		s.stands(first, w1, model.WaitingLeft, 0)
		s.stands(second, w2, model.WaitingLeft, 0)
		notices, err := s.Store.ListNotices(context.Background(), second.resident, "", 10)
		s.must(err)
		if len(notices) != 1 || notices[0].Kind != model.NoticeWaitingEnded {
			s.t.Errorf("whoever waited was told %+v", notices)
		}
		s.work() // the offer's end finds nothing to do
		s.counts(slot, 0, 0, 0)
	})
}

func TestForgottenChildWaitsNowhere(t *testing.T) {
	onBothShops(t, func(s *shop) {
		ctx := context.Background()
		slot := s.world.AddSlot(3, 1)
		s.book(s.family(), slot)
		f := s.family()
		w := s.wait(f, slot)
		s.must(s.Store.InTx(ctx, func(tx *model.Store) error {
			if _, err := tx.LockChild(ctx, f.resident, f.child); err != nil {
				return err
			}
			return s.ForgetChildren(ctx, tx, f.resident, "", f.child)
		}))
		s.stands(f, w, model.WaitingLeft, 0)
		s.counts(slot, 1, 0, 0)
	})
}

// Whoever asks a moment before the cut-off may come to a list that has just been ended: it does not wait there for ever.
func TestJoiningWhileTheLineCloses(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 1)
		s.book(s.family(), slot)
		early, late := s.family(), s.family()
		s.wait(early, slot)
		s.pass(slot.CutoffAt.Add(-time.Millisecond).Sub(s.Now()))
		clock, asked := s.Now, false
		s.Service.Now = func() time.Time {
			at := clock()
			if !asked { // the request's own moment; the transaction comes after the line has closed
				asked = true
				s.pass(5 * time.Millisecond)
				s.work()
			}
			return at
		}
		w := s.wait(late, slot)
		s.work()
		s.stands(late, w, model.WaitingExpired, 0)
		s.counts(slot, 1, 0, 0)
	})
}

// A site that takes no children for the time being offers nothing, and goes on where it stopped.
func TestNothingIsOfferedAtASuspendedSite(t *testing.T) {
	modeltest.OnBothFounded(t, modeltest.Now().Add(-24*time.Hour), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		s := openShop(t, store)
		slot := s.world.AddSlot(3, 1)
		holder, first := s.family(), s.family()
		b := s.book(holder, slot)
		w := s.wait(first, slot)
		s.cancel(holder, b)
		d.Exec(t, "UPDATE sites SET status = 'suspended'")
		s.pass(6 * time.Second) // the directory is read again
		s.work()
		s.stands(first, w, model.WaitingInLine, 1)
		d.Exec(t, "UPDATE sites SET status = 'open'")
		s.pass(10 * time.Minute)
		s.work()
		s.stands(first, w, model.WaitingOffered, 0)
		s.world.Sound()
	})
}

// An offer whose end is looked at too early, since the clock was set back, ends at its time all the same.
func TestOfferOutlivesAClockSetBack(t *testing.T) {
	onBothShops(t, func(s *shop) {
		slot := s.world.AddSlot(3, 1)
		holder, first := s.family(), s.family()
		b := s.book(holder, slot)
		w := s.wait(first, slot)
		s.cancel(holder, b)
		s.work()
		s.pass(30 * time.Minute)
		due := s.lease()
		s.pass(-10 * time.Minute)
		for _, one := range due {
			s.must(s.ExpireOffer(context.Background(), one))
		}
		s.stands(first, w, model.WaitingOffered, 0)
		s.pass(10 * time.Minute)
		s.work()
		s.stands(first, w, model.WaitingExpired, 0)
	})
}
