package model

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/gormlite"
	"gorm.io/gorm"
)

// sqliteEngine is the embedded default: WAL, many readers, one writer at a time. Writers queue here rather than
// in SQLite's busy loop, which cut the worst wait from a second to milliseconds.
type sqliteEngine struct {
	path   string
	writer chan struct{}
}

// sqliteTime is how instants stand in the file: always UTC, always three decimals, so that comparing the text is
// comparing the time. The driver converts to UTC for this format, whatever the zone of the value.
const sqliteTime = string(sqlite3.TimeFormat4)

func openSQLite(o Options) (*sql.DB, gorm.Dialector, engine, error) {
	q := url.Values{"_txlock": {"immediate"}, "_timefmt": {sqliteTime}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(off)", "temp_store(memory)",
	}}
	db, err := driver.Open(sqliteURI(o.Path, q))
	if err != nil {
		return nil, nil, nil, err
	}
	db.SetMaxOpenConns(max(2, min(o.MaxOpen, 8)))
	db.SetMaxIdleConns(max(2, min(o.MaxOpen, 8)))
	return db, gormlite.OpenDB(db), sqliteEngine{o.Path, make(chan struct{}, 1)}, nil
}

func sqliteURI(path string, q url.Values) string {
	return fmt.Sprintf("file:%s?%s", (&url.URL{Path: path}).EscapedPath(), q.Encode())
}

func (sqliteEngine) name() string { return "sqlite" }

func (sqliteEngine) txOptions() *sql.TxOptions { return nil }

func (e sqliteEngine) enter(ctx context.Context) (func(), error) {
	select {
	case e.writer <- struct{}{}:
		return func() { <-e.writer }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lockRows adds nothing: whoever is in a transaction here is the only writer.
func (sqliteEngine) lockRows(db *gorm.DB, _ bool) *gorm.DB { return db }

// patient is the file as it is open: nothing limits the time of a statement there.
func (sqliteEngine) patient(_ context.Context, db *sql.DB) (on *sql.DB, done func(), err error) {
	return db, func() {}, nil
}

// migrator locks an empty database beside the file, which a process lets go of however it ends. The file itself will
// not do: the migrations need it, and turning it to WAL answers "locked" without waiting.
func (e sqliteEngine) migrator(ctx context.Context, db *sql.DB) (on *sql.DB, done func(), err error) {
	lock, err := driver.Open(sqliteURI(e.path+".migrating", url.Values{"_txlock": {"exclusive"}, "_pragma": {"busy_timeout(60000)"}}))
	if err != nil {
		return nil, nil, err
	}
	held, err := lock.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	return db, func() { _ = held.Rollback(); _ = lock.Close() }, nil
}

func (sqliteEngine) classify(err error) trouble {
	if errors.Is(err, sqlite3.BUSY) || errors.Is(err, sqlite3.LOCKED) {
		return troubleRetry
	}
	return troubleNone
}
