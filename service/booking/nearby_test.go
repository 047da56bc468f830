package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
)

// square is the middle of the district of these tests; a hundredth of a degree north of it is 1,112 m.
var square = model.Point{Latitude: 31.19, Longitude: 121.43}

func north(hundredths float64) model.Point {
	return model.Point{Latitude: square.Latitude + hundredths/100, Longitude: square.Longitude}
}

// districtScene has three more sites beside the world's own, which is moved far away.
func districtScene(t *testing.T, test func(t *testing.T, s *scene)) {
	t.Helper()
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		s.db.Exec(t, "UPDATE sites SET name = '丁宝宝屋', latitude = 31.10, longitude = 121.43 WHERE id = ?", s.w.Site.ID)
		s.w.AddSite("310104003", "丙宝宝屋", north(1))
		s.w.AddSite("310104004", "乙宝宝屋", north(2))
		s.w.AddSite("310104004", "甲宝宝屋", north(3))
		test(t, s)
	})
}

// seen is what a search shows, in short: names in order.
func (s *scene) seen(q booking.Search) (names []string, list []booking.Nearby) {
	s.t.Helper()
	if q.Limit == 0 {
		q.Limit = 50
	}
	list, err := s.Nearby(context.Background(), q)
	s.must(err)
	for _, n := range list {
		names = append(names, string([]rune(n.Name)[0]))
	}
	return names, list
}

func TestNearbyOrder(t *testing.T) {
	districtScene(t, func(t *testing.T, s *scene) {
		far := model.Point{Latitude: -89, Longitude: -179}
		for _, c := range []struct {
			name string
			q    booking.Search
			want []string
		}{
			{"by distance", booking.Search{Near: &square}, []string{"丙", "乙", "甲", "丁"}},
			{"from the other end", booking.Search{Near: ptr(north(4))}, []string{"甲", "乙", "丙", "丁"}},
			{"the nearest two", booking.Search{Near: &square, Limit: 2}, []string{"丙", "乙"}},
			{"the chosen subdistrict first", booking.Search{Near: &square, Subdistrict: "310104004"}, []string{"乙", "甲", "丙", "丁"}},
			{"by name without a place", booking.Search{}, []string{"丁", "丙", "乙", "甲"}},
			{"the chosen subdistrict, then by name", booking.Search{Subdistrict: "310104004"}, []string{"乙", "甲", "丁", "丙"}},
			{"a subdistrict without a site", booking.Search{Subdistrict: "310104103"}, []string{"丁", "丙", "乙", "甲"}},
			{"from the end of the world", booking.Search{Near: &far}, []string{"丁", "丙", "乙", "甲"}},
		} {
			names, list := s.seen(c.q)
			if !slices.Equal(names, c.want) {
				t.Errorf("%s: %v, want %v", c.name, names, c.want)
			}
			for _, n := range list {
				if (n.Metres != nil) != (c.q.Near != nil) {
					t.Errorf("%s: %s is %v m away", c.name, n.Name, n.Metres)
				}
			}
		}
	})
}

func ptr[T any](v T) *T { return &v }

func TestNearbyTellsTheDistance(t *testing.T) {
	districtScene(t, func(t *testing.T, s *scene) {
		_, list := s.seen(booking.Search{Near: &square})
		if got := *list[0].Metres; math.Abs(got-1111.95) > 0.01 {
			t.Errorf("%.2f m, want 1111.95", got)
		}
		if list[0].Subdistrict.Name != "天平路街道" {
			t.Errorf("it lies in %+v", list[0].Subdistrict)
		}
	})
}

func TestNearbyRefusesOnlyWhatDoesNotExist(t *testing.T) {
	districtScene(t, func(t *testing.T, s *scene) {
		for want, q := range map[error]booking.Search{
			model.ErrServiceNotFound:     {ServiceCode: "dog-walking", Limit: 9},
			model.ErrSubdistrictNotFound: {Subdistrict: "310104999", Limit: 9},
		} {
			if _, err := s.Nearby(context.Background(), q); !errors.Is(err, want) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		s.db.Exec(t, "DELETE FROM sites")
		s.goTo(s.now().Add(time.Minute))
		if names, _ := s.seen(booking.Search{Near: &square}); len(names) != 0 {
			t.Errorf("an empty district shows %v", names)
		}
	})
}

// placesOf says on which days a site has how many places.
func placesOf(list []booking.Nearby, site string) (days []string) {
	for _, n := range list {
		if n.ID != site {
			continue
		}
		for _, d := range n.OpenDays {
			days = append(days, fmt.Sprintf("%v:%d", d.Date, d.Places))
		}
	}
	return days
}

// A filter changes which places are counted, never which sites are shown.
func TestNearbyFilters(t *testing.T) {
	districtScene(t, func(t *testing.T, s *scene) {
		s.w.AddSlot(3, 10)
		s.w.AddSlot(3, 4, func(slot *model.Slot) { slot.ServiceID = s.w.Services["care-afternoon"].ID })
		s.w.AddSlot(5, 2)
		s.w.AddSlot(5, 3, func(slot *model.Slot) { slot.Booked = 3 })
		s.w.AddSlot(20, 9)
		third, fifth := s.w.Day(3), s.w.Day(5)
		for name, c := range map[string]struct {
			q    booking.Search
			want []string
		}{
			"every day on offer":    {booking.Search{}, []string{fmt.Sprintf("%v:14", third), fmt.Sprintf("%v:2", fifth)}},
			"one day":               {booking.Search{Date: third}, []string{fmt.Sprintf("%v:14", third)}},
			"one service":           {booking.Search{ServiceCode: "care-afternoon"}, []string{fmt.Sprintf("%v:4", third)}},
			"one service on a day":  {booking.Search{ServiceCode: "care-afternoon", Date: fifth}, nil},
			"a day without a place": {booking.Search{Date: s.w.Day(4)}, nil},
		} {
			names, list := s.seen(c.q)
			if got := placesOf(list, s.w.Site.ID); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
			if len(names) != 4 {
				t.Errorf("%s: only %v are shown", name, names)
			}
		}
	})
}

// The number of open places follows a booking within the time it may be old.
func TestNearbyFollowsBookings(t *testing.T) {
	districtScene(t, func(t *testing.T, s *scene) {
		ctx := context.Background()
		resident, child := s.w.Family()
		slot := s.w.AddSlot(3, 2)
		places := func() []string {
			_, list := s.seen(booking.Search{Date: slot.Date})
			return placesOf(list, s.w.Site.ID)
		}
		if got, want := places(), []string{slot.Date.String() + ":2"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		_, err := s.Book(ctx, resident, "key-00001", booking.Wish{SlotID: slot.ID, ChildID: child})
		s.must(err)
		s.goTo(s.now().Add(time.Second))
		if got, want := places(), []string{slot.Date.String() + ":1"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// A suspended site is not offered; its page can still be read, and it comes back.
func TestSuspendedSiteIsHidden(t *testing.T) {
	districtScene(t, func(t *testing.T, s *scene) {
		for _, c := range []struct {
			status string
			want   []string
		}{
			{"suspended", []string{"丙", "乙", "甲"}}, {"open", []string{"丙", "乙", "甲", "丁"}},
		} {
			s.db.Exec(t, "UPDATE sites SET status = ? WHERE id = ?", c.status, s.w.Site.ID)
			s.goTo(s.now().Add(6 * time.Second))
			if names, _ := s.seen(booking.Search{Near: &square}); !slices.Equal(names, c.want) {
				t.Errorf("%s: %v, want %v", c.status, names, c.want)
			}
			if detail, err := s.FindSite(context.Background(), s.w.Site.ID); err != nil || string(detail.Status) != c.status {
				t.Errorf("%s: %s, %v", c.status, detail.Status, err)
			}
		}
	})
}

// A site's page names the carers who work there now, with the certificates that hold today.
func TestSiteDetail(t *testing.T) {
	onScenes(t, modeltest.Now(), func(t *testing.T, s *scene) {
		for _, certificate := range []struct{ kind, issued, expires string }{
			{"已过期", "2020-01-01", s.w.Day(-1).String()}, {"今天到期", "2020-01-01", s.w.Day(0).String()}, {"明天起", s.w.Day(1).String(), s.w.Day(9).String()},
		} {
			s.db.Exec(t, "INSERT INTO carer_certificates (id, carer_id, kind, issuer, issued_on, expires_on) VALUES (?, ?, ?, '示例', ?, ?)",
				s.w.Store.NewID(), s.w.Carer.ID, certificate.kind, certificate.issued, certificate.expires)
		}
		s.db.Exec(t, "INSERT INTO carers (id, site_id, name, title, intro, status) VALUES (?, ?, '离职老师', '', '', 'left')", s.w.Store.NewID(), s.w.Site.ID)
		detail, err := s.FindSite(context.Background(), s.w.Site.ID)
		s.must(err)
		var kinds []string
		for _, c := range detail.Certificates[s.w.Carer.ID] {
			kinds = append(kinds, c.Kind)
		}
		if want := []string{"教师资格证", "今天到期"}; !slices.Equal(kinds, want) {
			t.Errorf("the certificates are %v, want %v", kinds, want)
		}
		if len(detail.Carers) != 1 || detail.Carers[0].Name != "示例老师" || detail.Subdistrict.Name != "漕河泾街道" {
			t.Errorf("carers %+v in %+v", detail.Carers, detail.Subdistrict)
		}
		if len(detail.Services) != 1 || detail.Services[0].Code != "care-morning" || detail.Policies[detail.Services[0].ID].MinAgeMonths != 12 {
			t.Errorf("services %+v", detail.Services)
		}
		if _, err := s.FindSite(context.Background(), s.w.Store.NewID()); !errors.Is(err, model.ErrSiteNotFound) {
			t.Errorf("a site that is not there: %v", err)
		}
	})
}
