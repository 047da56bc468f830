package model

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Value stores the photos as a JSON array.
func (p Photos) Value() (driver.Value, error) {
	if p == nil {
		return "[]", nil
	}
	b, err := json.Marshal([]Photo(p))
	return string(b), err
}

// Scan reads a JSON array.
func (p *Photos) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*[]Photo)(p))
	case []byte:
		return json.Unmarshal(v, (*[]Photo)(p))
	}
	return fmt.Errorf("cannot read photos from %T", src)
}
