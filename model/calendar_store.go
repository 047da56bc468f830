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
