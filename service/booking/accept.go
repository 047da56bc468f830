package booking

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Accept books the place that is held for a child. Every rule is judged as it stood when the child joined the list. The
// same key again gives the same answer.
func (s *Service) Accept(ctx context.Context, resident, key, id string, acceptSelfPaid bool) (model.Booking, error) {
	request := s.request(resident, key, "accept", acceptanceAsked{id, acceptSelfPaid})
	w, err := s.Store.FindWaitingOf(ctx, resident, id)
	if err != nil {
		return model.Booking{}, err
	}
	return s.takeOffer(ctx, request, own(resident), w, acceptSelfPaid)
}

// acceptanceAsked is what is asked of accepting.
type acceptanceAsked struct {
	ID       string `json:"id"`
	SelfPaid bool   `json:"self_paid"`
}

func (s *Service) takeOffer(ctx context.Context, request model.Request, who behalf, w model.WaitingEntry, acceptSelfPaid bool) (model.Booking, error) {
	w.AcceptSelfPaid = w.AcceptSelfPaid || acceptSelfPaid
	p, err := s.planAcceptance(ctx, w, who, request.At)
	if err != nil {
		return unlessAnswered[model.Booking](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.acceptHeld(ctx, tx, p, w.ID)
	})
}

// planAcceptance judges what needs no lock of taking the place that is held for an entry.
func (s *Service) planAcceptance(ctx context.Context, w model.WaitingEntry, who behalf, now time.Time) (p plan, err error) {
	if err := w.Accept(now); err != nil {
		return p, err
	}
	slot, err := s.Store.FindSlot(ctx, w.SlotID)
	if err != nil {
		return p, err
	}
	wish := Wish{SlotID: w.SlotID, ChildID: w.ChildID, AcceptSelfPaid: w.AcceptSelfPaid}
	p = s.asked(who, wish, slot, now)
	if p.policy, err = s.Store.FindPolicy(ctx, w.PolicyID); err != nil {
		return p, err
	}
	return s.plan(ctx, p)
}

// acceptHeld is the transaction's body: the same as for any booking, but that the place is the one held for the entry.
func (s *Service) acceptHeld(ctx context.Context, tx *model.Store, p plan, id string) (model.Booking, error) {
	if err := p.lockChild(ctx, tx); err != nil {
		return model.Booking{}, err
	}
	b := p.draft(tx.NewID())
	if err := p.pay(ctx, tx, &b); err != nil {
		return model.Booking{}, err
	}
	if err := p.clearTheWay(ctx, tx, id); err != nil {
		return model.Booking{}, err
	}
	if err := p.takeHeld(ctx, tx, id, b.ID); err != nil {
		return model.Booking{}, err
	}
	return b, s.write(ctx, tx, p, b)
}

func (p plan) takeHeld(ctx context.Context, tx *model.Store, id, bookingID string) error {
	slot, err := tx.LockSlot(ctx, p.slot.ID)
	if err != nil {
		return err
	}
	if slot.Status != model.SlotOpen {
		return model.ErrSlotClosed
	}
	w, err := tx.FindWaiting(ctx, id)
	if err != nil {
		return err
	}
	if err := w.Accept(p.now); err != nil {
		return err
	}
	if err := tx.TakeHeldPlace(ctx, slot.ID, p.now); err != nil {
		return err
	}
	from := w.Status
	w.Status, w.BookingID, w.UpdatedAt = model.WaitingAccepted, &bookingID, p.now
	if err := tx.SaveWaiting(ctx, w, from); err != nil {
		return err
	}
	return tx.AddEvents(ctx, w.Changed(from, p.by.actor, p.by.id, ""))
}
