package model

import (
	"strings"
	"time"
	"unicode/utf8"

	"jiamenkou/model/fault"
)

var (
	ErrSlotNotFound    = fault.New(fault.NotFound, "slot_not_found", "没有找到这个时段。")
	ErrSlotNotReleased = fault.New(fault.Conflict, "slot_not_released", "这个时段还没有开放预约。")
	ErrSlotCutOff      = fault.New(fault.Conflict, "slot_cut_off", "这个时段的预约已经截止。")
	ErrSlotClosed      = fault.New(fault.Conflict, "slot_closed", "宝宝屋已关闭这个时段。")
	ErrReasonInvalid   = fault.New(fault.Invalid, "reason_invalid", "请写明原因，不超过200个字。")
	ErrSlotInDraw      = fault.New(fault.Conflict, "slot_in_draw", "这个时段采用摇号，请先报名；摇号后如有余位再开放预约。")
	ErrSlotFull        = fault.New(fault.Conflict, "slot_full", "这个时段的名额已经约满。")
)

// SlotStatus is the stored state; what a person sees also depends on the clock, see Slot.State.
type SlotStatus string

const (
	SlotDraft     SlotStatus = "draft"
	SlotOpen      SlotStatus = "open"
	SlotClosed    SlotStatus = "closed"
	SlotDone      SlotStatus = "done"
	SlotCancelled SlotStatus = "cancelled"
)

// Slot is one session at a site with a number of places. Booked, Held and Waiting are changed only by guarded updates;
// Booked + Held never passes Capacity, whatever interleaves. Of the free places, as many as children wait for are
// theirs: what is freed is offered to them, and never thrown to whoever is fastest.
type Slot struct {
	ID           string      `gorm:"type:char(26);primaryKey"`
	SiteID       string      `gorm:"type:char(26);index:slots_by_site"`
	ServiceID    string      `gorm:"type:char(26)"`
	CarerID      string      `gorm:"type:char(26)"`
	TemplateID   *string     `gorm:"type:char(26);uniqueIndex:slots_once_a_day"`
	Room         string      `gorm:"size:40"`
	Date         Date        `gorm:"type:date;uniqueIndex:slots_once_a_day;index:slots_by_site;index:slots_by_date"`
	StartAt      time.Time   `gorm:"precision:3"`
	EndAt        time.Time   `gorm:"precision:3;index:slots_by_status,priority:2"`
	ReleaseAt    time.Time   `gorm:"precision:3"`
	CutoffAt     time.Time   `gorm:"precision:3"`
	Capacity     int         `gorm:"type:int"`
	Booked       int         `gorm:"type:int"`
	Held         int         `gorm:"type:int"`
	Status       SlotStatus  `gorm:"size:16;index:slots_by_status,priority:1"`
	CancelReason string      `gorm:"size:200"`
	ReleaseMode  ReleaseMode `gorm:"size:16"`
	DrawAt       *time.Time  `gorm:"precision:3"` // applications end; only with ReleaseDraw
	DrawnAt      *time.Time  `gorm:"precision:3"` // from then on, what is left is first come
	Waiting      int         `gorm:"type:int"`
	WaitingTurn  int         `gorm:"type:int"`      // the last turn given out on the waiting list
	ExceptionID  *string     `gorm:"type:char(26)"` // the exception of the plan that made the slot
	CreatedAt    time.Time   `gorm:"precision:3"`
	UpdatedAt    time.Time   `gorm:"precision:3"`
}

// Free is the number of places that anyone can book: those that nobody holds and nobody waits for.
func (s Slot) Free() int { return max(s.Capacity-s.Booked-s.Held-s.Waiting, 0) }

// Vacant is the number of places that nobody holds, whether or not somebody waits for them.
func (s Slot) Vacant() int { return s.Capacity - s.Booked - s.Held }

// Drawing reports whether the slot's places are still to be drawn.
func (s Slot) Drawing() bool { return s.ReleaseMode == ReleaseDraw && s.DrawnAt == nil }

// Length is how long the session lasts.
func (s Slot) Length() time.Duration { return s.EndAt.Sub(s.StartAt) }

// Bookable says why the slot cannot be booked at the moment, or nil. The same conditions guard the UPDATE that
// takes a place; this one is for a clear answer.
func (s Slot) Bookable(now time.Time) error {
	switch s.State(now) {
	case SeenCancelled, SeenClosed:
		return ErrSlotClosed
	case SeenUpcoming:
		return ErrSlotNotReleased
	case SeenCutOff, SeenDone:
		return ErrSlotCutOff
	case SeenDrawing:
		return ErrSlotInDraw
	case SeenFull:
		return ErrSlotFull
	case SeenOpen:
	}
	return nil
}

// BookableAnyTime is Bookable for staff who set release and cut-off aside.
func (s Slot) BookableAnyTime(now time.Time) error {
	switch {
	case s.Status == SlotCancelled:
		return ErrSlotClosed
	case s.Status == SlotDone || !now.Before(s.EndAt):
		return ErrSlotCutOff
	case s.Status != SlotOpen:
		return ErrSlotClosed
	case s.Drawing():
		return ErrSlotInDraw
	case s.Free() <= 0:
		return ErrSlotFull
	}
	return nil
}

// AdmitsWaiting says why nobody can wait for a place at the moment, or nil: it takes a slot that could be booked but for
// its being full.
func (s Slot) AdmitsWaiting(now time.Time) error {
	switch err := s.Bookable(now); err {
	case nil:
		return ErrSlotHasPlaces
	case ErrSlotFull: //nolint:errorlint // Bookable gives the declared fault itself
		return nil
	default:
		return err
	}
}

// LongestReason is how many characters staff have to say why a slot is called off.
const LongestReason = 200

// CheckReason refuses a reason of staff's that says nothing, blanks included, or too much to be told.
func CheckReason(reason string) error {
	if strings.TrimSpace(reason) == "" || utf8.RuneCountInString(reason) > LongestReason {
		return ErrReasonInvalid
	}
	return nil
}

// CallOff ends the slot for the site: no further place is taken. What is over, or called off already, stays as it is.
func (s *Slot) CallOff(reason string, now time.Time) error {
	if s.Status == SlotCancelled || s.Status == SlotDone || !now.Before(s.EndAt) {
		return ErrSlotClosed
	}
	s.Status, s.CancelReason, s.UpdatedAt = SlotCancelled, reason, now
	return nil
}

// Finish is that the session is over.
func (s *Slot) Finish(now time.Time) {
	s.Status, s.UpdatedAt = SlotDone, now
}

// SeenState is a slot's state as a resident sees it.
type SeenState string

const (
	SeenUpcoming  SeenState = "upcoming"  // not released yet
	SeenOpen      SeenState = "open"      // can be booked
	SeenFull      SeenState = "full"      // released, no free place
	SeenDrawing   SeenState = "drawing"   // released, its places are to be drawn
	SeenCutOff    SeenState = "cut_off"   // too close to the start
	SeenDone      SeenState = "done"      // over
	SeenClosed    SeenState = "closed"    // the site takes no bookings
	SeenCancelled SeenState = "cancelled" // the site called it off
)

// State is what the slot is at the moment.
func (s Slot) State(now time.Time) SeenState {
	switch {
	case s.Status == SlotCancelled:
		return SeenCancelled
	case s.Status == SlotDone || !now.Before(s.EndAt):
		return SeenDone
	case s.Status != SlotOpen:
		return SeenClosed
	case now.Before(s.ReleaseAt):
		return SeenUpcoming
	case !now.Before(s.CutoffAt):
		return SeenCutOff
	case s.Drawing():
		return SeenDrawing
	case s.Free() <= 0:
		return SeenFull
	}
	return SeenOpen
}

// WeeklyTemplate is the plan slots are generated from. Weekday is 1 for Monday to 7 for Sunday; minutes count from
// midnight, local time. Slots skip non-working days unless OnRestDays.
type WeeklyTemplate struct {
	ID          string `gorm:"type:char(26);primaryKey"`
	SiteID      string `gorm:"type:char(26);index:weekly_templates_by_site"`
	ServiceID   string `gorm:"type:char(26)"`
	CarerID     string `gorm:"type:char(26)"`
	Room        string `gorm:"size:40"`
	Weekday     int    `gorm:"type:int"`
	StartMinute int    `gorm:"type:int"`
	EndMinute   int    `gorm:"type:int"`
	Capacity    int    `gorm:"type:int"`
	OnRestDays  bool
	ValidFrom   Date  `gorm:"type:date"`
	ValidUntil  *Date `gorm:"type:date"` // the last day, inclusive
}

// AppliesOn reports whether the plan has a session on the day. A make-up workday is a workday whatever its weekday
// says, yet it does not borrow another weekday's plan.
func (t WeeklyTemplate) AppliesOn(day Date, working bool) bool {
	if day.Before(t.ValidFrom) || (t.ValidUntil != nil && day.After(*t.ValidUntil)) {
		return false
	}
	return isoWeekday(day) == t.Weekday && (working || t.OnRestDays)
}

// earlier keeps a release that would come after the session's start from being impossible; nobody can book it either way.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func isoWeekday(day Date) int {
	if w := int(day.Weekday()); w != 0 {
		return w
	}
	return 7
}

// SlotOn makes the day's slot, under the policy in force when it is generated.
func (t WeeklyTemplate) SlotOn(day Date, id string, policy ServicePolicy, zone *time.Location, now time.Time) Slot {
	start := day.At(t.StartMinute/60, t.StartMinute%60, zone).UTC()
	template := t.ID
	return Slot{
		ID: id, SiteID: t.SiteID, ServiceID: t.ServiceID, CarerID: t.CarerID, TemplateID: &template, Room: t.Room,
		Date: day, StartAt: start, EndAt: day.At(t.EndMinute/60, t.EndMinute%60, zone).UTC(),
		ReleaseAt: earlier(policy.ReleaseAt(day, zone).UTC(), start), CutoffAt: policy.CutoffAt(start),
		ReleaseMode: policy.ReleaseMode, DrawAt: policy.DrawAt(start),
		Capacity: t.Capacity, Status: SlotOpen, CreatedAt: now, UpdatedAt: now,
	}
}
