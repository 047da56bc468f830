package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// FindDayRevision gives a text that is another one as soon as anything of a site's day has changed: its slots, who has
// booked, come, gone or not come, and who waits. It holds nothing personal, and is the same on every server.
func (s *Store) FindDayRevision(ctx context.Context, siteID string, day Date) (string, error) {
	slots, err := s.ListSlots(ctx, siteID, day, day)
	if err != nil {
		return "", err
	}
	hash, ids := sha256.New(), make([]string, len(slots))
	_, _ = fmt.Fprintln(hash, day)
	for i, slot := range slots {
		ids[i] = slot.ID
		_, _ = fmt.Fprintln(hash, slot.ID, slot.Status, slot.Capacity, slot.Booked, slot.Held, slot.Waiting, slot.UpdatedAt.UnixMilli())
	}
	var rows []struct {
		SlotID  string
		Status  BookingStatus
		Places  int
		Changed string // as the engine writes it: it is only ever compared
	}
	err = s.db.WithContext(ctx).Model(&Booking{}).Select("slot_id, status, COUNT(*) AS places, MAX(updated_at) AS changed").
		Where("slot_id IN ?", ids).Group("slot_id, status").Order("slot_id, status").Scan(&rows).Error
	for _, r := range rows {
		_, _ = fmt.Fprintln(hash, r.SlotID, r.Status, r.Places, r.Changed)
	}
	return hex.EncodeToString(hash.Sum(nil)[:revisionSize]), s.fault(ctx, err, nil)
}

const revisionSize = 12 // bytes
