package model

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// FindResident gives one account.
func (s *Store) FindResident(ctx context.Context, id string) (Resident, error) {
	var one Resident
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrResidentNotFound)
}

// FindResidentByOpenID looks an account up by the keyed hash of its open id.
func (s *Store) FindResidentByOpenID(ctx context.Context, index []byte) (Resident, error) {
	var one Resident
	err := s.db.WithContext(ctx).Where("open_id_index = ?", index).Take(&one).Error
	return one, s.fault(ctx, err, ErrResidentNotFound)
}

// AddResident writes a new account. It reports false when another request has just added the same person.
func (s *Store) AddResident(ctx context.Context, r *Resident) (bool, error) {
	err := s.db.WithContext(ctx).Create(r).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return false, nil
	}
	return err == nil, s.fault(ctx, err, nil)
}

// SaveResident stores the account as it is now, if it is still in the state it was read in.
func (s *Store) SaveResident(ctx context.Context, r Resident, from ResidentStatus) error {
	done := s.db.WithContext(ctx).Model(&Resident{}).Where("id = ? AND status = ?", r.ID, from).
		Select("*").Omit("id", "created_at").Updates(r)
	return s.took(ctx, done, ErrAccountClosed)
}
