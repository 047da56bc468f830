package model

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// ListTrail gives a page of what was done within the scope of a duty, the newest first, and how much there is. Below the
// district that is what is known to have fallen at a site or in a subdistrict of the scope.
func (s *Store) ListTrail(ctx context.Context, by OnDuty, q TrailQuery) (list []TrailEntry, total int64, err error) {
	found := s.trailWithin(ctx, by).Where("r.part <> ? AND r.happened_at >= ? AND r.happened_at < ?", TrailEnded, q.From, q.Until)
	if q.Name != "" {
		found = found.Where("r.staff_name = ? OR e.staff_name = ?", q.Name, q.Name)
	}
	if q.SubjectID != "" {
		found = found.Where("r.subject_id = ?", q.SubjectID)
	}
	if q.SiteID != "" {
		found = found.Where("r.site_id = ?", q.SiteID)
	}
	found = ended(found, q.Outcome, q.Now.Add(-TrailWait)).Session(&gorm.Session{})
	if err := found.Count(&total).Error; err != nil {
		return nil, 0, s.fault(ctx, err, nil)
	}
	err = found.Select("r.*, e.happened_at AS ended_at, COALESCE(e.status, 0) AS end_status, COALESCE(e.code, '') AS end_code, " +
		"COALESCE(e.hand, '') AS end_hand, COALESCE(e.staff_id, '') AS end_staff_id, COALESCE(e.staff_name, '') AS end_staff_name").
		Order("r.happened_at DESC, r.id DESC").Limit(q.Size).Offset((q.Page - 1) * q.Size).Find(&list).Error
	return list, total, s.fault(ctx, err, nil)
}

func (s *Store) trailWithin(ctx context.Context, by OnDuty) *gorm.DB {
	q := s.db.WithContext(ctx).Table("trail_records AS r").
		Joins("LEFT JOIN trail_records AS e ON e.request_id = r.request_id AND e.part = ?", TrailEnded)
	if by.CoversDistrict() {
		return q
	}
	return q.Where("r.site_id IN (?) OR r.subdistrict_code IN ?", s.sitesWithin(by), by.scopeIDs(ScopeSubdistrict))
}

// ended narrows to what ended so; what began before the moment and has no end is unknown, the rest is under way.
func ended(q *gorm.DB, how TrailOutcome, moment time.Time) *gorm.DB {
	switch how {
	case TrailDone:
		return q.Where("e.id IS NOT NULL AND e.code = ''")
	case TrailTurnedDown:
		return q.Where("r.part = ? OR e.code <> ''", TrailRefused)
	case TrailUnknown:
		return q.Where("r.part = ? AND e.id IS NULL AND r.happened_at <= ?", TrailBegun, moment)
	case TrailUnderWay:
		return q.Where("r.part = ? AND e.id IS NULL AND r.happened_at > ?", TrailBegun, moment)
	}
	return q
}

// ListAccessEntries gives a page of the openings of personal data, the newest first, and how many there are. Below the district
// these are the openings by whoever holds a grant in the scope.
func (s *Store) ListAccessEntries(ctx context.Context, by OnDuty, q AccessQuery) (list []AccessEntry, total int64, err error) {
	found := s.db.WithContext(ctx).Table("data_accesses AS a").Joins("LEFT JOIN staff ON staff.id = a.staff_id").
		Where("a.created_at >= ? AND a.created_at < ?", q.From, q.Until)
	if !by.CoversDistrict() {
		of := s.db.Model(&Grant{}).Select("staff_id").
			Where("scope = ? AND scope_id IN ? OR scope = ? AND scope_id IN (?)", ScopeSubdistrict, by.scopeIDs(ScopeSubdistrict), ScopeSite, s.sitesWithin(by))
		found = found.Where("a.staff_id IN (?)", of)
	}
	if q.Name != "" {
		found = found.Where("staff.name = ?", q.Name)
	}
	if q.SubjectID != "" {
		found = found.Where("a.subject_id = ?", q.SubjectID)
	}
	found = found.Session(&gorm.Session{})
	if err := found.Count(&total).Error; err != nil {
		return nil, 0, s.fault(ctx, err, nil)
	}
	err = found.Select("a.*, COALESCE(staff.name, '') AS staff_name").Order("a.created_at DESC, a.id DESC").
		Limit(q.Size).Offset((q.Page - 1) * q.Size).Find(&list).Error
	return list, total, s.fault(ctx, err, nil)
}
