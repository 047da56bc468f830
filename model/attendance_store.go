package model

import (
	"context"
	"time"
)

// LockBooking gives a booking that nobody else changes until the transaction ends. It comes after every lock on children,
// allowances and slots.
func (s *Store) LockBooking(ctx context.Context, id string) (Booking, error) {
	var one Booking
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrBookingNotFound)
}

// HoldChild locks a child, on a list or not, where whoever acts has no need to be its guardian. It stands in the order of
// locks where LockChild does.
func (s *Store) HoldChild(ctx context.Context, id string) (Child, error) {
	var one Child
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrChildNotFound)
}

// ListChildrenByID gives children, on a list or not.
func (s *Store) ListChildrenByID(ctx context.Context, ids []string) ([]Child, error) {
	var list []Child
	err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListResidents gives accounts in any state.
func (s *Store) ListResidents(ctx context.Context, ids []string) ([]Resident, error) {
	var list []Resident
	err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ChildIsAtSite reports whether the child has been checked in and not handed over, however long ago its session ended. It
// is exact only while the caller has the child locked.
func (s *Store) ChildIsAtSite(ctx context.Context, childID string) (bool, error) {
	var there int64
	err := s.db.WithContext(ctx).Model(&Booking{}).Where("child_id = ? AND status = ?", childID, BookingCheckedIn).Limit(1).Count(&there).Error
	return there > 0, s.fault(ctx, err, nil)
}

// AddAttendance writes that a child came; the schema refuses a second one of a booking.
func (s *Store) AddAttendance(ctx context.Context, a Attendance) error {
	return s.fault(ctx, s.db.WithContext(ctx).Create(&a).Error, nil)
}

// FindAttendance gives that the child of a booking came, and false when it did not.
func (s *Store) FindAttendance(ctx context.Context, bookingID string) (Attendance, bool, error) {
	list, err := s.ListAttendances(ctx, []string{bookingID})
	if err != nil || len(list) == 0 {
		return Attendance{}, false, err
	}
	return list[0], true, nil
}

// ListAttendances gives the attendances of the bookings.
func (s *Store) ListAttendances(ctx context.Context, bookingIDs []string) ([]Attendance, error) {
	var list []Attendance
	err := s.db.WithContext(ctx).Where("booking_id IN ?", bookingIDs).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListAttendancesOf gives a child's attendances, oldest first.
func (s *Store) ListAttendancesOf(ctx context.Context, childID string) ([]Attendance, error) {
	var list []Attendance
	err := s.db.WithContext(ctx).Where("child_id = ?", childID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// EndAttendance stores that the child went, unless it has gone already.
func (s *Store) EndAttendance(ctx context.Context, a Attendance) error {
	done := s.db.WithContext(ctx).Model(&Attendance{}).Where("booking_id = ? AND ended_at IS NULL", a.BookingID).Updates(map[string]any{
		"ended_at": a.EndedAt, "ended_by": a.EndedBy, "ending": a.Ending, "pickup_person_id": a.PickupPersonID,
	})
	return s.took(ctx, done, ErrAlreadyLeft)
}

// ListBookingsIn gives all bookings of slots, in the order they were made.
func (s *Store) ListBookingsIn(ctx context.Context, slotIDs []string) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).Where("slot_id IN ?", slotIDs).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// CountByStatus counts the bookings of slots by slot and status; for people to read, never as a limit.
func (s *Store) CountByStatus(ctx context.Context, slotIDs []string) (map[string]map[BookingStatus]int, error) {
	var rows []struct {
		SlotID string
		Status BookingStatus
		Places int
	}
	err := s.db.WithContext(ctx).Model(&Booking{}).Select("slot_id, status, COUNT(*) AS places").
		Where("slot_id IN ?", slotIDs).Group("slot_id, status").Scan(&rows).Error
	counts := map[string]map[BookingStatus]int{}
	for _, r := range rows {
		if counts[r.SlotID] == nil {
			counts[r.SlotID] = map[BookingStatus]int{}
		}
		counts[r.SlotID][r.Status] = r.Places
	}
	return counts, s.fault(ctx, err, nil)
}

// longestSession bounds the search for sessions that are over; none lasts longer.
const longestSession = 24 * time.Hour

// ListMissed gives at most limit confirmed bookings whose session has ended by now, and not before since.
func (s *Store) ListMissed(ctx context.Context, since, now time.Time, limit int) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).Where("status = ? AND start_at BETWEEN ? AND ?", BookingConfirmed, since.Add(-longestSession), now).
		Where("end_at > ? AND end_at <= ?", since, now).Order("start_at, id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListForgotten gives at most limit bookings of children who are still checked in though the session had ended by the
// moment.
func (s *Store) ListForgotten(ctx context.Context, ended time.Time, limit int) ([]Booking, error) {
	var list []Booking
	err := s.db.WithContext(ctx).Where("status = ? AND start_at <= ? AND end_at <= ?", BookingCheckedIn, ended, ended).
		Order("start_at, id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListOver gives at most limit slots that are over by now and not yet noted as done.
func (s *Store) ListOver(ctx context.Context, now time.Time, limit int) ([]Slot, error) {
	var list []Slot
	err := s.db.WithContext(ctx).Where("status IN ? AND end_at <= ?", []SlotStatus{SlotOpen, SlotClosed}, now).
		Order("id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SaveSlotStatus stores the state a locked slot has come into.
func (s *Store) SaveSlotStatus(ctx context.Context, slot Slot, from SlotStatus) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ? AND status = ?", slot.ID, from).
		Updates(map[string]any{"status": slot.Status, "updated_at": slot.UpdatedAt})
	return s.took(ctx, done, ErrSlotNotFound)
}
