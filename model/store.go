package model

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"jiamenkou/model/fault"
)

// Faults of the store itself, whatever the record.
var (
	ErrStoreUnavailable = fault.New(fault.Unavailable, "database_unavailable", "系统暂时连不上数据库，请稍后再试。").WithRetryAfter(2 * time.Second)
	ErrStoreBusy        = fault.New(fault.Unavailable, "database_busy", "同时办理的人太多，请稍后再试。").WithRetryAfter(time.Second)
	ErrOutcomeUnknown   = fault.New(fault.Unavailable, "outcome_unknown", "网络中断，暂时不知道是否办成。请原样再提交一次，不会重复办理。").WithRetryAfter(time.Second)
	ErrTooSlow          = fault.New(fault.Unavailable, "request_timeout", "处理时间过长，已停止。请稍后再试。").WithRetryAfter(time.Second)
)

// Store is everything the community has written down. A Store made by InTx sees and writes inside that
// transaction; every other Store reads outside one.
type Store struct {
	db     *gorm.DB
	engine engine
	inTx   bool
	ids    *IDs
	log    *slog.Logger
}

// engine is what differs between the databases we run on.
type engine interface {
	name() string
	txOptions() *sql.TxOptions
	// enter waits for the right to write and returns the way to give it back.
	enter(ctx context.Context) (leave func(), err error)
	// lockRows turns a read into one that locks what it finds; noWait refuses instead of waiting.
	lockRows(db *gorm.DB, noWait bool) *gorm.DB
	classify(err error) trouble
	// patient gives connections that wait for an answer as long as it takes; done lets go of them.
	patient(ctx context.Context, db *sql.DB) (on *sql.DB, done func(), err error)
	// migrator gives the connections to migrate on, once no other server migrates; done lets the next one in.
	migrator(ctx context.Context, db *sql.DB) (on *sql.DB, done func(), err error)
}

// trouble is what an error of the engine means for a transaction.
type trouble int

const (
	troubleNone  trouble = iota // the statement is wrong or a constraint spoke: not for retrying
	troubleRetry                // deadlock, lock wait, write conflict: the whole transaction may run again
	troubleLost                 // the connection is gone
	troubleLock                 // NOWAIT met a lock
)

const (
	txAttempts   = 6 // the first try and five more
	retryBackoff = 4 * time.Millisecond
)

// NewID makes an id for a new record.
func (s *Store) NewID() string { return s.ids.New() }

// Engine names the database engine: mysql or sqlite.
func (s *Store) Engine() string { return s.engine.name() }

// InTx runs fn in one transaction: all of it is written or none. fn may run several times, since deadlocks, lock
// waits and write conflicts repeat the whole; it must not touch anything but tx. An answer lost at COMMIT is
// ErrOutcomeUnknown: the transaction may or may not have been written.
func (s *Store) InTx(ctx context.Context, fn func(tx *Store) error) error {
	if s.inTx {
		return errors.New("transactions do not nest")
	}
	leave, err := s.engine.enter(ctx)
	if err != nil {
		return ErrTooSlow.WithCause(err)
	}
	defer leave()
	for attempt := 1; ; attempt++ {
		err = s.attempt(ctx, fn)
		if err == nil || fault.Of(err) != nil || !s.repeatable(ctx, err) {
			return s.fault(ctx, err, nil)
		}
		if attempt == txAttempts {
			return s.givenUp(err)
		}
		s.log.DebugContext(ctx, "transaction repeated", "attempt", attempt, "cause", err)
		pause(ctx, time.Duration(attempt)*retryBackoff)
	}
}

func (s *Store) givenUp(err error) error {
	if s.engine.classify(err) == troubleLost {
		return ErrStoreUnavailable.WithCause(err)
	}
	return ErrStoreBusy.WithCause(err)
}

func (s *Store) attempt(ctx context.Context, fn func(tx *Store) error) (err error) {
	db := s.db.WithContext(ctx).Begin(s.engine.txOptions())
	if db.Error != nil {
		return db.Error
	}
	done := false
	defer func() {
		if !done { // also on a panic: nothing half-written stays behind
			db.Rollback()
		}
	}()
	tx := *s
	tx.db, tx.inTx = db, true
	if err := fn(&tx); err != nil {
		return err
	}
	done = true
	return s.committed(ctx, db.Commit().Error)
}

// committed judges an error of COMMIT: a refusal by the engine undid everything and may be repeated, and so did
// database/sql when ctx ended before COMMIT was sent; silence may mean either.
func (s *Store) committed(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, sql.ErrTxDone)):
		return err
	case s.engine.classify(err) == troubleRetry && ctx.Err() == nil:
		return err
	}
	return ErrOutcomeUnknown.WithCause(err)
}

func (s *Store) repeatable(ctx context.Context, err error) bool {
	kind := s.engine.classify(err)
	return ctx.Err() == nil && (kind == troubleRetry || kind == troubleLost)
}

func pause(ctx context.Context, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(most/2 + rand.N(most)): //nolint:gosec // jitter, not a secret
	}
}

// fault turns an error of the store into what the caller is told: absent for a missing row, a fault for a lost
// or slow database, anything else as it is.
func (s *Store) fault(ctx context.Context, err error, absent *fault.Error) error {
	switch {
	case err == nil || fault.Of(err) != nil:
		return err
	case errors.Is(err, gorm.ErrRecordNotFound) && absent != nil:
		return absent
	case ctx.Err() != nil: // SQLite reports an interrupt here, not the context's own error
		return ErrTooSlow.WithCause(errors.Join(ctx.Err(), err))
	case s.inTx:
		return err // InTx decides about repeating
	case s.engine.classify(err) == troubleLost:
		return ErrStoreUnavailable.WithCause(err)
	}
	return err
}

// took judges a guarded UPDATE: exactly one row must have matched, else the guard's fault.
func (s *Store) took(ctx context.Context, result *gorm.DB, refused *fault.Error) error {
	if result.Error != nil {
		return s.fault(ctx, result.Error, nil)
	}
	if result.RowsAffected == 0 {
		return refused
	}
	return nil
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	db, err := s.db.DB()
	if err != nil {
		return err
	}
	return s.fault(ctx, db.PingContext(ctx), nil)
}

// Close ends all connections.
func (s *Store) Close() error {
	db, err := s.db.DB()
	if err != nil {
		return err
	}
	return db.Close()
}
