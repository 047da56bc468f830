// Package booking is childcare at the doorstep: finding a 宝宝屋 with a free place, booking it for a child, giving
// it back, and the site's closing of a slot. The rules stand in model; this package is their order.
package booking

import (
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service needs its fields filled in; Limits has no zero defaults.
type Service struct {
	Store  *model.Store
	Box    model.Box
	Now    func() time.Time // UTC, whole milliseconds
	Zone   *time.Location   // where the district's days begin
	Log    *slog.Logger
	Limits Limits

	places directory
	board  board
	rush   rush
	turns  turns
}

// Limits are the house's own numbers, all of them settings.
type Limits struct {
	LiveBookings int           // a child's live bookings at most
	KeepAnswers  time.Duration // how long an idempotency key is remembered
	SlotsAhead   int           // days of slots generated ahead, today not counted
	Waiting      int           // waiting lists a child can be on at most
	AtOnce       int           // sessions booked in one go at most
	Quiet        model.QuietHours
	DrawWait     time.Duration // after applications to a draw end, announced randomness is waited for at most
	DrawKnown    time.Duration // before the booking cut-off, the result of a draw is known at the latest
}

func (s *Service) today() model.Date { return model.DateOf(s.Now().In(s.Zone)) }

// request identifies one intention: the same key for something else is refused.
func (s *Service) request(owner, key, operation string, asked any) model.Request {
	return model.NewRequest(owner, key, operation, asked, s.Now(), s.Limits.KeepAnswers)
}
