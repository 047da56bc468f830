package model

import (
	"context"

	"gorm.io/gorm/clause"
)

// LoadCalendar reads the whole working-days table; it has some thirty rows a year.
func (s *Store) LoadCalendar(ctx context.Context) (Calendar, error) {
	var years []CalendarYear
	if err := s.db.WithContext(ctx).Find(&years).Error; err != nil {
		return Calendar{}, s.fault(ctx, err, nil)
	}
	var days []CalendarDay
	if err := s.db.WithContext(ctx).Find(&days).Error; err != nil {
		return Calendar{}, s.fault(ctx, err, nil)
	}
	return NewCalendar(years, days), nil
}

// SaveYear puts a year's days in place of what the table had, except that a provisional year never replaces an
// official one. It reports whether it was stored.
func (s *Store) SaveYear(ctx context.Context, year CalendarYear, days []CalendarDay) (stored bool, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		known, _, err := tx.findYear(ctx, year.Year)
		stored = err == nil && (known.Status != YearOfficial || year.Status == YearOfficial)
		if !stored {
			return err
		}
		year.Version = known.Version + 1
		return tx.replaceYear(ctx, year, days)
	})
	return stored && err == nil, err
}

func (s *Store) findYear(ctx context.Context, year int) (one CalendarYear, found bool, err error) {
	done := s.db.WithContext(ctx).Where("year = ?", year).Limit(1).Find(&one)
	return one, done.RowsAffected == 1, s.fault(ctx, done.Error, nil)
}

func (s *Store) replaceYear(ctx context.Context, year CalendarYear, days []CalendarDay) error {
	first, last := Date{year.Year, 1, 1}, Date{year.Year, 12, 31}
	if err := s.db.WithContext(ctx).Where("date BETWEEN ? AND ?", first, last).Delete(&CalendarDay{}).Error; err != nil {
		return s.fault(ctx, err, nil)
	}
	replace := clause.OnConflict{UpdateAll: true}
	if err := s.db.WithContext(ctx).Clauses(replace).Create(&year).Error; err != nil || len(days) == 0 {
		return s.fault(ctx, err, nil)
	}
	return s.fault(ctx, s.db.WithContext(ctx).Clauses(replace).Create(&days).Error, nil)
}

// ListYears gives the years of the calendar with their days, both in their order.
func (s *Store) ListYears(ctx context.Context) (years []CalendarYear, days []CalendarDay, err error) {
	if err := s.db.WithContext(ctx).Order("year").Find(&years).Error; err != nil {
		return nil, nil, s.fault(ctx, err, nil)
	}
	return years, days, s.fault(ctx, s.db.WithContext(ctx).Order("date").Find(&days).Error, nil)
}

// ChangeYear puts a year's days in the place of what the table had of the version seen, 0 being a year that is not in it;
// else ErrChangedMeanwhile.
func (s *Store) ChangeYear(ctx context.Context, year CalendarYear, days []CalendarDay, seen int) error {
	year.Version = seen + 1
	if seen == 0 {
		if err := s.addVersion(ctx, &year); err != nil {
			return err
		}
		return s.replaceYear(ctx, year, days)
	}
	done := s.db.WithContext(ctx).Model(&CalendarYear{}).Where("year = ? AND version = ?", year.Year, seen).Update("version", year.Version)
	if err := s.took(ctx, done, ErrChangedMeanwhile); err != nil {
		return err
	}
	return s.replaceYear(ctx, year, days)
}
