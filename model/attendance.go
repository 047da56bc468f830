package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrCheckInCode      = fault.New(fault.Invalid, "check_in_code_invalid", "签到码不对、已用过或已过期，请家长重新打开签到码，或从名单上手工签到。")
	ErrAlreadyCheckedIn = fault.New(fault.Conflict, "already_checked_in", "孩子已经签到。")
	ErrAlreadyLeft      = fault.New(fault.Conflict, "already_left", "这次托育已经结束。")
	ErrBookingCalledOff = fault.New(fault.Conflict, "booking_cancelled", "这个预约已经取消。")
	ErrCheckInOtherDay  = fault.New(fault.Conflict, "check_in_other_day", "这个预约不是今天的。")
	ErrCheckInTooEarly  = fault.New(fault.Conflict, "check_in_too_early", "还没有到签到的时间。")
	ErrCheckInTooLate   = fault.New(fault.Conflict, "check_in_too_late", "时段已经结束，不能再签到。")
	ErrNotCheckedIn     = fault.New(fault.Conflict, "not_checked_in", "孩子还没有签到。")
	ErrNoShowTooEarly   = fault.New(fault.Conflict, "no_show_too_early", "还没有到可以登记未到的时间。")
	ErrAlreadyNoShow    = fault.New(fault.Conflict, "already_no_show", "这个预约已经登记为未到。")
)

// Ending is how a child's stay ended.
type Ending string

const (
	EndingGuardian     Ending = "guardian"      // handed over to the guardian
	EndingPickupPerson Ending = "pickup_person" // handed over to a named person
	EndingUnrecorded   Ending = "unrecorded"    // nobody recorded a hand-over; the system closed the stay
)

// Attendance is that a child came to a booked session and went, by which hands. Temperature and remark are health data
// of a child and stand sealed.
type Attendance struct {
	ID                string     `gorm:"type:char(26);primaryKey"`
	BookingID         string     `gorm:"type:char(26);uniqueIndex:attendances_once"`
	ChildID           string     `gorm:"type:char(26);index:attendances_by_child"`
	CheckedInAt       time.Time  `gorm:"precision:3"`
	CheckedInBy       string     `gorm:"type:char(26)"` // staff
	ByCode            bool       // by the guardian's code, else by hand
	TemperatureSealed Sealed     `gorm:"type:varbinary(512)"`
	RemarkSealed      Sealed     `gorm:"type:varbinary(2048)"`
	EndedAt           *time.Time `gorm:"precision:3"`
	EndedBy           string     `gorm:"size:26"` // staff; empty while it lasts, and for the system
	Ending            Ending     `gorm:"size:16"` // empty while it lasts
	PickupPersonID    *string    `gorm:"type:char(26)"`
}

// Health opens how the child was when it came.
func (a Attendance) Health(box Box) (temperature, remark string, err error) {
	if temperature, err = a.TemperatureSealed.Open(box, "attendances", "temperature_sealed", a.ID); err != nil {
		return "", "", err
	}
	remark, err = a.RemarkSealed.Open(box, "attendances", "remark_sealed", a.ID)
	return temperature, remark, err
}

// End is that the child went.
func (a *Attendance) End(how Ending, pickupPerson, staff string, now time.Time) {
	a.Ending, a.EndedBy, a.EndedAt = how, staff, &now
	if pickupPerson != "" {
		a.PickupPersonID = &pickupPerson
	}
}

// CheckIn is that the child has come: from the opening of the door to the end of the session. A child that was marked as
// not coming and comes after all is let in as well; the caller lifts the mark.
func (b *Booking) CheckIn(p ServicePolicy, now time.Time, zone *time.Location) error {
	if b.Status != BookingNoShow {
		if err := b.awaited(zone); err != nil {
			return err
		}
	}
	opens := p.DoorOpensAt(b.StartAt)
	early, late := now.Before(opens), !now.Before(b.EndAt)
	switch {
	case (early || late) && DateOf(b.StartAt.In(zone)) != DateOf(now.In(zone)):
		return ErrCheckInOtherDay.WithMessage("这个预约是%s的，不是今天的。", Spoken(b.StartAt, zone))
	case early:
		return ErrCheckInTooEarly.WithMessage("还没有到签到的时间，%s开始签到。", Spoken(opens, zone))
	case late:
		return ErrCheckInTooLate
	}
	b.Status, b.UpdatedAt = BookingCheckedIn, now
	return nil
}

// awaited says why the child of a booking is not awaited any more, or nil.
func (b Booking) awaited(zone *time.Location) error {
	switch b.Status {
	case BookingConfirmed:
		return nil
	case BookingCheckedIn: // nothing else changes a booking while the child is there
		return ErrAlreadyCheckedIn.WithMessage("孩子已经在%s签到。", Spoken(b.UpdatedAt, zone))
	case BookingCompleted:
		return ErrAlreadyLeft.WithMessage("这次托育已经在%s结束。", Spoken(b.UpdatedAt, zone))
	case BookingNoShow:
		return ErrAlreadyNoShow
	case BookingCancelled, BookingLateCancelled, BookingSiteCancelled:
	}
	return ErrBookingCalledOff
}

// MayShowCode says why the guardian gets no code to check in with, or nil. A child marked as not coming may still come.
func (b Booking) MayShowCode(now time.Time, zone *time.Location) error {
	if err := b.awaited(zone); err != nil && b.Status != BookingNoShow {
		return err
	}
	if !now.Before(b.EndAt) {
		return ErrCheckInTooLate
	}
	return nil
}

// HandOver is that the child has been handed over and the stay is complete.
func (b *Booking) HandOver(now time.Time, zone *time.Location) error {
	switch b.Status {
	case BookingCheckedIn:
		b.Status, b.UpdatedAt = BookingCompleted, now
		return nil
	case BookingConfirmed, BookingNoShow:
		return ErrNotCheckedIn
	case BookingCompleted, BookingCancelled, BookingLateCancelled, BookingSiteCancelled:
	}
	return b.awaited(zone)
}

// MissOut is that the child did not come. Before the policy's moment, or the end of the session, nobody may say so.
func (b *Booking) MissOut(p ServicePolicy, now time.Time, zone *time.Location) error {
	if err := b.awaited(zone); err != nil {
		return err
	}
	if from := earlier(p.NoShowFrom(b.StartAt), b.EndAt); now.Before(from) {
		return ErrNoShowTooEarly.WithMessage("%s起才可以登记未到。", Spoken(from, zone))
	}
	b.Status, b.UpdatedAt = BookingNoShow, now
	return nil
}
