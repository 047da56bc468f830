package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"jiamenkou/model/fault"
)

var (
	ErrKeyReused    = fault.New(fault.Invalid, "idempotency_key_reused", "这个请求编号已用于另一个请求，请刷新页面后重试。")
	ErrStillRunning = fault.New(fault.Conflict, "idempotency_in_progress", "上一次相同的请求还在处理，请稍候。").WithRetryAfter(time.Second)
)

// IdempotentAnswer is what was answered to a request with an idempotency key. It stands in the same transaction as
// the change, so either both exist or neither.
type IdempotentAnswer struct {
	OwnerID        string    `gorm:"type:char(26);primaryKey"`
	IdempotencyKey string    `gorm:"size:64;primaryKey"`
	Operation      string    `gorm:"size:32"`
	RequestHash    string    `gorm:"type:char(64)"`
	Answer         string    `gorm:"type:text"`
	CreatedAt      time.Time `gorm:"precision:3"`
	ExpiresAt      time.Time `gorm:"precision:3;index:idempotent_answers_expiry"`
}

// Request identifies one intention of one person: the same key again means the same intention.
type Request struct {
	OwnerID   string
	Key       string
	Operation string
	Hash      string // of what was asked, in hex
	At        time.Time
	Keep      time.Duration
}

// NewRequest identifies an intention by what is asked: the same key for something else is refused. What is asked is a
// plain value that always marshals.
func NewRequest(owner, key, operation string, asked any, at time.Time, keep time.Duration) Request {
	text, _ := json.Marshal(asked)
	sum := sha256.Sum256(text)
	return Request{OwnerID: owner, Key: key, Operation: operation, Hash: hex.EncodeToString(sum[:]), At: at, Keep: keep}
}

// Answered gives the answer to an earlier try of the request. It is ErrKeyReused when the key served another request,
// and ErrStillRunning when the answer has been forgotten this very moment.
func Answered[T any](ctx context.Context, s *Store, r Request) (answer T, err error) {
	stored, err := s.findAnswer(ctx, s.db, r)
	if err != nil {
		return answer, err
	}
	if stored == nil {
		return answer, ErrStillRunning
	}
	return decodeAnswer[T](stored, r)
}

// Once runs fn in a transaction together with storing its answer, so that however often the request comes, and
// whatever is lost in between, it is carried out once and every try gets the one answer. A refusal stores nothing:
// the next try is judged anew. While another try of the same request runs it is ErrStillRunning.
func Once[T any](ctx context.Context, s *Store, r Request, fn func(tx *Store) (T, error)) (answer T, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		stored, err := tx.claim(ctx, r)
		if err != nil {
			return err
		}
		if stored != nil {
			answer, err = decodeAnswer[T](stored, r)
			return err
		}
		if answer, err = fn(tx); err != nil {
			return err
		}
		return tx.addAnswer(ctx, r, answer)
	})
	return answer, err
}

func decodeAnswer[T any](stored *IdempotentAnswer, r Request) (answer T, err error) {
	if stored.Operation != r.Operation || stored.RequestHash != r.Hash {
		return answer, ErrKeyReused
	}
	err = json.Unmarshal([]byte(stored.Answer), &answer)
	return answer, err
}

// claim puts the request's row down before any other lock is taken. It gives the row of an earlier try when that
// one is done.
func (s *Store) claim(ctx context.Context, r Request) (*IdempotentAnswer, error) {
	stored, err := s.findAnswer(ctx, s.engine.lockRows(s.db, true), r)
	if kind := s.engine.classify(err); kind == troubleLock || kind == troubleRetry { // MariaDB answers NOWAIT with 1205
		return nil, ErrStillRunning
	}
	if err != nil || stored != nil {
		return stored, err
	}
	row := IdempotentAnswer{
		OwnerID: r.OwnerID, IdempotencyKey: r.Key, Operation: r.Operation, RequestHash: r.Hash,
		CreatedAt: r.At, ExpiresAt: r.At.Add(r.Keep),
	}
	err = s.db.WithContext(ctx).Create(&row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) { // the other try came first after all, and is done
		return s.findAnswer(ctx, s.db, r)
	}
	return nil, s.fault(ctx, err, nil)
}

func (s *Store) findAnswer(ctx context.Context, db *gorm.DB, r Request) (*IdempotentAnswer, error) {
	var rows []IdempotentAnswer
	err := db.WithContext(ctx).Where("owner_id = ? AND idempotency_key = ?", r.OwnerID, r.Key).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, s.fault(ctx, err, nil)
	}
	return &rows[0], nil
}

// ListAnswered tells which of the requests have been answered already, by owner and key.
func (s *Store) ListAnswered(ctx context.Context, requests []Request) (map[[2]string]bool, error) {
	answered := map[[2]string]bool{}
	for some := range slices.Chunk(requests, pairsAtOnce) {
		var pairs [][]any
		for _, r := range some {
			pairs = append(pairs, []any{r.OwnerID, r.Key})
		}
		var rows []IdempotentAnswer
		err := s.db.WithContext(ctx).Select("owner_id", "idempotency_key").
			Where("(owner_id, idempotency_key) IN ?", pairs).Find(&rows).Error
		if err != nil {
			return nil, s.fault(ctx, err, nil)
		}
		for _, row := range rows {
			answered[[2]string{row.OwnerID, row.IdempotencyKey}] = true
		}
	}
	return answered, nil
}

// pairsAtOnce keeps a statement within what every engine takes.
const pairsAtOnce = 500

func (s *Store) addAnswer(ctx context.Context, r Request, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	done := s.db.WithContext(ctx).Model(&IdempotentAnswer{}).
		Where("owner_id = ? AND idempotency_key = ?", r.OwnerID, r.Key).Update("answer", string(text))
	return s.took(ctx, done, ErrStillRunning)
}

// DropExpiredAnswers removes at most limit answers whose time is over and says how many.
func (s *Store) DropExpiredAnswers(ctx context.Context, now time.Time, limit int) (int, error) {
	var old []IdempotentAnswer
	q := s.db.WithContext(ctx).Select("owner_id", "idempotency_key").Where("expires_at <= ?", now)
	if err := q.Order("expires_at").Limit(limit).Find(&old).Error; err != nil || len(old) == 0 {
		return 0, s.fault(ctx, err, nil)
	}
	err := s.InTx(ctx, func(tx *Store) error {
		return tx.fault(ctx, tx.db.WithContext(ctx).Where("expires_at <= ?", now).Delete(&old).Error, nil)
	})
	return len(old), err
}
