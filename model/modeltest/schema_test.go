package modeltest_test

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jiamenkou/model/modeltest"
)

// A test that starts from a copy has what migrating makes: every table with its columns, keys and checks, and every row that a
// migration writes.
func TestACopyIsWhatMigratingMakes(t *testing.T) {
	modeltest.OnBothEmpty(t, func(t *testing.T, copied *modeltest.Database) {
		copied.Found(t, modeltest.Now())
		made := modeltest.EmptySQLite(t)
		if copied.Engine == "mysql" {
			made = modeltest.EmptyMariaDB(t)
		}
		store := made.Store(t)
		if taken, err := store.Migrate(context.Background()); err != nil || len(taken) == 0 {
			t.Fatalf("migrated %d steps: %v", len(taken), err)
		}
		if err := store.LayFoundation(context.Background(), modeltest.Now()); err != nil {
			t.Fatal(err)
		}
		want, got := describe(t, made), describe(t, copied)
		if len(want) < 50 {
			t.Fatalf("only %d tables: %v", len(want), slices.Sorted(maps.Keys(want)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("what migrating makes (-), and the copy (+):\n" + diff)
		}
	})
}

// table is how a table is made, and how many rows it has.
type table struct {
	Made string
	Rows int
}

func describe(t *testing.T, d *modeltest.Database) map[string]table {
	t.Helper()
	all := map[string]table{}
	for name, made := range pairs(t, d.SQL, listed[d.Engine]) {
		if d.Engine == "mysql" {
			made = pairs(t, d.SQL, "SHOW CREATE TABLE "+name)[name]
		}
		all[name] = table{made, d.Count(t, "SELECT COUNT(*) FROM "+name)}
	}
	return all
}

// listed are the tables, on SQLite with how they and their indexes are made.
var listed = map[string]string{
	"mysql":  "SELECT table_name, '' FROM information_schema.tables WHERE table_schema = DATABASE()",
	"sqlite": "SELECT tbl_name, GROUP_CONCAT(sql, '; ') FROM (SELECT tbl_name, sql FROM sqlite_master ORDER BY type DESC, name) GROUP BY tbl_name",
}

// pairs reads two columns of text.
func pairs(t *testing.T, db *sql.DB, query string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	read := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		read[name] = text
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return read
}
