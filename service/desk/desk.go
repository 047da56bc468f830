// Package desk is the door of a site: codes to check in with, arrival, hand-over, children who do not come, and what
// becomes of the marks they leave. The rules stand in model; this package is their order.
package desk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store  *model.Store
	Box    model.Box
	Codes  Codes
	Lines  Lines
	Places Bookings
	Live   *Live
	Now    func() time.Time // UTC, whole milliseconds
	Zone   *time.Location
	Log    *slog.Logger
	Limits Limits
}

// Limits are the house's own numbers, all of them settings.
type Limits struct {
	KeepAnswers time.Duration // how long an idempotency key is remembered
	CodeLife    time.Duration // of a code that is shown on the phone
	CloseAfter  time.Duration // after the end of a session, a stay without a hand-over is closed
	SweepBatch  int           // bookings, and slots, that one sweep takes on
}

// Codes hold whom a code stands for, forgetting it by itself when its time is over. An owner has one code.
type Codes interface {
	// Add reports false when the code stands for somebody already.
	Add(ctx context.Context, code, owner string, ttl time.Duration) (bool, error)
	// Find gives "" when the code stands for nobody.
	Find(ctx context.Context, code string) (owner string, err error)
	Drop(ctx context.Context, code, owner string) error
}

// Lines are the waiting lists.
type Lines interface {
	// LeaveFor takes a locked child off the lists for the time of a booking that lives again.
	LeaveFor(ctx context.Context, tx *model.Store, b model.Booking, staff string) error
}

// Bookings are the places that the house took back itself.
type Bookings interface {
	// CallOff ends a confirmed booking for the site: what it held comes back, and its guardian is told.
	CallOff(ctx context.Context, tx *model.Store, b model.Booking, reason string) error
}

// request identifies one intention of a member of staff. What is asked may hold health data, so its hash is a keyed one:
// a plain hash of a temperature is soon guessed.
func (s *Service) request(staff, key, operation string, asked any) model.Request {
	text, _ := json.Marshal(asked) // plain structs of strings and numbers always marshal
	return model.Request{
		OwnerID: staff, Key: key, Operation: operation, Hash: hex.EncodeToString(s.Box.Index("idempotent_answers.request", text)),
		At: s.Now(), Keep: s.Limits.KeepAnswers,
	}
}

// findBooking gives a booking at a site in the scope, with its site; every other does not exist.
func findBooking(ctx context.Context, store *model.Store, by model.OnDuty, id string) (model.Booking, model.Site, error) {
	b, err := store.FindBooking(ctx, id)
	if err != nil {
		return b, model.Site{}, err
	}
	site, err := store.FindSiteWithin(ctx, by, b.SiteID, model.ErrBookingNotFound)
	return b, site, err
}

// checkReason refuses what is no reason.
func checkReason(reason string) error {
	if model.CheckReason(reason) != nil {
		return model.ErrReasonInvalid.WithField("body.reason", model.ErrReasonInvalid.Message)
	}
	return nil
}

func (s *Service) today() model.Date { return model.DateOf(s.Now().In(s.Zone)) }
