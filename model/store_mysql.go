package model

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// mysqlEngine is MySQL 8, MariaDB and TiDB.
type mysqlEngine struct{ cfg *mysqldriver.Config }

func openMySQL(o Options) (*sql.DB, gorm.Dialector, engine, error) {
	cfg, err := mysqldriver.ParseDSN(o.DSN)
	if err != nil {
		return nil, nil, nil, errors.New("the database DSN cannot be read: want user:password@tcp(host:port)/database") // the text itself may hold the password
	}
	settle(cfg)
	connector, err := mysqldriver.NewConnector(cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(o.MaxOpen)
	db.SetMaxIdleConns(o.MaxIdle)
	return db, mysql.New(mysql.Config{Conn: db, SkipInitializeWithVersion: true}), mysqlEngine{cfg}, nil
}

// settle forces what the rest of the house relies on, whatever the DSN says: UTC in both directions, every
// character there is, one round trip a statement, strict SQL, and a lock wait short enough to be repeated while the
// person still waits.
func settle(cfg *mysqldriver.Config) {
	cfg.ParseTime = true
	cfg.Loc = time.UTC
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true // a guarded UPDATE is judged by the rows it matched, changed or not
	cfg.RejectReadOnly = true
	_ = cfg.Apply(mysqldriver.Charset("utf8mb4", "")) // the option cannot fail; in any other, names would lose characters
	if cfg.Timeout == 0 {
		cfg.Timeout = 2 * time.Second
	}
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = 15 * time.Second
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = 15 * time.Second
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["time_zone"] = "'+00:00'"
	cfg.Params["sql_mode"] = "'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
	cfg.Params["innodb_lock_wait_timeout"] = "5"
	cfg.Params["group_concat_max_len"] = "1048576" // MySQL's default cuts a list of forty ids short and says nothing
	cfg.Logger = &mysqldriver.NopLogger{}
}

func (mysqlEngine) name() string { return "mysql" }

// READ COMMITTED takes no gap locks: two children booking two slots never wait for each other, and every read
// after a lock sees what the lock's former holder wrote.
func (mysqlEngine) txOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

func (mysqlEngine) enter(context.Context) (func(), error) { return func() {}, nil }

func (mysqlEngine) lockRows(db *gorm.DB, noWait bool) *gorm.DB {
	lock := clause.Locking{Strength: "UPDATE"}
	if noWait {
		lock.Options = "NOWAIT"
	}
	return db.Clauses(lock)
}

// migrationLock serialises replicas that start together; goose itself takes no lock on MySQL.
const (
	migrationLock        = "jiamenkou_migrations"
	migrationLockSeconds = 60
)

// patient opens connections without time limits: what reads or changes a large table takes what it takes, and giving up
// on the answer would not stop the server from carrying it out.
func (e mysqlEngine) patient(context.Context, *sql.DB) (on *sql.DB, done func(), err error) {
	cfg := e.cfg.Clone()
	cfg.ReadTimeout, cfg.WriteTimeout = 0, 0
	connector, err := mysqldriver.NewConnector(cfg)
	if err != nil {
		return nil, nil, err
	}
	db := sql.OpenDB(connector)
	return db, func() { _ = db.Close() }, nil
}

func (e mysqlEngine) migrator(ctx context.Context, own *sql.DB) (on *sql.DB, done func(), err error) {
	db, letGo, err := e.patient(ctx, own)
	if err != nil {
		return nil, nil, err
	}
	unlock, err := lockMigrations(ctx, db)
	if err != nil {
		letGo()
		return nil, nil, err
	}
	return db, func() { unlock(); letGo() }, nil
}

// lockMigrations takes the named lock on one connection, which the migrations need not use.
func lockMigrations(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var got sql.NullInt64
	if err = conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", migrationLock, migrationLockSeconds).Scan(&got); err == nil && got.Int64 != 1 {
		err = errors.New("another server has been migrating for a minute; try again when it is done")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT RELEASE_LOCK(?)", migrationLock)
		_ = conn.Close()
	}, nil
}

// Error numbers of the engines we run on.
const (
	erCheckread         = 1020 // MariaDB: the row changed since the snapshot
	erLockWaitTimeout   = 1205 // also MariaDB's answer to NOWAIT
	erLockDeadlock      = 1213 // also Galera's failed certification
	erServerShutdown    = 1053
	erConnKilled        = 1927 // MariaDB
	erLockNowait        = 3572 // MySQL's answer to NOWAIT
	erUndoneAtCommit    = 3101 // Group Replication: failed certification
	erTiKVTxnRetryable  = 8002
	erTiKVForUpdate     = 8022
	erTiKVSchemaChanged = 8028
	erTiKVWriteConflict = 9007
)

func (mysqlEngine) classify(err error) trouble {
	var my *mysqldriver.MySQLError
	if errors.As(err, &my) {
		return classifyNumber(my.Number)
	}
	if lostConnection(err) {
		return troubleLost
	}
	return troubleNone
}

func classifyNumber(number uint16) trouble {
	switch number {
	case erCheckread, erLockWaitTimeout, erLockDeadlock, erUndoneAtCommit,
		erTiKVTxnRetryable, erTiKVForUpdate, erTiKVSchemaChanged, erTiKVWriteConflict:
		return troubleRetry
	case erLockNowait:
		return troubleLock
	case erServerShutdown, erConnKilled:
		return troubleLost
	}
	return troubleNone
}

func lostConnection(err error) bool {
	var netErr net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysqldriver.ErrInvalidConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed) || errors.As(err, &netErr)
}
