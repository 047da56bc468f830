package model

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil day, such as a birth date or the day of a slot: no clock, no zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const dateLayout = "2006-01-02"

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return Date{}, fmt.Errorf("not a date: want YYYY-MM-DD")
	}
	return DateOf(t), nil
}

// DateOf is the day t falls on in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// In is the first instant of the day in the zone.
func (d Date) In(zone *time.Location) time.Time { return d.At(0, 0, zone) }

// At is the instant at which the zone's clocks show hour:minute on the day.
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
}

// AddDays moves by n days, backwards when n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// DaysUntil counts the days from d to other, negative when other is earlier.
func (d Date) DaysUntil(other Date) int {
	return int(other.In(time.UTC).Sub(d.In(time.UTC)) / (24 * time.Hour))
}

// Before reports whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.In(time.UTC).Before(other.In(time.UTC)) }

// After reports whether d is a later day than other.
func (d Date) After(other Date) bool { return other.Before(d) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.In(time.UTC).Weekday() }

// IsZero reports whether no day was set.
func (d Date) IsZero() bool { return d == Date{} }

// String is YYYY-MM-DD, or the empty string for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return string(d.In(time.UTC).AppendFormat(make([]byte, 0, len(dateLayout)), dateLayout))
}

// MonthsUntil counts completed months from d to on: the age in months of a child born on d. Where the month has
// no such day its last day completes the month (Civil Code of the PRC, art. 202). Negative when on is before d.
func (d Date) MonthsUntil(on Date) int {
	months := (on.Year-d.Year)*12 + int(on.Month) - int(d.Month)
	if on.Day < d.Day && !on.lastOfMonth() {
		months--
	}
	return months
}

func (d Date) lastOfMonth() bool { return d.AddDays(1).Month != d.Month }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; an empty text is no day.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(b))
	return err
}

// Value stores the day as text that both engines compare as a day; no day is NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a DATE column of either engine.
func (d *Date) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		*d = Date{}
	case time.Time:
		*d = DateOf(v)
	case string:
		*d, err = scanDate(v)
	case []byte:
		*d, err = scanDate(string(v))
	default:
		err = fmt.Errorf("cannot read a date from %T", src)
	}
	return err
}

func scanDate(s string) (Date, error) {
	if len(s) > len(dateLayout) {
		s = s[:len(dateLayout)]
	}
	return ParseDate(s)
}

// GormDataType names the column type for the test that compares records with the migrated schema.
func (Date) GormDataType() string { return "date" }
