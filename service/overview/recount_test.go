package overview_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

// fact is a session with its bookings, as whoever recounts by hand sees it.
type fact struct {
	site     int
	on       model.Date
	places   int
	status   model.SlotStatus
	bookings []factBooking
}

type factBooking struct {
	child  int
	status model.BookingStatus
	free   bool
}

func someFacts(rt *rapid.T, sites, children int) []fact {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) fact {
		f := fact{
			site: rapid.IntRange(0, sites-1).Draw(rt, "site"), on: day("2026-12-20").AddDays(rapid.IntRange(0, 24).Draw(rt, "on")),
			places: rapid.IntRange(0, 9).Draw(rt, "places"),
			status: rapid.SampledFrom([]model.SlotStatus{model.SlotOpen, model.SlotClosed, model.SlotDone, model.SlotDone, model.SlotCancelled, model.SlotDraft}).Draw(rt, "slot"),
		}
		states := []model.BookingStatus{model.BookingConfirmed, model.BookingCheckedIn, model.BookingCompleted, model.BookingCancelled, model.BookingLateCancelled, model.BookingSiteCancelled, model.BookingNoShow}
		for child := range children {
			if rapid.Bool().Draw(rt, "booked") {
				f.bookings = append(f.bookings, factBooking{child, rapid.SampledFrom(states).Draw(rt, "status"), rapid.Bool().Draw(rt, "free")})
			}
		}
		return f
	}), 0, 8).Draw(rt, "facts")
}

// recount counts what lies in the period at the site, -1 for all, one by one.
func recount(facts []fact, site int, p model.Period) (f model.Figures, known, used map[int]bool) {
	known, used = map[int]bool{}, map[int]bool{}
	for _, one := range facts {
		if one.status == model.SlotDraft || one.status == model.SlotCancelled || site >= 0 && one.site != site {
			continue
		}
		if !one.on.After(p.To) && one.on.Year == p.To.Year {
			for _, b := range one.bookings {
				if slices.Contains([]model.BookingStatus{"confirmed", "checked_in", "completed", "no_show"}, b.status) {
					known[b.child] = true
					if b.free {
						used[b.child] = true
					}
				}
			}
		}
		if one.on.Before(p.From) || one.on.After(p.To) {
			continue
		}
		f.Sessions, f.Offered = f.Sessions+1, f.Offered+one.places
		for _, b := range one.bookings {
			switch b.status {
			case "confirmed":
				f.Booked++
			case "checked_in", "completed":
				f.Booked, f.Attended = f.Booked+1, f.Attended+1
			case "no_show":
				f.Booked, f.NoShows = f.Booked+1, f.NoShows+1
			case "late_cancelled":
				f.LateCancels++
			}
		}
	}
	return f, known, used
}

// Whatever has happened, every figure is what counting one by one gives.
func TestFiguresRecounted(t *testing.T) {
	modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		s := stage(t, store)
		two, _ := s.world.AddSite(caohejing, "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		three, _ := s.world.AddSite(tianping, "示例宝宝屋三", model.Point{Latitude: 31.2, Longitude: 121.45})
		sites := []model.Site{s.world.Site, two, three}
		homes := []string{caohejing, caohejing, tianping, ""}
		var children []string
		for _, home := range homes {
			children = append(children, s.child(home))
		}
		rapid.Check(t, func(rt *rapid.T) {
			d.Exec(t, "DELETE FROM bookings")
			d.Exec(t, "DELETE FROM slots")
			facts := someFacts(rt, len(sites), len(children))
			s.put(facts, sites, children)
			from := day("2026-12-20").AddDays(rapid.IntRange(0, 20).Draw(rt, "from"))
			p := model.Period{From: from, To: from.AddDays(rapid.IntRange(0, 12).Draw(rt, "days"))}
			s.recounted(rt, p, facts, sites, homes)
		})
	})
}

// put writes all in one transaction.
func (s *scene) put(facts []fact, sites []model.Site, children []string) {
	s.t.Helper()
	var slots []model.Slot
	var bookings []model.Booking
	for _, f := range facts {
		slot := s.draft(sites[f.site], f.on, f.places, f.status)
		slots = append(slots, slot)
		for _, b := range f.bookings {
			payment := model.PaymentFree
			if b.free {
				payment = model.PaymentAllowance
			}
			bookings = append(bookings, s.booking(slot, children[b.child], b.status, payment))
		}
	}
	s.must(s.store.InTx(context.Background(), func(tx *model.Store) error {
		if len(slots) == 0 {
			return nil
		}
		if err := tx.AddSlots(context.Background(), slots); err != nil {
			return err
		}
		for i := range bookings {
			if err := tx.AddBooking(context.Background(), &bookings[i]); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *scene) recounted(rt *rapid.T, p model.Period, facts []fact, sites []model.Site, homes []string) {
	district := on(model.RoleAdministrator, model.ScopeDistrict, "")
	got := s.look(district, p.From.String(), p.To.String())
	want, _, reached := recount(facts, -1, p)
	same := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("%s in %v: %v, want %v", what, p, got, want)
		}
	}
	same("total", got.Total.Figures, want)
	same("reach", *got.Total.Reach, model.Reach{Known: len(homes), Used: len(reached)})
	before, _, used := recount(facts, -1, p.Before())
	same("before", got.Before.Figures, before)
	same("reach before", *got.Before.Reach, model.Reach{Known: len(homes), Used: len(used)})
	for _, line := range got.Sites {
		i := slices.IndexFunc(sites, func(site model.Site) bool { return site.ID == line.ID })
		want, known, used := recount(facts, i, p)
		same("site", line.Figures, want)
		same("reach of site", *line.Reach, model.Reach{Known: len(known), Used: len(used)})
	}
	for _, line := range got.Subdistricts {
		var want model.Figures
		var reach model.Reach
		for i, site := range sites {
			if site.SubdistrictCode == line.Code {
				f, _, _ := recount(facts, i, p)
				want = want.Plus(f)
			}
		}
		for child, home := range homes {
			if home == line.Code {
				reach.Known++
				if reached[child] {
					reach.Used++
				}
			}
		}
		same(line.Name, line.Figures, want)
		same("reach of "+line.Name, *line.Reach, reach)
	}
	for _, line := range got.Weeks {
		want, _, _ := recount(facts, -1, line.Period)
		same("week", line.Figures, want)
		_, _, used := recount(facts, -1, model.Period{From: p.From, To: line.To})
		if line.To.Year == p.To.Year {
			same("reach of week", *line.Reach, model.Reach{Known: len(homes), Used: len(used)})
		} else if line.Reach != nil {
			rt.Fatalf("reach of a week of another year: %+v", line)
		}
	}
	keeper := s.look(on(model.RoleKeeper, model.ScopeSite, sites[0].ID), p.From.String(), p.To.String())
	want, known, used := recount(facts, 0, p)
	same("a keeper's", keeper.Total.Figures, want)
	same("a keeper's reach", *keeper.Total.Reach, model.Reach{Known: len(known), Used: len(used)})
}
