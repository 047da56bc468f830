package overview_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/overview"
)

// A server that is killed while it writes, or comes back with a lost lease, leaves no part of a file; the next one writes
// it whole, and once.
func TestAFileIsWholeOrNotThere(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s, ctx := stage(t, store), context.Background()
		s.house.Limits = overview.Limits{Keep: time.Hour, AtOnce: 1, KeepAnswers: time.Hour}
		for range 3 {
			s.session(s.world.Site, day("2026-11-02"), 5, model.SlotDone)
		}
		keeper := on(model.RoleKeeper, model.ScopeSite, s.world.Site.ID)
		wanted := overview.Wanted{
			Query:   overview.Query{Period: model.Period{From: day("2026-11-01"), To: day("2026-11-30")}},
			Content: model.ExportSessions, Format: model.ExportXLSX,
		}
		e, err := s.house.Export(ctx, keeper, "key-0001", wanted)
		s.must(err)
		again, err := s.house.Export(ctx, keeper, "key-0001", wanted)
		s.must(err)
		if e.Status != model.ExportOwed || again.ID != e.ID {
			t.Fatalf("asked %+v, again %+v", e, again)
		}
		lost := s.lease(modeltest.Now())
		taken := s.lease(modeltest.Now().Add(time.Hour)) // the first one's lease has run out
		if err := s.house.WriteExport(ctx, lost); !errors.Is(err, model.ErrLeaseLost) {
			t.Errorf("with a lost lease: %v", err)
		}
		if _, _, err := s.house.ReadExport(ctx, keeper, e.ID); !errors.Is(err, model.ErrExportNotReady) {
			t.Errorf("before it is ready: %v", err)
		}
		s.must(s.house.WriteExport(ctx, taken))
		_, content, err := s.house.ReadExport(ctx, keeper, e.ID)
		if err != nil || len(content) < 1000 {
			t.Errorf("the file has %d bytes, %v", len(content), err)
		}
		elsewhere, _ := s.world.AddSite(tianping, "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		moved := on(model.RoleKeeper, model.ScopeSite, elsewhere.ID)
		if _, err := s.house.FindExport(ctx, moved, e.ID); !errors.Is(err, model.ErrExportNotFound) {
			t.Errorf("once the site has left the scope: %v", err)
		}
	})
}

func (s *scene) lease(at time.Time) model.Work {
	s.t.Helper()
	taken, err := s.store.LeaseWork(context.Background(), model.LaneNight, at, time.Minute, 1, model.WorkExport)
	s.must(err)
	if len(taken) != 1 {
		s.t.Fatalf("leased %v", taken)
	}
	return taken[0]
}
