package model_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
)

func TestParseDate(t *testing.T) {
	for text, exists := range map[string]bool{
		"2026-02-28": true, "2024-02-29": true, "2000-02-29": true, "2026-12-31": true,
		"2026-02-29": false, "1900-02-29": false, "2026-04-31": false, "2026-13-01": false, "2026-00-10": false,
		"2026-1-1": false, "26-01-01": false, "2026/01/01": false, "2026-01-01T00:00:00Z": false, "": false, " 2026-01-01": false,
		"２０２６-01-01": false, "2026-01-0a": false,
	} {
		got, err := model.ParseDate(text)
		if (err == nil) != exists || exists && got.String() != text {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
}

func TestMonthsUntil(t *testing.T) {
	for _, c := range []struct {
		birth, on string
		months    int
	}{
		{"2025-03-15", "2026-03-14", 11},
		{"2025-03-15", "2026-03-15", 12},
		{"2025-03-15", "2025-03-15", 0},
		{"2025-03-15", "2025-03-14", -1},
		{"2025-12-31", "2026-01-30", 0},
		{"2025-12-31", "2026-01-31", 1},
		// A month without the day is complete on its last one.
		{"2025-01-31", "2025-02-27", 0},
		{"2025-01-31", "2025-02-28", 1},
		{"2025-01-31", "2025-03-01", 1},
		{"2025-01-31", "2025-04-30", 3},
		{"2025-01-30", "2025-02-28", 1},
		{"2025-05-31", "2025-06-29", 0},
		{"2025-05-31", "2025-06-30", 1},
		{"2024-01-31", "2024-02-28", 0},
		{"2024-01-31", "2024-02-29", 1},
		// The last day of a short month is an ordinary day of a longer one.
		{"2025-02-28", "2025-03-27", 0},
		{"2025-02-28", "2025-03-28", 1},
		{"2025-04-30", "2025-05-30", 1},
		// Born on 29 February.
		{"2024-02-29", "2025-02-27", 11},
		{"2024-02-29", "2025-02-28", 12},
		{"2024-02-29", "2027-02-28", 36},
		{"2024-02-29", "2028-02-28", 47},
		{"2024-02-29", "2028-02-29", 48},
		{"2024-02-29", "2024-03-28", 0},
		{"2024-02-29", "2024-03-29", 1},
	} {
		if got := day(c.birth).MonthsUntil(day(c.on)); got != c.months {
			t.Errorf("born %s, on %s: %d months, want %d", c.birth, c.on, got, c.months)
		}
	}
}

func someDay(rt *rapid.T, name string) model.Date {
	return day("1990-01-01").AddDays(rapid.IntRange(0, 25_000).Draw(rt, name))
}

// Nobody grows younger, and a month is between 28 and 31 days.
func TestAgeOnlyGrows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		birth, on := someDay(rt, "birth"), someDay(rt, "on")
		age := birth.MonthsUntil(on)
		if next := birth.MonthsUntil(on.AddDays(1)); next < age || next > age+1 {
			rt.Fatalf("born %v: %d months on %v and %d the day after", birth, age, on, next)
		}
		if grown := birth.MonthsUntil(on.AddDays(31)); grown < age+1 {
			rt.Fatalf("born %v: %d months on %v and %d 31 days later", birth, age, on, grown)
		}
		if younger := birth.MonthsUntil(on.AddDays(-28)); younger < age-1 {
			rt.Fatalf("born %v: %d months on %v and %d 28 days before", birth, age, on, younger)
		}
	})
}

func TestDateArithmetic(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d, n := someDay(rt, "day"), rapid.IntRange(-5000, 5000).Draw(rt, "days")
		moved := d.AddDays(n)
		if d.DaysUntil(moved) != n || moved.AddDays(-n) != d {
			rt.Fatalf("%v moved by %d is %v, %d days away", d, n, moved, d.DaysUntil(moved))
		}
		if d.Before(moved) != (n > 0) || d.After(moved) != (n < 0) {
			rt.Fatalf("%v and %v are in the wrong order", d, moved)
		}
		if again, err := model.ParseDate(d.String()); err != nil || again != d {
			rt.Fatalf("%v is read back as %v, %v", d, again, err)
		}
		if (int(moved.Weekday())-int(d.Weekday())-n)%7 != 0 {
			rt.Fatalf("%v is a %v, %v is a %v", d, d.Weekday(), moved, moved.Weekday())
		}
	})
}

func TestDateIsAlwaysTheZones(t *testing.T) {
	zone := shanghai(t)
	late := instant("2026-11-23T17:00:00Z") // one in the morning of the 24th in Shanghai
	if got := model.DateOf(late.In(zone)); got != day("2026-11-24") {
		t.Errorf("the day is %v", got)
	}
	if got := day("2026-11-24").In(zone); !got.Equal(instant("2026-11-23T16:00:00Z")) {
		t.Errorf("the day begins at %v", got)
	}
	if got := day("2026-11-24").At(9, 30, zone); !got.Equal(instant("2026-11-24T01:30:00Z")) {
		t.Errorf("half past nine is %v", got)
	}
}

func TestDateOnTheWireAndInTheStore(t *testing.T) {
	type record struct{ Day model.Date }
	for _, c := range []struct {
		day  model.Date
		text string
	}{{day("2026-01-05"), `{"Day":"2026-01-05"}`}, {model.Date{}, `{"Day":""}`}} {
		text, err := json.Marshal(record{c.day})
		if err != nil || string(text) != c.text {
			t.Errorf("written %s, %v", text, err)
		}
		back := record{day("1999-09-09")}
		if err := json.Unmarshal(text, &back); err != nil || back.Day != c.day {
			t.Errorf("read %v, %v", back.Day, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"Day":"2026-02-30"}`), &record{}); err == nil {
		t.Error("30 February was read")
	}
	if value, err := (model.Date{}).Value(); value != nil || err != nil {
		t.Errorf("no day is stored as %v, %v", value, err)
	}
}

func TestDateScan(t *testing.T) {
	for _, c := range []struct {
		from any
		want model.Date
	}{
		{nil, model.Date{}},
		{"2026-02-28", day("2026-02-28")},
		{[]byte("2026-02-28"), day("2026-02-28")},
		{"2026-02-28T00:00:00Z", day("2026-02-28")},
		{time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), day("2026-02-28")},
	} {
		got := day("1999-09-09")
		if err := got.Scan(c.from); err != nil || got != c.want {
			t.Errorf("%v is read as %v, %v", c.from, got, err)
		}
	}
	for _, nonsense := range []any{42, "yesterday", []byte{}, ""} {
		var got model.Date
		if err := got.Scan(nonsense); err == nil {
			t.Errorf("%v is read as %v", nonsense, got)
		}
	}
}
