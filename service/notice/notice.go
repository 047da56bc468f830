// Package notice is what residents are owed to know, and how it reaches them: the inbox, WeChat messages to whoever has
// agreed to them, and reminders of what is booked. The rules stand in model; this package is their order.
package notice

import (
	"context"
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store     *model.Store
	Box       model.Box
	WeChat    WeChat
	Now       func() time.Time // UTC, whole milliseconds
	Zone      *time.Location
	Log       *slog.Logger
	Templates Templates                        // of the settings; what the console says of a kind goes before
	Fit       func(field, value string) string // what WeChat shows of a value in a field of this name
	Messages  model.MessageTimes
	Reminders model.ReminderTimes
	Limits    Limits
}

// Limits are the house's own numbers, all of them settings.
type Limits struct {
	RetryAfter  time.Duration // when WeChat has had enough for now
	KeepAnswers time.Duration // how long an idempotency key is remembered
}

// Templates are WeChat templates by what they tell; a kind without one is for the inbox alone.
type Templates map[model.NoticeKind]model.Template

// Inbox is a part of a resident's notices.
type Inbox struct {
	Notices []model.Notice
	Unread  int // of all, not of the part
}

// InboxOf gives a resident's notices, newest first, from below the id after on.
func (s *Service) InboxOf(ctx context.Context, resident, after string, limit int) (in Inbox, err error) {
	if in.Notices, err = s.Store.ListNotices(ctx, resident, after, limit); err != nil {
		return in, err
	}
	in.Unread, err = s.Store.CountUnread(ctx, resident)
	return in, err
}

// Read notes that the resident has read a notice.
func (s *Service) Read(ctx context.Context, resident, id string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		return tx.ReadNotice(ctx, resident, id, s.Now())
	})
}

// ReadAll notes that the resident has read every notice up to the newest one seen, or all when that is empty.
func (s *Service) ReadAll(ctx context.Context, resident, newest string) error {
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		return tx.ReadNotices(ctx, resident, newest, s.Now())
	})
}
