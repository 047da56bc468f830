package model

import (
	"time"
	"unicode/utf8"

	"jiamenkou/model/fault"
)

var (
	ErrChildNotFound    = fault.New(fault.NotFound, "child_not_found", "没有找到这个孩子。")
	ErrChildExists      = fault.New(fault.Conflict, "child_exists", "这个孩子已经添加过了。")
	ErrTooManyChildren  = fault.New(fault.Conflict, "too_many_children", "添加的孩子已达上限；如确有需要，请联系街镇工作人员。")
	ErrChildHasBookings = fault.New(fault.Conflict, "child_has_bookings", "孩子还有未结束的预约：请先取消；已经开始的，请等结束后再试。")
	ErrBirthDateInvalid = fault.New(fault.Invalid, "birth_date_invalid", "出生日期不对：不能晚于今天，也不能早于18年前。")
)

// Gender of a child, as the guardian states it.
type Gender string

const (
	GenderFemale   Gender = "female"
	GenderMale     Gender = "male"
	GenderUnstated Gender = "unstated"
)

// ChildStatus says whether a child is on the guardian's list.
type ChildStatus string

const (
	ChildListed  ChildStatus = "listed"
	ChildRemoved ChildStatus = "removed"
)

// Child is a child in a resident's care. Everything that tells who it is stands sealed.
type Child struct {
	ID               string      `gorm:"type:char(26);primaryKey"`
	ResidentID       string      `gorm:"type:char(26);index:children_by_resident"`
	Fingerprint      Index       `gorm:"type:varbinary(32);uniqueIndex:children_fingerprint"`
	NameSealed       Sealed      `gorm:"type:varbinary(512)"`
	NameIndex        Index       `gorm:"type:varbinary(32);index:children_name"`
	BirthDateSealed  Sealed      `gorm:"type:varbinary(512)"`
	HealthNoteSealed Sealed      `gorm:"type:varbinary(2048)"`
	Gender           Gender      `gorm:"size:16"`
	Status           ChildStatus `gorm:"size:16"`
	CreatedAt        time.Time   `gorm:"precision:3"`
	UpdatedAt        time.Time   `gorm:"precision:3"`
}

// FormerFingerprint is what a child was stated as before it was changed.
type FormerFingerprint struct {
	Fingerprint Index  `gorm:"type:varbinary(32);primaryKey"`
	ChildID     string `gorm:"type:char(26)"`
}

// oldestChild is the age in years beyond which a birth date is taken for a slip: nobody in a guardian's care is older.
const oldestChild = 18

// CheckBirthDate refuses days that cannot be a child's birth.
func CheckBirthDate(birth, today Date) error {
	oldest := Date{today.Year - oldestChild, today.Month, today.Day}
	if birth.After(today) || birth.Before(oldest) {
		return ErrBirthDateInvalid.WithField("body.birth_date", ErrBirthDateInvalid.Message)
	}
	return nil
}

// BirthDate opens the day the child was born.
func (c Child) BirthDate(box Box) (Date, error) {
	text, err := c.BirthDateSealed.Open(box, "children", "birth_date_sealed", c.ID)
	if err != nil {
		return Date{}, err
	}
	return ParseDate(text)
}

// Name opens the name of a child on a list.
func (c Child) Name(box Box) (string, error) {
	return c.NameSealed.Open(box, "children", "name_sealed", c.ID)
}

// HealthNote opens what carers should know; empty when nothing was stated.
func (c Child) HealthNote(box Box) (string, error) {
	return c.HealthNoteSealed.Open(box, "children", "health_note_sealed", c.ID)
}

// ChildNameIndex is what children are found by when a name is told in full, written without blanks.
func ChildNameIndex(box Box, name string) Index { return box.Index("children.name", []byte(name)) }

// MaskedName keeps the first character of a name.
func MaskedName(name string) string {
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "*"
}

// Erase takes the person out of the record; the keyed fingerprint stays, so that a child added again finds its
// allowance of the year.
func (c *Child) Erase(now time.Time) {
	c.NameSealed, c.NameIndex, c.BirthDateSealed, c.HealthNoteSealed = Sealed{}, nil, Sealed{}, Sealed{}
	c.Gender, c.Status, c.UpdatedAt = GenderUnstated, ChildRemoved, now
}
