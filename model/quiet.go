package model

import "time"

// QuietHours are the minutes of the day, local time, between which nobody is disturbed: from From until before Until.
// From behind Until goes over midnight; equal ends mean that no hour is quiet.
type QuietHours struct{ From, Until int }

// Over is when the quiet is over: now itself outside of the quiet hours.
func (q QuietHours) Over(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	day := DateOf(local)
	end := func(d Date) time.Time { return d.At(q.Until/60, q.Until%60, zone).UTC() }
	switch {
	case q.From < q.Until && minute >= q.From && minute < q.Until, q.From > q.Until && minute < q.Until:
		return end(day)
	case q.From > q.Until && minute >= q.From:
		return end(day.AddDays(1))
	}
	return now
}
