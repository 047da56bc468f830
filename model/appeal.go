package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrMarkNotFound   = fault.New(fault.NotFound, "mark_not_found", "没有找到这条失约记录。")
	ErrMarkLifted     = fault.New(fault.Conflict, "mark_lifted", "这条失约记录已经撤销。")
	ErrAppealExists   = fault.New(fault.Conflict, "appeal_exists", "这条失约记录已经申诉过了，每条只能申诉一次。")
	ErrAppealTooLate  = fault.New(fault.Conflict, "appeal_too_late", "申诉的期限已经过了。")
	ErrAppealNotFound = fault.New(fault.NotFound, "appeal_not_found", "没有找到这条申诉。")
	ErrAppealAnswered = fault.New(fault.Conflict, "appeal_answered", "这条申诉已经答复过了。")
)

// AppealReason is why a guardian holds a mark for wrong; a word to choose from.
type AppealReason string

const (
	AppealUnwell    AppealReason = "unwell"      // somebody was ill
	AppealCame      AppealReason = "came"        // the child was there and was not recorded
	AppealSite      AppealReason = "site"        // the site's doing
	AppealEmergency AppealReason = "emergency"   // something sudden at home
	AppealOther     AppealReason = "other_cause" // see the note
)

// AppealStatus is the state of an appeal.
type AppealStatus string

const (
	AppealOpen     AppealStatus = "open"
	AppealUpheld   AppealStatus = "upheld" // the mark is lifted
	AppealRejected AppealStatus = "rejected"
)

// Appeal is a guardian's objection to a mark; a mark has at most one. The note may tell of illness and stands sealed.
type Appeal struct {
	ID         string       `gorm:"type:char(26);primaryKey;index:appeals_by_status,priority:3"`
	MarkID     string       `gorm:"type:char(26);uniqueIndex:appeals_once"`
	ChildID    string       `gorm:"type:char(26);index:appeals_by_child"`
	ResidentID string       `gorm:"type:char(26)"`
	BookingID  string       `gorm:"type:char(26)"`
	SiteID     string       `gorm:"type:char(26);index:appeals_by_status,priority:2"`
	Reason     AppealReason `gorm:"size:24"`
	NoteSealed Sealed       `gorm:"type:varbinary(2048)"`
	Status     AppealStatus `gorm:"size:16;index:appeals_by_status,priority:1"`
	Answer     string       `gorm:"size:200"`
	AnsweredBy string       `gorm:"size:26"`
	AnsweredAt *time.Time   `gorm:"precision:3"`
	CreatedAt  time.Time    `gorm:"precision:3"`
}

// Settle is staff's answer.
func (a *Appeal) Settle(outcome AppealStatus, answer, staff string, now time.Time) error {
	if a.Status != AppealOpen {
		return ErrAppealAnswered
	}
	a.Status, a.Answer, a.AnsweredBy, a.AnsweredAt = outcome, answer, staff, &now
	return nil
}

// Changed is the event of an appeal that has just come into its state.
func (a Appeal) Changed(from AppealStatus, actor Actor, actorID string, at time.Time) Event {
	return Event{
		Subject: "appeal", SubjectID: a.ID, FromState: string(from), ToState: string(a.Status),
		Actor: actor, ActorID: actorID, Reason: a.Answer, CreatedAt: at,
	}
}

// Note opens what the guardian wrote.
func (a Appeal) Note(box Box) (string, error) {
	return a.NoteSealed.Open(box, "appeals", "note_sealed", a.ID)
}

// AppealUntil is until when a mark can be appealed, under the policy it was given by.
func (p ServicePolicy) AppealUntil(m Mark) time.Time { return m.CreatedAt.AddDate(0, 0, p.AppealDays) }

// MayAppeal says why the mark cannot be appealed now, or nil.
func (p ServicePolicy) MayAppeal(m Mark, now time.Time) error {
	switch {
	case m.LiftedAt != nil:
		return ErrMarkLifted
	case now.After(p.AppealUntil(m)):
		return ErrAppealTooLate
	}
	return nil
}
