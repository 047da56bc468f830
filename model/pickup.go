package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrPickupPersonNotFound = fault.New(fault.NotFound, "pickup_person_not_found", "没有找到这位接送人。")
	ErrTooManyPickupPersons = fault.New(fault.Conflict, "too_many_pickup_persons", "孩子的接送人已达上限，请先删除一位。")
)

// Relation is what a pick-up person is to the child. It is a word to choose from, so that nobody writes a story.
type Relation string

const (
	RelationParent      Relation = "parent"
	RelationGrandparent Relation = "grandparent"
	RelationRelative    Relation = "relative"
	RelationNanny       Relation = "nanny"
	RelationOther       Relation = "other"
)

// PickupStatus says whether a pick-up person may still fetch the child.
type PickupStatus string

const (
	PickupListed  PickupStatus = "listed"
	PickupRemoved PickupStatus = "removed"
)

// PickupPerson is somebody the guardian lets fetch a child. Name and phone stand sealed. A removed one keeps its row
// without the person: a hand-over may point to it.
type PickupPerson struct {
	ID          string       `gorm:"type:char(26);primaryKey"`
	ChildID     string       `gorm:"type:char(26);index:pickup_persons_by_child,priority:1"`
	Relation    Relation     `gorm:"size:16"`
	NameSealed  Sealed       `gorm:"type:varbinary(512)"`
	PhoneSealed Sealed       `gorm:"type:varbinary(512)"`
	Status      PickupStatus `gorm:"size:16;index:pickup_persons_by_child,priority:2"`
	CreatedAt   time.Time    `gorm:"precision:3"`
	UpdatedAt   time.Time    `gorm:"precision:3"`
}

// TableName is what the table is called.
func (PickupPerson) TableName() string { return "pickup_persons" }

// Name opens what the person is called.
func (p PickupPerson) Name(box Box) (string, error) {
	return p.NameSealed.Open(box, "pickup_persons", "name_sealed", p.ID)
}

// Phone opens the person's number.
func (p PickupPerson) Phone(box Box) (string, error) {
	return p.PhoneSealed.Open(box, "pickup_persons", "phone_sealed", p.ID)
}

// Changed is the event of a pick-up person who has just come onto the list, been restated, or been taken off.
func (p PickupPerson) Changed(from PickupStatus, resident string) Event {
	return Event{
		Subject: "pickup_person", SubjectID: p.ID, FromState: string(from), ToState: string(p.Status),
		Actor: ActorResident, ActorID: resident, CreatedAt: p.UpdatedAt,
	}
}

// Erase takes the person out of the record.
func (p *PickupPerson) Erase(now time.Time) {
	p.NameSealed, p.PhoneSealed, p.Status, p.UpdatedAt = Sealed{}, Sealed{}, PickupRemoved, now
}

// phoneTail is how many digits of a number are shown to staff.
const phoneTail = 4

// PhoneTail is the last four digits of a number, and nothing of one that has no more than those.
func PhoneTail(number string) string {
	if len(number) <= phoneTail {
		return ""
	}
	return number[len(number)-phoneTail:]
}

// MaskedPhone keeps the first three and the last four digits of a number.
func MaskedPhone(number string) string {
	const kept = 3 + phoneTail
	if len(number) <= kept {
		return ""
	}
	return number[:3] + "****" + PhoneTail(number)
}
