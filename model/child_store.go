package model

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// ListChildrenOf gives the children on a resident's list.
func (s *Store) ListChildrenOf(ctx context.Context, residentID string) ([]Child, error) {
	var list []Child
	err := s.db.WithContext(ctx).Where("resident_id = ? AND status = ?", residentID, ChildListed).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindChildOf gives a child on the resident's own list.
func (s *Store) FindChildOf(ctx context.Context, residentID, id string) (Child, error) {
	var one Child
	err := s.db.WithContext(ctx).Where("id = ? AND resident_id = ? AND status = ?", id, residentID, ChildListed).Take(&one).Error
	return one, s.fault(ctx, err, ErrChildNotFound)
}

// FindChildByFingerprint gives the child that is or was stated under the fingerprint, removed or not, and false when
// there is none.
func (s *Store) FindChildByFingerprint(ctx context.Context, fingerprint []byte) (Child, bool, error) {
	one, found, err := s.findChild(ctx, "fingerprint = ?", fingerprint)
	if err != nil || found {
		return one, found, err
	}
	former := s.db.Model(&FormerFingerprint{}).Select("child_id").Where("fingerprint = ?", fingerprint)
	return s.findChild(ctx, "id = (?)", former)
}

func (s *Store) findChild(ctx context.Context, where string, arg any) (one Child, found bool, err error) {
	err = s.db.WithContext(ctx).Where(where, arg).Take(&one).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return one, false, nil
	}
	return one, err == nil, s.fault(ctx, err, nil)
}

// AddFormerFingerprint remembers what a child was stated as.
func (s *Store) AddFormerFingerprint(ctx context.Context, c Child) error {
	row := FormerFingerprint{Fingerprint: c.Fingerprint, ChildID: c.ID}
	return s.fault(ctx, s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error, nil)
}

// AddChild writes a new child.
func (s *Store) AddChild(ctx context.Context, c *Child) error {
	err := s.db.WithContext(ctx).Create(c).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrChildExists.WithCause(err)
	}
	return s.fault(ctx, err, nil)
}

// SaveChild stores the child as it is now, if it is still in the state it was read in.
func (s *Store) SaveChild(ctx context.Context, c Child, from ChildStatus) error {
	done := s.db.WithContext(ctx).Model(&Child{}).Where("id = ? AND status = ?", c.ID, from).
		Select("*").Omit("id", "created_at").Updates(c)
	if errors.Is(done.Error, gorm.ErrDuplicatedKey) {
		return ErrChildExists.WithCause(done.Error)
	}
	return s.took(ctx, done, ErrChildNotFound)
}

// LockChild holds a listed child until the transaction ends: whoever books for it, changes it or removes it takes
// turns. It comes before any lock on allowances, slots and bookings.
func (s *Store) LockChild(ctx context.Context, residentID, id string) (Child, error) {
	var one Child
	err := s.engine.lockRows(s.db.WithContext(ctx), false).
		Where("id = ? AND resident_id = ? AND status = ?", id, residentID, ChildListed).Take(&one).Error
	return one, s.fault(ctx, err, ErrChildNotFound)
}

// LockResident holds the account until the transaction ends, so that its list of children can be judged. It comes
// before any lock on a child.
func (s *Store) LockResident(ctx context.Context, id string) (Resident, error) {
	var one Resident
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrResidentNotFound)
}
