package booking

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Allowance is a child's allowance of a year and the rules on using it. An allowance keeps the unit and the amount it was
// granted with; what comes after it, and at which price, follows the policy in force.
type Allowance struct {
	model.Allowance
	Policy model.AllowancePolicy
}

// AllowanceOf gives the allowance of a resident's child for the year of the day; a zero day means today. What has not
// been granted yet is shown as it would be granted now.
func (s *Service) AllowanceOf(ctx context.Context, resident, childID string, day model.Date) (Allowance, error) {
	if _, err := s.Store.FindChildOf(ctx, resident, childID); err != nil {
		return Allowance{}, err
	}
	if day.IsZero() {
		day = s.today()
	}
	a, _, err := s.findAllowance(ctx, childID, day, s.Now())
	return a, err
}

// LedgerOf gives the lines of the allowance of a resident's child for the year of the day, newest first; a zero day means
// today.
func (s *Service) LedgerOf(ctx context.Context, resident, childID string, day model.Date) (Allowance, []model.AllowanceEntry, error) {
	a, err := s.AllowanceOf(ctx, resident, childID, day)
	if err != nil || a.ID == "" {
		return a, nil, err
	}
	lines, err := s.Store.ListEntries(ctx, a.ID)
	return a, lines, err
}

// grantedAllowance grants the allowance of the day's year when the child has none yet.
func (s *Service) grantedAllowance(ctx context.Context, childID string, day model.Date, now time.Time) (Allowance, error) {
	a, granted, err := s.findAllowance(ctx, childID, day, now)
	if err != nil || granted {
		return a, err
	}
	if err := s.Store.GrantAllowance(ctx, childID, a.Year, a.Policy); err != nil {
		return Allowance{}, err
	}
	a, _, err = s.findAllowance(ctx, childID, day, now)
	return a, err
}

func (s *Service) findAllowance(ctx context.Context, childID string, day model.Date, now time.Time) (a Allowance, granted bool, err error) {
	if a.Policy, err = s.Store.FindAllowancePolicy(ctx, now); err != nil {
		return a, false, err
	}
	year := a.Policy.YearOf(day)
	if a.Allowance, granted, err = s.Store.FindAllowance(ctx, childID, year); err != nil {
		return a, false, err
	}
	if !granted {
		a.Allowance = model.Allowance{ChildID: childID, Year: year, Unit: a.Policy.Unit, Granted: a.Policy.Amount}
	}
	a.Policy.Unit = a.Unit
	return a, granted, nil
}
