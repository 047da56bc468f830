package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrTooYoung = fault.New(fault.Conflict, "child_too_young", "到那一天孩子还没有达到这项服务的最小月龄。")
	ErrTooOld   = fault.New(fault.Conflict, "child_too_old", "到那一天孩子已经超过这项服务的最大月龄。")
)

// ServicePolicy is one version of a care service's rules. A booking carries the version it was made under, so a
// later version never reaches back.
type ServicePolicy struct {
	ID                string      `gorm:"type:char(26);primaryKey"`
	ServiceID         string      `gorm:"type:char(26);uniqueIndex:service_policies_version"`
	Version           int         `gorm:"type:int;uniqueIndex:service_policies_version"`
	MinAgeMonths      int         `gorm:"type:int"` // inclusive
	MaxAgeMonths      int         `gorm:"type:int"` // exclusive
	ReleaseDays       int         `gorm:"type:int"` // days before the slot's day
	ReleaseMinute     int         `gorm:"type:int"` // minute of that day, local time
	CutoffMinutes     int         `gorm:"type:int"` // before the start, booking ends
	FreeCancelMinutes int         `gorm:"type:int"` // before the start, cancelling stops being free
	UsesAllowance     bool        // false: the service is free for all and debits nothing
	LateCancelDebits  bool        // true: a late cancel keeps the allowance it used
	LateCancelPoints  int         `gorm:"type:int"`
	NoShowPoints      int         `gorm:"type:int"`
	PointsPerStrike   int         `gorm:"type:int"`
	StrikesToBlock    int         `gorm:"type:int"`
	StrikeWindowDays  int         `gorm:"type:int"`
	BlockDays         int         `gorm:"type:int"`
	ReleaseMode       ReleaseMode `gorm:"size:16"`
	DrawMinutes       int         `gorm:"type:int"`    // before the start, applications to a draw end
	OfferMinutes      int         `gorm:"type:int"`    // a freed place is held so long for the child it is offered to
	CheckInMinutes    int         `gorm:"type:int"`    // before the start, the door opens
	NoShowMinutes     int         `gorm:"type:int"`    // after the start, whoever has not come may be marked
	AppealDays        int         `gorm:"type:int"`    // after a mark, it can be appealed
	PublishedAt       time.Time   `gorm:"precision:3"` // from when on it holds
	Published
}

// ReleaseMode says how the places of a slot are given out.
type ReleaseMode string

const (
	ReleaseFirstCome ReleaseMode = "first_come"
	ReleaseDraw      ReleaseMode = "draw" // applications until a moment, then a draw; what is left is first come
)

// DrawAt is when applications for a slot that starts at start end, or nil where there is no draw.
func (p ServicePolicy) DrawAt(start time.Time) *time.Time {
	if p.ReleaseMode != ReleaseDraw {
		return nil
	}
	at := start.Add(-time.Duration(p.DrawMinutes) * time.Minute)
	return &at
}

// DrawMissed says why no draw under the policy can give a place away, or nothing: applications must end after the release
// and before booking ends.
func (p ServicePolicy) DrawMissed() string {
	switch {
	case p.ReleaseMode != ReleaseDraw:
		return ""
	case p.DrawMinutes <= p.CutoffMinutes:
		return "its draw comes after the cut-off, and is void"
	case p.DrawMinutes >= p.ReleaseDays*24*60-p.ReleaseMinute: // of a session that begins at midnight
		return "its draw may come before the release, and nobody can apply"
	}
	return ""
}

// OfferExpiresAt is until when a place offered at now is held: never beyond the slot's cut-off.
func (p ServicePolicy) OfferExpiresAt(now, cutoff time.Time) time.Time {
	return earlier(now.Add(time.Duration(p.OfferMinutes)*time.Minute), cutoff)
}

// DoorOpensAt is from when a child can be checked in for a session that starts at start.
func (p ServicePolicy) DoorOpensAt(start time.Time) time.Time {
	return start.Add(-time.Duration(p.CheckInMinutes) * time.Minute)
}

// NoShowFrom is from when a child that has not come may be marked as a no-show.
func (p ServicePolicy) NoShowFrom(start time.Time) time.Time {
	return start.Add(time.Duration(p.NoShowMinutes) * time.Minute)
}

// Admits judges the child's age on the day of the session, in completed months.
func (p ServicePolicy) Admits(birth, on Date) error {
	switch months := birth.MonthsUntil(on); {
	case months < p.MinAgeMonths:
		return ErrTooYoung.WithMessage("这项服务从满%d个月起；到%s孩子还不到。", p.MinAgeMonths, on)
	case months >= p.MaxAgeMonths:
		return ErrTooOld.WithMessage("这项服务到满%d个月为止；到%s孩子已经满了。", p.MaxAgeMonths, on)
	}
	return nil
}

// ReleaseAt is when slots of the day open for booking.
func (p ServicePolicy) ReleaseAt(day Date, zone *time.Location) time.Time {
	return day.AddDays(-p.ReleaseDays).At(p.ReleaseMinute/60, p.ReleaseMinute%60, zone)
}

// CutoffAt is when booking ends for a slot that starts at start.
func (p ServicePolicy) CutoffAt(start time.Time) time.Time {
	return start.Add(-time.Duration(p.CutoffMinutes) * time.Minute)
}

// FreeCancelUntil is the last moment at which cancelling has no consequence.
func (p ServicePolicy) FreeCancelUntil(start time.Time) time.Time {
	return start.Add(-time.Duration(p.FreeCancelMinutes) * time.Minute)
}

// AllowanceUnit is what a child's yearly allowance is counted in.
type AllowanceUnit string

const (
	UnitSession AllowanceUnit = "session" // one booking, one unit
	UnitMinute  AllowanceUnit = "minute"  // the slot's length; twelve free hours are 720
)

// Beyond says what comes after the allowance.
type Beyond string

const (
	BeyondRefuse   Beyond = "refuse"
	BeyondSelfPaid Beyond = "self_paid"
)

// AllowancePolicy is one version of the district's rule on free sessions.
type AllowancePolicy struct {
	ID                   string        `gorm:"type:char(26);primaryKey"`
	Version              int           `gorm:"type:int;uniqueIndex:allowance_policies_version"`
	Unit                 AllowanceUnit `gorm:"size:16"`
	Amount               int           `gorm:"type:int"` // units a child and year
	YearStartMonth       int           `gorm:"type:int"`
	YearStartDay         int           `gorm:"type:int"`
	Beyond               Beyond        `gorm:"size:16"`
	SelfPaidCentsPerHour int           `gorm:"type:int"`
	PublishedAt          time.Time     `gorm:"precision:3"` // from when on it holds
	Published
}

// YearOf is the allowance year a day belongs to: the calendar year in which that allowance year began.
func (p AllowancePolicy) YearOf(day Date) int {
	start := Date{day.Year, time.Month(p.YearStartMonth), p.YearStartDay}
	if day.Before(start) {
		return day.Year - 1
	}
	return day.Year
}

// Units is what a session of the length takes from the allowance.
func (p AllowancePolicy) Units(length time.Duration) int {
	if p.Unit == UnitMinute {
		return int((length + time.Minute - 1) / time.Minute)
	}
	return 1
}

// SelfPaidCents is the price of a session of the length, in fen, rounded up; it is paid at the site and only
// recorded here.
func (p AllowancePolicy) SelfPaidCents(length time.Duration) int {
	minutes := int((length + time.Minute - 1) / time.Minute)
	return (p.SelfPaidCentsPerHour*minutes + 59) / 60
}
