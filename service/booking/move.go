package booking

import (
	"context"
	"slices"
	"time"

	"jiamenkou/model"
)

// movedReason is the reason of cancelling that says a booking was moved.
const movedReason = "moved"

// Move gives a booking back and books another slot for the same child in one step: when the new place cannot be had,
// the old one stays as it was. Giving back follows the same rules as cancelling. The same key again gives the same answer.
func (s *Service) Move(ctx context.Context, resident, key, id string, wish Wish) (model.Booking, error) {
	request := s.request(resident, key, "move", moveAsked{wish, id})
	old, err := s.Store.FindBookingOf(ctx, resident, id)
	if err != nil {
		return model.Booking{}, err
	}
	return s.exchange(ctx, request, own(resident), old, wish)
}

// moveAsked is what is asked of moving.
type moveAsked struct {
	Wish
	ID string `json:"id"`
}

func (s *Service) exchange(ctx context.Context, request model.Request, who behalf, old model.Booking, wish Wish) (model.Booking, error) {
	p, err := s.planMove(ctx, who, old, wish, request.At)
	if err != nil {
		return unlessAnswered[model.Booking](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.move(ctx, tx, p, old.ID)
	})
}

func (s *Service) planMove(ctx context.Context, who behalf, old model.Booking, wish Wish, now time.Time) (p plan, err error) {
	if err := old.Cancel(movedReason, now); err != nil { // of a copy: whether it can still be given back
		return p, err
	}
	slot, err := s.Store.FindSlot(ctx, wish.SlotID)
	if err != nil {
		return p, err
	}
	wish.ChildID = old.ChildID
	p = s.asked(who, wish, slot, now)
	p.movedFrom = &old.ID
	if err := p.bookable(); err != nil {
		return p, err
	}
	return s.plan(ctx, p)
}

// move is the transaction's body. Both allowances and all slots are locked in the house's order before anything changes.
func (s *Service) move(ctx context.Context, tx *model.Store, p plan, id string) (model.Booking, error) {
	old, err := p.lockOld(ctx, tx, id)
	if err != nil {
		return model.Booking{}, err
	}
	if _, err := tx.LockAllowances(ctx, old.AllowanceID, p.allowanceID); err != nil {
		return model.Booking{}, err
	}
	if err := p.clearTheWay(ctx, tx, "", old.SlotID); err != nil {
		return model.Booking{}, err
	}
	if old, err = s.giveUp(ctx, tx, p, old); err != nil {
		return model.Booking{}, err
	}
	b := p.draft(tx.NewID())
	if err := p.pay(ctx, tx, &b); err != nil {
		return model.Booking{}, err
	}
	if err := p.takePlace(ctx, tx); err != nil {
		return model.Booking{}, err
	}
	if err := p.writeDown(ctx, tx, b); err != nil {
		return model.Booking{}, err
	}
	return b, tx.AddNotices(ctx, movedNotice(old, b, s.Zone))
}

// lockOld locks the child, and judges whether it has room for the new booking once the old one, which it gives, has ended.
func (p plan) lockOld(ctx context.Context, tx *model.Store, id string) (old model.Booking, err error) {
	live, err := p.lockLive(ctx, tx)
	if err != nil {
		return old, err
	}
	at := slices.IndexFunc(live, func(b model.Booking) bool { return b.ID == id })
	if at < 0 {
		return old, model.ErrBookingEnded
	}
	old = live[at]
	return old, model.CheckRoom(slices.Delete(live, at, at+1), p.slot, p.most)
}

// giveUp cancels the booking that is moved.
func (s *Service) giveUp(ctx context.Context, tx *model.Store, p plan, old model.Booking) (model.Booking, error) {
	policy, err := tx.FindPolicy(ctx, old.PolicyID)
	if err != nil {
		return old, err
	}
	from := old.Status
	if err := old.Cancel(movedReason, p.now); err != nil {
		return old, err
	}
	if err := giveBack(ctx, tx, old, from, policy, p.now); err != nil {
		return old, err
	}
	return old, s.writeEnded(ctx, tx, p.by, old, from, policy)
}
