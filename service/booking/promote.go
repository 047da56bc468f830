package booking

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// offersAtOnce bounds the offers of one transaction; what is left is the next one's.
const offersAtOnce = 50

// unofferedFor is how long a promotion waits at a site that takes no children for the time being.
const unofferedFor = 10 * time.Minute

// Promote offers the vacant places of a slot to the children whose turn is next. It is owed whenever a place may have
// become free while somebody waits.
func (s *Service) Promote(ctx context.Context, work model.Work) error {
	slot, err := s.Store.FindSlot(ctx, work.SubjectID)
	if err != nil {
		return err
	}
	suspended := errors.Is(s.checkOffer(ctx, slot), model.ErrSlotClosed)
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, work); err != nil {
			return err
		}
		now := s.Now()
		slot, err := tx.LockSlot(ctx, work.SubjectID)
		if err != nil {
			return err
		}
		if slot.Status != model.SlotOpen || !now.Before(slot.CutoffAt) {
			return tx.FinishWork(ctx, work, now)
		}
		if suspended {
			return tx.PostponeWork(ctx, work, now.Add(unofferedFor), now)
		}
		if err := s.offerPlaces(ctx, tx, slot, now); err != nil {
			return err
		}
		return tx.FinishWork(ctx, work, now)
	})
}

func (s *Service) offerPlaces(ctx context.Context, tx *model.Store, slot model.Slot, now time.Time) error {
	next, err := tx.ListNextInLine(ctx, slot.ID, min(slot.Vacant(), offersAtOnce))
	if err != nil {
		return err
	}
	policies := map[string]model.ServicePolicy{}
	for _, w := range next {
		policy, known := policies[w.PolicyID]
		if !known {
			if policy, err = tx.FindPolicy(ctx, w.PolicyID); err != nil {
				return err
			}
			policies[w.PolicyID] = policy
		}
		if err := s.offer(ctx, tx, w, s.offerUntil(policy, slot, now), now); err != nil {
			return err
		}
	}
	if len(next) == offersAtOnce {
		return tx.OwePromotion(ctx, slot.ID, now)
	}
	return nil
}

// offerUntil is until when a place is held, under the policy of who waited. At night people have until after the quiet
// hours, so that a place does not pass through the whole list while everybody sleeps; but never beyond the cut-off.
func (s *Service) offerUntil(policy model.ServicePolicy, slot model.Slot, now time.Time) time.Time {
	return policy.OfferExpiresAt(s.Limits.Quiet.Over(now, s.Zone), slot.CutoffAt)
}

func (s *Service) offer(ctx context.Context, tx *model.Store, w model.WaitingEntry, until, now time.Time) error {
	if err := tx.HoldPlace(ctx, w.SlotID, now); err != nil {
		return err
	}
	from := w.Status
	w.Offer(until, now)
	if err := tx.SaveWaiting(ctx, w, from); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, w.Changed(from, model.ActorSystem, "", "")); err != nil {
		return err
	}
	if err := tx.Owe(ctx, model.Owed(model.WorkExpireOffer, w.ID, until, now)); err != nil {
		return err
	}
	return tx.AddNotices(ctx, offeredNotice(w, s.Zone))
}

// ExpireOffer ends an offer whose time is over; the place is the next one's.
func (s *Service) ExpireOffer(ctx context.Context, work model.Work) error {
	w, err := s.Store.FindWaiting(ctx, work.SubjectID)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, work); err != nil {
			return err
		}
		if _, err := tx.LockSlot(ctx, w.SlotID); err != nil {
			return err
		}
		w, err := tx.FindWaiting(ctx, w.ID)
		if err != nil {
			return err
		}
		now := s.Now()
		if w.Status == model.WaitingOffered && now.Before(*w.OfferExpiresAt) { // the clock was set back since it was due
			return tx.PostponeWork(ctx, work, *w.OfferExpiresAt, now)
		}
		if w.Status == model.WaitingOffered {
			if err := s.expire(ctx, tx, w, now); err != nil {
				return err
			}
		}
		return tx.FinishWork(ctx, work, now)
	})
}

func (s *Service) expire(ctx context.Context, tx *model.Store, w model.WaitingEntry, now time.Time) error {
	w, err := endWaiting(ctx, tx, w, model.WaitingExpired, hand{actor: model.ActorSystem}, "", now)
	if err != nil {
		return err
	}
	return tx.AddNotices(ctx, offerExpiredNotice(w, s.Zone))
}

// CloseLine ends the waiting list of a slot at its cut-off.
func (s *Service) CloseLine(ctx context.Context, work model.Work) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, work); err != nil {
			return err
		}
		slot, err := tx.LockSlot(ctx, work.SubjectID)
		if err != nil {
			return err
		}
		now := s.Now()
		if now.Before(slot.CutoffAt) { // it was moved since
			return tx.PostponeWork(ctx, work, slot.CutoffAt, now)
		}
		if err := s.endLine(ctx, tx, slot.ID, model.WaitingExpired, hand{actor: model.ActorSystem}, "", lineClosedNotice); err != nil {
			return err
		}
		return tx.FinishWork(ctx, work, now)
	})
}

// endLine ends every live entry of a locked slot and tells the guardians. Nobody is left to be offered a place.
func (s *Service) endLine(ctx context.Context, tx *model.Store, slotID string, to model.WaitingStatus, by hand, reason string, told func(model.WaitingEntry, string, *time.Location) model.Notice) error {
	waiting, err := tx.ListLiveWaitingIn(ctx, slotID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	now, held := s.Now(), 0
	var events []model.Event
	var notices []model.Notice
	for _, w := range waiting {
		from := w.Status
		if from == model.WaitingOffered {
			held++
		}
		w.Status, w.UpdatedAt = to, now
		if err := tx.SaveWaiting(ctx, w, from); err != nil {
			return err
		}
		events = append(events, w.Changed(from, by.actor, by.id, reason))
		notices = append(notices, told(w, reason, s.Zone))
	}
	if err := tx.EndLine(ctx, slotID, held, len(waiting)-held, now); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, events...); err != nil {
		return err
	}
	return tx.AddNotices(ctx, notices...)
}
