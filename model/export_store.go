package model

import (
	"bytes"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
)

// partSize is how much of a file stands in one row: well below the packet that MySQL takes by default.
const partSize = 512 << 10

// AddExport writes that a file was asked for; with content, that it is there.
func (s *Store) AddExport(ctx context.Context, e Export, content []byte) error {
	if err := s.db.WithContext(ctx).Create(&e).Error; err != nil {
		return s.fault(ctx, err, nil)
	}
	return s.addParts(ctx, e, content)
}

func (s *Store) addParts(ctx context.Context, e Export, content []byte) error {
	part := 0
	for piece := range slices.Chunk(content, partSize) {
		if err := s.db.WithContext(ctx).Create(&ExportPart{e.ID, part, piece}).Error; err != nil {
			return s.fault(ctx, err, nil)
		}
		part++
	}
	return nil
}

// FinishExport writes the file of one that was owed, whole; ErrExportNotFound when it has expired or is there already.
func (s *Store) FinishExport(ctx context.Context, e Export, content []byte) error {
	done := s.db.WithContext(ctx).Model(&Export{}).Where("id = ? AND status = ?", e.ID, ExportOwed).
		Updates(map[string]any{"status": e.Status, "done": e.Done, "total": e.Total, "expires_at": e.ExpiresAt})
	if err := s.took(ctx, done, ErrExportNotFound); err != nil {
		return err
	}
	return s.addParts(ctx, e, content)
}

// SaveExportProgress notes how many lines are written so far, for whoever waits.
func (s *Store) SaveExportProgress(ctx context.Context, id string, lines int) error {
	done := s.db.WithContext(ctx).Model(&Export{}).Where("id = ? AND status = ?", id, ExportOwed).Update("done", lines)
	return s.fault(ctx, done.Error, nil)
}

// FindExport gives a file that has not expired, without its content.
func (s *Store) FindExport(ctx context.Context, id string, now time.Time) (Export, error) {
	var one Export
	err := s.db.WithContext(ctx).Where("id = ? AND expires_at > ?", id, now).Take(&one).Error
	return one, s.fault(ctx, err, ErrExportNotFound)
}

// ListExports gives the files of a member of staff that have not expired, the newest first.
func (s *Store) ListExports(ctx context.Context, staffID string, now time.Time, limit int) ([]Export, error) {
	var list []Export
	err := s.db.WithContext(ctx).Where("staff_id = ? AND expires_at > ?", staffID, now).Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ReadExport gives the file.
func (s *Store) ReadExport(ctx context.Context, id string) ([]byte, error) {
	var parts []ExportPart
	err := s.db.WithContext(ctx).Where("export_id = ?", id).Order("part").Find(&parts).Error
	var whole bytes.Buffer
	for _, p := range parts {
		whole.Write(p.Content)
	}
	return whole.Bytes(), s.fault(ctx, err, nil)
}

// DropExpiredExports removes some of the files whose time is over and says how many.
func (s *Store) DropExpiredExports(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		var ids []string
		db := tx.db.WithContext(ctx)
		if err := db.Model(&Export{}).Where("expires_at <= ?", now).Order("id").Limit(limit).Pluck("id", &ids).Error; err != nil {
			return tx.fault(ctx, err, nil)
		}
		if n = len(ids); n == 0 {
			return nil
		}
		if err := db.Where("export_id IN ?", ids).Delete(&ExportPart{}).Error; err != nil {
			return tx.fault(ctx, err, nil)
		}
		return tx.fault(ctx, db.Where("id IN ?", ids).Delete(&Export{}).Error, nil)
	})
	return n, err
}

// CountSessions says how many lines ListSessions has in all.
func (s *Store) CountSessions(ctx context.Context, sites []string, p Period) (int, error) {
	var n int64
	err := s.allSessions(ctx, sites, p).Count(&n).Error
	return int(n), s.fault(ctx, err, nil)
}

// ListSessions gives a page of the sessions of the period, those that were called off included and drafts not, by day and
// id: those behind after.
func (s *Store) ListSessions(ctx context.Context, sites []string, p Period, after Slot, limit int) ([]SessionLine, error) {
	q := s.allSessions(ctx, sites, p)
	if after.ID != "" {
		q = q.Where("date > ? OR date = ? AND id > ?", after.Date, after.Date, after.ID)
	}
	var slots []Slot
	if err := q.Order("date, id").Limit(limit).Find(&slots).Error; err != nil {
		return nil, s.fault(ctx, err, nil)
	}
	return s.withFigures(ctx, slots)
}

func (s *Store) allSessions(ctx context.Context, sites []string, p Period) *gorm.DB {
	return s.db.WithContext(ctx).Model(&Slot{}).
		Where("date BETWEEN ? AND ? AND site_id IN ? AND status <> ?", p.From, p.To, sites, SlotDraft)
}

func (s *Store) withFigures(ctx context.Context, slots []Slot) ([]SessionLine, error) {
	list, place, ids := make([]SessionLine, len(slots)), make(map[string]int, len(slots)), make([]string, len(slots))
	for i, slot := range slots {
		list[i], place[slot.ID], ids[i] = SessionLine{Slot: slot}, i, slot.ID
		if slices.Contains(StandingSlots, slot.Status) {
			list[i].Figures.Sessions, list[i].Figures.Offered = 1, slot.Capacity
		}
	}
	var rows []struct {
		SlotID string
		Status BookingStatus
		N      int
	}
	err := s.db.WithContext(ctx).Model(&Booking{}).Select("slot_id, status, COUNT(*) AS n").Where("slot_id IN ?", ids).
		Group("slot_id, status").Scan(&rows).Error
	for _, r := range rows {
		list[place[r.SlotID]].Figures.Count(r.Status, r.N)
	}
	return list, s.fault(ctx, err, nil)
}
