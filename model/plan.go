package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrTemplateNotFound  = fault.New(fault.NotFound, "template_not_found", "没有找到这条每周计划。")
	ErrTemplateEnded     = fault.New(fault.Conflict, "template_ended", "这条每周计划已经结束。")
	ErrExceptionNotFound = fault.New(fault.NotFound, "exception_not_found", "没有找到这条例外安排。")
	ErrExceptionScope    = fault.New(fault.Invalid, "exception_scope_invalid", "整个宝宝屋、一个活动室、一条每周计划，请只选其一。")
	ErrExceptionStands   = fault.New(fault.Conflict, "exception_stands", "只有已处理完、还没过去的不开放和改名额可以撤回。加开的时段请直接关闭。")
	ErrNoSessionThen     = fault.New(fault.Conflict, "no_session_then", "这一天没有这条每周计划的时段。")
	ErrSessionTimes      = fault.New(fault.Invalid, "session_times_invalid", "时间不对：应在一天之内，且结束晚于开始。")
	ErrSessionOver       = fault.New(fault.Conflict, "session_over", "这个时段已经开始或结束，不能再改。")
	ErrRoomUnnamed       = fault.New(fault.Invalid, "room_unnamed", "请填写活动室。")
	ErrCapacityNegative  = fault.New(fault.Invalid, "capacity_negative", "名额不能是负数。")
	ErrPlanDatePast      = fault.New(fault.Invalid, "plan_date_past", "不能安排今天以前的日期。")
	ErrPlanDates         = fault.New(fault.Invalid, "plan_dates_invalid", "日期不对：最后一天不能早于第一天，也不能晚于原定的最后一天。")
	ErrRoomTaken         = fault.New(fault.Conflict, "room_taken", "这个活动室在这段时间已有每周计划。")
	ErrCarerNotFound     = fault.New(fault.NotFound, "carer_not_found", "这个宝宝屋没有这位照护人员，或已离岗。")
)

// ExceptionKind is how a day differs from the weekly plans.
type ExceptionKind string

const (
	ExceptionClose    ExceptionKind = "close"    // no sessions: at the site, in a room, of a template, or one slot
	ExceptionOpen     ExceptionKind = "open"     // a session beside the plans, also on a day of rest
	ExceptionCapacity ExceptionKind = "capacity" // another number of places for a template's session
)

// PlanException is what differs from a site's weekly plans from one day to another, both included. Number counts the
// exceptions of a site in the order in which they were decided: what a later one opens, an earlier one does not close.
// AppliedAt is when the slots that were there had been brought in line; until then that is owed work.
type PlanException struct {
	ID          string        `gorm:"type:char(26);primaryKey"`
	SiteID      string        `gorm:"type:char(26);uniqueIndex:plan_exceptions_number,priority:1;index:plan_exceptions_by_days,priority:1"`
	Number      int           `gorm:"type:int;uniqueIndex:plan_exceptions_number,priority:2"`
	Kind        ExceptionKind `gorm:"size:16"`
	FromDate    Date          `gorm:"type:date"`
	UntilDate   Date          `gorm:"type:date;index:plan_exceptions_by_days,priority:2"`
	TemplateID  string        `gorm:"size:26"` // whose sessions close, or whose number of places it is
	SlotID      string        `gorm:"size:26"` // the one slot that closes
	ServiceID   string        `gorm:"size:26"`
	CarerID     string        `gorm:"size:26"`
	Room        string        `gorm:"size:40"` // the room that closes, or of the session that opens
	StartMinute int           `gorm:"type:int"`
	EndMinute   int           `gorm:"type:int"`
	Capacity    int           `gorm:"type:int"`
	Reason      string        `gorm:"size:200"`
	StaffID     string        `gorm:"type:char(26)"`
	CreatedAt   time.Time     `gorm:"precision:3"`
	AppliedAt   *time.Time    `gorm:"precision:3"`
	LiftedAt    *time.Time    `gorm:"precision:3"` // from then on no slot follows it any more
}

// Check refuses what is no exception, seen from today.
func (e PlanException) Check(today Date) error {
	switch {
	case e.UntilDate.Before(e.FromDate):
		return ErrPlanDates
	case e.FromDate.Before(today):
		return ErrPlanDatePast
	case CheckReason(e.Reason) != nil:
		return ErrReasonInvalid
	case e.Kind == ExceptionOpen:
		return checkSession(e.Room, e.StartMinute, e.EndMinute, e.Capacity)
	case e.Kind == ExceptionCapacity && e.Capacity < 0:
		return ErrCapacityNegative
	case e.TemplateID != "" && e.Room != "":
		return ErrExceptionScope
	}
	return nil
}

func checkSession(room string, start, end, capacity int) error {
	switch {
	case room == "":
		return ErrRoomUnnamed
	case start < 0 || start >= end || end > minutesOfDay:
		return ErrSessionTimes
	case capacity < 0:
		return ErrCapacityNegative
	}
	return nil
}

const minutesOfDay = 24 * 60

// On reports whether the exception is about the day.
func (e PlanException) On(day Date) bool { return !day.Before(e.FromDate) && !day.After(e.UntilDate) }

// ClosesPlan reports whether the exception closes the plan's session of the day, whenever its slot is made.
func (e PlanException) ClosesPlan(t WeeklyTemplate, day Date) bool {
	return e.Kind == ExceptionClose && e.SlotID == "" && e.LiftedAt == nil && e.On(day) &&
		(e.TemplateID == "" || e.TemplateID == t.ID) && (e.Room == "" || e.Room == t.Room)
}

// Closes reports whether the exception is about a slot of its site. opened has the numbers of exceptions that opened a
// session, by their id: a session that was opened later than the closing was decided is not closed by it.
func (e PlanException) Closes(s Slot, opened map[string]int) bool {
	switch {
	case e.Kind != ExceptionClose || !e.On(s.Date):
		return false
	case s.ExceptionID != nil && opened[*s.ExceptionID] > e.Number:
		return false
	case e.SlotID != "":
		return e.SlotID == s.ID
	case e.TemplateID != "":
		return s.TemplateID != nil && *s.TemplateID == e.TemplateID
	}
	return e.Room == "" || e.Room == s.Room
}

// Opening is the slot of a session beside the plans.
func (e PlanException) Opening(id string, policy ServicePolicy, zone *time.Location) Slot {
	s := WeeklyTemplate{
		SiteID: e.SiteID, ServiceID: e.ServiceID, CarerID: e.CarerID, Room: e.Room,
		StartMinute: e.StartMinute, EndMinute: e.EndMinute, Capacity: e.Capacity,
	}.SlotOn(e.FromDate, id, policy, zone, e.CreatedAt)
	exception := e.ID
	s.TemplateID, s.ExceptionID = nil, &exception
	return s
}

// Lift takes the exception back for slots that are still to be made; those that are there stay as it left them.
func (e *PlanException) Lift(today Date, now time.Time) error {
	if e.Kind == ExceptionOpen || e.SlotID != "" || e.AppliedAt == nil || e.LiftedAt != nil || e.UntilDate.Before(today) {
		return ErrExceptionStands
	}
	e.LiftedAt = &now
	return nil
}

// Decided is the event of an exception that was written, applied or lifted.
func (e PlanException) Decided(from, to string, actor Actor, actorID string, at time.Time) Event {
	return Event{
		Subject: "plan_exception", SubjectID: e.ID, FromState: from, ToState: to,
		Actor: actor, ActorID: actorID, Reason: e.Reason, CreatedAt: at,
	}
}

// Check refuses what is no weekly plan, seen from today.
func (t WeeklyTemplate) Check(today Date) error {
	switch {
	case t.ValidUntil != nil && t.ValidUntil.Before(t.ValidFrom):
		return ErrPlanDates
	case t.ValidFrom.Before(today):
		return ErrPlanDatePast
	}
	return checkSession(t.Room, t.StartMinute, t.EndMinute, t.Capacity)
}

// Overlaps reports whether two plans of a site ever want the same room at the same time.
func (t WeeklyTemplate) Overlaps(o WeeklyTemplate) bool {
	return t.SiteID == o.SiteID && t.Room == o.Room && t.Weekday == o.Weekday &&
		t.StartMinute < o.EndMinute && o.StartMinute < t.EndMinute && t.validWith(o)
}

// validWith reports whether there is a day on which both plans are in force.
func (t WeeklyTemplate) validWith(o WeeklyTemplate) bool {
	first := t.ValidFrom
	if o.ValidFrom.After(first) {
		first = o.ValidFrom
	}
	return !t.over(first) && !o.over(first)
}

// over reports whether the plan's last day lies before the day.
func (t WeeklyTemplate) over(day Date) bool { return t.ValidUntil != nil && t.ValidUntil.Before(day) }

// End sets the plan's last day, today or later; it only ever comes nearer.
func (t *WeeklyTemplate) End(last, today Date) error {
	switch {
	case t.over(today):
		return ErrTemplateEnded
	case last.Before(today):
		return ErrPlanDatePast
	case t.over(last):
		return ErrPlanDates
	}
	t.ValidUntil = &last
	return nil
}

// Changed is an event of the plan.
func (t WeeklyTemplate) Changed(from, to, staffID, reason string, at time.Time) Event {
	return Event{
		Subject: "template", SubjectID: t.ID, FromState: from, ToState: to,
		Actor: ActorStaff, ActorID: staffID, Reason: reason, CreatedAt: at,
	}
}

// Stands reports whether the slot still has its room: it is not called off.
func (s Slot) Stands() bool { return s.Status != SlotCancelled }

// Crosses reports whether two slots want the same room of a site at the same time.
func (s Slot) Crosses(o Slot) bool {
	return s.SiteID == o.SiteID && s.Room == o.Room && s.StartAt.Before(o.EndAt) && o.StartAt.Before(s.EndAt)
}

// Verdict says what became of a session that the plans ask for.
type Verdict string

const (
	SessionMade     Verdict = "made"       // its slot is there, also when it was called off since
	SessionDue      Verdict = "due"        // its slot is to be made
	SessionClosed   Verdict = "closed"     // an exception closes it
	SessionHomeless Verdict = "room_taken" // another slot is in its room: none is made, staff must decide
	SessionUnruled  Verdict = "no_rules"   // its service is not on offer or has no policy in force
)

// Planned is a session that a plan asks for on a day. Slot is the one that is there, or that is due.
type Planned struct {
	Template WeeklyTemplate
	Date     Date
	Verdict  Verdict
	Slot     Slot
}

// SitePlan is everything that decides which sessions a site has on some days.
type SitePlan struct {
	Templates  []WeeklyTemplate
	Exceptions []PlanException // by number
	Slots      []Slot          // that are there, whatever became of them
	Calendar   Calendar
	Policies   map[string]ServicePolicy // in force, of services on offer
	Zone       *time.Location
	Now        time.Time
	NewID      func() string
}

// On judges the sessions of a day. Those that would have begun by now are left out, unless their slot was made in time.
func (p SitePlan) On(day Date) (sessions []Planned) {
	var there []Slot // also what this very call makes
	for _, s := range p.Slots {
		if s.Date == day {
			there = append(there, s)
		}
	}
	for _, t := range p.Templates {
		if !t.AppliesOn(day, p.Calendar.Working(day)) {
			continue
		}
		session := p.judge(t, day, there)
		if session.Verdict != SessionMade && !session.Slot.StartAt.After(p.Now) {
			continue
		}
		if session.Verdict == SessionDue {
			there = append(there, session.Slot)
		}
		sessions = append(sessions, session)
	}
	return sessions
}

func (p SitePlan) judge(t WeeklyTemplate, day Date, there []Slot) Planned {
	for _, s := range there {
		if s.TemplateID != nil && *s.TemplateID == t.ID {
			return Planned{t, day, SessionMade, s}
		}
	}
	policy, ruled := p.Policies[t.ServiceID]
	t.Capacity = p.CapacityOn(t, day)
	session := Planned{t, day, SessionDue, t.SlotOn(day, p.NewID(), policy, p.Zone, p.Now)}
	switch {
	case !ruled:
		session.Verdict = SessionUnruled
	case p.closed(t, day):
		session.Verdict = SessionClosed
	case TakenBy(session.Slot, there) != nil:
		session.Verdict = SessionHomeless
	}
	return session
}

// TakenBy gives a standing slot that has the slot's room at its time, or nil.
func TakenBy(slot Slot, there []Slot) *Slot {
	for _, s := range there {
		if s.ID != slot.ID && s.Stands() && s.Crosses(slot) {
			return &s
		}
	}
	return nil
}

func (p SitePlan) closed(t WeeklyTemplate, day Date) bool {
	for _, e := range p.Exceptions {
		if e.ClosesPlan(t, day) {
			return true
		}
	}
	return false
}

// CapacityOn is the number of places of a plan's session: the plan's own, or what was last decided for the day.
func (p SitePlan) CapacityOn(t WeeklyTemplate, day Date) int {
	capacity := t.Capacity
	for _, e := range p.Exceptions { // the last one counts
		if e.Kind == ExceptionCapacity && e.LiftedAt == nil && e.TemplateID == t.ID && e.On(day) {
			capacity = e.Capacity
		}
	}
	return capacity
}

// Due gives the slots that are to be made from one day to another.
func (p SitePlan) Due(from, to Date) (slots []Slot) {
	for day := from; !day.After(to); day = day.AddDays(1) {
		for _, session := range p.On(day) {
			if session.Verdict == SessionDue {
				slots = append(slots, session.Slot)
			}
		}
	}
	return slots
}

// Blocking gives a slot that stands in the way of a new plan on one of its days, or nil.
func (p SitePlan) Blocking(t WeeklyTemplate) *Slot {
	for _, s := range p.Slots {
		if t.AppliesOn(s.Date, p.Calendar.Working(s.Date)) && s.Stands() && s.EndAt.After(p.Now) &&
			s.Crosses(t.SlotOn(s.Date, "", ServicePolicy{}, p.Zone, p.Now)) {
			return &s
		}
	}
	return nil
}

// OpenedIn gives the number of every exception that opened a session, by its id.
func OpenedIn(exceptions []PlanException) map[string]int {
	opened := map[string]int{}
	for _, e := range exceptions {
		if e.Kind == ExceptionOpen {
			opened[e.ID] = e.Number
		}
	}
	return opened
}

// WithPlaces is the slot with another number of places, never fewer than are taken; exact is false when more are.
func (s Slot) WithPlaces(wanted int) (slot Slot, exact bool) {
	s.Capacity = max(wanted, s.Booked+s.Held)
	return s, s.Capacity == wanted
}
