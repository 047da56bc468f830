// Package notice is what residents are owed to know, and in time how it reaches them.
package notice

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store *model.Store
	Now   func() time.Time
}

// ListOf gives a resident's notices, newest first, from below the id after on.
func (s *Service) ListOf(ctx context.Context, resident, after string, limit int) ([]model.Notice, error) {
	return s.Store.ListNotices(ctx, resident, after, limit)
}

// Read notes that the resident has read a notice.
func (s *Service) Read(ctx context.Context, resident, id string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		return tx.ReadNotice(ctx, resident, id, s.Now())
	})
}
