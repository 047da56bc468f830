package booking

import (
	"context"
	"strings"
	"unicode/utf8"

	"jiamenkou/model"
)

// BookFor books for somebody who asks at the door or on the telephone. Every rule holds. With a reason in override the
// member of staff answers for setting aside release, cut-off, age, strikes and the number of live bookings; the reason
// stands in the booking's event. Places, overlaps, the allowance and the agreements are never set aside.
func (s *Service) BookFor(ctx context.Context, by model.OnDuty, key, resident string, wish Wish, override string) (model.Booking, error) {
	reason := strings.TrimSpace(override)
	if utf8.RuneCountInString(reason) > model.LongestReason || override != "" && reason == "" {
		return model.Booking{}, model.ErrReasonInvalid.WithField("body.override_reason", model.ErrReasonInvalid.Message)
	}
	override = reason
	slot, err := s.slotWithin(ctx, by, wish.SlotID)
	if err != nil {
		return model.Booking{}, err
	}
	asked := struct {
		Wish
		Resident string `json:"resident"`
		Override string `json:"override"`
	}{wish, resident, override}
	request := s.request(by.StaffID, key, "book for", asked)
	p := s.asked(staffHand(by.StaffID), resident, wish, slot, request.At)
	if p.override = override; override != "" {
		p.most = model.NoLimit
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

func (p plan) bookable() error {
	if p.override != "" {
		return p.slot.BookableAnyTime(p.now)
	}
	return p.slot.Bookable(p.now)
}

// CancelFor gives a booking back for somebody who asks at the door or on the telephone, under the same rules as the
// guardian's own cancelling.
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
	if err != nil {
		return slot, err
	}
	if !s.covers(ctx, by, slot.SiteID) {
		return model.Slot{}, model.ErrSlotNotFound
	}
	return slot, nil
}

func (s *Service) bookingWithin(ctx context.Context, by model.OnDuty, id string) (model.Booking, error) {
	b, err := s.Store.FindBooking(ctx, id)
	if err != nil {
		return b, err
	}
	if !s.covers(ctx, by, b.SiteID) {
		return model.Booking{}, model.ErrBookingNotFound
	}
	return b, nil
}

func (s *Service) covers(ctx context.Context, by model.OnDuty, siteID string) bool {
	site, err := s.Store.FindSite(ctx, siteID)
	return err == nil && by.Covers(site)
}

// LineOf gives the live entries of a slot's waiting list, in the order of their turns.
func (s *Service) LineOf(ctx context.Context, by model.OnDuty, slotID string) ([]model.WaitingEntry, error) {
	if _, err := s.slotWithin(ctx, by, slotID); err != nil {
		return nil, err
	}
	return s.Store.ListLiveWaitingIn(ctx, slotID)
}
