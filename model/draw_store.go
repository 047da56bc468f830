package model

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// FindDraw gives the draw of a slot, once somebody has looked at it or applied.
func (s *Store) FindDraw(ctx context.Context, slotID string) (Draw, error) {
	var one Draw
	err := s.db.WithContext(ctx).Where("slot_id = ?", slotID).Take(&one).Error
	return one, s.fault(ctx, err, ErrDrawNotFound)
}

// EnsureDraw gives the draw of a slot, and makes it and owes its doing when it is not there yet. Of two hands at once one
// makes it.
func (s *Store) EnsureDraw(ctx context.Context, box Box, slot Slot, now time.Time) (Draw, error) {
	found, err := s.FindDraw(ctx, slot.ID)
	if !errors.Is(err, ErrDrawNotFound) {
		return found, err
	}
	fresh, err := NewDraw(box, s.NewID(), slot.ID, now)
	if err != nil {
		return Draw{}, err
	}
	if err := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return Draw{}, s.fault(ctx, err, nil)
	}
	made, err := s.FindDraw(ctx, slot.ID)
	if err != nil || made.ID != fresh.ID {
		return made, err
	}
	if err := s.OweDraw(ctx, slot, now); err != nil {
		return Draw{}, err
	}
	return made, s.AddEvents(ctx, made.Changed("", ActorSystem, "", ""))
}

// OweDraw owes the drawing of a slot's places at its time, unless it is owed already.
func (s *Store) OweDraw(ctx context.Context, slot Slot, now time.Time) error {
	var owed int64
	err := s.db.WithContext(ctx).Model(&Work{}).Where("subject_id = ? AND kind = ?", slot.ID, WorkDraw).Count(&owed).Error
	if err != nil || owed > 0 || slot.DrawAt == nil {
		return s.fault(ctx, err, nil)
	}
	return s.Owe(ctx, Owed(WorkDraw, slot.ID, *slot.DrawAt, now))
}

// SaveDraw stores a draw as it is now, if it still stands as from. The caller has its slot locked.
func (s *Store) SaveDraw(ctx context.Context, d Draw, from DrawStatus) error {
	done := s.db.WithContext(ctx).Model(&Draw{}).Where("id = ? AND status = ?", d.ID, from).
		Select("*").Omit("id", "slot_id", "algorithm", "nonce_sealed", "commitment", "created_at").Updates(d)
	return s.took(ctx, done, ErrDrawClosed)
}

// AddApplication writes a new application; the schema refuses a second live one of the child in the slot.
func (s *Store) AddApplication(ctx context.Context, a *Application) error {
	err := s.db.WithContext(ctx).Create(a).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAlreadyApplied.WithCause(err)
	}
	return s.fault(ctx, err, nil)
}

// FindApplicationOf gives an application that is the resident's own.
func (s *Store) FindApplicationOf(ctx context.Context, residentID, id string) (Application, error) {
	var one Application
	err := s.db.WithContext(ctx).Where("id = ? AND resident_id = ?", id, residentID).Take(&one).Error
	return one, s.fault(ctx, err, ErrApplicationNotFound)
}

// FindApplication gives one application, whosever it is.
func (s *Store) FindApplication(ctx context.Context, id string) (Application, error) {
	var one Application
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrApplicationNotFound)
}

// ListApplicationsOf gives a resident's applications, newest first, starting below the id after (all when empty); live
// leaves out those that have a result.
func (s *Store) ListApplicationsOf(ctx context.Context, residentID string, live bool, after string, limit int) ([]Application, error) {
	q := s.db.WithContext(ctx).Where("resident_id = ?", residentID)
	if live {
		q = q.Where("status = ?", ApplicationApplied)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	var list []Application
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListApplied gives the applications that are to be drawn for a slot, by id. It is exact while the caller has the slot
// locked.
func (s *Store) ListApplied(ctx context.Context, slotID string) ([]Application, error) {
	var list []Application
	err := s.db.WithContext(ctx).Where("slot_id = ? AND status = ?", slotID, ApplicationApplied).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListApplicants gives the children with applications that are to be drawn for a slot.
func (s *Store) ListApplicants(ctx context.Context, slotID string) ([]string, error) {
	var ids []string
	err := s.db.WithContext(ctx).Model(&Application{}).Where("slot_id = ? AND status = ?", slotID, ApplicationApplied).
		Order("child_id").Pluck("child_id", &ids).Error
	return ids, s.fault(ctx, err, nil)
}

// LockChildren holds children until the transaction ends, in the house's order: nobody books for them meanwhile, or takes
// them off a list.
func (s *Store) LockChildren(ctx context.Context, ids []string) error {
	var locked []string
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Model(&Child{}).Where("id IN ?", ids).Order("id").Pluck("id", &locked).Error
	return s.fault(ctx, err, nil)
}

// ListAppliedOf gives the applications of a child that are to be drawn. None is added while the caller has the child
// locked; their states change under the locks on their slots.
func (s *Store) ListAppliedOf(ctx context.Context, childID string) ([]Application, error) {
	var list []Application
	err := s.db.WithContext(ctx).Where("child_id = ? AND status = ?", childID, ApplicationApplied).Order("slot_id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListListed gives the applications that stood when applications for a slot ended, by id, whatever has become of them.
func (s *Store) ListListed(ctx context.Context, slotID string) ([]Application, error) {
	var list []Application
	err := s.db.WithContext(ctx).Where("slot_id = ? AND listed = ?", slotID, true).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListVisited gives those of a slot's applications whose child has been at a site from a moment to before another.
func (s *Store) ListVisited(ctx context.Context, slotID string, from, before time.Time) (map[string]bool, error) {
	visit := s.db.Model(&Booking{}).Select("1").
		Where("bookings.child_id = draw_applications.child_id AND bookings.status IN ?", []BookingStatus{BookingCheckedIn, BookingCompleted}).
		Where("bookings.start_at >= ? AND bookings.start_at < ?", from, before)
	return s.applicationIDs(ctx, slotID, "EXISTS (?)", visit)
}

// ListHindered gives those of a slot's applications whose child cannot take a place: it has another booking at that time
// by now, or is on no list any more.
func (s *Store) ListHindered(ctx context.Context, slotID string) (map[string]bool, error) {
	elsewhere := s.db.Model(&Booking{}).Select("1").
		Where("bookings.child_id = draw_applications.child_id AND bookings.status IN ?", LiveBookings).
		Where("bookings.start_at < draw_applications.end_at AND draw_applications.start_at < bookings.end_at")
	listed := s.db.Model(&Child{}).Select("1").Where("children.id = draw_applications.child_id AND children.status = ?", ChildListed)
	return s.applicationIDs(ctx, slotID, "EXISTS (?) OR NOT EXISTS (?)", elsewhere, listed)
}

func (s *Store) applicationIDs(ctx context.Context, slotID, where string, args ...any) (map[string]bool, error) {
	var ids []string
	err := s.db.WithContext(ctx).Model(&Application{}).Where("slot_id = ? AND status = ?", slotID, ApplicationApplied).
		Where(where, args...).Pluck("id", &ids).Error
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, s.fault(ctx, err, nil)
}

// CountApplications gives how many applications of a slot are in which state.
func (s *Store) CountApplications(ctx context.Context, slotID string) (map[ApplicationStatus]int, error) {
	var rows []struct {
		Status ApplicationStatus
		Many   int
	}
	err := s.db.WithContext(ctx).Model(&Application{}).Select("status, COUNT(*) AS many").Where("slot_id = ?", slotID).
		Group("status").Scan(&rows).Error
	counts := make(map[ApplicationStatus]int, len(rows))
	for _, row := range rows {
		counts[row.Status] = row.Many
	}
	return counts, s.fault(ctx, err, nil)
}

// applicationsAtOnce keeps a statement within what every engine takes.
const applicationsAtOnce = 200

// SaveApplications stores what became of applications that are there. The caller has their slot locked, under which alone
// they change.
func (s *Store) SaveApplications(ctx context.Context, list []Application) error {
	if len(list) == 0 {
		return nil
	}
	err := s.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"status", "listed", "visited", "turn", "waiting_id", "updated_at"}),
	}).CreateInBatches(&list, applicationsAtOnce).Error
	return s.fault(ctx, err, nil)
}

// DrawPlaces gives a locked slot's vacant places to those who won, held for them, and puts those who lost on its waiting
// list. It does so once.
func (s *Store) DrawPlaces(ctx context.Context, slotID string, won, lost int, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).
		Where("id = ? AND status = ? AND drawn_at IS NULL AND booked + held + ? <= capacity", slotID, SlotOpen, won).
		Updates(map[string]any{
			"held": gorm.Expr("held + ?", won), "waiting": gorm.Expr("waiting + ?", lost),
			"waiting_turn": gorm.Expr("waiting_turn + ?", won+lost), "drawn_at": now, "updated_at": now,
		})
	return s.took(ctx, done, ErrDrawClosed)
}

// AddDrawn writes the entries of a drawn order on the waiting list.
func (s *Store) AddDrawn(ctx context.Context, entries []WaitingEntry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.fault(ctx, s.db.WithContext(ctx).CreateInBatches(slices.Clone(entries), applicationsAtOnce).Error, nil)
}
