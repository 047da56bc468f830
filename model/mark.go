package model

import (
	"fmt"
	"time"
)

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

// LapsesAt is when the mark counts no more, if it has not been lifted before.
func (p ServicePolicy) LapsesAt(m Mark) time.Time {
	return m.CreatedAt.AddDate(0, 0, p.StrikeWindowDays)
}

// Tally is what a child's marks amount to under a policy.
type Tally struct {
	Strikes      int
	BlockedUntil time.Time // zero: it may book
}

// TallyOf adds up the marks of a child, oldest first.
func (p ServicePolicy) TallyOf(marks []Mark, now time.Time) Tally {
	since := now.AddDate(0, 0, -p.StrikeWindowDays)
	return Tally{pointsSince(marks, since) / p.PointsPerStrike, p.BlockedUntil(marks, now)}
}

// Reaches reports whether a mark made the tally what it is from what it was before: one strike more, or a block.
func (t Tally) Reaches(before Tally) bool {
	return t.Strikes > before.Strikes || t.BlockedUntil.After(before.BlockedUntil)
}

// Lift takes the mark back: it counts no more.
func (m *Mark) Lift(reason string, now time.Time) error {
	if m.LiftedAt != nil {
		return ErrMarkLifted
	}
	m.LiftedAt, m.LiftedReason = &now, reason
	return nil
}

// Lifted is the event of a mark that has just been lifted.
func (m Mark) Lifted(staff string) Event {
	return Event{
		Subject: "mark", SubjectID: m.ID, FromState: "counting", ToState: "lifted",
		Actor: StaffOrSystem(staff), ActorID: staff, Reason: m.LiftedReason, CreatedAt: *m.LiftedAt,
	}
}

// StrikeNotice tells the guardian of a mark and what it comes to.
func StrikeNotice(b Booking, m Mark, t Tally, p ServicePolicy, zone *time.Location) Notice {
	body := map[MarkKind]string{
		MarkNoShow: "%s的预约登记为未到。", MarkLateCancel: "%s的预约取消得太迟。",
	}[m.Kind]
	body = fmt.Sprintf(body, SpokenSpan(b.StartAt, b.EndAt, zone))
	if t.Strikes > 0 {
		body += fmt.Sprintf("近%d天内失约累计%d次。", p.StrikeWindowDays, t.Strikes)
	}
	if !t.BlockedUntil.IsZero() {
		body += fmt.Sprintf("孩子的预约暂停到%s。", Spoken(t.BlockedUntil, zone))
	}
	body += "如有异议，可以申诉。"
	return Notice{
		ResidentID: b.ResidentID, Kind: NoticeStrike, Title: "失约提醒", Body: body, SubjectID: b.ID, CreatedAt: m.CreatedAt,
		Facts: SessionFacts(b.SiteID, b.StartAt, b.EndAt, "已记一次失约，如有异议可申诉", zone),
	}
}
