package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// AddMessageConsent notes that the resident has agreed to one more message of the template. The caller has the resident
// locked.
func (s *Store) AddMessageConsent(ctx context.Context, residentID, templateID string, now time.Time) error {
	row := MessageConsent{ResidentID: residentID, TemplateID: templateID, Remaining: 1, UpdatedAt: now}
	err := s.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "resident_id"}, {Name: "template_id"}},
		DoUpdates: clause.Assignments(map[string]any{"remaining": gorm.Expr("remaining + 1"), "updated_at": now}),
	}).Create(&row).Error
	return s.fault(ctx, err, nil)
}

// ListMessageConsents gives what the resident has agreed to.
func (s *Store) ListMessageConsents(ctx context.Context, residentID string) ([]MessageConsent, error) {
	var list []MessageConsent
	err := s.db.WithContext(ctx).Where("resident_id = ?", residentID).Order("template_id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// DropMessageConsents forgets what the resident has agreed to, messages under way included.
func (s *Store) DropMessageConsents(ctx context.Context, residentID string) error {
	return s.fault(ctx, s.db.WithContext(ctx).Where("resident_id = ?", residentID).Delete(&MessageConsent{}).Error, nil)
}

// ReserveConsent sets one of the resident's consents aside for a message; false when none is left.
func (s *Store) ReserveConsent(ctx context.Context, residentID, templateID string, now time.Time) (bool, error) {
	done := s.consent(ctx, residentID, templateID).Where("remaining > 0").Updates(map[string]any{
		"remaining": gorm.Expr("remaining - 1"), "reserved": gorm.Expr("reserved + 1"), "updated_at": now,
	})
	return done.RowsAffected == 1, s.fault(ctx, done.Error, nil)
}

// SettleConsent ends the setting aside. Of an account that has been closed meanwhile there is nothing left to settle.
func (s *Store) SettleConsent(ctx context.Context, residentID, templateID string, use ConsentUse, now time.Time) error {
	change := map[string]any{"reserved": gorm.Expr("reserved - 1"), "updated_at": now}
	switch use {
	case ConsentReturned:
		change["remaining"] = gorm.Expr("remaining + 1")
	case ConsentRefused:
		change["remaining"] = 0
	case ConsentUsed:
	}
	return s.fault(ctx, s.consent(ctx, residentID, templateID).Where("reserved > 0").Updates(change).Error, nil)
}

func (s *Store) consent(ctx context.Context, residentID, templateID string) *gorm.DB {
	return s.db.WithContext(ctx).Model(&MessageConsent{}).Where("resident_id = ? AND template_id = ?", residentID, templateID)
}

// FindDelivery gives what became of the message about a notice; before the first try the zero Delivery.
func (s *Store) FindDelivery(ctx context.Context, noticeID string) (one Delivery, err error) {
	err = s.db.WithContext(ctx).Where("notice_id = ?", noticeID).Take(&one).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Delivery{}, nil
	}
	return one, s.fault(ctx, err, nil)
}

// SaveDelivery stores how far a message has come, if it stood as from until now, and ErrLeaseLost else: then somebody else
// has it in hand.
func (s *Store) SaveDelivery(ctx context.Context, d Delivery, from DeliveryStatus) error {
	d.Reason = firstRunes(d.Reason, longestReason)
	if from != "" {
		done := s.db.WithContext(ctx).Model(&Delivery{}).Where("notice_id = ? AND status = ?", d.NoticeID, from).
			Updates(map[string]any{"template_id": d.TemplateID, "status": d.Status, "reason": d.Reason, "updated_at": d.UpdatedAt})
		return s.took(ctx, done, ErrLeaseLost)
	}
	err := s.db.WithContext(ctx).Create(&d).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrLeaseLost.WithCause(err)
	}
	return s.fault(ctx, err, nil)
}

const longestReason = 200

// ListDeliveriesOf gives what became of the messages to a resident.
func (s *Store) ListDeliveriesOf(ctx context.Context, residentID string) ([]Delivery, error) {
	var list []Delivery
	err := s.db.WithContext(ctx).Where("resident_id = ?", residentID).Order("notice_id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// NoticeStands reports whether what a notice tells is still so: a booking that is live, an offer that is open, a mark that
// counts. What tells of an end stays true.
func (s *Store) NoticeStands(ctx context.Context, n Notice) (bool, error) {
	q := s.db.WithContext(ctx)
	switch n.Kind {
	case NoticeBooked, NoticeMoved, NoticeReminder:
		q = q.Model(&Booking{}).Where("id = ? AND status IN ?", n.SubjectID, LiveBookings)
	case NoticePlaceOffered:
		q = q.Model(&WaitingEntry{}).Where("id = ? AND status = ?", n.SubjectID, WaitingOffered)
	case NoticeStrike:
		q = q.Model(&Mark{}).Where("booking_id = ? AND lifted_at IS NULL", n.SubjectID)
	default:
		return true, nil
	}
	var found int64
	err := q.Count(&found).Error
	return found > 0, s.fault(ctx, err, nil)
}
