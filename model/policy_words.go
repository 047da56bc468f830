package model

import (
	"fmt"
	"strconv"
)

// PolicyReach says what a changed number of a policy applies to.
type PolicyReach string

const (
	ReachNewSlots    PolicyReach = "new_slots"    // slots made from then on: the moments stand in a slot when it is made
	ReachNewBookings PolicyReach = "new_bookings" // bookings made from then on; those there are keep their version
	ReachAtOnce      PolicyReach = "at_once"      // every booking asked for from then on, whatever was before
	ReachNewGrants   PolicyReach = "new_grants"   // allowances granted from then on; what a child has of the year stays
)

// PolicyLine is one number of a policy in words.
type PolicyLine struct {
	Key   string // as the API names it
	Name  string
	Text  string
	Reach PolicyReach
}

// PolicyDifference is one number in two versions of a policy.
type PolicyDifference struct {
	PolicyLine        // in the later
	Before     string // in the earlier
}

// Changed reports whether the versions differ in it.
func (d PolicyDifference) Changed() bool { return d.Text != d.Before }

// ComparePolicies puts two versions of a policy side by side, number by number.
func ComparePolicies(before, after []PolicyLine) []PolicyDifference {
	list := make([]PolicyDifference, len(after))
	for i, line := range after {
		list[i] = PolicyDifference{line, before[i].Text}
	}
	return list
}

// Lines is the policy in words, in the order in which it is read.
func (p ServicePolicy) Lines() []PolicyLine {
	return []PolicyLine{
		{"min_age_months", "最小月龄（含）", monthsText(p.MinAgeMonths), ReachNewBookings},
		{"max_age_months", "最大月龄（不含）", monthsText(p.MaxAgeMonths), ReachNewBookings},
		{"release_days", "提前几天开放预约", daysText(p.ReleaseDays), ReachNewSlots},
		{"release_minute", "开放当天的时间", ClockText(p.ReleaseMinute), ReachNewSlots},
		{"cutoff_minutes", "开始前多久截止预约", LengthText(p.CutoffMinutes), ReachNewSlots},
		{"release_mode", "名额怎样给出", releaseText(p.ReleaseMode), ReachNewSlots},
		{"draw_minutes", "摇号：开始前多久报名截止", p.drawText(), ReachNewSlots},
		{"free_cancel_minutes", "开始前多久可以免责取消", LengthText(p.FreeCancelMinutes), ReachNewBookings},
		{"uses_allowance", "用不用免费次数", either(p.UsesAllowance, "用免费次数", "不用，对所有孩子免费"), ReachNewBookings},
		{"late_cancel_debits", "临时取消扣不扣免费次数", either(p.LateCancelDebits, "扣", "不扣，退回"), ReachNewBookings},
		{"late_cancel_points", "临时取消记几分", pointsText(p.LateCancelPoints), ReachNewBookings},
		{"no_show_points", "未到记几分", pointsText(p.NoShowPoints), ReachNewBookings},
		{"points_per_strike", "几分算一次失约", pointsText(p.PointsPerStrike), ReachAtOnce},
		{"strikes_to_block", "几次失约暂停预约", strconv.Itoa(p.StrikesToBlock) + "次", ReachAtOnce},
		{"strike_window_days", "多少天以内的失约算在一起", daysText(p.StrikeWindowDays), ReachAtOnce},
		{"block_days", "暂停预约多少天", daysText(p.BlockDays), ReachAtOnce},
		{"offer_minutes", "候补轮到后保留多久", LengthText(p.OfferMinutes), ReachNewBookings},
		{"check_in_minutes", "开始前多久可以签到", LengthText(p.CheckInMinutes), ReachNewBookings},
		{"no_show_minutes", "开始后多久可以登记未到", LengthText(p.NoShowMinutes), ReachNewBookings},
		{"appeal_days", "失约后几天内可以申诉", daysText(p.AppealDays), ReachNewBookings},
	}
}

// drawText says nothing of a draw where there is none, so that the number behind it is no difference.
func (p ServicePolicy) drawText() string {
	if p.ReleaseMode != ReleaseDraw {
		return "不摇号"
	}
	return LengthText(p.DrawMinutes)
}

// Lines is the policy in words, in the order in which it is read.
func (p AllowancePolicy) Lines() []PolicyLine {
	amount, price := strconv.Itoa(p.Amount)+"次", "不收自费"
	if p.Unit == UnitMinute {
		amount = LengthText(p.Amount)
	}
	if p.Beyond == BeyondSelfPaid {
		price = fmt.Sprintf("每小时%d.%02d元", p.SelfPaidCentsPerHour/100, p.SelfPaidCentsPerHour%100)
	}
	return []PolicyLine{
		{"unit", "免费额度按什么算", either(p.Unit == UnitMinute, "按时长", "按次"), ReachNewGrants},
		{"amount", "每个孩子每年免费", amount, ReachNewGrants},
		{"year_start", "年度从哪天起", fmt.Sprintf("%d月%d日", p.YearStartMonth, p.YearStartDay), ReachNewGrants},
		{"beyond", "用完以后", either(p.Beyond == BeyondSelfPaid, "可以自费", "不能再约"), ReachAtOnce},
		{"self_paid_cents_per_hour", "自费多少钱", price, ReachAtOnce},
	}
}

// LengthText writes minutes as people say them: 2小时30分钟, 3天.
func LengthText(minutes int) string {
	switch {
	case minutes > 0 && minutes%(24*60) == 0:
		return daysText(minutes / (24 * 60))
	case minutes > 0 && minutes%60 == 0:
		return strconv.Itoa(minutes/60) + "小时"
	case minutes > 60:
		return fmt.Sprintf("%d小时%d分钟", minutes/60, minutes%60)
	}
	return strconv.Itoa(minutes) + "分钟"
}

// ClockText writes a minute of the day: 08:00.
func ClockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func monthsText(n int) string { return "满" + strconv.Itoa(n) + "个月" }
func daysText(n int) string   { return strconv.Itoa(n) + "天" }
func pointsText(n int) string { return strconv.Itoa(n) + "分" }

func releaseText(m ReleaseMode) string { return either(m == ReleaseDraw, "摇号", "先约先得") }

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
