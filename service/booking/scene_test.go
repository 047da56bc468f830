package booking_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// scene is a booking service in a district of its own, with a clock that stands where the test puts it.
type scene struct {
	*booking.Service
	w  *modeltest.World
	db *modeltest.Database
	t  *testing.T

	mu sync.Mutex
	at time.Time
}

// onScenes plays a test on both engines; the foundation was laid in December 2025.
func onScenes(t *testing.T, at time.Time, test func(t *testing.T, s *scene)) {
	t.Helper()
	founded := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	modeltest.OnBothFounded(t, founded, func(t *testing.T, db *modeltest.Database, store *model.Store) {
		test(t, newScene(t, db, modeltest.NewWorld(t, store, sealtest.NewBox(t)), at))
	})
}

func newScene(t *testing.T, db *modeltest.Database, w *modeltest.World, at time.Time) *scene {
	s := &scene{w: w, db: db, t: t, at: at}
	s.Service = &booking.Service{
		Store: w.Store, Box: w.Box, Now: s.now, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Limits: booking.Limits{LiveBookings: 20, KeepAnswers: 24 * time.Hour, SlotsAhead: 14},
	}
	return s
}

func (s *scene) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *scene) goTo(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
