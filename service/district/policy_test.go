package district_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/district"
)

var (
	ctx     = context.Background()
	founded = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	boss    = model.OnDuty{StaffID: "01KC0000000000000000000BSS", Grants: []model.Grant{{Role: model.RoleAdministrator, Scope: model.ScopeDistrict}}}
)

type places struct{}

func (places) Forget() {}

func newService(store *model.Store, w *modeltest.World) *district.Service {
	return &district.Service{
		Store: store, Places: places{}, Now: modeltest.Now, Zone: w.Zone, Limits: district.Limits{KeepAnswers: time.Hour},
	}
}

// drafted is a service's policy with a draft that gives children one month more.
func drafted(t *testing.T, s *district.Service, subject string, seen int) district.Policy {
	t.Helper()
	p, err := s.Policy(ctx, subject)
	must(t, err)
	next := *p.Newest().Service
	next.MaxAgeMonths++
	must(t, s.SaveDraft(ctx, boss, subject, seen, p.Newest().Number, district.Numbers{Service: &next}))
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A draft is the next version once, on both engines; what is to come can be taken back by a later version.
func TestPublish(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, _ *modeltest.Database, store *model.Store) {
		w := modeltest.NewWorld(t, store, nil)
		s := newService(store, w)
		subject := w.Services["care-morning"].ID
		drafted(t, s, subject, 0)
		later := district.Publication{Subject: subject, Seen: 1, Reason: "下月起", EffectiveAt: modeltest.Now().AddDate(0, 1, 0)}
		must(t, s.Publish(ctx, boss, "key-later-0001", later))
		drafted(t, s, subject, 0)
		must(t, s.Publish(ctx, boss, "key-at-once-0001", district.Publication{Subject: subject, Seen: 1, Reason: "改为立即"}))
		p, err := s.Policy(ctx, subject)
		must(t, err)
		var said string
		for _, v := range p.Versions {
			said += fmt.Sprintf("%d %s %d; ", v.Number, v.Standing, v.Service.MaxAgeMonths)
		}
		if said != "1 past 36; 2 superseded 37; 3 in_force 38; " {
			t.Errorf("the versions are %s", said)
		}
		current, err := store.FindCurrentPolicy(ctx, subject, modeltest.Now().AddDate(0, 2, 0)) // also when 2 would have begun
		must(t, err)
		if current.Version != 3 {
			t.Errorf("version %d holds in the end", current.Version)
		}
	})
}

// Of many who publish a draft at once one does, and all others are told; the same for one who writes it anew meanwhile.
func TestOnePublishes(t *testing.T) {
	db := modeltest.EmptyMariaDB(t)
	store := db.Found(t, founded)
	w := modeltest.NewWorld(t, store, nil)
	s := newService(store, w)
	subject := w.Services["care-morning"].ID
	for round := range 5 {
		drafted(t, s, subject, 0)
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Add(1)
			go func() {
				defer all.Done()
				wish := district.Publication{Subject: subject, Seen: 1, Reason: "同时发布"}
				errs[i] = s.Publish(ctx, boss, fmt.Sprintf("key-%d-%d-00000", round, i), wish)
			}()
		}
		all.Wait()
		published := 0
		for _, err := range errs {
			switch {
			case err == nil:
				published++
			case !errors.Is(err, model.ErrChangedMeanwhile):
				t.Errorf("one was told %v", err)
			}
		}
		if n := db.Count(t, `SELECT COUNT(*) FROM service_policies WHERE service_id = ?`, subject); published != 1 || n != round+2 {
			t.Errorf("round %d: %d published, %d versions", round, published, n)
		}
	}
}
