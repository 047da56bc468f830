package planning

import (
	"context"
	"strings"

	"jiamenkou/model"
)

// Places is the number of places staff want a slot to have.
type Places struct {
	SlotID   string `json:"slot"`
	Capacity int    `json:"capacity"`
	Reason   string `json:"reason"`
}

// SetCapacity gives one slot another number of places: more are offered to who waits, and never fewer than are taken. For
// a slot of a weekly plan it is an exception of that day, which later changes of the plan leave alone.
func (s *Service) SetCapacity(ctx context.Context, by model.OnDuty, key string, wish Places) (Counted, error) {
	slot, err := s.slot(ctx, by, wish.SlotID)
	if err != nil {
		return Counted{}, err
	}
	request := s.request(by, key, "set_capacity", wish)
	set, err := model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Slot, error) {
		if _, err := tx.LockSite(ctx, slot.SiteID); err != nil {
			return slot, err
		}
		return s.setPlaces(ctx, tx, by, slot, wish)
	})
	if err != nil {
		return Counted{}, err
	}
	counted, err := s.count(ctx, []model.Slot{set})
	if err != nil {
		return Counted{}, err
	}
	return counted[0], nil
}

func (s *Service) setPlaces(ctx context.Context, tx *model.Store, by model.OnDuty, slot model.Slot, wish Places) (model.Slot, error) {
	e := model.PlanException{
		SiteID: slot.SiteID, Kind: model.ExceptionCapacity, FromDate: slot.Date, UntilDate: slot.Date,
		Capacity: wish.Capacity, Reason: strings.TrimSpace(wish.Reason),
	}
	if slot.TemplateID != nil {
		e.TemplateID = *slot.TemplateID
	}
	if err := e.Check(slot.Date); err != nil { // a slot that is over says so itself
		return slot, err
	}
	if err := s.changeSlot(ctx, tx, slot.ID, wish.Capacity, by.StaffID, e.Reason); err != nil {
		return slot, err
	}
	if e.TemplateID != "" {
		if err := s.addException(ctx, tx, by, &e); err != nil {
			return slot, err
		}
	}
	return tx.FindPlannedSlot(ctx, slot.ID)
}
