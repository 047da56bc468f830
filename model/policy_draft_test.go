package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

func wholePolicy() model.ServicePolicy {
	p := defaults
	p.ReleaseMode, p.DrawMinutes, p.OfferMinutes = model.ReleaseFirstCome, 3*24*60, 30
	p.CheckInMinutes, p.NoShowMinutes, p.AppealDays = 60, 30, 14
	return p
}

var allowanceDefaults = model.AllowancePolicy{
	Unit: model.UnitSession, Amount: 12, YearStartMonth: 1, YearStartDay: 1, Beyond: model.BeyondRefuse, SelfPaidCentsPerHour: 10000,
}

// fieldsOf are the fields a refusal names.
func fieldsOf(err error) (names []string) {
	var refused *fault.Error
	if errors.As(err, &refused) {
		for _, f := range refused.Fields {
			names = append(names, f.Name[strings.LastIndex(f.Name, ".")+1:])
		}
	}
	return names
}

func TestPoliciesThatCannotBe(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*model.ServicePolicy)
		fields []string
	}{
		"as it is":                          {func(*model.ServicePolicy) {}, nil},
		"ages the wrong way round":          {func(p *model.ServicePolicy) { p.MinAgeMonths = 36 }, []string{"max_age_months"}},
		"several at once":                   {func(p *model.ServicePolicy) { p.BlockDays, p.OfferMinutes = -1, 0 }, []string{"block_days", "offer_minutes"}},
		"no points to a strike":             {func(p *model.ServicePolicy) { p.PointsPerStrike = 0 }, []string{"points_per_strike"}},
		"the minute behind a day":           {func(p *model.ServicePolicy) { p.ReleaseMinute = 1440 }, []string{"release_minute"}},
		"a cut-off before the release":      {func(p *model.ServicePolicy) { p.ReleaseDays, p.CutoffMinutes = 0, 16*60 }, []string{"cutoff_minutes"}},
		"released on the day":               {func(p *model.ServicePolicy) { p.ReleaseDays = 0 }, nil},
		"a draw behind the cut-off":         {func(p *model.ServicePolicy) { p.ReleaseMode, p.DrawMinutes = model.ReleaseDraw, 120 }, []string{"draw_minutes"}},
		"a draw before the release":         {func(p *model.ServicePolicy) { p.ReleaseMode, p.ReleaseDays = model.ReleaseDraw, 3 }, []string{"draw_minutes"}},
		"a draw":                            {func(p *model.ServicePolicy) { p.ReleaseMode = model.ReleaseDraw }, nil},
		"without a draw its number is idle": {func(p *model.ServicePolicy) { p.DrawMinutes = 0 }, nil},
	} {
		t.Run(what, func(t *testing.T) {
			p := wholePolicy()
			c.change(&p)
			err := p.Check()
			if got := fieldsOf(err); !slices.Equal(got, c.fields) || (err == nil) != (c.fields == nil) {
				t.Errorf("names %v: %v", got, err)
			}
		})
	}
}

func TestAllowancePoliciesThatCannotBe(t *testing.T) {
	for field, change := range map[string]func(*model.AllowancePolicy){
		"amount":                   func(p *model.AllowancePolicy) { p.Amount = 367 },
		"year_start_month":         func(p *model.AllowancePolicy) { p.YearStartMonth = 13 },
		"year_start_day":           func(p *model.AllowancePolicy) { p.YearStartDay = 29 }, // February has none in most years
		"self_paid_cents_per_hour": func(p *model.AllowancePolicy) { p.SelfPaidCentsPerHour = 10001 },
	} {
		p := allowanceDefaults
		wantErr(t, p.Check(), nil)
		change(&p)
		if got := fieldsOf(p.Check()); !slices.Equal(got, []string{field}) {
			t.Errorf("%s: names %v", field, got)
		}
	}
	hours := allowanceDefaults
	hours.Unit, hours.Amount = model.UnitMinute, 720
	wantErr(t, hours.Check(), nil)
}

// Every number of a policy is compared: one that is changed alone is a difference, and the only one.
func TestEveryNumberIsCompared(t *testing.T) {
	before := wholePolicy()
	before.ReleaseMode = model.ReleaseDraw
	changes := map[string]func(*model.ServicePolicy){
		"min_age_months": func(p *model.ServicePolicy) { p.MinAgeMonths++ }, "max_age_months": func(p *model.ServicePolicy) { p.MaxAgeMonths++ },
		"release_days": func(p *model.ServicePolicy) { p.ReleaseDays++ }, "release_minute": func(p *model.ServicePolicy) { p.ReleaseMinute++ },
		"cutoff_minutes": func(p *model.ServicePolicy) { p.CutoffMinutes++ }, "free_cancel_minutes": func(p *model.ServicePolicy) { p.FreeCancelMinutes++ },
		"uses_allowance": func(p *model.ServicePolicy) { p.UsesAllowance = false }, "late_cancel_debits": func(p *model.ServicePolicy) { p.LateCancelDebits = true },
		"late_cancel_points": func(p *model.ServicePolicy) { p.LateCancelPoints++ }, "no_show_points": func(p *model.ServicePolicy) { p.NoShowPoints++ },
		"points_per_strike": func(p *model.ServicePolicy) { p.PointsPerStrike++ }, "strikes_to_block": func(p *model.ServicePolicy) { p.StrikesToBlock++ },
		"strike_window_days": func(p *model.ServicePolicy) { p.StrikeWindowDays++ }, "block_days": func(p *model.ServicePolicy) { p.BlockDays++ },
		"draw_minutes": func(p *model.ServicePolicy) { p.DrawMinutes++ }, "offer_minutes": func(p *model.ServicePolicy) { p.OfferMinutes++ },
		"check_in_minutes": func(p *model.ServicePolicy) { p.CheckInMinutes++ }, "no_show_minutes": func(p *model.ServicePolicy) { p.NoShowMinutes++ },
		"appeal_days": func(p *model.ServicePolicy) { p.AppealDays++ },
	}
	if lines := before.Lines(); len(lines) != len(changes)+1 { // the mode changes the words of the draw as well
		t.Errorf("%d lines for %d numbers and a mode", len(lines), len(changes))
	}
	for key, change := range changes {
		after := before
		change(&after)
		if got := changed(before.Lines(), after.Lines()); !slices.Equal(got, []string{key}) {
			t.Errorf("%s: differs in %v", key, got)
		}
	}
	after := before
	after.ReleaseMode = model.ReleaseFirstCome
	if got := changed(before.Lines(), after.Lines()); !slices.Equal(got, []string{"release_mode", "draw_minutes"}) {
		t.Errorf("differs in %v", got)
	}
}

func changed(before, after []model.PolicyLine) (keys []string) {
	for _, d := range model.ComparePolicies(before, after) {
		if d.Changed() {
			keys = append(keys, d.Key)
		}
	}
	return keys
}

func TestAllowanceInWords(t *testing.T) {
	after := allowanceDefaults
	after.Unit, after.Amount, after.Beyond, after.SelfPaidCentsPerHour = model.UnitMinute, 750, model.BeyondSelfPaid, 9950
	var said []string
	for _, d := range model.ComparePolicies(allowanceDefaults.Lines(), after.Lines()) {
		said = append(said, d.Before+"→"+d.Text)
	}
	if got := strings.Join(said, " "); got != "按次→按时长 12次→12小时30分钟 1月1日→1月1日 不能再约→可以自费 不收自费→每小时99.50元" {
		t.Error(got)
	}
}

func TestLengthsInWords(t *testing.T) {
	for minutes, want := range map[int]string{0: "0分钟", 30: "30分钟", 60: "1小时", 90: "1小时30分钟", 720: "12小时", 1440: "1天", 4320: "3天", 1500: "25小时"} {
		if got := model.LengthText(minutes); got != want {
			t.Errorf("%d: %s, want %s", minutes, got, want)
		}
	}
}

func TestStandings(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for what, c := range map[string]struct {
		days []int // from now
		want string
	}{
		"one":                              {[]int{-9}, "in_force"},
		"at this very moment":              {[]int{-9, 0}, "past in_force"},
		"one to come":                      {[]int{-9, -2, 5}, "past in_force to_come"},
		"taken back by a later one":        {[]int{-9, 5, 3}, "in_force superseded to_come"},
		"taken back at the same moment":    {[]int{-9, 5, 5}, "in_force superseded to_come"},
		"taken back at once":               {[]int{-9, 5, 0}, "past superseded in_force"},
		"two to come":                      {[]int{-9, 5, 7}, "in_force to_come to_come"},
		"nothing yet":                      {[]int{5}, "to_come"},
		"two taken back":                   {[]int{-9, 5, 7, 0}, "past superseded superseded in_force"},
		"in force before one of the past ": {[]int{-9, -3, -5}, "past superseded in_force"},
	} {
		var from []time.Time
		for _, d := range c.days {
			from = append(from, now.AddDate(0, 0, d))
		}
		var got []string
		for _, s := range model.Standings(from, now) {
			got = append(got, string(s))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", what, got, c.want)
		}
	}
}

func TestEffectiveAt(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		asked, at time.Time
		want      error
	}{
		{time.Time{}, now, nil},
		{now, now, nil},
		{now.Add(time.Hour), now.Add(time.Hour), nil},
		{now.Add(-time.Millisecond), now, model.ErrEffectivePast},
		{now.AddDate(0, 0, 367), now, model.ErrEffectivePast},
	} {
		at, err := model.EffectiveAt(c.asked, now)
		wantErr(t, err, c.want)
		if !at.Equal(c.at) {
			t.Errorf("%v: at %v, want %v", c.asked, at, c.at)
		}
	}
}
