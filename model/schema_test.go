package model_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// records is every record that has a table.
var records = []any{
	model.Subdistrict{}, model.Site{}, model.Carer{}, model.CarerCertificate{}, model.CareService{},
	model.ServicePolicy{}, model.AllowancePolicy{}, model.WeeklyTemplate{}, model.CalendarYear{}, model.CalendarDay{},
	model.Resident{}, model.Child{}, model.FormerFingerprint{}, model.Document{}, model.Consent{},
	model.Slot{}, model.Allowance{}, model.AllowanceEntry{}, model.Booking{}, model.Mark{},
	model.Event{}, model.Notice{}, model.IdempotentAnswer{},
	model.Work{}, model.Staff{}, model.Grant{}, model.Invitation{}, model.Credential{}, model.FormerPassword{}, model.Passkey{},
	model.Tries{}, model.SignIn{}, model.Reset{}, model.DataAccess{}, model.WaitingEntry{},
	model.PickupPerson{}, model.Attendance{}, model.Appeal{},
	model.MessageConsent{}, model.Delivery{}, model.Reminder{}, model.MessageTemplate{},
	model.AuditRun{}, model.AuditFinding{},
	model.PlanException{},
	model.Draw{}, model.Application{},
	model.Room{}, model.PhotoFile{},
	model.Export{}, model.ExportPart{},
	model.PolicyDraft{},
	model.TrailRecord{}, model.TrailChain{},
}

// Whoever adds a record adds it to the list above.
func TestRecordsAreComplete(t *testing.T) {
	var listed []string
	for _, r := range records {
		listed = append(listed, reflect.TypeOf(r).Name())
	}
	slices.Sort(listed)
	if declared := declaredRecords(t); !slices.Equal(declared, listed) {
		t.Errorf("declared %v\nlisted   %v", declared, listed)
	}
}

// declaredRecords finds the structs of the package with a primary key.
func declaredRecords(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		must(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, is := n.(*ast.TypeSpec); is && hasPrimaryKey(spec) {
				names = append(names, spec.Name.Name)
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}

func hasPrimaryKey(spec *ast.TypeSpec) bool {
	record, is := spec.Type.(*ast.StructType)
	return is && slices.ContainsFunc(record.Fields.List, func(f *ast.Field) bool {
		return f.Tag != nil && strings.Contains(f.Tag.Value, "primaryKey")
	})
}

// table is what the database, or a record, says of one table, in words both engines and the records share.
type table struct {
	columns map[string]string   // name → type, with NULL when it may be
	indexes map[string][]string // name → unique or plain, then the columns in their order; the primary key is PRIMARY
}

// Column by column, index by index, the migrated schema is what the records say, and nothing else.
func TestSchemaIsTheRecords(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		stored := storedTables(t, d)
		delete(stored, "goose_db_version")
		for _, record := range records {
			name, want := recordTable(t, store, record)
			compareTable(t, name, stored[name], want)
			delete(stored, name)
		}
		for name := range stored {
			t.Errorf("no record has the table %s", name)
		}
	})
}

func compareTable(t *testing.T, name string, got, want table) {
	t.Helper()
	compareMaps(t, name+" column", got.columns, want.columns, func(a, b string) bool { return a == b })
	compareMaps(t, name+" index", got.indexes, want.indexes, slices.Equal[[]string])
}

func compareMaps[V any](t *testing.T, what string, got, want map[string]V, same func(a, b V) bool) {
	t.Helper()
	for name, w := range want {
		if g, there := got[name]; !there || !same(g, w) {
			t.Errorf("%s %s is %v, want %v", what, name, g, w)
		}
	}
	for name := range got {
		if _, there := want[name]; !there {
			t.Errorf("%s %s belongs to no record", what, name)
		}
	}
}

// oneLive are the tables in which a child has one live record a slot, with the index that says so.
var oneLive = map[string]string{
	"bookings": "bookings_one_live", "waiting_entries": "waiting_entries_one_live", "draw_applications": "draw_applications_one_live",
}

// recordTable is the table a record asks for.
func recordTable(t *testing.T, store *model.Store, record any) (string, table) {
	t.Helper()
	parsed, err := schema.Parse(record, &sync.Map{}, store.DB().NamingStrategy)
	must(t, err)
	want := table{map[string]string{}, map[string][]string{"PRIMARY": append([]string{"unique"}, parsed.PrimaryFieldDBNames...)}}
	for _, field := range parsed.Fields {
		want.columns[field.DBName] = wantedType(t, field)
	}
	for _, index := range parsed.ParseIndexes() {
		kind := []string{"plain"}
		if index.Class == "UNIQUE" {
			kind = []string{"unique"}
		}
		for _, f := range index.Fields {
			kind = append(kind, f.DBName)
		}
		want.indexes[index.Name] = kind
	}
	if once, is := oneLive[parsed.Table]; is { // what GORM has no word for: the slot while the record lives
		want.columns["live_slot_id"] = "varchar(26) NULL"
		want.indexes[once] = []string{"unique", "child_id", "live_slot_id"}
	}
	return parsed.Table, want
}

func wantedType(t *testing.T, f *schema.Field) string {
	t.Helper()
	kind, null := f.FieldType, ""
	if kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Uint8 || kind == reflect.TypeFor[model.Sealed]() {
		null = " NULL"
	}
	if f.DBName == "fingerprint" { // the one blind index that is never erased
		null = ""
	}
	switch {
	case f.TagSettings["TYPE"] != "":
		return f.TagSettings["TYPE"] + null
	case f.IndirectFieldType == reflect.TypeFor[time.Time]() && f.Precision == 3:
		return "datetime(3)" + null
	case kind.Kind() == reflect.Bool:
		return "boolean"
	case kind.Kind() == reflect.String && f.Size > 0:
		return fmt.Sprintf("varchar(%d)", f.Size)
	}
	t.Errorf("%s.%s says nothing of its type", f.Schema.Table, f.DBName)
	return ""
}

// storedTables is what the database has.
func storedTables(t *testing.T, d *modeltest.Database) map[string]table {
	t.Helper()
	columns, indexes := mysqlColumns, mysqlIndexes
	if d.Engine == "sqlite" {
		columns, indexes = sqliteColumns, sqliteIndexes
	}
	stored := map[string]table{}
	at := func(name string) table {
		if _, known := stored[name]; !known {
			stored[name] = table{map[string]string{}, map[string][]string{}}
		}
		return stored[name]
	}
	for _, c := range cellsOf(t, d, columns) {
		at(c[0]).columns[c[1]] = sharedType(c[2]) + c[3]
	}
	for _, c := range cellsOf(t, d, indexes) {
		columns := at(c[0]).indexes[c[1]]
		if columns == nil {
			columns = []string{c[2]}
		}
		at(c[0]).indexes[c[1]] = append(columns, c[3])
	}
	return stored
}

const (
	mysqlColumns = `SELECT table_name, column_name, column_type, IF(is_nullable = 'YES', ' NULL', '')
		FROM information_schema.columns WHERE table_schema = DATABASE()`
	mysqlIndexes = `SELECT table_name, index_name, IF(non_unique, 'plain', 'unique'), column_name
		FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index`
	sqliteColumns = `SELECT m.name, c.name, c.type, CASE WHEN c."notnull" THEN '' ELSE ' NULL' END
		FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	sqliteIndexes = `SELECT m.name, CASE WHEN i.origin = 'pk' THEN 'PRIMARY' ELSE i.name END,
			CASE WHEN i."unique" THEN 'unique' ELSE 'plain' END, c.name
		FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		UNION ALL SELECT m.name, 'PRIMARY', 'unique', c.name
		FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.pk = 1 AND NOT EXISTS (
			SELECT 1 FROM pragma_index_list(m.name) i WHERE i.origin = 'pk')`
)

// sharedType is a type in the words of the records: MariaDB gives integers a width, SQLite keeps the text declared,
// and there an instant's three decimals are the store's doing.
func sharedType(text string) string {
	text = strings.ToLower(text)
	shared, differs := map[string]string{"int(11)": "int", "bigint(20)": "bigint", "tinyint(1)": "boolean", "datetime": "datetime(3)"}[text]
	if differs {
		return shared
	}
	return text
}

// cellsOf gives the answer of a query as text.
func cellsOf(t *testing.T, d *modeltest.Database, query string) (cells [][]string) {
	t.Helper()
	for row := range strings.Lines(rowsOf(t, d, query)) {
		cells = append(cells, strings.Split(strings.TrimSuffix(row, "|\n"), "|"))
	}
	return cells
}

// ddl is a connection pool that carries out no change of the schema and remembers those that add to it or take from
// it. GORM's wish to MODIFY columns is not remembered: it takes every field without a tag of its own for nullable;
// TestSchemaIsTheRecords compares types and NULL.
type ddl struct {
	gorm.ConnPool
	seen []string
}

var changesSchema = regexp.MustCompile(`(?i)^\s*(CREATE|ALTER|DROP|RENAME|TRUNCATE)\b`)

func (l *ddl) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !changesSchema.MatchString(query) {
		return l.ConnPool.ExecContext(ctx, query, args...)
	}
	if !strings.Contains(query, " MODIFY COLUMN ") {
		l.seen = append(l.seen, query)
	}
	return driver.RowsAffected(0), nil
}

// GORM itself, asked to bring the schema up to the records, misses no table, column or index.
func TestGORMFindsNothingMissing(t *testing.T) {
	d := modeltest.EmptyMariaDB(t)
	store := d.Found(t, founded)
	seen := &ddl{ConnPool: store.DB().ConnPool}
	migrate := func(record any) {
		db := store.DB().WithContext(context.Background())
		db.Statement.ConnPool = seen
		must(t, db.AutoMigrate(record))
	}
	for _, record := range records {
		migrate(record)
	}
	for _, statement := range seen.seen {
		t.Errorf("GORM would %s", statement)
	}
	// The test of the test: it does see what is missing.
	d.Exec(t, "DROP INDEX marks_by_child ON marks")
	d.Exec(t, "ALTER TABLE marks DROP COLUMN lifted_reason")
	if migrate(model.Mark{}); len(seen.seen) != 2 {
		t.Errorf("of a missing index and a missing column GORM says %v", seen.seen)
	}
}

// Reseal goes through every sealed column there is.
func TestSealedColumnsAreComplete(t *testing.T) {
	var sealed []string
	for _, record := range records {
		parsed, err := schema.Parse(record, &sync.Map{}, schema.NamingStrategy{})
		must(t, err)
		for _, field := range parsed.Fields {
			if field.IndirectFieldType == reflect.TypeFor[model.Sealed]() {
				sealed = append(sealed, parsed.Table+"."+field.DBName)
			}
		}
	}
	listed := model.SealedColumns()
	slices.Sort(sealed)
	slices.Sort(listed)
	if !slices.Equal(sealed, listed) {
		t.Errorf("sealed   %v\nresealed %v", sealed, listed)
	}
}

// migrationTexts are the steps' files by name.
func migrationTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	files, err := filepath.Glob("migrations/*.sql")
	must(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		texts[filepath.Base(file)] = string(text)
	}
	return texts
}

var (
	migrationName = regexp.MustCompile(`^\d{4}_[a-z_]+(\.mysql|\.sqlite)?\.sql$`)
	columnType    = regexp.MustCompile(`(?m)^  [a-z_]+ ([A-Z]+(\(\d+\))?)`)
	sharedTypes   = regexp.MustCompile(`^(CHAR\(\d+\)|VARCHAR\(\d+\)|VARBINARY\(\d+\)|MEDIUMBLOB|TEXT|INT|BIGINT|DOUBLE|BOOLEAN|DATE|DATETIME\(3\))$`)
	onlyOneEngine = regexp.MustCompile("(?i)`|\\b(AUTO_?INCREMENT|ENGINE|WITHOUT ROWID|STRICT|ENUM|JSON|REFERENCES|FOREIGN|TRIGGER|PRAGMA|" +
		"NOW|CURRENT_TIMESTAMP|ON UPDATE|UNSIGNED|TINYINT|BLOB|TIMESTAMP|COLLATE)\\b")
	statementKind = regexp.MustCompile(`^(CREATE TABLE|CREATE INDEX|CREATE UNIQUE INDEX|ALTER TABLE \w+ ADD COLUMN|INSERT INTO|UPDATE) `)
)

// A step that serves both engines keeps to what both take, and TiDB with them; every step goes forward only.
func TestMigrationsKeepToTheSharedSubset(t *testing.T) {
	for name, text := range migrationTexts(t) {
		if !migrationName.MatchString(name) || !strings.HasPrefix(text, "-- +goose Up\n") || strings.Contains(text, "goose Down") {
			t.Errorf("%s is not a step forward", name)
		}
		if strings.Count(name, ".") == 2 {
			continue
		}
		for _, column := range columnType.FindAllStringSubmatch(text, -1) {
			if !sharedTypes.MatchString(column[1]) {
				t.Errorf("%s: a column of type %s", name, column[1])
			}
		}
		for _, statement := range statements(text) {
			if !statementKind.MatchString(statement) || onlyOneEngine.MatchString(statement) {
				t.Errorf("%s: %s", name, statement)
			}
		}
	}
}

// statements takes a step apart, comments left out.
func statements(text string) (list []string) {
	text = regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(text, "")
	for statement := range strings.SplitSeq(text, ";") {
		if statement = strings.TrimSpace(statement); statement != "" {
			list = append(list, statement)
		}
	}
	return list
}

// steps are the names of the steps of an engine, in order.
func steps(t *testing.T, engine string) []string {
	t.Helper()
	names := slices.Sorted(maps.Keys(migrationTexts(t)))
	return slices.DeleteFunc(names, func(name string) bool {
		return strings.Count(name, ".") == 2 && !strings.Contains(name, "."+engine+".")
	})
}

func TestMigrateStepByStep(t *testing.T) {
	ctx := context.Background()
	modeltest.OnBothEmpty(t, func(t *testing.T, d *modeltest.Database) {
		store, want := d.Store(t), steps(t, d.Engine)
		wantStatus(t, store, want, false)
		taken, err := store.Migrate(ctx)
		if err != nil || !slices.Equal(taken, want) {
			t.Errorf("took %v, %v, want %v", taken, err, want)
		}
		wantStatus(t, store, want, true)
		if again, err := store.Migrate(ctx); err != nil || len(again) != 0 {
			t.Errorf("the second time took %v, %v", again, err)
		}
	})
}

func wantStatus(t *testing.T, store *model.Store, want []string, applied bool) {
	t.Helper()
	list, err := store.MigrationStatus(context.Background())
	must(t, err)
	var names []string
	for _, step := range list {
		names = append(names, step.Name)
		if step.Applied != applied {
			t.Errorf("%s applied: %v", step.Name, step.Applied)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("the steps are %v, want %v", names, want)
	}
}

// Replicas that start together on an empty database: each step is taken once, and all of them go on.
func TestMigrateTogether(t *testing.T) {
	modeltest.OnBothEmpty(t, func(t *testing.T, d *modeltest.Database) {
		var mu sync.Mutex
		var taken []string
		together(t, 6, func(int) error {
			names, err := d.Store(t).Migrate(context.Background())
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, names...)
			return err
		})
		slices.Sort(taken)
		if want := steps(t, d.Engine); !slices.Equal(taken, want) {
			t.Errorf("taken %v, want %v", taken, want)
		}
	})
}

// Two goroutines of one server are no different.
func TestMigrateTwiceInOneServer(t *testing.T) {
	modeltest.OnBothEmpty(t, func(t *testing.T, d *modeltest.Database) {
		store := d.Store(t)
		together(t, 4, func(int) error {
			_, err := store.Migrate(context.Background())
			return err
		})
		wantStatus(t, store, steps(t, d.Engine), true)
	})
}

// A replica waits for the one that migrates, also when that takes longer than a statement may.
func TestMigrateWaitsForTheLock(t *testing.T) {
	ctx, d := context.Background(), modeltest.EmptyMariaDB(t)
	holder, err := d.SQL.Conn(ctx)
	must(t, err)
	defer func() { _ = holder.Close() }()
	_, err = holder.ExecContext(ctx, "SELECT GET_LOCK('jiamenkou_migrations', 0)")
	must(t, err)
	go func() {
		time.Sleep(2500 * time.Millisecond)
		_, _ = holder.ExecContext(ctx, "SELECT RELEASE_LOCK('jiamenkou_migrations')")
	}()
	store := d.Store(t, func(o *model.Options) { o.DSN += "&readTimeout=1s" })
	if taken, err := store.Migrate(ctx); err != nil || len(taken) == 0 {
		t.Errorf("took %v, %v", taken, err)
	}
}
