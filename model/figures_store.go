package model

import (
	"context"

	"gorm.io/gorm"
)

// CountDays gives the figures of every site and day of the period on which there is a session, in order. Sites narrows to
// some; nil is all of them.
func (s *Store) CountDays(ctx context.Context, sites []string, p Period) ([]DayFigures, error) {
	var offered []struct {
		SiteID            string
		Date              Date
		Sessions, Offered int
	}
	err := s.sessionsOf(ctx, sites, p).Select("slots.site_id, slots.date, COUNT(*) AS sessions, SUM(slots.capacity) AS offered").
		Group("slots.site_id, slots.date").Order("slots.site_id, slots.date").Scan(&offered).Error
	if err != nil {
		return nil, s.fault(ctx, err, nil)
	}
	list, place := make([]DayFigures, len(offered)), make(map[siteDay]int, len(offered))
	for i, o := range offered {
		list[i] = DayFigures{o.SiteID, o.Date, Figures{Sessions: o.Sessions, Offered: o.Offered}}
		place[siteDay{o.SiteID, o.Date}] = i
	}
	return list, s.countBookings(ctx, sites, p, func(at siteDay, status BookingStatus, n int) {
		if i, there := place[at]; there { // else its session came between the two looks
			list[i].Count(status, n)
		}
	})
}

type siteDay struct {
	siteID string
	date   Date
}

func (s *Store) countBookings(ctx context.Context, sites []string, p Period, count func(at siteDay, status BookingStatus, n int)) error {
	var rows []struct {
		SiteID string
		Date   Date
		Status BookingStatus
		N      int
	}
	err := s.sessionsOf(ctx, sites, p).Select("slots.site_id, slots.date, bookings.status, COUNT(*) AS n").
		Joins("JOIN bookings ON bookings.slot_id = slots.id").
		Group("slots.site_id, slots.date, bookings.status").Scan(&rows).Error
	for _, r := range rows {
		count(siteDay{r.SiteID, r.Date}, r.Status, r.N)
	}
	return s.fault(ctx, err, nil)
}

// sessionsOf is a query for the sessions that count.
func (s *Store) sessionsOf(ctx context.Context, sites []string, p Period) *gorm.DB {
	q := s.db.WithContext(ctx).Table("slots").Where("slots.date BETWEEN ? AND ? AND slots.status IN ?", p.From, p.To, StandingSlots)
	if sites != nil {
		q = q.Where("slots.site_id IN ?", sites)
	}
	return q
}

// CountUsersByHome counts the listed children who used a free session in the period at any site, by where they live and
// when they used the first.
func (s *Store) CountUsersByHome(ctx context.Context, p Period) ([]Firsts, error) {
	first := s.keptIn(ctx, nil, p).Where("bookings.payment = ?", PaymentAllowance).
		Select("bookings.child_id AS child_id, MIN(slots.date) AS first").Group("bookings.child_id")
	var list []Firsts
	err := s.db.WithContext(ctx).Table("(?) AS used", first).Select("residents.subdistrict_code AS at, used.first AS first, COUNT(*) AS n").
		Joins("JOIN children ON children.id = used.child_id AND children.status = ?", ChildListed).
		Joins("JOIN residents ON residents.id = children.resident_id").
		Group("residents.subdistrict_code, used.first").Scan(&list).Error
	return list, s.fault(ctx, err, nil)
}

// CountChildrenByHome counts the listed children by the subdistrict their guardian says to live in; the empty code is that
// of those who do not say.
func (s *Store) CountChildrenByHome(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Code string
		N    int
	}
	err := s.db.WithContext(ctx).Table("children").Select("residents.subdistrict_code AS code, COUNT(*) AS n").
		Joins("JOIN residents ON residents.id = children.resident_id").Where("children.status = ?", ChildListed).
		Group("residents.subdistrict_code").Scan(&rows).Error
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Code] = r.N
	}
	return counts, s.fault(ctx, err, nil)
}

// CountReachAt counts for each of the sites the children who had a booking there in the period that kept its place, and those
// of them who paid one from the allowance.
func (s *Store) CountReachAt(ctx context.Context, sites []string, p Period) (map[string]Reach, error) {
	var rows []struct {
		SiteID      string
		Known, Used int
	}
	err := s.keptIn(ctx, sites, p).Group("slots.site_id").Select("slots.site_id, COUNT(DISTINCT bookings.child_id) AS known,"+
		" COUNT(DISTINCT CASE WHEN bookings.payment = ? THEN bookings.child_id END) AS used", PaymentAllowance).Scan(&rows).Error
	reach := make(map[string]Reach, len(rows))
	for _, r := range rows {
		reach[r.SiteID] = Reach{r.Known, r.Used}
	}
	return reach, s.fault(ctx, err, nil)
}

// CountComers counts the children who had a booking at any of the sites in the period that kept its place, each once, by the
// day of the first; free counts only what was paid from the allowance.
func (s *Store) CountComers(ctx context.Context, sites []string, p Period, free bool) ([]Firsts, error) {
	first := s.keptIn(ctx, sites, p).Select("bookings.child_id AS child_id, MIN(slots.date) AS first").Group("bookings.child_id")
	if free {
		first = first.Where("bookings.payment = ?", PaymentAllowance)
	}
	var list []Firsts
	err := s.db.WithContext(ctx).Table("(?) AS came", first).Select("first, COUNT(*) AS n").Group("first").Scan(&list).Error
	return list, s.fault(ctx, err, nil)
}

// keptIn is a query for the bookings that kept their place.
func (s *Store) keptIn(ctx context.Context, sites []string, p Period) *gorm.DB {
	return s.sessionsOf(ctx, sites, p).Joins("JOIN bookings ON bookings.slot_id = slots.id AND bookings.status IN ?", KeptBookings)
}
