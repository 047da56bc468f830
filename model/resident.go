package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrResidentNotFound = fault.New(fault.NotFound, "resident_not_found", "没有找到这个账号。")
	ErrAccountBlocked   = fault.New(fault.Forbidden, "account_blocked", "这个账号已被停用，请联系街镇工作人员。")
	ErrNothingHeld      = fault.New(fault.NotFound, "nothing_held", "这一项没有填写，没有内容可看。")
	ErrPaperPhone       = fault.New(fault.Conflict, "paper_phone_differs", "申请上的手机号和这个账号的不一致，请核对是不是同一位家长。")
	ErrAccountClosed    = fault.New(fault.Conflict, "account_closed", "这个账号已经注销。")
)

// ResidentStatus says whether an account may be used.
type ResidentStatus string

const (
	ResidentActive  ResidentStatus = "active"
	ResidentBlocked ResidentStatus = "blocked"
	ResidentClosed  ResidentStatus = "closed"
)

// Resident is a person who signs in with WeChat. The open id and the phone are sealed; their keyed hashes serve
// equality only. A closed account keeps its row, for counts and lawful records, without the person.
type Resident struct {
	ID              string         `gorm:"type:char(26);primaryKey"`
	OpenIDIndex     Index          `gorm:"type:varbinary(32);uniqueIndex:residents_open_id"`
	OpenIDSealed    Sealed         `gorm:"type:varbinary(512)"`
	Nickname        string         `gorm:"size:40"`
	SubdistrictCode string         `gorm:"type:char(9)"`
	PhoneSealed     Sealed         `gorm:"type:varbinary(512)"`
	PhoneIndex      Index          `gorm:"type:varbinary(32);index:residents_phone"`
	PhoneTailIndex  Index          `gorm:"type:varbinary(32);index:residents_phone_tail"` // of the last four digits
	PhoneVerifiedAt *time.Time     `gorm:"precision:3"`
	Status          ResidentStatus `gorm:"size:16"`
	CreatedAt       time.Time      `gorm:"precision:3"`
	UpdatedAt       time.Time      `gorm:"precision:3"`
	ClosedAt        *time.Time     `gorm:"precision:3"`
}

// MayUse says why the account cannot be used, or nil.
func (r Resident) MayUse() error {
	switch r.Status {
	case ResidentBlocked:
		return ErrAccountBlocked
	case ResidentClosed:
		return ErrAccountClosed
	case ResidentActive:
	}
	return nil
}

// Phone opens the number; empty when none is held.
func (r Resident) Phone(box Box) (string, error) {
	return r.PhoneSealed.Open(box, "residents", "phone_sealed", r.ID)
}

// SealPhone puts a number in place of the one before, with what it is found by: in full, and by its last four digits.
func (r *Resident) SealPhone(box Box, number string) (err error) {
	r.PhoneSealed, err = Seal(box, "residents", "phone_sealed", r.ID, number)
	r.PhoneIndex, r.PhoneTailIndex = PhoneIndex(box, number), PhoneTailIndex(box, PhoneTail(number))
	return err
}

// PhoneIndex is what an account is found by when its number is told in full.
func PhoneIndex(box Box, number string) Index { return box.Index("residents.phone", []byte(number)) }

// PhoneTailIndex is what accounts are found by when the last four digits of a number are told.
func PhoneTailIndex(box Box, tail string) Index {
	return box.Index("residents.phone_tail", []byte(tail))
}

// Erase takes the person out of the record and keeps the row.
func (r *Resident) Erase(now time.Time) {
	r.OpenIDIndex, r.OpenIDSealed = nil, Sealed{}
	r.PhoneIndex, r.PhoneTailIndex, r.PhoneSealed, r.PhoneVerifiedAt = nil, nil, Sealed{}, nil
	r.Nickname, r.SubdistrictCode = "", ""
	r.Status, r.ClosedAt, r.UpdatedAt = ResidentClosed, &now, now
}
