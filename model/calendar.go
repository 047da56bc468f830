package model

import "time"

// YearStatus says how far a year's calendar can be trusted.
type YearStatus string

const (
	YearOfficial    YearStatus = "official"    // the State Council's notice for the year is in the table
	YearProvisional YearStatus = "provisional" // weekends and statutory days only
)

// CalendarYear is one year of the working-days table.
type CalendarYear struct {
	Year    int        `gorm:"type:int;primaryKey;autoIncrement:false"`
	Status  YearStatus `gorm:"size:16"`
	Source  string     `gorm:"size:200"`
	Version int        `gorm:"type:int"` // raised by every change
}

// DayKind is what the notice makes of a day.
type DayKind string

const (
	DayHoliday DayKind = "holiday"
	DayMakeup  DayKind = "makeup" // 调休: a weekend day that is worked
)

// CalendarDay is a day that differs from its weekday.
type CalendarDay struct {
	Date Date    `gorm:"type:date;primaryKey"`
	Kind DayKind `gorm:"size:16"`
	Name string  `gorm:"size:40"`
}

// Calendar answers which days are worked.
type Calendar struct {
	days  map[Date]DayKind
	years map[int]YearStatus
}

// NewCalendar puts the table's rows together.
func NewCalendar(years []CalendarYear, days []CalendarDay) Calendar {
	c := Calendar{map[Date]DayKind{}, map[int]YearStatus{}}
	for _, y := range years {
		c.years[y.Year] = y.Status
	}
	for _, d := range days {
		c.days[d.Date] = d.Kind
	}
	return c
}

// Working reports whether the day is worked: the notice first, else Monday to Friday.
func (c Calendar) Working(day Date) bool {
	switch c.days[day] {
	case DayHoliday:
		return false
	case DayMakeup:
		return true
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// Status says how far the year can be trusted; a year not in the table at all is provisional.
func (c Calendar) Status(year int) YearStatus {
	if s, ok := c.years[year]; ok {
		return s
	}
	return YearProvisional
}

// MissingNext names the year whose notice should be in the table by now: from 1 November the next one. 0 when
// nothing is missing.
func (c Calendar) MissingNext(today Date) int {
	if c.Status(today.Year) != YearOfficial {
		return today.Year
	}
	if today.Month >= time.November && c.Status(today.Year+1) != YearOfficial {
		return today.Year + 1
	}
	return 0
}
