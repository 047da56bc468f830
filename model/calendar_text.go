package model

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"jiamenkou/model/fault"
)

var (
	ErrCalendarText = fault.New(fault.Invalid, "calendar_unreadable", "日历读不出来。请贴上JSON文件的内容，或每行一天：日期,放假或调休,名称。")
	ErrYearOfficial = fault.New(fault.Conflict, "year_official", "这一年已按正式通知导入，不能再换成暂定的日历。")
)

// ReadYear reads a year of the calendar as people hand it in: JSON as in model/foundation/calendar.json, or a line a day:
// the date, 放假 or 调休, a name. What a line cannot say, its status and source, it takes from the year it is given. Whatever
// is wrong is ErrCalendarText with a sentence that says where.
func ReadYear(text string, year CalendarYear) (CalendarYear, []CalendarDay, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	read := readLines
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		read = readNotice
	}
	year, days, err := read(text, year)
	if err == nil {
		err = checkYear(year, days)
	}
	return year, days, err
}

// readNotice takes one year, alone or as a list of one.
func readNotice(text string, year CalendarYear) (CalendarYear, []CalendarDay, error) {
	var list []noticedYear
	if strings.HasPrefix(text, "{") {
		text = "[" + text + "]"
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return year, nil, ErrCalendarText.WithCause(err)
	}
	if len(list) != 1 {
		return year, nil, ErrCalendarText.WithMessage("一次只能导入一年，这里有%d年。", len(list))
	}
	one := list[0]
	for _, h := range one.Holidays {
		if h.To.Before(h.From) || h.From.DaysUntil(h.To) > 60 {
			return year, nil, ErrCalendarText.WithMessage("有一段假期的起止日期不对：%s至%s。", h.From, h.To)
		}
	}
	year.Year = one.Year
	if one.Status != "" {
		year.Status = one.Status
	}
	if one.Source != "" {
		year.Source = one.Source
	}
	return year, one.days(), nil
}

// kindsOfDays are the words for them in lines.
var kindsOfDays = map[string]DayKind{"放假": DayHoliday, "holiday": DayHoliday, "调休": DayMakeup, "调休上班": DayMakeup, "makeup": DayMakeup}

func readLines(text string, year CalendarYear) (CalendarYear, []CalendarDay, error) {
	var days []CalendarDay
	for i, line := range strings.Split(text, "\n") {
		cells := strings.Split(strings.NewReplacer("，", ",", "\t", ",").Replace(strings.TrimSpace(line)), ",")
		for c := range cells {
			cells[c] = strings.Trim(cells[c], ` "`)
		}
		if cells[0] == "" || i == 0 && cells[0] == "日期" {
			continue
		}
		day, err := readLine(cells)
		if err != nil {
			return year, nil, ErrCalendarText.WithMessage("第%d行不对：应为日期、放假或调休、名称，用逗号隔开，如2027-01-01,放假,元旦。", i+1)
		}
		days = append(days, day)
	}
	if len(days) > 0 {
		year.Year = days[0].Date.Year
	}
	return year, days, nil
}

func readLine(cells []string) (day CalendarDay, err error) {
	if len(cells) < 2 || len(cells) > 3 || kindsOfDays[cells[1]] == "" {
		return day, ErrCalendarText
	}
	day.Kind, day.Name = kindsOfDays[cells[1]], "调休上班"
	if len(cells) == 3 && cells[2] != "" {
		day.Name = cells[2]
	} else if day.Kind == DayHoliday {
		return day, ErrCalendarText
	}
	day.Date, err = ParseDate(cells[0])
	return day, err
}

func checkYear(year CalendarYear, days []CalendarDay) error {
	switch {
	case len(days) == 0 || year.Year < 2020 || year.Year > 2100:
		return ErrCalendarText
	case year.Status != YearOfficial && year.Status != YearProvisional, strings.TrimSpace(year.Source) == "", utf8.RuneCountInString(year.Source) > 200:
		return ErrCalendarText.WithMessage("请写明依据，如国务院办公厅的通知，并说明是正式的还是暂定的。")
	}
	seen := map[Date]bool{}
	for _, d := range days {
		weekend := d.Date.Weekday() == time.Saturday || d.Date.Weekday() == time.Sunday
		switch {
		case d.Date.Year != year.Year:
			return ErrCalendarText.WithMessage("%s不在%d年。", d.Date, year.Year)
		case seen[d.Date]:
			return ErrCalendarText.WithMessage("%s有两次。", d.Date)
		case d.Kind == DayMakeup && !weekend:
			return ErrCalendarText.WithMessage("%s不是周末，不能调休上班。", d.Date)
		case d.Name == "" || utf8.RuneCountInString(d.Name) > 40:
			return ErrCalendarText.WithMessage("%s的名称应为1到40个字。", d.Date)
		}
		seen[d.Date] = true
	}
	return nil
}

// DayDifference is a day that two calendars of a year say otherwise; a kind is empty where the day is as its weekday.
type DayDifference struct {
	Date             Date
	Before, After    DayKind
	NameBefore, Name string
}

// CompareDays says which days differ, in their order.
func CompareDays(before, after []CalendarDay) (list []DayDifference) {
	was := map[Date]CalendarDay{}
	for _, d := range before {
		was[d.Date] = d
	}
	for _, d := range after {
		if old := was[d.Date]; old.Kind != d.Kind || old.Name != d.Name {
			list = append(list, DayDifference{d.Date, old.Kind, d.Kind, old.Name, d.Name})
		}
		delete(was, d.Date)
	}
	for _, d := range was {
		list = append(list, DayDifference{d.Date, d.Kind, "", d.Name, ""})
	}
	slices.SortFunc(list, func(a, b DayDifference) int { return b.Date.DaysUntil(a.Date) })
	return list
}
