package booking

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"jiamenkou/model"
)

// errSlotMoved says that bookings came or went between looking at the slot and locking it.
var errSlotMoved = errors.New("the slot's bookings changed while it was being closed")

const closeAttempts = 20

// CloseSlot calls a slot off for the site: all its bookings end, allowances return, guardians are told, and nothing
// of it counts against a family. It is one transaction; staff is who does it, empty for the system.
func (s *Service) CloseSlot(ctx context.Context, slotID, reason, staff string) (closed []model.Booking, err error) {
	if n := utf8.RuneCountInString(reason); n == 0 || n > model.LongestReason {
		return nil, model.ErrReasonInvalid
	}
	for range closeAttempts {
		live, err := s.Store.ListLiveIn(ctx, slotID)
		if err != nil {
			return nil, err
		}
		err = s.Store.InTx(ctx, func(tx *model.Store) error {
			closed, err = s.closeSlot(ctx, tx, slotID, reason, staff, live)
			return err
		})
		if !errors.Is(err, errSlotMoved) {
			return closed, err
		}
	}
	return nil, model.ErrStoreBusy.WithCause(errSlotMoved)
}

// closeSlot knows beforehand whose allowances it will lock, so that it can lock them before the slot as everyone
// else does; bookings that came or went meanwhile undo it.
func (s *Service) closeSlot(ctx context.Context, tx *model.Store, slotID, reason, staff string, live []model.Booking) ([]model.Booking, error) {
	now := s.Now()
	for _, b := range live { // ascending by allowance
		if err := tx.ReturnAllowance(ctx, b.AllowanceID, b.AllowanceUnits); err != nil {
			return nil, moved(err)
		}
	}
	slot, err := tx.LockSlot(ctx, slotID)
	if err != nil {
		return nil, err
	}
	from := slot.Status
	if err := slot.CallOff(reason, now); err != nil {
		return nil, err
	}
	locked, err := tx.ListLiveIn(ctx, slotID)
	if err != nil {
		return nil, err
	}
	if !sameBookings(live, locked) {
		return nil, errSlotMoved
	}
	return s.endAll(ctx, tx, slot, from, staff, locked)
}

func moved(err error) error {
	if errors.Is(err, model.ErrBookingEnded) {
		return errSlotMoved
	}
	return err
}

func sameBookings(a, b []model.Booking) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID {
			return false
		}
	}
	return true
}

func (s *Service) endAll(ctx context.Context, tx *model.Store, slot model.Slot, from model.SlotStatus, staff string, live []model.Booking) ([]model.Booking, error) {
	if err := tx.CallOffSlot(ctx, slot, len(live)); err != nil {
		return nil, err
	}
	for i := range live {
		if live[i].Status == model.BookingCheckedIn {
			return nil, model.ErrSlotInSession
		}
		if err := s.endBySite(ctx, tx, &live[i], slot.CancelReason, staff, slot.UpdatedAt); err != nil {
			return nil, err
		}
	}
	slotEvent := model.Event{
		Subject: "slot", SubjectID: slot.ID, FromState: string(from), ToState: string(slot.Status),
		Actor: actorOf(staff), ActorID: staff, Reason: slot.CancelReason, CreatedAt: slot.UpdatedAt,
	}
	return live, tx.AddEvents(ctx, slotEvent)
}

func (s *Service) endBySite(ctx context.Context, tx *model.Store, b *model.Booking, reason, staff string, now time.Time) error {
	from := b.Status
	b.CancelBySite(reason, now)
	if err := tx.EndBooking(ctx, *b, from); err != nil {
		return moved(err)
	}
	if err := tx.AddEntry(ctx, b.AllowanceID, b.ID, model.EntryReturn, -b.AllowanceUnits, now); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, changed(*b, from, actorOf(staff), staff)); err != nil {
		return err
	}
	return tx.AddNotices(ctx, siteCancelledNotice(*b, s.Zone))
}

func actorOf(staff string) model.Actor {
	if staff == "" {
		return model.ActorSystem
	}
	return model.ActorStaff
}
