package model

import (
	"bytes"
	"context"
	"database/sql"

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

// ListHomes gives the listed children with the subdistrict their guardian says to live in; the empty code is that of those
// who do not say.
func (s *Store) ListHomes(ctx context.Context) (map[string]string, error) {
	homes := map[string]string{}
	rows, err := s.db.WithContext(ctx).Table("children").Select("children.id, residents.subdistrict_code").
		Joins("JOIN residents ON residents.id = children.resident_id").Where("children.status = ?", ChildListed).Rows()
	if err != nil {
		return nil, s.fault(ctx, err, nil)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var child, code string
		if err := rows.Scan(&child, &code); err != nil {
			return nil, s.fault(ctx, err, nil)
		}
		homes[child] = code
	}
	return homes, s.fault(ctx, rows.Err(), nil)
}

// keptHere lists who had a booking of the session that kept its place, in one text: each child's id behind freeMark where it was paid from the
// allowance, else behind another.
const (
	keptHere = `slots.site_id, slots.date, (SELECT GROUP_CONCAT(CONCAT(CASE bookings.payment WHEN ? THEN '+' ELSE '-' END, bookings.child_id))
		FROM bookings WHERE bookings.slot_id = slots.id AND bookings.status IN ?)`
	freeMark = '+'
)

// EachKept hands over every booking of the period at the sites that kept its place, session by session; nil is all sites. They
// are read from one covering index and are not grouped by child: of a million that costs a database several times the reading.
// A line a session instead of one a booking saves most of the rest. A caller who goes away ends the reading.
func (s *Store) EachKept(ctx context.Context, sites []string, p Period, see func(Kept)) error {
	rows, err := s.sessionsOf(ctx, sites, p).Select(keptHere, PaymentAllowance, KeptBookings).Rows()
	if err != nil {
		return s.fault(ctx, err, nil)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k Kept
		var children sql.RawBytes
		if err := rows.Scan(&k.SiteID, &k.Date, &children); err != nil {
			return s.fault(ctx, err, nil)
		}
		for one := range bytes.SplitSeq(children, []byte(",")) {
			if len(one) > 0 { // nobody came
				k.ChildID, k.Free = one[1:], one[0] == freeMark
				see(k)
			}
		}
	}
	return s.fault(ctx, rows.Err(), nil)
}
