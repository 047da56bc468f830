package booking_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

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
		test(t, newScene(t, db, modeltest.NewWorld(t, store, newBox(t)), at))
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

// Today and fourteen days ahead, each day once, however often it is asked.
func TestGenerateSlots(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) { // a Monday; the world's plan is for Mondays
		want := []string{"2026-03-02", "2026-03-09", "2026-03-16"}
		if made, days := s.generate(); made != 3 {
			t.Errorf("made %d", made)
		} else {
			s.wantDays("the first time", days, want)
		}
		made, days := s.generate()
		if s.wantDays("the second time", days, want); made != 0 {
			t.Errorf("made %d again", made)
		}
		s.db.Exec(t, "UPDATE slots SET status = 'cancelled' WHERE date = '2026-03-09'")
		s.goTo(morning("2026-03-09"))
		made, days = s.generate()
		if s.wantDays("a week later", days, append(want, "2026-03-23")); made != 1 {
			t.Errorf("made %d a week later", made)
		}
		s.goTo(morning("2026-03-10").Add(-8*time.Hour - time.Millisecond)) // still the 9th in Shanghai
		if made, _ = s.generate(); made != 0 {
			t.Errorf("made %d before midnight", made)
		}
	})
}

func TestGeneratedSlotIsAsPlanned(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		s.generate()
		day := model.Date{Year: 2026, Month: 3, Day: 16}
		slots, err := s.w.Store.ListSlots(context.Background(), s.w.Site.ID, day, day)
		s.must(err)
		got := slots[0]
		wantAt := map[string][2]time.Time{
			"start":   {got.StartAt, morning("2026-03-16").Add(time.Hour)},
			"end":     {got.EndAt, morning("2026-03-16").Add(210 * time.Minute)},
			"release": {got.ReleaseAt, morning("2026-03-02")},
			"cut-off": {got.CutoffAt, morning("2026-03-16").Add(-time.Hour)},
		}
		for what, at := range wantAt {
			if !at[0].Equal(at[1]) {
				t.Errorf("%s at %v, want %v", what, at[0], at[1])
			}
		}
		if got.Capacity != 10 || got.Booked != 0 || got.Status != model.SlotOpen || got.Room != "活动室" || got.CarerID != s.w.Carer.ID {
			t.Errorf("it is %+v", got)
		}
		if state := got.State(s.now()); state != model.SeenOpen { // released this very moment
			t.Errorf("it is %s", state)
		}
	})
}

// Spring Festival 2026: the Saturday before is worked, the nine days rest, and a plan for rest days goes on.
func TestGenerateFollowsTheCalendar(t *testing.T) {
	onScenes(t, morning("2026-02-10"), func(t *testing.T, s *scene) {
		s.plan()
		_, days := s.generate()
		s.wantDays("workdays", days, []string{"2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13", "2026-02-14", "2026-02-24"})
	})
	onScenes(t, morning("2026-02-10"), func(t *testing.T, s *scene) {
		s.plan(func(p *model.WeeklyTemplate) { p.OnRestDays = p.Weekday == 6 })
		_, days := s.generate()
		s.wantDays("workdays and Saturdays", days,
			[]string{"2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13", "2026-02-14", "2026-02-21", "2026-02-24"})
	})
}

// Across the new year into one whose notice is not there yet: weekends and statutory days rest.
func TestGenerateIntoAProvisionalYear(t *testing.T) {
	onScenes(t, morning("2026-12-24"), func(t *testing.T, s *scene) {
		s.plan()
		_, days := s.generate()
		s.wantDays("the turn of the year", days, []string{
			"2026-12-24", "2026-12-25", "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31",
			"2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07",
		})
	})
}

func TestGenerateKeepsToThePlansDays(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		until := model.Date{Year: 2026, Month: 3, Day: 5}
		s.plan(func(p *model.WeeklyTemplate) {
			p.ValidFrom, p.ValidUntil = model.Date{Year: 2026, Month: 3, Day: 4}, &until
		})
		_, days := s.generate()
		s.wantDays("a plan of two days", days, []string{"2026-03-04", "2026-03-05"})
	})
}

// A service whose rules are not yet published has no slots; when they are, it has.
func TestGenerateWaitsForThePolicy(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		s.db.Exec(t, "UPDATE service_policies SET published_at = ?", modeltest.Instant(morning("2026-03-03")))
		if made, _ := s.generate(); made != 0 {
			t.Errorf("made %d without rules", made)
		}
		s.goTo(morning("2026-03-03"))
		_, days := s.generate()
		s.wantDays("with rules", days, []string{"2026-03-09", "2026-03-16"})
	})
}

// Several servers that generate at the same moment make each slot once.
func TestGenerateAtOnce(t *testing.T) {
	onScenes(t, morning("2026-03-02"), func(t *testing.T, s *scene) {
		s.plan()
		together(6, func(int) {
			other := newScene(t, s.db, s.w, s.now())
			other.Store = s.db.Store(t)
			if _, err := other.GenerateSlots(context.Background()); err != nil {
				t.Error(err)
			}
		})
		days := s.days()
		if len(days) != 11 || len(slices.Compact(days)) != 11 {
			t.Errorf("%d slots on %v", len(days), days)
		}
	})
}
