package modeltest

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"jiamenkou/model"
)

// Open gives a migrated store in a fresh database on the test process's private MariaDB.
func Open(t testing.TB) *model.Store {
	t.Helper()
	server := MariaDB(t)
	name := server.CreateDatabase(t)
	copyMariaDB(t, name)
	return OpenDSN(t, server.DSN(name))
}

// OpenDSN gives a migrated store at a MariaDB address of the test's choice, such as one behind a proxy.
func OpenDSN(t testing.TB, dsn string) *model.Store {
	t.Helper()
	return open(t, model.Options{Driver: "mysql", DSN: dsn, MaxOpen: 64, MaxIdle: 64})
}

// OpenSQLite gives a migrated store in a fresh file.
func OpenSQLite(t testing.TB) *model.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	copySQLite(t, path)
	return open(t, model.Options{Driver: "sqlite", Path: path, MaxOpen: 8})
}

// OnBoth runs a test on MariaDB and on SQLite.
func OnBoth(t *testing.T, test func(t *testing.T, store *model.Store)) {
	t.Helper()
	t.Run("mariadb", func(t *testing.T) { test(t, Open(t)) })
	t.Run("sqlite", func(t *testing.T) { test(t, OpenSQLite(t)) })
}

func open(t testing.TB, o model.Options) *model.Store {
	t.Helper()
	o.Now, o.Log = Now, slog.New(slog.DiscardHandler)
	store, err := model.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	found(t, store, Now().Add(-24*time.Hour))
	return store
}
