package booking

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Allowance is a child's allowance of a year together with the rule it was granted under.
type Allowance struct {
	model.Allowance
	Policy model.AllowancePolicy
}

// AllowanceOf gives the allowance of a resident's child for the year of the day; a zero day means today.
func (s *Service) AllowanceOf(ctx context.Context, resident, childID string, day model.Date) (Allowance, error) {
	if _, err := s.Store.FindChildOf(ctx, resident, childID); err != nil {
		return Allowance{}, err
	}
	if day.IsZero() {
		day = s.today()
	}
	return s.allowanceFor(ctx, childID, day, s.Now())
}

// allowanceFor finds the allowance of the day's year and grants it when the child has none yet.
func (s *Service) allowanceFor(ctx context.Context, childID string, day model.Date, now time.Time) (Allowance, error) {
	policy, err := s.Store.FindAllowancePolicy(ctx, now)
	if err != nil {
		return Allowance{}, err
	}
	year := policy.YearOf(day)
	found, ok, err := s.Store.FindAllowance(ctx, childID, year)
	if err == nil && !ok {
		if err = s.Store.GrantAllowance(ctx, childID, year, policy); err == nil {
			found, _, err = s.Store.FindAllowance(ctx, childID, year)
		}
	}
	return Allowance{found, policy}, err
}
