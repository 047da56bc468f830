package model_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
)

func TestPeriodBefore(t *testing.T) {
	for _, c := range []struct{ name, from, to, wantFrom, wantTo string }{
		{"a week", "2026-11-23", "2026-11-29", "2026-11-16", "2026-11-22"},
		{"a day", "2026-03-01", "2026-03-01", "2026-02-28", "2026-02-28"},
		{"a month", "2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"},
		{"January", "2026-01-01", "2026-01-31", "2025-12-01", "2025-12-31"},
		{"a quarter", "2026-01-01", "2026-03-31", "2025-10-01", "2025-12-31"},
		{"a year", "2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31"},
		{"a month to a day", "2026-03-01", "2026-03-15", "2026-02-14", "2026-02-28"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := model.Period{From: day(c.from), To: day(c.to)}.Before()
			if want := (model.Period{From: day(c.wantFrom), To: day(c.wantTo)}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestPeriodCheck(t *testing.T) {
	from := day("2026-01-01")
	for days, want := range map[int]error{0: nil, 399: nil, 400: model.ErrPeriod, -1: model.ErrPeriod} {
		wantErr(t, model.Period{From: from, To: from.AddDays(days)}.Check(), want)
	}
}

func TestWeekIsNamedByItsThursday(t *testing.T) {
	for date, want := range map[string]string{
		"2026-11-28": "2026-W48", "2026-12-31": "2026-W53", "2027-01-01": "2026-W53", "2027-01-03": "2026-W53",
		"2027-01-04": "2027-W01", "2024-12-30": "2025-W01", "2025-01-01": "2025-W01",
	} {
		if got := day(date).Week(); got != want {
			t.Errorf("%s is in %s, want %s", date, got, want)
		}
	}
}

// The weeks of a period are its days, each once and in order; all but the first begin on a Monday, all but the last end on
// a Sunday.
func TestWeeksAreThePeriod(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		from := day("2023-12-20").AddDays(rapid.IntRange(0, 1500).Draw(rt, "from"))
		p := model.Period{From: from, To: from.AddDays(rapid.IntRange(0, 399).Draw(rt, "days"))}
		weeks, next := p.Weeks(), p.From
		for i, w := range weeks {
			if w.From != next || w.To.Before(w.From) || w.From.Week() != w.To.Week() {
				rt.Fatalf("week %d of %v is %v, after %v", i, p, w, next)
			}
			if i > 0 && w.From.Weekday() != time.Monday || i < len(weeks)-1 && w.To.Weekday() != time.Sunday {
				rt.Fatalf("week %d of %v is %v", i, p, w)
			}
			next = w.To.AddDays(1)
		}
		if next != p.To.AddDays(1) {
			rt.Fatalf("the weeks of %v end before %v", p, next)
		}
	})
}

func TestRates(t *testing.T) {
	if rate := (model.Figures{Booked: 5, Offered: 8}).NoShowRate(); rate != nil {
		t.Errorf("a rate of sessions to come: %v", *rate)
	}
	if rate := (model.Figures{Attended: 9, NoShows: 1, Booked: 20}).NoShowRate(); rate == nil || *rate != 0.1 {
		t.Errorf("no-show rate %v", rate)
	}
	if rate := (model.Figures{Booked: 2, Offered: 8}).BookedRate(); rate == nil || *rate != 0.25 {
		t.Errorf("booked %v", rate)
	}
	if (model.Reach{}).Share() != nil || *(model.Reach{Known: 4, Used: 1}).Share() != 0.25 {
		t.Error("share of children")
	}
}
