package booking

import (
	"context"

	"jiamenkou/model"
)

// GenerateSlots makes the slots of today and the days ahead from the weekly plans, and says how many were missing.
// Repeating it, or two servers doing it at once, makes nothing twice.
func (s *Service) GenerateSlots(ctx context.Context) (int, error) {
	from := s.today()
	to := from.AddDays(s.Limits.SlotsAhead)
	templates, err := s.Store.ListTemplates(ctx, from, to)
	if err != nil {
		return 0, err
	}
	calendar, err := s.Store.LoadCalendar(ctx)
	if err != nil {
		return 0, err
	}
	made, err := s.Store.ListGenerated(ctx, from, to)
	if err != nil {
		return 0, err
	}
	slots, err := s.plannedSlots(ctx, templates, calendar, made, from, to)
	if err != nil {
		return 0, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error { return tx.AddSlots(ctx, slots) })
	return len(slots), err
}

func (s *Service) plannedSlots(ctx context.Context, templates []model.WeeklyTemplate, calendar model.Calendar, made map[string]map[model.Date]bool, from, to model.Date) ([]model.Slot, error) {
	now := s.Now()
	policies, err := s.Store.ListCurrentPolicies(ctx, now)
	if err != nil {
		return nil, err
	}
	var slots []model.Slot
	for day := from; !day.After(to); day = day.AddDays(1) {
		for _, t := range templates {
			policy, known := policies[t.ServiceID]
			if known && t.AppliesOn(day, calendar.Working(day)) && !made[t.ID][day] {
				slots = append(slots, t.SlotOn(day, s.Store.NewID(), policy, s.Zone, now))
			}
		}
	}
	return slots, nil
}
