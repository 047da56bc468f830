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
		stored, err = tx.saveYear(ctx, year, days)
		return err
	})
	return stored, err
}

func (s *Store) saveYear(ctx context.Context, year CalendarYear, days []CalendarDay) (bool, error) {
	var known []CalendarYear
	if err := s.db.WithContext(ctx).Where("year = ?", year.Year).Find(&known).Error; err != nil {
		return false, s.fault(ctx, err, nil)
	}
	if len(known) > 0 && (year.Status == YearProvisional || known[0].Status == YearOfficial) {
		return false, nil
	}
	first, last := Date{year.Year, 1, 1}, Date{year.Year, 12, 31}
	if err := s.db.WithContext(ctx).Where("date BETWEEN ? AND ?", first, last).Delete(&CalendarDay{}).Error; err != nil {
		return false, s.fault(ctx, err, nil)
	}
	replace := clause.OnConflict{UpdateAll: true}
	if err := s.db.WithContext(ctx).Clauses(replace).Create(&year).Error; err != nil {
		return false, s.fault(ctx, err, nil)
	}
	err := s.db.WithContext(ctx).Clauses(replace).Create(&days).Error
	return err == nil, s.fault(ctx, err, nil)
}
