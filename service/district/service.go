package district

import (
	"context"
	"strings"

	"jiamenkou/model"
)

// Form is what staff say of a care service.
type Form struct {
	Name     string
	Intro    string
	Position int
}

func (f Form) on(c model.CareService) model.CareService {
	c.Name, c.Intro, c.Position = strings.TrimSpace(f.Name), strings.TrimSpace(f.Intro), f.Position
	return c
}

// Services gives all care services in the order in which they are shown.
func (s *Service) Services(ctx context.Context) ([]model.CareService, error) {
	return s.Store.ListServices(ctx)
}

// AddService adds a care service with the first version of a policy, which is that of a service there is. It begins
// withdrawn: its policy can be looked over before it is offered.
func (s *Service) AddService(ctx context.Context, by model.OnDuty, key string, form Form, like string) (model.CareService, error) {
	if err := sets(by); err != nil {
		return model.CareService{}, err
	}
	service := form.on(model.CareService{Status: model.ServiceWithdrawn, Version: 1})
	if err := service.Check(); err != nil {
		return service, err
	}
	asked := struct {
		Form
		Like string
	}{form, like}
	return model.Once(ctx, s.Store, s.request(by, key, "add_service", asked), func(tx *model.Store) (model.CareService, error) {
		policy, err := tx.FindCurrentPolicy(ctx, like, s.Now())
		if err != nil {
			return service, err
		}
		service.ID = tx.NewID()
		service.Code = "service-" + strings.ToLower(service.ID)
		if err := tx.AddService(ctx, service); err != nil {
			return service, err
		}
		now := s.Now()
		policy.ID, policy.ServiceID, policy.Version, policy.PublishedAt = tx.NewID(), service.ID, 1, now
		policy.Published = model.Published{StaffID: by.StaffID, Reason: "新建服务", DecidedAt: &now}
		if err := tx.AddPolicy(ctx, policy); err != nil {
			return service, err
		}
		return service, tx.AddEvents(ctx, service.Changed("", by.StaffID, "", now))
	})
}

// ChangeService changes what residents read of a care service, those who have booked it too.
func (s *Service) ChangeService(ctx context.Context, by model.OnDuty, id string, seen int, form Form) (model.CareService, error) {
	return s.changeService(ctx, by, id, seen, func(before model.CareService) (model.CareService, string, error) {
		after := form.on(before)
		return after, after.WhatChanged(before), after.Check()
	})
}

// TurnService offers a care service, or withdraws it: no more slots are made and nothing of it can be booked; what is
// booked stays.
func (s *Service) TurnService(ctx context.Context, by model.OnDuty, id string, seen int, to model.ServiceStatus, reason string) (model.CareService, error) {
	if err := model.CheckReason(reason); err != nil {
		return model.CareService{}, err
	}
	return s.changeService(ctx, by, id, seen, func(before model.CareService) (model.CareService, string, error) {
		if before.Status == to {
			return before, "", model.ErrServiceStatus
		}
		before.Status = to
		return before, strings.TrimSpace(reason), nil
	})
}

func (s *Service) changeService(ctx context.Context, by model.OnDuty, id string, seen int, do func(model.CareService) (model.CareService, string, error)) (after model.CareService, err error) {
	if err := sets(by); err != nil {
		return after, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		before, err := tx.FindService(ctx, id)
		if err != nil {
			return err
		}
		var what string
		if after, what, err = do(before); err != nil {
			return err
		}
		if err := tx.SaveService(ctx, after, seen); err != nil { // also when before was of another version
			return err
		}
		after.Version = seen + 1
		return tx.AddEvents(ctx, after.Changed(before.Status, by.StaffID, what, s.Now()))
	})
	if err == nil {
		s.Places.Forget()
	}
	return after, err
}
