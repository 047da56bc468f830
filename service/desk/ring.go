package desk

import (
	"context"
	"errors"

	"jiamenkou/model"
)

// Held is a place held for a child of a family that has no WeChat here, masked. Nothing tells such a family but a call.
type Held struct {
	model.WaitingEntry
	Slot      model.Slot
	Service   model.CareService
	ChildName string // the first character and a star
	PhoneTail string
}

// HeldToRing lists the places held at a site that families are to be rung about, the most urgent first, and writes that the
// list was opened.
func (s *Service) HeldToRing(ctx context.Context, by model.OnDuty, siteID string) ([]Held, error) {
	if err := covered(ctx, s.Store, by, siteID, model.ErrSiteNotFound); err != nil {
		return nil, err
	}
	entries, err := s.Store.ListHeldToRing(ctx, siteID, s.Now())
	if err != nil || len(entries) == 0 {
		return nil, err // nobody has been looked at
	}
	if err := s.noteList(ctx, by, "site", siteID); err != nil {
		return nil, err
	}
	var list []Held
	for _, w := range entries {
		h, err := s.held(ctx, w)
		if errors.Is(err, model.ErrChildNotFound) {
			continue // taken off the account a moment ago, with what was held for it
		}
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}

// held puts one entry together. A site has few at a time: each lasts half an hour.
func (s *Service) held(ctx context.Context, w model.WaitingEntry) (h Held, err error) {
	if h.Slot, err = s.Store.FindSlot(ctx, w.SlotID); err != nil {
		return h, err
	}
	if h.Service, err = s.Store.FindService(ctx, w.ServiceID); err != nil {
		return h, err
	}
	guardian, err := s.Store.FindResident(ctx, w.ResidentID)
	if err != nil {
		return h, err
	}
	called, err := s.called(ctx, w, guardian)
	h.WaitingEntry, h.ChildName, h.PhoneTail = w, model.MaskedName(called.Child), model.PhoneTail(called.Phone)
	return h, err
}

// Called is whom a call is about, and the number to ring.
type Called struct {
	Child string
	Phone string // in full
}

// calledFields are what OpenHeld opens, in the words of the record.
const calledFields = "children.name, residents.phone"

// OpenHeld gives the number of a family to be rung about a held place, and its child's name, and writes that they were opened.
// A family with WeChat is told there, and is not found here.
func (s *Service) OpenHeld(ctx context.Context, by model.OnDuty, id string) (Called, error) {
	w, err := s.Store.FindWaiting(ctx, id)
	if err != nil {
		return Called{}, err
	}
	if err := covered(ctx, s.Store, by, w.SiteID, model.ErrWaitingNotFound); err != nil {
		return Called{}, err
	}
	guardian, err := s.Store.FindResident(ctx, w.ResidentID)
	if err != nil {
		return Called{}, err
	}
	if !guardian.OpenIDSealed.IsZero() {
		return Called{}, model.ErrWaitingNotFound
	}
	if err := w.Accept(s.Now()); err != nil {
		return Called{}, err // there is nothing to ring about any more
	}
	if err := s.note(ctx, by, "waiting", id, calledFields, AccessContact); err != nil {
		return Called{}, err
	}
	return s.called(ctx, w, guardian)
}

func (s *Service) called(ctx context.Context, w model.WaitingEntry, guardian model.Resident) (c Called, err error) {
	child, err := s.Store.FindChildOf(ctx, w.ResidentID, w.ChildID)
	if err != nil {
		return c, err
	}
	if c.Child, err = child.Name(s.Box); err != nil {
		return c, err
	}
	c.Phone, err = guardian.Phone(s.Box)
	return c, err
}
