package model

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// FindSlot gives one slot.
func (s *Store) FindSlot(ctx context.Context, id string) (Slot, error) {
	var one Slot
	err := s.db.WithContext(ctx).Where("id = ? AND status <> ?", id, SlotDraft).Take(&one).Error
	return one, s.fault(ctx, err, ErrSlotNotFound)
}

// ListSlots gives a site's slots from one day to another, both included, drafts left out.
func (s *Store) ListSlots(ctx context.Context, siteID string, from, to Date) ([]Slot, error) {
	var list []Slot
	err := s.db.WithContext(ctx).
		Where("site_id = ? AND date BETWEEN ? AND ? AND status <> ?", siteID, from, to, SlotDraft).
		Order("start_at, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListSlotsByID gives the slots with the ids.
func (s *Store) ListSlotsByID(ctx context.Context, ids []string) ([]Slot, error) {
	var list []Slot
	err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// OpenPlaces is the number of bookable places of a site on a day.
type OpenPlaces struct {
	SiteID string
	Date   Date
	Places int
}

// placesAreForAnyone is Slot.Free and Slot.Drawing in SQL.
const placesAreForAnyone = "booked + held + waiting < capacity AND (release_mode <> 'draw' OR drawn_at IS NOT NULL)"

// ListOpenPlaces counts the places that can be booked at the moment, by site and day, for one service or for all
// when serviceID is empty. Days without such places have no row.
func (s *Store) ListOpenPlaces(ctx context.Context, from, to Date, serviceID string, now time.Time) ([]OpenPlaces, error) {
	q := s.db.WithContext(ctx).Model(&Slot{}).
		Select("site_id, date, SUM(capacity - booked - held - waiting) AS places").
		Where("date BETWEEN ? AND ? AND status = ? AND release_at <= ? AND cutoff_at > ?", from, to, SlotOpen, now, now).
		Where(placesAreForAnyone)
	if serviceID != "" {
		q = q.Where("service_id = ?", serviceID)
	}
	var list []OpenPlaces
	err := q.Group("site_id, date").Order("site_id, date").Scan(&list).Error
	return list, s.fault(ctx, err, nil)
}

// TakePlace books one place if the slot is open and not full, and was released and before its cut-off at now, when the
// request came. When it is not, the slot tells why.
func (s *Store) TakePlace(ctx context.Context, slotID string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).
		Where("id = ? AND status = ? AND release_at <= ? AND cutoff_at > ?", slotID, SlotOpen, now, now).
		Where(placesAreForAnyone).
		Updates(map[string]any{"booked": gorm.Expr("booked + 1"), "updated_at": now})
	if done.Error != nil || done.RowsAffected == 1 {
		return s.fault(ctx, done.Error, nil)
	}
	slot, err := s.FindSlot(ctx, slotID)
	if err != nil {
		return err
	}
	if err := slot.Bookable(now); err != nil {
		return err
	}
	return ErrSlotFull // it was full at the UPDATE and is free again at this read
}

// TakePlaceAnyTime is TakePlace without regard to release and cut-off, for staff who set these aside: until the session
// is over.
func (s *Store) TakePlaceAnyTime(ctx context.Context, slotID string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ? AND status = ? AND end_at > ?", slotID, SlotOpen, now).
		Where(placesAreForAnyone).Updates(map[string]any{"booked": gorm.Expr("booked + 1"), "updated_at": now})
	if done.Error != nil || done.RowsAffected == 1 {
		return s.fault(ctx, done.Error, nil)
	}
	slot, err := s.FindSlot(ctx, slotID)
	if err != nil {
		return err
	}
	if err := slot.BookableAnyTime(now); err != nil {
		return err
	}
	return ErrSlotFull
}

// ReleasePlace gives one booked place back.
func (s *Store) ReleasePlace(ctx context.Context, slotID string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ? AND booked > 0", slotID).
		Updates(map[string]any{"booked": gorm.Expr("booked - 1"), "updated_at": now})
	return s.took(ctx, done, ErrBookingEnded)
}

// LockSlot gives a slot, drafts included, that nobody else changes until the transaction ends.
func (s *Store) LockSlot(ctx context.Context, id string) (Slot, error) {
	var one Slot
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrSlotNotFound)
}

// LockSlots locks several slots in the house's order and gives them by id; those that are not there are left out.
func (s *Store) LockSlots(ctx context.Context, ids []string) (map[string]Slot, error) {
	var list []Slot
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id IN ?", ids).Order("id").Find(&list).Error
	byID := make(map[string]Slot, len(list))
	for _, slot := range list {
		byID[slot.ID] = slot
	}
	return byID, s.fault(ctx, err, nil)
}

// CallOffSlot stores that a locked slot was called off, and takes out the places of the bookings that end with it.
func (s *Store) CallOffSlot(ctx context.Context, slot Slot, ended int) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ? AND booked >= ?", slot.ID, ended).Updates(map[string]any{
		"status": slot.Status, "cancel_reason": slot.CancelReason, "updated_at": slot.UpdatedAt, "booked": gorm.Expr("booked - ?", ended),
	})
	return s.took(ctx, done, ErrSlotClosed)
}

// AddSlots writes slots and skips those another server has generated meanwhile.
func (s *Store) AddSlots(ctx context.Context, slots []Slot) error {
	if len(slots) == 0 {
		return nil
	}
	err := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&slots, 200).Error
	return s.fault(ctx, err, nil)
}
