package booking

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// errSlotMoved says that bookings came or went between looking at the slot and locking it.
var errSlotMoved = errors.New("the slot's bookings changed while it was being closed")

const closeAttempts = 20

// CloseSlot calls a slot off for the site: all its bookings and its waiting list end, allowances return, guardians are
// told, and nothing of it counts against a family. It is one transaction; staff is who does it, empty for the system.
func (s *Service) CloseSlot(ctx context.Context, slotID, reason, staff string) (closed []model.Booking, err error) {
	if err := model.CheckReason(reason); err != nil {
		return nil, err
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

// CallOff ends a booking of a site that cannot take the child, also after its time: its slot is not called off then any more.
// The caller has the child locked, or gives no mark.
func (s *Service) CallOff(ctx context.Context, tx *model.Store, b model.Booking, reason string) error {
	policy, err := tx.FindPolicy(ctx, b.PolicyID)
	if err != nil {
		return err
	}
	from := b.Status
	b.CancelBySite(reason, s.Now())
	if err := giveBack(ctx, tx, b, from, policy, b.UpdatedAt); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, b.Changed(from, model.ActorSystem, "")); err != nil {
		return err
	}
	return tx.AddNotices(ctx, siteCancelledNotice(b, s.Zone))
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
	if err := s.endLine(ctx, tx, slot.ID, model.WaitingLeft, staffHand(staff), slot.CancelReason, slotClosedNotice); err != nil {
		return nil, err
	}
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
	if err := s.endDraw(ctx, tx, slot, staffHand(staff)); err != nil {
		return nil, err
	}
	slotEvent := model.Event{
		Subject: "slot", SubjectID: slot.ID, FromState: string(from), ToState: string(slot.Status),
		Actor: model.StaffOrSystem(staff), ActorID: staff, Reason: slot.CancelReason, CreatedAt: slot.UpdatedAt,
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
	if err := tx.AddEvents(ctx, b.Changed(from, model.StaffOrSystem(staff), staff)); err != nil {
		return err
	}
	return tx.AddNotices(ctx, siteCancelledNotice(*b, s.Zone))
}
