package model

import (
	"context"
	"slices"
	"time"
)

// AddNotices writes notices, and owes a message about each that is of a kind for it.
func (s *Store) AddNotices(ctx context.Context, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	var owed []Work
	for i := range notices {
		notices[i].ID = s.NewID()
		if n := notices[i]; slices.Contains(MessageKinds, n.Kind.Message()) {
			owed = append(owed, Owed(WorkDeliver, n.ID, n.CreatedAt, n.CreatedAt))
		}
	}
	if err := s.db.WithContext(ctx).CreateInBatches(&notices, rowsAtOnce).Error; err != nil {
		return s.fault(ctx, err, nil)
	}
	return s.Owe(ctx, owed...)
}

// rowsAtOnce keeps an INSERT within what every engine takes.
const rowsAtOnce = 500

// FindNotice gives one notice, whoever it is for.
func (s *Store) FindNotice(ctx context.Context, id string) (Notice, error) {
	var one Notice
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrNoticeNotFound)
}

// ListNotices gives a resident's notices, newest first, starting below the id after (all when empty).
func (s *Store) ListNotices(ctx context.Context, residentID, after string, limit int) ([]Notice, error) {
	q := s.db.WithContext(ctx).Where("resident_id = ?", residentID)
	if after != "" {
		q = q.Where("id < ?", after)
	}
	var list []Notice
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// CountUnread is how many of a resident's notices have not been read.
func (s *Store) CountUnread(ctx context.Context, residentID string) (int, error) {
	var n int64
	err := s.db.WithContext(ctx).Model(&Notice{}).Where("resident_id = ? AND read_at IS NULL", residentID).Count(&n).Error
	return int(n), s.fault(ctx, err, nil)
}

// ReadNotice notes that the resident has read the notice; reading twice keeps the first time.
func (s *Store) ReadNotice(ctx context.Context, residentID, id string, at time.Time) error {
	var found Notice
	q := s.db.WithContext(ctx).Where("id = ? AND resident_id = ?", id, residentID)
	if err := q.Take(&found).Error; err != nil {
		return s.fault(ctx, err, ErrNoticeNotFound)
	}
	err := s.db.WithContext(ctx).Model(&Notice{}).Where("id = ? AND read_at IS NULL", id).Update("read_at", at).Error
	return s.fault(ctx, err, nil)
}

// ReadNotices notes that the resident has read every notice up to the id, itself included; all when it is empty.
func (s *Store) ReadNotices(ctx context.Context, residentID, newest string, at time.Time) error {
	q := s.db.WithContext(ctx).Model(&Notice{}).Where("resident_id = ? AND read_at IS NULL", residentID)
	if newest != "" {
		q = q.Where("id <= ?", newest)
	}
	return s.fault(ctx, q.Update("read_at", at).Error, nil)
}
