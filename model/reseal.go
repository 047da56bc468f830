package model

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// Resealer is a box that also knows which cells stand under its newest key.
type Resealer interface {
	Box
	Current(cell []byte) bool
	CurrentPrefix() []byte
}

// sealedColumns is every sealed column. The schema test finds one that is missing here.
var sealedColumns = []struct{ table, column string }{
	{"residents", "open_id_sealed"},
	{"residents", "phone_sealed"},
	{"children", "name_sealed"},
	{"children", "birth_date_sealed"},
	{"children", "health_note_sealed"},
	{"staff_credentials", "totp_sealed"},
	{"pickup_persons", "name_sealed"},
	{"pickup_persons", "phone_sealed"},
	{"attendances", "temperature_sealed"},
	{"attendances", "remark_sealed"},
	{"appeals", "note_sealed"},
	{"draws", "nonce_sealed"},
}

type cell struct {
	ID    string
	Value []byte
}

// Reseal moves every cell to the newest key, in batches of size, and reports the number of cells moved after each.
// It may be stopped at any moment and started again: a cell tells by itself whether it is done. A cell that somebody
// changes meanwhile is left as they sealed it.
func (s *Store) Reseal(ctx context.Context, box Resealer, size int, progress func(moved int)) error {
	for _, c := range sealedColumns {
		if err := s.resealColumn(ctx, box, c.table, c.column, size, progress); err != nil {
			return fmt.Errorf("reseal %s.%s: %w", c.table, c.column, err)
		}
	}
	return nil
}

func (s *Store) resealColumn(ctx context.Context, box Resealer, table, column string, size int, progress func(int)) error {
	for last := ""; ; {
		stale, err := s.listStale(ctx, box, table, column, last, size)
		if err != nil || len(stale) == 0 {
			return err
		}
		if err := s.resealCells(ctx, box, table, column, stale); err != nil {
			return err
		}
		progress(len(stale))
		last = stale[len(stale)-1].ID
	}
}

func (s *Store) listStale(ctx context.Context, box Resealer, table, column, after string, size int) ([]cell, error) {
	prefix := strings.ToUpper(hex.EncodeToString(box.CurrentPrefix()))
	var stale []cell
	err := s.db.WithContext(ctx).Table(table).Select("id, "+column+" AS value").
		Where("id > ? AND "+column+" IS NOT NULL AND SUBSTR(HEX("+column+"), 1, ?) <> ?", after, len(prefix), prefix).
		Order("id").Limit(size).Scan(&stale).Error
	return stale, s.fault(ctx, err, nil)
}

func (s *Store) resealCells(ctx context.Context, box Resealer, table, column string, stale []cell) error {
	return s.InTx(ctx, func(tx *Store) error {
		for _, old := range stale {
			plain, err := box.Open(table, column, old.ID, old.Value)
			if err != nil {
				return fmt.Errorf("row %s: %w", old.ID, err)
			}
			fresh, err := box.Seal(table, column, old.ID, plain)
			if err != nil {
				return err
			}
			done := tx.db.WithContext(ctx).Table(table).Where("id = ? AND "+column+" = ?", old.ID, old.Value).Update(column, fresh)
			if done.Error != nil {
				return tx.fault(ctx, done.Error, nil)
			}
		}
		return nil
	})
}

// CheckKeys opens the newest cell of every sealed column. A keyring that cannot is the wrong one, and must not seal
// anything beside what it cannot read.
func (s *Store) CheckKeys(ctx context.Context, box Box) error {
	for _, c := range sealedColumns {
		var newest []cell
		err := s.db.WithContext(ctx).Table(c.table).Select("id, " + c.column + " AS value").
			Where(c.column + " IS NOT NULL").Order("id DESC").Limit(1).Scan(&newest).Error
		if err != nil {
			return s.fault(ctx, err, nil)
		}
		for _, one := range newest {
			if _, err := box.Open(c.table, c.column, one.ID, one.Value); err != nil {
				return fmt.Errorf("the keyring does not open what is stored in %s.%s: %w", c.table, c.column, err)
			}
		}
	}
	return nil
}
