package booking

import (
	"context"
	"strings"
	"unicode/utf8"

	"jiamenkou/model"
)

// What staff do for somebody who asks at the door or on the telephone is what the guardian could do himself: the same
// functions, with another hand. Every rule holds. With a reason in override the member of staff answers for setting aside
// release, cut-off, age, strikes, the number of live bookings and that of waiting lists; it holds for that one step, and
// the reason stands in its event. Places, turns, overlaps, the allowance and the agreements are never set aside, nor is the
// time that a waiting list or a draw has.

// wishFor is what staff ask for in a guardian's stead; it is what an idempotency key stands for.
type wishFor struct {
	Wish
	Resident string `json:"resident"`
	Override string `json:"override"`
}

// onBehalf is a guardian for whom staff ask, with what they set aside.
func onBehalf(by model.OnDuty, resident, override string) (behalf, error) {
	reason := strings.TrimSpace(override)
	if utf8.RuneCountInString(reason) > model.LongestReason || override != "" && reason == "" {
		return behalf{}, model.ErrReasonInvalid.WithField("body.override_reason", model.ErrReasonInvalid.Message)
	}
	return behalf{by: staffHand(by.StaffID), resident: resident, override: reason}, nil
}

// planFor is a wish of staff's for a slot within their scope, before anything is judged.
func (s *Service) planFor(ctx context.Context, by model.OnDuty, key, operation string, wish wishFor) (request model.Request, p plan, err error) {
	who, err := onBehalf(by, wish.Resident, wish.Override)
	if err != nil {
		return request, p, err
	}
	slot, err := s.slotWithin(ctx, by, wish.SlotID)
	if err != nil {
		return request, p, err
	}
	wish.Override = who.override
	request = s.request(by.StaffID, key, operation, wish)
	return request, s.asked(who, wish.Wish, slot, request.At), nil
}

// BookFor books for somebody at the door or on the telephone.
func (s *Service) BookFor(ctx context.Context, by model.OnDuty, key, resident string, wish Wish, override string) (model.Booking, error) {
	request, p, err := s.planFor(ctx, by, key, "book for", wishFor{wish, resident, override})
	if err != nil {
		return model.Booking{}, err
	}
	if err = p.bookable(); err == nil {
		p, err = s.plan(ctx, p)
	}
	if err != nil {
		return unlessAnswered[model.Booking](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.carryOut(ctx, tx, p)
	})
}

// WaitFor puts a child on the waiting list of a full slot, as Wait does.
func (s *Service) WaitFor(ctx context.Context, by model.OnDuty, key, resident string, wish Wish, override string) (model.WaitingEntry, error) {
	request, p, err := s.planFor(ctx, by, key, "wait for", wishFor{wish, resident, override})
	if err != nil {
		return model.WaitingEntry{}, err
	}
	return s.joinLine(ctx, request, p)
}

// ApplyFor enters a child in the draw of a slot, as Apply does.
func (s *Service) ApplyFor(ctx context.Context, by model.OnDuty, key, resident string, wish Wish, override string) (model.Application, error) {
	request, p, err := s.planFor(ctx, by, key, "apply for", wishFor{wish, resident, override})
	if err != nil {
		return model.Application{}, err
	}
	return s.enterDraw(ctx, request, p)
}

// AcceptFor books the place that is held for a child, as Accept does. An override given at joining does not reach this far:
// accepting judges every rule again.
func (s *Service) AcceptFor(ctx context.Context, by model.OnDuty, key, id string, acceptSelfPaid bool, override string) (model.Booking, error) {
	w, err := s.waitingWithin(ctx, by, id)
	if err != nil {
		return model.Booking{}, err
	}
	who, err := onBehalf(by, w.ResidentID, override)
	if err != nil {
		return model.Booking{}, err
	}
	asked := struct {
		acceptanceAsked
		Override string `json:"override"`
	}{acceptanceAsked{id, acceptSelfPaid}, who.override}
	return s.takeOffer(ctx, s.request(by.StaffID, key, "accept for", asked), who, w, acceptSelfPaid)
}

// LeaveLineFor takes a child off a waiting list, or declines the place that is held for it, as Leave does.
func (s *Service) LeaveLineFor(ctx context.Context, by model.OnDuty, key, id string) (model.WaitingEntry, error) {
	w, err := s.waitingWithin(ctx, by, id)
	if err != nil {
		return w, err
	}
	request := s.request(by.StaffID, key, "leave for", id)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.WaitingEntry, error) {
		return leave(ctx, tx, staffHand(by.StaffID), w.ResidentID, id, request.At)
	})
}

// WithdrawFor takes an application out of its draw, as Withdraw does.
func (s *Service) WithdrawFor(ctx context.Context, by model.OnDuty, key, id string) (model.Application, error) {
	a, err := s.applicationWithin(ctx, by, id)
	if err != nil {
		return a, err
	}
	request := s.request(by.StaffID, key, "withdraw for", id)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Application, error) {
		return withdraw(ctx, tx, staffHand(by.StaffID), a.ResidentID, id, request.At)
	})
}

// MoveFor gives a booking back and books another slot in one step, as Move does. Both lie within the scope. With an
// override it is the new place that rules are set aside for; giving the old one back late is late.
func (s *Service) MoveFor(ctx context.Context, by model.OnDuty, key, id string, wish Wish, override string) (model.Booking, error) {
	old, err := s.bookingWithin(ctx, by, id)
	if err != nil {
		return old, err
	}
	if _, err := s.slotWithin(ctx, by, wish.SlotID); err != nil {
		return model.Booking{}, err
	}
	who, err := onBehalf(by, old.ResidentID, override)
	if err != nil {
		return model.Booking{}, err
	}
	asked := struct {
		moveAsked
		Override string `json:"override"`
	}{moveAsked{wish, id}, who.override}
	return s.exchange(ctx, s.request(by.StaffID, key, "move for", asked), who, old, wish)
}

// CancelFor gives a booking back for somebody at the door or on the telephone, under the same rules as the guardian's own
// cancelling.
func (s *Service) CancelFor(ctx context.Context, by model.OnDuty, key, id, reason string) (model.Booking, error) {
	b, err := s.bookingWithin(ctx, by, id)
	if err != nil {
		return b, err
	}
	request := s.request(by.StaffID, key, "cancel for", cancelAsked{id, reason})
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.cancel(ctx, tx, staffHand(by.StaffID), b.ResidentID, id, reason, request.At)
	})
}

// slotWithin gives a slot at a site within the scope of the duty; what lies outside is not there.
func (s *Service) slotWithin(ctx context.Context, by model.OnDuty, id string) (model.Slot, error) {
	slot, err := s.Store.FindSlot(ctx, id)
	if err == nil {
		_, err = s.Store.FindSiteWithin(ctx, by, slot.SiteID, model.ErrSlotNotFound)
	}
	return slot, err
}

func (s *Service) bookingWithin(ctx context.Context, by model.OnDuty, id string) (model.Booking, error) {
	b, err := s.Store.FindBooking(ctx, id)
	if err == nil {
		_, err = s.Store.FindSiteWithin(ctx, by, b.SiteID, model.ErrBookingNotFound)
	}
	return b, err
}

func (s *Service) waitingWithin(ctx context.Context, by model.OnDuty, id string) (model.WaitingEntry, error) {
	w, err := s.Store.FindWaiting(ctx, id)
	if err == nil {
		_, err = s.Store.FindSiteWithin(ctx, by, w.SiteID, model.ErrWaitingNotFound)
	}
	return w, err
}

func (s *Service) applicationWithin(ctx context.Context, by model.OnDuty, id string) (model.Application, error) {
	a, err := s.Store.FindApplication(ctx, id)
	if err == nil {
		_, err = s.Store.FindSiteWithin(ctx, by, a.SiteID, model.ErrApplicationNotFound)
	}
	return a, err
}

// LineOf gives the live entries of a slot's waiting list, in the order of their turns.
func (s *Service) LineOf(ctx context.Context, by model.OnDuty, slotID string) ([]model.WaitingEntry, error) {
	if _, err := s.slotWithin(ctx, by, slotID); err != nil {
		return nil, err
	}
	return s.Store.ListLiveWaitingIn(ctx, slotID)
}
