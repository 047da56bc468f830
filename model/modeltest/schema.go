package modeltest

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jiamenkou/model"
)

// Migrating takes a second and more, which hundreds of tests would each wait for. So a test process migrates one database
// of each engine, and every further test starts from a copy of its tables. TestACopyIsWhatMigratingMakes holds them equal.

// The databases that are copied; they stay as long as the process.
const (
	migratedSchema = "migrated"
	migratedFile   = "migrated.db"
)

// migrated is the database on the shared server that the others are copied from.
var migrated = sync.OnceValues(func() (tables []string, err error) {
	server, err := sharedServer()
	if err != nil {
		return nil, err
	}
	if err := server.exec("CREATE DATABASE " + migratedSchema); err != nil {
		return nil, err
	}
	if err := migrateOnce(model.Options{Driver: "mysql", DSN: server.DSN(migratedSchema), MaxOpen: 2, MaxIdle: 2}); err != nil {
		return nil, err
	}
	return server.tables(migratedSchema)
})

// migratedSQLite is the content of the file that the others are copied from.
var migratedSQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "jmk-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, migratedFile)
	if err := migrateOnce(model.Options{Driver: "sqlite", Path: path, MaxOpen: 2}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrateOnce(o model.Options) error {
	o.Now, o.Log = Now, slog.New(slog.DiscardHandler)
	store, err := model.Open(o)
	if err != nil {
		return err
	}
	_, err = store.Migrate(context.Background())
	return errors.Join(err, store.Close())
}

// copyMariaDB puts the migrated tables into an empty database of the shared server.
func copyMariaDB(t testing.TB, database string) {
	t.Helper()
	tables, err := migrated()
	if err != nil {
		t.Fatalf("migrating the database that tests copy: %v", err)
	}
	var statements []string
	for _, table := range tables {
		to, from := database+"."+table, migratedSchema+"."+table
		statements = append(statements, "CREATE TABLE "+to+" LIKE "+from, "INSERT INTO "+to+" SELECT * FROM "+from)
	}
	if err := MariaDB(t).exec(statements...); err != nil {
		t.Fatalf("copying the migrated tables: %v", err)
	}
}

// copySQLite puts the migrated file where no database is yet.
func copySQLite(t testing.TB, path string) {
	t.Helper()
	if held, err := os.Stat(path); err == nil && held.Size() > 0 {
		t.Fatalf("%s holds a database already", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	content, err := migratedSQLite()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatalf("copying the migrated file: %v", err)
	}
}

// found migrates a store, which finds nothing left to do in a copy, and lays the foundation as of the moment.
func found(t testing.TB, store *model.Store, at time.Time) {
	t.Helper()
	ctx := context.Background()
	if _, err := store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := store.LayFoundation(ctx, at); err != nil {
		t.Fatal(err)
	}
}

// tables are the names of a database's tables.
func (s *Server) tables(database string) (names []string, err error) {
	var all sql.NullString
	err = s.withConnection(time.Minute, func(ctx context.Context, db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT GROUP_CONCAT(table_name) FROM information_schema.tables WHERE table_schema = ?", database).Scan(&all)
	})
	return strings.Split(all.String, ","), err
}
