package model

import (
	"context"
	"time"

	"jiamenkou/model/fault"
)

// ErrNoticeNotFound says that the notice is not there for this person.
var ErrNoticeNotFound = fault.New(fault.NotFound, "notice_not_found", "没有找到这条通知。")

// NoticeKind is what a notice tells.
type NoticeKind string

const (
	NoticeBooked        NoticeKind = "booked"
	NoticeCancelled     NoticeKind = "cancelled"
	NoticeSiteCancelled NoticeKind = "site_cancelled"
)

// Notice is something a resident is owed to know. It is written in the transaction of the change it tells of and
// names no child, so it needs no seal.
type Notice struct {
	ID         string     `gorm:"type:char(26);primaryKey;index:notices_by_resident,priority:2"`
	ResidentID string     `gorm:"type:char(26);index:notices_by_resident,priority:1"`
	Kind       NoticeKind `gorm:"size:32"`
	Title      string     `gorm:"size:80"`
	Body       string     `gorm:"size:500"`
	SubjectID  string     `gorm:"type:char(26)"` // the booking it is about
	CreatedAt  time.Time  `gorm:"precision:3"`
	ReadAt     *time.Time `gorm:"precision:3"`
}

// AddNotices writes notices.
func (s *Store) AddNotices(ctx context.Context, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	for i := range notices {
		notices[i].ID = s.NewID()
	}
	return s.fault(ctx, s.db.WithContext(ctx).Create(&notices).Error, nil)
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
