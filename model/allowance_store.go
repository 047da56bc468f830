package model

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// FindAllowance gives a child's allowance of the year, and false when nothing has been granted yet.
func (s *Store) FindAllowance(ctx context.Context, childID string, year int) (Allowance, bool, error) {
	var one Allowance
	err := s.db.WithContext(ctx).Where("child_id = ? AND year = ?", childID, year).Take(&one).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return one, false, nil
	}
	return one, err == nil, s.fault(ctx, err, nil)
}

// ListAllowancesOf gives a child's allowances of all years, oldest first.
func (s *Store) ListAllowancesOf(ctx context.Context, childID string) ([]Allowance, error) {
	var list []Allowance
	err := s.db.WithContext(ctx).Where("child_id = ?", childID).Order("year").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// GrantAllowance gives the child its allowance of the year unless it has one. It stands outside the booking's
// transaction, so that the row is there to be locked.
func (s *Store) GrantAllowance(ctx context.Context, childID string, year int, policy AllowancePolicy) error {
	row := Allowance{
		ID: s.NewID(), ChildID: childID, Year: year, PolicyID: policy.ID, Unit: policy.Unit, Granted: policy.Amount,
	}
	return s.InTx(ctx, func(tx *Store) error {
		return tx.fault(ctx, tx.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error, nil)
	})
}

// LockAllowances locks allowances in the house's order and gives them by id.
func (s *Store) LockAllowances(ctx context.Context, ids ...string) (map[string]Allowance, error) {
	var list []Allowance
	err := s.engine.lockRows(s.db.WithContext(ctx), false).Where("id IN ?", ids).Order("id").Find(&list).Error
	byID := make(map[string]Allowance, len(list))
	for _, a := range list {
		byID[a.ID] = a
	}
	return byID, s.fault(ctx, err, nil)
}

// ListEntries gives the ledger of an allowance, newest line first.
func (s *Store) ListEntries(ctx context.Context, allowanceID string) ([]AllowanceEntry, error) {
	var list []AllowanceEntry
	err := s.db.WithContext(ctx).Where("allowance_id = ?", allowanceID).Order("id DESC").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// TakeAllowance debits units, if that many are left.
func (s *Store) TakeAllowance(ctx context.Context, allowanceID string, units int) error {
	done := s.db.WithContext(ctx).Model(&Allowance{}).Where("id = ? AND used + ? <= granted", allowanceID, units).
		Update("used", gorm.Expr("used + ?", units))
	return s.took(ctx, done, ErrAllowanceUsedUp)
}

// ReturnAllowance gives units back; zero units touch nothing.
func (s *Store) ReturnAllowance(ctx context.Context, allowanceID string, units int) error {
	if units == 0 {
		return nil
	}
	done := s.db.WithContext(ctx).Model(&Allowance{}).Where("id = ? AND used >= ?", allowanceID, units).
		Update("used", gorm.Expr("used - ?", units))
	return s.took(ctx, done, ErrBookingEnded)
}

// AddEntry writes a line of the allowance's ledger; nothing when the amount is zero.
func (s *Store) AddEntry(ctx context.Context, allowanceID, bookingID string, kind EntryKind, amount int, at time.Time) error {
	if amount == 0 {
		return nil
	}
	row := AllowanceEntry{
		ID: s.NewID(), AllowanceID: allowanceID, BookingID: bookingID, Kind: kind, Amount: amount, CreatedAt: at,
	}
	return s.fault(ctx, s.db.WithContext(ctx).Create(&row).Error, nil)
}
