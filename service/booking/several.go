package booking

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var (
	ErrTooManyAtOnce  = fault.New(fault.Invalid, "too_many_at_once", "一次预约的时段太多，请分几次预约。")
	ErrSlotTwice      = fault.New(fault.Invalid, "slot_twice", "同一个时段选了两次。")
	ErrNotAllBookable = fault.New(fault.Conflict, "not_all_bookable", "有的时段约不上，因此一个也没有约。请看各时段的原因，或改为能约几个约几个。")
)

// Wishes is what a guardian asks for in one go.
type Wishes struct {
	SlotIDs        []string `json:"slots"`
	ChildID        string   `json:"child"`
	All            bool     `json:"all"` // all or none; else those that fit
	AcceptSelfPaid bool     `json:"self_paid"`
}

// Several is what became of wishes: bookings in the order of their sessions, and why the other slots could not be booked.
type Several struct {
	Bookings []model.Booking `json:"bookings"`
	Refused  []Refusal       `json:"refused"`
}

// Refusal says why a slot could not be booked.
type Refusal struct {
	SlotID  string `json:"slot"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// BookSeveral books several sessions for a child in one transaction: all of them or none, or those that fit, earlier
// sessions first. The same key again gives the same answer.
func (s *Service) BookSeveral(ctx context.Context, resident, key string, wishes Wishes) (Several, error) {
	if err := s.checkWishes(wishes); err != nil {
		return Several{}, err
	}
	request := s.request(resident, key, "book several", wishes)
	bundle, err := s.planSeveral(ctx, resident, wishes, request)
	if err == nil {
		err = s.planAllowances(ctx, bundle, wishes)
	}
	if err != nil {
		return unlessAnswered[Several](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (Several, error) {
		return s.bookSeveral(ctx, tx, bundle.again(), wishes)
	})
}

func (s *Service) checkWishes(wishes Wishes) error {
	if len(wishes.SlotIDs) > s.Limits.AtOnce {
		return ErrTooManyAtOnce.WithMessage("一次最多预约%d个时段，请分几次预约。", s.Limits.AtOnce)
	}
	for i, id := range wishes.SlotIDs {
		if slices.Contains(wishes.SlotIDs[:i], id) {
			return ErrSlotTwice.WithField(fmt.Sprintf("body.slot_ids[%d]", i), ErrSlotTwice.Message)
		}
	}
	return nil
}

// bundle is several plans and the refusals so far, by slot.
type bundle struct {
	plans   []plan // by the beginning of the session
	refused map[string]*fault.Error
}

// again is the bundle before the transaction, which may run several times.
func (b bundle) again() bundle {
	refused := make(map[string]*fault.Error, len(b.refused))
	for id, f := range b.refused {
		refused[id] = f
	}
	return bundle{b.plans, refused}
}

// refuse notes a refusal; what is none stops everything.
func (b bundle) refuse(slotID string, err error) error {
	f := fault.Of(err)
	if f == nil || f.Kind == fault.Unavailable {
		return err
	}
	b.refused[slotID] = f
	return nil
}

// verdict is the refusal of everything, with the reason for each slot that could not be booked.
func (b bundle) verdict(wishes Wishes) error {
	refusal := ErrNotAllBookable
	for i, id := range wishes.SlotIDs {
		if f := b.refused[id]; f != nil {
			refusal = refusal.WithField(fmt.Sprintf("body.slot_ids[%d]", i), f.Message)
		}
	}
	return refusal
}

func (s *Service) planSeveral(ctx context.Context, resident string, wishes Wishes, request model.Request) (bundle, error) {
	b := bundle{refused: map[string]*fault.Error{}}
	if _, err := s.Store.FindChildOf(ctx, resident, wishes.ChildID); err != nil {
		return b, err
	}
	for _, id := range wishes.SlotIDs {
		p, err := s.planOne(ctx, resident, Wish{id, wishes.ChildID, wishes.AcceptSelfPaid}, request)
		if err == nil {
			b.plans = append(b.plans, p)
		} else if err := b.refuse(id, err); err != nil {
			return b, err
		}
	}
	slices.SortFunc(b.plans, func(x, y plan) int {
		return cmp.Or(x.slot.StartAt.Compare(y.slot.StartAt), cmp.Compare(x.slot.ID, y.slot.ID))
	})
	return b, nil
}

// planAllowances gives the verdict on what needs no lock, and then makes sure that there are allowances to debit.
func (s *Service) planAllowances(ctx context.Context, b bundle, wishes Wishes) (err error) {
	if len(b.plans) == 0 || wishes.All && len(b.refused) > 0 {
		return b.verdict(wishes)
	}
	for i := range b.plans {
		if b.plans[i], err = s.planAllowance(ctx, b.plans[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) planOne(ctx context.Context, resident string, wish Wish, request model.Request) (plan, error) {
	slot, err := s.Store.FindSlot(ctx, wish.SlotID)
	if err != nil {
		return plan{}, err
	}
	if err := slot.Bookable(request.At); err != nil {
		return plan{}, err
	}
	return s.judge(ctx, s.asked(own(resident), wish, slot, request.At))
}

// bookSeveral is the transaction's body. Child, allowances and slots are all locked, in the house's order, before the
// first place is taken.
func (s *Service) bookSeveral(ctx context.Context, tx *model.Store, b bundle, wishes Wishes) (Several, error) {
	live, err := s.lockSeveral(ctx, tx, b)
	if err != nil {
		return Several{}, err
	}
	var done Several
	for _, p := range b.plans {
		booked, err := s.bookNext(ctx, tx, p, live)
		if err == nil {
			done.Bookings, live = append(done.Bookings, booked), append(live, booked)
		} else if err := b.refuse(p.slot.ID, err); err != nil {
			return Several{}, err
		}
	}
	if len(done.Bookings) == 0 || wishes.All && len(b.refused) > 0 {
		return Several{}, b.verdict(wishes)
	}
	for _, id := range wishes.SlotIDs {
		if f := b.refused[id]; f != nil {
			done.Refused = append(done.Refused, Refusal{id, f.Code, f.Message})
		}
	}
	return done, nil
}

// lockSeveral takes all locks and gives the child's live bookings.
func (s *Service) lockSeveral(ctx context.Context, tx *model.Store, b bundle) ([]model.Booking, error) {
	live, err := b.plans[0].lockLive(ctx, tx)
	if err != nil {
		return nil, err
	}
	var allowances, slots []string
	for _, p := range b.plans {
		allowances, slots = append(allowances, p.allowanceID), append(slots, p.slot.ID)
	}
	if _, err := tx.LockAllowances(ctx, allowances...); err != nil {
		return nil, err
	}
	return live, s.lockTouched(ctx, tx, b, slots)
}

// lockTouched locks the wanted slots together with those whose waiting lists the child may have to leave.
func (s *Service) lockTouched(ctx context.Context, tx *model.Store, b bundle, slots []string) error {
	waiting, err := tx.ListLiveWaitingOf(ctx, b.plans[0].wish.ChildID)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		slots = append(slots, w.SlotID)
	}
	_, err = tx.LockSlots(ctx, slots)
	return err
}

// bookNext books one more slot behind the locks. What can refuse comes before anything is changed, so that a refusal
// leaves nothing behind.
func (s *Service) bookNext(ctx context.Context, tx *model.Store, p plan, live []model.Booking) (model.Booking, error) {
	if err := model.CheckRoom(live, p.slot, p.most); err != nil {
		return model.Booking{}, err
	}
	slot, err := tx.FindSlot(ctx, p.slot.ID)
	if err != nil {
		return model.Booking{}, err
	}
	if err := slot.Bookable(p.now); err != nil {
		return model.Booking{}, err
	}
	b := p.draft(tx.NewID())
	if err := p.pay(ctx, tx, &b); err != nil {
		return model.Booking{}, err
	}
	if err := s.finish(ctx, tx, p, b); err != nil { // all is locked and was judged: this is no refusal, and undoes everything
		return model.Booking{}, model.ErrStoreBusy.WithCause(err)
	}
	return b, nil
}

func (s *Service) finish(ctx context.Context, tx *model.Store, p plan, b model.Booking) error {
	if err := p.clearTheWay(ctx, tx, ""); err != nil {
		return err
	}
	if err := p.takePlace(ctx, tx); err != nil {
		return err
	}
	return s.write(ctx, tx, p, b)
}
