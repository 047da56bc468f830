package district

import (
	"context"
	"strconv"
	"strings"

	"jiamenkou/model"
)

// Year is a year of the calendar with the days that differ from their weekday.
type Year struct {
	model.CalendarYear
	Days []model.CalendarDay
}

// Calendar gives every year there is, and the one whose notice should be there by now; 0 when none is missing.
func (s *Service) Calendar(ctx context.Context) (years []Year, missing int, err error) {
	found, days, err := s.Store.ListYears(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, y := range found {
		year := Year{CalendarYear: y}
		for _, d := range days {
			if d.Date.Year == y.Year {
				year.Days = append(year.Days, d)
			}
		}
		years = append(years, year)
	}
	today := model.DateOf(s.Now().In(s.Zone))
	return years, model.NewCalendar(found, days).MissingNext(today), nil
}

// YearText is a year as it is handed in: the text, and what a text of lines cannot say.
type YearText struct {
	Text   string
	Status model.YearStatus
	Source string
}

// Reading is a year that has been read, and what it would change.
type Reading struct {
	Year
	Seen        int // version of what is in the table; 0: nothing
	Differences []model.DayDifference
}

// ReadYear reads a year and says what it would change. It writes nothing.
func (s *Service) ReadYear(ctx context.Context, by model.OnDuty, t YearText) (r Reading, err error) {
	if err := sets(by); err != nil {
		return r, err
	}
	given := model.CalendarYear{Status: t.Status, Source: strings.TrimSpace(t.Source)}
	if r.CalendarYear, r.Days, err = model.ReadYear(t.Text, given); err != nil {
		return r, err
	}
	years, _, err := s.Calendar(ctx)
	if err != nil {
		return r, err
	}
	var there Year
	for _, y := range years {
		if y.CalendarYear.Year == r.CalendarYear.Year {
			there = y
		}
	}
	if there.Status == model.YearOfficial && r.Status != model.YearOfficial {
		return r, model.ErrYearOfficial
	}
	r.Seen, r.Differences = there.Version, model.CompareDays(there.Days, r.Days)
	return r, nil
}

// SaveYear stores a year in the place of the version seen. Slots that are there stay.
func (s *Service) SaveYear(ctx context.Context, by model.OnDuty, t YearText, seen int, reason string) error {
	r, err := s.ReadYear(ctx, by, t)
	if err != nil {
		return err
	}
	if err := model.CheckReason(reason); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.ChangeYear(ctx, r.CalendarYear, r.Days, seen); err != nil {
			return err
		}
		return tx.AddEvents(ctx, model.Event{
			Subject: "calendar_year", SubjectID: strconv.Itoa(r.CalendarYear.Year), FromState: strconv.Itoa(seen), ToState: strconv.Itoa(seen + 1),
			Actor: model.ActorStaff, ActorID: by.StaffID, Reason: strings.TrimSpace(reason), CreatedAt: s.Now(),
		})
	})
}
