package modeltest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3/driver"

	"jiamenkou/model"
)

// Database is a database of a test's own, empty at first, with a way round the store: what a careless hand with SQL
// could do.
type Database struct {
	Engine string // mysql or sqlite
	SQL    *sql.DB

	options model.Options
	fill    func() // puts the migrated schema in
}

// OnBothEmpty runs a test on an empty database of each engine.
func OnBothEmpty(t *testing.T, test func(t *testing.T, d *Database)) {
	t.Helper()
	t.Run("mariadb", func(t *testing.T) { test(t, EmptyMariaDB(t)) })
	t.Run("sqlite", func(t *testing.T) { test(t, EmptySQLite(t)) })
}

// OnBothFounded runs a test on both engines, with the schema and with the foundation laid on the day the test plays.
func OnBothFounded(t *testing.T, founded time.Time, test func(t *testing.T, d *Database, store *model.Store)) {
	t.Helper()
	OnBothEmpty(t, func(t *testing.T, d *Database) { test(t, d, d.Found(t, founded)) })
}

// EmptyMariaDB is a fresh database on the test process's private MariaDB.
func EmptyMariaDB(t testing.TB) *Database {
	t.Helper()
	server := MariaDB(t)
	name := server.CreateDatabase(t)
	dsn := server.DSN(name)
	raw, err := sql.Open("mysql", dsn)
	return newDatabase(t, raw, err, model.Options{Driver: "mysql", DSN: dsn, MaxOpen: 64, MaxIdle: 64}, func() { copyMariaDB(t, name) })
}

// EmptySQLite is a fresh file.
func EmptySQLite(t testing.TB) *Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	raw, err := driver.Open(fmt.Sprintf("file:%s?_pragma=busy_timeout(10000)", (&url.URL{Path: path}).EscapedPath()))
	return newDatabase(t, raw, err, model.Options{Driver: "sqlite", Path: path, MaxOpen: 8}, func() { copySQLite(t, path) })
}

func newDatabase(t testing.TB, raw *sql.DB, err error, o model.Options, fill func()) *Database {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	o.Now, o.Log = Now, slog.New(slog.DiscardHandler)
	return &Database{Engine: o.Driver, SQL: raw, options: o, fill: fill}
}

// Store opens a store of its own on the database; change may alter how. It migrates nothing.
func (d *Database) Store(t testing.TB, change ...func(*model.Options)) *model.Store {
	t.Helper()
	o := d.options
	for _, c := range change {
		c(&o)
	}
	store, err := model.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// Found opens a store on the database, which is still empty, with the migrated schema and the foundation as of the moment.
func (d *Database) Found(t testing.TB, founded time.Time) *model.Store {
	t.Helper()
	d.fill()
	store := d.Store(t)
	found(t, store, founded)
	return store
}

// Exec runs one statement past the store. An instant is written as Instant writes it.
func (d *Database) Exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := d.SQL.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Count gives the one number a query asks for.
func (d *Database) Count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := d.SQL.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Instant is a moment as both engines keep it.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
