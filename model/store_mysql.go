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
type mysqlEngine struct{}

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
	return db, mysql.New(mysql.Config{Conn: db, SkipInitializeWithVersion: true}), mysqlEngine{}, nil
}

// settle forces what the rest of the house relies on, whatever the DSN says: UTC in both directions, one round
// trip a statement, strict SQL, and a lock wait short enough to be repeated while the person still waits.
func settle(cfg *mysqldriver.Config) {
	cfg.ParseTime = true
	cfg.Loc = time.UTC
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = false
	cfg.RejectReadOnly = true
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

func (mysqlEngine) ignoreDuplicates() string { return "IGNORE" }

// Error numbers of the engines we run on.
const (
	erCheckread         = 1020 // MariaDB: the row changed since the snapshot
	erLockWaitTimeout   = 1205 // also MariaDB's answer to NOWAIT
	erLockDeadlock      = 1213 // also Galera's failed certification
	erServerShutdown    = 1053
	erConnKilled        = 1927 // MariaDB
	erLockNowait        = 3572 // MySQL's answer to NOWAIT
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
	case erCheckread, erLockWaitTimeout, erLockDeadlock,
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
