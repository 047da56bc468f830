package planning_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

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
		modeltest.Together(6, func(int) {
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
