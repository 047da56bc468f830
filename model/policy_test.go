package model_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
)

// defaults are the district's rules as the foundation lays them.
var defaults = model.ServicePolicy{
	MinAgeMonths: 12, MaxAgeMonths: 36, ReleaseDays: 14, ReleaseMinute: 8 * 60, CutoffMinutes: 2 * 60, FreeCancelMinutes: 12 * 60,
	UsesAllowance: true, LateCancelPoints: 1, NoShowPoints: 2, PointsPerStrike: 2, StrikesToBlock: 3, StrikeWindowDays: 90, BlockDays: 30,
}

func TestAdmits(t *testing.T) {
	for _, c := range []struct {
		birth, on string
		want      error
	}{
		{"2025-11-24", "2026-11-23", model.ErrTooYoung},
		{"2025-11-24", "2026-11-24", nil}, // twelve months to the day
		{"2023-11-25", "2026-11-24", nil}, // the last day below thirty-six
		{"2023-11-24", "2026-11-24", model.ErrTooOld},
		{"2026-11-24", "2026-11-24", model.ErrTooYoung},
		{"2026-12-01", "2026-11-24", model.ErrTooYoung}, // not born on that day
		{"2024-02-29", "2025-02-27", model.ErrTooYoung},
		{"2024-02-29", "2025-02-28", nil},
		{"2024-02-29", "2027-02-27", nil},
		{"2024-02-29", "2027-02-28", model.ErrTooOld},
		{"2010-01-01", "2026-11-24", model.ErrTooOld},
	} {
		err := defaults.Admits(day(c.birth), day(c.on))
		t.Run(c.birth+" on "+c.on, func(t *testing.T) { wantErr(t, err, c.want) })
	}
}

// Whoever is admitted has an age within the bounds, and whoever is not is told the right side.
func TestAdmitsByMonths(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := model.ServicePolicy{MinAgeMonths: rapid.IntRange(0, 40).Draw(rt, "least")}
		p.MaxAgeMonths = p.MinAgeMonths + rapid.IntRange(1, 40).Draw(rt, "span")
		birth, on := someDay(rt, "birth"), someDay(rt, "on")
		want := error(nil)
		switch months := birth.MonthsUntil(on); {
		case months < p.MinAgeMonths:
			want = model.ErrTooYoung
		case months >= p.MaxAgeMonths:
			want = model.ErrTooOld
		}
		wantErr(t, p.Admits(birth, on), want)
	})
}

func TestPolicyMoments(t *testing.T) {
	zone := shanghai(t)
	start := day("2026-12-07").At(9, 0, zone)
	for what, c := range map[string]struct{ got, want time.Time }{
		"release, fourteen days before at eight": {defaults.ReleaseAt(day("2026-12-07"), zone), instant("2026-11-23T08:00:00+08:00")},
		"release across the year":                {defaults.ReleaseAt(day("2027-01-04"), zone), instant("2026-12-21T08:00:00+08:00")},
		"release at once": {
			model.ServicePolicy{}.ReleaseAt(day("2026-12-07"), zone), instant("2026-12-07T00:00:00+08:00"),
		},
		"release in the last minute of the day": {
			model.ServicePolicy{ReleaseDays: 1, ReleaseMinute: 1439}.ReleaseAt(day("2026-03-01"), zone), instant("2026-02-28T23:59:00+08:00"),
		},
		"cut-off":     {defaults.CutoffAt(start), instant("2026-12-07T07:00:00+08:00")},
		"no cut-off":  {model.ServicePolicy{}.CutoffAt(start), start},
		"free cancel": {defaults.FreeCancelUntil(start), instant("2026-12-06T21:00:00+08:00")},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
}

func TestAllowanceYear(t *testing.T) {
	calendar := model.AllowancePolicy{YearStartMonth: 1, YearStartDay: 1}
	school := model.AllowancePolicy{YearStartMonth: 9, YearStartDay: 1}
	for _, c := range []struct {
		policy model.AllowancePolicy
		day    string
		year   int
	}{
		{calendar, "2026-12-31", 2026},
		{calendar, "2027-01-01", 2027},
		{school, "2026-08-31", 2025},
		{school, "2026-09-01", 2026},
		{school, "2027-01-01", 2026},
	} {
		if got := c.policy.YearOf(day(c.day)); got != c.year {
			t.Errorf("%s belongs to %d, want %d", c.day, got, c.year)
		}
	}
}

func TestUnitsAndPrice(t *testing.T) {
	hour := model.AllowancePolicy{Unit: model.UnitMinute, SelfPaidCentsPerHour: 10000}
	session := model.AllowancePolicy{Unit: model.UnitSession, SelfPaidCentsPerHour: 3333}
	for _, c := range []struct {
		policy       model.AllowancePolicy
		length       time.Duration
		units, cents int
	}{
		{hour, time.Hour, 60, 10000},
		{hour, 150 * time.Minute, 150, 25000},
		{hour, time.Minute, 1, 167},           // 166.67 fen, rounded up
		{hour, 30*time.Minute + 1, 31, 5167},  // a begun minute is a minute
		{session, 150 * time.Minute, 1, 8333}, // 8332.5 fen, rounded up
		{session, 20 * time.Minute, 1, 1111},  // 1111 fen exactly
		{model.AllowancePolicy{}, time.Hour, 1, 0},
	} {
		if units := c.policy.Units(c.length); units != c.units {
			t.Errorf("%v is %d units, want %d", c.length, units, c.units)
		}
		if cents := c.policy.SelfPaidCents(c.length); cents != c.cents {
			t.Errorf("%v costs %d, want %d", c.length, cents, c.cents)
		}
	}
}

// The price is never below the exact one and never a whole fen above it; a longer session never takes less.
func TestUnitsAndPriceAreFair(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := model.AllowancePolicy{Unit: model.UnitMinute, SelfPaidCentsPerHour: rapid.IntRange(0, 10000).Draw(rt, "price")}
		minutes := rapid.IntRange(1, 24*60).Draw(rt, "minutes")
		length := time.Duration(minutes) * time.Minute
		if p.Units(length) != minutes {
			rt.Fatalf("%v is %d units", length, p.Units(length))
		}
		over := p.SelfPaidCents(length)*60 - p.SelfPaidCentsPerHour*minutes
		if over < 0 || over >= 60 {
			rt.Fatalf("%v at %d costs %d", length, p.SelfPaidCentsPerHour, p.SelfPaidCents(length))
		}
		shorter := length - time.Duration(rapid.IntRange(0, minutes).Draw(rt, "less"))*time.Minute
		if p.Units(shorter) > p.Units(length) || p.SelfPaidCents(shorter) > p.SelfPaidCents(length) {
			rt.Fatalf("%v takes more than %v", shorter, length)
		}
	})
}

func TestDrawMissed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*model.ServicePolicy)
		missed bool
	}{
		{"first come", func(p *model.ServicePolicy) { p.ReleaseMode, p.DrawMinutes = model.ReleaseFirstCome, 0 }, false},
		{"three days before", func(p *model.ServicePolicy) { p.DrawMinutes = 3 * 24 * 60 }, false},
		{"at the cut-off", func(p *model.ServicePolicy) { p.DrawMinutes = p.CutoffMinutes }, true},
		{"a minute before the cut-off", func(p *model.ServicePolicy) { p.DrawMinutes = p.CutoffMinutes + 1 }, false},
		{"before the release", func(p *model.ServicePolicy) { p.DrawMinutes = 14 * 24 * 60 }, true},
	} {
		p := model.ServicePolicy{ReleaseMode: model.ReleaseDraw, ReleaseDays: 14, ReleaseMinute: 8 * 60, CutoffMinutes: 120}
		if c.change(&p); (p.DrawMissed() != "") != c.missed {
			t.Errorf("%s: %q", c.name, p.DrawMissed())
		}
	}
}
