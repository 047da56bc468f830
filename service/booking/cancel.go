package booking

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// cancelAsked is what is asked of a cancelling.
type cancelAsked struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Cancel gives a resident's booking back. The same key again gives the same answer.
func (s *Service) Cancel(ctx context.Context, resident, key, id, reason string) (model.Booking, error) {
	request := s.request(resident, key, "cancel", cancelAsked{id, reason})
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.cancel(ctx, tx, guardian(resident), resident, id, reason, request.At)
	})
}

// CancelAll gives back every booking of a resident that has not begun, as when an account is closed. Each is its own
// transaction: whatever stops it in between, what is done is whole and the rest can be done again. Staff is who does it for the
// resident; empty, the resident himself.
func (s *Service) CancelAll(ctx context.Context, resident, staff, reason string) error {
	upcoming, err := s.Store.ListUpcomingOf(ctx, resident, s.Now())
	if err != nil {
		return err
	}
	for _, b := range upcoming {
		err := s.Store.InTx(ctx, func(tx *model.Store) error {
			_, err := s.cancel(ctx, tx, handFor(resident, staff), resident, b.ID, reason, s.Now())
			return err
		})
		if err != nil && !errors.Is(err, model.ErrBookingEnded) { // someone else may have ended it meanwhile
			return err
		}
	}
	return nil
}

func (s *Service) cancel(ctx context.Context, tx *model.Store, by hand, resident, id, reason string, now time.Time) (model.Booking, error) {
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
	if b.Status == model.BookingLateCancelled { // its mark is added to the child's others, one after the other
		if _, err := tx.HoldChild(ctx, b.ChildID); err != nil {
			return b, err
		}
	}
	if err := giveBack(ctx, tx, b, from, policy, now); err != nil {
		return b, err
	}
	return b, s.writeCancelled(ctx, tx, by, b, from, policy)
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
	if err := tx.OwePromotion(ctx, b.SlotID, now); err != nil {
		return err
	}
	if err := tx.EndBooking(ctx, b, from); err != nil {
		return err
	}
	return tx.AddEntry(ctx, b.AllowanceID, b.ID, model.EntryReturn, -units, now)
}

func (s *Service) writeCancelled(ctx context.Context, tx *model.Store, by hand, b model.Booking, from model.BookingStatus, policy model.ServicePolicy) error {
	if err := s.writeEnded(ctx, tx, by, b, from, policy); err != nil {
		return err
	}
	return tx.AddNotices(ctx, cancelledNotice(b, s.Zone))
}

// writeEnded writes the event of a cancelled booking, and the mark that a late cancel leaves.
func (s *Service) writeEnded(ctx context.Context, tx *model.Store, by hand, b model.Booking, from model.BookingStatus, policy model.ServicePolicy) error {
	if b.Status == model.BookingLateCancelled {
		if err := s.giveMark(ctx, tx, b, policy.LateCancelPoints); err != nil {
			return err
		}
	}
	return tx.AddEvents(ctx, b.Changed(from, by.actor, by.id))
}

// giveMark notes a late cancel. The notice of the cancelling tells of it; another tells what it comes to, once that is a
// strike more or a block.
func (s *Service) giveMark(ctx context.Context, tx *model.Store, b model.Booking, points int) error {
	mark := model.Mark{ChildID: b.ChildID, BookingID: b.ID, Kind: model.MarkLateCancel, Points: points, CreatedAt: b.UpdatedAt}
	before, after, rules, err := tx.GiveMark(ctx, b, mark)
	if err != nil || !after.Reaches(before) {
		return err
	}
	return tx.AddNotices(ctx, model.StrikeNotice(b, mark, after, rules, s.Zone))
}
