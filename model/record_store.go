package model

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
)

// FindResidentWithin gives an account that exists within the scope of a duty: any for the whole district, otherwise that of
// somebody who lives in a subdistrict of the scope, or has booked at a site in it. Every other is not found (ADR 0025).
func (s *Store) FindResidentWithin(ctx context.Context, by OnDuty, id string) (Resident, error) {
	var one Resident
	err := s.residentsWithin(ctx, by).Where("residents.id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrResidentNotFound)
}

func (s *Store) residentsWithin(ctx context.Context, by OnDuty) *gorm.DB {
	q := s.db.WithContext(ctx).Model(&Resident{})
	if by.CoversDistrict() {
		return q
	}
	came := s.db.Model(&Booking{}).Select("1").Where("bookings.resident_id = residents.id AND bookings.site_id IN (?)", s.sitesWithin(by))
	return q.Where("residents.subdistrict_code IN ? OR EXISTS (?)", by.scopeIDs(ScopeSubdistrict), came)
}

// sitesWithin is a query for the ids of the sites that a duty below the district covers.
func (s *Store) sitesWithin(by OnDuty) *gorm.DB {
	return s.db.Model(&Site{}).Select("id").
		Where("subdistrict_code IN ? OR id IN ?", by.scopeIDs(ScopeSubdistrict), by.scopeIDs(ScopeSite))
}

// Sought is what an account is looked for by: one of its fields.
type Sought struct {
	Phone Index  // in full
	Tail  Index  // its last four digits
	Name  Index  // of a child of it, in full
	ID    string // of the account, of a child of it or of a booking of it
}

// LivePlaces is how much of each kind a resident holds.
type LivePlaces struct{ Bookings, Waiting, Applications int64 }

// SearchResidents gives a page of the accounts within the scope, the newest first, and how many there are.
func (s *Store) SearchResidents(ctx context.Context, by OnDuty, sought Sought, page, size int) (list []Resident, total int64, err error) {
	q := s.residentsWithin(ctx, by)
	switch {
	case len(sought.Phone) > 0:
		q = q.Where("residents.phone_index = ?", sought.Phone)
	case len(sought.Tail) > 0:
		q = q.Where("residents.phone_tail_index = ?", sought.Tail)
	case len(sought.Name) > 0:
		q = q.Where("residents.id IN (?)", s.db.Model(&Child{}).Select("resident_id").Where("name_index = ? AND status = ?", sought.Name, ChildListed))
	default:
		ofChild := s.db.Model(&Child{}).Select("resident_id").Where("id = ?", sought.ID)
		ofBooking := s.db.Model(&Booking{}).Select("resident_id").Where("id = ?", sought.ID)
		q = q.Where("residents.id = ? OR residents.id IN (?) OR residents.id IN (?)", sought.ID, ofChild, ofBooking)
	}
	q = q.Session(&gorm.Session{})
	if err := q.Count(&total).Error; err != nil {
		return nil, 0, s.fault(ctx, err, nil)
	}
	err = q.Order("residents.id DESC").Limit(size).Offset((page - 1) * size).Find(&list).Error
	return list, total, s.fault(ctx, err, nil)
}

// ListChildrenOfMany gives the listed children of many accounts by whose they are.
func (s *Store) ListChildrenOfMany(ctx context.Context, residentIDs []string) (map[string][]Child, error) {
	var rows []Child
	err := s.db.WithContext(ctx).Where("resident_id IN ? AND status = ?", residentIDs, ChildListed).Order("id").Find(&rows).Error
	byResident := map[string][]Child{}
	for _, c := range rows {
		byResident[c.ResidentID] = append(byResident[c.ResidentID], c)
	}
	return byResident, s.fault(ctx, err, nil)
}

// FindPickupPersonOf gives somebody who may fetch a child of the resident's.
func (s *Store) FindPickupPersonOf(ctx context.Context, residentID, id string) (PickupPerson, error) {
	var one PickupPerson
	children := s.db.Model(&Child{}).Select("id").Where("resident_id = ? AND status = ?", residentID, ChildListed)
	err := s.db.WithContext(ctx).Where("id = ? AND status = ? AND child_id IN (?)", id, PickupListed, children).Take(&one).Error
	return one, s.fault(ctx, err, ErrPickupPersonNotFound)
}

// ListBookingsWithin gives a page of a resident's bookings at the sites within the scope, of one child or of all when it is
// empty, the latest session first, and how many there are.
func (s *Store) ListBookingsWithin(ctx context.Context, by OnDuty, residentID, childID string, page, size int) (list []Booking, total int64, err error) {
	q := s.db.WithContext(ctx).Model(&Booking{}).Where("resident_id = ?", residentID)
	if childID != "" {
		q = q.Where("child_id = ?", childID)
	}
	if !by.CoversDistrict() {
		q = q.Where("site_id IN (?)", s.sitesWithin(by))
	}
	q = q.Session(&gorm.Session{})
	if err := q.Count(&total).Error; err != nil {
		return nil, 0, s.fault(ctx, err, nil)
	}
	err = q.Order("start_at DESC, id DESC").Limit(size).Offset((page - 1) * size).Find(&list).Error
	return list, total, s.fault(ctx, err, nil)
}

// ListTailless gives accounts, in the order of their ids from above after on, whose number cannot be found by its last
// digits yet: it was stored before there was an index of them.
func (s *Store) ListTailless(ctx context.Context, after string, limit int) ([]Resident, error) {
	var list []Resident
	err := s.db.WithContext(ctx).Where("phone_sealed IS NOT NULL AND phone_tail_index IS NULL AND id > ?", after).
		Order("id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SavePhoneTail stores what a number is found by, unless the account has another number by now.
func (s *Store) SavePhoneTail(ctx context.Context, r Resident) error {
	err := s.db.WithContext(ctx).Model(&Resident{}).Where("id = ? AND phone_index = ? AND phone_tail_index IS NULL", r.ID, r.PhoneIndex).
		Update("phone_tail_index", r.PhoneTailIndex).Error
	return s.fault(ctx, err, nil)
}

// ListNameless gives children, in the order of their ids from above after on, who cannot be found by their name yet: they
// were put on a list before there was an index of names.
func (s *Store) ListNameless(ctx context.Context, after string, limit int) ([]Child, error) {
	var list []Child
	err := s.db.WithContext(ctx).Where("name_sealed IS NOT NULL AND name_index IS NULL AND id > ?", after).
		Order("id").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// SaveChildName stores what a child is found by, unless it has been stated anew or taken off the list by now.
func (s *Store) SaveChildName(ctx context.Context, c Child) error {
	err := s.db.WithContext(ctx).Model(&Child{}).Where("id = ? AND status = ? AND updated_at = ? AND name_index IS NULL", c.ID, ChildListed, c.UpdatedAt).
		Update("name_index", c.NameIndex).Error
	return s.fault(ctx, err, nil)
}

// CountLiveOf counts what a resident holds that has not come to an end: bookings that have not begun, turns on waiting lists
// and applications to draws.
func (s *Store) CountLiveOf(ctx context.Context, residentID string, now time.Time) (n LivePlaces, err error) {
	for _, c := range []struct {
		of     any
		live   string
		values []any
		into   *int64
	}{
		{&Booking{}, "status IN ? AND start_at > ?", []any{LiveBookings, now}, &n.Bookings},
		{&WaitingEntry{}, "status IN ?", []any{LiveWaiting}, &n.Waiting},
		{&Application{}, "status = ?", []any{ApplicationApplied}, &n.Applications},
	} {
		q := s.db.WithContext(ctx).Model(c.of).Where("resident_id = ?", residentID).Where(c.live, c.values...)
		if err := q.Count(c.into).Error; err != nil {
			return n, s.fault(ctx, err, nil)
		}
	}
	return n, nil
}

// FindSubdistrictOf gives the code of the one subdistrict in which a duty is held; empty when it is more than one, or the
// district.
func (s *Store) FindSubdistrictOf(ctx context.Context, by OnDuty) (string, error) {
	if by.CoversDistrict() {
		return "", nil
	}
	var codes []string
	err := s.db.WithContext(ctx).Model(&Site{}).Distinct("subdistrict_code").Where("id IN ?", by.scopeIDs(ScopeSite)).Find(&codes).Error
	if err != nil {
		return "", s.fault(ctx, err, nil)
	}
	codes = append(codes, by.scopeIDs(ScopeSubdistrict)...)
	slices.Sort(codes)
	if codes = slices.Compact(codes); len(codes) != 1 {
		return "", nil
	}
	return codes[0], nil
}

// MapSitesWithin gives the sites within the scope of a duty by id.
func (s *Store) MapSitesWithin(ctx context.Context, by OnDuty) (map[string]Site, error) {
	all, err := s.ListSites(ctx)
	within := map[string]Site{}
	for _, site := range all {
		if by.Covers(site) {
			within[site.ID] = site
		}
	}
	return within, err
}
