package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

// AddWaiting writes a new entry on a waiting list; the schema refuses a second live one of the child in the slot.
func (s *Store) AddWaiting(ctx context.Context, w *WaitingEntry) error {
	err := s.db.WithContext(ctx).Create(w).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAlreadyWaiting.WithCause(err)
	}
	return s.fault(ctx, err, nil)
}

// FindWaiting gives one entry.
func (s *Store) FindWaiting(ctx context.Context, id string) (WaitingEntry, error) {
	var one WaitingEntry
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrWaitingNotFound)
}

// FindWaitingOf gives an entry that is the resident's own.
func (s *Store) FindWaitingOf(ctx context.Context, residentID, id string) (WaitingEntry, error) {
	var one WaitingEntry
	err := s.db.WithContext(ctx).Where("id = ? AND resident_id = ?", id, residentID).Take(&one).Error
	return one, s.fault(ctx, err, ErrWaitingNotFound)
}

// ListWaitingOf gives a resident's entries, newest first, starting below the id after (all when empty); live leaves out
// those that have ended.
func (s *Store) ListWaitingOf(ctx context.Context, residentID string, live bool, after string, limit int) ([]WaitingEntry, error) {
	q := s.db.WithContext(ctx).Where("resident_id = ?", residentID)
	if live {
		q = q.Where("status IN ?", LiveWaiting)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	var list []WaitingEntry
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListLiveWaitingOf gives the entries with which a child waits or has a place held. None is added while the caller has
// the child locked; their states change under the locks on their slots.
func (s *Store) ListLiveWaitingOf(ctx context.Context, childID string) ([]WaitingEntry, error) {
	var list []WaitingEntry
	err := s.db.WithContext(ctx).Where("child_id = ? AND status IN ?", childID, LiveWaiting).Order("slot_id, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListLiveWaitingIn gives the live entries of a slot in the order of their turns.
func (s *Store) ListLiveWaitingIn(ctx context.Context, slotID string) ([]WaitingEntry, error) {
	var list []WaitingEntry
	err := s.db.WithContext(ctx).Where("slot_id = ? AND status IN ?", slotID, LiveWaiting).Order("turn").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListHeldToRing gives the entries with a place held at a site whose families have no WeChat here, so that a call alone tells
// them: the one whose time ends first comes first.
func (s *Store) ListHeldToRing(ctx context.Context, siteID string, now time.Time) ([]WaitingEntry, error) {
	var list []WaitingEntry
	err := s.db.WithContext(ctx).
		Joins("JOIN slots ON slots.id = waiting_entries.slot_id AND slots.site_id = ? AND slots.held > 0 AND slots.date >= ?", siteID, DateOf(now.UTC())).
		Joins("JOIN residents ON residents.id = waiting_entries.resident_id AND residents.open_id_sealed IS NULL").
		Where("waiting_entries.status = ? AND waiting_entries.offer_expires_at > ?", WaitingOffered, now).
		Order("waiting_entries.offer_expires_at, waiting_entries.id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListNextInLine gives the entries whose turn is next, at most limit of them. It is exact while the caller has the slot
// locked.
func (s *Store) ListNextInLine(ctx context.Context, slotID string, limit int) ([]WaitingEntry, error) {
	var list []WaitingEntry
	err := s.db.WithContext(ctx).Where("slot_id = ? AND status = ?", slotID, WaitingInLine).Order("turn").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListAhead counts, for each of the entries, those that wait at the same slot with an earlier turn.
func (s *Store) ListAhead(ctx context.Context, ids []string) (map[string]int, error) {
	var rows []struct {
		ID    string
		Ahead int
	}
	err := s.db.WithContext(ctx).Table("waiting_entries AS mine").
		Select("mine.id AS id, COUNT(other.id) AS ahead").
		Joins("LEFT JOIN waiting_entries AS other ON other.slot_id = mine.slot_id AND other.status = ? AND other.turn < mine.turn", WaitingInLine).
		Where("mine.id IN ?", ids).Group("mine.id").Scan(&rows).Error
	ahead := make(map[string]int, len(rows))
	for _, row := range rows {
		ahead[row.ID] = row.Ahead
	}
	return ahead, s.fault(ctx, err, nil)
}

// SaveWaiting stores what became of an entry, if it still stood as from. The caller has its slot locked.
func (s *Store) SaveWaiting(ctx context.Context, w WaitingEntry, from WaitingStatus) error {
	done := s.db.WithContext(ctx).Model(&WaitingEntry{}).Where("id = ? AND status = ?", w.ID, from).Updates(map[string]any{
		"status": w.Status, "offered_at": w.OfferedAt, "offer_expires_at": w.OfferExpiresAt, "booking_id": w.BookingID, "updated_at": w.UpdatedAt,
	})
	return s.took(ctx, done, ErrWaitingEnded)
}

// JoinLine counts one more child that waits, and gives its turn. When the slot takes nobody, it tells why. The slot is
// locked from here on.
func (s *Store) JoinLine(ctx context.Context, slotID string, now time.Time) (turn int, err error) {
	done := s.db.WithContext(ctx).Model(&Slot{}).
		Where("id = ? AND status = ? AND release_at <= ? AND cutoff_at > ? AND (release_mode <> 'draw' OR drawn_at IS NOT NULL)", slotID, SlotOpen, now, now).
		Updates(map[string]any{"waiting": gorm.Expr("waiting + 1"), "waiting_turn": gorm.Expr("waiting_turn + 1"), "updated_at": now})
	if done.Error != nil {
		return 0, s.fault(ctx, done.Error, nil)
	}
	slot, err := s.FindSlot(ctx, slotID)
	if err != nil || done.RowsAffected == 1 {
		return slot.WaitingTurn, err
	}
	if err := slot.Bookable(now); err != nil {
		return 0, err
	}
	return 0, ErrSlotClosed
}

// LeaveLine counts one child less that waits.
func (s *Store) LeaveLine(ctx context.Context, slotID string, now time.Time) error {
	return s.moveHeld(ctx, slotID, "waiting > 0", map[string]any{"waiting": gorm.Expr("waiting - 1"), "updated_at": now})
}

// HoldPlace makes one of the vacant places held for a child that waited.
func (s *Store) HoldPlace(ctx context.Context, slotID string, now time.Time) error {
	return s.moveHeld(ctx, slotID, "waiting > 0 AND booked + held < capacity",
		map[string]any{"waiting": gorm.Expr("waiting - 1"), "held": gorm.Expr("held + 1"), "updated_at": now})
}

// TakeHeldPlace makes a held place a booked one.
func (s *Store) TakeHeldPlace(ctx context.Context, slotID string, now time.Time) error {
	return s.moveHeld(ctx, slotID, "held > 0",
		map[string]any{"held": gorm.Expr("held - 1"), "booked": gorm.Expr("booked + 1"), "updated_at": now})
}

// ReleaseHeldPlace gives a held place up.
func (s *Store) ReleaseHeldPlace(ctx context.Context, slotID string, now time.Time) error {
	return s.moveHeld(ctx, slotID, "held > 0", map[string]any{"held": gorm.Expr("held - 1"), "updated_at": now})
}

// EndLine takes out all that is held and waited for at a slot, as many as the caller has seen with the slot locked.
func (s *Store) EndLine(ctx context.Context, slotID string, held, waiting int, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ? AND held = ? AND waiting = ?", slotID, held, waiting).
		Updates(map[string]any{"held": 0, "waiting": 0, "updated_at": now})
	return s.took(ctx, done, ErrWaitingEnded)
}

func (s *Store) moveHeld(ctx context.Context, slotID, guard string, change map[string]any) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ?", slotID).Where(guard).Updates(change)
	return s.took(ctx, done, ErrWaitingEnded)
}
