package planning_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
	"jiamenkou/service/planning"
)

// scene is a planning service in a district of its own, with a booking service that closes slots and a clock that stands
// where the test puts it.
type scene struct {
	*planning.Service
	bookings *booking.Service
	by       model.OnDuty // a keeper of the world's site
	w        *modeltest.World
	db       *modeltest.Database
	t        *testing.T

	mu   sync.Mutex
	at   time.Time
	keys atomic.Int64
}

// founded is when the foundation was laid, before any day a test plays on.
var founded = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)

// onScenes plays a test on both engines; the foundation was laid in December 2025.
func onScenes(t *testing.T, at time.Time, test func(t *testing.T, s *scene)) {
	t.Helper()
	modeltest.OnBothFounded(t, founded, func(t *testing.T, db *modeltest.Database, store *model.Store) {
		test(t, newScene(t, db, modeltest.NewWorld(t, store, sealtest.NewBox(t)), at))
	})
}

func newScene(t *testing.T, db *modeltest.Database, w *modeltest.World, at time.Time) *scene {
	s := &scene{w: w, db: db, t: t, at: at, by: keeperOf(w.Site)}
	s.bookings = &booking.Service{
		Store: w.Store, Box: w.Box, Now: s.now, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Limits: booking.Limits{LiveBookings: 20, KeepAnswers: 24 * time.Hour, SlotsAhead: 14, Waiting: 5, AtOnce: 5},
	}
	s.Service = &planning.Service{
		Store: w.Store, Closer: s.bookings, Now: s.now, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Limits: planning.Limits{SlotsAhead: 14, KeepAnswers: 24 * time.Hour},
	}
	return s
}

// keeperOf is a keeper of a site.
func keeperOf(site model.Site) model.OnDuty {
	grant := model.Grant{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: site.ID}
	return model.OnDuty{StaffID: "01STAFF0000000000000000000", Name: "示例工作人员", Grants: []model.Grant{grant}}
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

// morning is eight o'clock in Shanghai on a day.
func morning(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text+"T08:00:00+08:00")
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// plan gives the site one plan a weekday, Monday to Sunday, and takes the world's own away; change may alter each.
func (s *scene) plan(change ...func(*model.WeeklyTemplate)) {
	s.t.Helper()
	s.db.Exec(s.t, "DELETE FROM weekly_templates")
	var templates []model.WeeklyTemplate
	for weekday := 1; weekday <= 7; weekday++ {
		one := model.WeeklyTemplate{
			ID: s.w.Store.NewID(), SiteID: s.w.Site.ID, ServiceID: s.w.Services["care-morning"].ID, CarerID: s.w.Carer.ID, Room: "活动室",
			Weekday: weekday, StartMinute: 9 * 60, EndMinute: 11*60 + 30, Capacity: 10, ValidFrom: model.Date{Year: 2026, Month: 1, Day: 1},
		}
		for _, c := range change {
			c(&one)
		}
		templates = append(templates, one)
	}
	site := s.w.Site
	site.ID = s.w.Store.NewID() // plans are added with a site; this one is only their carrier
	s.must(s.w.Store.AddOpenings(context.Background(), []model.Opening{{
		Site: site, Templates: templates,
		Carers:       []model.Carer{{ID: s.w.Store.NewID(), SiteID: site.ID, Status: model.CarerActive}},
		Certificates: []model.CarerCertificate{{ID: s.w.Store.NewID(), CarerID: site.ID, IssuedOn: model.Date{Year: 2020, Month: 1, Day: 1}}},
	}}))
}

// generate makes slots and says how many, and on which days there are any now.
func (s *scene) generate() (made int, days []string) {
	s.t.Helper()
	made, err := s.GenerateSlots(context.Background())
	s.must(err)
	return made, s.days()
}

func (s *scene) days() (days []string) {
	s.t.Helper()
	slots, err := s.w.Store.ListSlots(context.Background(), s.w.Site.ID, model.Date{Year: 2026, Month: 1, Day: 1}, model.Date{Year: 2028, Month: 1, Day: 1})
	s.must(err)
	for _, slot := range slots {
		days = append(days, slot.Date.String())
	}
	return days
}

func (s *scene) wantDays(what string, got, want []string) {
	s.t.Helper()
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: slots on %v, want %v", what, got, want)
	}
}
