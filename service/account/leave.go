package account

import (
	"context"
	"slices"

	"jiamenkou/model"
)

// Close ends an account: places are given back, the person and the children are erased, sessions end at once. What
// remains are counts and lawful records that name nobody. Doing it again after a failure half-way finishes it. While a
// child is at a site nothing is touched: model.ErrChildHasBookings.
func (s *Service) Close(ctx context.Context, resident string) error {
	return s.close(ctx, resident, own(resident), "注销账号")
}

func (s *Service) close(ctx context.Context, resident string, by hand, reason string) error {
	if err := s.refuseInSession(ctx, resident); err != nil {
		return err
	}
	if err := s.Bookings.CancelAll(ctx, resident, by.staff(), "注销账号"); err != nil {
		return err
	}
	if err := s.Store.InTx(ctx, func(tx *model.Store) error { return s.erase(ctx, tx, resident, by, reason) }); err != nil {
		return err
	}
	_, err := s.EndSessions(ctx, resident, "")
	return err
}

// refuseInSession looks before anything is given back. A session that begins after this look stops the erasing.
func (s *Service) refuseInSession(ctx context.Context, resident string) error {
	children, err := s.Store.ListChildrenOf(ctx, resident)
	if err != nil {
		return err
	}
	for _, child := range children {
		live, err := s.Store.ListLiveOf(ctx, child.ID, s.Now())
		if err != nil {
			return err
		}
		there, err := s.Store.ChildIsAtSite(ctx, child.ID)
		if err != nil {
			return err
		}
		if there || slices.ContainsFunc(live, func(b model.Booking) bool { return !s.Now().Before(b.StartAt) }) {
			return model.ErrChildHasBookings
		}
	}
	return nil
}

func (s *Service) erase(ctx context.Context, tx *model.Store, resident string, by hand, reason string) error {
	who, err := tx.LockResident(ctx, resident)
	if err != nil || who.Status == model.ResidentClosed {
		return err
	}
	children, err := tx.ListChildrenOf(ctx, resident)
	if err != nil {
		return err
	}
	for i := range children { // by id, all before the first slot
		if children[i], err = s.lockToErase(ctx, tx, resident, children[i].ID); err != nil {
			return err
		}
	}
	if err := s.eraseLocked(ctx, tx, resident, by, children...); err != nil {
		return err
	}
	if err := tx.DropMessageConsents(ctx, resident); err != nil {
		return err
	}
	from := who.Status
	who.Erase(s.Now())
	if err := tx.SaveResident(ctx, who, from); err != nil {
		return err
	}
	return tx.AddEvents(ctx, residentEvent(who, from, by.actor, by.id, reason))
}

// Block stops an account and ends its sessions at once; staff is who does it.
func (s *Service) Block(ctx context.Context, resident, reason, staff string) error {
	// First, so that with Redis away nothing is done; and again after, for a session begun in between.
	if _, err := s.EndSessions(ctx, resident, ""); err != nil {
		return err
	}
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := tx.LockResident(ctx, resident)
		if err != nil || who.Status != model.ResidentActive {
			return err
		}
		who.Status, who.UpdatedAt = model.ResidentBlocked, s.Now()
		if err := tx.SaveResident(ctx, who, model.ResidentActive); err != nil {
			return err
		}
		return tx.AddEvents(ctx, residentEvent(who, model.ResidentActive, model.ActorStaff, staff, reason))
	})
	if err != nil {
		return err
	}
	_, err = s.EndSessions(ctx, resident, "")
	return err
}

func residentEvent(who model.Resident, from model.ResidentStatus, actor model.Actor, actorID, reason string) model.Event {
	return model.Event{
		Subject: "resident", SubjectID: who.ID, FromState: string(from), ToState: string(who.Status),
		Actor: actor, ActorID: actorID, Reason: reason, CreatedAt: who.UpdatedAt,
	}
}
