// Package district is what holds for the whole district: care services, the policies with their versions, and the calendar
// of working days. Who may set it holds that permission in the whole district; whoever may look at anything may read it.
// The rules stand in model; this package is their order. Whoever changes something says which version of it he has seen:
// of two who do so at once one is told.
package district

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store  *model.Store
	Places Places
	Now    func() time.Time // UTC, whole milliseconds
	Zone   *time.Location   // where the district's days begin
	Limits Limits
}

// Places remembers care services for the residents who look for one.
type Places interface {
	// Forget makes the next reading a fresh one.
	Forget()
}

// Limits are the house's own numbers, all of them settings.
type Limits struct {
	KeepAnswers time.Duration // how long an idempotency key is remembered
}

// sets lets those pass who may set what holds in the whole district.
func sets(by model.OnDuty) error {
	if !by.CoversDistrict() {
		return model.ErrNotPermitted
	}
	return nil
}

// request identifies one intention of a member of staff.
func (s *Service) request(by model.OnDuty, key, operation string, asked any) model.Request {
	return model.NewRequest(by.StaffID, key, operation, asked, s.Now(), s.Limits.KeepAnswers)
}

// names gives the names of members of staff by their ids.
func (s *Service) names(ctx context.Context) (map[string]string, error) {
	staff, err := s.Store.ListStaff(ctx)
	names := make(map[string]string, len(staff))
	for _, who := range staff {
		names[who.ID] = who.Name
	}
	return names, err
}
