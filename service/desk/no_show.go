package desk

import (
	"context"
	"time"

	"jiamenkou/model"
)

// MissOut notes by hand that a child has not come. The same key again gives the same answer.
func (s *Service) MissOut(ctx context.Context, by model.OnDuty, key, id string) (model.Booking, error) {
	request := s.request(by.StaffID, key, "no_show", id)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		b, _, err := findBooking(ctx, tx, by, id)
		if err != nil {
			return b, err
		}
		return s.missOut(ctx, tx, b, by.StaffID, request.At)
	})
}

// missOut has the child locked, so that its marks are added up one after the other; staff is empty for the system. The
// place and the free session stay used.
func (s *Service) missOut(ctx context.Context, tx *model.Store, b model.Booking, staff string, now time.Time) (model.Booking, error) {
	if _, err := tx.HoldChild(ctx, b.ChildID); err != nil {
		return b, err
	}
	b, err := tx.LockBooking(ctx, b.ID)
	if err != nil {
		return b, err
	}
	policy, err := tx.FindPolicy(ctx, b.PolicyID)
	if err != nil {
		return b, err
	}
	from := b.Status
	if err := b.MissOut(policy, now, s.Zone); err != nil {
		return b, err
	}
	if err := tx.EndBooking(ctx, b, from); err != nil {
		return b, err
	}
	if err := tx.AddEvents(ctx, changed(b, from, staff, "")); err != nil {
		return b, err
	}
	return b, s.giveMark(ctx, tx, b, policy.NoShowPoints)
}

// giveMark tells the guardian of every no-show: nothing else does.
func (s *Service) giveMark(ctx context.Context, tx *model.Store, b model.Booking, points int) error {
	if points == 0 {
		return nil
	}
	mark := model.Mark{ChildID: b.ChildID, BookingID: b.ID, Kind: model.MarkNoShow, Points: points, CreatedAt: b.UpdatedAt}
	_, tally, rules, err := tx.GiveMark(ctx, b, mark)
	if err != nil {
		return err
	}
	return tx.AddNotices(ctx, model.StrikeNotice(b, mark, tally, rules, s.Zone))
}
