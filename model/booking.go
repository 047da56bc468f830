package model

import (
	"math"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrBookingNotFound  = fault.New(fault.NotFound, "booking_not_found", "没有找到这个预约。")
	ErrAlreadyBooked    = fault.New(fault.Conflict, "already_booked", "孩子已经约了这个时段。")
	ErrOverlap          = fault.New(fault.Conflict, "booking_overlap", "孩子在这段时间已有别的预约。")
	ErrBookingEnded     = fault.New(fault.Conflict, "booking_ended", "这个预约已经结束，不能再取消。")
	ErrBookingStarted   = fault.New(fault.Conflict, "booking_started", "时段已经开始，不能再取消；如有情况请联系宝宝屋。")
	ErrTooManyBookings  = fault.New(fault.Conflict, "too_many_bookings", "孩子未结束的预约已达上限，请先完成或取消一些预约。")
	ErrSlotInSession    = fault.New(fault.Conflict, "slot_in_session", "已有孩子签到，这个时段不能关闭。")
	ErrBookingIsBlocked = fault.New(fault.Conflict, "booking_blocked", "因多次失约，暂停预约。")
)

// BookingStatus is the state of a booking.
type BookingStatus string

const (
	BookingConfirmed     BookingStatus = "confirmed"
	BookingCheckedIn     BookingStatus = "checked_in"
	BookingCompleted     BookingStatus = "completed"
	BookingCancelled     BookingStatus = "cancelled"
	BookingLateCancelled BookingStatus = "late_cancelled"
	BookingSiteCancelled BookingStatus = "site_cancelled"
	BookingNoShow        BookingStatus = "no_show"
)

// LiveBookings are the states that occupy a place and the child's time.
var LiveBookings = []BookingStatus{BookingConfirmed, BookingCheckedIn}

// Payment says who pays for the session.
type Payment string

const (
	PaymentAllowance Payment = "allowance" // one of the child's free sessions
	PaymentFree      Payment = "free"      // the service costs nobody anything
	PaymentSelfPaid  Payment = "self_paid" // paid at the site
)

// Booking is a child's place in a slot. It carries what it was made under: the policy's version, the allowance it
// used and until when cancelling was free.
type Booking struct {
	ID              string        `gorm:"type:char(26);primaryKey;index:bookings_by_resident,priority:2"`
	ResidentID      string        `gorm:"type:char(26);index:bookings_by_resident,priority:1"`
	ChildID         string        `gorm:"type:char(26);uniqueIndex:bookings_one_live;index:bookings_by_child;index:bookings_by_slot,priority:4"`
	SlotID          string        `gorm:"type:char(26);index:bookings_by_slot,priority:1"`
	SiteID          string        `gorm:"type:char(26)"`
	ServiceID       string        `gorm:"type:char(26)"`
	PolicyID        string        `gorm:"type:char(26)"`
	PolicyVersion   int           `gorm:"type:int"`
	AllowanceID     string        `gorm:"type:char(26)"`
	AllowanceUnits  int           `gorm:"type:int"`
	Payment         Payment       `gorm:"size:16;index:bookings_by_slot,priority:3"`
	PriceCents      int           `gorm:"type:int"`
	StartAt         time.Time     `gorm:"precision:3;index:bookings_by_child;index:bookings_by_status,priority:2"`
	EndAt           time.Time     `gorm:"precision:3"`
	FreeCancelUntil time.Time     `gorm:"precision:3"`
	Status          BookingStatus `gorm:"size:16;index:bookings_by_status,priority:1;index:bookings_by_slot,priority:2"`
	CancelReason    string        `gorm:"size:200"`
	MovedFrom       *string       `gorm:"type:char(26)"` // the booking this one took the place of
	CreatedAt       time.Time     `gorm:"precision:3"`
	UpdatedAt       time.Time     `gorm:"precision:3"`
}

// Changed is the event of a booking that has just come into its state.
func (b Booking) Changed(from BookingStatus, actor Actor, actorID string) Event {
	return Event{
		Subject: "booking", SubjectID: b.ID, FromState: string(from), ToState: string(b.Status),
		Actor: actor, ActorID: actorID, Reason: b.CancelReason, CreatedAt: b.UpdatedAt,
	}
}

// Live reports whether the booking still holds its place.
func (b Booking) Live() bool {
	return b.Status == BookingConfirmed || b.Status == BookingCheckedIn
}

// CalledOff reports whether the booking was given back, or ended by the site.
func (b Booking) CalledOff() bool {
	return b.Status == BookingCancelled || b.Status == BookingLateCancelled || b.Status == BookingSiteCancelled
}

// Cancel is what becomes of the booking when the guardian cancels now: cancelled, or late_cancelled after the free
// time. From the start of the session on it is the site's to judge.
func (b *Booking) Cancel(reason string, now time.Time) error {
	switch {
	case b.Status != BookingConfirmed:
		return ErrBookingEnded
	case !now.Before(b.StartAt):
		return ErrBookingStarted
	case now.After(b.FreeCancelUntil):
		b.Status = BookingLateCancelled
	default:
		b.Status = BookingCancelled
	}
	b.CancelReason, b.UpdatedAt = reason, now
	return nil
}

// CancelBySite ends the booking because the site closed its slot; it never counts against the family.
func (b *Booking) CancelBySite(reason string, now time.Time) {
	b.Status, b.CancelReason, b.UpdatedAt = BookingSiteCancelled, reason, now
}

// ReturnsAllowance is how many units go back to the child now that the booking has ended as it did.
func (b Booking) ReturnsAllowance(p ServicePolicy) int {
	if b.Status == BookingLateCancelled && p.LateCancelDebits {
		return 0
	}
	return b.AllowanceUnits
}

// NoLimit is for those whose number of live bookings is not limited.
const NoLimit = math.MaxInt

// CheckRoom judges a wanted slot against the child's live bookings: one place a slot, none that overlap in time at
// any site, and no more than most in all.
func CheckRoom(live []Booking, slot Slot, most int) error {
	for _, b := range live {
		switch {
		case b.SlotID == slot.ID:
			return ErrAlreadyBooked
		case b.StartAt.Before(slot.EndAt) && slot.StartAt.Before(b.EndAt):
			return ErrOverlap
		}
	}
	if len(live) >= most {
		return ErrTooManyBookings
	}
	return nil
}
