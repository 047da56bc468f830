package desk

import (
	"context"
	"errors"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// Sweep is the recurring work that brings in line what is over: children who did not come, stays nobody closed, sessions
// that have ended. Each record is a transaction of its own behind the lease, so that a sweep that is killed, or whose lease
// has gone to another server, leaves nothing half done and nothing twice. What is more than a batch is taken on at once
// by the next. A record that cannot be dealt with is told of at the end, when all others have been.
//
// Sessions that ended before the house first swept are left as they stand: nobody recorded then who came.
func (s *Service) Sweep(ctx context.Context, w model.Work) error {
	full := false
	var failed []error
	for _, sweep := range []func(context.Context, model.Work) (int, error){s.sweepMissed, s.sweepForgotten, s.sweepSlots} {
		n, err := sweep(ctx, w)
		if stops(ctx, err) {
			return err
		}
		failed = append(failed, err)
		full = full || n >= s.Limits.SweepBatch
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return s.behind(ctx, w, func(tx *model.Store) error {
		if full {
			return tx.PostponeWork(ctx, w, s.Now(), s.Now())
		}
		return tx.FinishWork(ctx, w, s.Now())
	})
}

// behind runs a transaction that is undone when the lease has gone to another server.
func (s *Service) behind(ctx context.Context, w model.Work, fn func(tx *model.Store) error) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, w); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (s *Service) sweepMissed(ctx context.Context, w model.Work) (done int, err error) {
	list, err := s.Store.ListMissed(ctx, w.CreatedAt, s.Now(), s.Limits.SweepBatch)
	if err != nil {
		return 0, err
	}
	return each(ctx, list, func(b model.Booking) error {
		return s.behind(ctx, w, func(tx *model.Store) error { return s.sweepMiss(ctx, tx, b) })
	})
}

// sweepMiss marks a child that did not come, unless its site takes no children: that never counts against a family.
func (s *Service) sweepMiss(ctx context.Context, tx *model.Store, b model.Booking) error {
	site, err := tx.FindSite(ctx, b.SiteID)
	if err != nil {
		return err
	}
	if site.Status == model.SiteSuspended {
		return s.Places.CallOff(ctx, tx, b, "宝宝屋暂停服务")
	}
	_, err = s.missOut(ctx, tx, b, "", s.Now())
	return err
}

// each deals with every record and counts those it has; the errors of the others are joined. It stops at once only when all
// that follow would fail too.
func each[T any](ctx context.Context, list []T, deal func(T) error) (done int, err error) {
	var failed []error
	for _, one := range list {
		err := unlessMoved(deal(one), &done)
		if stops(ctx, err) {
			return done, err
		}
		failed = append(failed, err)
	}
	return done, errors.Join(failed...)
}

// stops reports whether an error is not of one record: the lease, the time or the database is gone.
func stops(ctx context.Context, err error) bool {
	if err == nil {
		return false
	}
	f := fault.Of(err)
	return ctx.Err() != nil || errors.Is(err, model.ErrLeaseLost) || f != nil && f.Kind == fault.Unavailable
}

// unlessMoved counts what was done, and passes over what somebody else has brought into another state since it was listed.
func unlessMoved(err error, done *int) error {
	if err == nil {
		*done++
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict && !errors.Is(err, model.ErrLeaseLost) {
		return nil
	}
	return err
}

func (s *Service) sweepForgotten(ctx context.Context, w model.Work) (done int, err error) {
	list, err := s.Store.ListForgotten(ctx, s.Now().Add(-s.Limits.CloseAfter), s.Limits.SweepBatch)
	if err != nil {
		return 0, err
	}
	return each(ctx, list, func(b model.Booking) error {
		return s.behind(ctx, w, func(tx *model.Store) error { return s.closeStay(ctx, tx, b) })
	})
}

// closeStay has the child locked, as every hand-over has.
func (s *Service) closeStay(ctx context.Context, tx *model.Store, b model.Booking) error {
	if _, err := tx.HoldChild(ctx, b.ChildID); err != nil {
		return err
	}
	b, err := tx.LockBooking(ctx, b.ID)
	if err != nil {
		return err
	}
	from := b.Status
	if err := b.HandOver(s.Now(), s.Zone); err != nil {
		return err
	}
	_, err = s.endStay(ctx, tx, b, from, model.EndingUnrecorded, "", "")
	return err
}

func (s *Service) sweepSlots(ctx context.Context, w model.Work) (int, error) {
	list, err := s.Store.ListOver(ctx, s.Now(), s.Limits.SweepBatch)
	if err != nil {
		return 0, err
	}
	return each(ctx, list, func(slot model.Slot) error {
		return s.behind(ctx, w, func(tx *model.Store) error { return s.finishSlot(ctx, tx, slot.ID) })
	})
}

func (s *Service) finishSlot(ctx context.Context, tx *model.Store, id string) error {
	slot, err := tx.LockSlot(ctx, id)
	if err != nil || (slot.Status != model.SlotOpen && slot.Status != model.SlotClosed) {
		return err
	}
	from := slot.Status
	slot.Finish(s.Now())
	if err := tx.SaveSlotStatus(ctx, slot, from); err != nil {
		return err
	}
	return tx.AddEvents(ctx, model.Event{
		Subject: "slot", SubjectID: slot.ID, FromState: string(from), ToState: string(slot.Status), Actor: model.ActorSystem, CreatedAt: slot.UpdatedAt,
	})
}
