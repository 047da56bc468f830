package router

import (
	"context"

	"jiamenkou/model"
	"jiamenkou/service/district"
)

// CalendarDayView is a day that differs from its weekday.
type CalendarDayView struct {
	Date string `json:"date" format:"date"`
	Kind string `json:"kind" enum:"holiday,makeup" doc:"放假、调休上班"`
	Name string `json:"name"`
}

func viewCalendarDay(d model.CalendarDay) CalendarDayView {
	return CalendarDayView{d.Date.String(), string(d.Kind), d.Name}
}

// CalendarYearView is a year of the calendar.
type CalendarYearView struct {
	Year    int               `json:"year"`
	Status  string            `json:"status" enum:"official,provisional" doc:"按正式通知、暂定"`
	Source  string            `json:"source"`
	Version int               `json:"version"`
	Days    []CalendarDayView `json:"days" nullable:"false"`
}

func viewCalendarYear(y district.Year) CalendarYearView {
	return CalendarYearView{y.CalendarYear.Year, string(y.Status), y.Source, y.Version, each(y.Days, viewCalendarDay)}
}

type keptCalendarOutput struct {
	Body struct {
		Items   []CalendarYearView `json:"items" nullable:"false"`
		Missing int                `json:"missing_year,omitempty" doc:"这一年的通知现在该有了，还没有导入"`
	}
}

func (a *API) keptCalendar(ctx context.Context, _ *none) (*keptCalendarOutput, error) {
	years, missing, err := a.District.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	out := &keptCalendarOutput{}
	out.Body.Items, out.Body.Missing = each(years, viewCalendarYear), missing
	return out, nil
}

// YearForm is a year of the calendar as it is handed in.
type YearForm struct {
	Text   string `json:"text" maxLength:"6000" doc:"JSON文件的内容，或每行一天：日期,放假或调休,名称"`
	Status string `json:"status" enum:"official,provisional" doc:"文件里没有写时：按正式通知、暂定"`
	Source string `json:"source" maxLength:"200" doc:"文件里没有写时：依据"`
}

func (f YearForm) text() district.YearText {
	return district.YearText{Text: f.Text, Status: model.YearStatus(f.Status), Source: f.Source}
}

type dayDifferenceView struct {
	Date       string `json:"date" format:"date"`
	Before     string `json:"before" enum:"holiday,makeup," doc:"空：和平常一样"`
	NameBefore string `json:"name_before"`
	After      string `json:"after" enum:"holiday,makeup,"`
	Name       string `json:"name"`
}

func viewDayDifference(d model.DayDifference) dayDifferenceView {
	return dayDifferenceView{d.Date.String(), string(d.Before), d.NameBefore, string(d.After), d.Name}
}

type readYearInput struct{ Body YearForm }

type readYearOutput struct {
	Body struct {
		CalendarYearView
		Seen        int                 `json:"seen" doc:"现有日历的版本，保存时带上；0为还没有这一年"`
		Differences []dayDifferenceView `json:"differences" nullable:"false"`
	}
}

func (a *API) readYear(ctx context.Context, in *readYearInput) (*readYearOutput, error) {
	r, err := a.District.ReadYear(ctx, dutyOf(ctx), in.Body.text())
	if err != nil {
		return nil, err
	}
	out := &readYearOutput{}
	out.Body.CalendarYearView, out.Body.Seen, out.Body.Differences = viewCalendarYear(r.Year), r.Seen, each(r.Differences, viewDayDifference)
	return out, nil
}

type saveYearInput struct {
	Body struct {
		Seen
		YearForm
		Reason string `json:"reason" maxLength:"200"`
	}
}

func (a *API) saveYear(ctx context.Context, in *saveYearInput) (*keptCalendarOutput, error) {
	b := in.Body
	if err := a.District.SaveYear(ctx, dutyOf(ctx), b.text(), b.Version, b.Reason); err != nil {
		return nil, err
	}
	return a.keptCalendar(ctx, nil)
}
