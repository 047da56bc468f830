package model

import "time"

// MarkKind is what a mark was given for.
type MarkKind string

const (
	MarkLateCancel MarkKind = "late_cancel"
	MarkNoShow     MarkKind = "no_show"
)

// Mark records that a child's booked place was wasted. Points add up to strikes: by default a no-show is two, a
// late cancel one, and two points are a strike. A booking leaves at most one mark; a lifted mark counts no more.
type Mark struct {
	ID           string     `gorm:"type:char(26);primaryKey"`
	ChildID      string     `gorm:"type:char(26);index:marks_by_child"`
	BookingID    string     `gorm:"type:char(26);uniqueIndex:marks_once"`
	Kind         MarkKind   `gorm:"size:16"`
	Points       int        `gorm:"type:int"`
	CreatedAt    time.Time  `gorm:"precision:3;index:marks_by_child"`
	LiftedAt     *time.Time `gorm:"precision:3"`
	LiftedReason string     `gorm:"size:200"`
}

// BlockedUntil is when a child with the marks, oldest first, may book again; the zero time when it may now. Whenever
// the strikes of the window reach the policy's number, booking stops for the policy's days from that mark on.
func (p ServicePolicy) BlockedUntil(marks []Mark, now time.Time) time.Time {
	window := time.Duration(p.StrikeWindowDays) * 24 * time.Hour
	var until time.Time
	for i, mark := range marks {
		if mark.LiftedAt != nil || mark.Points == 0 || pointsSince(marks[:i+1], mark.CreatedAt.Add(-window))/p.PointsPerStrike < p.StrikesToBlock {
			continue
		}
		if end := mark.CreatedAt.AddDate(0, 0, p.BlockDays); end.After(now) && end.After(until) {
			until = end
		}
	}
	return until
}

func pointsSince(marks []Mark, since time.Time) int {
	sum := 0
	for _, m := range marks {
		if m.LiftedAt == nil && m.CreatedAt.After(since) {
			sum += m.Points
		}
	}
	return sum
}
