package model

import (
	"context"
	"strconv"
	"time"
)

// ListTemplatesAt gives a site's weekly plans that are in force on the day or later.
func (s *Store) ListTemplatesAt(ctx context.Context, siteID string, day Date) ([]WeeklyTemplate, error) {
	var list []WeeklyTemplate
	err := s.db.WithContext(ctx).Where("site_id = ? AND (valid_until IS NULL OR valid_until >= ?)", siteID, day).
		Order("weekday, start_minute, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindTemplate gives one weekly plan.
func (s *Store) FindTemplate(ctx context.Context, id string) (WeeklyTemplate, error) {
	var one WeeklyTemplate
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrTemplateNotFound)
}

// AddTemplate writes a weekly plan. The caller has the site locked.
func (s *Store) AddTemplate(ctx context.Context, t WeeklyTemplate) error {
	return s.fault(ctx, s.db.WithContext(ctx).Create(&t).Error, nil)
}

// SaveTemplate stores who cares, how many places there are, and the last day of a weekly plan. The caller has the site
// locked.
func (s *Store) SaveTemplate(ctx context.Context, t WeeklyTemplate) error {
	done := s.db.WithContext(ctx).Model(&WeeklyTemplate{}).Where("id = ?", t.ID).
		Updates(map[string]any{"carer_id": t.CarerID, "capacity": t.Capacity, "valid_until": t.ValidUntil})
	return s.took(ctx, done, ErrTemplateNotFound)
}

// ListOpenSites gives the sites that take children.
func (s *Store) ListOpenSites(ctx context.Context) ([]Site, error) {
	var list []Site
	err := s.db.WithContext(ctx).Where("status = ?", SiteOpen).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindCarerAt gives a carer who works at the site now.
func (s *Store) FindCarerAt(ctx context.Context, siteID, id string) (Carer, error) {
	var one Carer
	err := s.db.WithContext(ctx).Where("id = ? AND site_id = ? AND status = ?", id, siteID, CarerActive).Take(&one).Error
	return one, s.fault(ctx, err, ErrCarerNotFound)
}

// ListRooms gives the names of a site's rooms that plans may use.
func (s *Store) ListRooms(ctx context.Context, siteID string) ([]string, error) {
	var rooms []string
	err := s.db.WithContext(ctx).Model(&Room{}).Where("site_id = ? AND status = ?", siteID, RoomActive).Order("name").Pluck("name", &rooms).Error
	return rooms, s.fault(ctx, err, nil)
}

// ListPlannedSlots gives a site's slots from one day to another, both included, drafts among them.
func (s *Store) ListPlannedSlots(ctx context.Context, siteID string, from, to Date) ([]Slot, error) {
	var list []Slot
	err := s.db.WithContext(ctx).Where("site_id = ? AND date BETWEEN ? AND ?", siteID, from, to).Order("start_at, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListSlotsOfTemplate gives the standing slots of a weekly plan that have not begun, in the order in which they are
// locked.
func (s *Store) ListSlotsOfTemplate(ctx context.Context, templateID string, now time.Time) ([]Slot, error) {
	var list []Slot
	err := s.db.WithContext(ctx).
		Where("template_id = ? AND start_at > ? AND status IN ?", templateID, now, []SlotStatus{SlotDraft, SlotOpen, SlotClosed}).
		Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindPlannedSlot gives one slot, drafts included.
func (s *Store) FindPlannedSlot(ctx context.Context, id string) (Slot, error) {
	var one Slot
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrSlotNotFound)
}

// CountBookings counts the bookings of slots in some states, by slot.
func (s *Store) CountBookings(ctx context.Context, slotIDs []string, states ...BookingStatus) (map[string]int, error) {
	var rows []struct {
		SlotID string
		N      int
	}
	err := s.db.WithContext(ctx).Model(&Booking{}).Select("slot_id, COUNT(*) AS n").
		Where("slot_id IN ? AND status IN ?", slotIDs, states).Group("slot_id").Scan(&rows).Error
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.SlotID] = row.N
	}
	return counts, s.fault(ctx, err, nil)
}

// CountApplied counts the applications that wait for the draws of slots, by slot.
func (s *Store) CountApplied(ctx context.Context, slotIDs []string) (map[string]int, error) {
	var rows []struct {
		SlotID string
		N      int
	}
	err := s.db.WithContext(ctx).Model(&Application{}).Select("slot_id, COUNT(*) AS n").
		Where("slot_id IN ? AND status = ?", slotIDs, ApplicationApplied).Group("slot_id").Scan(&rows).Error
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.SlotID] = row.N
	}
	return counts, s.fault(ctx, err, nil)
}

// SaveCapacity gives a slot another number of places, never fewer than are booked or held; it begins after now and was
// not called off. A slot with more places owes them to whoever waits.
func (s *Store) SaveCapacity(ctx context.Context, slotID string, capacity int, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).
		Where("id = ? AND status IN ? AND start_at > ?", slotID, []SlotStatus{SlotDraft, SlotOpen, SlotClosed}, now).
		Where("booked + held <= ?", capacity).
		Updates(map[string]any{"capacity": capacity, "updated_at": now})
	if done.Error != nil {
		return s.fault(ctx, done.Error, nil)
	}
	if done.RowsAffected == 1 {
		return s.OwePromotion(ctx, slotID, now)
	}
	slot, err := s.FindPlannedSlot(ctx, slotID)
	switch {
	case err != nil:
		return err
	case !slot.Stands():
		return ErrSlotClosed
	case !slot.StartAt.After(now) || slot.Status == SlotDone:
		return ErrSessionOver
	}
	return ErrCapacityTooSmall.WithMessage("名额不能少于已约和已保留的人数，目前共%d人。", slot.Booked+slot.Held)
}

// SaveSlotCarer says who cares in a slot.
func (s *Store) SaveSlotCarer(ctx context.Context, slotID, carerID string, now time.Time) error {
	done := s.db.WithContext(ctx).Model(&Slot{}).Where("id = ?", slotID).Updates(map[string]any{"carer_id": carerID, "updated_at": now})
	return s.took(ctx, done, ErrSlotNotFound)
}

// CapacityChanged is the event of a slot whose number of places was changed.
func CapacityChanged(slotID string, from, to int, staffID, reason string, at time.Time) Event {
	return Event{
		Subject: "slot_capacity", SubjectID: slotID, FromState: strconv.Itoa(from), ToState: strconv.Itoa(to),
		Actor: StaffOrSystem(staffID), ActorID: staffID, Reason: reason, CreatedAt: at,
	}
}

// AddException writes an exception under the site's next number. The caller has the site locked.
func (s *Store) AddException(ctx context.Context, e *PlanException) error {
	var last int
	err := s.db.WithContext(ctx).Model(&PlanException{}).Where("site_id = ?", e.SiteID).Select("COALESCE(MAX(number), 0)").Scan(&last).Error
	if err != nil {
		return s.fault(ctx, err, nil)
	}
	e.Number = last + 1
	return s.fault(ctx, s.db.WithContext(ctx).Create(e).Error, nil)
}

// FindException gives one exception.
func (s *Store) FindException(ctx context.Context, id string) (PlanException, error) {
	var one PlanException
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrExceptionNotFound)
}

// ListExceptions gives a site's exceptions about days from one to another, both included, in the order in which they
// were decided.
func (s *Store) ListExceptions(ctx context.Context, siteID string, from, to Date) ([]PlanException, error) {
	var list []PlanException
	err := s.db.WithContext(ctx).Where("site_id = ? AND until_date >= ? AND from_date <= ?", siteID, from, to).
		Order("number").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SaveApplied notes when the slots of an exception had been brought in line; first is false when that was noted before.
func (s *Store) SaveApplied(ctx context.Context, id string, at time.Time) (first bool, err error) {
	done := s.db.WithContext(ctx).Model(&PlanException{}).Where("id = ? AND applied_at IS NULL", id).Update("applied_at", at)
	return done.RowsAffected == 1, s.fault(ctx, done.Error, nil)
}

// SaveLifted notes when an exception was lifted. The caller has the site locked.
func (s *Store) SaveLifted(ctx context.Context, e PlanException) error {
	done := s.db.WithContext(ctx).Model(&PlanException{}).Where("id = ? AND lifted_at IS NULL", e.ID).Update("lifted_at", e.LiftedAt)
	return s.took(ctx, done, ErrExceptionStands)
}

// LoadSitePlan reads what decides a site's sessions from one day to another; the caller fills in the rest. It is exact
// only while the caller has the site locked.
func (s *Store) LoadSitePlan(ctx context.Context, siteID string, from, to Date, now time.Time) (p SitePlan, err error) {
	if p.Templates, err = s.ListTemplatesAt(ctx, siteID, from); err != nil {
		return p, err
	}
	if p.Exceptions, err = s.ListExceptions(ctx, siteID, from, to); err != nil {
		return p, err
	}
	if p.Slots, err = s.ListPlannedSlots(ctx, siteID, from, to); err != nil {
		return p, err
	}
	if p.Calendar, err = s.LoadCalendar(ctx); err != nil {
		return p, err
	}
	p.Policies, err = s.ListOfferedPolicies(ctx, now)
	p.Now, p.NewID = now, s.NewID
	return p, err
}

// ListOfferedPolicies gives the policy in force of every care service on offer.
func (s *Store) ListOfferedPolicies(ctx context.Context, now time.Time) (map[string]ServicePolicy, error) {
	policies, err := s.ListCurrentPolicies(ctx, now)
	if err != nil {
		return nil, err
	}
	services, err := s.ListServices(ctx)
	for _, service := range services {
		if service.Status != ServiceOffered {
			delete(policies, service.ID)
		}
	}
	return policies, err
}
