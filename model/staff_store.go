package model

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// AddStaff writes a new member of staff with what they may do.
func (s *Store) AddStaff(ctx context.Context, who Staff, grants []Grant) error {
	if err := s.db.WithContext(ctx).Create(&who).Error; err != nil {
		return s.fault(ctx, err, nil)
	}
	for i := range grants {
		grants[i].ID, grants[i].StaffID = s.NewID(), who.ID
	}
	return s.fault(ctx, s.db.WithContext(ctx).Create(&grants).Error, nil)
}

// FindStaff gives one member of staff.
func (s *Store) FindStaff(ctx context.Context, id string) (Staff, error) {
	var one Staff
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrStaffNotFound)
}

// ListStaff gives everybody on the staff, the oldest account first.
func (s *Store) ListStaff(ctx context.Context) ([]Staff, error) {
	var list []Staff
	err := s.db.WithContext(ctx).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListInvited gives those of a name who have not set what to sign in with.
func (s *Store) ListInvited(ctx context.Context, name string) ([]Staff, error) {
	var list []Staff
	signedUp := s.db.Model(&Credential{}).Select("id")
	err := s.db.WithContext(ctx).Where("name = ? AND status = ? AND id NOT IN (?)", name, StaffActive, signedUp).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SaveStaffStatus stores that an account may be used, or not.
func (s *Store) SaveStaffStatus(ctx context.Context, who Staff, from StaffStatus) error {
	done := s.db.WithContext(ctx).Model(&Staff{}).Where("id = ? AND status = ?", who.ID, from).
		Updates(map[string]any{"status": who.Status, "updated_at": who.UpdatedAt})
	return s.took(ctx, done, ErrStaffNotFound)
}

// SaveStaffName stores what somebody is called.
func (s *Store) SaveStaffName(ctx context.Context, id, name string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Staff{}).Where("id = ?", id).Updates(map[string]any{"name": name, "updated_at": now})
	return s.took(ctx, done, ErrStaffNotFound)
}

// LockStaff holds an account until the transaction ends, so that what it may do is judged as a whole.
func (s *Store) LockStaff(ctx context.Context, id string) (Staff, error) {
	var one Staff
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrStaffNotFound)
}

// EndEpoch makes every session of somebody end at once, whatever Redis says of them.
func (s *Store) EndEpoch(ctx context.Context, id string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Staff{}).Where("id = ?", id).
		Updates(map[string]any{"epoch": gorm.Expr("epoch + 1"), "updated_at": now})
	return s.took(ctx, done, ErrStaffNotFound)
}

// AddGrant gives somebody one more role.
func (s *Store) AddGrant(ctx context.Context, g Grant) error {
	err := s.db.WithContext(ctx).Create(&g).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrGrantExists
	}
	return s.fault(ctx, err, nil)
}

// DropGrant takes a role away.
func (s *Store) DropGrant(ctx context.Context, g Grant) error {
	return s.took(ctx, s.db.WithContext(ctx).Where("id = ? AND staff_id = ?", g.ID, g.StaffID).Delete(&Grant{}), ErrGrantNotFound)
}

// ListGrantsOf gives the grants of many by whose they are.
func (s *Store) ListGrantsOf(ctx context.Context, staff []Staff) (map[string][]Grant, error) {
	byStaff := map[string][]Grant{}
	for some := range slices.Chunk(staff, pairsAtOnce) {
		var ids []string
		for _, one := range some {
			ids = append(ids, one.ID)
		}
		var rows []Grant
		if err := s.db.WithContext(ctx).Where("staff_id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
			return nil, s.fault(ctx, err, nil)
		}
		for _, g := range rows {
			byStaff[g.StaffID] = append(byStaff[g.StaffID], g)
		}
	}
	return byStaff, nil
}

// ListGrants gives what a member of staff may do where.
func (s *Store) ListGrants(ctx context.Context, staffID string) ([]Grant, error) {
	var list []Grant
	err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// NoteAccess writes that staff opened sealed data, in the transaction of what it was opened for or before it is shown.
func (s *Store) NoteAccess(ctx context.Context, accesses ...DataAccess) error {
	if len(accesses) == 0 {
		return nil
	}
	for i := range accesses {
		accesses[i].ID = s.NewID()
	}
	return s.fault(ctx, s.db.WithContext(ctx).Create(&accesses).Error, nil)
}

// NoteListAccess is NoteAccess for a list that a desk reads again and again: nothing is written while an opening of the
// same list for the same reason by the same person still counts. Two at the same moment may both be written.
func (s *Store) NoteListAccess(ctx context.Context, a DataAccess) error {
	var n int64
	err := s.db.WithContext(ctx).Model(&DataAccess{}).
		Where("subject_id = ? AND staff_id = ? AND subject = ? AND fields = ? AND reason = ?", a.SubjectID, a.StaffID, a.Subject, a.Fields, a.Reason).
		Where("created_at > ?", a.CreatedAt.Add(-ListAccessLasts)).Limit(1).Count(&n).Error
	if err != nil || n > 0 {
		return s.fault(ctx, err, nil)
	}
	return s.NoteAccess(ctx, a)
}

// ListAccesses gives who opened sealed data of a record, oldest first.
func (s *Store) ListAccesses(ctx context.Context, subjectID string) ([]DataAccess, error) {
	var list []DataAccess
	err := s.db.WithContext(ctx).Where("subject_id = ?", subjectID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// LockSite holds a site until the transaction ends, so that its plan can be judged as a whole. It comes before every
// other lock but that on owed work or an idempotency key.
func (s *Store) LockSite(ctx context.Context, id string) (Site, error) {
	var one Site
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrSiteNotFound)
}
