package planning

import (
	"context"
	"errors"

	"jiamenkou/model"
)

// GenerateSlots makes the slots of today and the days ahead from the weekly plans, and says how many were missing.
// Repeating it, or two servers doing it at once, makes nothing twice. A session whose room is taken gets no slot: it
// stands in the plan's view as such, and in the log.
func (s *Service) GenerateSlots(ctx context.Context) (made int, err error) {
	sites, err := s.Store.ListOpenSites(ctx)
	if err != nil {
		return 0, err
	}
	var failed []error // one site's trouble is not the others'
	for _, site := range sites {
		n, err := s.generateAt(ctx, site.ID)
		made += n
		failed = append(failed, err)
	}
	return made, errors.Join(failed...)
}

// generateAt looks without a lock first: nearly always nothing is missing.
func (s *Service) generateAt(ctx context.Context, siteID string) (made int, err error) {
	from, to := s.today(), s.horizon()
	plan, err := s.plan(ctx, s.Store, siteID, from, to)
	if err != nil {
		return 0, err
	}
	s.warn(ctx, siteID, plan, from, to)
	if len(plan.Due(from, to)) == 0 {
		return 0, nil
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		made, err = s.makeSlots(ctx, tx, siteID, from, to)
		return err
	})
	return made, err
}

// makeSlots judges the plan again behind the lock on the site, which every change of the plan takes too.
func (s *Service) makeSlots(ctx context.Context, tx *model.Store, siteID string, from, to model.Date) (int, error) {
	site, err := tx.LockSite(ctx, siteID)
	if err != nil || site.Status != model.SiteOpen {
		return 0, err
	}
	plan, err := s.plan(ctx, tx, siteID, from, to)
	if err != nil {
		return 0, err
	}
	slots := plan.Due(from, to)
	return len(slots), s.addSlots(ctx, tx, slots)
}

// addSlots writes new slots, and owes the draw of each that was really written: a server that knows nothing of the lock
// on the site may have been faster.
func (s *Service) addSlots(ctx context.Context, tx *model.Store, slots []model.Slot) error {
	if err := tx.AddSlots(ctx, slots); err != nil {
		return err
	}
	var drawn []string
	for _, slot := range slots {
		if slot.DrawAt != nil {
			drawn = append(drawn, slot.ID)
		}
	}
	if len(drawn) == 0 {
		return nil
	}
	stored, err := tx.ListSlotsByID(ctx, drawn)
	if err != nil {
		return err
	}
	var owed []model.Work
	for _, slot := range stored {
		owed = append(owed, model.Owed(model.WorkDraw, slot.ID, *slot.DrawAt, s.Now()))
	}
	return tx.Owe(ctx, owed...)
}

// warn says in the log which sessions have no room.
func (s *Service) warn(ctx context.Context, siteID string, plan model.SitePlan, from, to model.Date) {
	for day := from; !day.After(to); day = day.AddDays(1) {
		for _, session := range plan.On(day) {
			if session.Verdict == model.SessionHomeless {
				s.Log.WarnContext(ctx, "a planned session has no room", "site", siteID, "template", session.Template.ID, "date", day.String())
			}
		}
	}
}
