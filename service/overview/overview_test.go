package overview_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/overview"
)

// scene is a house with sessions and bookings put down as they are, whatever the rules of booking would say.
type scene struct {
	t     *testing.T
	store *model.Store
	world *modeltest.World
	house *overview.Service
}

func stage(t *testing.T, store *model.Store) *scene {
	t.Helper()
	w := modeltest.NewWorld(t, store, sealtest.NewBox(t))
	return &scene{t, store, w, &overview.Service{Store: store, Now: modeltest.Now, Zone: w.Zone}}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func day(text string) model.Date {
	d, err := model.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// session puts down a session at a site.
func (s *scene) session(site model.Site, on model.Date, places int, status model.SlotStatus) model.Slot {
	s.t.Helper()
	slot := s.draft(site, on, places, status)
	s.must(s.store.InTx(context.Background(), func(tx *model.Store) error {
		return tx.AddSlots(context.Background(), []model.Slot{slot})
	}))
	return slot
}

func (s *scene) draft(site model.Site, on model.Date, places int, status model.SlotStatus) model.Slot {
	start := on.At(9, 0, s.world.Zone).UTC()
	return model.Slot{
		ID: s.store.NewID(), SiteID: site.ID, ServiceID: s.world.Services["care-morning"].ID, CarerID: s.world.Carer.ID, Room: "活动室",
		Date: on, StartAt: start, EndAt: start.Add(2 * time.Hour), ReleaseAt: start, CutoffAt: start, Capacity: places,
		ReleaseMode: model.ReleaseFirstCome, Status: status, CreatedAt: modeltest.Now(), UpdatedAt: modeltest.Now(),
	}
}

func (s *scene) book(slot model.Slot, child string, status model.BookingStatus, payment model.Payment) {
	s.t.Helper()
	b := s.booking(slot, child, status, payment)
	s.must(s.store.InTx(context.Background(), func(tx *model.Store) error { return tx.AddBooking(context.Background(), &b) }))
}

func (s *scene) booking(slot model.Slot, child string, status model.BookingStatus, payment model.Payment) model.Booking {
	return model.Booking{
		ID: s.store.NewID(), ResidentID: "somebody", ChildID: child, SlotID: slot.ID, SiteID: slot.SiteID, ServiceID: slot.ServiceID,
		PolicyID: "some", AllowanceID: "some", Payment: payment, StartAt: slot.StartAt, EndAt: slot.EndAt, FreeCancelUntil: slot.StartAt,
		Status: status, CreatedAt: modeltest.Now(), UpdatedAt: modeltest.Now(),
	}
}

// child is one whose guardian says to live in the subdistrict.
func (s *scene) child(subdistrict string) string {
	s.t.Helper()
	resident, child := s.world.Family()
	who, err := s.store.FindResident(context.Background(), resident)
	s.must(err)
	who.SubdistrictCode = subdistrict
	s.must(s.store.InTx(context.Background(), func(tx *model.Store) error { return tx.SaveResident(context.Background(), who, who.Status) }))
	return child
}

func on(role model.Role, scope model.Scope, id string) model.OnDuty {
	return model.OnDuty{StaffID: "S", Grants: []model.Grant{{Role: role, Scope: scope, ScopeID: id}}}
}

// seen is the whole of an overview: the figures, and the reach that is asked for apart.
type seen struct {
	overview.Picture
	ByHome bool
}

func (s *scene) look(by model.OnDuty, from, to string, more ...func(*overview.Query)) seen {
	s.t.Helper()
	q := overview.Query{Period: model.Period{From: day(from), To: day(to)}}
	for _, m := range more {
		m(&q)
	}
	p, err := s.house.Look(context.Background(), by, q)
	s.must(err)
	r, err := s.house.LookReach(context.Background(), by, q)
	s.must(err)
	if p.Total.Reach != nil || p.Sites != nil && p.Sites[0].Reach != nil {
		s.t.Error("the figures tell of the reach, which is asked for apart")
	}
	p.Join(r)
	return seen{p, r.ByHome}
}

func (s *scene) is(what string, got overview.Counted, figures model.Figures, reach *model.Reach) {
	s.t.Helper()
	if !reflect.DeepEqual(got, overview.Counted{Figures: figures, Reach: reach}) {
		s.t.Errorf("%s: %+v, reach %+v; want %+v, reach %+v", what, got.Figures, got.Reach, figures, reach)
	}
}

func counts(sessions, offered, booked, attended, noShows, lateCancels int) model.Figures {
	return model.Figures{Sessions: sessions, Offered: offered, Booked: booked, Attended: attended, NoShows: noShows, LateCancels: lateCancels}
}

func reach(known, used int) *model.Reach { return &model.Reach{Known: known, Used: used} }

const caohejing, tianping = "310104017", "310104003"

// A small district in which everything happens, counted by hand.
func TestFigures(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s := stage(t, store)
		one := s.world.Site
		two, _ := s.world.AddSite(tianping, "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		three, _ := s.world.AddSite(tianping, "示例宝宝屋三", model.Point{Latitude: 31.2, Longitude: 121.45})
		an, bao, cheng, dou, er := s.child(caohejing), s.child(caohejing), s.child(tianping), s.child(""), s.child(caohejing)
		free, paid := model.PaymentAllowance, model.PaymentSelfPaid

		monday := s.session(one, day("2026-12-28"), 10, model.SlotDone) // week 53 of 2026
		s.book(monday, an, model.BookingCompleted, free)
		s.book(monday, bao, model.BookingNoShow, free)
		s.book(monday, cheng, model.BookingCancelled, free)
		friday := s.session(one, day("2027-01-01"), 8, model.SlotOpen) // the same week
		s.book(friday, an, model.BookingCheckedIn, free)
		s.book(friday, bao, model.BookingConfirmed, paid)
		s.book(friday, dou, model.BookingLateCancelled, free)
		next := s.session(one, day("2027-01-04"), 6, model.SlotClosed) // week 1 of 2027
		s.book(next, bao, model.BookingCompleted, free)
		s.book(next, er, model.BookingCompleted, model.PaymentFree)
		off := s.session(one, day("2027-01-05"), 7, model.SlotCancelled)
		s.book(off, an, model.BookingSiteCancelled, free)
		s.session(one, day("2027-01-05"), 5, model.SlotDraft)
		second := s.session(two, day("2027-01-04"), 4, model.SlotOpen)
		s.book(second, an, model.BookingCompleted, free)
		s.book(second, cheng, model.BookingConfirmed, free)
		s.book(second, dou, model.BookingConfirmed, free)
		outside := s.session(two, day("2027-01-11"), 9, model.SlotOpen)
		s.book(outside, er, model.BookingConfirmed, free)

		p := s.look(on(model.RoleAdministrator, model.ScopeDistrict, ""), "2026-12-28", "2027-01-10")
		s.is("total", p.Total, counts(4, 28, 9, 5, 1, 1), reach(5, 4))
		s.is("before", p.Before, model.Figures{}, reach(5, 0))
		if len(p.Weeks) != 2 || p.Weeks[0].From.Week() != "2026-W53" || p.Weeks[1].From.Week() != "2027-W01" {
			t.Fatalf("weeks %+v", p.Weeks)
		}
		s.is("the week across the year", p.Weeks[0].Counted, counts(2, 18, 4, 2, 1, 1), reach(5, 1))
		s.is("the week after", p.Weeks[1].Counted, counts(2, 10, 5, 3, 0, 0), reach(5, 4))
		sites := map[string]overview.Counted{}
		for _, line := range p.Sites {
			sites[line.ID] = line.Counted
		}
		s.is("site one", sites[one.ID], counts(3, 24, 6, 4, 1, 1), reach(3, 2))
		s.is("site two", sites[two.ID], counts(1, 4, 3, 1, 0, 0), reach(3, 3))
		s.is("site three", sites[three.ID], model.Figures{}, &model.Reach{})
		subdistricts := map[string]overview.Counted{}
		for _, line := range p.Subdistricts {
			subdistricts[line.Code] = line.Counted
		}
		s.is("its own", subdistricts[caohejing], counts(3, 24, 6, 4, 1, 1), reach(3, 2))
		s.is("the other", subdistricts[tianping], counts(1, 4, 3, 1, 0, 0), reach(1, 1))
		s.is("one without a site", subdistricts["310104004"], model.Figures{}, &model.Reach{})

		p = s.look(on(model.RoleAdministrator, model.ScopeDistrict, ""), "2027-01-04", "2027-01-10")
		s.is("compared", p.Before, counts(2, 18, 4, 2, 1, 1), reach(5, 1))
		p = s.look(on(model.RoleAdministrator, model.ScopeSubdistrict, tianping), "2027-01-04", "2027-01-10")
		s.is("a subdistrict", p.Total, counts(1, 4, 3, 1, 0, 0), reach(1, 1))
		if len(p.Subdistricts) != 1 || len(p.Sites) != 2 || !p.ByHome {
			t.Errorf("a subdistrict sees %+v", p)
		}
		p = s.look(on(model.RoleKeeper, model.ScopeSite, one.ID), "2027-01-01", "2027-01-04")
		s.is("a keeper", p.Total, counts(2, 14, 4, 3, 0, 1), reach(3, 2))
		if len(p.Sites) != 1 || p.Subdistricts[0].Reach != nil || p.ByHome {
			t.Errorf("a keeper sees %+v", p)
		}
		p = s.look(on(model.RoleAdministrator, model.ScopeDistrict, ""), "2027-01-04", "2027-01-10", func(q *overview.Query) { q.SiteID = two.ID })
		s.is("one site", p.Total, counts(1, 4, 3, 1, 0, 0), reach(3, 3))
	})
}

// What lies outside the scope does not exist.
func TestOutsideTheScope(t *testing.T) {
	s := stage(t, modeltest.OpenSQLite(t))
	two, _ := s.world.AddSite(tianping, "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
	period := model.Period{From: day("2026-11-01"), To: day("2026-11-30")}
	for name, c := range map[string]struct {
		query overview.Query
		want  error
	}{
		"a site":          {overview.Query{Period: period, SiteID: two.ID}, model.ErrSiteNotFound},
		"a subdistrict":   {overview.Query{Period: period, Subdistrict: tianping}, model.ErrSubdistrictNotFound},
		"no subdistrict":  {overview.Query{Period: period, Subdistrict: "999999999"}, model.ErrSubdistrictNotFound},
		"no period":       {overview.Query{Period: model.Period{From: period.To, To: period.From}}, model.ErrPeriod},
		"own":             {overview.Query{Period: period, Subdistrict: caohejing}, nil},
		"its own site":    {overview.Query{Period: period, SiteID: s.world.Site.ID}, nil},
		"site not there":  {overview.Query{Period: period, SiteID: "none"}, model.ErrSiteNotFound},
		"site of another": {overview.Query{Period: period, SiteID: s.world.Site.ID, Subdistrict: tianping}, model.ErrSiteNotFound},
	} {
		if _, err := s.house.Look(context.Background(), on(model.RoleKeeper, model.ScopeSubdistrict, caohejing), c.query); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Who has gone, or waited too long, is told so, and never given a count of half the children.
func TestCountingEndsWithItsAsker(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		s := stage(t, store)
		s.book(s.session(s.world.Site, day("2026-11-02"), 5, model.SlotDone), s.child(caohejing), model.BookingCompleted, model.PaymentAllowance)
		ctx, goAway := context.WithCancel(context.Background())
		goAway()
		p, seen := model.Period{From: day("2026-01-01"), To: day("2026-12-31")}, 0
		if err := store.EachKept(ctx, nil, p, func(model.Kept) { seen++ }); !errors.Is(err, model.ErrTooSlow) || seen != 0 {
			t.Errorf("%d seen by who has gone: %v", seen, err)
		}
		if _, err := s.house.LookReach(ctx, on(model.RoleAdministrator, model.ScopeDistrict, ""), overview.Query{Period: p}); !errors.Is(err, model.ErrTooSlow) {
			t.Errorf("asked by who has gone: %v", err)
		}
	})
}
