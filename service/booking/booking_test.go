package booking_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// newService puts a booking service into a fresh world.
func newService(t testing.TB, store *model.Store) (*booking.Service, *modeltest.World) {
	t.Helper()
	w := modeltest.NewWorld(t, store, sealtest.NewBox(t))
	return &booking.Service{
		Store: store, Box: w.Box, Now: modeltest.Now, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Limits: booking.Limits{LiveBookings: 20, KeepAnswers: 24 * time.Hour, SlotsAhead: 14, Waiting: 10, AtOnce: 10},
	}, w
}

func TestBookAndCancel(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s, w := newService(t, store)
		ctx := context.Background()
		resident, child := w.Family()
		slot := w.AddSlot(3, 2)
		wish := booking.Wish{SlotID: slot.ID, ChildID: child}

		booked, err := s.Book(ctx, resident, "key-00001", wish)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Book(ctx, resident, "key-00001", wish)
		if err != nil || again.ID != booked.ID {
			t.Fatalf("the same key gave %v, %v", again.ID, err)
		}
		if held, err := s.AllowanceOf(ctx, resident, child, slot.Date); err != nil || held.Used != 1 || held.Granted != 12 {
			t.Fatalf("allowance %+v, %v", held, err)
		}
		if _, err := s.Book(ctx, resident, "key-00002", wish); !errors.Is(err, model.ErrAlreadyBooked) {
			t.Fatalf("booking twice: %v", err)
		}
		ended, err := s.Cancel(ctx, resident, "key-00003", booked.ID, "孩子感冒")
		if err != nil || ended.Status != model.BookingCancelled {
			t.Fatalf("cancel: %+v, %v", ended, err)
		}
		if held, err := s.AllowanceOf(ctx, resident, child, slot.Date); err != nil || held.Used != 0 {
			t.Fatalf("allowance after cancelling %+v, %v", held, err)
		}
		w.Sound()
	})
}

// Sixty-four families want one slot of ten: exactly ten get it, the others are told it is full, and nobody sees a
// deadlock.
func TestRushOnOneSlot(t *testing.T) {
	s, w := newService(t, modeltest.Open(t))
	slot := w.AddSlot(3, 10)
	var won, full atomic.Int64
	var all sync.WaitGroup
	for i := range 64 {
		resident, child := w.Family()
		all.Go(func() {
			_, err := s.Book(context.Background(), resident, fmt.Sprintf("rush-%04d", i), booking.Wish{SlotID: slot.ID, ChildID: child})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, model.ErrSlotFull):
				full.Add(1)
			default:
				t.Errorf("family %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if won.Load() != 10 || full.Load() != 54 {
		t.Errorf("%d won and %d were told full; want 10 and 54", won.Load(), full.Load())
	}
	w.Sound()
}
