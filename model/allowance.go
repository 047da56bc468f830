package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrAllowanceUsedUp    = fault.New(fault.Conflict, "allowance_used_up", "孩子今年的免费次数已经用完。")
	ErrSelfPaidUnaccepted = fault.New(fault.Conflict, "self_paid_not_accepted", "孩子今年的免费次数已经用完；继续预约须到场自费，请先确认同意自费。")
)

// Allowance is a child's free sessions of one year. Used is changed only by guarded updates and never passes
// Granted.
type Allowance struct {
	ID       string        `gorm:"type:char(26);primaryKey"`
	ChildID  string        `gorm:"type:char(26);uniqueIndex:allowances_of_year"`
	Year     int           `gorm:"type:int;uniqueIndex:allowances_of_year"`
	PolicyID string        `gorm:"type:char(26)"`
	Unit     AllowanceUnit `gorm:"size:16"`
	Granted  int           `gorm:"type:int"`
	Used     int           `gorm:"type:int"`
}

// Remaining is what can still be booked, in units.
func (a Allowance) Remaining() int { return a.Granted - a.Used }

// EntryKind is why the allowance changed.
type EntryKind string

const (
	EntryDebit  EntryKind = "debit"
	EntryReturn EntryKind = "return"
)

// AllowanceEntry is a line of the allowance's ledger: Amount is positive for a debit and negative for a return,
// so that the lines of an allowance add up to Used. A booking has at most one line of each kind.
type AllowanceEntry struct {
	ID          string    `gorm:"type:char(26);primaryKey"`
	AllowanceID string    `gorm:"type:char(26);index:allowance_entries_by_allowance"`
	BookingID   string    `gorm:"type:char(26);uniqueIndex:allowance_entries_once"`
	Kind        EntryKind `gorm:"size:16;uniqueIndex:allowance_entries_once"`
	Amount      int       `gorm:"type:int"`
	CreatedAt   time.Time `gorm:"precision:3"`
}
