package model

import (
	"database/sql/driver"
	"fmt"
)

// Box seals and opens personal data; adapter/seal is the one we run. A cell is bound to table, column and row:
// moved elsewhere it does not open.
type Box interface {
	Seal(table, column, row string, plain []byte) ([]byte, error)
	Open(table, column, row string, cell []byte) ([]byte, error)
	Index(column string, value []byte) []byte
}

// Sealed is a sealed cell. The only way to make one is Seal, so plain text in a sealed column does not compile;
// the schema's CHECK on the first byte stands behind it. The zero value is NULL.
type Sealed struct{ cell []byte }

// Seal seals a text for one place in the store; an empty text is stored as NULL.
func Seal(box Box, table, column, row, plain string) (Sealed, error) {
	if plain == "" {
		return Sealed{}, nil
	}
	cell, err := box.Seal(table, column, row, []byte(plain))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal %s.%s: %w", table, column, err)
	}
	return Sealed{cell}, nil
}

// Open gives the text back; the empty string when nothing was stored.
func (s Sealed) Open(box Box, table, column, row string) (string, error) {
	if s.IsZero() {
		return "", nil
	}
	plain, err := box.Open(table, column, row, s.cell)
	if err != nil {
		return "", fmt.Errorf("open %s.%s of %s: %w", table, column, row, err)
	}
	return string(plain), nil
}

// IsZero reports whether nothing is stored.
func (s Sealed) IsZero() bool { return len(s.cell) == 0 }

// Value stores the cell.
func (s Sealed) Value() (driver.Value, error) {
	if s.IsZero() {
		return nil, nil
	}
	return s.cell, nil
}

// Scan reads a cell.
func (s *Sealed) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		s.cell = nil
	case []byte:
		s.cell = append([]byte(nil), v...)
	default:
		return fmt.Errorf("cannot read a sealed cell from %T", src)
	}
	return nil
}

// Index is the keyed hash of a sealed value, for finding it again by equality; made by Box.Index. The zero value is NULL.
type Index []byte

// Value stores the hash. A nil slice would be an empty blob to SQLite, which is not NULL.
func (x Index) Value() (driver.Value, error) {
	if len(x) == 0 {
		return nil, nil
	}
	return []byte(x), nil
}

// GormDataType names the column type for the test that compares records with the migrated schema.
func (Index) GormDataType() string { return "varbinary" }

// String keeps sealed cells out of logs.
func (Sealed) String() string { return "[sealed]" }

// GormDataType names the column type for the test that compares records with the migrated schema.
func (Sealed) GormDataType() string { return "varbinary" }
