package model

import (
	"context"
	"time"
)

// ListPickupPersons gives those who may fetch a child, the longest named first.
func (s *Store) ListPickupPersons(ctx context.Context, childID string) ([]PickupPerson, error) {
	var list []PickupPerson
	err := s.db.WithContext(ctx).Where("child_id = ? AND status = ?", childID, PickupListed).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindPickupPerson gives one who may fetch the child. It is exact only while the caller has the child locked.
func (s *Store) FindPickupPerson(ctx context.Context, childID, id string) (PickupPerson, error) {
	var one PickupPerson
	err := s.db.WithContext(ctx).Where("id = ? AND child_id = ? AND status = ?", id, childID, PickupListed).Take(&one).Error
	return one, s.fault(ctx, err, ErrPickupPersonNotFound)
}

// AddPickupPerson writes a new pick-up person of a locked child.
func (s *Store) AddPickupPerson(ctx context.Context, p PickupPerson) error {
	return s.fault(ctx, s.db.WithContext(ctx).Create(&p).Error, nil)
}

// SavePickupPerson stores one who was on the list as they are now.
func (s *Store) SavePickupPerson(ctx context.Context, p PickupPerson) error {
	done := s.db.WithContext(ctx).Model(&PickupPerson{}).Where("id = ? AND status = ?", p.ID, PickupListed).
		Select("*").Omit("id", "created_at").Updates(p)
	return s.took(ctx, done, ErrPickupPersonNotFound)
}

// EraseDoorRecords takes out what was written of a child at the door and around it: the pick-up persons, temperatures,
// remarks, and the notes of appeals. The rows stay without them. The caller has the child locked.
func (s *Store) EraseDoorRecords(ctx context.Context, childID string, now time.Time) error {
	for _, erase := range []struct {
		record any
		values map[string]any
	}{
		{&PickupPerson{}, map[string]any{"name_sealed": nil, "phone_sealed": nil, "status": PickupRemoved, "updated_at": now}},
		{&Attendance{}, map[string]any{"temperature_sealed": nil, "remark_sealed": nil}},
		{&Appeal{}, map[string]any{"note_sealed": nil}},
	} {
		if err := s.db.WithContext(ctx).Model(erase.record).Where("child_id = ?", childID).Updates(erase.values).Error; err != nil {
			return s.fault(ctx, err, nil)
		}
	}
	return nil
}
