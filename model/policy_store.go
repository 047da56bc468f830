package model

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// FindService gives one care service, withdrawn ones included.
func (s *Store) FindService(ctx context.Context, id string) (CareService, error) {
	var one CareService
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrServiceNotFound)
}

// AddService writes a new care service.
func (s *Store) AddService(ctx context.Context, c CareService) error {
	return s.fault(ctx, s.db.WithContext(ctx).Create(&c).Error, nil)
}

// SaveService stores what staff can change of a care service, if it still is of the version seen.
func (s *Store) SaveService(ctx context.Context, c CareService, seen int) error {
	done := s.db.WithContext(ctx).Model(&CareService{}).Where("id = ? AND version = ?", c.ID, seen).
		Updates(map[string]any{"name": c.Name, "intro": c.Intro, "position": c.Position, "status": c.Status, "version": seen + 1})
	return s.took(ctx, done, ErrChangedMeanwhile)
}

// ListPolicies gives every version of a care service's policy, oldest first.
func (s *Store) ListPolicies(ctx context.Context, serviceID string) ([]ServicePolicy, error) {
	var list []ServicePolicy
	err := s.db.WithContext(ctx).Where("service_id = ?", serviceID).Order("version").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListAllowancePolicies gives every version of the district's policy on free sessions, oldest first.
func (s *Store) ListAllowancePolicies(ctx context.Context) ([]AllowancePolicy, error) {
	var list []AllowancePolicy
	err := s.db.WithContext(ctx).Order("version").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// AddPolicy publishes a version of a care service's policy; ErrChangedMeanwhile when another has the number.
func (s *Store) AddPolicy(ctx context.Context, p ServicePolicy) error {
	return s.addVersion(ctx, &p)
}

// AddAllowancePolicy publishes a version of the policy on free sessions; ErrChangedMeanwhile when another has the number.
func (s *Store) AddAllowancePolicy(ctx context.Context, p AllowancePolicy) error {
	return s.addVersion(ctx, &p)
}

// addVersion writes the next version of something whose versions are unique.
func (s *Store) addVersion(ctx context.Context, row any) error {
	err := s.db.WithContext(ctx).Create(row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrChangedMeanwhile
	}
	return s.fault(ctx, err, nil)
}

// AnyAllowance reports whether any child has been granted an allowance yet.
func (s *Store) AnyAllowance(ctx context.Context) (bool, error) {
	var some []Allowance
	err := s.db.WithContext(ctx).Select("id").Limit(1).Find(&some).Error
	return len(some) > 0, s.fault(ctx, err, nil)
}

// ListDrafts gives the drafts of all policies.
func (s *Store) ListDrafts(ctx context.Context) ([]PolicyDraft, error) {
	var list []PolicyDraft
	err := s.db.WithContext(ctx).Order("subject").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindDraft gives the draft of a policy.
func (s *Store) FindDraft(ctx context.Context, subject string) (PolicyDraft, error) {
	var one PolicyDraft
	err := s.db.WithContext(ctx).Where("subject = ?", subject).Take(&one).Error
	return one, s.fault(ctx, err, ErrDraftNotFound)
}

// LockDraft gives the draft of a policy, and keeps others from changing it until the transaction ends.
func (s *Store) LockDraft(ctx context.Context, subject string) (PolicyDraft, error) {
	var one PolicyDraft
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("subject = ?", subject).Take(&one).Error
	return one, s.fault(ctx, err, ErrDraftNotFound)
}

// SaveDraft writes a draft in the place of the version seen; 0 is none yet. It is of the next version then.
func (s *Store) SaveDraft(ctx context.Context, d PolicyDraft, seen int) error {
	d.Version = seen + 1
	if seen == 0 {
		return s.addVersion(ctx, &d)
	}
	done := s.db.WithContext(ctx).Model(&PolicyDraft{}).Where("subject = ? AND version = ?", d.Subject, seen).Updates(map[string]any{
		"based_on": d.BasedOn, "numbers": d.Numbers, "staff_id": d.StaffID, "version": d.Version, "updated_at": d.UpdatedAt,
	})
	return s.took(ctx, done, ErrChangedMeanwhile)
}

// DropDraft removes the version of a draft that was seen.
func (s *Store) DropDraft(ctx context.Context, subject string, seen int) error {
	done := s.db.WithContext(ctx).Where("subject = ? AND version = ?", subject, seen).Delete(&PolicyDraft{})
	return s.took(ctx, done, ErrChangedMeanwhile)
}
