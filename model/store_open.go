package model

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Options says which database to open.
type Options struct {
	Driver       string // mysql (MySQL, MariaDB, TiDB) or sqlite
	DSN          string // mysql: user:password@tcp(host:port)/database
	Path         string // sqlite: the file; its folder must exist
	MaxOpen      int    // connections at most
	MaxIdle      int
	ConnLifetime time.Duration
	Now          func() time.Time
	Log          *slog.Logger
}

// Open prepares a store; it does not connect yet, so that a server can start and say what it is waiting for.
func Open(o Options) (*Store, error) {
	var (
		db        *sql.DB
		dialector gorm.Dialector
		eng       engine
		err       error
	)
	switch o.Driver {
	case "mysql":
		db, dialector, eng, err = openMySQL(o)
	case "sqlite":
		db, dialector, eng, err = openSQLite(o)
	default:
		err = fmt.Errorf("unknown database driver %q: want mysql or sqlite", o.Driver)
	}
	if err != nil {
		return nil, err
	}
	db.SetConnMaxLifetime(o.ConnLifetime)
	return newStore(o, dialector, eng)
}

func newStore(o Options, dialector gorm.Dialector, eng engine) (*Store, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // errors go up to the caller, who logs them once
		NowFunc:                func() time.Time { return o.Now().UTC().Truncate(time.Millisecond) },
	})
	if err != nil {
		return nil, err
	}
	return &Store{db: db, engine: eng, ids: NewIDs(o.Now), log: o.Log}, nil
}

// WaitReady pings until the database answers or ctx ends.
func (s *Store) WaitReady(ctx context.Context) error {
	for {
		err := s.Ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
