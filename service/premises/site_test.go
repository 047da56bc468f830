package premises_test

import (
	"fmt"
	"maps"
	"testing"

	"jiamenkou/model"
	"jiamenkou/service/premises"
)

func TestANewSiteIsSuspendedUntilItIsReopened(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		added, err := s.Add(ctx, s.by, "add-00001", s.form(func(f *premises.Form) { f.Name = "  示例新屋 " }))
		s.must(err)
		again, err := s.Add(ctx, s.by, "add-00001", s.form(func(f *premises.Form) { f.Name = "  示例新屋 " }))
		s.must(err)
		if added.ID != again.ID || added.Name != "示例新屋" || added.Status != model.SiteSuspended || added.Version != 1 {
			t.Errorf("added %+v, then %+v", added, again)
		}
		opened, err := s.Reopen(ctx, s.by, added.ID, 1, " 开张 ")
		s.must(err)
		if opened.Status != model.SiteOpen || opened.Version != 2 || s.forgot.Load() != 1 {
			t.Errorf("reopened %+v; residents' list was renewed %d times", opened, s.forgot.Load())
		}
		s.wantHistory(added.ID, ">suspended", "suspended>open 开张")
	})
}

func TestAChangeSaysWhatChanged(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		seen := s.find()
		s.must(errOf(s.Change(ctx, s.by, seen.ID, seen.Version, s.form(func(f *premises.Form) { f.Address, f.Latitude = "示例路2号", 31.17 }))))
		after := s.find()
		if after.Address != "示例路2号" || after.Latitude != 31.17 || after.Version != seen.Version+1 || !after.UpdatedAt.Equal(s.at) {
			t.Errorf("after the change: %+v", after.Site)
		}
		s.wantHistory(seen.ID, "open>open 改地址、位置、电话、接待时间")
		s.refused("changed_meanwhile", errOf(s.Change(ctx, s.by, seen.ID, seen.Version, s.form())))
	})
}

// What lies outside of the scope does not exist, nor does a subdistrict into which a site could be moved.
func TestScopesOfSites(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		stranger, site := boss("310104013"), s.w.Site
		s.refused("site_not_found", errOf(s.Find(ctx, stranger, site.ID)))
		s.refused("site_not_found", errOf(s.Change(ctx, stranger, site.ID, 0, s.form())))
		s.refused("site_not_found", errOf(s.Suspend(ctx, stranger, site.ID, 0, "装修")))
		s.refused("site_not_found", errOf(s.AddRoom(ctx, stranger, site.ID, "示例房", "")))
		s.refused("site_not_found", errOf(s.AddPhoto(ctx, stranger, site.ID, "门口", paint(2, 2))))
		s.refused("carer_not_found", errOf(s.Leave(ctx, stranger, s.w.Carer.ID, 0)))
		s.refused("room_not_found", errOf(s.RetireRoom(ctx, stranger, s.room("示例房").ID, 1)))
		s.refused("subdistrict_not_found", errOf(s.Change(ctx, s.by, site.ID, 0, s.form(func(f *premises.Form) { f.SubdistrictCode = "310104013" }))))
		s.refused("subdistrict_not_found", errOf(s.Add(ctx, s.by, "add-00002", s.form(func(f *premises.Form) { f.SubdistrictCode = "310104013" }))))
		if page, total, err := s.List(ctx, stranger, premises.Query{Page: 1, PageSize: 10}); err != nil || total != 0 || len(page) != 0 {
			t.Errorf("a stranger lists %v, %d, %v", page, total, err)
		}
	})
}

// Several people edit one site at once: one change is taken, nobody's is overwritten without a word.
func TestTwoWhoEditAtOnce(t *testing.T) {
	s := race(t)
	servers := []*scene{s.server(), s.server(), s.server()}
	for round := range 5 {
		seen := s.find()
		told := together(6, func(i int) error {
			return errOf(servers[i%3].Change(ctx, s.by, seen.ID, seen.Version, s.form(func(f *premises.Form) { f.Intro = fmt.Sprintf("第%d轮第%d人", round, i) })))
		})
		if want := map[string]int{"ok": 1, "changed_meanwhile": 5}; !maps.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		if after := s.find(); after.Version != seen.Version+1 || len(s.history(seen.ID)) != round+1 {
			t.Errorf("round %d leaves version %d after %d, and %q", round, after.Version, seen.Version, s.history(seen.ID))
		}
	}
}

// One suspends, others edit on the same version: the state and the text never come from two hands at once.
func TestSuspendingRacesEditing(t *testing.T) {
	s := race(t)
	other := s.server()
	for range 5 {
		seen := s.find()
		told := together(2, func(i int) error {
			if i == 0 {
				return errOf(s.Suspend(ctx, s.by, seen.ID, seen.Version, "装修"))
			}
			return errOf(other.Change(ctx, s.by, seen.ID, seen.Version, s.form(func(f *premises.Form) { f.Intro = fmt.Sprint(seen.Version) })))
		})
		after := s.find()
		if suspended, edited := after.Status == model.SiteSuspended, after.Intro == fmt.Sprint(seen.Version); told["ok"] != 1 || suspended == edited {
			t.Fatalf("told %v; suspended %v, edited %v", told, suspended, edited)
		}
		if after.Status == model.SiteSuspended {
			s.must(errOf(s.Reopen(ctx, s.by, seen.ID, after.Version, "开张")))
		}
	}
}

func errOf[T any](_ T, err error) error { return err }
