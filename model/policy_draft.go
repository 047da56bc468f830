package model

import (
	"fmt"
	"strconv"
	"time"

	"jiamenkou/model/fault"
)

var (
	ErrPolicyNotFound   = fault.New(fault.NotFound, "policy_not_found", "没有找到这套规则，或者没有这一版。")
	ErrPolicyInvalid    = fault.New(fault.Invalid, "policy_invalid", "规则里有不对的数，请看标出的各项。")
	ErrPolicyUnchanged  = fault.New(fault.Conflict, "policy_unchanged", "草稿和现在的规则一样，没有要发布的。")
	ErrDraftNotFound    = fault.New(fault.NotFound, "policy_draft_not_found", "这套规则现在没有草稿。")
	ErrEffectivePast    = fault.New(fault.Invalid, "effective_in_the_past", "生效时间已经过去。请选现在或以后的时间，最远一年。")
	ErrYearStartSettled = fault.New(fault.Conflict, "year_start_settled", "已经有孩子领了免费次数，年度的起点不能再改：改了会把用过的次数算到别的年度。")
)

// AllowanceSubject is what the district's rule on free sessions is called among policies; the others go by their service.
const AllowanceSubject = "allowance"

// PolicyDraft is a next version of a policy that is being written. There is one for each; it is everybody's who may set.
type PolicyDraft struct {
	Subject   string    `gorm:"size:26;primaryKey"` // the service's id, or AllowanceSubject
	BasedOn   int       `gorm:"type:int"`           // the newest version when it was written
	Numbers   string    `gorm:"type:text"`          // the policy as JSON
	StaffID   string    `gorm:"type:char(26)"`      // who wrote it last
	Version   int       `gorm:"type:int"`           // of the draft, raised by every writing
	UpdatedAt time.Time `gorm:"precision:3"`
}

// Published says of a version of a policy who decided it, why and when. Version 1 comes with the installation.
type Published struct {
	StaffID   string     `gorm:"size:26"`
	Reason    string     `gorm:"size:200"`
	DecidedAt *time.Time `gorm:"precision:3"`
}

// PolicyStanding says what a version of a policy is at a moment.
type PolicyStanding string

const (
	PolicyInForce    PolicyStanding = "in_force"
	PolicyToCome     PolicyStanding = "to_come"
	PolicyPast       PolicyStanding = "past"
	PolicySuperseded PolicyStanding = "superseded" // a later version came into force before it did, or with it
)

// Standings says what each version is at the moment, from the moments from which they hold, oldest version first. Of those
// whose moment has come the newest is in force, whatever its moment: so a later version can take back one still to come.
func Standings(from []time.Time, now time.Time) []PolicyStanding {
	list := make([]PolicyStanding, len(from))
	var next time.Time // the earliest moment of the versions behind this one
	taken := false
	for i := len(from) - 1; i >= 0; i-- {
		switch {
		case !next.IsZero() && !next.After(from[i]):
			list[i] = PolicySuperseded
		case from[i].After(now):
			list[i] = PolicyToCome
		case taken:
			list[i] = PolicyPast
		default:
			list[i], taken = PolicyInForce, true
		}
		if next.IsZero() || from[i].Before(next) {
			next = from[i]
		}
	}
	return list
}

// farthestEffect is how far ahead a version of a policy can be published.
const farthestEffect = 366 * 24 * time.Hour

// EffectiveAt is the moment from which a version published now holds: now unless a later one is asked for.
func EffectiveAt(asked, now time.Time) (time.Time, error) {
	switch {
	case asked.IsZero():
		return now, nil
	case asked.Before(now), asked.After(now.Add(farthestEffect)):
		return now, ErrEffectivePast.WithField("body.effective_at", ErrEffectivePast.Message)
	}
	return asked.UTC().Truncate(time.Millisecond), nil
}

// bound is a number with what it may be.
type bound struct {
	key         string
	value       int
	least, most int
}

func (b bound) judge(in string, refused *fault.Error) *fault.Error {
	if b.value >= b.least && b.value <= b.most {
		return refused
	}
	return wrong(refused, in+b.key, fmt.Sprintf("应在%d到%d之间。", b.least, b.most))
}

func wrong(refused *fault.Error, field, message string) *fault.Error {
	if refused == nil {
		refused = ErrPolicyInvalid
	}
	return refused.WithField(field, message)
}

// refusal is nil as an error when nothing is refused.
func refusal(refused *fault.Error) error {
	if refused == nil {
		return nil
	}
	return refused
}

const dayLength = 24 * 60 // minutes

func (p ServicePolicy) bounds() []bound {
	return []bound{
		{"min_age_months", p.MinAgeMonths, 0, 215}, {"max_age_months", p.MaxAgeMonths, 1, 216},
		{"release_days", p.ReleaseDays, 0, 90}, {"release_minute", p.ReleaseMinute, 0, dayLength - 1},
		{"cutoff_minutes", p.CutoffMinutes, 0, 14 * dayLength}, {"free_cancel_minutes", p.FreeCancelMinutes, 0, 14 * dayLength},
		{"late_cancel_points", p.LateCancelPoints, 0, 20}, {"no_show_points", p.NoShowPoints, 0, 20},
		{"points_per_strike", p.PointsPerStrike, 1, 20}, {"strikes_to_block", p.StrikesToBlock, 1, 20},
		{"strike_window_days", p.StrikeWindowDays, 1, 730}, {"block_days", p.BlockDays, 0, 365},
		{"draw_minutes", p.DrawMinutes, 0, 60 * dayLength}, {"offer_minutes", p.OfferMinutes, 5, 2 * dayLength},
		{"check_in_minutes", p.CheckInMinutes, 0, dayLength / 2}, {"no_show_minutes", p.NoShowMinutes, 0, dayLength / 2},
		{"appeal_days", p.AppealDays, 1, 365},
	}
}

// Check refuses numbers that cannot be, or that contradict each other, and names every one.
func (p ServicePolicy) Check() error {
	const in = "body.service."
	var refused *fault.Error
	for _, b := range p.bounds() {
		refused = b.judge(in, refused)
	}
	if refused != nil { // what follows compares numbers that can be
		return refused
	}
	if p.MaxAgeMonths <= p.MinAgeMonths {
		refused = wrong(refused, in+"max_age_months", "最大月龄应大于最小月龄。")
	}
	if p.CutoffMinutes >= p.ReleaseDays*dayLength-p.ReleaseMinute+dayLength-1 { // of a session that begins as the day ends
		refused = wrong(refused, in+"cutoff_minutes", "预约还没有开放就截止了，请缩短截止时间，或提早开放。")
	}
	if field, why := p.drawWrong(); why != "" {
		refused = wrong(refused, in+field, why)
	}
	return refusal(refused)
}

// drawWrong is DrawMissed as staff are told, with the number to mend.
func (p ServicePolicy) drawWrong() (field, why string) {
	switch {
	case p.DrawMissed() == "":
		return "", ""
	case p.DrawMinutes <= p.CutoffMinutes:
		return "draw_minutes", "摇号在预约截止以后，每次都会作废。请让报名早于预约截止结束。"
	}
	return "draw_minutes", "摇号可能在开放预约以前，那样没有人能报名。请让报名晚一些截止，或提早开放。"
}

// Check refuses numbers that cannot be, and names every one.
func (p AllowancePolicy) Check() error {
	const in = "body.allowance."
	var refused *fault.Error
	most := 366
	if p.Unit == UnitMinute {
		most = 366 * dayLength
	}
	for _, b := range []bound{
		{"amount", p.Amount, 0, most}, {"year_start_month", p.YearStartMonth, 1, 12}, {"year_start_day", p.YearStartDay, 1, 28},
		{"self_paid_cents_per_hour", p.SelfPaidCentsPerHour, 0, 10000},
	} {
		refused = b.judge(in, refused)
	}
	return refusal(refused)
}

// Published is an event of a policy: the versions are its states.
func policyPublished(id, staffID, reason string, version int, now time.Time) Event {
	return Event{
		Subject: "policy", SubjectID: id, FromState: strconv.Itoa(version - 1), ToState: strconv.Itoa(version),
		Actor: ActorStaff, ActorID: staffID, Reason: reason, CreatedAt: now,
	}
}

// Event tells of the version's publishing.
func (p ServicePolicy) Event(now time.Time) Event {
	return policyPublished(p.ID, p.StaffID, p.Reason, p.Version, now)
}

// Event tells of the version's publishing.
func (p AllowancePolicy) Event(now time.Time) Event {
	return policyPublished(p.ID, p.StaffID, p.Reason, p.Version, now)
}

// OtherYear reports whether the allowance's years begin on another day than the other policy's.
func (p AllowancePolicy) OtherYear(other AllowancePolicy) bool {
	return p.YearStartMonth != other.YearStartMonth || p.YearStartDay != other.YearStartDay
}
