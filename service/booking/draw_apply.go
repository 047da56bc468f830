package booking

import (
	"context"
	"time"

	"jiamenkou/model"
)

// AppliedFor is an application with the slot, site and service it is for.
type AppliedFor struct {
	model.Application
	Slot    model.Slot
	Site    model.Site
	Service model.CareService
}

// Apply enters a child in the draw of a slot. All rules of booking hold, but for those that only a place itself is judged
// by: the allowance, and the number of live bookings. The same key again gives the same answer.
func (s *Service) Apply(ctx context.Context, resident, key string, wish Wish) (model.Application, error) {
	request := s.request(resident, key, "apply", wish)
	slot, err := s.Store.FindSlot(ctx, wish.SlotID)
	if err != nil {
		return model.Application{}, err
	}
	return s.enterDraw(ctx, request, s.asked(own(resident), wish, slot, request.At))
}

func (s *Service) enterDraw(ctx context.Context, request model.Request, p plan) (model.Application, error) {
	p.most = model.NoLimit
	err := p.slot.TakesApplications(p.now)
	if err == nil {
		p, err = s.plan(ctx, p)
	}
	if err != nil {
		return unlessAnswered[model.Application](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Application, error) {
		return s.apply(ctx, tx, p)
	})
}

// apply takes the locks of a booking: the child, then the slot, under which alone the list of applications changes.
func (s *Service) apply(ctx context.Context, tx *model.Store, p plan) (model.Application, error) {
	if err := p.lockChild(ctx, tx); err != nil {
		return model.Application{}, err
	}
	slot, err := tx.LockSlot(ctx, p.slot.ID)
	if err != nil {
		return model.Application{}, err
	}
	if err := slot.TakesApplications(p.now); err != nil {
		return model.Application{}, err
	}
	d, err := tx.EnsureDraw(ctx, s.Box, slot, p.now)
	if err != nil {
		return model.Application{}, err
	}
	if d.Status != model.DrawOpen { // it ended while this waited for the lock
		return model.Application{}, model.ErrDrawClosed
	}
	a := p.application(tx.NewID())
	if err := tx.AddApplication(ctx, &a); err != nil {
		return a, err
	}
	return a, tx.AddEvents(ctx, a.Changed("", p.by.actor, p.by.id, p.override))
}

func (p plan) application(id string) model.Application {
	return model.Application{
		ID: id, ResidentID: p.resident, ChildID: p.wish.ChildID, SlotID: p.slot.ID, SiteID: p.slot.SiteID, ServiceID: p.slot.ServiceID,
		PolicyID: p.policy.ID, PolicyVersion: p.policy.Version, AcceptSelfPaid: p.wish.AcceptSelfPaid,
		StartAt: p.slot.StartAt, EndAt: p.slot.EndAt, Status: model.ApplicationApplied, CreatedAt: p.now, UpdatedAt: p.now,
	}
}

// Withdraw takes a resident's application out of its draw, at any time before the draw. The same key again gives the same
// answer.
func (s *Service) Withdraw(ctx context.Context, resident, key, id string) (model.Application, error) {
	request := s.request(resident, key, "withdraw", id)
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Application, error) {
		return withdraw(ctx, tx, guardian(resident), resident, id, request.At)
	})
}

func withdraw(ctx context.Context, tx *model.Store, by hand, resident, id string, now time.Time) (model.Application, error) {
	a, err := tx.FindApplicationOf(ctx, resident, id)
	if err != nil {
		return a, err
	}
	if _, err := tx.LockSlot(ctx, a.SlotID); err != nil {
		return a, err
	}
	if a, err = tx.FindApplicationOf(ctx, resident, id); err != nil { // as it stands behind the lock
		return a, err
	}
	err = a.End(model.ApplicationWithdrawn, now)
	if err != nil {
		return a, err
	}
	return a, saveWithdrawn(ctx, tx, by, "", a)
}

// withdrawChild takes a locked child out of every draw it has applied to. All slots are locked in the house's order, those
// at which it waits among them.
func withdrawChild(ctx context.Context, tx *model.Store, childID string, by hand, reason string, now time.Time) error {
	applied, err := tx.ListAppliedOf(ctx, childID)
	if err != nil || len(applied) == 0 {
		return err
	}
	for i := range applied {
		if err := applied[i].End(model.ApplicationWithdrawn, now); err != nil {
			return err
		}
	}
	return saveWithdrawn(ctx, tx, by, reason, applied...)
}

func saveWithdrawn(ctx context.Context, tx *model.Store, by hand, reason string, list ...model.Application) error {
	var events []model.Event
	for _, a := range list {
		events = append(events, a.Changed(model.ApplicationApplied, by.actor, by.id, reason))
	}
	if err := tx.SaveApplications(ctx, list); err != nil {
		return err
	}
	return tx.AddEvents(ctx, events...)
}

// ApplicationsOf gives a resident's applications, newest first, from below the id after on; live leaves out those that
// have a result.
func (s *Service) ApplicationsOf(ctx context.Context, resident string, live bool, after string, limit int) ([]AppliedFor, error) {
	list, err := s.Store.ListApplicationsOf(ctx, resident, live, after, limit)
	if err != nil {
		return nil, err
	}
	return s.seeApplications(ctx, list)
}

// ApplicationOf gives one application of the resident's own.
func (s *Service) ApplicationOf(ctx context.Context, resident, id string) (AppliedFor, error) {
	a, err := s.Store.FindApplicationOf(ctx, resident, id)
	if err != nil {
		return AppliedFor{}, err
	}
	return s.SeeApplication(ctx, a)
}

// SeeApplication puts one application together with what it is for.
func (s *Service) SeeApplication(ctx context.Context, a model.Application) (AppliedFor, error) {
	seen, err := s.seeApplications(ctx, []model.Application{a})
	if err != nil {
		return AppliedFor{}, err
	}
	return seen[0], nil
}

func (s *Service) seeApplications(ctx context.Context, list []model.Application) ([]AppliedFor, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var slotIDs []string
	for _, a := range list {
		slotIDs = append(slotIDs, a.SlotID)
	}
	slotOf, places, err := s.around(ctx, slotIDs)
	if err != nil {
		return nil, err
	}
	seen := make([]AppliedFor, len(list))
	for i, a := range list {
		seen[i] = AppliedFor{a, slotOf[a.SlotID], places.sites[a.SiteID], places.services[a.ServiceID]}
	}
	return seen, nil
}
