package model

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migration is one step of the schema.
type Migration struct {
	Name    string
	Applied bool
}

// Migrate brings the schema up to date and returns the names of the steps it took. Replicas may call it at the
// same moment: one migrates, the others wait and find nothing left to do.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	leave, err := s.engine.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	db, err := s.db.DB()
	if err != nil {
		return nil, err
	}
	on, done, err := s.engine.migrator(ctx, db)
	if err != nil {
		return nil, s.fault(ctx, err, nil)
	}
	defer done()
	return s.migrateUp(ctx, on)
}

func (s *Store) migrateUp(ctx context.Context, db *sql.DB) ([]string, error) {
	provider, err := s.migrations(db)
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var names []string
	for _, r := range results {
		names = append(names, r.Source.Path)
	}
	return names, nil
}

// MigrationStatus lists every step in order and whether the database has taken it.
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) {
	db, err := s.db.DB()
	if err != nil {
		return nil, err
	}
	provider, err := s.migrations(db)
	if err != nil {
		return nil, err
	}
	states, err := provider.Status(ctx)
	if err != nil {
		return nil, err
	}
	var list []Migration
	for _, st := range states {
		list = append(list, Migration{st.Source.Path, st.State == goose.StateApplied})
	}
	return list, nil
}

func (s *Store) migrations(db *sql.DB) (*goose.Provider, error) {
	files, err := s.migrationFS()
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectMySQL
	if s.Engine() == "sqlite" {
		dialect = goose.DialectSQLite3
	}
	return goose.NewProvider(dialect, db, files)
}

// migrationFS keeps the files meant for this engine. SQLite's driver reads an instant back only from a column
// declared plainly DATETIME, hence the one word that differs.
func (s *Store) migrationFS() (fs.FS, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	kept := fstest.MapFS{}
	for _, path := range names {
		name := strings.TrimPrefix(path, "migrations/")
		if only := engineOf(name); only != "" && only != s.Engine() {
			continue
		}
		text, err := migrationFiles.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if s.Engine() == "sqlite" {
			text = bytes.ReplaceAll(text, []byte("DATETIME(3)"), []byte("DATETIME"))
		}
		kept[name] = &fstest.MapFile{Data: text}
	}
	return kept, nil
}

// engineOf reads the engine from 0001_name.mysql.sql; empty for a file that serves both.
func engineOf(name string) string {
	if parts := strings.Split(name, "."); len(parts) == 3 {
		return parts[1]
	}
	return ""
}
