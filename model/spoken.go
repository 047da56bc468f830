package model

import (
	"fmt"
	"time"
)

var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// Spoken is a moment as people here write it: 11月24日周二 09:00.
func Spoken(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%d月%d日%s %s", int(t.Month()), t.Day(), weekdays[t.Weekday()], t.Format("15:04"))
}

// SpokenSpan is a time of one day as people here write it: 11月24日周二 09:00–11:30.
func SpokenSpan(from, to time.Time, zone *time.Location) string {
	return Spoken(from, zone) + "–" + to.In(zone).Format("15:04")
}
