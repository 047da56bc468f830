package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrWaitingNotFound  = fault.New(fault.NotFound, "waiting_not_found", "没有找到这条候补。")
	ErrAlreadyWaiting   = fault.New(fault.Conflict, "already_waiting", "孩子已经在候补这个时段。")
	ErrSlotHasPlaces    = fault.New(fault.Conflict, "slot_has_places", "这个时段还有名额，请直接预约。")
	ErrTooManyWaiting   = fault.New(fault.Conflict, "too_many_waiting", "孩子的候补已达上限，请先退出一些候补。")
	ErrNotOffered       = fault.New(fault.Conflict, "place_not_offered", "还没有轮到，暂时没有为孩子保留名额。")
	ErrOfferExpired     = fault.New(fault.Conflict, "offer_expired", "保留的名额已过确认时间，已经让给下一位。")
	ErrWaitingEnded     = fault.New(fault.Conflict, "waiting_ended", "这条候补已经结束。")
	ErrCapacityTooSmall = fault.New(fault.Conflict, "capacity_too_small", "名额不能少于已约和已保留的人数。")
)

// WaitingStatus is the state of an entry on a waiting list.
type WaitingStatus string

const (
	WaitingInLine   WaitingStatus = "waiting"
	WaitingOffered  WaitingStatus = "offered"
	WaitingAccepted WaitingStatus = "accepted"
	WaitingDeclined WaitingStatus = "declined"
	WaitingExpired  WaitingStatus = "expired"
	WaitingLeft     WaitingStatus = "left"
)

// LiveWaiting are the states in which a child waits or has a place held.
var LiveWaiting = []WaitingStatus{WaitingInLine, WaitingOffered}

// WaitingEntry is a child's turn on a slot's waiting list. Turns are given out once and never change, so a rank only gets
// better. While the entry is offered, one of the slot's places is held for the child. It carries the policy it was made
// under.
type WaitingEntry struct {
	ID             string        `gorm:"type:char(26);primaryKey;index:waiting_entries_by_resident,priority:2"`
	ResidentID     string        `gorm:"type:char(26);index:waiting_entries_by_resident,priority:1"`
	ChildID        string        `gorm:"type:char(26);index:waiting_entries_by_child,priority:1"`
	SlotID         string        `gorm:"type:char(26);uniqueIndex:waiting_entries_turn,priority:1;index:waiting_entries_by_slot,priority:1"`
	SiteID         string        `gorm:"type:char(26)"`
	ServiceID      string        `gorm:"type:char(26)"`
	PolicyID       string        `gorm:"type:char(26)"`
	PolicyVersion  int           `gorm:"type:int"`
	Turn           int           `gorm:"type:int;uniqueIndex:waiting_entries_turn,priority:2;index:waiting_entries_by_slot,priority:3"`
	AcceptSelfPaid bool          // the guardian pays at the site when the allowance is used up
	StartAt        time.Time     `gorm:"precision:3"`
	EndAt          time.Time     `gorm:"precision:3"`
	Status         WaitingStatus `gorm:"size:16;index:waiting_entries_by_slot,priority:2;index:waiting_entries_by_child,priority:2"`
	OfferedAt      *time.Time    `gorm:"precision:3"`
	OfferExpiresAt *time.Time    `gorm:"precision:3"`
	BookingID      *string       `gorm:"type:char(26)"`
	CreatedAt      time.Time     `gorm:"precision:3"`
	UpdatedAt      time.Time     `gorm:"precision:3"`
}

// Live reports whether the child still waits or has a place held.
func (w WaitingEntry) Live() bool {
	return w.Status == WaitingInLine || w.Status == WaitingOffered
}

// Offer holds a place for the child until the moment.
func (w *WaitingEntry) Offer(until, now time.Time) {
	w.Status, w.OfferedAt, w.OfferExpiresAt, w.UpdatedAt = WaitingOffered, &now, &until, now
}

// Accept says whether the held place can still be taken now. The booking is made by the caller.
func (w WaitingEntry) Accept(now time.Time) error {
	switch {
	case w.Status == WaitingInLine:
		return ErrNotOffered
	case w.Status == WaitingExpired, w.Status == WaitingOffered && !now.Before(*w.OfferExpiresAt):
		return ErrOfferExpired
	case w.Status != WaitingOffered:
		return ErrWaitingEnded
	}
	return nil
}

// CheckLines judges a further waiting list against those the child is on: one entry a slot, and no more than most in all.
func CheckLines(waiting []WaitingEntry, slotID string, most int) error {
	for _, w := range waiting {
		if w.SlotID == slotID {
			return ErrAlreadyWaiting
		}
	}
	if len(waiting) >= most {
		return ErrTooManyWaiting
	}
	return nil
}

// Changed is the event of an entry that has just come into its state.
func (w WaitingEntry) Changed(from WaitingStatus, actor Actor, actorID, reason string) Event {
	return Event{
		Subject: "waiting", SubjectID: w.ID, FromState: string(from), ToState: string(w.Status),
		Actor: actor, ActorID: actorID, Reason: reason, CreatedAt: w.UpdatedAt,
	}
}
