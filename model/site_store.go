package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

// AddSite writes a new site.
func (s *Store) AddSite(ctx context.Context, site Site) error {
	return s.fault(ctx, s.db.WithContext(ctx).Create(&site).Error, nil)
}

// SaveSite stores everything about a site that staff can change, if it still is of the version seen; else
// ErrChangedMeanwhile. It is of the next version then.
func (s *Store) SaveSite(ctx context.Context, site Site, seen int) error {
	done := s.db.WithContext(ctx).Model(&Site{}).Where("id = ? AND version = ?", site.ID, seen).Updates(map[string]any{
		"subdistrict_code": site.SubdistrictCode, "name": site.Name, "host_kind": site.HostKind, "host_name": site.HostName,
		"address": site.Address, "latitude": site.Latitude, "longitude": site.Longitude, "phone": site.Phone, "hours": site.Hours,
		"intro": site.Intro, "photos": site.Photos, "status": site.Status, "version": seen + 1, "updated_at": site.UpdatedAt,
	})
	return s.took(ctx, done, ErrChangedMeanwhile)
}

// ListRoomsOf gives the rooms of sites, retired ones included, by name.
func (s *Store) ListRoomsOf(ctx context.Context, siteIDs ...string) ([]Room, error) {
	var list []Room
	err := s.db.WithContext(ctx).Where("site_id IN ?", siteIDs).Order("site_id, name").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindRoom gives one room.
func (s *Store) FindRoom(ctx context.Context, id string) (Room, error) {
	var one Room
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrRoomNotFound)
}

// AddRoom writes a new room; ErrRoomExists when the site has one of the name.
func (s *Store) AddRoom(ctx context.Context, r Room) error {
	err := s.db.WithContext(ctx).Create(&r).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrRoomExists
	}
	return s.fault(ctx, err, nil)
}

// SaveRoom stores a room's name, note and status, if it still is of the version seen.
func (s *Store) SaveRoom(ctx context.Context, r Room, seen int) error {
	done := s.db.WithContext(ctx).Model(&Room{}).Where("id = ? AND version = ?", r.ID, seen).
		Updates(map[string]any{"name": r.Name, "note": r.Note, "status": r.Status, "version": seen + 1, "updated_at": r.UpdatedAt})
	if errors.Is(done.Error, gorm.ErrDuplicatedKey) {
		return ErrRoomExists
	}
	return s.took(ctx, done, ErrChangedMeanwhile)
}

// KeepRoom sees to it that a site has the room a plan names: one that nobody has named before is added, one that was
// retired is ErrRoomRetired. The caller has the site locked.
func (s *Store) KeepRoom(ctx context.Context, siteID, name string, now time.Time) error {
	var there []Room
	err := s.db.WithContext(ctx).Where("site_id = ? AND name = ?", siteID, name).Limit(1).Find(&there).Error
	switch {
	case err != nil:
		return s.fault(ctx, err, nil)
	case len(there) == 0:
		return s.AddRoom(ctx, Room{ID: s.NewID(), SiteID: siteID, Name: name, Status: RoomActive, Version: 1, CreatedAt: now, UpdatedAt: now})
	case there[0].Status == RoomRetired:
		return ErrRoomRetired
	}
	return nil
}

// RoomInUse reports whether a weekly plan of the day or later, or a slot that has not ended, is in the room. The caller has
// the site locked.
func (s *Store) RoomInUse(ctx context.Context, siteID, name string, day Date, now time.Time) (bool, error) {
	for _, q := range []*gorm.DB{
		s.db.Model(&WeeklyTemplate{}).Where("valid_until IS NULL OR valid_until >= ?", day),
		s.db.Model(&Slot{}).Where("end_at > ? AND status IN ?", now, []SlotStatus{SlotDraft, SlotOpen, SlotClosed}),
	} {
		var n int64
		if err := q.WithContext(ctx).Where("site_id = ? AND room = ?", siteID, name).Limit(1).Count(&n).Error; err != nil || n > 0 {
			return n > 0, s.fault(ctx, err, nil)
		}
	}
	return false, nil
}

// RenameRoom gives a room another name in the plans and slots of the day and later; what was before keeps the one it had.
// The caller has the site locked.
func (s *Store) RenameRoom(ctx context.Context, siteID, from, to string, day Date, now time.Time) error {
	db := s.db.WithContext(ctx)
	for _, done := range []*gorm.DB{
		db.Model(&WeeklyTemplate{}).Where("site_id = ? AND room = ?", siteID, from).
			Where("valid_until IS NULL OR valid_until >= ?", day).Update("room", to),
		db.Model(&PlanException{}).Where("site_id = ? AND room = ? AND until_date >= ?", siteID, from, day).Update("room", to),
		db.Model(&Slot{}).Where("site_id = ? AND room = ? AND date >= ?", siteID, from, day).
			Updates(map[string]any{"room": to, "updated_at": now}),
	} {
		if done.Error != nil {
			return s.fault(ctx, done.Error, nil)
		}
	}
	return nil
}

// ListCarersOf gives the carers of sites, those who have left included: who works there first, then in the order in which
// they came.
func (s *Store) ListCarersOf(ctx context.Context, siteIDs ...string) ([]Carer, error) {
	var list []Carer
	err := s.db.WithContext(ctx).Where("site_id IN ?", siteIDs).Order("site_id, status, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindCarer gives one carer, also when he has left.
func (s *Store) FindCarer(ctx context.Context, id string) (Carer, error) {
	var one Carer
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrCarerNotFound)
}

// AddCarer writes a new carer with certificates.
func (s *Store) AddCarer(ctx context.Context, c Carer, held []CarerCertificate) error {
	if err := s.db.WithContext(ctx).Create(&c).Error; err != nil {
		return s.fault(ctx, err, nil)
	}
	return s.SaveCertificates(ctx, c.ID, held)
}

// SaveCarer stores everything about a carer that staff can change, if it still is of the version seen.
func (s *Store) SaveCarer(ctx context.Context, c Carer, seen int) error {
	done := s.db.WithContext(ctx).Model(&Carer{}).Where("id = ? AND version = ?", c.ID, seen).
		Updates(map[string]any{"name": c.Name, "title": c.Title, "intro": c.Intro, "status": c.Status, "version": seen + 1})
	return s.took(ctx, done, ErrChangedMeanwhile)
}

// SaveCertificates puts a carer's certificates in the place of those there were.
func (s *Store) SaveCertificates(ctx context.Context, carerID string, held []CarerCertificate) error {
	err := s.db.WithContext(ctx).Where("carer_id = ?", carerID).Delete(&CarerCertificate{}).Error
	if err != nil || len(held) == 0 {
		return s.fault(ctx, err, nil)
	}
	for i := range held {
		held[i].ID, held[i].CarerID = s.NewID(), carerID
	}
	return s.fault(ctx, s.db.WithContext(ctx).Create(&held).Error, nil)
}

// CarerPlanned reports whether a weekly plan of the day or later, or a slot that has not ended, is the carer's. The caller
// has the site locked.
func (s *Store) CarerPlanned(ctx context.Context, carerID string, day Date, now time.Time) (bool, error) {
	for _, q := range []*gorm.DB{
		s.db.Model(&WeeklyTemplate{}).Where("valid_until IS NULL OR valid_until >= ?", day),
		s.db.Model(&Slot{}).Where("end_at > ? AND status IN ?", now, []SlotStatus{SlotDraft, SlotOpen, SlotClosed}),
	} {
		var n int64
		if err := q.WithContext(ctx).Where("carer_id = ?", carerID).Limit(1).Count(&n).Error; err != nil || n > 0 {
			return n > 0, s.fault(ctx, err, nil)
		}
	}
	return false, nil
}

// AddPhotoFile writes a picture; ErrPhotoExists when the site has the same.
func (s *Store) AddPhotoFile(ctx context.Context, f PhotoFile) error {
	err := s.db.WithContext(ctx).Create(&f).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrPhotoExists
	}
	return s.fault(ctx, err, nil)
}

// FindPhotoFile gives a picture with its content.
func (s *Store) FindPhotoFile(ctx context.Context, id string) (PhotoFile, error) {
	var one PhotoFile
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrPhotoNotFound)
}

// DropPhotoFiles removes those pictures of a site that its list does not show any more.
func (s *Store) DropPhotoFiles(ctx context.Context, site Site) error {
	shown := []string{""} // never an empty list, which no engine takes
	for _, p := range site.Photos {
		shown = append(shown, p.FileID())
	}
	err := s.db.WithContext(ctx).Where("site_id = ? AND id NOT IN ?", site.ID, shown).Delete(&PhotoFile{}).Error
	return s.fault(ctx, err, nil)
}
