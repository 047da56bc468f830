package model

import (
	"fmt"
	"time"

	"jiamenkou/model/fault"
)

// ErrPeriod refuses a period that ends before it begins, or is longer than anybody looks at in one go.
var ErrPeriod = fault.New(fault.Invalid, "period_invalid", "结束日期不能早于开始日期，一次最多看400天。")

// What is counted of a period. All of it goes by the civil day of the session:
//
//   - a session counts while it stands: it is open, closed for booking or done; what was called off or is a draft does not;
//   - offered are the places of these sessions;
//   - booked are the bookings that kept their place: confirmed, checked in, completed, no-show;
//   - attended are those of them whose child came: checked in, completed;
//   - a no-show is a booking marked so, and the rate is no-shows among no-shows and attended, so that what is still to come
//     does not make it look better;
//   - a late cancel gave its place back, and is counted apart.

// StandingSlots are the states of a session that counts.
var StandingSlots = []SlotStatus{SlotOpen, SlotClosed, SlotDone}

// KeptBookings are the states of a booking that kept its place.
var KeptBookings = []BookingStatus{BookingConfirmed, BookingCheckedIn, BookingCompleted, BookingNoShow}

// Figures is what happened in a period at some sites.
type Figures struct {
	Sessions    int
	Offered     int
	Booked      int
	Attended    int
	NoShows     int
	LateCancels int
}

// Plus adds up the figures of two places or times.
func (f Figures) Plus(o Figures) Figures {
	return Figures{
		f.Sessions + o.Sessions, f.Offered + o.Offered, f.Booked + o.Booked, f.Attended + o.Attended,
		f.NoShows + o.NoShows, f.LateCancels + o.LateCancels,
	}
}

// Count adds so many bookings of a state.
func (f *Figures) Count(status BookingStatus, n int) {
	switch status {
	case BookingConfirmed:
		f.Booked += n
	case BookingCheckedIn, BookingCompleted:
		f.Booked, f.Attended = f.Booked+n, f.Attended+n
	case BookingNoShow:
		f.Booked, f.NoShows = f.Booked+n, f.NoShows+n
	case BookingLateCancelled:
		f.LateCancels += n
	case BookingCancelled, BookingSiteCancelled:
	}
}

// NoShowRate is nil while no session with a booking is over.
func (f Figures) NoShowRate() *float64 { return share(f.NoShows, f.NoShows+f.Attended) }

// BookedRate is how much of what was offered was booked; nil where nothing was.
func (f Figures) BookedRate() *float64 { return share(f.Booked, f.Offered) }

// Reach is how many children used a free session between the first day of the year and the end of the period, among those
// known: for the district or a subdistrict the listed children whose guardian says to live there, whichever site they
// went to; for a site the children who had a booking there in that time that kept its place. A free session is used by
// a booking that was paid from the allowance and kept its place.
type Reach struct {
	Known int
	Used  int
}

// Share is nil where no child is known.
func (r Reach) Share() *float64 { return share(r.Used, r.Known) }

func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	v := float64(part) / float64(whole)
	return &v
}

// Period is a range of civil days, both ends included.
type Period struct{ From, To Date }

// longestPeriod is how many days are looked at in one go: a year, and the weeks it begins and ends in.
const longestPeriod = 400

// Check refuses what is no period.
func (p Period) Check() error {
	if days := p.From.DaysUntil(p.To); days < 0 || days >= longestPeriod {
		return ErrPeriod
	}
	return nil
}

// Before is the period that this one is compared with: as many months, where it is made of whole months; else as many
// days.
func (p Period) Before() Period {
	if p.From.Day == 1 && p.To.lastOfMonth() {
		months := int(p.To.Month-p.From.Month) + 12*(p.To.Year-p.From.Year) + 1
		first := DateOf(time.Date(p.From.Year, p.From.Month-time.Month(months), 1, 0, 0, 0, 0, time.UTC))
		return Period{first, p.From.AddDays(-1)}
	}
	days := p.From.DaysUntil(p.To) + 1
	return Period{p.From.AddDays(-days), p.From.AddDays(-1)}
}

// OfYear is what of the year of the period's last day has passed by then: the time in which allowances are looked at.
func (p Period) OfYear() Period { return Period{Date{p.To.Year, time.January, 1}, p.To} }

// Monday is the first day of the week that the day lies in.
func (d Date) Monday() Date { return d.AddDays(1 - isoWeekday(d)) }

// LastOfMonth is the last day of the month that the day lies in.
func (d Date) LastOfMonth() Date {
	return DateOf(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC))
}

// Week names the day's week by ISO 8601: the year is that of its Thursday, such as 2026-W53 for 1 January 2027.
func (d Date) Week() string {
	year, week := d.In(time.UTC).ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// Weeks are the weeks of the period, Monday to Sunday; the first and the last are cut where the period begins and ends.
func (p Period) Weeks() (list []Period) {
	for day := p.From; !day.After(p.To); day = day.Monday().AddDays(7) {
		end := day.Monday().AddDays(6)
		if end.After(p.To) {
			end = p.To
		}
		list = append(list, Period{day, end})
	}
	return list
}

// DayFigures are the figures of a site on a day.
type DayFigures struct {
	SiteID string
	Date   Date
	Figures
}

// Kept is a booking that kept its place, as the reach looks at it.
type Kept struct {
	SiteID  string
	Date    Date   // of its session
	ChildID []byte // good until the next one is seen
	Free    bool   // paid from the allowance
}
