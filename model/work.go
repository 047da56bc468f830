package model

import (
	"time"

	"jiamenkou/model/fault"
)

var (
	// ErrLeaseLost says that the time to do a piece of work ran out and somebody else has it by now.
	ErrLeaseLost = fault.New(fault.Conflict, "lease_lost", "这项任务已由另一台服务器接手。")
	// ErrWorkNotFound says that no such dead letter is there.
	ErrWorkNotFound = fault.New(fault.NotFound, "work_not_found", "没有找到这项任务。")
)

// WorkKind is what is owed to be done apart from requests.
type WorkKind string

const (
	// What is owed once, about one record.
	WorkPromote        WorkKind = "promote"         // a slot: offer its free places to who waits
	WorkExpireOffer    WorkKind = "expire_offer"    // a waiting entry: its offer's time is over
	WorkCloseLine      WorkKind = "close_line"      // a slot: its cut-off has come, nobody waits any longer
	WorkDeliver        WorkKind = "deliver"         // a notice: send it to WeChat
	WorkDraw           WorkKind = "draw"            // a slot: draw its places
	WorkSettleDraw     WorkKind = "settle_draw"     // a waiting entry: book for who was drawn
	WorkApplyException WorkKind = "apply_exception" // an exception of the plan: bring existing slots in line
	WorkExport         WorkKind = "export"          // a file of figures: write it

	// What recurs.
	WorkGenerateSlots WorkKind = "generate_slots"
	WorkSweepSessions WorkKind = "sweep_sessions" // no-shows, sessions that are over, waiting lists past the cut-off
	WorkRemind        WorkKind = "remind"
	WorkCleanUp       WorkKind = "clean_up" // stored answers and codes whose time is over
	WorkAudit         WorkKind = "audit"
)

// Lane keeps slow work from holding up quick work: each lane is worked through by itself.
type Lane string

const (
	LaneHouse    Lane = "house"    // done in our own database
	LaneMessages Lane = "messages" // waits for WeChat
	LaneNight    Lane = "night"    // reads through everything, and takes its time
)

// Lanes are all lanes.
var Lanes = []Lane{LaneHouse, LaneMessages, LaneNight}

// LaneOf is the lane of a kind of work.
func LaneOf(kind WorkKind) Lane {
	switch kind { //nolint:exhaustive // all others are the house's
	case WorkDeliver:
		return LaneMessages
	case WorkAudit, WorkExport:
		return LaneNight
	}
	return LaneHouse
}

// WorkStatus says whether work is still tried.
type WorkStatus string

const (
	WorkOwed WorkStatus = "owed"
	WorkDead WorkStatus = "dead" // failed too often: staff look at it
)

// Work is a piece of owed work. It is written in the transaction that makes it necessary, taken by lease, and gone when
// it is done; what recurs moves on to its next time instead. LastError is for staff and holds no personal data.
type Work struct {
	ID           string     `gorm:"size:26;primaryKey;index:owed_work_due,priority:4"` // the kind's name for what recurs
	Kind         WorkKind   `gorm:"size:24"`
	Lane         Lane       `gorm:"size:16;index:owed_work_due,priority:1"`
	SubjectID    string     `gorm:"size:26;index:owed_work_by_subject"`
	DueAt        time.Time  `gorm:"precision:3;index:owed_work_due,priority:3"`
	EverySeconds int        `gorm:"type:int"` // 0: owed once
	Status       WorkStatus `gorm:"size:16;index:owed_work_due,priority:2"`
	Attempts     int        `gorm:"type:int"`
	Lease        string     `gorm:"size:26;index:owed_work_lease"` // empty: nobody has it
	LeasedUntil  *time.Time `gorm:"precision:3"`
	LastError    string     `gorm:"size:500"`
	CreatedAt    time.Time  `gorm:"precision:3"`
	UpdatedAt    time.Time  `gorm:"precision:3"`
}

// TableName is what the table is called: work by itself would say too little.
func (Work) TableName() string { return "owed_work" }

// Owed is work about one record, due at the moment or later.
func Owed(kind WorkKind, subjectID string, due, now time.Time) Work {
	return Work{Kind: kind, Lane: LaneOf(kind), SubjectID: subjectID, DueAt: due, Status: WorkOwed, CreatedAt: now, UpdatedAt: now}
}

// NextTime is when recurring work is due again: the first of its times that is still to come, so that a long pause is not
// made up for one by one.
func (w Work) NextTime(now time.Time) time.Time {
	every := time.Duration(w.EverySeconds) * time.Second
	if passed := now.Sub(w.DueAt); passed >= 0 {
		return w.DueAt.Add(passed.Truncate(every) + every)
	}
	return w.DueAt
}

// TimeLeft is how long the lease still lasts.
func (w Work) TimeLeft(now time.Time) time.Duration {
	if w.LeasedUntil == nil {
		return 0
	}
	return w.LeasedUntil.Sub(now)
}

// WornOut reports work owed once of which every attempt that it may have has failed. What recurs is never worn out.
func (w Work) WornOut(attempts int) bool { return w.EverySeconds == 0 && w.Attempts >= attempts }

// Backoff is how long work waits after an attempt that failed: First, then twice as long each time, Most at the longest.
type Backoff struct {
	First time.Duration
	Most  time.Duration
}

// Wait is the longest wait after so many failed attempts in a row. Recurring work waits no longer than until it would
// have come round anyway.
func (b Backoff) Wait(w Work, failed int) time.Duration {
	wait := b.First
	for range failed - 1 {
		if wait >= b.Most {
			break
		}
		wait *= 2
	}
	wait = min(wait, b.Most)
	if w.EverySeconds > 0 {
		wait = min(wait, time.Duration(w.EverySeconds)*time.Second)
	}
	return wait
}

// NextTimeOfDay is the first moment after now at which it is so many minutes after midnight in the zone.
func NextTimeOfDay(now time.Time, minute int, zone *time.Location) time.Time {
	day := DateOf(now.In(zone))
	if at := day.At(minute/60, minute%60, zone); at.After(now) {
		return at.UTC()
	}
	return day.AddDays(1).At(minute/60, minute%60, zone).UTC()
}

// WorkFigure is how much of a kind of work is there.
type WorkFigure struct {
	Kind        WorkKind
	Lane        Lane
	Owed        int
	Due         int // owed, and its time has come
	Failing     int // owed, and its last attempt failed
	Dead        int
	OldestDueAt *time.Time `gorm:"-"` // since when the oldest of it is due; nil when none is
}

// Overdue is how long the oldest of it has been due.
func (f WorkFigure) Overdue(now time.Time) time.Duration {
	if f.OldestDueAt == nil {
		return 0
	}
	return now.Sub(*f.OldestDueAt)
}
