package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

// BookingFilter narrows a resident's list of bookings.
type BookingFilter struct {
	ChildID string    // empty: all children
	LiveAt  time.Time // only those that hold a place and are not over at the moment; zero: all
}

// ListBookingsOf gives a resident's bookings, newest first, starting below the id after (all when empty).
func (s *Store) ListBookingsOf(ctx context.Context, residentID string, f BookingFilter, after string, limit int) ([]Booking, error) {
	q := s.db.WithContext(ctx).Where("resident_id = ?", residentID)
	if f.ChildID != "" {
		q = q.Where("child_id = ?", f.ChildID)
	}
	if !f.LiveAt.IsZero() {
		q = q.Where("status IN ? AND end_at > ?", LiveBookings, f.LiveAt)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	var list []Booking
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindBookingOf gives a booking that is the resident's own.
func (s *Store) FindBookingOf(ctx context.Context, residentID, id string) (Booking, error) {
	var one Booking
	err := s.db.WithContext(ctx).Where("id = ? AND resident_id = ?", id, residentID).Take(&one).Error
	return one, s.fault(ctx, err, ErrBookingNotFound)
}

// FindBooking gives one booking, whosever it is.
func (s *Store) FindBooking(ctx context.Context, id string) (Booking, error) {
	var one Booking
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrBookingNotFound)
}

// ListUpcomingOf gives the confirmed bookings of a resident that have not started.
func (s *Store) ListUpcomingOf(ctx context.Context, residentID string, now time.Time) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).
		Where("resident_id = ? AND status = ? AND start_at > ?", residentID, BookingConfirmed, now).
		Order("slot_id, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListLiveIn gives the live bookings of a slot.
func (s *Store) ListLiveIn(ctx context.Context, slotID string) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).Where("slot_id = ? AND status IN ?", slotID, LiveBookings).
		Order("allowance_id, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListLiveOf gives a child's live bookings that are not over. It is exact only while the caller has the child locked.
func (s *Store) ListLiveOf(ctx context.Context, childID string, now time.Time) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).Where("child_id = ? AND status IN ? AND end_at > ?", childID, LiveBookings, now).
		Order("start_at, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// AddBooking writes a new booking; the schema refuses a second live one of the child in the slot.
func (s *Store) AddBooking(ctx context.Context, b *Booking) error {
	err := s.db.WithContext(ctx).Create(b).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAlreadyBooked.WithCause(err)
	}
	return s.fault(ctx, err, nil)
}

// EndBooking stores how a booking ended, if it still stood as from; someone else may have ended it meanwhile.
func (s *Store) EndBooking(ctx context.Context, b Booking, from BookingStatus) error {
	done := s.db.WithContext(ctx).Model(&Booking{}).Where("id = ? AND status = ?", b.ID, from).
		Updates(map[string]any{"status": b.Status, "cancel_reason": b.CancelReason, "updated_at": b.UpdatedAt})
	return s.took(ctx, done, ErrBookingEnded)
}

// AddMark notes a wasted place.
func (s *Store) AddMark(ctx context.Context, m Mark) error {
	m.ID = s.NewID()
	return s.fault(ctx, s.db.WithContext(ctx).Create(&m).Error, nil)
}

// ListMarks gives a child's marks since the moment, oldest first.
func (s *Store) ListMarks(ctx context.Context, childID string, since time.Time) ([]Mark, error) {
	var list []Mark
	err := s.db.WithContext(ctx).Where("child_id = ? AND created_at > ?", childID, since).Order("created_at, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}
