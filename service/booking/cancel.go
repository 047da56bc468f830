package booking

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// Cancel gives a resident's booking back. The same key again gives the same answer.
func (s *Service) Cancel(ctx context.Context, resident, key, id, reason string) (model.Booking, error) {
	asked := struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	}{id, reason}
	request := s.request(resident, key, "cancel", asked)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.cancel(ctx, tx, resident, id, reason, request.At)
	})
}

// CancelAll gives back every booking of a resident that has not begun, as when an account is closed. Each is its own
// transaction: whatever stops it in between, what is done is whole and the rest can be done again.
func (s *Service) CancelAll(ctx context.Context, resident, reason string) error {
	upcoming, err := s.Store.ListUpcomingOf(ctx, resident, s.Now())
	if err != nil {
		return err
	}
	for _, b := range upcoming {
		err := s.Store.InTx(ctx, func(tx *model.Store) error {
			_, err := s.cancel(ctx, tx, resident, b.ID, reason, s.Now())
			return err
		})
		if err != nil && !errors.Is(err, model.ErrBookingEnded) { // someone else may have ended it meanwhile
			return err
		}
	}
	return nil
}

func (s *Service) cancel(ctx context.Context, tx *model.Store, resident, id, reason string, now time.Time) (model.Booking, error) {
	b, err := tx.FindBookingOf(ctx, resident, id)
	if err != nil {
		return b, err
	}
	policy, err := tx.FindPolicy(ctx, b.PolicyID)
	if err != nil {
		return b, err
	}
	from := b.Status
	if err := b.Cancel(reason, now); err != nil {
		return b, err
	}
	if err := giveBack(ctx, tx, b, from, policy, now); err != nil {
		return b, err
	}
	return b, s.writeCancelled(ctx, tx, b, from, policy)
}

// giveBack returns what a booking held, in the house's lock order. The guard on the booking's state decides between
// two hands that cancel at once; the loser's transaction is undone whole.
func giveBack(ctx context.Context, tx *model.Store, b model.Booking, from model.BookingStatus, policy model.ServicePolicy, now time.Time) error {
	units := b.ReturnsAllowance(policy)
	if err := tx.ReturnAllowance(ctx, b.AllowanceID, units); err != nil {
		return err
	}
	if err := tx.ReleasePlace(ctx, b.SlotID, now); err != nil {
		return err
	}
	if err := tx.EndBooking(ctx, b, from); err != nil {
		return err
	}
	return tx.AddEntry(ctx, b.AllowanceID, b.ID, model.EntryReturn, -units, now)
}

func (s *Service) writeCancelled(ctx context.Context, tx *model.Store, b model.Booking, from model.BookingStatus, policy model.ServicePolicy) error {
	if b.Status == model.BookingLateCancelled {
		mark := model.Mark{ChildID: b.ChildID, BookingID: b.ID, Kind: model.MarkLateCancel, Points: policy.LateCancelPoints, CreatedAt: b.UpdatedAt}
		if err := tx.AddMark(ctx, mark); err != nil {
			return err
		}
	}
	if err := tx.AddEvents(ctx, changed(b, from, model.ActorResident, b.ResidentID)); err != nil {
		return err
	}
	return tx.AddNotices(ctx, cancelledNotice(b, s.Zone))
}
