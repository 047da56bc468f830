package model

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// FindMark gives one mark.
func (s *Store) FindMark(ctx context.Context, id string) (Mark, error) {
	var one Mark
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrMarkNotFound)
}

// LockMark gives a mark that nobody else changes until the transaction ends; its appeal is judged under it.
func (s *Store) LockMark(ctx context.Context, id string) (Mark, error) {
	var one Mark
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrMarkNotFound)
}

// FindMarkOf gives the mark that a booking left, and false when it left none.
func (s *Store) FindMarkOf(ctx context.Context, bookingID string) (one Mark, found bool, err error) {
	err = s.db.WithContext(ctx).Where("booking_id = ?", bookingID).Take(&one).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return one, false, nil
	}
	return one, err == nil, s.fault(ctx, err, nil)
}

// LiftMark stores that a mark was lifted, unless it was before.
func (s *Store) LiftMark(ctx context.Context, m Mark) error {
	done := s.db.WithContext(ctx).Model(&Mark{}).Where("id = ? AND lifted_at IS NULL", m.ID).
		Updates(map[string]any{"lifted_at": m.LiftedAt, "lifted_reason": m.LiftedReason})
	return s.took(ctx, done, ErrMarkLifted)
}

// GiveMark notes a wasted place and says what the child's marks come to, without it and with it, under the rules that the
// next booking of the service will be judged by. The caller has the child locked.
func (s *Store) GiveMark(ctx context.Context, b Booking, m Mark) (before, after Tally, p ServicePolicy, err error) {
	if p, err = s.FindCurrentPolicy(ctx, b.ServiceID, m.CreatedAt); err != nil {
		return before, after, p, err
	}
	marks, err := s.ListMarks(ctx, m.ChildID, m.CreatedAt.AddDate(0, 0, -p.StrikeWindowDays-p.BlockDays))
	if err != nil {
		return before, after, p, err
	}
	before = p.TallyOf(marks, m.CreatedAt)
	after = p.TallyOf(append(marks, m), m.CreatedAt)
	return before, after, p, s.AddMark(ctx, m)
}

// AddAppeal writes a new appeal; a mark has one.
func (s *Store) AddAppeal(ctx context.Context, a Appeal) error {
	err := s.db.WithContext(ctx).Create(&a).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAppealExists.WithCause(err)
	}
	return s.fault(ctx, err, nil)
}

// FindAppeal gives one appeal.
func (s *Store) FindAppeal(ctx context.Context, id string) (Appeal, error) {
	var one Appeal
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrAppealNotFound)
}

// FindAppealOf gives the appeal against a mark, and false when there is none.
func (s *Store) FindAppealOf(ctx context.Context, markID string) (one Appeal, found bool, err error) {
	err = s.db.WithContext(ctx).Where("mark_id = ?", markID).Take(&one).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return one, false, nil
	}
	return one, err == nil, s.fault(ctx, err, nil)
}

// ListAppealsOf gives the appeals for a child, oldest first.
func (s *Store) ListAppealsOf(ctx context.Context, childID string) ([]Appeal, error) {
	var list []Appeal
	err := s.db.WithContext(ctx).Where("child_id = ?", childID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListOpenAppeals gives the open appeals at sites, oldest first, from above the id after on.
func (s *Store) ListOpenAppeals(ctx context.Context, siteIDs []string, after string, limit int) ([]Appeal, error) {
	var list []Appeal
	err := s.db.WithContext(ctx).Where("status = ? AND site_id IN ? AND id > ?", AppealOpen, siteIDs, after).
		Order("id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SettleAppeal stores the answer to an open appeal.
func (s *Store) SettleAppeal(ctx context.Context, a Appeal) error {
	done := s.db.WithContext(ctx).Model(&Appeal{}).Where("id = ? AND status = ?", a.ID, AppealOpen).Updates(map[string]any{
		"status": a.Status, "answer": a.Answer, "answered_by": a.AnsweredBy, "answered_at": a.AnsweredAt,
	})
	return s.took(ctx, done, ErrAppealAnswered)
}

// ListMarksByID gives marks.
func (s *Store) ListMarksByID(ctx context.Context, ids []string) ([]Mark, error) {
	var list []Mark
	err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListBookingsByID gives bookings.
func (s *Store) ListBookingsByID(ctx context.Context, ids []string) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindResidentsByPhone gives the accounts a caller may be taken for: those registered at a desk under the number, and
// those whose number WeChat vouched for. A number that was only typed is anybody's.
func (s *Store) FindResidentsByPhone(ctx context.Context, phone []byte) ([]Resident, error) {
	var list []Resident
	err := s.db.WithContext(ctx).Where("phone_index = ? AND status = ?", phone, ResidentActive).
		Where("open_id_sealed IS NULL OR phone_verified_at IS NOT NULL").Order("id").Limit(mostAccounts).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// mostAccounts of one number are shown; nobody has as many.
const mostAccounts = 20
