package model

import (
	"context"
	"time"
)

// Actor is the kind of hand that changed something.
type Actor string

const (
	ActorResident Actor = "resident"
	ActorStaff    Actor = "staff"
	ActorSystem   Actor = "system"
)

// StaffOrSystem is whose hand it was: the staff member's, or the system's own when there is none.
func StaffOrSystem(staffID string) Actor {
	if staffID == "" {
		return ActorSystem
	}
	return ActorStaff
}

// Event is a change of state: who, from, to, why, when. It is written in the transaction of the change.
type Event struct {
	ID        string    `gorm:"type:char(26);primaryKey;index:events_by_subject,priority:2"`
	Subject   string    `gorm:"size:20"` // the record's kind: booking, slot, child, resident
	SubjectID string    `gorm:"type:char(26);index:events_by_subject,priority:1"`
	FromState string    `gorm:"size:20"`
	ToState   string    `gorm:"size:20"`
	Actor     Actor     `gorm:"size:16"`
	ActorID   string    `gorm:"size:26"`
	Reason    string    `gorm:"size:200"`
	CreatedAt time.Time `gorm:"precision:3"`
}

// AddEvents writes events.
func (s *Store) AddEvents(ctx context.Context, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		events[i].ID = s.NewID()
	}
	return s.fault(ctx, s.db.WithContext(ctx).CreateInBatches(&events, rowsAtOnce).Error, nil)
}

// ListEvents gives the history of one record, oldest first.
func (s *Store) ListEvents(ctx context.Context, subjectID string) ([]Event, error) {
	var list []Event
	err := s.db.WithContext(ctx).Where("subject_id = ?", subjectID).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}
