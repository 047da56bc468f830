package model

import (
	"time"

	"jiamenkou/model/fault"
)

// ErrTrailTooLong refuses a file of more lines than one file holds.
var ErrTrailTooLong = fault.New(fault.Invalid, "trail_too_long", "符合条件的记录太多，一个文件放不下。请缩短时间或加上条件，再导出。")

// TrailOutcome is how something that was asked for ended.
type TrailOutcome string

const (
	TrailDone       TrailOutcome = "done"
	TrailTurnedDown TrailOutcome = "refused"
	TrailUnderWay   TrailOutcome = "under_way"
	TrailUnknown    TrailOutcome = "unknown" // it was begun, and nothing says how it ended
)

// TrailWait is how long after its beginning something may be under way; no request may take as long.
const TrailWait = 5 * time.Minute

// TrailQuery is what an auditor looks for; what is empty is not asked.
type TrailQuery struct {
	Name      string // of the member of staff, in full
	SubjectID string // the record it was done to
	SiteID    string
	Outcome   TrailOutcome
	From      time.Time // inclusive
	Until     time.Time // exclusive
	Page      int       // from 1
	Size      int
	Now       time.Time
}

// TrailEntry is what was asked for and how it ended, in one.
type TrailEntry struct {
	TrailRecord
	EndedAt      *time.Time
	EndStatus    int
	EndCode      string
	EndHand      Hand
	EndStaffID   string
	EndStaffName string
}

// Outcome is how it ended, as far as that is known by now.
func (e TrailEntry) Outcome(now time.Time) TrailOutcome {
	switch {
	case e.Part == TrailRefused, e.EndCode != "":
		return TrailTurnedDown
	case e.EndedAt != nil:
		return TrailDone
	case e.HappenedAt.Add(TrailWait).After(now):
		return TrailUnderWay
	}
	return TrailUnknown
}

// Refusal is the code of what it was refused with; empty when it was not.
func (e TrailEntry) Refusal() string {
	if e.Part == TrailRefused {
		return e.Code
	}
	return e.EndCode
}

// Who is whoever did it: at signing in that comes out at the end only.
func (e TrailEntry) Who() (hand Hand, id, name string) {
	if e.StaffID == "" && e.EndStaffID != "" {
		return e.EndHand, e.EndStaffID, e.EndStaffName
	}
	return e.Hand, e.StaffID, e.StaffName
}

// AccessQuery is what an auditor looks for among the openings of personal data; what is empty is not asked.
type AccessQuery struct {
	Name      string // of the member of staff, in full
	SubjectID string
	From      time.Time // inclusive
	Until     time.Time // exclusive
	Page      int       // from 1
	Size      int
}

// AccessEntry is one opening with the name of who opened.
type AccessEntry struct {
	DataAccess
	StaffName string
}
