package model

import (
	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// What the tests of the store see beyond what everyone does.

// DB is the store's connection pool.
func (s *Store) DB() *gorm.DB { return s.db }

// SealedColumns lists what Reseal goes through, as table.column.
func SealedColumns() (names []string) {
	for _, c := range sealedColumns {
		names = append(names, c.table+"."+c.column)
	}
	return names
}

// Classify names what an error of the store's engine means for a transaction.
func (s *Store) Classify(err error) string {
	return map[trouble]string{
		troubleNone: "none", troubleRetry: "retry", troubleLost: "lost", troubleLock: "lock",
	}[s.engine.classify(err)]
}

// SettledDSN is what the store makes of a DSN.
func SettledDSN(dsn string) (string, error) {
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return "", err
	}
	settle(cfg)
	return cfg.FormatDSN(), nil
}
