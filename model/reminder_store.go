package model

import (
	"context"
	"time"
)

// ListUnreminded gives confirmed bookings of sessions that begin after from and up to until and have not had the reminder,
// by their beginning, from behind the booking after on (from the first when it is zero).
func (s *Store) ListUnreminded(ctx context.Context, kind ReminderKind, from, until time.Time, after Booking, limit int) ([]Booking, error) {
	q := s.db.WithContext(ctx).Where("status = ? AND start_at > ? AND start_at <= ?", BookingConfirmed, from, until).
		Where("NOT EXISTS (SELECT 1 FROM reminders WHERE reminders.booking_id = bookings.id AND reminders.kind = ?)", kind)
	if after.ID != "" {
		q = q.Where("start_at > ? OR start_at = ? AND id > ?", after.StartAt, after.StartAt, after.ID)
	}
	var list []Booking
	err := q.Order("start_at, id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// AddReminders notes that the guardians of the bookings are reminded; a second time is an error, which undoes the whole.
func (s *Store) AddReminders(ctx context.Context, reminders []Reminder) error {
	if len(reminders) == 0 {
		return nil
	}
	return s.fault(ctx, s.db.WithContext(ctx).CreateInBatches(&reminders, rowsAtOnce).Error, nil)
}
