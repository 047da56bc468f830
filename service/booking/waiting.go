package booking

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Wait puts a child on the waiting list of a full slot. All rules of booking hold, but for those that only acceptance can
// judge: the allowance, and the number of live bookings. The same key again gives the same answer.
func (s *Service) Wait(ctx context.Context, resident, key string, wish Wish) (model.WaitingEntry, error) {
	request := s.request(resident, key, "wait", wish)
	slot, err := s.Store.FindSlot(ctx, wish.SlotID)
	if err != nil {
		return model.WaitingEntry{}, err
	}
	return s.joinLine(ctx, request, s.asked(own(resident), wish, slot, request.At))
}

func (s *Service) joinLine(ctx context.Context, request model.Request, p plan) (model.WaitingEntry, error) {
	p.most = model.NoLimit
	err := p.slot.AdmitsWaiting(p.now)
	if err == nil {
		p, err = s.plan(ctx, p)
	}
	if err != nil {
		return unlessAnswered[model.WaitingEntry](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.WaitingEntry, error) {
		return s.wait(ctx, tx, p)
	})
}

func (s *Service) wait(ctx context.Context, tx *model.Store, p plan) (w model.WaitingEntry, err error) {
	if err := p.lockChild(ctx, tx); err != nil {
		return w, err
	}
	waiting, err := tx.ListLiveWaitingOf(ctx, p.wish.ChildID)
	if err != nil {
		return w, err
	}
	if err := model.CheckLines(waiting, p.slot.ID, s.mostLines(p)); err != nil {
		return w, err
	}
	turn, err := tx.JoinLine(ctx, p.slot.ID, p.now)
	if err != nil {
		return w, err
	}
	w = p.entry(tx.NewID(), turn)
	if err := tx.AddWaiting(ctx, &w); err != nil {
		return w, err
	}
	if err := tx.AddEvents(ctx, w.Changed("", p.by.actor, p.by.id, p.override)); err != nil {
		return w, err
	}
	return w, openLine(ctx, tx, p.slot.ID, p.now)
}

func (s *Service) mostLines(p plan) int {
	if p.override != "" {
		return model.NoLimit
	}
	return s.Limits.Waiting
}

// openLine owes what a slot's waiting list needs: its end at the cut-off, and the offering of a place that has become free
// since the slot was seen full. Whoever asked just before the cut-off may come to a list that has been ended meanwhile: its
// end is owed anew, and at once.
func openLine(ctx context.Context, tx *model.Store, slotID string, now time.Time) error {
	if err := tx.OweLineClosing(ctx, slotID, now); err != nil {
		return err
	}
	return tx.OwePromotion(ctx, slotID, now)
}

func (p plan) entry(id string, turn int) model.WaitingEntry {
	return model.WaitingEntry{
		ID: id, ResidentID: p.resident, ChildID: p.wish.ChildID, SlotID: p.slot.ID, SiteID: p.slot.SiteID, ServiceID: p.slot.ServiceID,
		PolicyID: p.policy.ID, PolicyVersion: p.policy.Version, Turn: turn, AcceptSelfPaid: p.wish.AcceptSelfPaid,
		StartAt: p.slot.StartAt, EndAt: p.slot.EndAt, Status: model.WaitingInLine, CreatedAt: p.now, UpdatedAt: p.now,
	}
}

// Leave takes a child off a waiting list, or declines the place that is held for it. The same key again gives the same
// answer.
func (s *Service) Leave(ctx context.Context, resident, key, id string) (model.WaitingEntry, error) {
	request := s.request(resident, key, "leave", id)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.WaitingEntry, error) {
		return leave(ctx, tx, guardian(resident), resident, id, request.At)
	})
}

func leave(ctx context.Context, tx *model.Store, by hand, resident, id string, now time.Time) (w model.WaitingEntry, err error) {
	if w, err = tx.FindWaitingOf(ctx, resident, id); err != nil {
		return w, err
	}
	if _, err = tx.LockSlot(ctx, w.SlotID); err != nil {
		return w, err
	}
	if w, err = tx.FindWaitingOf(ctx, resident, id); err != nil { // as it stands behind the lock
		return w, err
	}
	to := model.WaitingLeft
	if w.Status == model.WaitingOffered {
		to = model.WaitingDeclined
	}
	return endWaiting(ctx, tx, w, to, by, "", now)
}

// endWaiting ends a live entry that was read with its slot locked: the place that was held, or waited for, is the next
// one's.
func endWaiting(ctx context.Context, tx *model.Store, w model.WaitingEntry, to model.WaitingStatus, by hand, reason string, now time.Time) (model.WaitingEntry, error) {
	if !w.Live() {
		return w, model.ErrWaitingEnded
	}
	from, giveUp := w.Status, tx.LeaveLine
	if from == model.WaitingOffered {
		giveUp = tx.ReleaseHeldPlace
	}
	if err := giveUp(ctx, w.SlotID, now); err != nil {
		return w, err
	}
	w.Status, w.UpdatedAt = to, now
	if err := tx.SaveWaiting(ctx, w, from); err != nil {
		return w, err
	}
	if err := tx.AddEvents(ctx, w.Changed(from, by.actor, by.id, reason)); err != nil {
		return w, err
	}
	return w, tx.OwePromotion(ctx, w.SlotID, now)
}

// ForgetChildren takes children off every waiting list and out of every draw, in the transaction that takes them off their
// guardian's list. The caller has them locked. Staff is who does it; empty, the resident.
func (s *Service) ForgetChildren(ctx context.Context, tx *model.Store, resident, staff string, children ...string) error {
	const reason = "不再登记"
	by, now := handFor(resident, staff), s.Now()
	if err := lockLines(ctx, tx, children); err != nil {
		return err
	}
	for _, child := range children {
		if err := withdrawChild(ctx, tx, child, by, reason, now); err != nil {
			return err
		}
		if err := endLines(ctx, tx, child, func(model.WaitingEntry) bool { return true }, nil, by, reason, now); err != nil {
			return err
		}
	}
	return nil
}

// lockLines locks the slots for which any of the children waits or is to be drawn, in the house's order.
func lockLines(ctx context.Context, tx *model.Store, children []string) error {
	var slots []string
	for _, child := range children {
		waiting, err := tx.ListLiveWaitingOf(ctx, child)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			slots = append(slots, w.SlotID)
		}
		applied, err := tx.ListAppliedOf(ctx, child)
		if err != nil {
			return err
		}
		for _, a := range applied {
			slots = append(slots, a.SlotID)
		}
	}
	if len(slots) == 0 {
		return nil
	}
	_, err := tx.LockSlots(ctx, slots)
	return err
}

// endLines takes a locked child off the waiting lists that which says, having locked their slots, and those in also, in
// the house's order.
func endLines(ctx context.Context, tx *model.Store, childID string, which func(model.WaitingEntry) bool, also []string, by hand, reason string, now time.Time) error {
	waiting, err := tx.ListLiveWaitingOf(ctx, childID)
	if err != nil {
		return err
	}
	slots := also
	for _, w := range waiting {
		if which(w) {
			slots = append(slots, w.SlotID)
		}
	}
	if len(slots) <= 1 && len(slots) == len(also) {
		return nil // one slot alone is locked by the update that takes its place
	}
	if _, err := tx.LockSlots(ctx, slots); err != nil {
		return err
	}
	if waiting, err = tx.ListLiveWaitingOf(ctx, childID); err != nil { // states may have changed before the locks
		return err
	}
	for _, w := range waiting {
		if !which(w) {
			continue
		}
		if _, err := endWaiting(ctx, tx, w, model.WaitingLeft, by, reason, now); err != nil {
			return err
		}
	}
	return nil
}

// clearTheWay locks the slots that a booking touches and takes the child off every waiting list for the same time, but
// for the entry keep, which becomes this booking.
func (p plan) clearTheWay(ctx context.Context, tx *model.Store, keep string, also ...string) error {
	overlaps := func(w model.WaitingEntry) bool {
		return w.ID != keep && w.StartAt.Before(p.slot.EndAt) && p.slot.StartAt.Before(w.EndAt)
	}
	return endLines(ctx, tx, p.wish.ChildID, overlaps, append(also, p.slot.ID), p.by, "已约到同一时间的时段", p.now)
}

// LeaveFor takes a locked child off every waiting list for the time of a booking that lives again: it was marked as not
// coming and comes after all. The booking's slot is locked with theirs.
func (s *Service) LeaveFor(ctx context.Context, tx *model.Store, b model.Booking, staff string) error {
	overlaps := func(w model.WaitingEntry) bool { return w.StartAt.Before(b.EndAt) && b.StartAt.Before(w.EndAt) }
	return endLines(ctx, tx, b.ChildID, overlaps, []string{b.SlotID}, staffHand(staff), "孩子已到同一时间的时段", s.Now())
}
