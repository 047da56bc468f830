package model_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// founded is when the foundation of the tests that need a fixed day is laid.
var founded = instant("2025-12-01T00:00:00Z")

func foundationCalendar(t *testing.T, store *model.Store) model.Calendar {
	t.Helper()
	c, err := store.LoadCalendar(context.Background())
	must(t, err)
	return c
}

// unlikeTheirWeekday gives the days of a year that are worked on a weekend, and those that rest on a weekday.
func unlikeTheirWeekday(c model.Calendar, year int) (makeup, rest []string) {
	for day := (model.Date{Year: year, Month: 1, Day: 1}); day.Year == year; day = day.AddDays(1) {
		weekend := day.Weekday() == 0 || day.Weekday() == 6
		switch working := c.Working(day); {
		case working && weekend:
			makeup = append(makeup, day.String())
		case !working && !weekend:
			rest = append(rest, day.String())
		}
	}
	return makeup, rest
}

func between(from, to string) (days []string) {
	for d := day(from); !d.After(day(to)); d = d.AddDays(1) {
		if d.Weekday() != 0 && d.Weekday() != 6 {
			days = append(days, d.String())
		}
	}
	return days
}

// The State Council's notice for 2026, day by day.
func TestCalendarOf2026(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		c := foundationCalendar(t, store)
		makeup, rest := unlikeTheirWeekday(c, 2026)
		wantMakeup := []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
		if !slices.Equal(makeup, wantMakeup) {
			t.Errorf("worked on weekends: %v, want %v", makeup, wantMakeup)
		}
		wantRest := slices.Concat(
			between("2026-01-01", "2026-01-03"), between("2026-02-15", "2026-02-23"), between("2026-04-04", "2026-04-06"),
			between("2026-05-01", "2026-05-05"), between("2026-06-19", "2026-06-21"), between("2026-09-25", "2026-09-27"),
			between("2026-10-01", "2026-10-07"),
		)
		if !slices.Equal(rest, wantRest) {
			t.Errorf("rest on weekdays: %v, want %v", rest, wantRest)
		}
		if c.Status(2026) != model.YearOfficial {
			t.Errorf("2026 is %s", c.Status(2026))
		}
	})
}

// 2027 awaits its notice: the thirteen statutory days, no make-up workday, and it says so.
func TestCalendarOf2027IsProvisional(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		c := foundationCalendar(t, store)
		makeup, rest := unlikeTheirWeekday(c, 2027)
		if len(makeup) != 0 || c.Status(2027) != model.YearProvisional {
			t.Errorf("2027 is %s and works on %v", c.Status(2027), makeup)
		}
		for _, holiday := range []string{"2027-01-01", "2027-02-05", "2027-02-08", "2027-04-05", "2027-06-09", "2027-09-15", "2027-10-01"} {
			if !slices.Contains(rest, holiday) {
				t.Errorf("%s is worked", holiday)
			}
		}
	})
}

func TestMissingNext(t *testing.T) {
	official := func(years ...int) model.Calendar {
		var rows []model.CalendarYear
		for _, y := range years {
			rows = append(rows, model.CalendarYear{Year: y, Status: model.YearOfficial})
		}
		return model.NewCalendar(rows, nil)
	}
	provisional := model.NewCalendar([]model.CalendarYear{{Year: 2026, Status: model.YearOfficial}, {Year: 2027, Status: model.YearProvisional}}, nil)
	for _, c := range []struct {
		name     string
		calendar model.Calendar
		today    string
		missing  int
	}{
		{"the last day before it is due", official(2026), "2026-10-31", 0},
		{"the first day it is due", official(2026), "2026-11-01", 2027},
		{"the last day of the year", official(2026), "2026-12-31", 2027},
		{"provisional is missing", provisional, "2026-11-01", 2027},
		{"it is there", official(2026, 2027), "2026-12-31", 0},
		{"the year has begun without", official(2026), "2027-01-01", 2027},
		{"the year has begun provisionally", provisional, "2027-06-01", 2027},
		{"nothing is there", official(), "2026-03-01", 2026},
	} {
		if got := c.calendar.MissingNext(day(c.today)); got != c.missing {
			t.Errorf("%s: %d, want %d", c.name, got, c.missing)
		}
	}
}

func TestCalendarWithoutItsYear(t *testing.T) {
	c := model.NewCalendar(nil, nil)
	if !c.Working(day("2030-01-04")) || c.Working(day("2030-01-05")) || c.Working(day("2030-01-06")) {
		t.Error("a year not in the table works from Monday to Friday")
	}
	if c.Status(2030) != model.YearProvisional {
		t.Errorf("it is %s", c.Status(2030))
	}
}

// storedYear is what a calendar says of a year, as text.
func storedYear(c model.Calendar, year int) string {
	makeup, rest := unlikeTheirWeekday(c, year)
	return fmt.Sprint(c.Status(year), makeup, rest)
}

func TestSaveYear(t *testing.T) {
	ctx := context.Background()
	year := func(status model.YearStatus) model.CalendarYear {
		return model.CalendarYear{Year: 2031, Status: status, Source: string(status)}
	}
	holiday := func(date string) []model.CalendarDay {
		return []model.CalendarDay{{Date: day(date), Kind: model.DayHoliday, Name: "示例"}}
	}
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		neighbours := storedYear(foundationCalendar(t, store), 2026) + storedYear(foundationCalendar(t, store), 2027)
		for _, step := range []struct {
			what   string
			year   model.CalendarYear
			days   []model.CalendarDay
			stored bool
			rests  string
		}{
			{"the first word on a year", year(model.YearProvisional), holiday("2031-01-01"), true, "2031-01-01"},
			{"a better guess", year(model.YearProvisional), holiday("2031-01-02"), true, "2031-01-02"},
			{"the notice", year(model.YearOfficial), holiday("2031-01-03"), true, "2031-01-03"},
			{"a guess after the notice", year(model.YearProvisional), holiday("2031-01-06"), false, "2031-01-03"},
			{"a corrected notice", year(model.YearOfficial), holiday("2031-01-07"), true, "2031-01-07"},
		} {
			stored, err := store.SaveYear(ctx, step.year, step.days)
			must(t, err)
			_, rests := unlikeTheirWeekday(foundationCalendar(t, store), 2031)
			if stored != step.stored || !slices.Equal(rests, []string{step.rests}) {
				t.Errorf("%s: stored %v, now rests on %v", step.what, stored, rests)
			}
		}
		stored, err := store.SaveYear(ctx, year(model.YearOfficial), nil)
		if _, rests := unlikeTheirWeekday(foundationCalendar(t, store), 2031); err != nil || !stored || len(rests) != 0 {
			t.Errorf("a year without a holiday: %v, %v, rests on %v", stored, err, rests)
		}
		if storedYear(foundationCalendar(t, store), 2026)+storedYear(foundationCalendar(t, store), 2027) != neighbours {
			t.Error("the years beside it changed")
		}
	})
}

// Laying the foundation again changes nothing, also where staff has changed what it laid.
func TestFoundationLeavesWhatIsThere(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		for _, edit := range []string{
			`UPDATE subdistricts SET name = '改过的街道' WHERE code = '310104003'`,
			`UPDATE care_services SET name = '改过的服务', status = 'withdrawn' WHERE code = 'parenting'`,
			`UPDATE service_policies SET max_age_months = 40`,
			`UPDATE allowance_policies SET amount = 13`,
			`UPDATE documents SET title = '改过的标题' WHERE code = 'health-notice'`,
			`UPDATE calendar_days SET name = '改过的节日' WHERE date = '2026-01-01'`,
			`DELETE FROM calendar_days WHERE date = '2026-01-04'`,
			`UPDATE calendar_days SET name = '改过的节日' WHERE date = '2027-01-01'`,
		} {
			d.Exec(t, edit)
		}
		before := contents(t, d)
		must(t, store.LayFoundation(context.Background(), modeltest.Now()))
		for table, rows := range contents(t, d) {
			if rows != before[table] {
				t.Errorf("%s changed:\n%s\nwas\n%s", table, rows, before[table])
			}
		}
	})
}

// contents is every row of the foundation's tables as text.
func contents(t *testing.T, d *modeltest.Database) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for table, order := range map[string]string{
		"subdistricts": "code", "care_services": "id", "service_policies": "id", "allowance_policies": "id",
		"documents": "id", "calendar_years": "year", "calendar_days": "date",
	} {
		texts[table] = rowsOf(t, d, "SELECT * FROM "+table+" ORDER BY "+order)
	}
	return texts
}

// rowsOf gives the answer of a query as text, a line a row.
func rowsOf(t *testing.T, d *modeltest.Database, query string) (text string) {
	t.Helper()
	rows, err := d.SQL.QueryContext(context.Background(), query)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	columns, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new([]byte)
		}
		must(t, rows.Scan(cells...))
		for _, c := range cells {
			text += fmt.Sprintf("%s|", *c.(*[]byte))
		}
		text += "\n"
	}
	must(t, rows.Err())
	return text
}

// Several servers that lay the foundation at the same moment lay it once.
func TestFoundationLaidByMany(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, _ *model.Store) {
		before := contents(t, d)
		for _, table := range []string{"care_services", "service_policies", "documents", "calendar_days", "calendar_years", "subdistricts", "allowance_policies"} {
			d.Exec(t, "DELETE FROM "+table)
		}
		together(t, 6, func(int) error {
			return d.Store(t).LayFoundation(context.Background(), founded)
		})
		for table, rows := range contents(t, d) {
			if lines(rows) != lines(before[table]) {
				t.Errorf("%s has %d rows, want %d", table, lines(rows), lines(before[table]))
			}
		}
	})
}
